"""Two people of the back-office at once, at one price and at one board; and quick find by keys."""

import os
import socket
import subprocess
import sys
import time
import urllib.request

import pytest
from django.conf import settings
from django.db import connection
from playwright.sync_api import expect

from orders.models import Order
from shop.models import Variant
from tests import make
from tests.flows.conftest import DESK, PHONE, Visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LIST = "/admin/shop/variant/"
BOARD = "/admin/orders/order/tablero/"


def test_two_people_change_one_price_and_the_later_one_decides(shop, visit):
    make.variant(price=1_000_000)
    ana, luis = visit(), visit(PHONE)
    ana.sign_in(make.member("manager", name="Ana"))
    luis.sign_in(make.member("manager", name="Luis"))

    for person, price in ((ana, "12.000"), (luis, "11.000")):
        page = person.open(LIST)
        page.fill("[name=form-0-price]", price)
    # Both have the list open; Ana is faster.
    for person in (ana, luis):
        person.page.click("[name=_save]")
        expect(person.page.locator(".sheet-line")).to_contain_text("10.000")
    ana.page.click(".button-main")
    expect(ana.page.locator("[name=form-0-price]")).to_have_value("12.000")
    luis.page.click(".button-main")

    error = luis.page.locator(".field-error")
    expect(error).to_contain_text("Ana")
    expect(error).to_contain_text("12.000")
    expect(luis.page.locator("[name=form-0-price]")).to_have_value("11.000")
    assert Variant.objects.get().price == 1_200_000

    luis.page.click(".button-main")
    expect(luis.page.locator(".sheet-line")).to_contain_text("12.000")
    luis.page.click(".button-main")
    expect(luis.page.locator("[name=form-0-price]")).to_have_value("11.000")
    assert Variant.objects.get().price == 1_100_000
    assert luis.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert ana.errors == luis.errors == []


def test_an_order_is_found_and_opened_from_the_keyboard(shop, visit):
    order = make.placed_order()
    staff = visit()
    staff.sign_in(make.member("support"))

    page = staff.open("/admin/")
    page.keyboard.press("/")
    page.keyboard.type(f"#{order.number}")
    expect(page.locator("#finder a.found").first).to_contain_text(order.label)
    page.keyboard.press("Enter")

    page.wait_for_url(f"**/admin/orders/order/{order.pk}/change/")
    page.keyboard.press("Control+k")
    expect(page.locator("#finder input")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#finder")).to_be_hidden()
    assert staff.errors == []


@pytest.fixture
def sockets(shop):
    """The address of a server of pages and sockets in this test's database."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "daphne", "--port", str(port), "config.asgi:application"],
        cwd=settings.BASE_DIR,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.flows.socket_settings",
            "FLOWS_DATABASE": connection.settings_dict["NAME"],
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until_it_answers(f"http://localhost:{port}/healthz", server)
        yield f"http://localhost:{port}"
    finally:
        server.terminate()
        server.wait(timeout=20)


def wait_until_it_answers(address: str, server: subprocess.Popen) -> None:
    end = time.monotonic() + 60
    while True:
        assert server.poll() is None, "The server ended."
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except OSError:
            assert time.monotonic() < end, "The server does not answer."


def drag(page, what: str, where: str) -> None:
    page.hover(what)
    page.mouse.down()
    # A browser tells where something is dragged only from the second move on.
    page.hover(where)
    page.hover(where)
    page.mouse.up()


def test_a_card_that_one_person_takes_moves_before_the_eyes_of_the_other(sockets, chromium):
    order = make.order(status="confirmed", paid=True)
    people = [make.member("warehouse", name=name) for name in ("Ana", "Luis")]
    windows = []
    for person, size in zip(people, (DESK, PHONE), strict=True):
        context = chromium.new_context(viewport=size, locale="es-CO")
        windows.append(Visit(context, sockets))
        windows[-1].sign_in(person)
    ana, luis = windows
    card = f"#card-{order.pk}"
    for window in windows:
        window.open(BOARD)
        expect(window.page.locator(".board-state.is-live")).to_be_visible()

    ana.page.click(f"{card} button[value=claim]")
    expect(luis.page.locator(card)).to_contain_text("Ana")
    drag(ana.page, f"{card} .card-who", ".board-column.is-packing")
    expect(luis.page.locator(f".is-packing {card}")).to_be_visible()
    luis.page.focus(card)
    luis.page.keyboard.press("Alt+ArrowRight")
    expect(ana.page.locator(f".is-ready {card}")).to_be_visible()

    order = Order.objects.get()
    assert (order.status, order.claimed_by) == ("ready_to_ship", people[0])
    assert luis.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert ana.errors == luis.errors == []
    for window in windows:
        window.context.close()
