"""Two people of the shop at one order: the same money is taken once."""

import pytest
from django.utils import timezone

from orders import cash, confirmation, fulfilment, proofs
from orders.models import Cart, GatewayTransaction, Order
from orders.storefront import buyer_wishes
from tests import make
from tests.orders.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_people_accept_one_transfer_once(open_shop):
    account = {"bank": "Bancolombia", "account_number": "1", "holder": "Kaiu SAS"}
    make.payment_account("transfer", settings=account)
    order, now = make.placed_order(provider="transfer"), timezone.now()
    attempt = make.attempt(order)
    people = [make.member("manager") for _person in range(6)]

    def accept(number):
        return proofs.accept(
            attempt,
            reference=f"BC-{number}",
            amount=attempt.amount,
            actor=people[number],
            now=now,
        )

    answers = at_once(open_shop, [lambda number=number: accept(number) for number in range(6)])

    assert sum(isinstance(answer, GatewayTransaction) for answer in answers) == 1
    assert sum(isinstance(answer, proofs.AlreadyAccepted) for answer in answers) == 5
    assert Order.objects.get(pk=order.pk).paid == order.total


def test_the_carrier_s_money_is_recorded_once(open_shop):
    now = timezone.now()
    order = confirmation.confirm_by_word(make.placed_order(provider="cash"), now=now)
    fulfilment.prepare(order, now=now)
    fulfilment.ready(order, now=now)
    fulfilment.ship(order, fulfilment.Parcel("Coordinadora"), now=now)
    people = [make.member("manager") for _person in range(6)]

    def collect(number):
        return cash.collect(order, now=now, actor=people[number], reference=f"R-{number}")

    answers = at_once(open_shop, [lambda number=number: collect(number) for number in range(6)])

    assert sum(isinstance(answer, GatewayTransaction) for answer in answers) == 1
    assert sum(isinstance(answer, cash.NothingOwed) for answer in answers) == 5
    assert Order.objects.get(pk=order.pk).paid == order.total


def test_a_double_click_on_change_makes_one_cart(open_shop):
    make.payment_account()
    order, now = make.placed_order(), timezone.now()

    answers = at_once(
        open_shop, [lambda: buyer_wishes.change(order, now=now) for _click in range(4)]
    )

    made = [answer for answer in answers if not isinstance(answer, Exception)]
    assert len(made) == 1
    assert all(
        isinstance(answer, buyer_wishes.TooLateToChange) for answer in answers if answer not in made
    )
    assert Cart.objects.filter(ordered_at=None).count() == 1
    assert order.events.filter(kind="cancelled").count() == 1
