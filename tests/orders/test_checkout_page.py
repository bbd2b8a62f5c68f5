"""The checkout's page: what it asks, refuses, keeps, and the one order it becomes."""

import re
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone
from django_scopes import scope

from config.lib import memory
from orders import tokens
from orders.models import Cart, Order, PaymentAttempt, Voucher
from shop import stock
from shop.models import Address, Consent, Municipality, StockMovement, Variant
from tests import make
from tests.shop import signing_in

pytestmark = pytest.mark.django_db

PERSON = {
    "name": "Ana Gómez",
    "email": "ana@example.com",
    "phone": "300 123 4567",
    "document_type": "CC",
    "document_number": "1.020.304.050",
    "place": "Cali",
    "line": "Calle 5 # 38-25",
    "terms": "on",
}


@pytest.fixture
def client(organization):
    browser = signing_in.browser()
    browser.cookies["kaiu_language"] = "en"
    return browser


@pytest.fixture
def rate(organization):
    return make.national_rate(price=1_000_000)


@pytest.fixture
def account(organization):
    return make.payment_account("practice")


@pytest.fixture
def oil(organization):
    return make.variant(make.product("Lavanda", variants=0), price=3_000_000, in_stock=10)


def fill_cart(client, *variants, quantity=1):
    for variant in variants:
        client.post("/carrito/agregar/", {"variant": variant.sku, "quantity": quantity})


def shown(client, path="/checkout/"):
    answer = client.get(path)
    assert answer.status_code == 200, answer.headers.get("location")
    return unescape(answer.content.decode())


def hidden(page):
    """Give the fields that a browser sends along unseen, and what is chosen."""
    found = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    chosen = re.findall(r'type="radio" id="[^"]*" name="(\w+)" value="([^"]*)" checked', page)
    return found | dict(chosen)


def send(client, fields=None, **changes):
    """Send the page as a browser does: what it holds, what is typed, what is changed."""
    typed = {**PERSON, **(fields or {}), **changes}
    page = shown(client)
    draft = {name: typed[name] for name in ("place", "municipality", "address") if name in typed}
    if typed.get("place") and "delivery" not in typed:
        part = client.get("/checkout/entrega/", {**draft, **_only(typed, "account")})
        page += unescape(part.content.decode())
    fields = {**hidden(page), **typed}
    return client.post("/checkout/", {name: value for name, value in fields.items() if value})


def _only(fields, *names):
    return {name: fields[name] for name in names if fields.get(name)}


def order_page(order):
    return f"/pedidos/{tokens.for_order(order)}/"


def faults(answer):
    """Give the names of the fields at fault, and what is said in all."""
    page = unescape(answer.content.decode())
    return set(re.findall(r'id="error-([\w-]+)"', page)), page


# --- One order ------------------------------------------------------------------------------------


def test_a_guest_buys_and_is_led_to_the_payment(organization, client, rate, account, oil):
    fill_cart(client, oil, quantity=2)

    answer = send(client, complement="Apto 301", notes="Timbre dañado", marketing="on")

    order = Order.objects.get()
    attempt = PaymentAttempt.objects.get()
    assert (answer.status_code, answer.url) == (302, attempt.url)
    assert (order.total, order.subtotal, order.shipping) == (7_000_000, 6_000_000, 1_000_000)
    assert (order.name, order.email, str(order.phone)) == (
        "Ana Gómez",
        "ana@example.com",
        "+573001234567",
    )
    assert (order.document_type, order.document_number) == ("CC", "1020304050")
    assert order.delivery["municipality_code"] == "76001"
    assert order.delivery["line"] == "Calle 5 # 38-25"
    assert order.delivery["complement"] == "Apto 301"
    assert order.notes == "Timbre dañado"
    assert order.terms_version
    assert order.billing is None
    purposes = set(Consent.objects.values_list("purpose", flat=True))
    assert purposes == {"terms", "privacy", "marketing"}
    assert client.cookies["kaiu_cart_count"].value == "0"


def test_news_are_agreed_to_only_by_ticking(organization, client, rate, account, oil):
    fill_cart(client, oil)
    page = shown(client)
    assert "checked" not in re.search(r'<input[^>]*name="marketing"[^>]*>', page).group()
    assert "checked" not in re.search(r'<input[^>]*name="terms"[^>]*>', page).group()

    send(client)

    assert not Consent.objects.filter(purpose="marketing").exists()


def test_a_double_click_a_reload_and_the_way_back_make_one_order(
    organization, client, rate, account, oil
):
    fill_cart(client, oil)
    page = shown(client)
    part = unescape(client.get("/checkout/entrega/", {"place": "Cali"}).content.decode())
    fields = {**hidden(page + part), **PERSON}

    first = client.post("/checkout/", fields)
    second = client.post("/checkout/", fields)

    assert first.url == second.url == PaymentAttempt.objects.get().url
    assert Order.objects.count() == 1
    again = client.get("/checkout/")
    assert again.url == order_page(Order.objects.get())


def test_two_tabs_make_one_order(organization, client, rate, account, oil):
    fill_cart(client, oil)
    tabs = [shown(client), shown(client)]
    part = unescape(client.get("/checkout/entrega/", {"place": "Cali"}).content.decode())

    for tab in tabs:
        client.post("/checkout/", {**hidden(tab + part), **PERSON})

    assert Order.objects.count() == 1


def test_a_paid_order_is_never_paid_again_by_going_back(organization, client, rate, account, oil):
    fill_cart(client, oil)
    page = shown(client)
    part = unescape(client.get("/checkout/entrega/", {"place": "Cali"}).content.decode())
    fields = {**hidden(page + part), **PERSON}
    client.post("/checkout/", fields)
    order = Order.objects.get()
    make.pay(order)

    assert client.post("/checkout/", fields).url == order_page(order)
    assert PaymentAttempt.objects.count() == 1


@pytest.mark.parametrize("provider", ["transfer", "cash"])
def test_what_is_not_paid_on_a_page_leads_to_the_order(organization, client, rate, oil, provider):
    settings = {"bank": "Banco", "account_number": "123", "holder": "Kaiu"}
    make.payment_account(provider, settings=settings if provider == "transfer" else {})
    fill_cart(client, oil)

    answer = send(client)

    assert answer.url == order_page(Order.objects.get())


def test_an_order_that_costs_nothing_needs_no_payment(organization, client, account, oil):
    make.national_rate(price=0)
    Voucher.objects.create(organization=organization, code="GRATIS", kind="percent", percent=100)
    fill_cart(client, oil)
    client.post("/carrito/cupon/", {"code": "gratis"})

    answer = send(client)

    order = Order.objects.get()
    assert (order.total, order.status, answer.url) == (0, "confirmed", order_page(order))


# --- What is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "Ana\x1fGómez"),
        ("email", "ana"),
        ("email", ""),
        ("phone", "123"),
        ("phone", "+1 555"),
        ("document_number", "12"),
        ("document_type", "XX"),
        ("place", "Macondo"),
        ("place", ""),
        ("line", ""),
        ("terms", ""),
    ],
)
def test_a_bad_field_is_told_beside_it_and_nothing_typed_is_lost(
    organization, client, rate, account, oil, field, value
):
    fill_cart(client, oil)

    answer = send(client, {field: value}, notes="Timbre dañado")

    wrong, page = faults(answer)
    assert answer.status_code == 422
    assert field in wrong
    assert not Order.objects.exists()
    for kept in {**PERSON, field: ""}.values():
        if kept not in ("", "on", "CC"):
            assert kept in page
    assert "Timbre dañado" in page
    assert "Timbre dañado" in shown(client)


def test_the_check_digit_of_a_nit_is_checked(organization, client, rate, account, oil):
    fill_cart(client, oil)
    wrong, _page = faults(send(client, document_type="NIT", document_number="900373076-5"))
    assert wrong == {"document_number"}

    send(client, document_type="NIT", document_number="900.373.076-4")

    assert Order.objects.get().document_number == "900373076-4"


def test_a_name_that_several_places_share_is_chosen_without_javascript(
    organization, client, rate, account, oil
):
    fill_cart(client, oil)
    wrong, page = faults(send(client, place="La Unión"))
    assert "place" in wrong
    codes = re.findall(r'name="choose" value="(\d+)"', page)
    assert "52399" in codes

    chosen = client.post("/checkout/", {**PERSON, **hidden(page), "choose": "52399"})
    page = unescape(chosen.content.decode())
    assert chosen.status_code == 200
    assert 'value="La Unión, Nariño"' in page
    client.post("/checkout/", {**PERSON, **hidden(page), "place": "La Unión, Nariño"})

    assert Order.objects.get().delivery["municipality_code"] == "52399"


def test_a_municipality_is_picked_by_its_department(organization, client, rate, account, oil):
    fill_cart(client, oil)
    assert shown(client).count('<option value="52">Nariño</option>') == 1

    part = client.get("/checkout/entrega/", {"department": "52"}).content.decode()
    picked = client.post(
        "/checkout/", {**PERSON, "place": "", "department": "52", "step": "delivery"}
    )

    codes = re.findall(r'name="choose" value="(\d+)"', part)
    assert codes == re.findall(r'name="choose" value="(\d+)"', picked.content.decode())
    assert set(codes) == set(
        Municipality.objects.filter(department="52").values_list("code", flat=True)
    )
    wrong, page = faults(client.post("/checkout/", {**PERSON, "place": "", "department": "52"}))
    assert "place" in wrong
    assert "Choose your municipality." in page
    assert '<option value="52" selected>Nariño</option>' in page
    client.post("/checkout/", {**PERSON, **hidden(page), "choose": "52838"})
    assert 'value="Túquerres, Nariño"' in shown(client)


@pytest.mark.parametrize("seen", ["", "1", "-1", "0", "x", "9" * 40])
def test_a_total_that_the_buyer_did_not_see_is_shown_first(
    organization, client, rate, account, oil, seen
):
    fill_cart(client, oil)

    answer = send(client, seen_total=seen, delivery=make.delivery_code(rate), account="")
    answer = client.post(
        "/checkout/", {**hidden(answer.content.decode()), **PERSON, "seen_total": seen}
    )

    assert answer.status_code == 422
    assert not Order.objects.exists()
    assert "$\u00a040.000" in answer.content.decode()


def test_amounts_that_the_client_sends_are_never_believed(organization, client, rate, account, oil):
    fill_cart(client, oil)

    send(
        client,
        price="1",
        unit_price="1",
        subtotal="1",
        discount="2999999",
        shipping="0",
        total="1",
        currency="USD",
        tax="0",
        customer="1",
        quantity="-1",
    )

    order = Order.objects.get()
    assert (order.total, order.currency, order.discount) == (4_000_000, "COP", 0)


def test_a_delivery_that_is_not_offered_is_refused(organization, client, rate, account, oil):
    fill_cart(client, oil)
    other = make.organization()
    with scope(organization=other):
        theirs = make.delivery_code(make.national_rate(price=0))

    for code in ("rate-1", "free", theirs):
        wrong, _page = faults(send(client, delivery=code, account=account.pk.hex, seen_total="1"))
        assert "delivery" in wrong, code
    assert not Order.objects.exists()


def test_no_quote_is_never_free_delivery(organization, client, account, oil):
    fill_cart(client, oil)

    part = unescape(client.get("/checkout/entrega/", {"place": "Cali"}).content.decode())
    assert "Free" not in part
    assert 'name="seen_total" value=""' in part
    wrong, _page = faults(send(client, seen_total="3000000"))
    assert "delivery" in wrong
    assert not Order.objects.exists()


def test_a_payment_of_another_shop_or_a_closed_one_is_refused(organization, client, rate, oil):
    closed = make.payment_account("practice", is_active=False)
    other = make.organization()
    with scope(organization=other):
        theirs = make.payment_account("practice")
    fill_cart(client, oil)

    for account in (closed, theirs):
        wrong, _page = faults(send(client, account=account.pk.hex))
        assert "account" in wrong
    assert not Order.objects.exists()


def test_cash_is_offered_only_where_it_is_allowed_with_its_fee(organization, client, oil):
    make.national_rate(price=1_000_000, cash_on_delivery_fee=300_000)
    cash = make.payment_account("cash", settings={"allowed": ["76001"]})
    fill_cart(client, oil)

    part = unescape(client.get("/checkout/entrega/", {"place": "Medellín"}).content.decode())
    assert "Paying on delivery is not possible for this address." in part
    wrong, _page = faults(send(client, place="Medellín", account=cash.pk.hex))
    assert "account" in wrong
    send(client, place="Cali", account=cash.pk.hex)

    order = Order.objects.get()
    assert (order.cash_fee, order.total) == (300_000, 4_300_000)


def test_less_than_the_minimum_is_never_ordered(organization, client, rate, account, oil):
    fill_cart(client, oil)
    page = shown(client)
    part = unescape(client.get("/checkout/entrega/", {"place": "Cali"}).content.decode())
    organization.minimum_order = 5_000_000
    organization.save()
    memory.clear_all()

    answer = client.post("/checkout/", {**hidden(page + part), **PERSON})

    assert answer.status_code == 422
    assert "$\u00a050.000" in answer.content.decode()
    assert client.get("/checkout/").url == "/carrito/"
    assert not Order.objects.exists()


# --- What changes meanwhile -----------------------------------------------------------------------


def test_a_line_that_ran_out_is_named_and_corrected_in_place(
    organization, client, rate, account, oil
):
    soap = make.variant(make.product("Jabón", variants=0), price=1_000_000)
    fill_cart(client, oil, soap, quantity=4)
    stock.move(oil, -8, reason=StockMovement.Reason.COUNTED)

    answer = send(client)

    page = unescape(answer.content.decode())
    assert answer.status_code == 422
    assert "Lavanda: Only 2 left" in page
    assert "Jabón: " not in page
    assert PERSON["line"] in page
    fix = re.search(r'name="fix" value="(\w+:\d+)"', page).group(1)
    answer = client.post("/checkout/", {**hidden(page), **PERSON, "fix": fix})
    assert answer.url == "/checkout/"
    assert PERSON["line"] in shown(client)
    send(client)
    assert Order.objects.get().lines.get(variant=oil).quantity == 2


def test_a_changed_price_is_shown_before_it_is_charged(organization, client, rate, account, oil):
    fill_cart(client, oil)
    page = shown(client)
    part = unescape(client.get("/checkout/entrega/", {"place": "Cali"}).content.decode())
    Variant.objects.filter(pk=oil.pk).update(price=3_500_000)

    answer = client.post("/checkout/", {**hidden(page + part), **PERSON})

    page = unescape(answer.content.decode())
    assert answer.status_code == 422
    assert "The total is now $\u00a045.000" in page
    assert not Order.objects.exists()
    client.post("/checkout/", {**PERSON, **hidden(page)})
    assert Order.objects.get().total == 4_500_000


def test_a_voucher_used_up_meanwhile_is_told_and_can_be_left_out(
    organization, client, rate, account, oil
):
    voucher = Voucher.objects.create(
        organization=organization, code="UNO", kind="amount", amount=500_000, limit=1
    )
    fill_cart(client, oil)
    client.post("/carrito/cupon/", {"code": "uno"})
    page = shown(client)
    part = unescape(client.get("/checkout/entrega/", {"place": "Cali"}).content.decode())
    voucher.used = 1
    voucher.save()

    answer = client.post("/checkout/", {**hidden(page + part), **PERSON})

    page = unescape(answer.content.decode())
    assert answer.status_code == 422
    assert "This voucher was already used up." in page
    assert PERSON["line"] in page
    client.post("/checkout/", {**PERSON, **hidden(page), "step": "no-voucher"})
    send(client)
    assert Order.objects.get().total == 4_000_000


def test_a_voucher_is_put_in_on_the_page_and_nothing_is_lost(
    organization, client, rate, account, oil
):
    Voucher.objects.create(organization=organization, code="DIEZ", kind="percent", percent=10)
    fill_cart(client, oil)

    answer = client.post("/checkout/", {**PERSON, "step": "voucher", "code": "diez"})

    assert answer.url == "/checkout/"
    assert PERSON["line"] in shown(client)
    assert "$\u00a0-3.000" in shown(client) or "-$\u00a03.000" in shown(client)
    wrong = client.post("/checkout/", {**PERSON, "step": "voucher", "code": "nada"})
    assert wrong.status_code == 422


def test_the_way_to_the_cart_and_back_keeps_what_was_typed(
    organization, client, rate, account, oil
):
    fill_cart(client, oil)

    answer = client.post("/checkout/", {**PERSON, "step": "cart"})

    assert answer.url == "/carrito/"
    page = shown(client)
    for value in ("Ana Gómez", "ana@example.com", "300 123 4567", "Calle 5 # 38-25", "Cali"):
        assert f'value="{value}"' in page
    assert "terms" not in Cart.objects.get().draft


def test_a_failed_gateway_leaves_an_order_that_can_be_paid_later(organization, client, rate, oil):
    account = make.payment_account("wompi", secrets={})
    fill_cart(client, oil)

    wrong, _page = faults(send(client, account=account.pk.hex))

    assert "account" in wrong
    assert not Order.objects.exists()


# --- Without JavaScript, pick-up, others ----------------------------------------------------------


def test_without_javascript_the_page_comes_back_with_deliveries_and_the_total(
    organization, client, rate, account, oil
):
    fill_cart(client, oil)
    page = shown(client)

    first = client.post("/checkout/", {**PERSON, **hidden(page)})
    page = unescape(first.content.decode())
    assert first.status_code == 422
    assert "$\u00a040.000" in page
    assert not Order.objects.exists()
    second = client.post("/checkout/", {**PERSON, **hidden(page)})

    assert second.status_code == 302
    assert Order.objects.get().total == 4_000_000


def test_who_picks_up_needs_no_address(organization, client, rate, account, oil):
    counter = make.rate(make.rate_table("Tienda", kind="pickup"), price=0)
    fill_cart(client, oil)

    answer = send(
        client, line="", delivery=make.delivery_code(counter), account=account.pk.hex, place="Cali",
        seen_total="3000000",
    )  # fmt: skip

    assert answer.status_code == 302
    order = Order.objects.get()
    assert (order.is_pickup, order.shipping, order.delivery["line"]) == (True, 0, "")


def test_nobody_is_sent_to_the_counter_unless_they_say_so(organization, client, rate, oil):
    make.rate(make.rate_table("Tienda", kind="pickup"), price=0)
    organization.opening_hours = "Sa 09:00-13:00"
    organization.save()
    fill_cart(client, oil)

    part = unescape(client.get("/checkout/entrega/", {"place": "Cali"}).content.decode())

    assert hidden(part)["delivery"] == make.delivery_code(rate)
    # Who would come to the counter reads when.
    assert "09:00–\u206013:00" in part


def test_somebody_else_receives_it_and_another_pays_the_invoice(
    organization, client, rate, account, oil
):
    fill_cart(client, oil)
    others = {"recipient": "Luis Pérez", "recipient_phone": "310 765 4321"}
    wrong, page = faults(send(client, billing_name="Flores SAS", **others))
    assert {"billing_document_number", "billing_line", "billing_place"} <= wrong
    assert "Luis Pérez" in page

    send(
        client,
        billing_name="Flores SAS",
        billing_document_type="NIT",
        billing_document_number="900373076-4",
        billing_line="Carrera 7 # 71-21",
        billing_place="Bogotá",
        **others,
    )

    order = Order.objects.get()
    assert (order.delivery["recipient"], order.delivery["phone"]) == (
        "Luis Pérez",
        "+573107654321",
    )
    assert order.billing["recipient"] == "Flores SAS"
    assert order.billing["document_number"] == "900373076-4"
    assert order.billing["municipality_code"] == "11001"


@pytest.fixture
def person(organization):
    return signing_in.person(name="Ana Gómez")


@pytest.fixture
def home(person, client):
    signing_in.sign_in(client, person)
    return Address.objects.create(
        customer=person.customers.get(),
        recipient="Ana en casa",
        phone="+573001234567",
        line="Calle 10 # 4-40",
        municipality=Municipality.objects.get(code="05001"),
        is_default=True,
    )


def test_a_customer_orders_to_a_saved_address(organization, client, rate, account, oil, home):
    fill_cart(client, oil)
    page = shown(client)
    assert 'value="Ana Gómez"' in page
    assert hidden(page)["address"] == home.pk.hex

    client.post("/checkout/", {**PERSON, **hidden(page), "place": "", "line": ""})

    order = Order.objects.get()
    assert order.customer == home.customer
    assert order.delivery["line"] == "Calle 10 # 4-40"
    assert order.delivery["municipality_code"] == "05001"


def test_the_address_of_another_customer_is_never_used(
    organization, client, rate, account, oil, home
):
    theirs = Address.objects.create(
        customer=make.customer(),
        recipient="Otra",
        phone="+573001234567",
        line="Secreta 1",
        municipality=Municipality.objects.get(code="05001"),
    )
    fill_cart(client, oil)

    send(client, address=theirs.pk.hex)

    assert Order.objects.get().delivery["line"] == PERSON["line"]


def test_what_was_typed_as_a_stranger_is_asked_again_after_signing_in(
    organization, client, rate, account, oil, person
):
    fill_cart(client, oil)
    page = shown(client)
    part = unescape(client.get("/checkout/entrega/", {"place": "Cali"}).content.decode())
    signing_in.sign_in(client, person)

    answer = client.post("/checkout/", {**hidden(page + part), **PERSON})

    assert answer.status_code == 422
    assert not Order.objects.exists()
    page = unescape(answer.content.decode())
    client.post("/checkout/", {**PERSON, **hidden(page)})
    assert Order.objects.get().customer.user == person


# --- Whose cart -----------------------------------------------------------------------------------


def test_a_token_of_another_cart_or_shop_opens_nothing(organization, client, rate, account, oil):
    theirs = make.cart(oil, draft={"line": "Secreta 1"})
    other = make.organization()
    with scope(organization=other):
        foreign = make.cart(make.variant())
    fill_cart(client, oil)
    for token in (
        tokens.for_cart(organization, theirs.pk),
        tokens.for_cart(other, foreign.pk, purpose="checkout"),
        tokens.for_cart(organization, theirs.pk, purpose="checkout"),
        "x",
    ):
        answer = send(client, cart=token)
        assert answer.status_code == 422
        assert "Secreta" not in answer.content.decode()
    assert not Order.objects.exists()


def test_a_stranger_without_a_cart_is_led_to_it(organization):
    assert Client().get("/checkout/").url == "/carrito/"
    assert Client().post("/checkout/", PERSON).url == "/carrito/"
    assert Client().get("/checkout/entrega/?place=Cali").status_code == 204


def test_looking_at_the_checkout_writes_nothing(organization, client, rate, account, oil):
    fill_cart(client, oil)
    before = Cart.objects.get().changed_at

    shown(client)
    shown(client, "/checkout/entrega/?place=Cali")

    assert Cart.objects.get().changed_at == before
    assert "sessionid" not in client.cookies


def test_hostile_words_are_shown_escaped(organization, client, rate, account, oil):
    hostile = "<script>alert(1)</script>\"'&"
    fill_cart(client, oil)

    answer = send(client, dict.fromkeys(("name", "line", "notes", "place"), hostile), email="")

    assert "<script>alert(1)" not in answer.content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_with_one_line_and_with_three(
    organization, client, rate, account, count, django_assert_num_queries
):
    held = make.cart(*[make.variant() for _number in range(count)])
    client.cookies["kaiu_cart"] = tokens.for_cart(organization, held.pk)
    shown(client)
    # The places and the ways to pay are remembered by the process.
    shown(client, "/checkout/entrega/?place=Cali")

    with django_assert_num_queries(2):
        shown(client)
    with django_assert_num_queries(3):
        shown(client, "/checkout/entrega/?place=Cali")


def test_sending_the_page_and_looking_at_the_order_ask_little_of_the_database(
    organization, client, rate, oil, django_assert_max_num_queries
):
    bank = {"bank": "Banco", "account_number": "123", "holder": "Kaiu"}
    make.payment_account("transfer", settings=bank)
    fill_cart(client, oil)
    page = shown(client)
    part = unescape(client.get("/checkout/entrega/", {"place": "Cali"}).content.decode())
    fields = {**hidden(page + part), **PERSON}

    # However long ago: what a process remembers for a moment is asked again.
    memory.clear_all()
    with django_assert_max_num_queries(24):
        answer = client.post("/checkout/", fields)
    memory.clear_all()
    with django_assert_max_num_queries(11):
        client.get(answer.url)


def test_an_ordered_cart_leads_to_its_order(organization, client, oil):
    order = make.placed_order(oil)
    client.cookies["kaiu_cart"] = tokens.for_cart(organization, order.cart_id)

    assert client.get("/checkout/").url == order_page(order)
    assert timezone.now() > order.placed_at
