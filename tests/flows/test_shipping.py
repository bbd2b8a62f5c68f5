"""Goods on their way in a browser: to the buyer's door, held up and answered, and back again."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from logistics import tracking_tasks
from logistics.models import Incident, PracticeParcel, Shipment
from orders import parcels, returns
from orders.models import Order
from shop import page_cache
from shop.models import StockLevel
from tests import make
from tests.flows import buyer
from tests.flows.conftest import PHONE

pytestmark = pytest.mark.browser

DEPOT = "/admin/logistics/practiceparcel/practica/"


@pytest.fixture
def counter(shop):
    """A shop with a price of its own and a carrier, which sells one oil."""
    make.national_rate(price=1_000_000)
    make.origin(is_default=True)
    carrier = make.carrier_account(name="Ruta Uno", settings={"first_kilo": 1_200_000})
    make.payment_account("practice", name="Tarjeta")
    oil = make.product("Aceite esencial de lavanda", slug="lavanda", variants=0)
    make.variant(oil, sku="LAV-10", price=3_000_000)
    page_cache.raise_version(shop.pk)
    return carrier


@pytest.fixture
def window(visit):
    """Give a new window of somebody who reads English."""

    def _open(size=None):
        browser = visit(size)
        cookie = {"name": "kaiu_language", "value": "en", "url": browser.base_url}
        browser.context.add_cookies([cookie])
        return browser

    return _open


@pytest.fixture
def depot(shop):
    """Press a button of the practice carrier, as somebody of the warehouse."""
    client = Client(HTTP_HOST="localhost")
    client.force_login(make.member("warehouse"))

    def _press(choice: str) -> None:
        parcel = PracticeParcel.objects.get()
        assert client.post(DEPOT, {"parcel": parcel.pk, "choice": choice}).status_code == 302

    return _press


def test_a_buyer_chooses_of_three_and_follows_the_parcel_to_the_door(counter, window, depot):
    browser = window(PHONE)
    page = browser.open("/productos/lavanda/")
    page.clock.install()
    page.locator("#buy-form button").click()
    page.locator("[data-added] a").click()
    page.wait_for_url("**/carrito/")
    buyer.fill_in(page)
    expect(page.locator("input[name=delivery]")).to_have_count(3)
    page.locator("input[name=delivery][value$=rapido]").check()
    expect(page.locator("[data-total]")).to_have_text("$\u00a048.000")
    page.locator("#field-terms").check()
    page.locator("[data-place-order]").click()
    buyer.at_practice(page, "approve")
    buyer.reads(page, "Thank you, your payment arrived")
    buyer.stays_open(page)

    parcels.plan_as_chosen(Order.objects.get(), now=timezone.now())
    parcel = page.locator(".parcel")
    for choice, title in [
        ("next", "The carrier has it"),
        ("incident", "The carrier could not deliver it yet"),
        ("next", "Out for delivery"),
        ("next", "Delivered"),
    ]:
        depot(choice)
        buyer.look_later(page)
        expect(parcel.locator(".parcel-state")).to_have_text(title)
        expect(parcel.locator(".parcel-incident")).to_have_count(int(choice == "incident"))

    assert buyer.was_not_reloaded(page)
    buyer.reads(page, "Your order was delivered")
    assert parcel.locator(".parcel-way li").count() >= 4
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert Shipment.objects.get().service == "rapido"
    assert browser.errors == []


def test_the_warehouse_answers_an_incident_and_the_parcel_goes_on(counter, window, depot):
    order = make.pay(make.placed_order(make.variant()))
    parcels.plan(order, account=counter, service="normal", now=timezone.now())
    depot("next")
    depot("incident")
    browser = window()
    browser.sign_in(make.member("warehouse"))

    page = browser.open(reverse("admin:logistics_incident_changelist"))
    page.locator("#result_list a").first.click()
    page.locator("input[name=type][value=address]").check()
    page.get_by_role("button", name="Send the answer").click()
    expect(page.locator(".field-error").first).to_be_visible()
    page.get_by_label("Address", exact=True).fill("Calle 9 # 8-07, portería")
    page.get_by_label("Explanation").fill("El portero recibe.")
    page.get_by_role("button", name="Send the answer").click()

    expect(page.locator(".order-main")).to_contain_text("Calle 9 # 8-07, portería")
    expect(page.get_by_role("button", name="Send the answer")).to_have_count(0)
    tracking_tasks.sweep()
    told = PracticeParcel.objects.get()
    assert (told.state, told.incident["reply"]) == ("out_for_delivery", "address")
    assert Incident.objects.get().reply["address"] == "Calle 9 # 8-07, portería"
    assert browser.errors == []


def test_what_comes_back_is_looked_at_before_it_is_sold_again(counter, window, depot):
    variant = make.variant(in_stock=10)
    order = make.pay(make.placed_order(variant, quantity=3))
    parcels.plan(order, account=counter, service="normal", now=timezone.now())
    depot("arrive")
    line = order.lines.get()
    coming = returns.request(order, kind="withdrawal", quantities={line.pk: 3}, now=timezone.now())
    returns.accept(coming, now=timezone.now())
    browser = window()
    browser.sign_in(make.member("warehouse"))
    page = browser.open(reverse("admin:orders_returnrequest_change", args=[coming.pk]))

    def take(step: str) -> None:
        page.get_by_role("link", name=step).click()

    def confirm() -> None:
        page.locator(".small-form button[type=submit]").click()

    take("It arrived")
    confirm()
    assert StockLevel.objects.get(pk=variant.pk).on_hand == 7
    take("Inspect")
    page.locator(f"[name='good-{line.pk}']").fill("2")
    page.locator(f"[name='lost-{line.pk}']").fill("1")
    confirm()

    expect(page.locator(".order-lines")).to_contain_text("2 back on the shelf, 1 lost")
    assert StockLevel.objects.get(pk=variant.pk).on_hand == 9
    order.refresh_from_db()
    assert order.status == Order.Status.RETURNED
    assert browser.errors == []
