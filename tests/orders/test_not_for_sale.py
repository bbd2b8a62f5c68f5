"""What is sold out, retired or hidden goes into nothing that is bought, whoever puts it there."""

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from config.lib.errors import DomainError
from orders import drafts, editing
from orders.models import CartLine, Order, OrderLine
from shop.models import Product, Variant
from tests import make
from tests.orders.api import buying
from tests.orders.test_drafts import place

STATES = ["sold out", "retired", "hidden"]


def not_for_sale(state: str) -> Variant:
    variant = make.variant(in_stock=0 if state == "sold out" else 5, is_active=state != "retired")
    if state == "hidden":
        Product.objects.filter(pk=variant.product_id).update(is_active=False)
    return variant


@pytest.mark.parametrize("state", STATES)
def test_it_goes_into_no_cart_of_a_shopper_and_none_of_the_api(organization, state):
    variant, shopper, api = not_for_sale(state), Client(), APIClient()

    answers = [
        shopper.post(
            "/carrito/agregar/",
            {"variant": variant.sku, "quantity": "1"},
            headers={"x-fragment": "1"},
        ),
        shopper.post(
            "/carrito/agregar-varios/", {"variant": [variant.sku]}, headers={"x-fragment": "1"}
        ),
        api.post(f"/api/carts/{buying.cart(api)}/lines/", {"sku": variant.sku}),
    ]

    assert [answer.status_code for answer in answers] == [409, 409, 409]
    assert not CartLine.objects.exists()


@pytest.mark.parametrize("state", STATES)
def test_it_becomes_no_order_of_staff(organization, state):
    variant, actor = not_for_sale(state), make.member("support")
    cart = drafts.start(organization, actor=actor)
    drafts.change(cart, quantities={variant.pk: 1})

    with pytest.raises(DomainError):
        place(cart, actor)

    assert not Order.objects.exists()


@pytest.mark.parametrize("state", STATES)
def test_it_is_not_added_to_an_order_that_exists(organization, state):
    variant, order = not_for_sale(state), make.placed_order()

    with pytest.raises(DomainError):
        editing.edit(order, editing.Change({variant.pk: 1}), now=timezone.now())

    assert not OrderLine.objects.filter(variant=variant).exists()


@pytest.mark.parametrize("state", STATES)
def test_what_went_off_sale_after_it_was_chosen_is_not_bought(organization, state):
    variant, actor = make.variant(in_stock=5), make.member("support")
    cart = drafts.start(organization, actor=actor)
    drafts.change(cart, quantities={variant.pk: 1})
    if state == "sold out":
        make.placed_order(variant, quantity=5)
    elif state == "retired":
        Variant.objects.filter(pk=variant.pk).update(is_active=False)
    else:
        Product.objects.filter(pk=variant.product_id).update(is_active=False)
    before = Order.objects.count()

    with pytest.raises(DomainError):
        place(cart, actor)

    assert Order.objects.count() == before
