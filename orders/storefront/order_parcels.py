"""The way of an order's parcels, as their buyer follows it."""

from datetime import date

from django.db.models import Prefetch, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from logistics.models import Incident, TrackingEvent
from logistics.models.shipments import State

from ..models import Order, OrderShipment

# What nobody carries yet is no parcel for its buyer.
_UNSEEN = (State.PENDING, State.UNCERTAIN, State.REFUSED, State.CREATED, State.CANCELLED)
_OPEN = (Incident.State.OPEN, Incident.State.SENDING, Incident.State.FAILED)
_MOST_EVENTS = 20
# What happened before these is folded away.
_NEWEST = 4
_TONES = {State.DELIVERED: "good", State.INCIDENT: "bad", State.RETURNED: "bad"}


def parcels(order: Order) -> list[dict]:
    """Give each parcel with where it is and how it got there; the same queries however many."""
    if order.status in (Order.Status.PENDING, Order.Status.CONFIRMED):
        return []
    events = TrackingEvent.objects.order_by("-at", "-id")
    incidents = Incident.objects.filter(state__in=_OPEN).order_by("-happened_at")
    rows = (
        OrderShipment.objects.filter(order=order)
        .exclude(shipment__state__in=_UNSEEN)
        .filter(Q(shipment__isnull=False) | Q(shipped_at__isnull=False))
        .select_related("shipment")
        .prefetch_related(
            Prefetch("shipment__events", queryset=events, to_attr="told"),
            Prefetch("shipment__incidents", queryset=incidents, to_attr="open_incidents"),
        )
        .order_by("id")
    )
    found = [_parcel(row) for row in rows]
    for number, parcel in enumerate(found, start=1):
        # Of one there is nothing to count.
        parcel["number"] = number if len(found) > 1 else 0
        parcel["count"] = len(found)
    return found


def _parcel(row: OrderShipment) -> dict:
    shipment = row.shipment
    shown = {
        "carrier": row.carrier,
        "tracking_number": row.tracking_number,
        "tracking_url": row.tracking_url,
        "since": row.shipped_at,
    }
    if shipment is None:
        # Written down by hand: nobody tells how it goes on.
        return {**shown, "title": "", "tone": "", "incident": "", "promised_on": None}
    incident = shipment.open_incidents[0] if shipment.open_incidents else None
    is_moving = shipment.state not in (State.DELIVERED, State.RETURNED)
    way = _way(shipment.told)
    return {
        **shown,
        "since": shipment.state_at,
        "title": words_for(shipment.state),
        "tone": _TONES.get(shipment.state, ""),
        "promised_on": _still_to_come(shipment.promised_on) if is_moving else None,
        "incident": incident.description if incident else "",
        "way": way[:_NEWEST],
        "before": way[_NEWEST:],
    }


def words_for(state: str) -> str:
    """Say where a parcel is, as its buyer reads it."""
    return {
        State.LABEL_READY: _("It waits for the carrier"),
        State.PICKED_UP: _("The carrier has it"),
        State.IN_TRANSIT: _("On its way to your city"),
        State.OUT_FOR_DELIVERY: _("Out for delivery"),
        State.INCIDENT: _("The carrier could not deliver it yet"),
        State.RETURNING: _("On its way back to the shop"),
        State.DELIVERED: _("Delivered"),
        State.RETURNED: _("It came back to the shop"),
    }.get(state, "")


def _way(events: list[TrackingEvent]) -> list[dict]:
    """Give what happened, the newest first; what says the same as the step before is left out."""
    way: list[dict] = []
    for event in reversed(events):
        # Words of the carrier that we do not know stand below nothing of ours.
        title = words_for(event.state)
        detail = event.description or ("" if title else event.raw_state)
        if detail == title:
            detail = ""
        step = {"title": title, "detail": detail, "place": event.place, "at": event.at}
        if way and all(way[-1][name] == step[name] for name in ("title", "detail", "place")):
            continue
        way.append(step)
    return way[::-1][:_MOST_EVENTS]


def _still_to_come(day: date | None) -> date | None:
    """Give the promised day; one that is over promises nothing any more."""
    return day if day is not None and day >= timezone.localdate() else None
