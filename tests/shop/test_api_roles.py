"""Who may do what in the API: every kind of person at every route, by the server's answer."""

import pytest
from django.urls import get_resolver, resolve
from django_scopes import scope

from shop import pictures
from tests import make
from tests.orders.api.test_roles import ADDRESSES as BUYING
from tests.shop import api

CATALOGUE = {"owner", "admin", "manager"}
STOCK = {*CATALOGUE, "warehouse"}
CUSTOMERS = {*CATALOGUE, "support"}
SEE_CUSTOMERS = {*CUSTOMERS, "expert", "viewer"}
STAFF = set(api.STAFF)
SIGNED_IN = {*STAFF, "shopper"}
EVERYONE = set(api.EVERYONE)

# Route's name, method, body, and who is let in.
CALLS = [
    ("product-list", "get", None, EVERYONE),
    ("product-list", "post", {"name": "Nuevo", "category": "aceites"}, CATALOGUE),
    ("product-detail", "get", None, EVERYONE),
    ("product-detail", "put", {"name": "Otro", "category": "aceites"}, CATALOGUE),
    ("product-detail", "patch", {"name": "Otro"}, CATALOGUE),
    ("product-detail", "delete", None, CATALOGUE),
    ("product-pictures", "post", "picture", CATALOGUE),
    ("product-picture", "delete", None, CATALOGUE),
    ("variant-list", "get", None, EVERYONE),
    ("variant-list", "post", {"product": "product", "price": 1, "option1": "X"}, CATALOGUE),
    ("variant-detail", "get", None, EVERYONE),
    ("variant-detail", "put", {"product": "product", "price": 1}, CATALOGUE),
    ("variant-detail", "patch", {"price": 1}, CATALOGUE),
    ("variant-detail", "delete", None, CATALOGUE),
    ("category-list", "get", None, EVERYONE),
    ("category-list", "post", {"name": "Jabones"}, CATALOGUE),
    ("category-detail", "get", None, EVERYONE),
    ("category-detail", "put", {"name": "Jabones"}, CATALOGUE),
    ("category-detail", "patch", {"name": "Jabones"}, CATALOGUE),
    ("category-detail", "delete", None, CATALOGUE),
    ("benefit-list", "get", None, EVERYONE),
    ("benefit-list", "post", {"name": "Calma"}, CATALOGUE),
    ("benefit-detail", "get", None, EVERYONE),
    ("benefit-detail", "put", {"name": "Calma"}, CATALOGUE),
    ("benefit-detail", "patch", {"name": "Calma"}, CATALOGUE),
    ("benefit-detail", "delete", None, CATALOGUE),
    ("stock-list", "get", None, STAFF),
    ("stock-detail", "get", None, STAFF),
    ("stock-detail", "patch", {"low_at": 3}, STOCK),
    ("stock-movements", "get", None, STAFF),
    ("stock-movements", "post", {"quantity": 2, "reason": "received"}, STOCK),
    ("customer-list", "get", None, SEE_CUSTOMERS),
    ("customer-list", "post", {"name": "Ana"}, CUSTOMERS),
    ("customer-detail", "get", None, SEE_CUSTOMERS),
    ("customer-detail", "put", {"name": "Ana"}, CUSTOMERS),
    ("customer-detail", "patch", {"name": "Ana"}, CUSTOMERS),
    ("customer-addresses", "get", None, SEE_CUSTOMERS),
    ("customer-me", "get", None, SIGNED_IN),
    ("customer-me", "patch", {"name": "Yo"}, SIGNED_IN),
    ("customer-own-addresses", "get", None, SIGNED_IN),
]
# Not about rows: signing in, gateways with a signature, the schema, and unknown addresses.
# Buying has a table of its own.
SIGNED = {"webhook", "carrier-webhook"}
OTHERS = SIGNED | {"token", "token-refresh", "schema", "docs", "unknown"} | BUYING.keys()


def rows() -> dict:
    """Give the rows of the open organization that the calls are about."""
    category = make.category(slug="aceites")
    product = make.product(category=category, in_stock=0)
    return {
        "product": product,
        "variant": product.variants.get(),
        "stock": product.variants.get(),
        "category": make.category(),
        "benefit": make.benefit(),
        "customer": make.customer(),
        "picture": pictures.add(product, make.picture_file(100, 100)),
    }


def call(client, name: str, method: str, body, rows: dict):
    """Send a call about these rows."""
    address = ADDRESSES[name].format(
        **{"pk": rows.get(name.partition("-")[0], rows["product"]).pk},
        picture_id=rows["picture"].pk,
    )
    if body == "picture":
        return client.post(address, {"file": make.picture_file(100, 100)}, format="multipart")
    if body and "product" in body:
        body = {**body, "product": str(rows["product"].pk)}
    return getattr(client, method)(address, body)


ADDRESSES = {
    "product-list": "/api/products/",
    "product-detail": "/api/products/{pk}/",
    "product-pictures": "/api/products/{pk}/pictures/",
    "product-picture": "/api/products/{pk}/pictures/{picture_id}/",
    "variant-list": "/api/variants/",
    "variant-detail": "/api/variants/{pk}/",
    "category-list": "/api/categories/",
    "category-detail": "/api/categories/{pk}/",
    "benefit-list": "/api/benefits/",
    "benefit-detail": "/api/benefits/{pk}/",
    "stock-list": "/api/stock/",
    "stock-detail": "/api/stock/{pk}/",
    "stock-movements": "/api/stock/{pk}/movements/",
    "customer-list": "/api/customers/",
    "customer-detail": "/api/customers/{pk}/",
    "customer-addresses": "/api/customers/{pk}/addresses/",
    "customer-me": "/api/customers/me/",
    "customer-own-addresses": "/api/customers/me/addresses/",
}


def test_every_route_of_the_api_is_in_this_table():
    resolver = get_resolver().namespace_dict["api"][1]
    names = {name for name in resolver.reverse_dict if isinstance(name, str)}

    assert names == ADDRESSES.keys() | OTHERS
    for name in ADDRESSES:
        key = "00000000-0000-0000-0000-000000000000"
        view = resolve(ADDRESSES[name].format(pk=key, picture_id=key)).func
        verbs = {verb for verb in view.actions if verb != "head"}
        assert verbs == {method for route, method, *_rest in CALLS if route == name}, name


@pytest.mark.parametrize("who", api.EVERYONE)
def test_everybody_is_let_in_where_the_table_says(organization, who):
    mine, client = rows(), api.client(who)
    for name, method, body, allowed in CALLS:
        with api.undone():
            answer = call(client, name, method, body, mine)

        if who in allowed:
            assert answer.status_code in (200, 201, 204), (name, method, answer.content)
        else:
            assert answer.status_code == _refusal(name, who), (name, method, answer.content)
            assert set(answer.json()) == {"code", "message", "fields"}


def _refusal(name: str, who: str) -> int:
    if who == "anonymous":
        return 401
    # A row that somebody may not see does not exist for them.
    seen_by = {"stock": STAFF, "customer": SEE_CUSTOMERS}.get(name.partition("-")[0], EVERYONE)
    return 404 if "{pk}" in ADDRESSES[name] and who not in seen_by else 403


def test_rows_of_another_organization_do_not_exist(organization):
    other = make.organization()
    with scope(organization=other):
        foreign = rows()
    rows()
    client = api.client("owner")
    asked = [call_[:3] for call_ in CALLS if "{pk}" in ADDRESSES[call_[0]]]

    for name, method, body in asked:
        with api.undone():
            # A foreign product in the body of a call about a foreign row changes nothing either.
            answer = call(client, name, method, body, foreign)

        assert answer.status_code == 404, (name, method, answer.content)
        assert answer.json()["code"] == "not_found"

    assert len(asked) >= 20
