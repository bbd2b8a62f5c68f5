"""What the warehouse has to do now: orders and shipments that wait for the same thing.

A bucket counts what its list shows: both are the one queryset that `rows` gives.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from logistics.models import Shipment
from logistics.models.shipments import MOVING, State

from . import following
from .models import Order, OrderShipment

_Status = Order.Status
_FIRM = (_Status.CONFIRMED, _Status.PROCESSING)
_READY = (_Status.READY_TO_SHIP, _Status.PICKUP_REQUESTED)
_BLOCKED = ~Q(concern="") | Q(due_first__gt=F("paid") - F("refunded"))
# A parcel of which its carrier says nothing new for so long is looked for.
_SILENT = timedelta(days=5)
_MISSING = (State.PENDING, State.UNCERTAIN, State.REFUSED, State.CREATED)
_BY_WORD = Q(payment_method="cash", due_first__lte=F("paid") - F("refunded"))
_COLLECTED = Q(payment_method="cash", total__gt=F("paid") - F("refunded"))


@dataclass(frozen=True)
class Bucket:
    """Orders, or shipments, that wait for the same thing."""

    name: str
    label: object
    icon: str
    pick: Callable[[QuerySet, datetime], QuerySet]
    is_of_shipments: bool = False
    is_urgent: bool = False


def _live() -> Exists:
    """Whether goods of an order lie in a shipment that was not cancelled."""
    kept = OrderShipment.objects.filter(order=OuterRef("pk"))
    return Exists(kept.exclude(shipment__state=State.CANCELLED))


def _to_confirm(orders, now):
    return orders.filter(_BY_WORD, status=_Status.PENDING)


def _to_pack(orders, now):
    return orders.filter(status__in=_FIRM).exclude(_BLOCKED)


def _to_send(orders, now):
    return orders.filter(~_live(), status__in=_READY, is_pickup=False)


def _at_counter(orders, now):
    return orders.filter(status__in=_READY, is_pickup=True)


def _without_label(shipments, now):
    return shipments.filter(state__in=_MISSING)


def _to_hand_over(shipments, now):
    return shipments.filter(state=State.LABEL_READY)


def _with_incident(shipments, now):
    return shipments.filter(state=State.INCIDENT)


def _late(shipments, now):
    is_late = Q(promised_on__lt=timezone.localdate(now)) | Q(state_at__lt=now - _SILENT)
    states = [state for state in MOVING if state not in (State.INCIDENT, State.RETURNING)]
    return shipments.filter(is_late, state__in=states)


def _came_back(shipments, now):
    """What stands at our door again and is not yet looked at."""
    return shipments.filter(pk__in=following.to_inspect().values("shipment"))


BUCKETS = [
    Bucket("confirmar", _("To confirm"), "task_alt", _to_confirm),
    Bucket("empacar", _("To pack"), "package_2", _to_pack),
    Bucket("enviar", _("Without shipment"), "outbox", _to_send),
    Bucket("rotulo", _("Label missing"), "label_off", _without_label, is_of_shipments=True),
    Bucket("entregar", _("To hand over"), "local_shipping", _to_hand_over, is_of_shipments=True),
    Bucket("mostrador", _("Picked up in the shop"), "storefront", _at_counter),
    Bucket(
        "novedades",
        _("Incidents"),
        "priority_high",
        _with_incident,
        is_of_shipments=True,
        is_urgent=True,
    ),
    Bucket(
        "tarde",
        pgettext_lazy("shipments", "Late"),
        "schedule",
        _late,
        is_of_shipments=True,
        is_urgent=True,
    ),
    Bucket("devueltos", _("Came back"), "undo", _came_back, is_of_shipments=True),
]
BY_NAME = {bucket.name: bucket for bucket in BUCKETS}
USUAL = "empacar"
# What the warehouse may know of money: whether it is paid, or collected at the door.
PAID, COLLECT = "pagado", "cobrar"


def rows(bucket: Bucket, *, now: datetime, payment: str = "") -> QuerySet:
    """Give what waits in a bucket, all of it or only what is paid, or to be collected."""
    model = Shipment if bucket.is_of_shipments else Order
    found = bucket.pick(model.objects.order_by(), now)
    if payment not in (PAID, COLLECT):
        return found
    collected = Q(cash_to_collect__gt=0) if bucket.is_of_shipments else _COLLECTED
    return found.filter(collected if payment == COLLECT else ~collected)


def payment_of(order: Order) -> str:
    """Say whether an order is paid or is to be collected; nothing more, and never how much."""
    return COLLECT if order.is_cash_on_delivery and order.outstanding else PAID
