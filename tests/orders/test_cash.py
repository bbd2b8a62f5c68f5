"""Cash on delivery: what the carrier owes, and its payment that counts once."""

import pytest
from django.utils import timezone

from orders import cash, confirmation, fulfilment
from orders.models import GatewayTransaction, Order
from tests import make

pytestmark = pytest.mark.django_db


def delivered():
    now = timezone.now()
    order = confirmation.confirm_by_word(make.placed_order(provider="cash"), now=now)
    fulfilment.prepare(order, now=now)
    fulfilment.ready(order, now=now)
    fulfilment.ship(order, fulfilment.Parcel("Coordinadora"), now=now)
    return fulfilment.deliver(order, now=now)


def test_the_carrier_owes_what_it_took_until_it_pays_it_over(organization):
    waiting = make.placed_order(provider="cash")
    order, now, actor = delivered(), timezone.now(), make.member("owner")

    assert (cash.owed(waiting), cash.owed(order)) == (0, order.total)
    assert list(cash.owing()) == [order]

    cash.collect(order, now=now, actor=actor)

    order.refresh_from_db()
    assert (order.paid, order.payment, order.status) == (order.total, "paid", "delivered")
    assert cash.owed(order) == 0
    assert list(cash.owing()) == []
    told = GatewayTransaction.objects.get()
    assert (told.gateway_id, told.amount) == (f"cash-{order.number}", order.total)


def test_the_same_cash_counts_once(organization):
    order, now, actor = delivered(), timezone.now(), make.member("owner")

    cash.collect(order, now=now, actor=actor, amount=100_000, reference="r 1")
    cash.collect(order, now=now, actor=actor, amount=100_000, reference="R 1")

    order.refresh_from_db()
    assert (order.paid, order.payment) == (100_000, "partly_paid")
    assert cash.owed(order) == order.total - 100_000
    with pytest.raises(cash.AlreadyCollected):
        cash.collect(order, now=now, actor=actor, amount=200_000, reference="R 1")
    cash.collect(order, now=now, actor=actor, reference="R 2")
    order.refresh_from_db()
    assert order.paid == order.total


def test_never_more_than_is_owed_and_never_before_it_left(organization):
    now, actor = timezone.now(), make.member("owner")
    order = delivered()
    for wrong, amount in (
        (order, order.total + 1),
        (order, 0),
        (make.placed_order(provider="cash"), None),
        (make.pay(make.placed_order()), None),
    ):
        with pytest.raises(cash.NothingOwed):
            cash.collect(wrong, now=now, actor=actor, amount=amount)

    assert not Order.objects.filter(pk=order.pk, paid__gt=0).exists()
