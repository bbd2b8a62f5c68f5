"""Carts of the API: the shop's prices, whole quantities, and a token that opens one cart."""

import pytest
from django_scopes import scope
from rest_framework.test import APIClient

from orders import tokens
from orders.models import Cart, CartLine
from tests import make
from tests.orders.api import buying


@pytest.fixture
def client(organization):
    return APIClient()


def test_a_cart_is_filled_changed_and_emptied(client):
    variant = make.variant(price=2_000_000)
    token = buying.cart(client, variant, quantity=2)

    (line,) = client.get(f"/api/carts/{token}/").json()["lines"]
    assert (line["sku"], line["quantity"], line["total"]) == (variant.sku, 2, 4_000_000)

    line_address = f"/api/carts/{token}/lines/{line['id']}/"
    changed = client.patch(line_address, {"quantity": 3}).json()
    assert (changed["count"], changed["subtotal"]) == (3, 6_000_000)
    assert changed["can_be_ordered"] is True

    assert client.delete(line_address).json()["lines"] == []
    assert not CartLine.objects.exists()


def test_no_more_than_is_left_goes_in(client):
    token = buying.cart(client, make.variant(in_stock=2), quantity=9)

    assert client.get(f"/api/carts/{token}/").json()["lines"][0]["quantity"] == 2


@pytest.mark.parametrize("quantity", [-1, 0, 1.5, 10**9, 1000, "2", "", None, True, [1], {}])
def test_only_whole_quantities_are_taken(client, quantity):
    variant = make.variant()
    token = buying.cart(client, variant)
    (line,) = client.get(f"/api/carts/{token}/").json()["lines"]

    added = client.post(f"/api/carts/{token}/lines/", {"sku": variant.sku, "quantity": quantity})
    changed = client.patch(f"/api/carts/{token}/lines/{line['id']}/", {"quantity": quantity})

    for answer in (added, changed):
        assert answer.status_code == 400
        assert answer.json()["fields"]["quantity"]["message"]
    assert CartLine.objects.get().quantity == 1


@pytest.mark.parametrize("field", ["price", "unit_price", "total", "discount", "currency", "id"])
def test_what_is_not_the_buyers_to_say_is_refused_by_name(client, field):
    variant = make.variant()
    token = buying.cart(client)

    answer = client.post(f"/api/carts/{token}/lines/", {"sku": variant.sku, field: 1})

    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
    assert not CartLine.objects.exists()


def test_what_is_not_sold_here_does_not_go_in(client):
    from_elsewhere = make_elsewhere()
    inactive = make.variant(is_active=False)
    token = buying.cart(client)

    for sku in (from_elsewhere.sku, inactive.sku, "nothing"):
        answer = client.post(f"/api/carts/{token}/lines/", {"sku": sku})
        assert (answer.status_code, answer.json()["code"]) == (409, "not_sold")
    assert not CartLine.objects.exists()


def make_elsewhere():
    with scope(organization=make.organization()):
        return make.variant()


def test_only_its_token_opens_a_cart(client):
    mine = buying.cart(client, make.variant())
    other = make.organization(host="other.localhost")
    key = tokens.cart_of(make.here(), mine)
    elsewhere = tokens.for_cart(other, key)

    for token in (key.hex, str(key), mine[:-1], mine[:-1] + "x", elsewhere, "x" * 60):
        assert client.get(f"/api/carts/{token}/").status_code == 404
    assert client.get(f"/api/carts/{mine}/", headers={"host": "other.localhost"}).status_code == 404
    assert client.get(f"/api/carts/{mine}/").status_code == 200


def test_a_cart_of_a_customer_is_not_opened_by_a_token(client):
    own = Cart.objects.create(organization=make.here(), customer=make.customer())
    token = tokens.for_cart(make.here(), own.pk)

    assert client.get(f"/api/carts/{token}/").status_code == 404


def test_a_voucher_is_used_and_taken_off(client):
    buying.voucher("HOLA10")
    token = buying.cart(client, make.variant(price=1_000_000))

    used = client.put(f"/api/carts/{token}/voucher/", {"code": " hola 10"}).json()
    assert (used["voucher"], used["discount"]) == ("HOLA10", 100_000)

    unknown = client.put(f"/api/carts/{token}/voucher/", {"code": "NO"})
    assert (unknown.status_code, unknown.json()["code"]) == (409, "voucher_refused")

    assert client.delete(f"/api/carts/{token}/voucher/").json()["discount"] == 0


def test_an_offer_prices_delivery_and_payment(client):
    account = buying.shop()
    token = buying.cart(client, make.variant(price=2_000_000))

    offer = client.get(f"/api/carts/{token}/offer/", {"municipality": buying.BOGOTA}).json()

    (delivery,) = offer["deliveries"]
    assert delivery["cost"] == 1_000_000
    assert [(one["id"], one["refusal"]) for one in offer["payments"]] == [(str(account.pk), "")]
    assert offer["price"]["total"] == 2_000_000 + 1_000_000


@pytest.mark.parametrize("place", ["", "00000", "BOGOTA", "\x00"])
def test_an_offer_asks_for_a_place_that_exists(client, place):
    token = buying.cart(client)

    answer = client.get(f"/api/carts/{token}/offer/", {"municipality": place})

    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["municipality"])


def test_a_cart_costs_the_same_queries_with_three_lines(client, django_assert_num_queries):
    variants = [make.variant() for _variant in range(3)]
    one, three = buying.cart(client, variants[0]), buying.cart(client, *variants)

    for token in (one, three):
        with django_assert_num_queries(2):
            client.get(f"/api/carts/{token}/")
