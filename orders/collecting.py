"""Cash that the courier took, or the buyer left at the counter: counted as every other payment."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from config.lib import money
from config.lib.errors import DomainError
from shop.models import User

from . import payments, settlement, timeline
from .models import GatewayTransaction, Order, OrderEvent, PaymentAccount, PaymentAttempt
from .payments.base import Report


class NothingToCollect(DomainError):
    code = "nothing_to_collect"


def may_collect(order: Order) -> bool:
    """Say whether money of this order is still to be taken by hand."""
    is_firm = order.status not in (Order.Status.PENDING, Order.Status.CANCELLED)
    return order.is_cash_on_delivery and is_firm and order.outstanding > 0


@transaction.atomic
def collect(order: Order, amount: int, *, now: datetime, actor: User, note: str = "") -> Order:
    """Record cash that came in for an order, never more than it still owes."""
    order = (
        Order.objects.select_for_update(no_key=True, of=("self",))
        .select_related("organization")
        .get(pk=order.pk)
    )
    if not may_collect(order):
        raise NothingToCollect(
            _("There is nothing to collect for order %(order)s.") % {"order": order}
        )
    if not 0 < amount <= order.outstanding:
        raise NothingToCollect(
            _("Order %(order)s still owes %(amount)s.")
            % {"order": order, "amount": money.label(order.outstanding, order.currency)}
        )
    account = _cash_account(order)
    number = order.attempts.count() + 1
    attempt = PaymentAttempt.objects.create(
        order=order,
        account=account,
        # One order, one number: the same cash cannot be counted under two names.
        reference=f"cash-{order.pk.hex}-{number}",
        amount=amount,
        currency=order.currency,
        created_at=now,
    )
    if note:
        timeline.record(order, OrderEvent.Kind.NOTE, now=now, actor=actor, note=note)
    settlement.settle(
        account,
        Report(
            transaction_id=attempt.reference,
            reference=attempt.reference,
            status=GatewayTransaction.Status.APPROVED,
            amount=amount,
            currency=order.currency,
            is_live=account.is_live,
            merchant=payments.get(account.provider).merchant(account),
            method=str(PaymentAccount.Provider.CASH.value),
            message=str(actor)[:200],
        ),
        now=now,
    )
    return Order.objects.get(pk=order.pk)


def _cash_account(order: Order) -> PaymentAccount:
    """Give the account that the order was placed with; a deposit may have been paid by another."""
    if order.account is not None and order.account.provider == PaymentAccount.Provider.CASH:
        return order.account
    account = PaymentAccount.objects.filter(
        provider=PaymentAccount.Provider.CASH, is_live=not order.is_test
    ).first()
    if account is None:
        raise NothingToCollect(_("The shop has no payment method for cash."))
    return account
