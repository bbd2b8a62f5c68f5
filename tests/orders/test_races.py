"""What two honest callers do at once: nothing is sold twice, paid twice or waited for in circles.

Every caller has a connection of its own, and all start at one barrier.
"""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone
from django_scopes import scope

from logistics.models import Rate
from orders import (
    cancellation,
    checkout,
    confirmation,
    expiry,
    refunds,
    settlement,
)
from orders.models import (
    GatewayTransaction,
    Order,
    OrderEvent,
    PaymentAccount,
    Refund,
    Voucher,
    VoucherUse,
)
from shop import stock
from shop.models import StockLevel, StockMovement
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop(open_shop):
    make.payment_account()
    return open_shop


def at_once(organization, jobs, *, most=30):
    """Run each job on a connection of its own, and give what it gave or the error it raised."""
    start = Barrier(min(most, len(jobs)))

    def run(numbered):
        number, job = numbered
        try:
            with scope(organization=organization):
                if number < start.parties:
                    start.wait(timeout=60)
                return job()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(start.parties) as pool:
        return list(pool.map(run, enumerate(jobs)))


def buyer(organization, *variants, quantity=1, voucher=""):
    """Give somebody who will place an order of these."""
    cart = make.cart(*variants, quantity=quantity, voucher_code=voucher)
    wish = make.wish(PaymentAccount.objects.first(), make.delivery_code(Rate.objects.first()))
    return lambda: checkout.place(organization, cart.pk, wish, now=timezone.now())


def kinds(results):
    return Counter(type(result).__name__ for result in results)


def test_a_hundred_buyers_of_ten_units_get_ten(shop):
    lavender = make.variant(in_stock=10)

    results = at_once(shop, [buyer(shop, lavender) for _buyer in range(100)])

    assert kinds(results) == {"Order": 10, "LinesRefused": 90}
    level = StockLevel.objects.get(pk=lavender.pk)
    assert (level.on_hand, level.reserved) == (10, 10)
    assert len({order.number for order in results if isinstance(order, Order)}) == 10
    assert stock.differences(shop) == []


def test_crossed_carts_are_each_whole_or_refused(shop):
    """Without a fixed order of rows, A+B and B+A wait for each other until one is killed."""
    one, two = make.variant(in_stock=30), make.variant(in_stock=30)
    jobs = []
    for _round in range(20):
        jobs += [buyer(shop, one, two, quantity=1), buyer(shop, two, one, quantity=1)]

    results = at_once(shop, jobs)

    assert kinds(results) == {"Order": 30, "LinesRefused": 10}
    assert [level.reserved for level in StockLevel.objects.all()] == [30, 30]
    assert stock.differences(shop) == []


def test_one_cart_makes_one_order_however_often_it_is_sent(shop):
    lavender = make.variant(in_stock=50)
    send = buyer(shop, lavender)

    results = at_once(shop, [send] * 20)

    assert len({order.pk for order in results}) == 1
    assert Order.objects.count() == 1
    assert StockLevel.objects.get(pk=lavender.pk).reserved == 1


def test_twenty_settlements_of_one_payment_are_one(shop):
    lavender = make.variant(in_stock=5)
    order = make.placed_order(lavender, quantity=2)
    attempt = make.attempt(order)
    report = make.report(attempt)

    results = at_once(
        shop, [lambda: settlement.settle(attempt.account, report, now=timezone.now())] * 20
    )

    assert kinds(results) == {"GatewayTransaction": 20}
    order.refresh_from_db()
    assert (order.status, order.paid) == (Order.Status.CONFIRMED, order.total)
    assert GatewayTransaction.objects.count() == 1
    level = StockLevel.objects.get(pk=lavender.pk)
    assert (level.on_hand, level.reserved) == (3, 0)
    assert StockMovement.objects.filter(reason=StockMovement.Reason.SOLD).count() == 1
    told = order.events.exclude(mail=OrderEvent.Mail.NONE).exclude(kind=OrderEvent.Kind.PLACED)
    assert [event.kind for event in told] == [OrderEvent.Kind.CONFIRMED]


@pytest.mark.parametrize("_round", range(5))
def test_payment_expiry_and_cancellation_at_once_leave_the_books_right(shop, _round):
    lavender = make.variant(in_stock=5)
    order = make.placed_order(lavender, quantity=2)
    attempt = make.attempt(order)
    now = order.expires_at or timezone.now()
    jobs = [
        lambda: settlement.settle(attempt.account, make.report(attempt), now=now),
        lambda: expiry.expire(order.pk, now=now + expiry.PATIENCE * 100),
        lambda: cancellation.cancel(order, Order.Cancelled.BY_BUYER, now=now),
        lambda: settlement.settle(attempt.account, make.report(attempt, "pending"), now=now),
    ]

    results = at_once(shop, jobs * 3)

    assert not [error for error in results if isinstance(error, Exception)]
    assert stock.differences(shop) == []
    order.refresh_from_db()
    level = StockLevel.objects.get(pk=lavender.pk)
    sold = order.status == Order.Status.CONFIRMED
    assert (level.on_hand, level.reserved) == ((3, 0) if sold else (5, 0))
    assert order.paid == order.total
    # Money for a cancelled order is on its way back, or waits for a person.
    assert sold or order.concern or Refund.objects.filter(order=order).exists()


def test_a_voucher_for_one_use_is_used_once(shop):
    Voucher.objects.create(
        organization=shop, code="UNICO", kind=Voucher.Kind.PERCENT, percent=10, limit=1
    )
    lavender = make.variant(in_stock=100)

    results = at_once(shop, [buyer(shop, lavender, voucher="unico") for _buyer in range(50)])

    assert kinds(results) == {"Order": 1, "VoucherRefused": 49}
    assert Voucher.objects.get().used == VoucherUse.objects.count() == 1
    # Who was refused promised nothing and took nothing.
    assert StockLevel.objects.get(pk=lavender.pk).reserved == 1


def test_a_voucher_comes_back_when_placing_fails(shop):
    Voucher.objects.create(
        organization=shop, code="DIEZ", kind=Voucher.Kind.PERCENT, percent=10, limit=10
    )
    lavender = make.variant(in_stock=3)

    results = at_once(shop, [buyer(shop, lavender, voucher="DIEZ") for _buyer in range(10)])

    assert kinds(results) == {"Order": 3, "LinesRefused": 7}
    assert Voucher.objects.get().used == VoucherUse.objects.count() == 3


def test_a_voucher_for_one_use_a_customer_is_used_once_by_each(shop):
    Voucher.objects.create(
        organization=shop,
        code="BIENVENIDA",
        kind=Voucher.Kind.AMOUNT,
        amount=100_000,
        limit_per_customer=1,
    )
    lavender = make.variant(in_stock=100)
    account = PaymentAccount.objects.first()
    jobs = []
    for _tab in range(10):
        cart = make.cart(lavender, voucher_code="BIENVENIDA")
        wish = make.wish(account, make.delivery_code(Rate.objects.first()), email="ana@example.com")
        jobs.append(
            lambda cart=cart, wish=wish: checkout.place(shop, cart.pk, wish, now=timezone.now())
        )

    results = at_once(shop, jobs)

    assert kinds(results) == {"Order": 1, "VoucherRefused": 9}


def test_cancelling_twenty_times_gives_stock_and_money_back_once(shop):
    lavender = make.variant(in_stock=5)
    order = make.pay(make.placed_order(lavender, quantity=2))

    results = at_once(
        shop,
        [lambda: cancellation.cancel(order, Order.Cancelled.BY_SHOP, now=timezone.now())] * 20,
    )

    assert kinds(results) == {"Order": 20}
    assert order.events.filter(kind=OrderEvent.Kind.CANCELLED).count() == 1
    level = StockLevel.objects.get(pk=lavender.pk)
    assert (level.on_hand, level.reserved) == (5, 0)
    assert [refund.amount for refund in Refund.objects.all()] == [order.total]
    assert stock.differences(shop) == []


def test_refunds_at_once_never_give_back_more_than_was_paid(shop):
    order = make.pay(make.placed_order())
    part = order.total // 3

    results = at_once(
        shop,
        [lambda: refunds.request(order, part, reason=Refund.Reason.OTHER, now=timezone.now())] * 10,
    )

    assert kinds(results) == {"list": 3, "TooMuch": 7}
    assert sum(refund.amount for refund in Refund.objects.all()) <= order.total


def test_a_word_given_twice_confirms_once(shop):
    lavender = make.variant(in_stock=5)
    order = make.placed_order(lavender, provider="cash")

    results = at_once(shop, [lambda: confirmation.confirm_by_word(order, now=timezone.now())] * 10)

    assert kinds(results) == {"Order": 10}
    assert order.events.filter(kind=OrderEvent.Kind.CONFIRMED).count() == 1
    assert StockLevel.objects.get(pk=lavender.pk).on_hand == 4


def test_the_database_itself_refuses_to_promise_too_much(shop):
    lavender = make.variant(in_stock=1)

    results = at_once(shop, [lambda: StockLevel.objects.filter(pk=lavender.pk).update(reserved=2)])

    assert kinds(results) == {"IntegrityError": 1}


def test_the_nightly_proof_names_what_does_not_add_up(shop):
    lavender, mint = make.variant(in_stock=5), make.variant(in_stock=5)
    make.placed_order(lavender, quantity=2)
    assert stock.check(shop, now=timezone.now()).differences == []

    StockLevel.objects.filter(pk=mint.pk).update(on_hand=4, reserved=1)

    found = stock.check(shop, now=timezone.now()).differences
    assert [(one["sku"], one["on_hand"], one["moved"]) for one in found] == [(mint.sku, 4, 5)]
    assert [(one["reserved"], one["promised"]) for one in found] == [(1, 0)]
