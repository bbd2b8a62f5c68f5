"""A stranger with a phone subscribes, is declined at the renewal, and pays by the mail's link."""

import re

import pytest
from django.core import mail
from playwright.sync_api import expect

from orders.models import Order, Subscription, SubscriptionEvent
from orders.subscriptions import mails, renewing
from shop import page_cache
from tests import make
from tests.flows import buyer
from tests.flows.conftest import PHONE

pytestmark = pytest.mark.browser


@pytest.fixture
def counter(shop):
    """A shop that sends an oil every month to whoever wants it."""
    make.national_rate(price=1_000_000)
    make.payment_account("practice", name="Tarjeta", position=0)
    make.payment_account("cash", name="Contra entrega", position=1)
    oil = make.product("Aceite esencial de lavanda", slug="lavanda", variants=0)
    make.plan(make.variant(oil, sku="LAV-10", price=3_000_000))
    page_cache.raise_version(shop.pk)
    return shop


def fits(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def link_in(kind: str, path: str) -> str:
    """Give the address that the mail about this event carries."""
    event = SubscriptionEvent.objects.filter(kind=kind).latest("pk")
    mails.send(event.pk)
    told = next(one for one in reversed(mail.outbox) if path in one.body)
    return re.search(rf"https?://[^/\s]*({re.escape(path)}\S+)", told.body)[1]


def test_a_stranger_subscribes_is_declined_and_pays_by_the_link(counter, visit):
    phone = visit(PHONE)
    page = phone.open("/productos/lavanda/")
    page.locator("#buy-form button").click()
    page.locator("[data-added] a").click()
    page.wait_for_url("**/carrito/")
    buyer.fill_in(page)
    expect(page.locator("#field-keep")).to_have_count(0)
    page.locator("input[name=plan]:not([value=''])").check()
    keep = page.locator("#field-keep")
    expect(keep).not_to_be_checked()
    expect(page.get_by_label("Contra entrega")).to_be_disabled()
    page.locator("#field-terms").check()
    page.locator("[data-place-order]").click()
    # Without permission to charge the card nothing is begun.
    expect(page.locator("#error-keep")).to_be_visible()
    page.locator("#field-keep").check()
    page.locator("#field-terms").check()
    assert fits(page)
    page.locator("[data-place-order]").click()

    page.wait_for_url("**/practica/pago/**")
    page.locator("#card").select_option("0341")
    page.locator("button[name=choice][value=approve]").click()
    page.wait_for_url("**/pedidos/*/")
    buyer.reads(page, "Thank you, your payment arrived")
    subscription = Subscription.objects.get()
    assert (subscription.status, subscription.percent) == ("active", 10)

    page.goto(phone.base_url + link_in("begun", "/suscripciones/"))
    assert fits(page)
    renewing.advance(subscription.pk, now=subscription.act_at)
    subscription.refresh_from_db()
    renewing.advance(subscription.pk, now=subscription.periods.get().renew_at)
    page.reload()
    expect(page.locator(".order-news.is-do")).to_be_visible()
    order = Order.objects.get(source="repeat")
    assert (order.total, order.payment) == (3_700_000, "unpaid")

    page.goto(phone.base_url + link_in("declined", "/pedidos/"))
    page.locator("#keep-card").check()
    page.locator(".order-pay form button[type=submit]").click()
    buyer.at_practice(page, "approve")
    buyer.reads(page, "Thank you, your payment arrived")
    subscription.refresh_from_db()
    assert (subscription.status, subscription.number) == ("active", 1)
    assert subscription.method.label == "Visa •••• 4242"
    page.goto(phone.base_url + link_in("begun", "/suscripciones/"))
    page.locator("button[name=step][value=cancel]").click()
    expect(page.locator(".order-news.is-wait")).to_be_visible()
    assert Subscription.objects.get().status == "cancelled"
    # The browser notes that the checkout asked for something first.
    assert [one for one in phone.errors if "422" not in one] == []
