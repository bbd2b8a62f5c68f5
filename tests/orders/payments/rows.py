"""Rows that the tests of the payment adapters start from: a try, a transaction, a refund."""

from datetime import timedelta
from itertools import count

from django.utils import timezone

from orders.models import GatewayTransaction, PaymentAccount, PaymentAttempt, Refund, SavedMethod
from tests import make

_number = count(1)


def attempt(account: PaymentAccount | None = None, **fields) -> PaymentAttempt:
    """Give a try to pay an order (a new one unless given) by this account."""
    account = account or make.payment_account()
    order = fields.pop("order", None) or make.order(account=account)
    now = timezone.now()
    fields = {
        "reference": f"{order.number}-1-{next(_number)}",
        "amount": order.total,
        "currency": order.currency,
        "expires_at": now + timedelta(hours=1),
        "created_at": now,
        **fields,
    }
    return PaymentAttempt.objects.create(order=order, account=account, **fields)


def saved_method(account: PaymentAccount, secrets: dict, **fields) -> SavedMethod:
    """Give a card that this account's gateway keeps for a customer (a new one unless given)."""
    fields = {
        "customer": fields.get("customer") or make.customer(),
        "label": "Visa •••• 4242",
        "consented_at": timezone.now(),
        "consent_version": "1",
        "fingerprint": f"card-{next(_number)}",
        **fields,
    }
    return SavedMethod.objects.create(account=account, secrets=secrets, **fields)


def gateway_transaction(attempt: PaymentAttempt, **fields) -> GatewayTransaction:
    """Give a transaction that a gateway approved for all of this attempt."""
    now = timezone.now()
    fields = {
        "gateway_id": f"tx-{next(_number)}",
        "reference": attempt.reference,
        "status": GatewayTransaction.Status.APPROVED,
        "amount": attempt.amount,
        "currency": attempt.currency,
        "seen_at": now,
        "changed_at": now,
        **fields,
    }
    return GatewayTransaction.objects.create(account=attempt.account, attempt=attempt, **fields)


def refund(transaction: GatewayTransaction, amount: int | None = None, **fields) -> Refund:
    """Give a wish to return so much of this transaction, or all of it, by its gateway."""
    now = timezone.now()
    fields = {
        "method": Refund.Method.GATEWAY,
        "reason": Refund.Reason.WITHDRAWAL,
        "due_on": now.date() + timedelta(days=15),
        "requested_at": now,
        **fields,
    }
    return Refund.objects.create(
        order=transaction.attempt.order,
        transaction=transaction,
        amount=amount or transaction.amount,
        **fields,
    )
