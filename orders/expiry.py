"""Orders that wait too long: asked about one last time, then cancelled with their stock back."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from config.lib.errors import ProviderRefused, ProviderUnavailable
from shop import stock

from . import cancellation, paying, timeline
from .models import GatewayTransaction, Order, PaymentAttempt

# A gateway that does not answer is asked again for so long before the order ends anyway: money
# that comes later is honoured or given back (see settlement.py).
PATIENCE = timedelta(hours=1)
# A payment in progress (a bank's page, cash at a counter) keeps the order alive, but not for ever.
_MORE = timedelta(minutes=15)
_LONGEST = timedelta(hours=48)
# A proof of payment waits for a person of the shop, over a long weekend and more.
_FOR_PROOF = timedelta(days=7)


def due(now: datetime):
    """Give the orders whose time is over."""
    return Order.objects.filter(status=Order.Status.PENDING, expires_at__lte=now)


def expire(order_id, *, now: datetime) -> Order | None:
    """End an order that was not paid (or not confirmed) in time; None when it need not end.

    The gateway is asked first, so that a payment whose notice was lost is found.
    """
    order = due(now).filter(pk=order_id).first()
    if order is None:
        return None
    if not _asked_in_vain(order, now=now) and now < order.expires_at + PATIENCE:
        return None
    return _end(order, now=now)


def _asked_in_vain(order: Order, *, now: datetime) -> bool:
    """Ask about every open attempt; say whether each gateway answered."""
    attempts = order.attempts.filter(~Q(status=PaymentAttempt.Status.EXPIRED)).select_related(
        "account__organization", "order"
    )
    answered = True
    for attempt in attempts:
        try:
            paying.ask(attempt, now=now)
        except (ProviderUnavailable, ProviderRefused):
            answered = False
    return answered


@transaction.atomic
def _end(order: Order, *, now: datetime) -> Order | None:
    order = Order.objects.select_for_update(no_key=True, of=("self",)).get(pk=order.pk)
    if order.status != Order.Status.PENDING or not order.expires_at or order.expires_at > now:
        return None
    until = _alive_until(order, now=now)
    if until > now:
        order.expires_at = until
        order.save(update_fields=["expires_at", "changed_at"])
        stock.extend(order.pk, until=until)
        return None
    # Cash on delivery waits for a word, everything else for money.
    waits_for_word = order.is_cash_on_delivery and not order.due_now
    reason = Order.Cancelled.NOT_CONFIRMED if waits_for_word else Order.Cancelled.EXPIRED
    cancellation.apply(order, reason, now=now, by=timeline.CLOCK)
    return order


def _alive_until(order: Order, *, now: datetime) -> datetime:
    """Give until when something in progress keeps the order alive; now when nothing does."""
    proofs = order.attempts.filter(proof_at__isnull=False).values_list("proof_at", flat=True)
    until = [proof_at + _FOR_PROOF for proof_at in proofs]
    in_progress = GatewayTransaction.objects.filter(
        attempt__order=order, status=GatewayTransaction.Status.PENDING, problem=""
    )
    if in_progress.exists():
        until.append(min(now + _MORE, order.placed_at + _LONGEST))
    return max(until, default=now)
