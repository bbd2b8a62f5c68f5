"""The page of an order: what it says in every state, and who never sees it."""

from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone, translation
from django_scopes import scope

from orders import (
    cancellation,
    confirmation,
    expiry,
    fulfilment,
    invoices,
    mails,
    settlement,
    tokens,
)
from orders.models import Order, OrderEvent, PaymentAttempt
from orders.order_state import State
from orders.storefront import asking, order_page
from shop.models import StockLevel
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def client():
    client = Client()
    client.cookies["kaiu_language"] = "en"
    return client


def path(order, rest=""):
    return f"/pedidos/{tokens.for_order(order)}/{rest}"


def headline(order, *, now=None, is_asking=False):
    order = order_page.queryset().get(pk=order.pk)
    return State(order, now=now or timezone.now(), is_asking=is_asking).headline


def say(order, status, **fields):
    """Let the gateway say this of a new payment, and give the attempt."""
    attempt = make.attempt(order)
    settlement.settle(attempt.account, make.report(attempt, status, **fields), now=timezone.now())
    return attempt


# --- What it says ---------------------------------------------------------------------------------


def test_a_waiting_order_asks_to_be_paid_until_its_time_is_over(organization, client):
    order = make.placed_order()

    page = client.get(path(order)).content.decode()

    assert headline(order).title == "Your order waits for its payment"
    assert "You have 30 minutes" in page
    assert order.account.name in page
    over = headline(order, now=order.expires_at + timedelta(seconds=1))
    assert over.title == "The time is over"
    assert over.is_live


def test_a_decline_is_told_with_the_bank_s_reason_and_every_way_to_try_again(organization, client):
    order = make.placed_order()
    other = make.payment_account("practice", name="Otra forma")
    say(order, "declined", message="Fondos insuficientes.")

    page = client.get(path(order)).content.decode()

    told = headline(order)
    assert told.title == "Your payment was declined"
    assert told.text.startswith("The bank says: Fondos insuficientes. Try again")
    assert str(other.pk) in page
    assert str(order.account.pk) in page


def test_a_bank_that_has_not_answered_is_waited_for(organization):
    order = make.placed_order()
    say(order, "pending")

    told = headline(order)

    assert (told.tone, told.title) == ("wait", "We are waiting for the bank")
    assert told.is_live


def test_while_the_bank_is_asked_nothing_is_dropped(organization):
    order = make.placed_order()
    make.attempt(order)

    def may(*, is_asking):
        state = State(order, now=timezone.now(), is_asking=is_asking)
        return state.may_cancel, state.may_change

    assert may(is_asking=False) == (True, True)
    assert may(is_asking=True) == (False, False)


def test_who_picks_up_reads_where_and_when_and_that_it_is_free(organization, client):
    organization.address_line, organization.city = "Calle 10 # 3-45", "Medellín"
    organization.opening_hours = "Sa 09:00-13:00"
    organization.save()
    order = make.pay(make.placed_order())
    Order.objects.filter(pk=order.pk).update(
        is_pickup=True, shipping=0, subtotal=order.total, paid=order.total
    )
    order.lines.update(unit_price=order.total, total=order.total)

    page = client.get(path(order)).content.decode()

    assert "Calle 10 # 3-45, Medellín" in page
    panel = page.partition("<h2>Pick-up</h2>")[2].partition("</section>")[0]
    assert "Saturday: 09:00–\u206013:00" in panel
    assert "<dd>Free</dd>" in page
    mail = mails.compose(OrderEvent.objects.get(kind="confirmed"), now=timezone.now())
    assert "09:00–\u206013:00" in mail.body
    assert "09:00–\u206013:00" in mail.alternatives[0][0]


def test_a_buyer_who_comes_back_reads_that_the_bank_is_asked(organization):
    order = make.placed_order()
    make.attempt(order)

    assert headline(order, is_asking=True).title == "We are asking the bank"


def test_money_that_does_not_match_is_told_without_asking_to_pay_again(organization, client):
    order = make.placed_order()
    say(order, "approved", amount=order.total - 100)

    page = client.get(path(order)).content.decode()

    assert headline(order).title == "We are checking your payment"
    assert 'name="account"' not in page
    assert client.post(path(order, "pagar/"), {"account": order.account_id}).status_code == 302
    assert order.attempts.count() == 1


def test_an_expired_order_says_so_and_offers_to_buy_again(organization, client):
    order = make.placed_order()
    expiry.expire(order.pk, now=order.expires_at + expiry.PATIENCE)

    page = client.get(path(order)).content.decode()

    assert headline(order).title == "Your order was not paid in time"
    assert "Nothing was charged" in headline(order).text
    assert path(order, "repetir/") in page


def test_a_payment_after_the_end_is_told_as_one_that_somebody_decides(organization):
    variant = make.variant(in_stock=1)
    order = make.placed_order(variant)
    attempt = make.attempt(order)
    expiry.expire(order.pk, now=order.expires_at + expiry.PATIENCE)
    make.pay(make.placed_order(variant))

    settlement.settle(attempt.account, make.report(attempt), now=timezone.now())

    assert headline(order).title == "Your payment arrived late"


def test_a_paid_order_goes_its_way_step_by_step(organization, client):
    now = timezone.now()
    order = make.pay(make.placed_order())
    titles = [headline(order).title]
    fulfilment.prepare(order, now=now)
    titles.append(headline(order).title)
    fulfilment.ready(order, now=now)
    titles.append(headline(order).title)
    parcel = fulfilment.Parcel("Coordinadora", "T-77", "https://rastreo.example/T-77")
    fulfilment.ship(order, parcel, now=now)
    titles.append(headline(order).title)
    page = client.get(path(order)).content.decode()
    fulfilment.deliver(order, now=now)
    titles.append(headline(order).title)

    assert titles == [
        "Thank you, your payment arrived",
        "We are preparing your order",
        "Your order is packed",
        "Your order is on its way",
        "Your order was delivered",
    ]
    assert "T-77" in page
    assert 'href="https://rastreo.example/T-77"' in page
    assert "You can withdraw from this purchase until" in client.get(path(order)).content.decode()


def test_cash_on_delivery_waits_for_a_word_and_then_tells_what_to_pay(organization):
    order = make.placed_order(provider="cash")
    waiting = headline(order)
    confirmation.confirm_by_word(order, now=timezone.now())

    assert waiting.title == "Confirm your order"
    assert order.email in waiting.text
    assert headline(order).title == "Your order is confirmed"
    assert "when it arrives" in headline(order).text


def test_a_refund_names_its_amount_and_its_last_day(organization):
    order = make.pay(make.placed_order())
    cancellation.cancel(order, Order.Cancelled.BY_SHOP, now=timezone.now())

    assert headline(order).title == "Your order is cancelled"
    assert headline(order).text.startswith("We give back $\u00a0")


@pytest.mark.parametrize("number", [1, 6])
def test_the_page_costs_the_same_queries_whatever_is_in_it(
    organization, client, number, django_assert_max_num_queries
):
    order = make.placed_order(*[make.variant() for _line in range(number)])
    for _try in range(number):
        say(order, "declined", transaction_id=f"tx-{_try}")

    client.get(path(order))
    with django_assert_max_num_queries(14):
        answer = client.get(path(order))

    assert answer.status_code == 200


def test_an_accepted_invoice_is_offered_with_its_files(organization, client):
    order = make.order(paid=True)
    before = client.get(path(order)).content.decode()
    sale = make.invoice(order, status="pending", prefix="SETP", number=1)
    waiting = client.get(path(order)).content.decode()
    files = {name: f"https://dian.example/1.{name[:3]}" for name in ("pdf_url", "xml_url")}

    stamp = client.get(path(order)).context["stamp"]
    invoices.change(sale, {"status": "accepted", **files}, now=timezone.now())

    assert client.get(path(order, "estado/"), {"stamp": stamp}).status_code == 200
    shown = unescape(client.get(path(order)).content.decode())
    for word in ("SETP1", sale.check_url, *files.values()):
        assert word in shown
        assert word not in before + waiting


# --- It updates itself ----------------------------------------------------------------------------


def test_the_changing_part_comes_only_when_something_changed(organization, client):
    order = make.placed_order()
    stamp = client.get(path(order)).context["stamp"]

    assert client.get(path(order, "estado/"), {"stamp": stamp}).status_code == 204
    make.pay(order)
    answer = client.get(path(order, "estado/"), {"stamp": stamp})
    assert answer.status_code == 200
    assert "Thank you, your payment arrived" in answer.content.decode()
    assert "<html" not in answer.content.decode()


def test_the_return_page_believes_nothing_and_asks_the_gateway(organization, client):
    order = make.placed_order()
    make.attempt(order)

    answer = client.get(path(order, "regreso/?status=APPROVED&id=42"))

    assert answer.status_code == 302
    assert answer.headers["location"] == path(order)
    order.refresh_from_db()
    assert (order.status, order.paid) == ("pending", 0)
    assert PaymentAttempt.objects.get().asked == 1
    client.get(path(order, "regreso/"))
    assert PaymentAttempt.objects.get().asked == 1
    assert asking.is_back(order)
    # Nobody has to hurry who has paid and waits for the bank's word.
    assert client.get(path(order)).context["until"] is None


def test_who_turns_back_at_the_gateway_may_pay_at_once(organization, client):
    order = make.placed_order()
    make.attempt(order)

    page = client.get(path(order, "regreso/"), follow=True)

    assert PaymentAttempt.objects.get().asked == 1
    assert page.context["headline"].title == "Your order waits for its payment"
    assert not page.context["payment"]["is_folded"]


def test_who_comes_back_declined_sees_every_way_to_try_again(organization, client):
    order = make.placed_order()
    say(order, "declined")

    page = client.get(path(order, "regreso/?id=42"), follow=True)

    assert page.context["headline"].title == "Your payment was declined"
    assert not page.context["payment"]["is_folded"]


def test_paying_leads_to_the_gateway_s_page(organization, client):
    order = make.placed_order()

    answer = client.post(path(order, "pagar/"), {"account": order.account_id})

    attempt = order.attempts.get()
    assert answer.headers["location"] == attempt.url
    assert "/practica/pago/" in attempt.url


# --- What the buyer may do ------------------------------------------------------------------------


def test_a_buyer_cancels_before_the_shop_prepares_and_not_after(organization, client):
    order = make.placed_order()
    assert "Cancel this order?" in client.get(path(order, "cancelar/")).content.decode()
    order.refresh_from_db()
    assert order.status == "pending"

    client.post(path(order, "cancelar/"))

    order.refresh_from_db()
    assert (order.status, order.cancel_reason) == ("cancelled", "by_buyer")
    begun = make.pay(make.placed_order())
    fulfilment.prepare(begun, now=timezone.now())
    client.post(path(begun, "cancelar/"))
    begun.refresh_from_db()
    assert begun.status == "processing"


def test_changing_an_order_drops_it_and_gives_a_cart_with_the_same(organization, client):
    variant = make.variant(in_stock=1)
    order = make.placed_order(variant)

    answer = client.post(path(order, "cambiar/"))

    assert answer.headers["location"] == "/carrito/"
    order.refresh_from_db()
    assert order.status == "cancelled"
    cart_id = tokens.cart_of(organization, client.cookies["kaiu_cart"].value)
    lines = list(order.cart.__class__.objects.get(pk=cart_id).lines.all())
    assert [(line.variant_id, line.quantity) for line in lines] == [(variant.pk, 1)]
    assert StockLevel.objects.get(variant=variant).reserved == 0


def test_a_paid_order_is_not_taken_apart(organization, client):
    order = make.pay(make.placed_order())

    answer = client.post(path(order, "cambiar/"))

    assert answer.headers["location"] == path(order)
    order.refresh_from_db()
    assert order.status == "confirmed"


def test_the_buyer_s_word_confirms_once_and_only_with_its_own_link(organization, client):
    order = make.placed_order(provider="cash")
    link = path(order, f"confirmar/{tokens.for_confirmation(order)}/")

    assert client.get(path(order, f"confirmar/{tokens.for_order(order)}/")).status_code == 404
    client.get(link)
    order.refresh_from_db()
    assert order.status == "pending"
    client.post(link)
    client.post(link)
    order.refresh_from_db()
    assert order.status == "confirmed"
    assert order.events.filter(kind="confirmed").count() == 1


def test_a_return_is_asked_for_on_the_page(organization, client):
    now = timezone.now()
    order = make.pay(make.placed_order(quantity=2))
    fulfilment.prepare(order, now=now)
    fulfilment.ready(order, now=now)
    fulfilment.ship(order, fulfilment.Parcel("Coordinadora"), now=now)
    fulfilment.deliver(order, now=now)
    line = order.lines.get()

    empty = client.post(path(order, "devolucion/"), {"kind": "withdrawal", "reason": "Ay"})
    answer = client.post(
        path(order, "devolucion/"), {"kind": "withdrawal", f"line-{line.pk.hex}": "1"}
    )

    assert empty.status_code == 400
    assert "Ay" in empty.content.decode()
    assert answer.headers["location"] == path(order)
    made = order.returns.get()
    assert [row.quantity for row in made.lines.all()] == [1]
    assert str(made) in client.get(path(order)).content.decode()


# --- Who never sees it ----------------------------------------------------------------------------

PAGES = [
    "",
    "estado/",
    "regreso/",
    "comprobante/",
    "cancelar/",
    "devolucion/",
    "documento.pdf",
    "confirmar/{confirmation}/",
]
POSTS = ["pagar/", "comprobante/", "cancelar/", "cambiar/", "repetir/", "devolucion/"]


@pytest.fixture
def strangers(organization, client):
    """Everybody who is not the buyer: nobody, another customer, and people of another shop."""
    signed_in = Client()
    signed_in.force_login(make.user())
    other_shop = make.organization(host="otra.localhost")
    with scope(organization=other_shop):
        owner = make.member("owner", organization=other_shop)
    theirs = Client(headers={"host": "otra.localhost"})
    theirs.force_login(owner)
    return [client, signed_in, theirs]


def test_nothing_but_the_token_opens_a_page(organization, strangers):
    user = make.user()
    order = make.placed_order(customer=make.customer(user=user, email=user.email))
    token = tokens.for_order(order)
    guesses = [
        str(order.number),
        str(order.pk),
        order.pk.hex,
        order.email,
        str(order.phone),
        order.pk.hex + token[32:-1] + ("a" if token[-1] != "a" else "b"),
        tokens.for_cart(organization, order.pk),
        tokens.for_cart(organization, order.cart_id),
        tokens.for_confirmation(order),
    ]
    confirmation_token = tokens.for_confirmation(order)
    tried = 0
    for guess in guesses:
        for page in PAGES:
            rest = page.format(confirmation=confirmation_token)
            for stranger in strangers:
                assert stranger.get(f"/pedidos/{guess}/{rest}").status_code == 404, (guess, page)
                tried += 1
        for page in POSTS:
            for stranger in strangers:
                assert stranger.post(f"/pedidos/{guess}/{page}").status_code == 404, (guess, page)
    # The right token, in the other shop.
    for page in PAGES:
        rest = page.format(confirmation=confirmation_token)
        assert strangers[2].get(f"/pedidos/{token}/{rest}").status_code == 404, page

    assert tried == len(guesses) * len(PAGES) * 3
    order.refresh_from_db()
    assert order.status == "pending"


def test_an_order_without_an_account_is_in_nobody_s_list(organization, client):
    guest_order = make.placed_order()
    user = make.user(email="ana@example.com")
    own = make.placed_order(customer=make.customer(user=user, email=user.email))
    signed_in, other = Client(), Client()
    signed_in.force_login(user)
    # The same address as the guest typed, unproved.
    other.force_login(make.user(email=guest_order.email))

    assert own.label in signed_in.get("/cuenta/pedidos/").content.decode()
    assert guest_order.label not in signed_in.get("/cuenta/pedidos/").content.decode()
    for page in (other.get("/cuenta/pedidos/"), client.get("/cuenta/pedidos/", follow=True)):
        assert guest_order.label not in page.content.decode()
        assert own.label not in page.content.decode()


def test_the_page_leaks_its_token_to_nobody(organization, client):
    answer = client.get(path(make.placed_order()))

    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert '<meta name="robots" content="noindex, nofollow">' in answer.content.decode()
    assert 'rel="canonical"' not in answer.content.decode()


# --- The number alone -----------------------------------------------------------------------------


def test_a_number_tells_a_coarse_state_and_nothing_else(organization, client, settings):
    settings.TRACKING_RATES = ["1000/d"]
    order = make.pay(make.placed_order())

    page = client.get("/pedidos/", {"numero": f"#{order.number}"})
    unknown = client.get("/pedidos/", {"numero": "999999"})

    assert page.context["found"].state == "Received"
    for private in (order.name, order.email, str(order.phone), "24.900", tokens.for_order(order)):
        assert private not in page.content.decode()
    assert (page.status_code, unknown.status_code) == (200, 200)
    assert unknown.context["found"].state == ""


def test_another_shop_s_number_is_unknown_here(organization, client, settings):
    settings.TRACKING_RATES = ["1000/d"]
    other = make.organization(host="otra.localhost")
    with scope(organization=other):
        order = make.order(number=987_654)

    assert client.get("/pedidos/", {"numero": order.number}).context["found"].state == ""


def test_guessing_numbers_is_throttled(organization, client, settings):
    settings.TRACKING_RATES = ["3/d", "1000/d"]
    order = make.order()

    answers = [client.get("/pedidos/", {"numero": order.number}) for _try in range(5)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert answers[-1].context["found"].state == ""
    assert int(answers[-1].headers["Retry-After"]) > 0
    # Looking at the form alone asks nothing.
    assert client.get("/pedidos/").status_code == 200


def test_changing_an_order_keeps_what_was_typed(organization, client):
    order = make.placed_order(email="ana@example.com", notes="Timbre dañado")

    client.post(f"/pedidos/{tokens.for_order(order)}/cambiar/")

    page = client.get("/checkout/").content.decode()
    typed = ("ana@example.com", "1020304050", "Carrera 7 # 71-21", "Chapinero", "Timbre dañado")
    assert [words for words in typed if words not in page] == []
