"""Packing an order at the table: each thing is counted into the box, by a scanner or by hand.

The order is in the hands of one person (board.py); what somebody else scans is refused. What was
counted is kept row by row, so that a closed browser or an empty battery loses nothing.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from config.lib.errors import DomainError
from logistics.models import Shipment
from shop import audit
from shop.models import AuditEntry, User

from . import board, fulfilment, holding, parcels, picking
from .models import Order, Packing

_Status = Order.Status
# An order whose label came first is packed as well.
OPEN = (_Status.CONFIRMED, _Status.PROCESSING, _Status.READY_TO_SHIP, _Status.PICKUP_REQUESTED)


class CannotPack(DomainError):
    code = "cannot_pack"


class WrongProduct(DomainError):
    """This thing does not belong into this box."""

    code = "wrong_product"


class TooMany(DomainError):
    """All of this thing is in the box already."""

    code = "too_many"


class NotComplete(DomainError):
    code = "not_complete"


def wanted(order: Order, counted: dict) -> list[dict]:
    """Give what belongs into the box: each thing with how many, and how many are in it."""
    return [
        {
            "sku": one.sku,
            "name": one.name,
            "variant": one.variant,
            "quantity": one.quantity,
            "counted": min(counted.get(one.sku, 0), one.quantity),
            "left": max(0, one.quantity - counted.get(one.sku, 0)),
        }
        for one in picking.contents(order)
    ]


def counted_of(order: Order) -> dict:
    packing = Packing.objects.filter(pk=order.pk).first()
    return packing.counted if packing else {}


@transaction.atomic
def take(order: Order, *, now: datetime, actor: User, from_other: bool = False) -> None:
    """Take an order in hand to pack it; from somebody else only when that is said."""
    row = _locked(order)
    if from_other and row.claimed_by_id not in (None, actor.pk):
        board.let_go(row, by=row.claimed_by)
    before = str(row.claimed_by or "")
    board.claim(row, actor=actor, now=now)
    if row.status == _Status.CONFIRMED:
        fulfilment.prepare(row, now=now, actor=actor)
    audit.record(
        row.organization,
        actor,
        AuditEntry.Action.CHANGED,
        row,
        before={"claimed_by": before},
        after={"claimed_by": str(actor)},
    )


@transaction.atomic
def count(order: Order, typed: str, *, actor: User) -> dict:
    """Put one piece into the box, by its SKU; give the row of what it is, as `wanted` does."""
    row = _mine(order, actor)
    typed = " ".join(typed.split())
    packing, _made = Packing.objects.get_or_create(order=row)
    _require_open(packing)
    rows = {one["sku"].casefold(): one for one in wanted(row, packing.counted)}
    found = rows.get(typed.casefold())
    if found is None:
        raise WrongProduct(
            _("%(sku)s does not belong to order %(order)s. Put it back.")
            % {"sku": typed[:60], "order": row}
        )
    if not found["left"]:
        raise TooMany(
            _("All %(count)d of %(name)s are in the box already. Put this one back.")
            % {"count": found["quantity"], "name": found["name"]}
        )
    _set(packing, found["sku"], found["counted"] + 1)
    return {**found, "counted": found["counted"] + 1, "left": found["left"] - 1}


@transaction.atomic
def uncount(order: Order, sku: str, *, actor: User) -> None:
    """Take one piece out of the box again."""
    row = _mine(order, actor)
    packing, _made = Packing.objects.get_or_create(order=row)
    _require_open(packing)
    if packing.counted.get(sku, 0) > 0:
        _set(packing, sku, packing.counted[sku] - 1)


@transaction.atomic
def finish(order: Order, *, now: datetime, actor: User) -> Shipment | None:
    """Close a box that is complete; give the shipment of what is sent, planned when it was not.

    What a carrier cannot be told, or what the buyer comes for, is only ready.
    """
    row = _mine(order, actor)
    packing, _made = Packing.objects.get_or_create(order=row)
    _require_open(packing)
    if any(one["left"] for one in wanted(row, packing.counted)):
        raise NotComplete(_("Something is still missing in the box."))
    packing.finished_by, packing.finished_at = actor, now
    packing.save(update_fields=["finished_by", "finished_at"])
    shipment = None if row.is_pickup else _shipment(row, now=now, actor=actor)
    row = _locked(order)
    if row.status in (_Status.CONFIRMED, _Status.PROCESSING):
        fulfilment.ready(row, now=now, actor=actor)
    audit.record(
        row.organization,
        actor,
        AuditEntry.Action.CHANGED,
        row,
        before={"packed_by": ""},
        after={"packed_by": str(actor)},
    )
    return shipment


def _shipment(order: Order, *, now: datetime, actor: User) -> Shipment | None:
    if not parcels.left_to_send(order):
        there = parcels.live(order)
        return there[-1] if there else None
    try:
        with transaction.atomic():
            return parcels.plan_as_chosen(order, now=now, actor=actor)
    except parcels.CannotSend:
        # It waits among the orders without a shipment, where somebody chooses who carries it.
        return None


def _locked(order: Order) -> Order:
    return (
        Order.objects.select_for_update(no_key=True, of=("self",))
        .select_related("organization", "claimed_by")
        .get(pk=order.pk)
    )


def _mine(order: Order, actor: User) -> Order:
    """Give the order as it stands now, locked; refuse whoever does not have it in hand."""
    row = _locked(order)
    if row.status not in OPEN:
        raise CannotPack(
            _("Order %(order)s is “%(status)s” now and is not packed.")
            % {"order": row, "status": row.get_status_display()}
        )
    reason = holding.why_not_prepare(row)
    if reason:
        raise CannotPack(reason)
    if row.claimed_by_id != actor.pk:
        if row.claimed_by is None:
            raise board.InOtherHands(_("Take order %(order)s in hand first.") % {"order": row})
        raise board.InOtherHands(
            _("%(person)s has order %(order)s in hand already.")
            % {"person": row.claimed_by, "order": row}
        )
    return row


def _require_open(packing: Packing) -> None:
    if packing.finished_at:
        raise CannotPack(_("This box is closed already."))


def _set(packing: Packing, sku: str, number: int) -> None:
    packing.counted = {**packing.counted, sku: number}
    packing.save(update_fields=["counted"])
