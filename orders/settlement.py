"""Payments as reported: the only place that marks money, once per gateway transaction.

The webhook's task, the return page, the reconciliation and the expiry all call `settle` with what
the gateway itself says, as often and in any order as they like. Every figure is computed anew from
the transactions' rows, and a transaction only ever moves to a higher rank, so that late, repeated
and contradictory news end in the same state:

    pending < declined, failed < approved < voided < refunded

What an order becomes then:

    waiting    and paid in full           -> confirmed, its stock used
    waiting    and paid, then reversed    -> cancelled, its stock let go
    expired    and paid in full           -> confirmed if the stock is still there, else a concern
    cancelled  and paid                   -> a concern: a person gives the money back
    firm       and reversed               -> cancelled and restocked; after dispatch a concern
"""

import logging
from datetime import datetime

from django.db import transaction

from shop import kits, stock

from . import cancellation, confirmation, ledger, parcels, payments, timeline, vouchers
from .models import GatewayTransaction, Order, OrderEvent, PaymentAccount, PaymentAttempt, Refund
from .payments.base import Report
from .signals import order_moved

logger = logging.getLogger(__name__)

_GIVEN_BACK = (GatewayTransaction.Status.VOIDED, GatewayTransaction.Status.REFUNDED)


@transaction.atomic
def settle(account: PaymentAccount, report: Report, *, now: datetime) -> GatewayTransaction:
    """Record what a gateway says of one of its transactions, and do what follows from it, once."""
    attempt = PaymentAttempt.objects.filter(account=account, reference=report.reference).first()
    if attempt is None:
        return _keep_stray(account, report, now=now)
    # Everybody who settles, cancels or refunds this order waits here for each other.
    order = Order.objects.select_for_update(no_key=True, of=("self",)).get(pk=attempt.order_id)
    told, is_news = _record(account, attempt, order, report, now=now)
    if is_news:
        _follow(attempt, told, order, now=now)
        ledger.recount(order, now=now)
        _decide(order, now=now)
        if attempt.keeps_method or order.source == Order.Source.REPEAT:
            order_moved.send(sender=Order, order=order, attempt=attempt, now=now)
    return told


def _record(account, attempt, order, report: Report, *, now) -> tuple[GatewayTransaction, bool]:
    """Keep the news in the transaction's one row; say whether it was news at all."""
    told, is_new = GatewayTransaction.objects.get_or_create(
        account=account,
        gateway_id=report.transaction_id,
        defaults={
            "attempt": attempt,
            "reference": report.reference,
            "status": report.status,
            "amount": report.amount,
            "refunded": _refunded(report),
            "currency": report.currency.upper(),
            "method": report.method[:40],
            "message": report.message[:200],
            "problem": _problem(account, attempt, order, report),
            "seen_at": now,
            "changed_at": now,
        },
    )
    if is_new:
        return told, True
    if told.attempt_id != attempt.pk:
        # One transaction pays one attempt: the same one under another reference is no payment.
        logger.warning("A gateway transaction came under a second reference")
        return told, False
    rank = GatewayTransaction.RANK
    is_higher = rank[report.status] > rank[told.status]
    has_more_back = _refunded(report) > told.refunded
    if not (is_higher or has_more_back):
        return told, False
    told.problem = told.problem or _problem(account, attempt, order, report)
    if is_higher:
        told.status = report.status
        told.method, told.message = report.method[:40], report.message[:200]
    told.refunded = max(told.refunded, _refunded(report))
    told.changed_at = now
    told.save(update_fields=["problem", "status", "method", "message", "refunded", "changed_at"])
    return told, True


def _refunded(report: Report) -> int:
    return report.amount if report.status in _GIVEN_BACK else min(report.refunded, report.amount)


def _problem(account, attempt, order, report: Report) -> str:
    """Say why this money is not what we asked for; such a transaction counts for nothing."""
    problem = GatewayTransaction.Problem
    if report.amount != attempt.amount:
        return problem.AMOUNT
    if report.currency.upper() != attempt.currency.upper():
        return problem.CURRENCY
    ours = payments.get(account.provider).merchant(account)
    if report.merchant and ours and report.merchant != ours:
        return problem.MERCHANT
    if report.is_live != account.is_live or report.is_live == order.is_test:
        return problem.ENVIRONMENT
    return problem.NONE


def _keep_stray(account, report: Report, *, now) -> GatewayTransaction:
    """Keep a transaction that names nothing of ours, for a person to look at."""
    told, is_new = GatewayTransaction.objects.get_or_create(
        account=account,
        gateway_id=report.transaction_id,
        defaults={
            "reference": report.reference[:120],
            "status": report.status,
            "amount": report.amount,
            "refunded": _refunded(report),
            "currency": report.currency.upper(),
            "method": report.method[:40],
            "message": report.message[:200],
            "problem": GatewayTransaction.Problem.REFERENCE,
            "seen_at": now,
            "changed_at": now,
        },
    )
    if is_new:
        logger.warning("A gateway transaction names nothing of ours")
    return told


@transaction.atomic
def take_back(told: GatewayTransaction, *, message: str, now: datetime) -> None:
    """Let a transaction count for nothing that a person wrote down by mistake; no money moved."""
    order = Order.objects.select_for_update(no_key=True, of=("self",)).get(
        attempts__transactions=told
    )
    told = GatewayTransaction.objects.get(pk=told.pk)
    if told.status != GatewayTransaction.Status.APPROVED:
        return
    told.status, told.message = GatewayTransaction.Status.FAILED, message[:200]
    told.changed_at = now
    told.save(update_fields=["status", "message", "changed_at"])
    ledger.recount(order, now=now, is_correction=True)


# --- What follows ---------------------------------------------------------------------------------


def _follow(attempt: PaymentAttempt, told: GatewayTransaction, order: Order, *, now) -> None:
    """Bring the attempt up to date and write the order's timeline."""
    status = GatewayTransaction.Status
    data = {"amount": told.amount, "currency": told.currency, "method": told.method}
    if told.problem:
        if told.status in ledger.TAKEN:
            data["problem"] = told.problem
            raise_concern(order, Order.Concern.MISMATCH, now=now, data=data)
        return
    if told.status == status.PENDING:
        _mark(attempt, PaymentAttempt.Status.PENDING, unless={PaymentAttempt.Status.APPROVED})
        timeline.record(
            order,
            OrderEvent.Kind.PAYMENT_PENDING,
            now=now,
            actor_label=timeline.GATEWAY,
            data=data,
            is_public=True,
        )
    elif told.status in (status.DECLINED, status.FAILED):
        _mark(attempt, PaymentAttempt.Status.DECLINED, unless={PaymentAttempt.Status.APPROVED})
        timeline.record(
            order,
            OrderEvent.Kind.PAYMENT_DECLINED,
            now=now,
            actor_label=timeline.GATEWAY,
            data=data | {"message": told.message},
            is_public=True,
            mail=order.status == Order.Status.PENDING,
        )
    else:
        _mark(attempt, PaymentAttempt.Status.APPROVED)


def _mark(attempt: PaymentAttempt, status: str, *, unless=frozenset()) -> None:
    PaymentAttempt.objects.filter(pk=attempt.pk).exclude(status__in=unless).update(status=status)


def _decide(order: Order, *, now: datetime) -> None:
    """Take the one step that the money allows or demands (see the table above)."""
    is_reversed = bool(order.paid) and not order.net_paid
    if order.status == Order.Status.PENDING:
        if is_reversed:
            cancellation.apply(order, Order.Cancelled.REVERSED, now=now, by=timeline.GATEWAY)
        elif order.paid and not order.due_now:
            confirmation.confirm(order, now=now, by=timeline.GATEWAY)
        elif order.paid:
            raise_concern(order, Order.Concern.PAID_TOO_LITTLE, now=now)
    elif order.status == Order.Status.CANCELLED:
        _decide_cancelled(order, is_reversed, now=now)
    elif is_reversed and not order.refunds.exclude(status=Refund.Status.FAILED).exists():
        # What we gave back ourselves was decided by whoever did.
        if order.is_before_shipping and not parcels.has_left(order):
            cancellation.apply(order, Order.Cancelled.REVERSED, now=now, by=timeline.GATEWAY)
        else:
            raise_concern(order, Order.Concern.REVERSED_LATE, now=now)
    if order.net_paid > order.total:
        raise_concern(order, Order.Concern.PAID_TOO_MUCH, now=now)


def _decide_cancelled(order: Order, is_reversed: bool, *, now: datetime) -> None:
    has_expired = order.cancel_reason in (Order.Cancelled.EXPIRED, Order.Cancelled.NOT_CONFIRMED)
    if is_reversed:
        if has_expired:
            order.cancel_reason = Order.Cancelled.REVERSED
            order.save(update_fields=["cancel_reason", "changed_at"])
        clear_concern(order, {Order.Concern.PAID_WITHOUT_STOCK, Order.Concern.PAID_AFTER_CANCEL})
    elif not order.net_paid or order.refunds.exclude(status=Refund.Status.FAILED).exists():
        return
    elif not has_expired or order.due_now:
        raise_concern(order, Order.Concern.PAID_AFTER_CANCEL, now=now)
    else:
        revive(order, now=now)


def revive(order: Order, *, now: datetime) -> bool:
    """Make an expired order firm that was paid late, if its stock is still there."""
    wanted = kits.taken((line, line.quantity) for line in order.lines.all())
    try:
        # A refusal takes back only the promise.
        with transaction.atomic():
            stock.reserve(wanted, holder=order.pk)
    except stock.OutOfStock:
        raise_concern(order, Order.Concern.PAID_WITHOUT_STOCK, now=now)
        return False
    vouchers.take_again(order)
    confirmation.confirm(order, now=now, by=timeline.GATEWAY)
    clear_concern(order, {Order.Concern.PAID_WITHOUT_STOCK, Order.Concern.PAID_AFTER_CANCEL})
    return True


def raise_concern(order: Order, concern: str, *, now: datetime, data: dict | None = None) -> None:
    """Put an order before a person, once for each concern."""
    if order.concern == concern:
        return
    order.concern = concern
    order.save(update_fields=["concern", "changed_at"])
    timeline.record(
        order,
        OrderEvent.Kind.CONCERN,
        now=now,
        actor_label=timeline.GATEWAY,
        data=(data or {}) | {"concern": concern},
    )


def clear_concern(order: Order, concerns: set[str]) -> None:
    """Take back a concern that the news answered."""
    if order.concern in concerns:
        order.concern = Order.Concern.NONE
        order.save(update_fields=["concern", "changed_at"])
