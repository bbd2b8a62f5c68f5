"""A buyer in a browser, from the product's page to the order's."""

from django.utils import translation
from django.utils.translation import gettext
from playwright.sync_api import expect


def buy(phone, way: str):
    """Go from the product to the pressed button of the checkout."""
    page = phone.open("/productos/lavanda/")
    page.locator("#buy-form button").click()
    page.locator("[data-added] a").click()
    page.wait_for_url("**/carrito/")
    check_out(page, way)
    return page


def fill_in(page) -> None:
    """Go from the cart to the checkout and write who buys and where it goes."""
    page.locator("a[href='/checkout/']:visible").click()
    page.wait_for_url("**/checkout/")
    for name, words in {
        "name": "Ana Gómez",
        "email": "ana@example.com",
        "phone": "300 123 4567",
        "document_number": "1020304050",
        "place": "Cali",
        "line": "Calle 5 # 38-25",
    }.items():
        page.locator(f"#field-{name}").fill(words)
    expect(page.locator("[data-total]")).to_have_text("$\u00a040.000")


def check_out(page, way: str) -> None:
    """Order what is in the cart, and pay it this way."""
    fill_in(page)
    page.get_by_role("radio", name=way).check()
    page.locator("#field-terms").check()
    page.locator("[data-place-order]").click()


def pay_again(page, way: str) -> None:
    page.get_by_role("radio", name=way).check()
    page.locator(".order-pay button[type=submit]").click()


def at_practice(page, choice: str) -> None:
    page.wait_for_url("**/practica/pago/**")
    page.locator(f"button[name=choice][value={choice}]").click()
    page.wait_for_url("**/pedidos/*/")


def reads(page, words: str) -> None:
    """Wait until the order's page says so first, in the shop's language."""
    language = page.locator("html").get_attribute("lang")
    with translation.override(language):
        expect(page.get_by_role("heading", level=1)).to_have_text(gettext(words), timeout=15_000)


def stays_open(page) -> None:
    """Mark the page, to see later that it changed without being loaded again."""
    page.evaluate("window.wasNotReloaded = true")


def was_not_reloaded(page) -> bool:
    return page.evaluate("window.wasNotReloaded === true")


def look_later(page) -> None:
    """Let a minute pass, after which every page that waits has looked for news."""
    page.clock.fast_forward(60_000)
