"""The pages of subscriptions and cards: by token, in the account, at the checkout, for staff."""

from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.utils import timezone

from orders import paying, tokens
from orders.models import (
    KeepingConsent,
    Order,
    PaymentAttempt,
    SavedMethod,
    Subscription,
    SubscriptionPlan,
)
from orders.subscriptions import keeping
from orders.subscriptions import tokens as subscription_tokens
from shop.models import AuditEntry
from tests import make
from tests.orders.payments import wompi_stub
from tests.orders.test_checkout_page import fill_cart, send, shown
from tests.shop import signing_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(organization):
    make.national_rate(price=1_000_000)
    browser = signing_in.browser()
    browser.cookies["kaiu_language"] = "en"
    return browser


@pytest.fixture
def oil(organization):
    return make.variant(make.product("Lavanda", variants=0), price=3_000_000)


def page_of(subscription) -> str:
    return f"/suscripciones/{subscription_tokens.of(subscription)}/"


def change(client, subscription, **fields):
    return client.post(f"{page_of(subscription)}cambiar/", fields)


def own(client, subscription):
    """Sign the browser in as the owner of a subscription."""
    user = make.user(email="duena@example.com")
    customer = subscription.customer
    customer.user = user
    customer.save()
    client.force_login(user)


# --- The checkout ---------------------------------------------------------------------------------


def test_a_plan_is_offered_only_for_what_it_covers_and_needs_permission(client, oil):
    make.payment_account("practice", name="Tarjeta")
    other = make.variant(make.product("Romero", variants=0))
    plan = make.plan(oil)
    fill_cart(client, other)
    assert "How often do you want it?" not in shown(client)
    fill_cart(client, oil)
    page = shown(client)
    assert "Only of this: Lavanda." in page
    # A guest who buys once has no use for a card that is kept.
    assert 'name="keep"' not in page

    refused = send(client, plan=plan.pk.hex)
    assert refused.status_code == 422
    assert not Order.objects.exists()
    send(client, plan=plan.pk.hex, keep="on")

    consent = KeepingConsent.objects.get()
    assert (consent.plan, consent.version) == (plan, keeping.VERSION)
    assert consent.order.attempts.get().keeps_method
    assert consent.order.discount == 0


def test_what_cannot_keep_a_card_cannot_be_chosen_with_a_plan(client, oil):
    cash = make.payment_account("cash")
    plan = make.plan(oil)
    fill_cart(client, oil)

    answer = send(client, plan=plan.pk.hex, keep="on", account=cash.pk.hex)

    assert answer.status_code == 422
    assert not Order.objects.exists()


def test_a_guest_who_sends_the_box_without_a_plan_keeps_nothing(client, oil):
    make.payment_account("practice")
    make.plan(oil)
    fill_cart(client, oil)

    send(client, keep="on")

    assert Order.objects.exists()
    assert not KeepingConsent.objects.exists()


# --- Its own page ---------------------------------------------------------------------------------


def test_the_page_opens_by_its_token_alone_and_for_nobody_else(client, oil):
    subscription = make.subscription(oil)

    answer = client.get(page_of(subscription))

    assert answer.status_code == 200
    assert "private" in answer["Cache-Control"]
    assert "Visa •••• 4242" in unescape(answer.content.decode())
    forged = tokens.for_order(subscription.first_order)
    assert client.get(f"/suscripciones/{forged}/").status_code == 404
    assert client.get(f"/suscripciones/{subscription.pk.hex}-abc/").status_code == 404


def test_everything_on_it_is_changed_by_its_buttons(client, oil):
    subscription = make.subscription(oil)
    line = subscription.lines.get()
    day = timezone.localdate() + timedelta(days=20)

    change(client, subscription, step="quantities", **{f"quantity-{line.pk.hex}": "4"})
    change(client, subscription, step="day", day=day.isoformat())
    wrong = change(client, subscription, step="address", place="Nirgendwo", line="x")
    change(
        client, subscription, step="address", place="Cali", line="Calle 9 # 1-1", recipient="Luz"
    )
    change(client, subscription, step="pause")

    assert wrong.status_code == 422
    subscription.refresh_from_db()
    assert subscription.lines.get().quantity == 4
    assert subscription.next_on == day
    assert subscription.municipality.code == "76001"
    assert subscription.address["line"] == "Calle 9 # 1-1"
    assert subscription.status == "paused"
    change(client, subscription, step="resume")
    change(client, subscription, step="cancel")
    subscription.refresh_from_db()
    assert subscription.status == "cancelled"
    assert client.get(page_of(subscription)).status_code == 200


@pytest.mark.parametrize(
    "fields",
    [
        {"step": "day", "day": "2020-01-01"},
        {"step": "day", "day": "morgen"},
        {"step": "quantities", "quantity": "-1"},
        {"step": "card", "card": "00"},
        {"step": "nothing"},
    ],
)
def test_a_bad_wish_is_answered_and_changes_nothing(client, oil, fields):
    subscription = make.subscription(oil)
    if fields["step"] == "quantities":
        fields = {"step": "quantities", f"quantity-{subscription.lines.get().pk.hex}": "-1"}
    before = Subscription.objects.values().get()

    assert change(client, subscription, **fields).status_code == 302

    assert Subscription.objects.values().get() == before


# --- Cards ----------------------------------------------------------------------------------------


def test_only_the_signed_in_owner_pays_with_a_saved_card_by_one_press(client, oil):
    subscription = make.subscription(oil)
    order = make.placed_order(oil, customer=subscription.customer)
    path = f"/pedidos/{tokens.for_order(order)}/"
    press = {"card": subscription.method.pk.hex}

    assert "Visa •••• 4242" not in unescape(client.get(path).content.decode())
    client.post(f"{path}pagar/", press)
    assert Order.objects.get(pk=order.pk).paid == 0
    own(client, subscription)
    assert "with Visa •••• 4242" in unescape(client.get(path).content.decode())
    client.post(f"{path}pagar/", press)

    assert Order.objects.get(pk=order.pk).paid == order.total


def test_an_owner_removes_a_card_and_nobody_else_does(client, oil):
    subscription = make.subscription(oil)
    path = f"/cuenta/tarjetas/{subscription.method.pk}/quitar/"
    client.force_login(make.user())
    assert client.post(path).status_code == 404

    own(client, subscription)
    assert "Visa •••• 4242" in unescape(client.get("/cuenta/suscripciones/").content.decode())
    client.post(path)

    method = SavedMethod.objects.get()
    assert (method.status, method.forget_at is None) == ("removed", False)
    keeping.forget(method.pk, now=timezone.now())
    method.refresh_from_db()
    assert (method.secrets, method.forget_at) == ({}, None)
    subscription.refresh_from_db()
    assert subscription.method is None


def test_the_gateways_name_of_a_card_is_encrypted_at_rest(oil):
    make.national_rate()
    method = make.subscription(oil).method

    with connection.cursor() as cursor:
        cursor.execute("SELECT secrets FROM orders_savedmethod")
        assert method.secrets["card"] not in cursor.fetchone()[0]


# --- The page for a card at Wompi -----------------------------------------------------------------


@pytest.fixture
def wompi_order(client, oil, wompi, wompi_account):
    order = make.placed_order(oil, provider="wompi")
    keeping.allow(order, plan=make.plan(oil), address=None, now=timezone.now())
    attempt = paying.start(
        order,
        return_url=f"http://testserver/pedidos/{tokens.for_order(order)}/regreso/",
        now=timezone.now(),
    )
    assert attempt.url.endswith("/tarjeta/")
    return order


def test_a_card_goes_to_wompi_from_the_browser_and_is_kept_and_charged(client, wompi, wompi_order):
    path = f"/pedidos/{tokens.for_order(wompi_order)}/tarjeta/"
    answer = client.get(path)
    page = unescape(answer.content.decode())
    assert f"connect-src 'self' {wompi.address}" in answer["Content-Security-Policy"].replace(
        " ws://*", ""
    ).replace(" wss://*", "")
    assert wompi.address not in client.get("/carrito/")["Content-Security-Policy"]
    assert wompi_stub.PRIVATE_KEY not in page
    assert page.count('type="checkbox"') == 2
    assert "checked" not in page.partition("data-card")[2].partition("</form>")[0]
    accepted = {"acceptance_token": "eyJ.ejemplo.uno", "accept_personal_auth": "eyJ.ejemplo.dos"}

    client.post(path, {"token": wompi.token()})
    assert wompi.sources == {}
    client.post(path, {"token": wompi.token(), **accepted})

    order = Order.objects.get(pk=wompi_order.pk)
    assert order.payment == "paid"
    consent = KeepingConsent.objects.get()
    keeping.follow(consent.pk, now=timezone.now())
    assert Subscription.objects.get().method.label == "Visa •••• 4242"
    assert PaymentAttempt.objects.filter(order=order, status="approved").get().keeps_method


# --- The back-office ------------------------------------------------------------------------------


def test_staff_see_a_subscription_and_pause_it_with_a_trace(client, oil):
    subscription = make.subscription(oil)
    client.force_login(make.member("support"))
    path = f"/admin/orders/subscription/{subscription.pk}/"

    assert client.get("/admin/orders/subscription/?status=active").status_code == 200
    assert "Visa •••• 4242" in unescape(client.get(f"{path}change/").content.decode())
    client.post(f"{path}paso/", {"step": "pause"})

    subscription.refresh_from_db()
    assert subscription.status == "paused"
    assert AuditEntry.objects.filter(model="subscription").count() == 1
    viewer = signing_in.browser()
    viewer.force_login(make.member("viewer"))
    assert viewer.post(f"{path}paso/", {"step": "cancel"}).status_code == 403


def test_a_manager_makes_a_plan(client, oil):
    client.force_login(make.member("manager"))
    fields = {
        "name": "Mensual",
        "every": "1",
        "unit": "month",
        "percent": "10",
        "rise_percent": "0",
        "is_active": "on",
        "variants": [str(oil.pk)],
    }

    answer = client.post("/admin/orders/subscriptionplan/add/", fields)

    assert answer.status_code == 302, answer.content.decode()[-3000:]
    assert [one.pk for one in SubscriptionPlan.objects.get().variants.all()] == [oil.pk]
