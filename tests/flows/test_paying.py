"""Strangers with phones buy a whole thing, from the product's page to the end of the order's page.

Once for each way to pay and for each of its bad days; the gateways answer on loopback.
"""

import re

import pytest
from django.core import mail
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import expect

from orders import proofs, tasks
from orders.models import GatewayTransaction, Order, OrderEvent, PaymentAttempt
from shop import page_cache, stock
from shop.models import StockLevel
from tests import make
from tests.flows.buyer import (
    at_practice,
    buy,
    check_out,
    look_later,
    pay_again,
    reads,
    stays_open,
    was_not_reloaded,
)
from tests.flows.conftest import PHONE
from tests.orders.payments import stripe_stub, stub, wompi_stub

pytestmark = pytest.mark.browser

TOTAL = 4_000_000
IN_STOCK = 5


@pytest.fixture
def counter(shop):
    """A shop that delivers everywhere and sells one oil."""
    make.national_rate(price=1_000_000)
    oil = make.product("Aceite esencial de lavanda", slug="lavanda", variants=0)
    make.variant(oil, price=3_000_000, in_stock=IN_STOCK)
    page_cache.raise_version(shop.pk)
    return shop


def _opened(gateway, account, settings, live_server):
    gateway.use_in(settings)
    stub.opened_to_forms(settings, gateway.address)
    gateway.events_url = f"{live_server.url}/api/webhooks/{account.provider}/{account.pk}/"
    return gateway


@pytest.fixture
def wompi(counter, settings, live_server):
    """Wompi with its page, its API and its notices, which reach the shop's door."""
    account = make.payment_account(
        "wompi", name="Wompi", settings=wompi_stub.SETTINGS, secrets=wompi_stub.SECRETS
    )
    with stub.running(wompi_stub.WompiStub()) as gateway:
        yield _opened(gateway, account, settings, live_server)


@pytest.fixture
def stripe(counter, settings, live_server):
    """Stripe with its page, its API and its notices, which reach the shop's door."""
    account = make.payment_account("stripe", name="Stripe", secrets=stripe_stub.SECRETS)
    with stub.running(stripe_stub.StripeStub()) as gateway:
        yield _opened(gateway, account, settings, live_server)


@pytest.fixture
def practice(counter):
    return make.payment_account("practice", name="Práctica")


@pytest.fixture
def phone(visit):
    """A window the size of a phone, whose clock can be put forward."""
    browser = visit(PHONE)
    browser.page.clock.install()
    return browser


# --- What the shop's books say --------------------------------------------------------------------


def the_order() -> Order:
    return Order.objects.get()


def adds_up(shop, *, on_hand: int = IN_STOCK, reserved: int = 0) -> bool:
    level = StockLevel.objects.get()
    return (level.on_hand, level.reserved, stock.differences(shop)) == (on_hand, reserved, [])


def is_paid_once(shop, method: str) -> bool:
    """Say whether one order was paid so, once, and its one bottle taken and told of once."""
    order = the_order()
    assert (order.status, order.payment) == (Order.Status.CONFIRMED, Order.Payment.PAID)
    assert (order.paid, order.outstanding, order.concern) == (TOTAL, 0, "")
    assert order.payment_method == method
    approved = GatewayTransaction.objects.filter(status=GatewayTransaction.Status.APPROVED)
    assert approved.get().attempt.order == order
    told = OrderEvent.objects.filter(kind=OrderEvent.Kind.CONFIRMED)
    assert told.get().mail == OrderEvent.Mail.SENT
    return adds_up(shop, on_hand=IN_STOCK - 1)


# --- Wompi ----------------------------------------------------------------------------------------


def at_wompi(page, gateway, button: str) -> None:
    page.wait_for_url(f"{gateway.address}/p/**")
    page.get_by_role("button", name=button).click()
    page.wait_for_url("**/pedidos/*/")


@pytest.mark.parametrize("delivery", ["twice", "never"])
def test_wompi_approves_whether_it_tells_twice_or_never(counter, wompi, phone, delivery):
    wompi.delivery = delivery
    page = buy(phone, "Wompi")

    at_wompi(page, wompi, "Aprobar")

    reads(page, "Thank you, your payment arrived")
    wompi.wait()
    assert is_paid_once(counter, "wompi")
    assert phone.errors == []


def test_what_wompi_declines_is_paid_in_another_way(counter, wompi, practice, phone):
    page = buy(phone, "Wompi")
    at_wompi(page, wompi, "Rechazar")
    reads(page, "Your payment was declined")
    expect(page.locator(".order-news")).to_contain_text("Fondos insuficientes")
    assert the_order().status == Order.Status.PENDING
    assert adds_up(counter, reserved=1)

    pay_again(page, practice.name)
    at_practice(page, "approve")

    reads(page, "Thank you, your payment arrived")
    assert is_paid_once(counter, "practice")
    assert phone.errors == []


def test_what_wompi_leaves_pending_is_approved_while_the_page_is_open(counter, wompi, phone):
    page = buy(phone, "Wompi")
    at_wompi(page, wompi, "Dejar pendiente")
    reads(page, "We are waiting for the bank")
    assert adds_up(counter, reserved=1)
    stays_open(page)

    wompi.change(next(iter(wompi.transactions.values())), "APPROVED")

    reads(page, "Thank you, your payment arrived")
    assert was_not_reloaded(page)
    assert is_paid_once(counter, "wompi")
    assert phone.errors == []


def test_while_wompi_fails_the_page_says_so_and_finds_out_by_itself(counter, wompi, phone):
    page = buy(phone, "Wompi")
    page.wait_for_url(f"{wompi.address}/p/**")
    wompi.fault, wompi.delivery = "html", "never"
    at_wompi(page, wompi, "Aprobar")
    reads(page, "We are asking the bank")
    assert the_order().paid == 0
    stays_open(page)

    wompi.fault = ""
    # As after some seconds: a gateway is not asked at every glance of the page.
    cache.delete(f"order-asked:{the_order().pk}")
    look_later(page)

    reads(page, "Thank you, your payment arrived")
    assert was_not_reloaded(page)
    assert is_paid_once(counter, "wompi")
    assert phone.errors == []


# --- Stripe ---------------------------------------------------------------------------------------


def test_stripe_declines_once_and_is_paid_on_the_same_page(counter, stripe, phone):
    page = buy(phone, "Stripe")
    page.wait_for_url(f"{stripe.address}/c/pay/**")
    page.get_by_role("button", name="Rechazar").click()
    stripe.wait()
    page.get_by_role("button", name="Pagar").click()
    page.wait_for_url("**/pedidos/*/")

    reads(page, "Thank you, your payment arrived")
    stripe.wait()
    assert is_paid_once(counter, "stripe")
    [session] = stripe.sessions.values()
    assert session["success_url"].endswith("{CHECKOUT_SESSION_ID}")
    assert phone.errors == []


def test_who_cancels_at_stripe_finds_the_order_and_its_payment_again(counter, stripe, phone):
    page = buy(phone, "Stripe")
    page.wait_for_url(f"{stripe.address}/c/pay/**")
    page.get_by_role("link", name="Volver").click()
    page.wait_for_url("**/pedidos/*/")
    reads(page, "Your order waits for its payment")
    assert adds_up(counter, reserved=1)

    page.locator(".order-pay button[type=submit]").click()
    page.wait_for_url(f"{stripe.address}/c/pay/**")
    page.get_by_role("button", name="Dejar pendiente").click()
    page.wait_for_url("**/pedidos/*/")
    reads(page, "We are waiting for the bank")
    stripe.finish(next(iter(stripe.sessions)))
    stripe.wait()
    look_later(page)

    reads(page, "Thank you, your payment arrived")
    assert len(stripe.sessions) == PaymentAttempt.objects.count() == 1
    assert is_paid_once(counter, "stripe")
    assert phone.errors == []


# --- The practice gateway -------------------------------------------------------------------------


@pytest.mark.parametrize("choice", ["twice", "late"])
def test_the_practice_gateway_approves(counter, practice, phone, choice):
    page = buy(phone, practice.name)

    at_practice(page, choice)

    reads(page, "Thank you, your payment arrived")
    assert is_paid_once(counter, "practice")
    assert phone.errors == []


def test_the_practice_gateway_declines_waits_and_approves(counter, practice, phone, visit):
    page = buy(phone, practice.name)
    at_practice(page, "decline")
    reads(page, "Your payment was declined")
    page.locator(".order-pay button[type=submit]").click()
    page.wait_for_url("**/practica/pago/**")
    bank = page.url
    at_practice(page, "pending")
    reads(page, "We are waiting for the bank")
    assert adds_up(counter, reserved=1)
    stays_open(page)

    other = visit(PHONE)
    other.page.goto(bank)
    at_practice(other.page, "approve")
    look_later(page)

    reads(page, "Thank you, your payment arrived")
    assert was_not_reloaded(page)
    assert is_paid_once(counter, "practice")
    assert phone.errors == []


# --- By hand --------------------------------------------------------------------------------------


def test_cash_on_delivery_waits_for_the_word_given_by_the_link_of_the_mail(counter, phone, visit):
    make.payment_account("cash", name="Contra entrega")
    page = buy(phone, "Contra entrega")
    page.wait_for_url("**/pedidos/*/")
    reads(page, "Confirm your order")
    expect(page.locator(".order-news")).to_contain_text("ana@example.com")
    assert the_order().status == Order.Status.PENDING
    assert adds_up(counter, reserved=1)
    stays_open(page)

    [letter] = mail.outbox
    link = re.search(r"/pedidos/\S+/confirmar/\S+/", letter.body)[0]
    mailbox = visit(PHONE).open(link)
    # A mail scanner opens links too: only the button is the buyer's word.
    assert the_order().status == Order.Status.PENDING
    mailbox.locator("form[method=post] button.is-wide").click()
    reads(mailbox, "Your order is confirmed")

    look_later(page)
    reads(page, "Your order is confirmed")
    assert was_not_reloaded(page)
    order = the_order()
    assert (order.status, order.payment) == (Order.Status.CONFIRMED, Order.Payment.UNPAID)
    assert (order.paid, order.outstanding) == (0, TOTAL)
    assert adds_up(counter, on_hand=IN_STOCK - 1)
    assert phone.errors == []


def test_a_bank_transfer_is_accepted_by_a_person_while_the_page_is_open(counter, phone, tmp_path):
    bank = {"bank": "Banco", "account_number": "123-456", "holder": "Kaiu"}
    make.payment_account("transfer", name="Transferencia", settings=bank)
    receipt = tmp_path / "recibo.png"
    receipt.write_bytes(make.picture_file(300, 450, "PNG").read())
    page = buy(phone, "Transferencia")
    page.wait_for_url("**/pedidos/*/")
    expect(page.locator(".order-transfer")).to_contain_text("123-456")
    page.set_input_files("input[name=proof]", receipt)
    page.locator(".order-transfer button[type=submit]").click()
    reads(page, "We are checking your transfer")
    assert (the_order().status, the_order().paid) == (Order.Status.PENDING, 0)
    stays_open(page)

    proofs.accept(
        PaymentAttempt.objects.get(),
        reference="BC-1",
        amount=TOTAL,
        actor=make.member("manager"),
        now=timezone.now(),
    )
    look_later(page)

    reads(page, "Thank you, your payment arrived")
    assert was_not_reloaded(page)
    assert is_paid_once(counter, "transfer")
    assert phone.errors == []


# --- Too late -------------------------------------------------------------------------------------


def test_an_order_ends_while_its_page_is_open_and_is_bought_again(counter, wompi, practice, phone):
    page = buy(phone, "Wompi")
    page.wait_for_url(f"{wompi.address}/p/**")
    # The browser's own button leads from the gateway to the order, and to no second checkout.
    page.go_back()
    page.wait_for_url("**/pedidos/*/")
    reads(page, "Your order waits for its payment")
    assert adds_up(counter, reserved=1)
    stays_open(page)

    Order.objects.update(expires_at=timezone.now())
    tasks.sweep.delay()
    look_later(page)

    reads(page, "Your order was not paid in time")
    assert was_not_reloaded(page)
    order = the_order()
    assert (order.status, order.cancel_reason) == (
        Order.Status.CANCELLED,
        Order.Cancelled.EXPIRED,
    )
    assert adds_up(counter)

    page.locator("form[action$='/repetir/'] button").click()
    page.wait_for_url("**/carrito/")
    check_out(page, practice.name)
    at_practice(page, "approve")
    reads(page, "Thank you, your payment arrived")
    assert Order.objects.filter(status=Order.Status.CONFIRMED).get().lines.get().quantity == 1
    assert adds_up(counter, on_hand=IN_STOCK - 1)
    assert phone.errors == []
