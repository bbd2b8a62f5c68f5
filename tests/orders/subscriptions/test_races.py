"""Renewals at once, and gateways that cut the line: one order and one charge each period."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_scopes import scope

from orders import charging
from orders.models import Order, PaymentAttempt, Subscription, SubscriptionEvent
from orders.payments.base import Kept
from orders.subscriptions import beginning, keeping, renewing
from shop import stock
from shop.models import StockLevel
from tests import make
from tests.orders.payments import wompi_stub
from tests.orders.test_races import at_once
from tests.shop import places

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop(transactional_db):
    places.reload()
    organization = make.organization(host="testserver")
    with scope(organization=organization):
        make.national_rate()
        yield organization


def announced(subscription):
    """Announce the next renewal; gives when it is due."""
    renewing.advance(subscription.pk, now=subscription.act_at)
    return Subscription.objects.get(pk=subscription.pk).periods.get().renew_at


@pytest.mark.parametrize("card", ["4242", "0341"])
def test_twenty_workers_renew_one_period_once(shop, card):
    oil = make.variant(price=5_000_000)
    subscription = make.subscription(oil, card=card)
    moment = announced(subscription)

    results = at_once(shop, [lambda: renewing.advance(subscription.pk, now=moment)] * 20)

    assert [one for one in results if one is not None] == []
    order = Order.objects.get(source="repeat")
    assert order.attempts.count() == 1
    assert order.payment == ("paid" if card == "4242" else "unpaid")
    kind = "renewed" if card == "4242" else "declined"
    assert SubscriptionEvent.objects.filter(kind=kind).count() == 1
    assert stock.differences(shop) == []


def test_one_press_by_twenty_hands_charges_once(shop):
    method = make.subscription(make.variant(price=5_000_000)).method
    order = make.placed_order(make.variant(price=5_000_000))

    results = at_once(shop, [lambda: charging.pay(order, method, now=timezone.now())] * 20)

    kinds = {type(one).__name__ for one in results}
    assert kinds <= {"PaymentAttempt", "NothingToPay"}
    assert PaymentAttempt.objects.filter(order=order, status="approved").count() == 1
    assert Order.objects.get(pk=order.pk).paid == order.total


def wompi_subscription(wompi):
    """Give a subscription whose card Wompi keeps."""
    account = make.payment_account(
        "wompi", settings=wompi_stub.SETTINGS, secrets=wompi_stub.SECRETS
    )
    oil = make.variant(price=5_000_000)
    plan = make.plan(oil)
    order = make.placed_order(oil, provider="wompi")
    consent = keeping.allow(order, plan=plan, address=None, now=timezone.now())
    source = {"id": 3000, "status": "AVAILABLE", "public_data": {"last_four": "4242"}}
    wompi.sources[3000] = source
    kept = Kept(secrets={"source": 3000}, label="Visa •••• 4242")
    method = keeping.remember(consent, account, kept, now=timezone.now())
    charging.pay(order, method, now=timezone.now())
    return beginning.begin(consent, method, now=timezone.now())


@pytest.mark.parametrize("fault", ["cut", "garbage"])
def test_an_answer_lost_after_success_is_asked_for_and_paid_once(shop, wompi, fault):
    subscription = wompi_subscription(wompi)
    moment = announced(subscription)
    wompi.fault = fault
    renewing.advance(subscription.pk, now=moment)
    order = Order.objects.get(source="repeat")
    assert (order.payment, order.attempts.get().status) == ("unpaid", "pending")
    wompi.fault = ""

    for minutes in (2, 4, 6):
        renewing.advance(subscription.pk, now=moment + timedelta(minutes=minutes))

    order.refresh_from_db()
    assert (order.payment, order.attempts.count()) == ("paid", 1)
    charged = [t for t in wompi.transactions.values() if t["amount_in_cents"] == order.total]
    assert len([t for t in charged if t["reference"].startswith(f"{order.number}-")]) == 1
    subscription.refresh_from_db()
    assert (subscription.status, subscription.number) == ("active", 1)
    oil = subscription.lines.get().variant
    assert StockLevel.objects.get(pk=oil.pk).on_hand == 8
