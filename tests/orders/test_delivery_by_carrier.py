"""Buying what an outside carrier brings: asked before, never inside the order's transaction."""

from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.utils import timezone, translation
from rest_framework.test import APIClient

from config.lib import memory
from config.lib.errors import ProviderUnavailable
from logistics import asking, carriers, quotes
from logistics.models import CarrierAccount, DeliverySettings
from orders import checkout, drafts, editing, offers
from orders.editing import Change
from orders.models import Order, SubscriptionPeriod
from orders.subscriptions import renewing, terms
from shop.models import Municipality, Variant
from tests import make
from tests.logistics.fakes import Fake, option, register
from tests.orders.api import buying
from tests.orders.test_checkout_page import PERSON, faults, fill_cart, hidden, send, shown
from tests.shop import signing_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def carrier(organization, monkeypatch) -> Fake:
    make.origin()
    make.carrier_account("envia")
    return register(monkeypatch, "envia", option(1_190_050, days_min=2, days_max=3))


@pytest.fixture
def client(carrier):
    browser = signing_in.browser()
    browser.cookies["kaiu_language"] = "en"
    return browser


@pytest.fixture
def account(organization):
    return make.payment_account("practice")


@pytest.fixture
def oil(organization):
    return make.variant(price=3_000_000, weight_grams=300, in_stock=10)


def code() -> str:
    return quotes.code_of(CarrierAccount.objects.get(), "normal")


def forget() -> None:
    """Let every answer that is kept be too old."""
    memory.clear_all()
    CarrierAccount.objects.update(settings={"time": str(timezone.now())})


# --- The checkout ---------------------------------------------------------------------------------


def test_a_buyer_chooses_a_carrier_and_the_order_keeps_what_it_costs(client, carrier, account, oil):
    make.national_rate(price=1_500_000)
    fill_cart(client, oil, quantity=2)
    # Nobody waits for carriers before a place is chosen.
    shown(client, "/carrito/")
    shown(client)
    assert carrier.wishes == []

    answer = send(client)

    order = Order.objects.get()
    assert answer.status_code == 302
    assert (order.delivery_code, order.delivery_label) == (code(), "Ruta Uno")
    assert (order.shipping, order.carrier_cost, order.total) == (1_190_100, 1_190_050, 7_190_100)
    assert (order.delivery_days_min, order.delivery_days_max) == (2, 3)
    assert len(carrier.wishes) == 1
    (box,) = carrier.wishes[0].boxes
    assert box.weight_grams == 2 * 300 + 80


def test_another_price_is_told_before_anything_is_bought(client, carrier, account, oil):
    fill_cart(client, oil)
    part = unescape(client.get("/checkout/entrega/", {"place": "Cali"}).content.decode())
    fields = {**hidden(shown(client) + part), **PERSON}
    carrier.offers = [option(2_000_000)]
    forget()

    _names, page = faults(client.post("/checkout/", fields))

    assert "The total is now $\xa050.000" in page
    assert 'value="Calle 5 # 38-25"' in page
    assert not Order.objects.exists()
    fields |= hidden(page)
    assert client.post("/checkout/", fields).status_code == 302
    assert Order.objects.get().shipping == 2_000_000


def test_silent_carriers_have_their_sentence_and_a_button(client, carrier, account, oil):
    carrier.error = ProviderUnavailable("ruta.example answered 500")
    fill_cart(client, oil)

    part = unescape(client.get("/checkout/entrega/", {"place": "Cali"}).content.decode())
    names, page = faults(send(client))

    assert "do not answer right now. Try again in a moment." in part
    assert 'name="step" value="delivery"' in part
    assert "ruta.example" not in part + page
    assert "delivery" in names
    assert not Order.objects.exists()


def test_the_shops_own_price_is_kept_for_who_chose_it(client, carrier, account, oil):
    DeliverySettings.objects.create(organization=make.here(), fallback_price=1_400_000)
    carrier.error = ProviderUnavailable("down")
    fill_cart(client, oil)
    part = unescape(client.get("/checkout/entrega/", {"place": "Cali"}).content.decode())
    fields = {**hidden(shown(client) + part), **PERSON}
    carrier.error = None
    asking.kept.drop(asking.state_key(CarrierAccount.objects.get()))

    assert client.post("/checkout/", fields).status_code == 302

    order = Order.objects.get()
    assert (order.delivery_code, order.shipping, order.carrier_cost) == (
        "fallback",
        1_400_000,
        None,
    )


# --- No outside call inside a transaction ---------------------------------------------------------


def test_placing_asks_nobody_and_says_so_when_it_does_not_know(carrier, account, oil):
    cart, wish = make.cart(oil), make.wish(account, code())
    now = timezone.now()

    with pytest.raises(quotes.PriceGone):
        checkout.place(make.here(), cart.pk, wish, now=now)
    assert carrier.wishes == []

    checkout.prepare(make.here(), cart.pk, wish, now=now)
    order = checkout.place(make.here(), cart.pk, wish, now=now)
    assert (order.delivery_code, len(carrier.wishes)) == (code(), 1)


def test_preparing_costs_nothing_for_a_rate_table(
    organization, account, oil, django_assert_num_queries
):
    cart = make.cart(oil)
    wish = make.wish(account, make.delivery_code(make.national_rate()))

    with django_assert_num_queries(0):
        checkout.prepare(organization, cart.pk, wish, now=timezone.now())


class Watching(Fake):
    """Looks, while it is asked, whether anybody has left a transaction open to ask it."""

    open_transactions = 0

    def quote(self, account, wish, *, seconds):
        with connection.cursor() as cursor:
            cursor.execute(_OPEN)
            self.open_transactions += cursor.fetchone()[0]
        return super().quote(account, wish, seconds=seconds)


_OPEN = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND state = 'idle in transaction'
"""


def test_no_transaction_is_open_while_a_carrier_is_asked(open_shop, monkeypatch):
    open_shop.domains.update(host="testserver")
    make.origin()
    make.carrier_account("envia")
    watching = Watching(option(500_000))
    monkeypatch.setitem(carriers.CARRIERS, "envia", watching)
    account = make.payment_account("practice")
    oil = make.variant(price=3_000_000, in_stock=20)
    owner = make.member(role="owner")
    subscription = make.subscription(oil, delivery_code=code())
    buyer = signing_in.browser()

    draft = drafts.change(drafts.start(open_shop, actor=owner), quantities={oil.pk: 1})
    drafts.place(
        draft,
        contact=checkout.Contact(name="Ana", email="ana@example.com", phone=""),
        municipality=Municipality.objects.select_related("department").get(code="76001"),
        address={"line": "Calle 5 # 38-25"},
        delivery_code=code(),
        account=account,
        now=timezone.now(),
        actor=owner,
    )
    fill_cart(buyer, oil)
    assert send(buyer).status_code == 302
    body = buying.wish(buying.cart(None, oil, quantity=2), account, delivery=code())
    forget()
    assert APIClient().post("/api/checkout/", body, headers=buying.key()).status_code == 201
    order = Order.objects.latest("placed_at")
    editing.prepare(order, Change({oil.pk: 3}))
    renewing.advance(subscription.pk, now=subscription.act_at)

    assert Order.objects.filter(delivery_code=code()).count() == 3
    assert len(watching.wishes) >= 5
    assert watching.open_transactions == 0


# --- After the purchase ---------------------------------------------------------------------------


def carried(oil, account) -> Order:
    cart, wish, now = make.cart(oil), make.wish(account, code()), timezone.now()
    checkout.prepare(make.here(), cart.pk, wish, now=now)
    return checkout.place(make.here(), cart.pk, wish, now=now)


def test_a_changed_order_is_priced_by_its_carrier_again(carrier, account, oil):
    order = carried(oil, account)
    carrier.offers = [option(1_600_000)]
    change = Change({oil.pk: 4})
    with pytest.raises(quotes.PriceGone):
        editing.plan(order, change)

    editing.prepare(order, change)
    editing.edit(order, change, now=timezone.now())

    order.refresh_from_db()
    assert (order.shipping, order.carrier_cost) == (1_600_000, 1_600_000)
    assert carrier.wishes[-1].boxes[0].weight_grams == 4 * 300 + 80


def test_an_offer_after_the_purchase_asks_no_carrier_and_has_to_fit(carrier, account, oil):
    order = make.pay(carried(oil, account))
    soap = make.variant(price=2_000_000, weight_grams=200)
    offer = make.offer(soap)
    asked, now = len(carrier.wishes), timezone.now()

    assert offers.shown_to(order, now=now) == offer
    Variant.objects.filter(pk=soap.pk).update(weight_grams=40_000)
    assert offers.shown_to(order, now=now) is None
    Variant.objects.filter(pk=soap.pk).update(weight_grams=200)
    offers.accept(order, offer, now=now)

    order.refresh_from_db()
    assert (order.shipping, order.carrier_cost) == (1_190_100, 1_190_050)
    assert len(carrier.wishes) == asked


def test_a_renewal_waits_for_a_carrier_that_is_down_and_then_goes_with_it(
    carrier, organization, monkeypatch
):
    make.national_rate()
    held = make.subscription(make.variant(price=5_000_000, in_stock=9), delivery_code=code())
    make.here().rate_tables.update(is_active=False)
    monkeypatch.setattr(asking, "RESTS_FOR", 0.001)
    carrier.error = ProviderUnavailable("down")
    held = terms.rows().get(pk=held.pk)
    when = held.act_at

    renewing.advance(held.pk, now=when)
    assert SubscriptionPeriod.objects.get().told_at is None
    forget()
    carrier.error = None
    renewing.advance(held.pk, now=when)
    period = SubscriptionPeriod.objects.get()
    assert period.told_total == 4_500_000 + 1_190_100
    carrier.error = ProviderUnavailable("down")
    forget()
    renewing.advance(held.pk, now=period.renew_at)
    assert SubscriptionPeriod.objects.get().status == "planned"
    carrier.error = None
    forget()
    renewing.advance(held.pk, now=period.renew_at + timedelta(hours=1))

    order = Order.objects.latest("placed_at")
    assert (order.source, order.delivery_code, order.shipping) == ("repeat", code(), 1_190_100)
