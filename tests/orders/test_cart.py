"""Carts: what may be put in them, who holds them, and what the page says of every line."""

import re
import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from django_scopes import scope

from orders import cart, tokens
from orders.models import Cart, CartLine, Voucher
from orders.storefront import voucher_guesses
from shop import stock
from shop.models import Product, StockMovement, Variant
from tests import make
from tests.shop import signing_in

pytestmark = pytest.mark.django_db


def put(client, variant, quantity="1", **headers):
    """Add to the cart as the product's form does."""
    sku = variant if isinstance(variant, str) else variant.sku
    return client.post(
        "/carrito/agregar/", {"variant": sku, "quantity": quantity}, headers=headers or None
    )


def page(client):
    answer = client.get("/carrito/")
    assert answer.status_code == 200
    return answer.content.decode()


def lines():
    return {line.variant_id: line.quantity for line in CartLine.objects.all()}


def only_line():
    return CartLine.objects.get().pk.hex


# --- Putting in -----------------------------------------------------------------------------------


def test_what_is_added_lies_in_the_cart_at_the_price_of_the_database(organization, client):
    oil = make.variant(price=3_290_000)

    answer = put(client, oil, "2")

    assert (answer.status_code, answer.url) == (302, "/carrito/")
    assert lines() == {oil.pk: 2}
    assert "$\u00a065.800" in page(client)
    assert client.cookies["kaiu_cart_count"].value == "2"
    cookie = client.cookies["kaiu_cart"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] == 60 * 24 * 3600


def test_looking_writes_nothing(organization, client):
    page(client)

    assert not Cart.objects.exists()
    assert "kaiu_cart" not in client.cookies
    assert "sessionid" not in client.cookies


def test_adding_again_adds_up_in_the_same_line_and_cart(organization, client):
    oil = make.variant()

    put(client, oil, "2")
    put(client, oil, "3")

    assert lines() == {oil.pk: 5}
    assert Cart.objects.count() == 1


@pytest.mark.parametrize(
    "quantity", ["-1", "0", "1.5", "1,5", "1000000000", "1000", "dos", "", " ", "1e2", "٣", "2\x00"]
)
def test_a_quantity_that_makes_no_sense_is_refused_with_a_message(organization, client, quantity):
    oil = make.variant(in_stock=5)

    answer = put(client, oil, quantity)

    assert not Cart.objects.exists()
    shown = client.get(answer.url).content.decode()
    assert "is-error" in shown
    assert "999" in shown
    assert put(client, oil, quantity, x_fragment="1").status_code == 409


@pytest.mark.parametrize("quantity", ["-1", "0", "1.5", "1000000000", "x"])
def test_a_line_is_never_changed_to_such_a_quantity(organization, client, quantity):
    oil = make.variant()
    put(client, oil, "2")

    client.post("/carrito/cambiar/", {"line": only_line(), "quantity": quantity})

    assert lines() == {oil.pk: 2}


def test_what_is_not_sold_here_is_refused(organization, client):
    retired = make.variant(is_active=False)
    hidden = make.variant()
    Product.objects.filter(pk=hidden.product_id).update(is_active=False)
    coming = make.variant()
    Product.objects.filter(pk=coming.product_id).update(
        published_at=timezone.now() + timezone.timedelta(days=1)
    )
    sold_out = make.variant(in_stock=0)
    other = make.organization()
    with scope(organization=other):
        theirs = make.variant()

    for variant in (retired, hidden, coming, sold_out, theirs, "NADA", "", "A\x00"):
        assert put(client, variant, x_fragment="1").status_code == 409

    assert not Cart.objects.exists()


def test_no_more_than_is_left_is_put_in_and_it_is_said(organization, client):
    oil = make.variant(in_stock=3)

    answer = put(client, oil, "5", x_fragment="1")

    assert lines() == {oil.pk: 3}
    assert answer.status_code == 200
    assert "is-less" in answer.content.decode()
    assert put(client, oil, "1", x_fragment="1").status_code == 409
    assert lines() == {oil.pk: 3}


def test_one_order_takes_at_most_999_of_one_thing(organization, client):
    oil = make.variant(in_stock=5_000)
    put(client, oil, "999")

    put(client, oil, "1")
    client.post("/carrito/cambiar/", {"line": only_line(), "quantity": "1000"})

    assert lines() == {oil.pk: 999}


def test_a_cart_holds_at_most_a_hundred_products(organization, client):
    product = make.product(variants=0)
    variants = [make.variant(product, option1=str(number)) for number in range(101)]
    held = make.cart(*variants[:100])
    client.cookies["kaiu_cart"] = tokens.for_cart(organization, held.pk)

    assert put(client, variants[100], x_fragment="1").status_code == 409
    assert put(client, variants[0], x_fragment="1").status_code == 200
    assert len(lines()) == 100


# --- Changing and taking out ----------------------------------------------------------------------


def test_a_line_is_changed_at_most_to_what_is_left(organization, client):
    oil = make.variant(in_stock=4)
    put(client, oil)

    client.post("/carrito/cambiar/", {"line": only_line(), "set": "3", "quantity": "1"})
    assert lines() == {oil.pk: 3}
    client.post("/carrito/cambiar/", {"line": only_line(), "quantity": "9"})
    assert lines() == {oil.pk: 4}


def test_lines_are_taken_out_one_by_one_or_all(organization, client):
    first, second, third = make.variant(), make.variant(), make.variant()
    for variant in (first, second, third):
        put(client, variant)

    line = CartLine.objects.get(variant=second).pk.hex
    client.post("/carrito/quitar/", {"line": line})
    assert set(lines()) == {first.pk, third.pk}
    client.post("/carrito/quitar/", {"line": "all"})
    assert lines() == {}


def test_nobody_changes_a_line_of_another_cart(organization, client):
    oil = make.variant()
    other = make.cart(oil, quantity=2)
    line = other.lines.get().pk.hex
    put(client, make.variant())

    client.post("/carrito/cambiar/", {"line": line, "quantity": "9"})
    client.post("/carrito/quitar/", {"line": line})
    client.post("/carrito/quitar/", {"line": "nada"})

    assert other.lines.get().quantity == 2


@pytest.mark.parametrize("spoil", [lambda t: t[:-1], lambda t: "x" + t, lambda t: t.split("-")[0]])
def test_a_cookie_that_is_not_signed_by_us_opens_nothing(organization, client, spoil):
    held = make.cart(make.variant())
    client.cookies["kaiu_cart"] = spoil(tokens.for_cart(organization, held.pk))

    assert 'data-count="0"' in page(client)
    put(client, make.variant())
    assert held.lines.count() == 1


def test_the_cart_of_another_shop_is_never_opened(organization, client):
    other = make.organization()
    with scope(organization=other):
        theirs = make.cart(make.variant(make.product("Quetzal", variants=0)))
    for token in (tokens.for_cart(other, theirs.pk), tokens.for_cart(organization, theirs.pk)):
        client.cookies["kaiu_cart"] = token
        assert "Quetzal" not in page(client)
        put(client, make.variant())
    with scope(organization=other):
        assert theirs.lines.count() == 1


def test_an_ordered_cart_is_closed_and_the_next_thing_makes_a_new_one(organization, client):
    oil = make.variant()
    held = make.cart(oil, ordered_at=timezone.now())
    client.cookies["kaiu_cart"] = tokens.for_cart(organization, held.pk)

    assert 'data-count="0"' in page(client)
    put(client, oil)
    client.post("/carrito/quitar/", {"line": held.lines.get().pk.hex})

    assert Cart.objects.count() == 2
    assert held.lines.get().quantity == 1


# --- What the page says ---------------------------------------------------------------------------


def test_each_line_says_what_changed_and_offers_the_way_out(organization, client):
    scarce, dearer, gone = make.variant(in_stock=5), make.variant(price=1_000_000), make.variant()
    for variant in (scarce, dearer, gone):
        put(client, variant, "3")
    stock.move(scarce, -3, reason=StockMovement.Reason.COUNTED)
    Variant.objects.filter(pk=dearer.pk).update(price=1_200_000)
    Variant.objects.filter(pk=gone.pk).update(is_active=False)

    shown = page(client)

    assert "Solo quedan 2" in shown or "Only 2 left" in shown
    assert 'name="set" value="2"' in shown
    assert "$\u00a010.000" in shown
    assert "$\u00a012.000" in shown
    assert 'href="/checkout/"' not in shown
    line = CartLine.objects.get(variant=scarce).pk.hex
    client.post("/carrito/cambiar/", {"line": line, "set": "2"})
    line = CartLine.objects.get(variant=gone).pk.hex
    client.post("/carrito/quitar/", {"line": line})
    line = CartLine.objects.get(variant=dearer).pk.hex
    client.post("/carrito/cambiar/", {"line": line, "set": "3"})
    shown = page(client)
    assert 'href="/checkout/"' in shown
    assert "$\u00a010.000" not in shown


def test_the_bar_says_how_far_free_delivery_is(organization, client):
    make.national_rate(price=1_000_000, free_from=10_000_000)
    put(client, make.variant(price=4_000_000))

    shown = page(client)
    assert '<progress id="free-delivery" max="100000" value="40000">' in shown
    assert "$\u00a060.000" in shown


def test_a_shop_without_free_delivery_promises_none(organization, client):
    make.national_rate(price=1_000_000)
    put(client, make.variant())

    assert "<progress" not in page(client)


def test_the_minimum_order_is_told_before_the_checkout(organization, client):
    organization.minimum_order = 5_000_000
    organization.save()
    oil = make.variant(price=2_000_000)
    put(client, oil)

    shown = page(client)
    assert "$\u00a030.000" in shown
    assert 'href="/checkout/"' not in shown
    put(client, oil, "2")
    assert 'href="/checkout/"' in page(client)


def test_the_answer_in_place_is_the_cart_alone(organization, client):
    oil = make.variant()
    put(client, oil, "2")

    answer = client.post(
        "/carrito/cambiar/", {"line": only_line(), "set": "3"}, headers={"X-Fragment": "1"}
    )

    assert answer.status_code == 200
    assert 'data-count="3"' in answer.content.decode()
    assert "<html" not in answer.content.decode()
    assert answer.headers["Cache-Control"] == "no-store, private"


def test_hostile_names_are_shown_escaped(organization, client):
    hostile = "<script>alert(1)</script>\"'&"
    put(client, make.variant(make.product(hostile, variants=0)))

    assert "<script>alert(1)" not in page(client)
    assert "&lt;script&gt;alert(1)" in page(client)


# --- Vouchers -------------------------------------------------------------------------------------


def test_a_voucher_is_used_in_any_case_and_taken_off(organization, client):
    Voucher.objects.create(organization=organization, code="HOLA10", kind="percent", percent=10)
    put(client, make.variant(price=5_000_000))

    client.post("/carrito/cupon/", {"code": " hola 10 "})
    assert Cart.objects.get().voucher_code == "HOLA10"
    assert "$\u00a045.000" in page(client)
    client.post("/carrito/cupon/", {"remove": "1"})
    assert Cart.objects.get().voucher_code == ""


def test_a_voucher_that_cannot_be_used_says_why_and_keeps_what_was_typed(organization, client):
    put(client, make.variant())

    client.post("/carrito/cupon/", {"code": "N\x00"})
    answer = client.post("/carrito/cupon/", {"code": "NADA"}, headers={"X-Fragment": "1"})

    assert 'value="NADA"' in answer.content.decode()
    assert Cart.objects.get().voucher_code == ""


def test_a_voucher_that_ended_since_is_told_and_gives_nothing(organization, client):
    voucher = Voucher.objects.create(
        organization=organization, code="HOLA10", kind="percent", percent=10
    )
    put(client, make.variant(price=5_000_000))
    client.post("/carrito/cupon/", {"code": "hola10"})

    voucher.is_active = False
    voucher.save()

    shown = page(client)
    assert 'id="voucher-error"' in shown
    assert "$\u00a045.000" not in shown


def test_the_voucher_of_another_shop_is_unknown(organization, client):
    other = make.organization()
    with scope(organization=other):
        Voucher.objects.create(organization=other, code="SUYO", kind="percent", percent=50)
    put(client, make.variant())

    client.post("/carrito/cupon/", {"code": "SUYO"})

    assert Cart.objects.get().voucher_code == ""


# --- Signing in -----------------------------------------------------------------------------------


@pytest.fixture
def person(organization):
    return signing_in.person()


@pytest.fixture
def client():
    return signing_in.browser()


def test_signing_in_joins_both_carts_and_adds_up_once(organization, client, person):
    oil, soap = make.variant(in_stock=2_000), make.variant()
    signing_in.sign_in(client, person)
    put(client, oil, "998")
    client.post("/cuenta/salir/")
    put(client, oil, "3")
    put(client, soap, "2")

    signing_in.sign_in(client, person)

    mine = Cart.objects.get(customer__user=person)
    assert {line.variant_id: line.quantity for line in mine.lines.all()} == {
        oil.pk: 999,
        soap.pk: 2,
    }
    client.post("/cuenta/salir/")
    assert 'data-count="0"' in page(client)
    signing_in.sign_in(client, person)
    assert mine.lines.get(variant=soap).quantity == 2


def test_a_cart_that_cannot_be_joined_never_fails_the_sign_in(organization, client, person):
    client.cookies["kaiu_cart"] = "not-a-token"
    signing_in.sign_in(client, person)

    assert client.get("/cuenta/").status_code == 200


def test_a_signed_in_customer_has_one_open_cart_on_every_device(organization, client, person):
    oil = make.variant()
    other_device = signing_in.browser()
    for browser in (client, other_device):
        signing_in.sign_in(browser, person)
        put(browser, oil)

    assert Cart.objects.get().lines.get().quantity == 2
    assert "kaiu_cart" not in client.cookies
    assert other_device.get("/carrito/cuenta/").json() == {"count": 2}


def test_two_first_things_at_once_make_one_cart_of_a_customer(organization):
    customer, oil, soap = make.customer(), make.variant(), make.variant()
    now = timezone.now()

    for variant in (oil, soap):
        cart.add(organization, None, sku=variant.sku, quantity=1, now=now, customer=customer)

    assert Cart.objects.get(customer=customer).lines.count() == 2


# --- The link of a saved cart ---------------------------------------------------------------------


def link(organization, saved):
    return f"/carrito/recuperar/{tokens.for_cart(organization, saved.pk, purpose='restore')}/"


def test_a_saved_cart_is_shown_and_comes_back_when_asked(organization, client):
    oil = make.variant(make.product("Lavanda", variants=0))
    saved = make.cart(oil, quantity=2, draft={"email": "ana@example.com"})

    shown = client.get(link(organization, saved)).content.decode()
    assert "Lavanda" in shown
    assert Cart.objects.count() == 1
    for _time in range(2):
        client.post(link(organization, saved))

    mine = Cart.objects.exclude(pk=saved.pk).get()
    assert mine.lines.get().quantity == 2
    assert mine.draft == {}
    assert "Lavanda" in page(client)


def test_the_cart_shows_the_link_that_brings_it_back_on_another_device(organization, client):
    put(client, make.variant(make.product("Lavanda", variants=0)), "2")

    (shown,) = re.findall(r'href="(/carrito/recuperar/[^"]+)"', page(client))

    assert shown == link(organization, Cart.objects.get())
    elsewhere = Client()
    elsewhere.post(shown)
    assert "Lavanda" in page(elsewhere)


def test_the_link_still_works_after_the_cart_was_joined(organization, client, person):
    oil = make.variant()
    put(client, oil, "2")
    saved = Cart.objects.get()
    signing_in.sign_in(client, person)

    client.post(link(organization, saved))
    assert Cart.objects.get(customer__user=person).lines.get().quantity == 2
    stranger = Client()
    stranger.post(link(organization, saved))
    assert 'data-count="2"' in page(stranger)


def test_an_ordered_cart_or_another_token_restores_nothing(organization, client):
    oil = make.variant()
    ordered = make.cart(oil, ordered_at=timezone.now())
    other = make.organization()
    with scope(organization=other):
        theirs = make.cart(make.variant())
    open_cart = make.cart(oil)
    addresses = [
        link(organization, ordered),
        link(other, theirs),
        link(organization, theirs),
        f"/carrito/recuperar/{tokens.for_cart(organization, open_cart.pk)}/",
    ]

    for address in addresses:
        assert client.get(address).status_code == 410, address
        assert client.post(address).status_code == 410, address
    assert Cart.objects.count() == 2


# --- Forms on shared pages ------------------------------------------------------------------------


@pytest.fixture
def strict():
    """A browser whose forms are checked as they are in the world."""
    return Client(enforce_csrf_checks=True)


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://testserver"},
        {"origin": "http://testserver", "sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "same-origin"},
    ],
)
def test_a_form_of_our_own_page_needs_no_token(organization, strict, headers):
    assert put(strict, make.variant(), **headers).status_code == 302
    assert CartLine.objects.count() == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://testserver", "sec-fetch-site": "cross-site"},
        {"origin": "http://testserver.evil.example"},
        {"sec-fetch-site": "same-site"},
        {"referer": "https://evil.example/carrito/"},
    ],
)
def test_a_form_of_another_site_is_refused(organization, strict, headers):
    assert put(strict, make.variant(), **headers).status_code == 403
    assert not CartLine.objects.exists()


def test_a_browser_that_says_nothing_is_asked_to_confirm(organization, strict):
    oil = make.variant()

    asked = put(strict, oil, "2")

    assert asked.status_code == 200
    assert not CartLine.objects.exists()
    token = strict.cookies["csrftoken"].value
    strict.post(
        "/carrito/agregar/", {"variant": oil.sku, "quantity": "2", "csrfmiddlewaretoken": token}
    )
    assert lines() == {oil.pk: 2}


# --- Cost, and two at once ------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_with_one_line_and_with_three(
    organization, client, count, django_assert_num_queries
):
    held = make.cart(*[make.variant() for _number in range(count)])
    client.cookies["kaiu_cart"] = tokens.for_cart(organization, held.pk)
    page(client)

    with django_assert_num_queries(2):
        page(client)


def test_adding_costs_two_queries_in_one_transaction(
    organization, client, django_assert_num_queries
):
    oil = make.variant(in_stock=50)
    put(client, oil)

    # Beside them the savepoint that stands for the transaction, its release, and one setting.
    with django_assert_num_queries(5):
        put(client, oil)


@pytest.mark.django_db(transaction=True)
def test_no_addition_is_lost_when_many_come_at_once():
    shop = make.organization(host="testserver")
    with scope(organization=shop):
        oil = make.variant(in_stock=100)
        held = make.cart()
    now = timezone.now()
    start = threading.Barrier(12)

    def add():
        try:
            start.wait(timeout=20)
            with scope(organization=shop):
                cart.add(shop, held.pk, sku=oil.sku, quantity=1, now=now)
        finally:
            connection.close()

    threads = [threading.Thread(target=add) for _number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    with scope(organization=shop):
        assert held.lines.get().quantity == 12


def test_a_cart_that_nobody_came_back_to_is_forgotten(organization):
    now, oil = timezone.now(), make.variant()
    old, young, drafted = (make.cart(oil, draft={"name": "Ana"}) for _cart in range(3))
    order = make.placed_order(oil)
    Cart.objects.filter(pk=order.cart_id).update(draft={"name": "Ana"})
    for found, days in ((old, 91), (young, 5), (drafted, 31), (order.cart, 91)):
        Cart.objects.filter(pk=found.pk).update(changed_at=now - timedelta(days=days))

    cart.forget_old(now=now)

    left = dict(Cart.objects.values_list("pk", "draft"))
    assert left == {young.pk: {"name": "Ana"}, drafted.pk: {}, order.cart_id: {}}


def test_who_guesses_codes_waits_and_then_not_even_a_right_one_is_told(
    organization, client, monkeypatch
):
    monkeypatch.setattr(voucher_guesses, "RATES", ("3/d",))
    Voucher.objects.create(organization=organization, code="HOLA10", kind="percent", percent=10)
    put(client, make.variant())

    for number in range(3):
        client.post("/carrito/cupon/", {"code": f"PRUEBA{number}"})
    late = client.post("/carrito/cupon/", {"code": "HOLA10"}, headers={"X-Fragment": "1"})

    assert "muchos códigos que no existen" in late.content.decode()
    assert Cart.objects.get().voucher_code == ""
    elsewhere = client.post("/carrito/cupon/", {"code": "HOLA10"}, REMOTE_ADDR="203.0.113.7")
    assert elsewhere.status_code == 302
    assert Cart.objects.get().voucher_code == "HOLA10"


def test_the_count_says_whose_cart_it_is(organization):
    user = make.user()
    client = Client()
    client.force_login(user)

    client.get("/carrito/")

    assert client.cookies["kaiu_cart_count"].value == "0a"
