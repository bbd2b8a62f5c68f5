"""A subscription renews once each period, charges once, and goes to grace when it cannot."""

from datetime import timedelta

import pytest
from django.utils import timezone

from logistics.models import Rate
from orders import paying, settlement
from orders.models import (
    Cart,
    Order,
    PaymentAttempt,
    PracticeCard,
    Subscription,
    SubscriptionEvent,
    SubscriptionPeriod,
)
from orders.practice import gateway
from orders.subscriptions import changing, keeping, mails, pace, renewing, tasks
from shop import stock
from shop.models import Product, StockLevel, StockMovement, Variant
from tests import make

pytestmark = pytest.mark.django_db

# A little later than what the tests make.
NOW = timezone.now().replace(microsecond=0) + timedelta(minutes=10)


@pytest.fixture
def oil(organization):
    make.national_rate(price=1_000_000)
    return make.variant(price=5_000_000, in_stock=20)


def announced(subscription) -> Subscription:
    """Let the clock announce the next renewal."""
    subscription = again(subscription)
    renewing.advance(subscription.pk, now=max(subscription.act_at, NOW))
    return again(subscription)


def due(subscription):
    """Give the moment at which the next renewal is to be ordered."""
    return period(subscription).renew_at


def renewed(subscription) -> Subscription:
    subscription = announced(subscription)
    renewing.advance(subscription.pk, now=due(subscription))
    return again(subscription)


def again(subscription) -> Subscription:
    return Subscription.objects.get(pk=subscription.pk)


def period(subscription) -> SubscriptionPeriod:
    return SubscriptionPeriod.objects.filter(subscription=subscription).latest("number")


def kinds(subscription) -> list[str]:
    return list(
        SubscriptionEvent.objects.filter(subscription=subscription)
        .order_by("pk")
        .values_list("kind", flat=True)
    )


def reserved(variant) -> int:
    return StockLevel.objects.get(pk=variant.pk).reserved


def test_it_begins_with_a_paid_order_on_the_terms_of_the_plan(oil):
    other = make.variant()
    plan = make.plan(oil, every=2, unit="week", percent=15)
    order = make.placed_order(oil, other, now=NOW)
    keeping.allow(order, plan=plan, address="127.0.0.1", now=NOW)
    attempt = make.attempt(order)
    assert not Subscription.objects.exists()

    gateway.decide(attempt.reference, "approve", now=NOW)
    paying.ask(attempt, now=NOW)
    for _time in range(2):
        keeping.follow(order.keeping.pk, now=NOW)

    subscription = Subscription.objects.get()
    assert (subscription.every, subscription.unit, subscription.percent) == (2, "week", 15)
    assert subscription.method.label == "Visa •••• 4242"
    assert subscription.method.consent_version == keeping.VERSION
    assert [line.variant for line in subscription.lines.all()] == [oil]
    assert subscription.next_on == pace.today(order.organization, now=NOW) + timedelta(weeks=2)
    assert Order.objects.get(pk=order.pk).discount == 0


def test_nothing_is_kept_of_a_payment_without_permission(oil):
    order = make.pay(make.placed_order(oil))

    assert not order.attempts.filter(keeps_method=True).exists()
    assert not PracticeCard.objects.exists()


def test_a_renewal_is_announced_three_days_before_and_charged_on_its_day(oil, mailoutbox):
    subscription = make.subscription(oil, now=NOW)
    Variant.objects.filter(pk=oil.pk).update(price=6_000_000)

    subscription = announced(subscription)
    moment = pace.moment(subscription.organization, subscription.next_on)
    assert due(subscription) == moment
    assert period(subscription).told_total == 5_400_000 + 1_000_000
    assert period(subscription).order is None
    Subscription.objects.update(name="Spa Laureles S.A.S.", document_type="NIT")
    mails.send(SubscriptionEvent.objects.get(kind="announced").pk)
    assert "Spa Laureles S.A.S" in mailoutbox[-1].body
    assert "64.000" in mailoutbox[-1].body
    assert "/suscripciones/" in mailoutbox[-1].body
    first_day = subscription.next_on
    renewing.advance(subscription.pk, now=moment)

    order = Order.objects.get(source="repeat")
    assert (order.total, order.discount, order.percent_off) == (6_400_000, 600_000, 10)
    assert (order.status, order.payment) == ("confirmed", "paid")
    assert order.terms_accepted_at == subscription.first_order.terms_accepted_at
    subscription = again(subscription)
    assert (subscription.status, subscription.number) == ("active", 1)
    assert subscription.next_on == pace.following(first_day, every=1, unit="month")
    assert kinds(subscription) == ["begun", "announced", "renewed"]
    # Of its order only the confirmation is told: what came before has mails of its own.
    assert list(order.events.exclude(mail="").values_list("kind", flat=True)) == ["confirmed"]


def test_the_task_twice_in_one_period_charges_once(oil):
    subscription = announced(make.subscription(oil, now=NOW))
    moment = due(subscription)

    for _time in range(3):
        renewing.advance(subscription.pk, now=moment)

    assert Order.objects.filter(source="repeat").count() == 1
    assert PaymentAttempt.objects.filter(charge_at__isnull=False).count() == 1
    assert again(subscription).number == 1


def test_a_declined_card_is_tried_again_three_times_and_then_it_pauses(oil):
    subscription = renewed(make.subscription(oil, card="0341", now=NOW))
    order = Order.objects.get(source="repeat")
    assert (subscription.status, period(subscription).status) == ("grace", "grace")
    assert reserved(oil) == 1

    tries = []
    for _time in range(len(pace.RETRY_AFTER)):
        tries.append(again(subscription).act_at - order.placed_at)
        renewing.advance(subscription.pk, now=again(subscription).act_at)
        # Asked twice, it is tried once.
        renewing.advance(subscription.pk, now=again(subscription).act_at - timedelta(seconds=1))
    assert tries == list(pace.RETRY_AFTER)
    assert PaymentAttempt.objects.filter(order=order).count() == 4
    assert Order.objects.get(pk=order.pk).status == "pending"
    renewing.advance(subscription.pk, now=again(subscription).act_at)

    order.refresh_from_db()
    subscription = again(subscription)
    assert (order.status, order.cancel_reason) == ("cancelled", "expired")
    assert (subscription.status, subscription.act_at) == ("paused", None)
    assert period(subscription).status == "unpaid"
    assert reserved(oil) == 0
    assert kinds(subscription)[-5:] == ["declined"] * 4 + ["unpaid"]


def test_a_grace_that_is_paid_by_hand_goes_on_with_the_new_card(oil, mailoutbox):
    subscription = renewed(make.subscription(oil, card="0341", now=NOW))
    order = Order.objects.get(source="repeat")
    mails.send(SubscriptionEvent.objects.get(kind="declined").pk)
    assert "/pedidos/" in mailoutbox[-1].body
    soon = order.placed_at + timedelta(hours=3)
    consent = keeping.allow(order, address=None, now=soon)
    attempt = paying.start(order, return_url="https://tienda.example/volver/", now=soon)

    gateway.decide(attempt.reference, "approve", now=soon)
    paying.ask(attempt, now=soon)
    keeping.follow(consent.pk, now=soon)
    renewing.advance(subscription.pk, now=soon)

    subscription = again(subscription)
    assert (subscription.status, subscription.number) == ("active", 1)
    assert subscription.method.secrets["card"] == str(PracticeCard.objects.latest("pk").pk)
    assert PaymentAttempt.objects.filter(order=order, status="approved").count() == 1
    renewing.advance(subscription.pk, now=order.placed_at + pace.RETRY_AFTER[0])
    assert PaymentAttempt.objects.filter(order=order).count() == 2


def test_a_payment_by_hand_whose_notice_was_lost_is_asked_for_before_the_card_is_charged(oil):
    subscription = renewed(make.subscription(oil, card="0341", now=NOW))
    order = Order.objects.get(source="repeat")
    attempt = paying.start(order, return_url="https://tienda.example/volver/", now=order.placed_at)
    gateway.decide(attempt.reference, "approve", now=order.placed_at)
    PracticeCard.objects.update(number="4242")

    renewing.advance(subscription.pk, now=order.placed_at + pace.RETRY_AFTER[0])

    assert Order.objects.get(pk=order.pk).paid == order.total
    assert order.attempts.get(status="approved") == attempt
    assert order.attempts.filter(charge_at__isnull=False).count() == 1
    assert again(subscription).status == "active"


def test_without_a_card_the_order_waits_for_its_payment(oil):
    subscription = make.subscription(oil, now=NOW)
    keeping.remove(subscription.method, now=NOW)
    keeping.forget(subscription.method.pk, now=NOW)
    assert PracticeCard.objects.get().is_removed

    subscription = renewed(subscription)

    assert subscription.status == "grace"
    order = Order.objects.get(source="repeat")
    assert (order.status, order.attempts.count()) == ("pending", 0)
    assert paying.start(order, return_url="https://tienda.example/", now=order.placed_at).url


@pytest.mark.parametrize("fault", ["sold out", "withdrawn", "place"])
def test_what_cannot_be_ordered_is_skipped_and_told(oil, fault):
    subscription = announced(make.subscription(oil, now=NOW))
    day = subscription.next_on
    if fault == "sold out":
        stock.move(oil, -19, reason=StockMovement.Reason.COUNTED)
    elif fault == "withdrawn":
        Product.objects.update(is_active=False)
    else:
        Rate.objects.all().delete()

    renewing.advance(subscription.pk, now=due(subscription))

    subscription = again(subscription)
    assert not Order.objects.filter(source="repeat").exists()
    assert (subscription.status, subscription.number) == ("active", 1)
    assert subscription.next_on == pace.following(day, every=1, unit="month")
    reason = {"sold out": "stock"}.get(fault, fault)
    assert SubscriptionPeriod.objects.get(number=1).reason == reason
    assert SubscriptionEvent.objects.get(kind="skipped").mail == "queued"
    assert reserved(oil) == 0


def test_a_price_that_rose_after_the_announcement_is_announced_again(oil):
    subscription = announced(make.subscription(oil, now=NOW))
    moment = due(subscription)
    Variant.objects.filter(pk=oil.pk).update(price=9_000_000)

    renewing.advance(subscription.pk, now=moment)

    assert not Order.objects.filter(source="repeat").exists()
    assert kinds(subscription) == ["begun", "announced", "announced"]
    assert due(subscription) == moment + pace.NOTICE
    renewing.advance(subscription.pk, now=due(subscription))
    assert Order.objects.get(source="repeat").total == 8_100_000 + 1_000_000


def test_a_rise_that_the_plan_allows_is_charged(oil):
    plan = make.plan(oil, rise_percent=20)
    subscription = announced(make.subscription(oil, now=NOW, plan=plan))
    Variant.objects.filter(pk=oil.pk).update(price=5_500_000)

    renewing.advance(subscription.pk, now=due(subscription))

    assert Order.objects.get(source="repeat").payment == "paid"


def test_a_worker_killed_after_any_step_neither_doubles_nor_loses(oil):
    subscription = announced(make.subscription(oil, now=NOW))
    moment = due(subscription)
    held = renewing.terms.rows().get(pk=subscription.pk)
    # Killed after it ordered.
    renewing._order(held, period(subscription), now=moment)
    assert period(subscription).status == "ordered"
    # Killed after it took the try, before it called.
    renewing._take_try(held, period(subscription), now=moment)
    assert PaymentAttempt.objects.get(charge_at__isnull=False).status == "pending"

    renewing.advance(subscription.pk, now=moment + timedelta(minutes=10))

    assert Order.objects.get(source="repeat").payment == "paid"
    assert again(subscription).number == 1
    assert Cart.objects.filter(order__source="repeat").count() == 1


def test_the_sweeper_gives_each_due_subscription_to_one_worker(oil):
    subscription = make.subscription(oil, now=NOW)
    moment = subscription.act_at

    first, second = tasks.claim(now=moment), tasks.claim(now=moment)

    assert [key for key, _organization in first] == [subscription.pk]
    assert second == []
    assert len(tasks.claim(now=moment + tasks._LEASE)) == 1


def test_money_that_is_reversed_later_changes_nothing_of_the_subscription(oil):
    subscription = renewed(make.subscription(oil, now=NOW))
    order = Order.objects.get(source="repeat")
    attempt = order.attempts.get()
    paid = attempt.transactions.get()

    settlement.settle(
        attempt.account,
        make.report(attempt, "voided", transaction_id=paid.gateway_id),
        now=order.placed_at,
    )
    renewing.advance(subscription.pk, now=order.placed_at)

    assert (again(subscription).status, again(subscription).number) == ("active", 1)


# --- What its owner wants -------------------------------------------------------------------------


def test_an_owner_skips_moves_pauses_and_goes_on(oil):
    subscription = announced(make.subscription(oil, now=NOW))
    day = subscription.next_on
    changing.skip(subscription, now=NOW)
    subscription = again(subscription)
    assert (subscription.number, subscription.next_on) == (
        1,
        pace.following(day, every=1, unit="month"),
    )

    tomorrow = pace.today(subscription.organization, now=NOW) + timedelta(days=1)
    changing.move(subscription, tomorrow, now=NOW)
    assert period(subscription).due_on == tomorrow
    assert period(subscription).told_total == 5_500_000
    changing.pause(again(subscription), now=NOW)
    renewing.advance(subscription.pk, now=NOW + timedelta(days=90))
    assert not Order.objects.filter(source="repeat").exists()
    changing.resume(again(subscription), now=NOW)

    subscription = again(subscription)
    assert subscription.next_on == tomorrow + timedelta(days=2)
    assert renewed(subscription).number == 2


def test_cancelling_ends_it_with_the_order_that_nobody_paid(oil):
    subscription = renewed(make.subscription(oil, card="0341", now=NOW))
    moment = Order.objects.get(source="repeat").placed_at

    changing.cancel(subscription, now=moment)
    renewing.advance(subscription.pk, now=moment + timedelta(days=1))

    order = Order.objects.get(source="repeat")
    assert (order.status, order.cancel_reason) == ("cancelled", "by_buyer")
    assert reserved(oil) == 0
    subscription = again(subscription)
    assert (subscription.status, subscription.act_at) == ("cancelled", None)
    with pytest.raises(changing.CannotChange):
        changing.resume(subscription, now=moment)


def test_another_quantity_is_announced_and_ordered(oil):
    subscription = announced(make.subscription(oil, now=NOW))
    line = subscription.lines.get()

    changing.set_quantities(subscription, {line.pk: 3}, now=NOW)
    moment = pace.moment(subscription.organization, subscription.next_on) - pace.NOTICE
    renewing.advance(subscription.pk, now=moment)
    assert period(subscription).told_total == 13_500_000 + 1_000_000
    renewing.advance(subscription.pk, now=due(subscription))

    assert Order.objects.get(source="repeat").lines.get().quantity == 3
    with pytest.raises(changing.CannotChange):
        changing.set_quantities(subscription, {line.pk: 0}, now=NOW)
