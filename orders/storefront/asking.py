"""Asking the gateway because a buyer waits: soon, by a worker, and not more often than needed.

The return from a payment page proves nothing and a notice may be lost; the truth is asked for. The
sweeper asks as well (see tasks.py): what is lost here costs seconds, never the answer.
"""

import logging
from datetime import datetime

from django.core.cache import cache
from kombu.exceptions import OperationalError

from .. import payments, tasks
from ..models import Order, PaymentAttempt
from ..order_state import State

logger = logging.getLogger(__name__)

# So long a page says "we are asking" after the buyer came back.
_BACK_FOR = 90
# However often somebody reloads or comes back.
_APART = 3
# A page that waits asks a little less often, the longer it does.
_WAITING_APART, _AGE_SHARE = 12, 20
# A person tries a few times, and each try has its own attempt.
_NEWEST = 3


def came_back(order: Order, *, has_paid: bool) -> None:
    """Ask about the newest payments of an order whose buyer comes from the payment page.

    Who says to have paid waits for the answer; who turned back there wants to go on.
    """
    if has_paid:
        cache.set(_back_key(order), 1, timeout=_BACK_FOR)
    if cache.add(f"order-asked:{order.pk}", 1, timeout=_APART):
        newest = order.attempts.exclude(status=PaymentAttempt.Status.APPROVED)
        _ask(order, newest.select_related("account")[:_NEWEST])


def is_back(order: Order) -> bool:
    """Say whether the buyer came back from paying a moment ago."""
    return cache.get(_back_key(order)) is not None


def while_waiting(state: State, *, now: datetime) -> None:
    """Ask about the newest payment for a page that waits for it."""
    attempt = state.attempt
    if attempt is None or not state.headline.is_live:
        return
    age = (now - attempt.created_at).total_seconds()
    apart = int(max(_WAITING_APART, age / _AGE_SHARE))
    if cache.add(f"order-asked:{state.order.pk}", 1, timeout=apart):
        _ask(state.order, [attempt])


def _ask(order: Order, attempts) -> None:
    for attempt in attempts:
        if not payments.get(attempt.account.provider).can_be_asked:
            continue
        try:
            tasks.ask_attempt.delay(
                organization_id=str(order.organization_id), attempt_id=str(attempt.pk)
            )
        except OperationalError:
            logger.exception("A payment could not be queued to be asked about")


def _back_key(order: Order) -> str:
    return f"order-back:{order.pk}"
