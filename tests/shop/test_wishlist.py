"""Favourites: on the device, of an account, and how the first become the second."""

import re
from urllib.parse import unquote

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from shop import customers, wishlist
from shop.models import Product, WishlistLine
from shop.visitor import COOKIE, WISHES_COOKIE
from tests import make
from tests.orders.test_races import at_once, kinds, shop  # noqa: F401 - a fixture
from tests.shop.signing_in import browser, person, sign_in

OWN = {"HTTP_SEC_FETCH_SITE": "same-origin"}


def keep(client, product, **data):
    return client.post("/favoritos/cambiar/", {"product": product.pk, **data}, **OWN)


def shown(client) -> list[str]:
    page = client.get("/favoritos/").content.decode()
    return re.findall(r'class="wished-name">(?:<a[^>]*>)?([^<]+)', page)


@pytest.mark.django_db
def test_a_stranger_keeps_favourites_without_an_account_or_a_row(organization):
    lavender, lemon = make.product("Lavanda"), make.product("Limón")
    client = browser(language="en")

    answer = keep(client, lavender)
    keep(client, lemon)
    keep(client, lavender)

    assert (answer.status_code, answer["Location"]) == (302, "/favoritos/")
    page = client.get("/favoritos/").content.decode()
    assert shown(client) == ["Limón", "Lavanda"]
    assert f'value="{lavender.variants.get().sku}"' in page
    assert "https://wa.me/?text=" in page
    assert client.cookies[COOKIE].value == "1"
    assert settings.SESSION_COOKIE_NAME not in client.cookies
    fragment = client.get("/visitante/").content.decode()
    assert f'data-wishes="{lemon.pk} {lavender.pk}"' in fragment
    keep(client, lemon, do="remove")
    assert shown(client) == ["Lavanda"]
    assert not WishlistLine.objects.exists()


@pytest.mark.django_db
def test_they_are_merged_at_sign_in_and_leave_the_device(organization):
    lavender, lemon, mint = make.product("Lavanda"), make.product("Limón"), make.product("Menta")
    user = person()
    elsewhere = browser()
    sign_in(elsewhere, user)
    for product in (lavender, lemon):
        keep(elsewhere, product)
    client = browser()
    for product in (lemon, mint):
        keep(client, product)

    sign_in(client, user)

    lines = WishlistLine.objects.filter(customer__user=user).order_by("-pk")
    assert [line.product for line in lines] == [mint, lemon, lavender]
    assert client.cookies[WISHES_COOKIE].value == ""
    assert shown(elsewhere) == ["Menta", "Limón", "Lavanda"]
    client.post("/cuenta/salir/")
    assert shown(client) == []


@pytest.mark.django_db
def test_shared_pages_are_the_same_for_everyone(organization):
    product = make.product("Lavanda")
    client = browser(language="en")
    before = client.get(f"/productos/{product.slug}/").content

    keep(client, product)

    assert client.get(f"/productos/{product.slug}/").content == before
    assert f'data-wish="{product.pk}"'.encode() in before
    assert f'data-wish="{product.pk}"'.encode() in client.get("/productos/").content


@pytest.mark.django_db
def test_the_list_tells_what_is_sold_out_or_gone_and_offers_the_choice(organization):
    out, gone = make.product("Agotado", in_stock=0), make.product("Retirado")
    several = make.product("Varios", variants=2)
    client = browser(language="en")
    for product in (out, gone, several):
        keep(client, product)
    Product.objects.filter(pk=gone.pk).update(is_active=False)

    page = client.get("/favoritos/").content.decode()

    assert (page.count("Sold out"), page.count("No longer sold")) == (1, 1)
    assert [f'<option value="{variant.sku}"' in page for variant in several.variants.all()] == [
        True,
        True,
    ]


@pytest.mark.django_db
def test_the_list_costs_the_same_however_long(organization):
    client = browser()

    def queries() -> int:
        # The frame around the page has queries of its own, kept for some seconds.
        with CaptureQueriesContext(connection) as asked:
            client.get("/favoritos/")
        return sum('FROM "shop_product"' in one["sql"] for one in asked) + sum(
            'FROM "shop_variant"' in one["sql"] for one in asked
        )

    keep(client, make.product())
    assert queries() == 3
    for _more in range(3):
        keep(client, make.product(variants=2))

    assert queries() == 3


@pytest.mark.django_db
def test_a_foreign_page_a_forged_list_and_too_many_are_refused(organization):
    product = make.product()
    client = Client(enforce_csrf_checks=True)
    refused = client.post(
        "/favoritos/cambiar/", {"product": product.pk}, HTTP_SEC_FETCH_SITE="cross-site"
    )
    assert refused.status_code == 403
    assert keep(client, make.kit(product.variants.get())).status_code == 404

    with_others = make.organization()
    assert wishlist.read(with_others, wishlist.written(organization, [product.pk])) == []
    token = wishlist.written(organization, [product.pk])
    assert wishlist.read(organization, token) == [product.pk]
    assert wishlist.read(organization, token[:-1] + "x") == []
    # As long as it may get, it still fits a cookie.
    assert len(wishlist.written(organization, [product.pk] * wishlist.MOST)) < 2_000


@pytest.mark.django_db(transaction=True)
def test_devices_that_sign_in_at_once_stay_below_the_most_and_keep_each_once(shop):  # noqa: F811
    products = [make.product().pk for _product in range(5)]
    customer = make.customer()
    WishlistLine.objects.bulk_create(
        WishlistLine(customer=customer, product=make.product())
        for _line in range(wishlist.MOST - 3)
    )

    def joining(*keys):
        return lambda: wishlist.join(customer, keys)

    # Each device has one that all have, and one of its own.
    results = at_once(shop, [joining(products[0], key) for key in products[1:]])

    assert kinds(results) == {"NoneType": 4}
    assert customer.wishes.count() == wishlist.MOST
    assert customer.wishes.filter(product=products[0]).count() == 1


@pytest.mark.django_db
def test_a_guest_who_joins_brings_what_they_kept(organization):
    lavender, lemon = make.product(), make.product()
    guest = make.customer(email="ana@example.com")
    customer = make.customer(user=make.user(email="ana@example.com"), email="ana@example.com")
    wishlist.add(guest, lavender)
    wishlist.add(guest, lemon)
    wishlist.add(customer, lemon)

    customers.claim(customer, kind="email", value="ana@example.com")

    assert set(wishlist.of(customer)) == {lavender.pk, lemon.pk}


@pytest.mark.django_db
def test_the_message_to_the_merchant_names_product_variant_price_and_address(organization):
    organization.whatsapp = "+573001234567"
    organization.save()
    product = make.product("Lavanda", variants=2, price=2_490_000)
    small = product.variants.first()

    page = browser(language="en").get(f"/productos/{product.slug}/").content.decode()

    (link,) = set(
        re.findall(
            r'href="(https://wa\.me/573001234567\?text=[^"]+)" rel="noopener" data-show="buy"', page
        )
    )
    words = unquote(link.partition("?text=")[2])
    for part in ("Lavanda", small.option1, small.sku, "24.900"):
        assert part in words
    assert f"/productos/{product.slug}/?variante={small.sku}" in words
