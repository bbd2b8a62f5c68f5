"""Money settles once, whoever tells it and in whichever order."""

from itertools import permutations

import pytest
from django.utils import timezone

from orders import expiry, settlement
from orders.models import Order
from shop.models import StockLevel
from tests import make


@pytest.mark.django_db
def test_a_payment_confirms_its_order_and_uses_its_stock(organization):
    lavender = make.variant(in_stock=5)

    order = make.pay(make.placed_order(lavender, quantity=2))

    assert (order.status, order.payment) == (Order.Status.CONFIRMED, Order.Payment.PAID)
    level = StockLevel.objects.get(pk=lavender.pk)
    assert (level.on_hand, level.reserved) == (3, 0)


NEWS = ["approved", "declined", "pending", "voided", "refunded", "expired"]


@pytest.mark.django_db
@pytest.mark.parametrize("news", list(permutations(NEWS, 3)), ids="-".join)
def test_news_in_any_order_end_in_the_same_state(organization, news):
    """The state follows from what happened, not from when it was heard."""
    lavender = make.variant(in_stock=5)
    order = make.placed_order(lavender, quantity=2)
    attempt = make.attempt(order)

    for told in news:
        if told == "expired":
            late = Order.objects.get(pk=order.pk)
            Order.objects.filter(pk=order.pk).update(expires_at=timezone.now())
            expiry._end(late, now=timezone.now())
        else:
            report = make.report(attempt, told)
            settlement.settle(attempt.account, report, now=timezone.now())

    order.refresh_from_db()
    level = StockLevel.objects.get(pk=lavender.pk)
    if {"voided", "refunded"} & set(news):
        assert (order.status, order.payment) == (Order.Status.CANCELLED, Order.Payment.REFUNDED)
        assert order.cancel_reason == Order.Cancelled.REVERSED
        assert (level.on_hand, level.reserved) == (5, 0)
    elif "approved" in news:
        assert (order.status, order.payment) == (Order.Status.CONFIRMED, Order.Payment.PAID)
        assert (level.on_hand, level.reserved) == (3, 0)
