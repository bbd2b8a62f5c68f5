"""Who may do what when buying: every kind of person at every route, by the server's answer."""

import pytest
from django.urls import resolve
from django_scopes import scope

from orders import tokens
from orders.models import Refund
from shop.roles import Role
from tests import make
from tests.orders.api import buying
from tests.shop import api

STAFF = set(Role.values)
EVERYONE = set(api.EVERYONE)
SIGNED_IN = {*STAFF, "shopper"}
SELLING = {"owner", "admin", "manager", "support"}
HANDLING = {*SELLING, "warehouse"}
MONEY = {"owner", "admin", "manager"}
SEE_MONEY = {*MONEY, "support", "viewer"}
SENDING = {*MONEY, "warehouse"}
SEE_PARCELS = {*SENDING, "support", "viewer"}

ADDRESSES = {
    "cart-list": "/api/carts/",
    "cart-detail": "/api/carts/{cart}/",
    "cart-lines": "/api/carts/{cart}/lines/",
    "cart-line": "/api/carts/{cart}/lines/{line}/",
    "cart-voucher": "/api/carts/{cart}/voucher/",
    "cart-offer": "/api/carts/{cart}/offer/?municipality=11001",
    "checkout": "/api/checkout/",
    "payment-list": "/api/payments/",
    "payment-detail": "/api/payments/{token}/",
    "order-list": "/api/orders/",
    "order-detail": "/api/orders/{order}/",
    "order-timeline": "/api/orders/{order}/timeline/",
    "order-notes": "/api/orders/{order}/notes/",
    "order-cancel": "/api/orders/{order}/cancel/",
    "order-mine": "/api/orders/mine/",
    "order-by-token": "/api/orders/by-token/{token}/",
    "shipment-list": "/api/shipments/",
    "shipment-detail": "/api/shipments/{shipment}/",
    "shipment-label": "/api/shipments/{shipment}/label/",
    "shipment-cancel": "/api/shipments/{shipment}/cancel/",
    "quote-list": "/api/quotes/",
    "voucher-list": "/api/vouchers/",
    "voucher-detail": "/api/vouchers/{voucher}/",
    "refund-list": "/api/refunds/",
    "refund-detail": "/api/refunds/{refund}/",
    "invoice-list": "/api/orders/{order}/invoices/",
    "invoice-detail": "/api/orders/{invoiced}/invoices/{invoice}/",
}
NEW_VOUCHER = {"code": "NUEVO", "kind": "percent", "percent": 5}
NEW_QUOTE = {"municipality": "11001", "cart": "{cart}"}
NEW_INVOICE = {"prefix": "FE", "number": 7, "issued_at": "2026-10-09T10:00:00-05:00"}
# Route's name, method, body, and who is let in.
CALLS = [
    ("cart-list", "post", {}, EVERYONE),
    ("cart-detail", "get", None, EVERYONE),
    ("cart-lines", "post", {"sku": "TOMILLO"}, EVERYONE),
    ("cart-line", "patch", {"quantity": 2}, EVERYONE),
    ("cart-line", "delete", None, EVERYONE),
    ("cart-voucher", "put", {"code": "HOLA"}, EVERYONE),
    ("cart-voucher", "delete", None, EVERYONE),
    ("cart-offer", "get", None, EVERYONE),
    ("checkout", "post", "checkout", EVERYONE),
    ("payment-list", "post", {"order": "{token}"}, EVERYONE),
    ("payment-detail", "get", None, EVERYONE),
    ("order-by-token", "get", None, EVERYONE),
    ("order-mine", "get", None, SIGNED_IN),
    ("order-list", "get", None, STAFF),
    ("order-detail", "get", None, STAFF),
    ("order-timeline", "get", None, STAFF),
    ("order-notes", "post", {"note": "Llamar antes."}, HANDLING),
    ("order-cancel", "post", {}, SELLING),
    ("shipment-list", "get", None, SEE_PARCELS),
    ("shipment-list", "post", {"order": "{paid}", "carrier_name": "Moto"}, SENDING),
    ("shipment-detail", "get", None, SEE_PARCELS),
    ("shipment-label", "get", None, SEE_PARCELS),
    ("shipment-cancel", "post", {}, SENDING),
    ("quote-list", "post", NEW_QUOTE, EVERYONE),
    ("voucher-list", "get", None, SEE_MONEY),
    ("voucher-list", "post", NEW_VOUCHER, MONEY),
    ("voucher-detail", "get", None, SEE_MONEY),
    ("voucher-detail", "put", NEW_VOUCHER, MONEY),
    ("voucher-detail", "patch", {"is_active": False}, MONEY),
    ("voucher-detail", "delete", None, MONEY),
    ("refund-list", "get", None, SEE_MONEY),
    ("refund-list", "post", {"order": "{paid}", "amount": 100, "reason": "other"}, MONEY),
    ("refund-detail", "get", None, SEE_MONEY),
    ("invoice-list", "get", None, SEE_MONEY),
    ("invoice-list", "post", NEW_INVOICE, MONEY),
    ("invoice-detail", "get", None, SEE_MONEY),
    ("invoice-detail", "put", NEW_INVOICE, MONEY),
    ("invoice-detail", "patch", {"prefix": "FEV"}, MONEY),
]
SEEN_BY = {"order": STAFF, "shipment": SEE_PARCELS} | dict.fromkeys(
    ("voucher", "refund", "invoice"), SEE_MONEY
)


def rows() -> dict:
    """Give what the calls are about, as parts of addresses and bodies."""
    account = buying.shop()
    variant = make.variant(sku="TOMILLO")
    waiting, paid = make.placed_order(variant), make.pay(make.placed_order(variant))
    cart = make.cart(variant)
    refund = Refund.objects.create(
        order=paid,
        amount=100,
        method=Refund.Method.MANUAL,
        reason=Refund.Reason.OTHER,
        due_on=paid.placed_at.date(),
        requested_at=paid.placed_at,
    )
    return {
        "account": account,
        "cart": tokens.for_cart(make.here(), cart.pk),
        "line": cart.lines.get().pk,
        "order": waiting.pk,
        "token": tokens.for_order(waiting),
        "paid": paid.pk,
        "shipment": make.shipment().pk,
        "voucher": buying.voucher("HOLA").pk,
        "refund": refund.pk,
        "invoiced": paid.pk,
        "invoice": make.invoice(paid, status="pending").pk,
    }


def call(client, name: str, method: str, body, found: dict):
    """Send a call about these rows."""
    if body == "checkout":
        body = buying.wish(found["cart"], found["account"])
    elif body:
        body = {
            field: value.format(**found) if isinstance(value, str) else value
            for field, value in body.items()
        }
    address = ADDRESSES[name].format(**found)
    return getattr(client, method)(address, body, headers=buying.key())


def test_every_verb_of_these_routes_is_in_this_table():
    key = "00000000-0000-0000-0000-000000000000"
    filled = dict.fromkeys(("cart", "token"), "x" * 40) | dict.fromkeys(
        ("line", "order", "shipment", "voucher", "refund", "invoiced", "invoice"), key
    )
    for name, address in ADDRESSES.items():
        view = resolve(address.partition("?")[0].format(**filled)).func
        verbs = getattr(view, "actions", None) or [
            verb for verb in view.view_class.http_method_names if hasattr(view.view_class, verb)
        ]
        known = {method for route, method, *_rest in CALLS if route == name}
        assert set(verbs) - {"head", "options"} == known, name


@pytest.mark.parametrize("who", api.EVERYONE)
def test_everybody_is_let_in_where_the_table_says(organization, who):
    found, client = rows(), api.client(who)
    for name, method, body, allowed in CALLS:
        with api.undone():
            answer = call(client, name, method, body, found)

        if who in allowed:
            assert answer.status_code in (200, 201, 204), (name, method, answer.content)
        else:
            assert answer.status_code == _refusal(name, who), (name, method, answer.content)
            assert set(answer.json()) == {"code", "message", "fields"}


def _refusal(name: str, who: str) -> int:
    if who == "anonymous":
        return 401
    # A row that somebody may not even see does not exist for them.
    return 404 if "{" in ADDRESSES[name] and who not in SEEN_BY[name.partition("-")[0]] else 403


def test_what_belongs_to_another_organization_does_not_exist(organization):
    other = make.organization()
    with scope(organization=other):
        foreign = rows()
    rows()
    client = api.client("owner")
    asked = [call_[:3] for call_ in CALLS if "{" in ADDRESSES[call_[0]]]

    for name, method, body in asked:
        with api.undone():
            answer = call(client, name, method, body, foreign)

        assert answer.status_code == 404, (name, method, answer.content)
        assert answer.json()["code"] == "not_found"

    assert len(asked) >= 20


def test_money_of_another_organization_is_not_moved(organization):
    with scope(organization=make.organization()):
        foreign = rows()

    body = {"order": str(foreign["paid"]), "amount": 100, "reason": "other"}
    answer = api.client("owner").post("/api/refunds/", body, headers=buying.key())

    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["order"])
