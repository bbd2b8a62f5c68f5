"""From confirmed to delivered: each step is taken once, whoever asks and however often.

Every step locks the order, reads again and then decides; asked a second time it changes nothing
and says so, so that two people at one table pack one parcel.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from config.lib.errors import DomainError
from logistics.models import Shipment
from logistics.models.shipments import State
from shop.models import User

from . import parcels, returned, returns, timeline
from .holding import why_not_prepare
from .models import Order, OrderEvent, OrderShipment, ReturnRequest

# The way of an order that is sent.
WAY = (
    Order.Status.CONFIRMED,
    Order.Status.PROCESSING,
    Order.Status.READY_TO_SHIP,
    Order.Status.PICKUP_REQUESTED,
    Order.Status.SHIPPED,
    Order.Status.DELIVERED,
)
GONE = (Order.Status.SHIPPED, Order.Status.DELIVERED, Order.Status.RETURNED)


class AlreadyDone(DomainError):
    """Somebody else was faster; nothing was changed."""

    code = "already_done"


class NotYet(DomainError):
    """Something has to happen before the order can be worked on."""

    code = "not_yet"


class CarrierMissing(DomainError):
    code = "carrier_missing"


@dataclass(frozen=True)
class Parcel:
    """How an order leaves: with whom, and the number by which it is followed."""

    carrier: str
    tracking_number: str = ""
    tracking_url: str = ""


@transaction.atomic
def prepare(order: Order, *, now: datetime, actor: User | None = None) -> Order:
    """Start to pack a confirmed order."""
    order = _locked(order, Order.Status.PROCESSING)
    _require_free(order)
    return _step(order, Order.Status.PROCESSING, now=now, actor=actor)


@transaction.atomic
def ready(order: Order, *, now: datetime, actor: User | None = None) -> Order:
    """Note that the parcel is packed, or that the buyer may come for it."""
    order = _locked(order, Order.Status.READY_TO_SHIP)
    _require_free(order)
    return _step(order, Order.Status.READY_TO_SHIP, now=now, actor=actor, mail=True)


@transaction.atomic
def request_pickup(order: Order, *, now: datetime, actor: User | None = None) -> Order:
    """Note that the carrier was asked to come."""
    order = _locked(order, Order.Status.PICKUP_REQUESTED)
    return _step(order, Order.Status.PICKUP_REQUESTED, now=now, actor=actor, mail=True)


@transaction.atomic
def ship(order: Order, parcel: Parcel | None, *, now: datetime, actor: User | None = None) -> Order:
    """Hand the parcel over, and tell the buyer how to follow it.

    Without a parcel only what a buyer picks up in the shop may leave.
    """
    order = _locked(order, Order.Status.SHIPPED)
    if parcel is None and not order.is_pickup:
        raise CarrierMissing(_("Write who carries order %(order)s.") % {"order": order})
    data = {}
    if parcel is not None:
        if Order.Status.SHIPPED not in order.NEXT[order.status]:
            order.move_to(Order.Status.SHIPPED)
        shipment = parcels.send_by_hand(order, **vars(parcel), now=now, actor=actor)
        data = {
            "carrier": shipment.carrier,
            "tracking_number": shipment.tracking_number,
            "tracking_url": shipment.tracking_url,
        }
    order.shipped_at = now
    return _step(
        order,
        Order.Status.SHIPPED,
        "shipped_at",
        now=now,
        actor=actor,
        data=data,
        # Whoever stands at the counter needs no mail that says so.
        mail=not order.is_pickup,
    )


@transaction.atomic
def deliver(order: Order, *, now: datetime, actor: User | None = None, by: str = "") -> Order:
    """Note that the buyer has it; the days to withdraw are counted from here."""
    order = _locked(order, Order.Status.DELIVERED)
    order.delivered_at = now
    parcels.note_by_hand(order, State.DELIVERED, now=now)
    return _step(
        order, Order.Status.DELIVERED, "delivered_at", now=now, actor=actor, by=by, mail=True
    )


@transaction.atomic
def come_back(
    order: Order,
    *,
    now: datetime,
    actor: User | None = None,
    lost: Mapping[UUID, int] | None = None,
) -> ReturnRequest:
    """Take in a parcel that nobody accepted: all but the lost pieces of each line are sold again.

    It becomes a return that was received and looked at; closing it gives the money back.
    """
    lost = lost or {}
    announced = {found.line.pk: found.left for found in returned.returnable(order) if found.left}
    made = returns.request(
        order,
        kind=ReturnRequest.Kind.OTHER,
        quantities=announced,
        reason=_("The parcel came back undelivered."),
        now=now,
        actor=actor,
    )
    parcels.note_by_hand(order, State.RETURNED, now=now)
    returns.receive(made, now=now, actor=actor)
    return returns.inspect(
        made,
        restocked={key: most - lost.get(key, 0) for key, most in announced.items()},
        written_off={key: lost[key] for key in announced if lost.get(key)},
        now=now,
        actor=actor,
    )


def follow(order: Order, status: str, shipments: Sequence[OrderShipment], *, now: datetime) -> None:
    """Take the steps up to what carriers report, and tell the buyer of the last.

    Callers hold the order's lock. Where staff are further already, nothing happens.
    """
    if order.status not in WAY or WAY.index(status) <= WAY.index(order.status):
        return
    if status not in GONE and why_not_prepare(order):
        return
    steps = [
        step
        for step in (Order.Status.READY_TO_SHIP, Order.Status.SHIPPED)
        if WAY.index(order.status) < WAY.index(step) < WAY.index(status)
    ]
    shipments = [row.shipment for row in shipments if row.shipment.state != State.CANCELLED]
    for step in (*steps, status):
        dates = _note_dates(order, step, shipments, now=now)
        _step(
            order,
            step,
            *dates,
            now=now,
            actor=None,
            by=timeline.CARRIER,
            data=numbers(shipments[-1]) if step == Order.Status.SHIPPED else None,
            mail=step == status,
        )


def numbers(shipment: Shipment) -> dict:
    """Give what the timeline says of a shipment that left."""
    return {
        "carrier": shipment.carrier_name,
        "tracking_number": shipment.tracking_number,
        "tracking_url": shipment.tracking_url,
    }


def _note_dates(order: Order, step: str, shipments: list[Shipment], *, now) -> list[str]:
    """Set when it left, or arrived, by what its carriers say."""
    if step == Order.Status.SHIPPED:
        order.shipped_at = min(now, max(one.handed_over_at or now for one in shipments))
        return ["shipped_at"]
    if step == Order.Status.DELIVERED:
        order.delivered_at = min(now, max(one.delivered_at or now for one in shipments))
        return ["delivered_at"]
    return []


# --- Parts of the steps ---------------------------------------------------------------------------


def _locked(order: Order, status: str) -> Order:
    """Give the order as it stands now, locked; refuse a step that was already taken."""
    order = (
        Order.objects.select_for_update(no_key=True, of=("self",))
        .select_related("organization")
        .get(pk=order.pk)
    )
    if order.status == status:
        raise AlreadyDone(
            _("Order %(order)s is already “%(status)s”: somebody else was faster.")
            % {"order": order, "status": order.get_status_display()}
        )
    return order


def _require_free(order: Order) -> None:
    reason = why_not_prepare(order)
    if reason:
        raise NotYet(reason)


def _step(order: Order, status: str, *fields, now, actor, by="", data=None, mail=False) -> Order:
    before = order.status
    order.move_to(status)
    order.save(update_fields=["status", *fields, "changed_at"])
    timeline.record(
        order,
        OrderEvent.Kind(status),
        now=now,
        actor=actor,
        actor_label=by,
        before=before,
        after=order.status,
        data=data,
        is_public=True,
        mail=mail,
    )
    return order
