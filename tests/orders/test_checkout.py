"""Orders are placed whole, once, at the catalogue's price."""

import pytest
from django.utils import timezone

from orders import checkout
from orders.models import Order, OrderEvent
from shop.models import Consent, StockLevel, StockReservation
from tests import make


@pytest.mark.django_db
def test_an_order_keeps_what_was_agreed(organization):
    lavender = make.variant(price=2_490_000)
    fee = make.national_rate(price=900_000)
    account = make.payment_account()
    cart = make.cart(lavender, quantity=2)

    order = checkout.place(
        organization, cart.pk, make.wish(account, make.delivery_code(fee)), now=timezone.now()
    )

    order = Order.objects.get(pk=order.pk)
    assert (order.label, order.status) == ("#1001", Order.Status.PENDING)
    assert (order.subtotal, order.shipping, order.total) == (4_980_000, 900_000, 5_880_000)
    assert order.tax == 795_126
    assert order.delivery["municipality_code"] == "11001"
    assert [str(line) for line in order.lines.all()] == [f"2 × {lavender.product.name}"]
    assert StockLevel.objects.get(pk=lavender.pk).reserved == 2
    reservation = StockReservation.objects.get(holder=order.pk)
    assert reservation.expires_at == order.expires_at
    assert {consent.purpose for consent in order.customer.consents.all()} == {
        Consent.Purpose.TERMS,
        Consent.Purpose.PRIVACY,
    }
    assert [event.kind for event in order.events.all()] == [OrderEvent.Kind.PLACED]


@pytest.mark.django_db
@pytest.mark.parametrize(("lines", "most"), [(1, 20), (3, 20), (30, 22)])
def test_placing_costs_a_fixed_number_of_queries(
    organization, django_assert_max_num_queries, lines, most
):
    variants = [make.variant() for _line in range(lines)]
    fee, account = make.national_rate(), make.payment_account()
    cart = make.cart(*variants)
    wish = make.wish(account, make.delivery_code(fee))

    with django_assert_max_num_queries(most):
        checkout.place(organization, cart.pk, wish, now=timezone.now())

    assert Order.objects.get().lines.count() == lines
