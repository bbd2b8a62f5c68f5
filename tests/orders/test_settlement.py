"""Money settles once, whoever tells it and in whichever order."""

from datetime import timedelta
from math import perm

import pytest
from django.db import transaction
from django.utils import timezone

from orders import cancellation, confirmation, expiry, settlement
from orders.models import GatewayTransaction, Order, OrderEvent
from shop import stock
from shop.models import StockLevel, StockMovement
from tests import make

NEWS = ["approved", "declined", "pending", "voided", "refunded", "expired"]


def tell(order, attempt, news):
    """Let one piece of news arrive; "expired" is our own clock."""
    now = order.placed_at + timedelta(days=3)
    if news == "expired":
        expiry.expire(order.pk, now=now)
    else:
        settlement.settle(attempt.account, make.report(attempt, news), now=now)


def state(order):
    """Give what counts of an order: where it stands, its money, its stock."""
    order = Order.objects.get(pk=order.pk)
    level = StockLevel.objects.get()
    return (
        *(order.status, order.payment, order.concern, order.net_paid),
        *(level.on_hand, level.reserved),
    )


def expected(news, total):
    """The table of orders/settlement.py, for an order of two out of five."""
    if {"voided", "refunded"} & set(news):
        return (Order.Status.CANCELLED, Order.Payment.REFUNDED, "", 0, 5, 0)
    if "approved" in news:
        return (Order.Status.CONFIRMED, Order.Payment.PAID, "", total, 3, 0)
    if "expired" in news:
        return (Order.Status.CANCELLED, Order.Payment.UNPAID, "", 0, 5, 0)
    return (Order.Status.PENDING, Order.Payment.UNPAID, "", 0, 5, 2)


@pytest.mark.django_db
def test_news_in_any_order_end_in_the_same_state(organization):
    order = make.placed_order(make.variant(in_stock=5), quantity=2)
    attempt = make.attempt(order)
    seen = 0

    def go_on_from(told):
        # Orders that begin alike share their beginning: each step is taken back, not repeated.
        nonlocal seen
        for news in [news for news in NEWS if news not in told]:
            so_far = [*told, news]
            with transaction.atomic():
                tell(order, attempt, news)
                assert state(order) == expected(so_far, order.total), " then ".join(so_far)
                assert stock.differences(organization) == [], " then ".join(so_far)
                go_on_from(so_far)
                transaction.set_rollback(True)
            seen += 1

    go_on_from([])

    # Every choice of one to six pieces of news, in every order.
    assert seen == sum(perm(len(NEWS), size) for size in range(1, len(NEWS) + 1)) == 1_956


@pytest.mark.django_db
@pytest.mark.parametrize("news", NEWS[:5])
def test_the_same_news_again_changes_nothing(organization, news):
    order = make.placed_order(make.variant(in_stock=5), quantity=2)
    attempt = make.attempt(order)
    tell(order, attempt, news)
    before = state(order), order.events.count(), StockMovement.objects.count()

    for _again in range(9):
        tell(order, attempt, news)

    assert (state(order), order.events.count(), StockMovement.objects.count()) == before


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("told", "problem"),
    [
        ({"amount": 100}, GatewayTransaction.Problem.AMOUNT),
        ({"amount": 10**12}, GatewayTransaction.Problem.AMOUNT),
        ({"currency": "USD"}, GatewayTransaction.Problem.CURRENCY),
        ({"is_live": True}, GatewayTransaction.Problem.ENVIRONMENT),
    ],
)
def test_money_that_we_did_not_ask_for_pays_nothing_and_staff_are_told(organization, told, problem):
    order = make.placed_order()
    attempt = make.attempt(order)

    settlement.settle(attempt.account, make.report(attempt, "approved", **told), now=timezone.now())

    order.refresh_from_db()
    assert (order.status, order.paid) == (Order.Status.PENDING, 0)
    assert order.concern == Order.Concern.MISMATCH
    assert GatewayTransaction.objects.get().problem == problem
    assert order.events.filter(kind=OrderEvent.Kind.CONCERN).count() == 1


@pytest.mark.django_db
def test_a_transaction_belongs_only_to_the_attempt_it_was_made_for(organization):
    """The checksum of a notice does not protect the reference: a captured one may name another."""
    cheap, dear = make.placed_order(), make.placed_order()
    declined, unpaid = make.attempt(cheap), make.attempt(dear)
    settlement.settle(declined.account, make.report(declined, "declined"), now=timezone.now())

    replayed = make.report(unpaid, transaction_id=f"tx-{declined.reference}")
    settlement.settle(unpaid.account, replayed, now=timezone.now())

    told = GatewayTransaction.objects.get()
    assert (told.attempt_id, told.status) == (declined.pk, GatewayTransaction.Status.DECLINED)
    dear.refresh_from_db()
    assert (dear.status, dear.paid) == (Order.Status.PENDING, 0)


@pytest.mark.django_db
def test_a_transaction_that_names_nothing_of_ours_is_kept_for_a_person(organization):
    order = make.placed_order()
    attempt = make.attempt(order)

    told = settlement.settle(
        attempt.account, make.report(attempt, reference="nobody-1"), now=timezone.now()
    )

    assert told.problem == GatewayTransaction.Problem.REFERENCE
    assert Order.objects.get(pk=order.pk).paid == 0


@pytest.mark.django_db
def test_a_late_payment_takes_the_stock_again_if_it_is_there(organization):
    lavender = make.variant(in_stock=2)
    late = make.placed_order(lavender, quantity=2)
    attempt = make.attempt(late)
    expiry.expire(late.pk, now=late.placed_at + timedelta(days=3))
    assert make.placed_order(lavender).status == Order.Status.PENDING

    settlement.settle(attempt.account, make.report(attempt), now=timezone.now())

    late.refresh_from_db()
    assert (late.status, late.paid) == (Order.Status.CANCELLED, late.total)
    assert late.concern == Order.Concern.PAID_WITHOUT_STOCK
    assert stock.differences(organization) == []


@pytest.mark.django_db
def test_money_for_an_order_that_the_shop_cancelled_waits_for_a_person(organization):
    order = make.placed_order()
    attempt = make.attempt(order)
    cancellation.cancel(order, Order.Cancelled.BY_SHOP, now=timezone.now())

    settlement.settle(attempt.account, make.report(attempt), now=timezone.now())

    order.refresh_from_db()
    assert (order.status, order.concern) == (
        Order.Status.CANCELLED,
        Order.Concern.PAID_AFTER_CANCEL,
    )


@pytest.mark.django_db
def test_paying_twice_is_seen(organization):
    order = make.placed_order()
    attempt = make.attempt(order)

    for number in ("one", "two"):
        report = make.report(attempt, transaction_id=number)
        settlement.settle(attempt.account, report, now=timezone.now())

    order.refresh_from_db()
    assert (order.status, order.concern) == (
        Order.Status.CONFIRMED,
        Order.Concern.PAID_TOO_MUCH,
    )
    assert order.paid == 2 * order.total


@pytest.mark.django_db
def test_a_decline_leaves_the_order_to_be_paid_again(organization):
    order = make.placed_order()
    first = make.attempt(order)
    settlement.settle(first.account, make.report(first, "declined"), now=timezone.now())

    second = make.attempt(order)
    settlement.settle(second.account, make.report(second), now=timezone.now())

    order.refresh_from_db()
    assert second.reference != first.reference
    assert (order.status, order.paid) == (Order.Status.CONFIRMED, order.total)


@pytest.mark.django_db
def test_a_lost_count_of_orders_is_found(organization):
    """A process that ends after the commit, and before it counts, leaves the customer one short."""
    order = make.pay(make.placed_order())
    customer = order.customer
    assert customer.order_count == 0  # A test's transaction never commits: nobody counted.
    later = order.confirmed_at + timedelta(hours=2)

    assert confirmation.count_again(organization, now=order.confirmed_at) == 0
    assert confirmation.count_again(organization, now=later) == 1
    assert confirmation.count_again(organization, now=later) == 0

    customer.refresh_from_db()
    assert (customer.order_count, customer.last_order_at) == (1, order.confirmed_at)
