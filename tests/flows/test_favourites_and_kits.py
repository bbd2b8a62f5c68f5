"""On a phone: favourites that follow into the account, and a kit that is bought from them."""

import pytest
from allauth.account.models import EmailAddress
from playwright.sync_api import expect

from orders.models import Order
from shop import catalogue, page_cache, wishlist
from shop.models import Customer, StockLevel
from tests import make
from tests.flows import buyer
from tests.flows.conftest import PHONE

pytestmark = pytest.mark.browser


def test_favourites_follow_into_the_account_and_a_kit_is_bought_from_them(shop, visit):
    make.national_rate(price=1_000_000)
    make.payment_account("practice", name="Tarjeta")
    drops = make.product("Gotas de lavanda", slug="gotas", in_stock=9)
    lamp = make.product("Lámpara", slug="lampara", in_stock=4)
    box = make.product("Set Descanso", slug="set-descanso", variants=0)
    inside = [(drops.variants.get(), 2), lamp.variants.get()]
    kit = make.kit(*inside, product=box, price=3_000_000)
    catalogue.refresh([box.pk])
    user = make.user(email="ana@example.com")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    wishlist.add(make.customer(user=user, email=user.email), drops)
    page_cache.raise_version(shop.pk)
    phone = visit(PHONE)

    # A stranger's heart is kept on the device, on every page that shows the product.
    page = phone.open("/productos/")
    heart = page.locator(f'[data-wish="{box.pk}"] button')
    heart.click()
    expect(heart).to_have_attribute("aria-pressed", "true")
    page.wait_for_load_state("networkidle")
    page = phone.open("/productos/set-descanso/")
    expect(page.locator(f'.product-name [data-wish="{box.pk}"] button')).to_have_attribute(
        "aria-pressed", "true"
    )
    expect(page.locator(".kit-part")).to_have_text(["2 × Gotas de lavanda", "Lámpara"])
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    # Where no script gets an answer, the page of favourites keeps it and lets go of it.
    phone.context.route(
        "**/favoritos/cambiar/",
        lambda asked: (
            asked.fulfill() if "x-fragment" in asked.request.headers else asked.fallback()
        ),
    )
    for names in (["Lámpara", "Set Descanso"], ["Set Descanso"]):
        page = phone.open("/productos/lampara/")
        page.wait_for_load_state("networkidle")
        page.locator(f'.product-name [data-wish="{lamp.pk}"] button').click()
        page.wait_for_url("**/favoritos/")
        expect(page.locator(".wished-name")).to_have_text(names)
    phone.context.unroute("**/favoritos/cambiar/")

    # Signed in, both lists are one.
    page = phone.open("/cuenta/entrar/")
    page.locator("input[name=login]").fill(user.email)
    page.locator("input[name=password]").fill(make.PASSWORD)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/cuenta/")
    page = phone.open("/favoritos/")
    expect(page.locator(".wished-name")).to_have_text(["Set Descanso", "Gotas de lavanda"])
    assert len(wishlist.of(Customer.objects.get(user=user))) == 2
    assert "kaiu_wishes" not in {cookie["name"] for cookie in phone.context.cookies()}

    # And the kit is bought from there: it takes its parts.
    page.locator(".wished").first.locator("[data-add] button").click()
    page.locator("[data-added] a").click()
    page.wait_for_url("**/carrito/")
    buyer.check_out(page, "Tarjeta")
    buyer.at_practice(page, "approve")
    buyer.reads(page, "Thank you, your payment arrived")

    assert Order.objects.get().lines.get().variant == kit
    levels = StockLevel.objects.in_bulk([kit.pk, *(part.pk for part in _variants(inside))])
    assert [levels[variant.pk].on_hand for variant in _variants(inside)] == [7, 3]
    assert levels[kit.pk].on_hand == 0
    assert phone.errors == []


def test_the_figure_of_a_kit_follows_what_is_typed(shop, visit):
    drops = make.variant(in_stock=9)
    kit = make.kit(drops)
    desk = visit()
    desk.sign_in(make.member("owner"))

    page = desk.open(f"/admin/shop/variant/{kit.pk}/change/")
    figure = page.locator("[data-kit-figure]")
    expect(figure).to_contain_text("9")
    page.locator("[name=parts-0-quantity]").fill("4")

    expect(figure).to_contain_text("2 ")
    page.locator("[name=kit_stock]").select_option("own")
    expect(figure).to_contain_text("0 ")
    assert desk.errors == []


def _variants(inside):
    return [one[0] if isinstance(one, tuple) else one for one in inside]
