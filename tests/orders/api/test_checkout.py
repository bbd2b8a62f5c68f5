"""Checkout and payments of the API: one order from a cart, at the shop's prices, paid once."""

import pytest
from django.utils import timezone
from django_scopes import scope
from rest_framework.test import APIClient

from orders import tokens
from orders.models import Order, PaymentAttempt
from orders.practice import gateway
from shop.models import Municipality
from tests import make
from tests.orders.api import buying
from tests.shop import api


@pytest.fixture
def client(organization):
    return APIClient()


@pytest.fixture
def account(organization):
    return buying.shop()


def place(client, body, **headers):
    return client.post("/api/checkout/", body, headers=headers or buying.key())


def test_a_cart_becomes_an_order_with_a_payment(client, account):
    token = buying.cart(client, make.variant(price=2_000_000), quantity=2)

    answer = place(client, buying.wish(token, account))

    assert answer.status_code == 201, answer.content
    placed = answer.json()
    order = Order.objects.get()
    assert placed["order"]["number"] == order.number
    assert (order.source, order.total) == (Order.Source.API, 4_000_000 + 1_000_000)
    assert placed["payment"]["amount"] == order.total
    assert placed["payment"]["url"] == PaymentAttempt.objects.get().url
    assert tokens.order_of(make.here(), placed["token"]) == order
    assert client.get(f"/api/carts/{token}/").status_code == 404


def test_what_was_placed_is_paid_and_shown_to_its_holder(client, account):
    token = buying.cart(client, make.variant())
    placed = place(client, buying.wish(token, account)).json()
    reference = PaymentAttempt.objects.get().reference
    gateway.decide(reference, "approve", now=timezone.now())
    client.post(f"/practica/pago/{reference}/", {"choice": "approve"}, format="multipart")

    standing = client.get(f"/api/payments/{placed['token']}/").json()
    order = client.get(f"/api/orders/by-token/{placed['token']}/").json()

    assert (standing["due"], standing["payment"]["status"]) == (0, "approved")
    assert (order["status"], order["paid"]) == ("confirmed", order["total"])


@pytest.mark.parametrize(
    "field", ["price", "total", "subtotal", "discount", "shipping", "currency", "lines", "customer"]
)
def test_no_price_of_a_client_is_ever_read(client, account, field):
    body = buying.wish(buying.cart(client, make.variant()), account)

    answer = place(client, {**body, field: 1})

    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("municipality", "99999"),
        ("terms_version", "1999-01"),
        ("terms_version", ""),
        ("seen_total", -1),
        ("notes", "x" * 501),
        ("contact", None),
        ("contact.email", "ana"),
        ("contact.phone", "12"),
        ("contact.name", ""),
        ("contact.document_type", "XX"),
        ("contact.document_number", "12"),
        ("address.line", "x\x00"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(client, account, field, value):
    body = buying.wish(buying.cart(client, make.variant()), account)
    outer, _dot, inner = field.partition(".")
    body[outer] = {**body[outer], inner: value} if inner else value

    answer = place(client, body)

    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [field]
    assert not Order.objects.exists()


def test_a_parcel_to_the_door_needs_a_street(client, account):
    body = buying.wish(buying.cart(client, make.variant()), account)

    answer = place(client, {**body, "address": {}})

    assert (answer.status_code, answer.json()["code"]) == (409, "address_missing")
    assert not Order.objects.exists()


def test_a_tax_number_needs_its_check_digit(client, account):
    body = buying.wish(buying.cart(client, make.variant()), account)
    body["contact"] |= {"document_type": "NIT", "document_number": "900373913-1"}

    answer = place(client, body)

    assert list(answer.json()["fields"]) == ["contact.document_number"]


def test_a_payment_of_another_shop_or_switched_off_is_not_known(client, account):
    body = buying.wish(buying.cart(client, make.variant()), account)
    with scope(organization=make.organization()):
        foreign = make.payment_account("practice")
    off = make.payment_account("practice", is_active=False)

    for other in (foreign, off):
        answer = place(client, {**body, "payment": str(other.pk)})
        assert list(answer.json()["fields"]) == ["payment"]
    assert not Order.objects.exists()


def test_another_total_than_the_buyer_saw_buys_nothing(client, account):
    body = buying.wish(buying.cart(client, make.variant(price=100_000)), account, seen_total=1)

    answer = place(client, body)

    assert (answer.status_code, answer.json()["code"]) == (409, "price_changed")
    assert not Order.objects.exists()


def test_a_variant_that_went_inactive_is_refused(client, account):
    variant = make.variant()
    body = buying.wish(buying.cart(client, variant), account)
    variant.is_active = False
    variant.save()

    answer = place(client, body)

    assert (answer.status_code, answer.json()["code"]) == (409, "lines_refused")
    assert not Order.objects.exists()


def test_the_same_cart_is_one_order_under_two_keys(client, account):
    body = buying.wish(buying.cart(client, make.variant()), account)

    first, second = place(client, body).json(), place(client, body).json()

    assert first["order"]["number"] == second["order"]["number"]
    assert first["payment"]["url"] == second["payment"]["url"]
    assert PaymentAttempt.objects.count() == 1


def test_a_shopper_who_is_signed_in_buys_as_themselves(account):
    shopper = api.client("shopper")
    body = buying.wish(buying.cart(shopper, make.variant()), account)

    placed = place(shopper, body)

    assert placed.status_code == 201, placed.content
    (own,) = shopper.get("/api/orders/mine/").json()["results"]
    assert own["number"] == Order.objects.get().number
    assert APIClient().get(f"/api/orders/by-token/{own['token']}/").status_code == 200
    assert api.client("shopper").get("/api/orders/mine/").json()["results"] == []


def test_an_order_is_paid_again_by_another_way(client, account):
    order = make.placed_order()
    transfer = make.payment_account(
        "transfer", settings={"bank": "Banco", "account_number": "1", "holder": "Tienda"}
    )
    body = {"order": tokens.for_order(order), "payment": str(transfer.pk)}

    answer = client.post("/api/payments/", body, headers=buying.key())

    assert answer.status_code == 201, answer.content
    assert (answer.json()["kind"], answer.json()["amount"]) == ("transfer", order.total)
    standing = client.get(f"/api/payments/{tokens.for_order(order)}/").json()
    assert [told["value"] for told in standing["instructions"]] == ["Banco", "1", "Tienda"]


def test_a_paid_order_opens_no_payment(client, account):
    order = make.pay(make.placed_order())

    answer = client.post("/api/payments/", {"order": tokens.for_order(order)}, headers=buying.key())

    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_pay")


def test_only_its_own_token_opens_an_order(client):
    order = make.placed_order()
    mine = tokens.for_order(order)
    other = make.organization(host="other.localhost")
    wrong = [
        str(order.number),
        order.pk.hex,
        str(order.pk),
        order.email,
        mine[:-1],
        mine.swapcase(),
        tokens.for_confirmation(order),
        tokens.for_cart(make.here(), order.pk),
        tokens.for_cart(make.here(), order.cart_id),
    ]

    for token in wrong:
        assert client.get(f"/api/orders/by-token/{token}/").status_code == 404, token
        assert client.get(f"/api/payments/{token}/").status_code == 404, token
        answer = client.post("/api/payments/", {"order": token}, headers=buying.key())
        assert answer.status_code == 404, token
    at_other = {"host": "other.localhost"}
    assert client.get(f"/api/orders/by-token/{mine}/", headers=at_other).status_code == 404
    assert client.get(f"/api/payments/{mine}/", headers=at_other).status_code == 404
    assert other != make.here()
    assert client.get(f"/api/orders/by-token/{mine}/").status_code == 200


def test_every_municipality_is_known_by_its_code(client):
    code = Municipality.objects.order_by("code").values_list("code", flat=True).last()
    token = buying.cart(client, make.variant())

    answer = client.get(f"/api/carts/{token}/offer/", {"municipality": code})

    assert answer.json()["municipality"] == code
