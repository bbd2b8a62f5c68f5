"""An order's money, computed anew from the rows that prove it."""

from datetime import datetime

from . import collecting, timeline
from .models import GatewayTransaction, Order, OrderEvent, Refund

# In these the gateway took the money, whatever happened to it later.
TAKEN = (
    GatewayTransaction.Status.APPROVED,
    GatewayTransaction.Status.VOIDED,
    GatewayTransaction.Status.REFUNDED,
)


def recount(order: Order, *, now: datetime, is_correction: bool = False) -> None:
    """Compute what was paid and given back from the rows; callers hold the order's lock.

    A correction of ours moved no money: nobody is told that some was given back.
    """
    before = order.net_paid
    paid = refunded = 0
    done = {}
    for refund in order.refunds.filter(status=Refund.Status.DONE):
        done[refund.transaction_id] = done.get(refund.transaction_id, 0) + refund.amount
    by_hand = done.pop(None, 0)
    taken = GatewayTransaction.objects.filter(
        attempt__order=order, status__in=TAKEN, problem=GatewayTransaction.Problem.NONE
    )
    for told in taken:
        paid += told.amount
        # The gateway's word and our own note of it describe the same money.
        refunded += min(told.amount, max(told.refunded, done.get(told.pk, 0)))
    order.paid, order.refunded = paid, min(paid, refunded + by_hand)
    order.payment = _payment(order)
    if paid and order.paid_at is None:
        order.paid_at = now
    if not paid and is_correction:
        order.paid_at = None
    order.save(update_fields=["paid", "refunded", "payment", "paid_at", "changed_at"])
    data = {"currency": order.currency}
    if is_correction:
        return
    if order.net_paid > before:
        data["amount"] = order.net_paid - before
        timeline.record(
            order,
            OrderEvent.Kind.PAID,
            now=now,
            actor_label=timeline.GATEWAY,
            data=data,
            is_public=True,
        )
        collecting.follow_payment(order, now=now)
    elif order.net_paid < before:
        data["amount"] = before - order.net_paid
        timeline.record(
            order,
            OrderEvent.Kind.REFUNDED,
            now=now,
            actor_label=timeline.GATEWAY,
            data=data,
            is_public=True,
            mail=True,
        )


def _payment(order: Order) -> str:
    if not order.paid:
        return Order.Payment.UNPAID
    if not order.net_paid:
        return Order.Payment.REFUNDED
    if order.refunded:
        return Order.Payment.PARTLY_REFUNDED
    return Order.Payment.PAID if order.net_paid >= order.total else Order.Payment.PARTLY_PAID
