"""How far an order is on its way, as its buyer sees it and as everybody may know it."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from .models import Order

_Status = Order.Status
_COARSE = {
    _Status.PENDING: 0,
    _Status.CONFIRMED: 1,
    _Status.PROCESSING: 2,
    _Status.READY_TO_SHIP: 2,
    _Status.PICKUP_REQUESTED: 2,
    _Status.SHIPPED: 3,
    _Status.DELIVERED: 4,
}


@dataclass(frozen=True)
class Step:
    """One step of the way from order to delivery: done, current or to come."""

    label: str
    state: str
    at: datetime | None = None


def progress(order: Order) -> list[Step]:
    """Give the way of an order; empty when it ended otherwise."""
    reached = _COARSE.get(order.status)
    if reached is None:
        return []
    if order.is_pickup and order.status == _Status.READY_TO_SHIP:
        reached = 3
    steps = [
        (_("Received"), order.placed_at),
        (_firm(order, is_reached=reached > 0), order.confirmed_at),
        (_("Being prepared"), None),
        (_("Ready for pick-up") if order.is_pickup else _("On its way"), order.shipped_at),
        (_("Picked up") if order.is_pickup else _("Delivered"), order.delivered_at),
    ]
    return [
        Step(label, _step_state(place, reached), at if place <= reached else None)
        for place, (label, at) in enumerate(steps)
    ]


def _firm(order: Order, *, is_reached: bool) -> str:
    if order.is_cash_on_delivery:
        return _("Confirmed") if is_reached else _("Confirmation")
    return _("Paid") if is_reached else _("Payment")


def _step_state(place: int, reached: int) -> str:
    # What is received, paid or delivered is done; preparing and travelling go on.
    if place < reached or (place == reached and reached in (0, 1, 4)):
        return "done"
    if place == reached or (place == 1 and reached == 0):
        return "current"
    return "to-come"


def coarse(status: str) -> str:
    """Say in a word how far an order is: all that its number alone tells."""
    return {
        0: _("Received"),
        1: _("Received"),
        2: _("Being prepared"),
        3: _("On its way"),
        4: _("Delivered"),
    }.get(_COARSE.get(status), _("Cancelled"))
