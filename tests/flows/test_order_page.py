"""A buyer on a phone watches an order: it changes by itself, is paid another way, or ends."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from orders import expiry, fulfilment, proofs, settlement, tokens
from orders.models import Order
from tests import make
from tests.flows.conftest import PHONE

pytestmark = pytest.mark.browser


@pytest.fixture
def window(visit):
    """Give a new window of somebody who reads English."""

    def _open(size=None, **options):
        browser = visit(size, **options)
        cookie = {"name": "kaiu_language", "value": "en", "url": browser.base_url}
        browser.context.add_cookies([cookie])
        return browser

    return _open


def path(order, rest=""):
    return f"/pedidos/{tokens.for_order(order)}/{rest}"


def say(order, status, **fields):
    attempt = order.attempts.first() or make.attempt(order)
    settlement.settle(attempt.account, make.report(attempt, status, **fields), now=timezone.now())


def title(page):
    return page.get_by_role("heading", level=1)


def no_wider_than_its_window(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_pending_turns_approved_by_itself(shop, window):
    order = make.placed_order(make.variant())
    say(order, "pending")
    browser = window(PHONE)
    page = browser.open(path(order))
    expect(title(page)).to_have_text("We are waiting for the bank")
    page.evaluate("window.wasNotReloaded = true")

    say(order, "approved")

    expect(title(page)).to_have_text("Thank you, your payment arrived")
    assert page.evaluate("window.wasNotReloaded") is True
    assert no_wider_than_its_window(page)
    assert browser.errors == []


def test_declined_is_paid_in_another_way(shop, window):
    order = make.placed_order(make.variant())
    other = make.payment_account("practice", name="Otra pasarela")
    say(order, "declined", message="Fondos insuficientes")
    browser = window(PHONE)
    page = browser.open(path(order))
    expect(title(page)).to_have_text("Your payment was declined")
    expect(page.locator(".order-news")).to_contain_text("Fondos insuficientes")

    page.get_by_role("radio", name="Otra pasarela").check()
    page.locator(".order-pay button[type=submit]").click()
    page.wait_for_url("**/practica/pago/**")
    page.locator("button[name=choice][value=approve]").click()

    page.wait_for_url(f"**{path(order)}")
    expect(title(page)).to_have_text("Thank you, your payment arrived")
    order.refresh_from_db()
    assert (order.account, order.payment) == (other, "paid")
    assert browser.errors == []


def test_an_order_that_expires_while_somebody_looks_says_so(shop, window):
    order = make.placed_order(make.variant())
    make.attempt(order)
    browser = window(PHONE)
    page = browser.open(path(order))
    expect(title(page)).to_have_text("Your order waits for its payment")
    expect(page.locator(".order-until")).to_contain_text("minutes")

    soon = timezone.now()
    Order.objects.filter(pk=order.pk).update(expires_at=soon)
    expiry.expire(order.pk, now=soon + expiry.PATIENCE)

    expect(title(page)).to_have_text("Your order was not paid in time")
    expect(page.get_by_role("button", name="Buy the same again")).to_be_visible()
    assert browser.errors == []


def test_a_transfer_with_its_receipt_is_accepted_by_a_person(shop, window, tmp_path):
    make.payment_account(
        "transfer",
        name="Transferencia",
        settings={"bank": "Bancolombia", "account_number": "123-456", "holder": "Kaiu SAS"},
    )
    order = make.placed_order(make.variant(), provider="transfer")
    receipt = tmp_path / "recibo.png"
    receipt.write_bytes(make.picture_file(600, 900, "PNG").read())
    wrong = tmp_path / "recibo.txt"
    wrong.write_text("hola")
    browser = window(PHONE)
    page = browser.open(path(order))
    expect(page.locator(".order-transfer")).to_contain_text("123-456")

    page.set_input_files("input[name=proof]", wrong)
    page.get_by_role("button", name="Send the receipt").click()
    expect(page.locator("#proof-error")).to_be_visible()
    page.set_input_files("input[name=proof]", receipt)
    page.get_by_role("button", name="Send the receipt").click()
    expect(title(page)).to_have_text("We are checking your transfer")
    assert no_wider_than_its_window(page)
    proofs.accept(
        order.attempts.get(),
        reference="BC-1",
        amount=order.total,
        actor=make.member("manager"),
        now=timezone.now(),
    )

    page.reload()
    expect(title(page)).to_have_text("Thank you, your payment arrived")


def test_cash_on_delivery_is_confirmed_by_the_link_of_the_mail(shop, window):
    order = make.placed_order(make.variant(), provider="cash")
    browser = window(PHONE)
    page = browser.open(path(order, f"confirmar/{tokens.for_confirmation(order)}/"))

    page.get_by_role("button", name="Yes, I confirm").click()

    expect(title(page)).to_have_text("Your order is confirmed")
    assert no_wider_than_its_window(page)
    assert browser.errors == []


@pytest.mark.parametrize("width", [320, 390])
def test_every_page_of_an_order_fits_a_small_phone(shop, window, width):
    now = timezone.now()
    oil = make.product("Aceite esencial de lavanda de altísima montaña", variants=2, in_stock=50)
    order = make.pay(make.placed_order(*oil.variants.all(), quantity=12))
    fulfilment.prepare(order, now=now)
    fulfilment.ready(order, now=now)
    parcel = fulfilment.Parcel("Coordinadora", "T" * 30, "https://rastreo.example/T")
    fulfilment.ship(order, parcel, now=now)
    fulfilment.deliver(order, now=now)
    waiting = make.placed_order(oil.variants.first(), provider="cash")
    browser = window({"width": width, "height": 700})

    for where in (
        path(order),
        path(order, "devolucion/"),
        path(waiting),
        path(waiting, "cancelar/"),
        path(waiting, f"confirmar/{tokens.for_confirmation(waiting)}/"),
        "/pedidos/?numero=1001",
    ):
        assert no_wider_than_its_window(browser.open(where)), where
    assert browser.errors == []


def test_everything_works_without_javascript(shop, window):
    order = make.placed_order(make.variant())
    browser = window(PHONE, java_script_enabled=False)
    page = browser.open(path(order))

    page.locator(".order-pay button[type=submit]").click()
    page.wait_for_url("**/practica/pago/**")
    page.locator("button[name=choice][value=pending]").click()
    expect(title(page)).to_have_text("We are waiting for the bank")
    assert page.locator("meta[http-equiv=refresh]").count() == 1
    assert page.get_by_role("link", name="Document (PDF)").count() == 1


def test_what_is_offered_after_paying_is_added_and_paid(shop, window):
    soap = make.variant(make.product("Jabón de avena", variants=0), price=2_000_000)
    make.offer(soap, price=1_400_000)
    order = make.pay(make.placed_order(make.variant()))
    browser = window(PHONE)
    page = browser.open(path(order))
    expect(page.locator(".order-offer")).to_contain_text("Jabón de avena")
    assert no_wider_than_its_window(page)

    page.get_by_role("button", name="Add to my order").click()
    page.wait_for_url("**/practica/pago/**")
    page.locator("button[name=choice][value=approve]").click()

    page.wait_for_url(f"**{path(order)}")
    expect(title(page)).to_have_text("Thank you, your payment arrived")
    expect(page.locator(".order-lines")).to_contain_text("Jabón de avena")
    expect(page.locator(".order-offer")).to_have_count(0)
    assert Order.objects.get(pk=order.pk).payment == "paid"
    assert browser.errors == []
