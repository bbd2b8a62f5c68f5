"""Concerns are decided by a person, once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from orders import decisions, expiry, settlement
from orders.models import Order, OrderEvent, Refund
from shop import stock
from shop.models import StockMovement
from tests import make


@pytest.fixture
def late(organization):
    """An order that expired, was paid, and found its stock gone; give it with its variant."""
    variant = make.variant(in_stock=1)
    now = timezone.now()
    order = make.placed_order(variant)
    attempt = make.attempt(order)
    expiry.expire(order.pk, now=now + timedelta(days=9))
    stock.count(variant, 0)
    settlement.settle(attempt.account, make.report(attempt), now=now)
    order.refresh_from_db()
    assert order.concern == Order.Concern.PAID_WITHOUT_STOCK
    return order, variant


def test_an_order_is_taken_up_again_when_there_is_stock(late, organization):
    order, variant = late
    actor = make.member("owner")

    with pytest.raises(decisions.StillNoStock):
        decisions.revive(order, now=timezone.now(), actor=actor)
    order.refresh_from_db()
    assert order.concern == Order.Concern.PAID_WITHOUT_STOCK
    stock.move(variant, 3, reason=StockMovement.Reason.RECEIVED)
    decisions.revive(order, now=timezone.now(), actor=actor)

    order.refresh_from_db()
    assert (order.status, order.concern) == ("confirmed", "")
    told = OrderEvent.objects.get(order=order, kind="decided")
    assert (told.actor, told.data["how"]) == (actor, "revived")
    assert stock.differences(organization) == []


def test_money_without_a_right_to_it_goes_back_once(late):
    order, _variant = late
    actor = make.member("owner")

    decisions.give_back(order, now=timezone.now(), actor=actor)
    with pytest.raises(decisions.NothingToDecide):
        decisions.give_back(order, now=timezone.now(), actor=actor)

    refund = Refund.objects.get(order=order)
    assert (refund.amount, refund.reason) == (order.paid, Refund.Reason.CANCELLED)


def test_of_an_order_paid_twice_only_the_second_payment_goes_back(organization):
    order = make.placed_order()
    attempt = make.attempt(order)
    for name in ("one", "two"):
        report = make.report(attempt, transaction_id=name)
        settlement.settle(attempt.account, report, now=timezone.now())
    order.refresh_from_db()
    assert order.concern == Order.Concern.PAID_TOO_MUCH

    decisions.give_back(order, now=timezone.now(), actor=make.member("owner"))

    refund = Refund.objects.get(order=order)
    assert (refund.amount, refund.reason) == (order.total, Refund.Reason.OVERPAID)
    order.refresh_from_db()
    assert (order.status, order.concern) == ("confirmed", "")


def test_what_was_settled_elsewhere_needs_a_sentence(late):
    order, _variant = late
    actor = make.member("owner")

    with pytest.raises(decisions.NothingToDecide):
        decisions.handled(order, note="  ", now=timezone.now(), actor=actor)
    decisions.handled(order, note="Buyer takes another product.", now=timezone.now(), actor=actor)

    order.refresh_from_db()
    assert order.concern == ""
    assert order.events.get(kind="decided").note == "Buyer takes another product."
