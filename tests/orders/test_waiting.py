"""Whoever waited for a row that somebody else had locked acts on what it became meanwhile.

The first holds the row and changes it; the second is seen waiting in the database before the first
commits. An operation that read before it locked would act on what is no longer so.
"""

import threading
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone
from django_scopes import scope

from logistics.models import Rate
from orders import (
    agreement,
    cancellation,
    checkout,
    confirmation,
    decisions,
    drafts,
    editing,
    expiry,
    fulfilment,
    paying,
)
from orders.models import Order, OrderEvent, PaymentAccount, Subscription
from orders.subscriptions import changing, renewing
from shop import pages, stock
from shop.models import Municipality
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop(open_shop):
    make.payment_account()
    return open_shop


def meanwhile(organization, first, second):
    """Commit `first` only when `second`, begun after it, waits for its lock; give the second's end.

    An error that the second raised is its end.
    """
    backend = []
    begun = threading.Event()

    def later():
        try:
            with scope(organization=organization), connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                backend.append(cursor.fetchone()[0])
                begun.set()
                return second()
        except Exception as error:
            return error
        finally:
            begun.set()
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            first()
            end = pool.submit(later)
            begun.wait()
            # Without a lock to wait for it ends, and what it did is judged.
            while not (end.done() or _waits(backend[0])):
                wait([end], timeout=0.01)
        return end.result()


def _waits(backend: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT cardinality(pg_blocking_pids(%s)) > 0", [backend])
        return cursor.fetchone()[0]


def cancel(order):
    return lambda: cancellation.cancel(order, Order.Cancelled.BY_SHOP, now=timezone.now())


def test_a_cancelled_order_is_not_changed(shop):
    lavender = make.variant(in_stock=9)
    order = make.placed_order(lavender)

    end = meanwhile(
        shop,
        cancel(order),
        lambda: editing.edit(order, editing.Change({lavender.pk: 4}), now=timezone.now()),
    )

    assert isinstance(end, editing.CannotEdit)
    assert order.lines.get().quantity == 1
    assert stock.differences(shop) == []


def test_a_cancelled_order_is_not_prepared(shop):
    order = make.pay(make.placed_order())

    end = meanwhile(shop, cancel(order), lambda: fulfilment.prepare(order, now=timezone.now()))

    assert isinstance(end, Exception)
    assert Order.objects.get(pk=order.pk).status == "cancelled"


def test_a_cancelled_order_is_not_confirmed_by_a_word(shop):
    order = make.placed_order(provider="cash")

    meanwhile(shop, cancel(order), lambda: confirmation.confirm_by_word(order, now=timezone.now()))

    assert Order.objects.get(pk=order.pk).status == "cancelled"
    assert not order.events.filter(kind="confirmed").exists()


def test_a_payment_of_a_cancelled_order_is_not_begun(shop):
    order = make.placed_order()

    end = meanwhile(
        shop,
        cancel(order),
        lambda: paying.start(order, return_url="https://x.example/", now=timezone.now()),
    )

    assert isinstance(end, paying.NothingToPay)
    assert not order.attempts.filter(status="started").exists()


def test_an_order_confirmed_meanwhile_does_not_expire(shop):
    order = make.placed_order(provider="cash")
    later = timezone.now() + timedelta(days=30)

    meanwhile(
        shop,
        lambda: confirmation.confirm_by_word(order, now=timezone.now()),
        lambda: expiry.expire(order.pk, now=later),
    )

    assert Order.objects.get(pk=order.pk).status == "confirmed"
    assert not order.events.filter(kind="cancelled").exists()


def test_terms_are_accepted_once(shop):
    actor = make.member("support")
    order = _placed(_draft(shop, actor), actor)
    accepted = {"version": pages.VERSIONS[pages.TERMS], "now": timezone.now()}

    meanwhile(
        shop,
        lambda: agreement.accept(order, address="10.0.0.1", **accepted),
        lambda: agreement.accept(order, address="10.0.0.2", **accepted),
    )

    assert Order.objects.get(pk=order.pk).accepted_from == "10.0.0.1"
    assert order.events.filter(kind=OrderEvent.Kind.AGREED).count() == 1


def test_what_somebody_decided_is_not_decided_again(shop):
    order = make.placed_order()
    Order.objects.filter(pk=order.pk).update(concern=Order.Concern.MISMATCH)
    people = [make.member("manager") for _person in range(2)]

    def decide(person):
        return lambda: decisions.handled(order, note="Hablé", now=timezone.now(), actor=person)

    end = meanwhile(shop, decide(people[0]), decide(people[1]))

    assert isinstance(end, decisions.NothingToDecide)
    assert order.events.get(kind=OrderEvent.Kind.DECIDED).actor == people[0]


def test_a_draft_that_became_an_order_is_not_changed(shop):
    actor = make.member("support")
    cart = _draft(shop, actor)
    end = meanwhile(
        shop,
        lambda: _placed(cart, actor),
        lambda: drafts.change(cart, quantities={make.variant().pk: 2}, details={"name": "Otra"}),
    )

    assert isinstance(end, drafts.DraftGone)
    assert cart.lines.count() == 1


def test_a_row_that_two_claim_at_once_belongs_to_one(shop):
    event = make.placed_order().events.get(kind="placed")
    OrderEvent.objects.filter(pk=event.pk).update(mail_tried_at=None)
    unclaimed = OrderEvent.objects.filter(pk=event.pk, mail_tried_at=None)

    def claim():
        return unclaimed.all().update(mail_tried_at=timezone.now())

    assert meanwhile(shop, claim, claim) == 0


def _draft(shop, actor):
    cart = drafts.start(shop, actor=actor)
    return drafts.change(cart, quantities={make.variant().pk: 1})


def _placed(cart, actor):
    return drafts.place(
        cart,
        contact=checkout.Contact("Ana Gómez", "ana@example.com", "+573001234567"),
        municipality=Municipality.objects.select_related("department").get(code="11001"),
        address={"line": "Calle 1 # 2-3"},
        delivery_code=make.delivery_code(Rate.objects.first()),
        account=PaymentAccount.objects.first(),
        now=timezone.now(),
        actor=actor,
    )


# --- Subscriptions --------------------------------------------------------------------------------


@pytest.mark.parametrize("wish", [changing.skip, changing.pause, changing.cancel])
def test_what_its_owner_does_not_want_any_more_is_not_ordered(shop, wish):
    subscription = make.subscription(make.variant(price=5_000_000))
    renewing.advance(subscription.pk, now=subscription.act_at)
    moment = Subscription.objects.get().periods.get().renew_at

    end = meanwhile(
        shop,
        lambda: wish(subscription, now=moment),
        lambda: renewing.advance(subscription.pk, now=moment),
    )

    assert end is None
    assert not Order.objects.filter(source="repeat").exists()
    assert stock.differences(shop) == []


def test_who_pauses_is_not_charged_again(shop):
    subscription = make.subscription(make.variant(price=5_000_000), card="0341")
    renewing.advance(subscription.pk, now=subscription.act_at)
    period = Subscription.objects.get().periods.get()
    renewing.advance(subscription.pk, now=period.renew_at)
    period.refresh_from_db()
    assert period.tries == 1

    end = meanwhile(
        shop,
        lambda: changing.pause(subscription, now=period.try_at),
        lambda: renewing.advance(subscription.pk, now=period.try_at),
    )

    assert end is None
    assert Order.objects.get(source="repeat").attempts.count() == 1
    moment, tries = period.try_at, period.tries
    period.refresh_from_db()
    assert (period.try_at, period.tries) == (moment, tries)
