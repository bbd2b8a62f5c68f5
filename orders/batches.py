"""Many orders sent at once: each gives a shipment or says why not, and is tried again alone.

The rows come first and tasks work through them. An order is planned under its own lock, so that two
batches, or a batch and a person, never send it twice: whoever comes second takes what is there.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from celery import shared_task
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django_scopes import scope, scopes_disabled

from config.lib.errors import DomainError
from logistics import pickups, shipments
from logistics.models import CarrierAccount, Shipment
from logistics.models.shipments import MOVING, State
from shop import audit
from shop.models import AuditEntry, Organization, User

from . import parcels
from .models import BatchItem, Order, ShipmentBatch

logger = logging.getLogger(__name__)

# What is at work is looked after so often, by the task that began it; later by the sweeper.
_SOON = timedelta(seconds=5)
_A_WHILE = timedelta(minutes=10)
_ROUND = 100
_SUNDAY = 7
_DONE = (State.LABEL_READY, *MOVING, State.DELIVERED, State.RETURNED)
_STOPPED = (State.UNCERTAIN, State.REFUSED, State.CANCELLED)


@dataclass(frozen=True)
class Standing:
    """How one order of a batch stands: "waiting", "working", "done" or "failed", and why."""

    state: str
    why: str = ""


def standing(item: BatchItem) -> Standing:
    """Say how an order of a batch stands; ask for its `shipment` beforehand."""
    shipment = item.shipment
    if shipment is None:
        if item.is_planned:
            return Standing("failed", item.error or _("Its shipment is gone."))
        return Standing("waiting")
    if shipment.state in _DONE:
        return Standing("done")
    # Nobody comes back by themselves to what is not due.
    if shipment.state in _STOPPED or shipment.due_at is None:
        return Standing("failed", shipment.error or str(shipment.get_state_display()))
    return Standing("working", shipment.error)


# --- What people do -------------------------------------------------------------------------------


@transaction.atomic
def begin(
    organization: Organization,
    orders: Sequence[Order],
    *,
    account: CarrierAccount | None = None,
    wants_pickup: bool = False,
    now: datetime,
    actor: User,
) -> ShipmentBatch:
    """Write down that these orders are sent, with whom their buyers chose or with this carrier."""
    batch = ShipmentBatch.objects.create(
        organization=organization,
        person=actor,
        account=account,
        wants_pickup=wants_pickup,
        created_at=now,
    )
    BatchItem._base_manager.bulk_create(
        (BatchItem(batch=batch, order=order) for order in orders), batch_size=500
    )
    after = {"orders": " ".join(str(order.number) for order in orders)}
    audit.record(organization, actor, AuditEntry.Action.ADDED, batch, after=after)
    _hurry(batch)
    return batch


def retry(
    batch: ShipmentBatch, *, account: CarrierAccount | None = None, now: datetime, actor: User
) -> int:
    """Try what failed once more, what was refused with this carrier; say how many there were."""
    tried = 0
    for item in batch.items.select_related("shipment", "order").order_by("pk"):
        if standing(item).state != "failed":
            continue
        if item.shipment is not None and item.shipment.state != State.CANCELLED:
            try:
                shipments.try_again(item.shipment, now=now, actor=actor)
            except DomainError as error:
                logger.info("A shipment is not tried again: %s", error)
                continue
            tried += 1
        else:
            failed = BatchItem.objects.filter(pk=item.pk, shipment=item.shipment, is_planned=True)
            tried += failed.update(shipment=None, is_planned=False, error="")
    with transaction.atomic():
        batch.account = account or batch.account
        batch.finished_at = None
        batch.save(update_fields=["account", "finished_at"])
        if tried:
            audit.record(
                batch.organization,
                actor,
                AuditEntry.Action.CHANGED,
                batch,
                before={"tried": 0},
                after={"tried": tried},
            )
        _hurry(batch)
    return tried


# --- What a worker does ---------------------------------------------------------------------------


def carry_on(batch_id, *, now: datetime) -> bool:
    """Plan what is not planned yet, and finish when nothing is at work; say whether it is."""
    waiting = BatchItem.objects.filter(batch=batch_id, is_planned=False)
    for key in list(waiting.order_by("pk").values_list("pk", flat=True)):
        _plan(key, now=now)
    return _finish(batch_id, now=now)


@transaction.atomic
def _plan(key, *, now: datetime) -> None:
    """Give one order its shipment, or write down why it gets none; once, whoever else does."""
    rows = BatchItem.objects.select_for_update(no_key=True, of=("self",))
    item = (
        rows.select_related("batch__account", "batch__person", "order__organization")
        .filter(pk=key, is_planned=False)
        .first()
    )
    if item is None:
        return
    try:
        with transaction.atomic():
            item.shipment = _shipment(item, now=now)
        item.error = ""
    except DomainError as error:
        item.error = str(error)[:300]
    except Exception:
        # One order must not keep the others from leaving.
        logger.exception("An order of a batch could not be planned: %s", item.order_id)
        item.error = _("Something went wrong. Try again, or open the order.")
    item.is_planned = True
    item.save(update_fields=["shipment", "error", "is_planned"])


def _shipment(item: BatchItem, *, now: datetime):
    order, batch = item.order, item.batch
    there = parcels.live(order)
    if there and not parcels.left_to_send(order):
        # Somebody else was faster.
        return there[-1]
    if batch.account is None:
        return parcels.plan_as_chosen(order, now=now, actor=batch.person)
    return parcels.plan(order, account=batch.account, now=now, actor=batch.person)


@transaction.atomic
def _finish(batch_id, *, now: datetime) -> bool:
    """End a batch in which nothing is at work any more."""
    rows = ShipmentBatch.objects.select_for_update(no_key=True)
    batch = rows.filter(pk=batch_id, finished_at=None).first()
    if batch is None:
        return True
    items = list(
        batch.items.select_related("shipment__account", "shipment__pickup", "shipment__origin")
    )
    if any(standing(item).state in ("waiting", "working") for item in items):
        return False
    if batch.wants_pickup:
        _call(batch, [item.shipment for item in items if item.shipment is not None], now=now)
    batch.finished_at = now
    batch.save(update_fields=["finished_at", "pickup_error"])
    return True


def _call(batch: ShipmentBatch, labelled: list[Shipment], *, now: datetime) -> None:
    """Have the carriers come that can be asked; a visit that is asked for is joined."""
    waiting = [one for one in labelled if one.pickup_id is None and not pickups.why_not(one)]
    batch.pickup_error = ""
    try:
        with transaction.atomic():
            pickups.request(waiting, on=visit_day(waiting, now=now), now=now, actor=batch.person)
    except DomainError as error:
        batch.pickup_error = str(error)[:300]


def visit_day(waiting: Sequence[Shipment], *, now: datetime) -> date:
    """Give the day on which a carrier can come for these: today while there is an hour left."""
    local = timezone.localtime(now)
    closes = min((one.origin.closes_at for one in waiting if one.origin), default=time(16))
    day = local.date() if local.time() < _hour_before(closes) else local.date() + timedelta(days=1)
    # Nobody comes on a Sunday.
    return day + timedelta(days=1) if day.isoweekday() == _SUNDAY else day


def _hour_before(moment: time) -> time:
    return time(max(0, moment.hour - 1), moment.minute)


def _hurry(batch: ShipmentBatch) -> None:
    values = {"organization_id": str(batch.organization_id), "batch_id": str(batch.pk)}
    transaction.on_commit(lambda: work.delay(**values))


@shared_task(ignore_result=True)
def work(*, organization_id: str, batch_id: str) -> None:
    """Work through a batch, and look again soon while its carriers are asked."""
    organization = Organization.objects.get(pk=organization_id)
    now = timezone.now()
    with scope(organization=organization), translation.override(organization.language):
        if carry_on(batch_id, now=now):
            return
        is_new = ShipmentBatch.objects.filter(pk=batch_id, created_at__gt=now - _A_WHILE).exists()
    if is_new:
        values = {"organization_id": organization_id, "batch_id": batch_id}
        work.apply_async(kwargs=values, countdown=_SOON.total_seconds())


@shared_task(ignore_result=True)
def sweep() -> None:
    """Queue every batch that is not finished."""
    # Across organizations, keys only: each task opens its own scope.
    with scopes_disabled():
        left = ShipmentBatch.objects.filter(finished_at=None).order_by("created_at")
        rows = list(left.values_list("pk", "organization_id")[:_ROUND])
    for key, organization_id in rows:
        work.delay(organization_id=str(organization_id), batch_id=str(key))
