"""Orders follow what carriers' statements say of their cash, and never count it twice."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from logistics import cash as expected_cash
from logistics.models import CashLine

from . import cash, settlement, timeline
from .models import GatewayTransaction, Order, OrderEvent, PaymentAccount

# The order of a parcel that was delivered a moment ago follows by itself soon.
_SOON = timedelta(minutes=10)
_CASH = PaymentAccount.Provider.CASH
_ON_ITS_WAY = (
    Order.Status.CONFIRMED,
    Order.Status.PROCESSING,
    Order.Status.READY_TO_SHIP,
    Order.Status.PICKUP_REQUESTED,
)


@transaction.atomic
def follow(line_id: UUID, *, now: datetime) -> None:
    """Record at its orders what a line says was paid, or take that back; safe to repeat."""
    shipment_id = CashLine.objects.values_list("shipment_id", flat=True).get(pk=line_id)
    # Whoever records cash of these orders waits here for each other.
    orders = list(
        Order.objects.select_for_update(no_key=True, of=("self",))
        .filter(shipments__shipment=shipment_id, account__provider=_CASH)
        .order_by("id")
    )
    line = (
        CashLine.objects.select_for_update(no_key=True, of=("self",))
        .select_related("statement", "shipment")
        .get(pk=line_id)
    )
    if line.follow_at is None:
        return
    if not line.is_counted:
        _take_back(line, orders, now=now)
    elif not expected_cash.look_again(line, now=now):
        return
    elif any(order.status in _ON_ITS_WAY and order.outstanding for order in orders):
        expected_cash.followed(line, again_at=now + _SOON)
        return
    else:
        _record(line, orders, now=now)
    expected_cash.followed(line)


def _record(line: CashLine, orders: list[Order], *, now: datetime) -> None:
    # What people wrote down before is a part of what the carrier tells now.
    rest = min(line.collected, _told(orders) - _recorded(orders))
    for order in orders:
        part = min(cash.owed(order), rest)
        if part > 0:
            actor = line.statement.imported_by
            cash.record(order, amount=part, reference=_reference(line), now=now, actor=actor)
            rest -= part


def _take_back(line: CashLine, orders: list[Order], *, now: datetime) -> None:
    for order in orders:
        name = cash.name_of(order, _reference(line))
        told = GatewayTransaction.objects.filter(
            account=order.account_id, gateway_id=name, status=GatewayTransaction.Status.APPROVED
        ).first()
        if told is None:
            continue
        settlement.take_back(told, message=_("The statement was taken back."), now=now)
        timeline.record(
            order,
            OrderEvent.Kind.NOTE,
            now=now,
            actor=line.statement.undone_by,
            data={"cash_undone": name, "amount": told.amount, "currency": told.currency},
        )


def _told(orders: list[Order]) -> int:
    """Give what was counted for all shipments of these orders."""
    lines = CashLine.objects.filter(
        is_counted=True, shipment__order_shipments__order__in=orders
    ).distinct()
    return sum(lines.values_list("collected", flat=True))


def _recorded(orders: list[Order]) -> int:
    """Give the cash that these orders know of."""
    known = GatewayTransaction.objects.filter(
        attempt__order__in=orders,
        account__provider=_CASH,
        status=GatewayTransaction.Status.APPROVED,
    )
    return known.aggregate(sum=Sum("amount"))["sum"] or 0


def _reference(line: CashLine) -> str:
    """Give the name of a line's money: of this line and no other, also when a file comes again."""
    return f"{line.tracking_number[:40]}-{line.pk.hex[-8:]}"
