"""What couriers still collect at the door of an order that was paid meanwhile."""

from datetime import datetime

from django.db.models import Sum

from logistics import shipments
from logistics.models import Shipment
from logistics.models.shipments import ENDED

from . import timeline
from .models import GatewayTransaction, Order, OrderEvent, PaymentAccount


def follow_payment(order: Order, *, now: datetime) -> None:
    """Let no courier collect what was paid already; callers hold the order's lock.

    What no carrier has heard of is corrected. Of the rest staff are told: only a shipment that is
    cancelled and made anew collects less.
    """
    collecting = Shipment.objects.filter(
        order_shipments__order=order, cash_to_collect__gt=0
    ).exclude(state__in=ENDED)
    for shipment in collecting:
        rest = _to_collect(shipment)
        if shipment.cash_to_collect <= rest or shipments.collect(shipment, rest):
            continue
        timeline.record(
            order, OrderEvent.Kind.NOTE, now=now, data={"still_collects": shipment.code}
        )


def _to_collect(shipment: Shipment) -> int:
    """Give what its buyers have not paid otherwise; what was collected was rightly so."""
    orders = list(Order.objects.filter(shipments__shipment=shipment))
    collected = GatewayTransaction.objects.filter(
        attempt__order__in=orders,
        account__provider=PaymentAccount.Provider.CASH,
        status=GatewayTransaction.Status.APPROVED,
        problem=GatewayTransaction.Problem.NONE,
    ).aggregate(sum=Sum("amount"))["sum"]
    return sum(order.outstanding for order in orders) + (collected or 0)
