"""An order follows its shipments: what carriers report becomes its steps, each taken once.

The order goes as far as the last of its parcels, and never back: what staff noted by hand stays.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from logistics.models import Pickup, Shipment
from logistics.models.shipments import MOVING, State

from . import fulfilment, parcels, timeline
from .models import Order, OrderEvent, OrderShipment, ReturnRequest

_Status = Order.Status
# A label that is ready, and a carrier that was asked to come for it.
_CALLED = "pickup_requested"
_COMES = (Pickup.State.REQUESTED, Pickup.State.DONE)
# How far the order is when its last parcel stands there; nowhere while no label is ready.
_REACHED = {
    State.LABEL_READY: _Status.READY_TO_SHIP,
    _CALLED: _Status.PICKUP_REQUESTED,
    **dict.fromkeys((*MOVING, State.RETURNED), _Status.SHIPPED),
    State.DELIVERED: _Status.DELIVERED,
}
_LEFT = (*MOVING, State.DELIVERED, State.RETURNED)
# News that nobody followed for so long were forgotten by a worker that was killed.
_FORGOTTEN_SINCE = timedelta(days=10)


def follow(shipment_id, *, now: datetime) -> None:
    """Let every order in a shipment take the steps that it reports; safe to repeat."""
    rows = OrderShipment.objects.filter(shipment=shipment_id).order_by("order")
    for order_id in rows.values_list("order", flat=True):
        _follow(order_id, now=now)


@transaction.atomic
def _follow(order_id, *, now: datetime) -> None:
    order = (
        Order.objects.select_for_update(no_key=True, of=("self",))
        .select_related("organization")
        .get(pk=order_id)
    )
    rows = list(
        OrderShipment.objects.filter(order=order, shipment__isnull=False)
        .select_related("shipment__pickup")
        .order_by("id")
    )
    news = [row for row in rows if row.followed_state != _stage(row.shipment)]
    if not news:
        return
    reached = _reached(order, rows)
    if reached:
        fulfilment.follow(order, reached, rows, now=now)
    for row in news:
        _tell(order, row, now=now)
        _copy(row)
    # The page of the order sees that something is new.
    order.save(update_fields=["changed_at"])


def _stage(shipment: Shipment) -> str:
    """Give what an order follows: the state, and whether the carrier was called for the rest."""
    pickup = shipment.pickup
    if shipment.state == State.LABEL_READY and pickup is not None and pickup.state in _COMES:
        return _CALLED
    return shipment.state


def _reached(order: Order, rows: list[OrderShipment]) -> str | None:
    """Say how far all that is to be sent has come."""
    stages = [_stage(row.shipment) for row in rows if row.shipment.state != State.CANCELLED]
    far = [_REACHED.get(stage) for stage in stages]
    if not far or None in far or parcels.left_to_send(order):
        return None
    return min(far, key=fulfilment.WAY.index)


def _tell(order: Order, row: OrderShipment, *, now: datetime) -> None:
    """Write what the order's own step does not say: a part that left, a parcel that came back."""
    shipment = row.shipment
    was_here = row.followed_state not in _LEFT
    if shipment.state in _LEFT and was_here and order.status not in fulfilment.GONE:
        timeline.record(
            order,
            OrderEvent.Kind.SHIPPED,
            now=now,
            actor_label=timeline.CARRIER,
            data={**fulfilment.numbers(shipment), "is_part": True},
            is_public=True,
            mail=True,
        )
    if shipment.state == State.INCIDENT:
        told = shipment.incidents.order_by("-happened_at", "-id").first()
        timeline.record(
            order,
            OrderEvent.Kind.HELD_UP,
            now=now,
            actor_label=timeline.CARRIER,
            data={"reason": told.description if told else ""},
            is_public=True,
            mail=True,
        )
    if shipment.state == State.RETURNED:
        timeline.record(
            order,
            OrderEvent.Kind.NOTE,
            now=now,
            actor_label=timeline.CARRIER,
            data={"came_back": shipment.code},
        )


def _copy(row: OrderShipment) -> None:
    shipment = row.shipment
    row.carrier, row.tracking_number = shipment.carrier_name, shipment.tracking_number
    row.tracking_url, row.shipped_at = shipment.tracking_url, shipment.handed_over_at
    row.followed_state = _stage(shipment)
    row.save(
        update_fields=[
            *("carrier", "tracking_number", "tracking_url", "shipped_at", "followed_state")
        ]
    )


# --- What is left to do ---------------------------------------------------------------------------


def forgotten(*, now: datetime):
    """Give the rows whose shipment moved on without them."""
    since = now - _FORGOTTEN_SINCE
    is_called = Q(
        shipment__state=State.LABEL_READY,
        shipment__pickup__state__in=_COMES,
        shipment__pickup__on__gte=since.date(),
    )
    moved = Q(shipment__state_at__gte=since) & ~Q(followed_state=F("shipment__state"))
    rows = OrderShipment.objects.exclude(followed_state=_CALLED, shipment__state=State.LABEL_READY)
    return rows.filter(moved | is_called).order_by("shipment")


def to_inspect():
    """Give what came back and nobody looked at: rows of orders that are still out."""
    looked_at = ReturnRequest.objects.filter(
        status__in=(ReturnRequest.Status.INSPECTED, ReturnRequest.Status.CLOSED)
    )
    return OrderShipment.objects.filter(
        shipment__state=State.RETURNED, order__status__in=(_Status.SHIPPED, _Status.DELIVERED)
    ).exclude(order__returns__in=looked_at)
