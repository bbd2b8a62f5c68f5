"""A shopper in a real browser: on a phone, by keyboard, without JavaScript or a network."""

import pytest
from playwright.sync_api import expect

from shop import page_cache
from tests import make
from tests.flows.conftest import PHONE

pytestmark = pytest.mark.browser


@pytest.fixture
def catalogue(shop):
    """A shop with a number to write to, and a product of two sizes."""
    shop.whatsapp = "+573001234567"
    shop.save()
    shelf = make.category("Aceites esenciales", slug="aceites")
    oil = make.product(
        "Aceite esencial de lavanda",
        slug="lavanda",
        category=shelf,
        variants=0,
        option1_name="Tamaño",
    )
    make.variant(oil, sku="LAV-10", option1="10 ml", price=3_290_000)
    make.variant(oil, sku="LAV-30", option1="30 ml", price=7_490_000, in_stock=2)
    make.variant(oil, sku="LAV-50", option1="50 ml", price=9_900_000, in_stock=0)
    for number in range(30):
        make.product(f"Jabón número {number:02d}", price=1_000_000 + number * 100_000)
    page_cache.raise_version(shop.pk)
    return shop


def no_wider_than_its_window(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_misspelt_word_leads_to_the_product_and_its_price(catalogue, visit):
    browser = visit(PHONE)
    page = browser.open("/")

    page.get_by_role("combobox").or_(page.get_by_role("searchbox")).first.fill("labanda")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Aceite esencial de lavanda").first.click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Aceite esencial de lavanda")
    expect(page.locator(".product-price [data-show=price]")).to_have_text("$\u00a032.900")
    assert no_wider_than_its_window(page)
    assert browser.errors == []


def test_choosing_a_size_changes_price_stock_and_sku_in_place(catalogue, visit):
    browser = visit()
    page = browser.open("/productos/lavanda/")
    page.evaluate("window.wasNotReloaded = true")

    page.get_by_role("link", name="30 ml").click()

    expect(page.locator(".product-price [data-show=price]")).to_have_text("$\u00a074.900")
    expect(page.locator("[data-show=sku]")).to_have_text("LAV-30")
    expect(page.locator("[data-show=stock]")).to_contain_text("2")
    assert page.evaluate("window.wasNotReloaded") is True
    assert "LAV-30" in page.locator("[data-show=buy]").get_attribute("href")
    page.get_by_role("link", name="50 ml").click()
    expect(page.locator("[data-show=buy]")).to_be_hidden()
    assert browser.errors == []


def test_choosing_a_size_works_without_javascript(catalogue, visit):
    page = visit(java_script_enabled=False).open("/productos/lavanda/")

    page.get_by_role("link", name="30 ml").click()

    expect(page.locator(".product-price [data-show=price]")).to_have_text("$\u00a074.900")
    assert "LAV-30" in page.locator("[data-show=buy]").get_attribute("href")


@pytest.mark.parametrize("with_javascript", [True, False])
def test_sorting_and_the_next_page_are_links_that_work(catalogue, visit, with_javascript):
    browser = visit(java_script_enabled=with_javascript)
    page = browser.open("/productos/")
    if with_javascript:
        page.evaluate("window.wasNotReloaded = true")

    page.locator("summary", has_text="Ordenar").or_(
        page.locator("summary", has_text="Sort")
    ).first.click()
    page.locator("a[href*='orden=precio']").first.click()
    expect(page.locator(".card-name").first).to_have_text("Jabón número 00")
    page.locator("a[rel=next]").click()
    expect(page.locator(".card-name").last).to_have_text("Jabón número 29")

    assert "orden=precio" in page.url
    assert "desde=" in page.url
    if with_javascript:
        assert page.evaluate("window.wasNotReloaded") is True
    page.go_back()
    expect(page.locator(".card-name").first).to_have_text("Jabón número 00")
    assert browser.errors == []


def test_suggestions_are_chosen_by_keyboard(catalogue, visit):
    browser = visit()
    page = browser.open("/")

    page.get_by_role("combobox").type("lavan")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    page.wait_for_url("**/productos/lavanda/")
    assert browser.errors == []


@pytest.mark.parametrize(
    "path", ["/", "/productos/", "/categorias/aceites/", "/productos/lavanda/", "/buscar/?q=zzz"]
)
def test_every_page_fits_a_narrow_phone(catalogue, visit, path):
    browser = visit({"width": 320, "height": 640})
    page = browser.open(path)

    assert no_wider_than_its_window(page)
    assert browser.errors == []


def test_grid_or_list_is_remembered(catalogue, visit):
    page = visit().open("/productos/")
    page.locator(".switch a[href*='/vista/list/']").click()
    expect(page.locator(".cards.is-list")).to_be_visible()

    page.goto(page.url.split("/productos/")[0] + "/categorias/aceites/")

    expect(page.locator(".cards.is-list")).to_be_visible()


def test_the_language_is_chosen_and_remembered(catalogue, visit):
    page = visit().open("/productos/lavanda/")
    assert page.locator("html").get_attribute("lang") == "es"

    page.locator("a[hreflang=en]:visible").first.click()

    assert page.locator("html").get_attribute("lang") == "en"
    expect(page.get_by_text("IVA included")).to_be_visible()
    assert page.url.endswith("/productos/lavanda/")


def test_without_a_network_pages_last_seen_open_and_others_say_so(catalogue, visit):
    browser = visit()
    page = browser.open("/productos/lavanda/")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()
    page.wait_for_function(
        "caches.keys().then(async (names) => (await Promise.all(names.map(async (name) =>"
        " (await (await caches.open(name)).keys()).some((kept) =>"
        " kept.url.endsWith('/productos/lavanda/'))))).some(Boolean))"
    )
    browser.context.set_offline(True)

    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Aceite esencial de lavanda")
    page.goto(browser.base_url + "/cuenta/")

    assert page.get_by_role("heading", level=1).inner_text() != "Aceite esencial de lavanda"
    expect(page.locator("body")).not_to_contain_text("ERR_")
