"""Charging a saved card without its owner: once, however often it is asked for or cut short.

The attempt is saved first and counts as in progress. A worker claims it by moving `charge_at`, so
two of them call once; one that was killed leaves it to be claimed again. Before anybody charges a
second time the gateway is asked, and then under the same reference, which it never charges twice.
"""

import logging
from datetime import datetime, timedelta

from django.db import transaction

from config.lib.errors import ProviderRefused, ProviderUnavailable

from . import paying, payments, timeline
from .models import Order, OrderEvent, PaymentAttempt, SavedMethod
from .signals import order_moved

logger = logging.getLogger(__name__)

# So long the charge belongs to the worker that claimed it: longer than any call may take.
_LEASE = timedelta(minutes=1)
_PENDING = PaymentAttempt.Status.PENDING


def pay(order: Order, method: SavedMethod, *, now: datetime) -> PaymentAttempt:
    """Pay what is due of an order with a saved card; pressed twice, it is charged once."""
    attempt = paying.open_charge(order, method, now=now)
    charge(attempt, now=now)
    return attempt


def charge(attempt: PaymentAttempt, *, now: datetime) -> None:
    """Charge an attempt that was opened for it, and settle what the gateway says of it.

    A gateway that does not answer is asked by the sweeper, which comes back here.
    """
    attempt = _claim(attempt, now=now)
    if attempt is None:
        return
    try:
        # Whoever was here before may have been heard.
        if attempt.charge_at > attempt.created_at and paying.ask(attempt, now=now):
            return
        if not attempt.order.due_now:
            _end(attempt)
            return
        if attempt.method is None or not attempt.method.is_active:
            raise ProviderRefused("This card was removed", code="removed")
        gateway_id = payments.get(attempt.account.provider).charge(attempt)
    except ProviderUnavailable:
        logger.warning("A gateway did not answer to a charge", exc_info=True)
        return
    except ProviderRefused as error:
        logger.warning("A gateway refused a charge", exc_info=True)
        _refuse(attempt, code=error.code, now=now)
        return
    if gateway_id:
        attempt.gateway_id = gateway_id[:120]
        PaymentAttempt.objects.filter(pk=attempt.pk).update(gateway_id=attempt.gateway_id)
    try:
        paying.ask(attempt, now=now)
    except (ProviderUnavailable, ProviderRefused):
        logger.warning("A gateway could not be asked about a charge", exc_info=True)


def carry_on(attempt: PaymentAttempt, *, now: datetime) -> None:
    """Ask about a payment; a charge of which the gateway knows nothing is tried again."""
    known = paying.ask(attempt, now=now)
    if not known and attempt.charge_at is not None:
        charge(attempt, now=now)


def _claim(attempt: PaymentAttempt, *, now: datetime) -> PaymentAttempt | None:
    """Take a charge to carry it out, or None when it ended or somebody else has it.

    Gives the attempt with `charge_at` as it was before.
    """
    found = (
        PaymentAttempt.objects.filter(pk=attempt.pk, charge_at__lte=now, status=_PENDING)
        .select_related("account__organization", "order__organization", "method__account")
        .first()
    )
    if found is None:
        return None
    taken = PaymentAttempt.objects.filter(
        pk=found.pk, charge_at=found.charge_at, status=_PENDING
    ).update(charge_at=now + _LEASE)
    return found if taken else None


def _hold_order(attempt: PaymentAttempt) -> Order:
    """Wait for whoever settles or cancels the order."""
    orders = Order.objects.select_for_update(no_key=True, of=("self",))
    return orders.get(pk=attempt.order_id)


def _unknown(attempt: PaymentAttempt):
    """Give the attempt's row while no gateway said anything of it; callers hold the order."""
    return PaymentAttempt.objects.filter(pk=attempt.pk, status=_PENDING, transactions=None)


@transaction.atomic
def _end(attempt: PaymentAttempt) -> None:
    """Drop a charge that is no longer due: the order was paid otherwise."""
    _hold_order(attempt)
    _unknown(attempt).update(status=PaymentAttempt.Status.EXPIRED)


@transaction.atomic
def _refuse(attempt: PaymentAttempt, *, code: str, now: datetime) -> None:
    """Note that the gateway would not even try: nothing was charged."""
    order = _hold_order(attempt)
    if not _unknown(attempt).update(status=PaymentAttempt.Status.DECLINED, ask_at=None):
        return
    timeline.record(
        order,
        OrderEvent.Kind.PAYMENT_DECLINED,
        now=now,
        actor_label=timeline.GATEWAY,
        data={"amount": attempt.amount, "currency": attempt.currency, "message": "", "code": code},
        is_public=True,
        mail=order.status == Order.Status.PENDING,
    )
    order_moved.send(sender=Order, order=order, attempt=attempt, now=now)
