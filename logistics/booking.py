"""Telling a carrier of a shipment, one step at a time: create, fetch the label, take back.

A row that is due is claimed for as long as a call may take, so that a killed worker's shipment
comes due again. A carrier that may have heard us is asked what it has before it is asked anew.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from config.lib.errors import ProviderRefused, ProviderUnavailable

from . import carriers, journey
from .carriers.base import Carrier, Created, LabelReport, NotSearchable
from .models import Shipment
from .models.shipments import BEFORE_CARRIER, State

logger = logging.getLogger(__name__)

# So long a claimed shipment belongs to the worker that has it: longer than its calls take.
LEASE = timedelta(minutes=2)
# So long after the carrier was asked to create a shipment its answer, or the shipment itself, may
# still turn up: nobody looks or asks again before.
SETTLES = timedelta(minutes=2)
_AGAIN_AFTER = [timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 60, 240)]
# A label that is being made is asked for again soon.
_LABEL_AFTER = [timedelta(seconds=seconds) for seconds in (3, 5, 10, 20, 40, 60, 120, 300, 900)]
# After so many tries a person looks.
_MOST_TRIES = 12
_MOST_LABEL_TRIES = 40


def carry_on(shipment_id, *, now: datetime) -> datetime | None:
    """Take the next step of a shipment that is due; say when the one after it is, if there is one.

    Safe to repeat and to be done by several at once: one of them takes the step.
    """
    shipment = _claim(shipment_id, now=now)
    if shipment is None:
        return None
    step = _next_step(shipment)
    if step is None:
        return _plan(shipment, None)
    try:
        return step(shipment, carriers.get(shipment.account.provider), now=now)
    except ProviderUnavailable:
        return _later(shipment, now=now)
    except Exception:
        # Whatever went wrong in an adapter: the carrier may have heard us.
        logger.exception("A carrier could not be asked about shipment %s", shipment.pk)
        return _later(shipment, now=now)


def _claim(shipment_id, *, now: datetime) -> Shipment | None:
    """Take a shipment that is due; nobody else takes it meanwhile."""
    shipment = (
        Shipment.objects.filter(pk=shipment_id, due_at__lte=now, account__isnull=False)
        .select_related("organization", "account", "origin")
        .prefetch_related("parcels")
        .first()
    )
    if shipment is None:
        return None
    taken = Shipment.objects.filter(
        pk=shipment.pk, due_at=shipment.due_at, tries=shipment.tries
    ).update(due_at=now + LEASE, tries=F("tries") + 1)
    shipment.tries += 1
    return shipment if taken else None


def _next_step(shipment: Shipment) -> Callable | None:
    if shipment.cancel_wanted_at and shipment.state != State.UNCERTAIN:
        return _cancel
    return {State.PENDING: _create, State.CREATED: _fetch_label}.get(State(shipment.state))


# --- Create ---------------------------------------------------------------------------------------


def _create(shipment: Shipment, carrier: Carrier, *, now: datetime) -> datetime | None:
    """Create a shipment at its carrier, unless it turns out to be there already."""
    try:
        created = _found(shipment, carrier)
    except NotSearchable:
        words = _("The carrier did not answer. Look in its panel whether the shipment is there.")
        return _stop(shipment, State.UNCERTAIN, words, now=now)
    except ProviderRefused as error:
        return _refused(shipment, error, now=now)
    if created is None:
        if not _begin_asking(shipment, now=now):
            # Somebody else asks at this moment.
            return None
        try:
            created = carrier.create(shipment)
        except ProviderRefused as error:
            Shipment.objects.filter(pk=shipment.pk, carrier_id="").update(asked_at=None)
            return _refused(shipment, error, now=now)
    return _keep_created(shipment, created, now=now)


def _found(shipment: Shipment, carrier: Carrier) -> Created | None:
    """Look for what an earlier call may have created."""
    return carrier.find(shipment) if shipment.asked_at else None


def _begin_asking(shipment: Shipment, *, now: datetime) -> bool:
    """Note that the carrier is asked now: of several who want to, one does."""
    asking = Shipment.objects.filter(
        pk=shipment.pk,
        state=State.PENDING,
        carrier_id="",
        asked_at=shipment.asked_at,
        cancel_wanted_at=None,
    )
    # A person who is impatient meanwhile waits until the answer must have come.
    if not asking.update(asked_at=now, due_at=now + SETTLES):
        return False
    shipment.asked_at = now
    return True


def _keep_created(shipment: Shipment, created: Created, *, now: datetime) -> datetime | None:
    """Write down what the carrier made of it, whoever heard it first."""
    with transaction.atomic():
        row = journey.locked(shipment.pk)
        if row.carrier_id or row.state not in BEFORE_CARRIER:
            return row.due_at
        row.carrier_id = created.carrier_id[:120]
        row.progress = created.progress or row.progress
        row.tries, row.error, row.due_at = 0, "", now
        _take_over(row, created)
        row.save(
            update_fields=["carrier_id", "progress", "tries", "error", "due_at", *_TOLD_BY_CARRIER]
        )
        journey.move_to(row, State.CREATED, at=now, now=now)
    if created.label and _is_pdf(created.label) and not row.cancel_wanted_at:
        return _keep_label(row, _stored(row, created.label), now=now)
    return row.due_at


_TOLD_BY_CARRIER = ("tracking_number", "tracking_url", "carrier_name", "cost")


def _take_over(row: Shipment, told: Created | LabelReport) -> None:
    """Put down what the carrier says of itself and its price, where it says anything."""
    row.tracking_number = told.tracking_number[:60] or row.tracking_number
    row.tracking_url = told.tracking_url[:300] or row.tracking_url
    row.carrier_name = told.carrier[:60] or row.carrier_name
    row.cost = row.cost if told.cost is None else told.cost


# --- Label ----------------------------------------------------------------------------------------


def _fetch_label(shipment: Shipment, carrier: Carrier, *, now: datetime) -> datetime | None:
    """Fetch the label, or plan when to ask for it again."""
    try:
        told = carrier.label(shipment)
    except ProviderRefused as error:
        return _stop(shipment, State.CREATED, str(error), now=now)
    if told.pdf is not None and not _is_pdf(told.pdf):
        raise ProviderUnavailable("The carrier's label is no PDF.")
    with transaction.atomic():
        row = journey.locked(shipment.pk)
        if row.state != State.CREATED:
            return row.due_at
        row.progress = told.progress or row.progress
        _take_over(row, told)
        row.save(update_fields=["progress", *_TOLD_BY_CARRIER])
    if told.has_none:
        return _keep_label(shipment, "", now=now)
    if told.pdf is not None:
        return _keep_label(shipment, _stored(shipment, told.pdf), now=now)
    if shipment.tries >= _MOST_LABEL_TRIES:
        return _stop(shipment, State.CREATED, _("The carrier makes no label."), now=now)
    return _plan(shipment, now + _LABEL_AFTER[min(shipment.tries, len(_LABEL_AFTER)) - 1])


def _is_pdf(label: bytes) -> bool:
    return label.lstrip().startswith(b"%PDF-")


def _stored(shipment: Shipment, pdf: bytes) -> str:
    """Save a label where no address leads; always by one name, so that no killed worker's stays."""
    name, storage = f"labels/{shipment.organization_id}/{shipment.pk}.pdf", storages["private"]
    storage.delete(name)
    return storage.save(name, ContentFile(pdf))


@transaction.atomic
def _keep_label(shipment: Shipment, name: str, *, now: datetime) -> datetime | None:
    """Note that the label is there; without a name ours is printed."""
    row = journey.locked(shipment.pk)
    if row.state != State.CREATED:
        return row.due_at
    row.label, row.tries, row.error = name, 0, ""
    row.due_at = now if row.cancel_wanted_at else None
    row.save(update_fields=["label", "due_at", "tries", "error"])
    journey.move_to(row, State.LABEL_READY, at=now, now=now)
    return row.due_at


def label_of(shipment: Shipment) -> bytes | None:
    """Give the carrier's own label; None where ours is printed, or none is there yet."""
    if not shipment.label:
        return None
    with storages["private"].open(shipment.label.name) as file:
        return file.read()


# --- Take back ------------------------------------------------------------------------------------


def _cancel(shipment: Shipment, carrier: Carrier, *, now: datetime) -> datetime | None:
    """Take a shipment back at its carrier; nothing is to be done where it never heard of it."""
    if not shipment.carrier_id:
        try:
            created = _found(shipment, carrier)
        except NotSearchable:
            words = _(
                "The carrier did not answer. Look in its panel whether the shipment is there."
            )
            return _stop(shipment, State.UNCERTAIN, words, now=now)
        except ProviderRefused as error:
            return _cannot_cancel(shipment, str(error))
        if created is None:
            journey.move_to(shipment, State.CANCELLED, at=now, now=now)
            return None
        # Known now: the next step takes it back.
        return _keep_created(shipment, created, now=now)
    if not carrier.can_cancel:
        words = _("This carrier takes nothing back by itself. Cancel it in its panel, and say so.")
        return _cannot_cancel(shipment, words)
    Shipment.objects.filter(pk=shipment.pk).update(cancel_asked_at=now)
    try:
        carrier.cancel(shipment)
    except ProviderRefused as error:
        return _cannot_cancel(shipment, _("It cannot be cancelled: %(why)s") % {"why": error})
    journey.move_to(shipment, State.CANCELLED, at=now, now=now)
    return None


def _cannot_cancel(shipment: Shipment, words: str) -> None:
    """Leave it as it was, and tell staff why."""
    with transaction.atomic():
        row = journey.locked(shipment.pk)
        row.cancel_wanted_at, row.tries, row.error, row.due_at = None, 0, words[:300], None
        row.save(update_fields=["cancel_wanted_at", "tries", "error", "due_at"])


# --- When it did not work -------------------------------------------------------------------------


def _refused(shipment: Shipment, error: ProviderRefused, *, now: datetime) -> None:
    return _stop(shipment, State.REFUSED, str(error) or _("The carrier says no."), now=now)


def _later(shipment: Shipment, *, now: datetime) -> datetime | None:
    """Plan the next try, ever less often; after many a person looks."""
    if shipment.tries >= _MOST_TRIES:
        # Kept as asked: whoever tries again looks for it first.
        stay = State.REFUSED if shipment.state == State.PENDING else shipment.state
        return _stop(shipment, stay, _("The carrier does not answer."), now=now)
    pause = _AGAIN_AFTER[min(shipment.tries, len(_AGAIN_AFTER)) - 1]
    asked_at = Shipment.objects.values_list("asked_at", flat=True).get(pk=shipment.pk)
    settled = asked_at + SETTLES if asked_at and not shipment.carrier_id else now
    return _plan(shipment, max(now + pause, settled), _("The carrier does not answer."))


@transaction.atomic
def _stop(shipment: Shipment, state: str, words: str, *, now: datetime) -> None:
    """Leave the shipment to a person, with the reason."""
    row = journey.locked(shipment.pk)
    if row.state != shipment.state:
        # Somebody else came further meanwhile.
        return
    row.due_at, row.error = None, words[:300]
    row.save(update_fields=["due_at", "error"])
    journey.move_to(row, state, at=now, now=now)


def _plan(shipment: Shipment, due_at: datetime | None, error: str = "") -> datetime | None:
    """Set when the next step is due, unless somebody else came further meanwhile."""
    Shipment.objects.filter(pk=shipment.pk, state=shipment.state, tries=shipment.tries).update(
        due_at=due_at, error=error
    )
    return due_at
