"""A stranger buys in a real browser: on a phone, by keyboard, without JavaScript, with bad luck."""

import pytest
from playwright.sync_api import expect

from orders.models import Cart, CartLine, Order
from shop import page_cache, stock
from shop.models import StockMovement
from tests import make
from tests.flows.conftest import PHONE

pytestmark = pytest.mark.browser

BANK = {"bank": "Banco", "account_number": "123", "holder": "Kaiu"}


@pytest.fixture
def counter(shop):
    """A shop that delivers, takes three kinds of payment, and sells an oil in two sizes."""
    make.national_rate(price=1_000_000, free_from=20_000_000, cash_on_delivery_fee=300_000)
    make.payment_account("transfer", name="Transferencia", settings=BANK, position=0)
    make.payment_account("practice", name="Tarjeta", position=1)
    make.payment_account("cash", name="Contra entrega", position=2, settings={"denied": ["05001"]})
    oil = make.product(
        "Aceite esencial de lavanda", slug="lavanda", variants=0, option1_name="Tamaño"
    )
    make.variant(oil, sku="LAV-10", option1="10 ml", price=3_000_000)
    make.variant(oil, sku="LAV-30", option1="30 ml", price=7_000_000, in_stock=3)
    make.variant(oil, sku="LAV-50", option1="50 ml", price=9_000_000, in_stock=0)
    page_cache.raise_version(shop.pk)
    return shop


def type_contact(page):
    page.locator("#field-name").fill("Ana Gómez")
    page.locator("#field-email").fill("ana@example.com")
    page.locator("#field-phone").fill("300 123 4567")
    page.locator("#field-document_number").fill("1020304050")
    page.locator("#field-line").fill("Calle 5 # 38-25")


def put_in_cart(page):
    page.locator("#buy-form button").click()
    expect(page.locator("[data-added] .added-words")).to_contain_text("lavanda")


def no_wider_than_its_window(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_stranger_with_a_phone_buys_by_bank_transfer(counter, visit):
    browser = visit(PHONE)
    page = browser.open("/productos/lavanda/")
    page.get_by_role("link", name="30 ml").click()
    put_in_cart(page)
    expect(page.locator("[data-cart-count]")).to_contain_text("1")
    page.locator("[data-added] a").click()

    page.wait_for_url("**/carrito/")
    page.locator("[id^=more-]").click()
    expect(page.locator(".line-total")).to_contain_text("$\u00a0140.000")
    expect(page.locator("[data-cart-count]")).to_contain_text("2")
    assert no_wider_than_its_window(page)
    page.locator("a[href='/checkout/']:visible").click()

    page.wait_for_url("**/checkout/")
    type_contact(page)
    page.locator("#field-place").press_sequentially("cali", delay=15)
    expect(page.locator("[data-total]")).to_have_text("$\u00a0150.000")
    page.locator("#field-terms").check()
    assert no_wider_than_its_window(page)
    page.locator("[data-place-order]").click()

    page.wait_for_url("**/pedidos/*/")
    order = Order.objects.get()
    assert (order.total, order.payment_method) == (15_000_000, "transfer")
    assert order.lines.get().sku == "LAV-30"
    assert order.delivery["municipality_code"] == "76001"
    expect(page.locator("[data-cart-count]").first).to_be_hidden()
    assert browser.errors == []


def test_the_payment_page_of_the_gateway_opens_and_back_leads_to_the_order(counter, visit):
    browser = visit(PHONE)
    page = browser.open("/productos/lavanda/")
    put_in_cart(page)
    page.goto(browser.base_url + "/checkout/")
    type_contact(page)
    page.locator("#field-place").fill("Cali")
    page.get_by_role("radio", name="Tarjeta").check()
    page.locator("#field-terms").check()
    expect(page.locator("[data-total]")).to_have_text("$\u00a040.000")
    page.locator("[data-place-order]").click()

    page.wait_for_url("**/practica/pago/**")
    page.goto(browser.base_url + "/checkout/")
    page.wait_for_url("**/pedidos/*/")
    assert Order.objects.count() == 1


def test_place_and_payment_change_the_total_in_place(counter, visit):
    browser = visit()
    page = browser.open("/productos/lavanda/")
    put_in_cart(page)
    page.goto(browser.base_url + "/checkout/")
    total = page.locator("[data-total]")

    page.locator("#field-place").press_sequentially("la union", delay=15)
    page.get_by_role("button", name="La Unión, Nariño").click()
    expect(page.locator("#field-place")).to_have_value("La Unión, Nariño")
    expect(total).to_have_text("$\u00a040.000")
    page.get_by_label("Contra entrega").check()
    expect(total).to_have_text("$\u00a043.000")
    page.locator("#field-place").fill("Medellín")
    expect(page.get_by_label("Contra entrega")).to_be_disabled()
    expect(total).to_have_text("$\u00a040.000")
    assert browser.errors == []


def test_the_whole_purchase_by_keyboard(counter, visit):
    browser = visit()
    page = browser.open("/productos/lavanda/")

    def reach(locator):
        for _press in range(80):
            page.keyboard.press("Tab")
            if locator.evaluate("one => one === document.activeElement"):
                return
        raise AssertionError("The keyboard never gets there.")

    reach(page.locator("#buy-form button"))
    page.keyboard.press("Enter")
    expect(page.locator("[data-added]")).to_be_visible()
    # A box that opens takes the keyboard to its first way on.
    expect(page.locator("[data-added] a")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/carrito/")
    reach(page.locator("[id^=more-]"))
    page.keyboard.press("Enter")
    expect(page.locator("[id^=quantity-]")).to_have_value("2")
    expect(page.locator("[id^=more-]")).to_be_focused()
    reach(page.locator("a[href='/checkout/']:visible"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/checkout/")
    for name, words in {
        "name": "Ana Gómez",
        "email": "ana@example.com",
        "phone": "3001234567",
        "document_number": "1020304050",
        "place": "Pasto",
    }.items():
        reach(page.locator(f"#field-{name}"))
        page.keyboard.type(words)
    expect(page.locator("[data-total]")).to_have_text("$\u00a070.000")
    reach(page.locator("#field-line"))
    page.keyboard.type("Calle 18 # 25-10")
    reach(page.locator("#field-terms"))
    page.keyboard.press("Space")
    reach(page.locator("[data-place-order]"))
    page.keyboard.press("Enter")

    page.wait_for_url("**/pedidos/*/")
    assert Order.objects.get().delivery["municipality_code"] == "52001"


def test_the_whole_purchase_without_javascript(counter, visit):
    page = visit(PHONE, java_script_enabled=False).open("/productos/lavanda/?variante=LAV-30")
    page.locator("#buy-form input[name=quantity]").fill("2")
    page.locator("#buy-form button").click()
    page.wait_for_url("**/carrito/")
    page.locator("[id^=less-]").click()
    expect(page.locator(".line-total")).to_contain_text("$\u00a070.000")
    page.locator("a[href='/checkout/']:visible").click()

    type_contact(page)
    page.locator("#field-place").fill("La Unión")
    page.locator("#field-terms").check()
    page.locator("[data-place-order]").click()
    page.get_by_role("button", name="La Unión, Nariño").click()
    expect(page.locator("[data-total]")).to_have_text("$\u00a080.000")
    expect(page.locator("#field-line")).to_have_value("Calle 5 # 38-25")
    page.locator("#field-terms").check()
    page.locator("[data-place-order]").click()

    page.wait_for_url("**/pedidos/*/")
    order = Order.objects.get()
    assert (order.total, order.delivery["municipality_code"]) == (8_000_000, "52399")


def test_mistakes_are_told_beside_their_fields_and_nothing_is_lost(counter, visit):
    browser = visit(PHONE)
    page = browser.open("/productos/lavanda/")
    put_in_cart(page)
    page.goto(browser.base_url + "/checkout/")
    type_contact(page)
    page.locator("#field-email").fill("ana@")
    page.locator("#field-place").fill("Cali")
    expect(page.locator("[data-total]")).to_have_text("$\u00a040.000")
    page.locator("[data-place-order]").click()

    expect(page.locator("[data-faults]")).to_be_focused()
    expect(page.locator("#error-email")).to_be_visible()
    expect(page.locator("#error-terms")).to_be_visible()
    expect(page.locator("#field-line")).to_have_value("Calle 5 # 38-25")
    page.locator("[data-faults] a").first.click()
    expect(page.locator("#field-email")).to_be_focused()


def test_a_line_that_ran_out_is_put_right_in_one_tap(counter, visit):
    browser = visit(PHONE)
    page = browser.open("/productos/lavanda/?variante=LAV-30")
    page.locator("#buy-form input[name=quantity]").fill("3")
    put_in_cart(page)
    line = CartLine.objects.get()
    stock.move(line.variant, -1, reason=StockMovement.Reason.COUNTED)
    page.goto(browser.base_url + "/carrito/")

    page.locator("[id^=fix-]").click()

    expect(page.locator(".line-total")).to_contain_text("$\u00a0140.000")
    expect(page.locator("a[href='/checkout/']:visible")).to_be_visible()
    assert Cart.objects.get().lines.get().quantity == 2
    assert browser.errors == []


def test_what_is_sold_out_cannot_be_put_in(counter, visit):
    page = visit().open("/productos/lavanda/")

    page.get_by_role("link", name="50 ml").click()

    expect(page.locator("#buy-form")).to_be_hidden()


@pytest.mark.parametrize("path", ["/carrito/", "/checkout/", "/productos/lavanda/"])
def test_every_page_of_buying_fits_a_narrow_phone(counter, visit, path):
    browser = visit({"width": 320, "height": 640})
    page = browser.open("/productos/lavanda/")
    put_in_cart(page)

    page.goto(browser.base_url + path)

    assert no_wider_than_its_window(page)
    assert browser.errors == []
