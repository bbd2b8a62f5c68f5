"""An order that waits too long ends; before that, whoever may have been paid is asked."""

from datetime import timedelta

import pytest

from orders import cancellation, confirmation, expiry, settlement, tasks
from orders.models import Order, Voucher
from shop.models import StockLevel
from tests import make

pytestmark = pytest.mark.django_db


def end(order, *, after=timedelta(0)):
    """Let the clock reach the end of the order's time (and more), and give it as it is then."""
    expiry.expire(order.pk, now=order.expires_at + after)
    return Order.objects.get(pk=order.pk)


@pytest.fixture
def opened(organization, wompi, wompi_account):
    """An order of two out of five whose payment page at Wompi is open."""
    order = make.placed_order(make.variant(in_stock=5), quantity=2, provider="wompi")
    attempt = make.attempt(order)
    order.refresh_from_db()
    return order, attempt


def stock_of(order):
    level = StockLevel.objects.get(variant=order.lines.get().variant_id)
    return level.on_hand, level.reserved


def test_an_order_in_time_is_left_alone(opened):
    order, _attempt = opened

    assert end(order, after=-timedelta(seconds=1)).status == Order.Status.PENDING


def test_an_unpaid_order_ends_and_its_stock_is_back(opened):
    order, _attempt = opened

    order = end(order)

    assert (order.status, order.cancel_reason) == (
        Order.Status.CANCELLED,
        Order.Cancelled.EXPIRED,
    )
    assert stock_of(order) == (5, 0)


def test_a_payment_whose_notice_was_lost_is_found_before_the_order_ends(opened, wompi):
    order, attempt = opened
    wompi.pay(attempt.reference, attempt.amount)

    order = end(order)

    assert (order.status, order.paid) == (Order.Status.CONFIRMED, order.total)
    assert stock_of(order) == (3, 0)


@pytest.mark.parametrize("fault", ["error", "busy", "html", "garbage", "cut"])
def test_a_gateway_that_cannot_say_keeps_the_order_for_an_hour(opened, wompi, fault):
    order, _attempt = opened
    wompi.fault = fault

    assert end(order, after=timedelta(minutes=59)).status == Order.Status.PENDING
    assert end(order, after=expiry.PATIENCE).status == Order.Status.CANCELLED


def test_a_payment_in_progress_keeps_the_order_but_not_for_ever(opened, wompi):
    order, attempt = opened
    wompi.pay(attempt.reference, attempt.amount, "PENDING")

    still_waiting = end(order)

    assert still_waiting.status == Order.Status.PENDING
    assert still_waiting.expires_at > order.expires_at
    assert stock_of(order) == (5, 2)
    assert end(still_waiting, after=timedelta(hours=48)).status == Order.Status.CANCELLED


def test_money_that_comes_after_the_end_brings_the_order_back(opened, wompi):
    order, attempt = opened
    order = end(order)
    wompi.pay(attempt.reference, attempt.amount)

    tasks.ask_attempt(organization_id=str(order.organization_id), attempt_id=str(attempt.pk))

    order.refresh_from_db()
    assert (order.status, order.cancel_reason) == (Order.Status.CONFIRMED, "")
    assert stock_of(order) == (3, 0)


def test_a_silent_cash_order_is_cancelled_and_a_confirmed_one_is_not(organization):
    silent = make.placed_order(make.variant(in_stock=5), provider="cash")
    confirmed = make.placed_order(make.variant(in_stock=5), provider="cash")
    confirmation.confirm_by_word(confirmed, now=confirmed.placed_at)

    silent, confirmed = end(silent), Order.objects.get(pk=confirmed.pk)

    assert silent.cancel_reason == Order.Cancelled.NOT_CONFIRMED
    assert stock_of(silent) == (5, 0)
    assert confirmed.status == Order.Status.CONFIRMED
    assert confirmed.expires_at is None


def test_the_voucher_of_an_expired_order_can_be_used_again(organization):
    voucher = Voucher.objects.create(
        organization=organization, code="UNICO", kind="percent", percent=10, limit=1
    )
    order = end(make.placed_order(voucher="unico"))

    again = make.placed_order(voucher="UNICO")

    assert order.status == Order.Status.CANCELLED
    assert again.discount == 249_000
    voucher.refresh_from_db()
    assert voucher.used == 1


def test_a_voucher_that_an_order_paid_late_uses_too_is_not_free_for_a_third(organization):
    voucher = Voucher.objects.create(
        organization=organization, code="UNICO", kind="percent", percent=10, limit=1
    )
    late = make.placed_order(voucher="UNICO")
    attempt = make.attempt(late)
    end(late)
    other = make.placed_order(voucher="UNICO")
    settlement.settle(attempt.account, make.report(attempt), now=late.placed_at)
    assert Order.objects.get(pk=late.pk).status == Order.Status.CONFIRMED

    cancellation.cancel(other, Order.Cancelled.BY_BUYER, now=other.placed_at)

    voucher.refresh_from_db()
    assert (voucher.used, voucher.uses.filter(returned_at=None).count()) == (1, 1)


def test_the_sweeper_finds_what_nobody_queued(opened):
    order, _attempt = opened
    Order.objects.filter(pk=order.pk).update(expires_at=order.placed_at)

    tasks.sweep()

    assert Order.objects.get(pk=order.pk).status == Order.Status.CANCELLED


def test_the_page_of_a_cancelled_order_is_closed(organization, stripe, stripe_account):
    order = make.placed_order(provider="stripe")
    attempt = make.attempt(order)
    cancellation.cancel(order, Order.Cancelled.BY_BUYER, now=order.placed_at)

    tasks.sweep()

    assert stripe.sessions[attempt.gateway_id]["status"] == "expired"
