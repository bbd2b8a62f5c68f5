"""When a gateway is asked: soon at first, ever less often, and for a buyer who looks at once."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from config.lib.errors import ProviderUnavailable
from orders import expiry, paying
from orders.models import Order, PaymentAttempt
from orders.order_state import State
from orders.storefront import asking
from tests import make

pytestmark = pytest.mark.django_db


def pauses(attempt, ages):
    """Ask at each age of a payment, and give the minutes until it is asked again."""
    found = []
    for minutes in ages:
        now = attempt.created_at + timedelta(minutes=minutes)
        attempt.refresh_from_db()
        paying.ask(attempt, now=now)
        attempt.refresh_from_db()
        found.append(attempt.ask_at and round((attempt.ask_at - now).total_seconds() / 60))
    return found


def test_the_pauses_grow_with_the_payment_s_age_and_end(organization):
    attempt = make.attempt(make.placed_order())

    assert pauses(attempt, [2, 4, 8, 16, 32, 64, 600]) == [2, 4, 8, 16, 32, 60, 60]
    assert pauses(attempt, [48 * 60]) == [None]


def test_a_buyer_who_asks_often_does_not_make_the_sweeper_ask_late(organization):
    attempt = make.attempt(make.placed_order())

    assert pauses(attempt, [1] * 20)[-1] == 2


def test_a_payment_of_an_ended_order_is_asked_about_until_the_gateway_answers(
    organization, wompi, wompi_account
):
    """Its notice was lost while the gateway was away: nobody else would ever find the money."""
    order = make.placed_order(provider="wompi")
    attempt = make.attempt(order)
    wompi.pay(attempt.reference, attempt.amount)
    wompi.fault = "error"
    now = Order.objects.get(pk=order.pk).expires_at + expiry.PATIENCE
    assert expiry.expire(order.pk, now=now).status == Order.Status.CANCELLED

    for _silence in range(3):
        attempt.refresh_from_db()
        now = attempt.ask_at
        with pytest.raises(ProviderUnavailable):
            paying.ask(attempt, now=now)
    attempt.refresh_from_db()
    wompi.fault = ""
    paying.ask(attempt, now=attempt.ask_at)

    assert Order.objects.get(pk=order.pk).status == Order.Status.CONFIRMED
    attempt.refresh_from_db()
    assert attempt.ask_at is None


def test_a_waiting_page_asks_now_and_then_and_a_quiet_one_never(organization):
    order = make.placed_order()
    attempt = make.attempt(order)
    now = timezone.now()

    def look():
        asking.while_waiting(State(order, now=now), now=now)
        return PaymentAttempt.objects.get(pk=attempt.pk).asked

    assert [look(), look()] == [1, 1]
    cache.delete(f"order-asked:{order.pk}")
    assert look() == 2
    quiet = make.placed_order(provider="cash")
    asking.while_waiting(State(quiet, now=now), now=now)
    assert not quiet.attempts.exists()
