"""What is added right after buying: at the server's price, once, and out again when unpaid."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone, translation
from django_scopes import scope

from orders import (
    cancellation,
    editing,
    fulfilment,
    offers,
    proofs,
    settlement,
    tasks,
    tokens,
)
from orders.models import OfferAnswer, Order, Voucher
from shop import stock
from shop.models import StockLevel
from tests import make
from tests.orders.test_races import at_once, kinds
from tests.shop import places
from tests.shop.admin.back_office import client_of

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


@pytest.fixture
def soap(organization):
    return make.variant(make.product("Jabón", variants=0), price=2_000_000, in_stock=5)


def path(order, rest=""):
    return f"/pedidos/{tokens.for_order(order)}/{rest}"


def answer(client, order, offer, word="add", **fields):
    return client.post(path(order, f"oferta/{offer.pk}/"), {"answer": word, **fields})


def again(order) -> Order:
    return Order.objects.select_related("organization", "account").get(pk=order.pk)


def sums(order) -> dict:
    names = ("subtotal", "discount", "shipping", "cash_fee", "tax", "total", "due_first", "payment")
    order = again(order)
    lines = list(order.lines.values_list("sku", "quantity", "unit_price", "discount", "tax"))
    return {name: getattr(order, name) for name in names} | {"lines": lines}


def pay_rest(order):
    opened = make.attempt(again(order))
    settlement.settle(opened.account, make.report(opened), now=timezone.now())


# --- To whom it is made ---------------------------------------------------------------------------


def test_a_paid_order_is_offered_one_thing_with_both_prices_for_a_quarter_of_an_hour(soap, client):
    offer = make.offer(soap, price=1_400_000)
    order = make.pay(make.placed_order())

    page = client.get(path(order)).content.decode()

    assert "Jabón" in page
    assert "$\u00a014.000" in page
    assert "$\u00a020.000" in page
    assert path(order, f"oferta/{offer.pk}/") in page
    later = order.confirmed_at + offers.MADE_FOR
    assert offers.made_to(order, now=later) is None
    assert offers.made_to(order, now=later - timedelta(seconds=1)) == offer


def test_nothing_is_offered_while_an_order_waits_to_be_paid_or_is_being_prepared(soap):
    make.offer(soap)
    now = timezone.now()
    waiting = make.placed_order()
    preparing = make.pay(make.placed_order())
    fulfilment.prepare(preparing, now=now)

    assert offers.made_to(waiting, now=now) is None
    assert offers.made_to(again(preparing), now=now) is None


def test_an_offer_keeps_to_its_conditions(soap):
    shelf = make.category("Aceites")
    inner = make.category("Esenciales", parent=shelf)
    bought = make.variant(make.product("Lavanda", variants=0, category=inner), price=3_000_000)
    order = make.pay(make.placed_order(bought))
    now = timezone.now()

    def is_made(**fields):
        offer = make.offer(soap, **fields)
        made = offers.made_to(order, now=now) == offer
        offer.delete()
        return made

    assert is_made(product=bought.product)
    assert is_made(category=inner)
    assert is_made(category=shelf)
    assert is_made(minimum=3_000_000, starts_at=now, ends_at=now + timedelta(days=1))
    assert not is_made(product=soap.product)
    assert not is_made(category=make.category("Otra"))
    assert not is_made(minimum=3_000_001)
    assert not is_made(is_active=False)
    assert not is_made(starts_at=now + timedelta(days=1))
    assert not is_made(ends_at=now)
    assert not is_made(price=soap.price)
    StockLevel.objects.filter(variant=soap).update(on_hand=0)
    assert not is_made()


def test_what_was_bought_is_not_offered_and_the_next_one_is(soap):
    bought = make.variant()
    make.offer(bought)
    second = make.offer(soap, position=1)
    order = make.pay(make.placed_order(bought))

    assert offers.made_to(order, now=timezone.now()) == second


def test_what_no_rate_carries_or_is_too_much_in_cash_is_not_offered(soap):
    make.offer(soap)
    rate = make.national_rate()
    rate.table.allows_cash_on_delivery = True
    rate.table.save()
    account = make.payment_account("cash")
    order = make.placed_order(provider="cash")
    now = timezone.now()
    assert offers.made_to(order, now=now) is not None

    account.settings = {"highest": order.total + 1}
    account.save()
    assert offers.made_to(again(order), now=now) is None
    account.settings = {}
    account.save()
    rate.heaviest_grams = 300
    rate.save()
    assert offers.made_to(again(order), now=now) is None


# --- Accepting ------------------------------------------------------------------------------------


def test_accepting_charges_the_price_of_the_server_and_leads_to_pay_the_difference(soap, client):
    offer = make.offer(soap, price=1_400_000)
    order = make.pay(make.placed_order())

    answered = answer(client, order, offer, price="1", amount="1", unit_price="1")

    after = again(order)
    assert after.total == order.total + 1_400_000
    assert after.shipping == order.shipping
    assert (after.due_now, after.payment) == (1_400_000, "partly_paid")
    assert StockLevel.objects.get(variant=soap).on_hand == 4
    attempt = after.attempts.first()
    assert (attempt.amount, answered.url) == (1_400_000, attempt.url)
    assert fulfilment.why_not_prepare(after)
    pay_rest(order)
    assert (again(order).payment, again(order).due_now) == ("paid", 0)
    assert stock.differences(order.organization) == []


def test_a_price_that_changed_is_told_before_anything_is_added(soap, client):
    offer = make.offer(soap, price=1_400_000)
    order = make.pay(make.placed_order())
    before = sums(order)

    answer(client, order, offer, seen="1300000")

    assert sums(order) == before
    assert not OfferAnswer.objects.exists()
    assert "It now costs $\u00a014.000" in client.get(path(order)).content.decode()


def test_a_cash_order_just_grows(soap, client):
    rate = make.national_rate()
    rate.table.allows_cash_on_delivery = True
    rate.table.save()
    offer = make.offer(soap, price=1_400_000)
    order = make.placed_order(provider="cash")

    answer(client, order, offer)

    assert again(order).total == order.total + 1_400_000
    assert again(order).due_now == 0
    assert OfferAnswer.objects.get().pay_until is None
    assert stock.promised(order.pk)[soap.pk] == 1


def test_a_transfer_that_was_not_sent_yet_becomes_one_of_both(soap, client):
    make.payment_account("transfer", settings={"bank": "B", "account_number": "1", "holder": "H"})
    offer = make.offer(soap, price=1_400_000)
    order = make.placed_order(provider="transfer")

    answer(client, order, offer)

    after = again(order)
    assert after.due_now == after.total == order.total + 1_400_000
    proofs.receive(after, make.picture_file(100, 100), now=timezone.now())
    assert after.attempts.first().amount == after.total


def test_a_voucher_does_not_make_an_offer_cheaper_not_even_when_staff_change_the_order(soap):
    here = make.here()
    here.vouchers.create(code="TODO", kind=Voucher.Kind.PERCENT, percent=100)
    bought = make.variant(price=3_000_000)
    order = make.pay(make.placed_order(bought, voucher="todo"))
    offers.accept(order, make.offer(soap, price=1_400_000), now=timezone.now())
    assert again(order).discount == 3_000_000
    pay_rest(order)

    editing.edit(again(order), editing.Change({bought.pk: 2}), now=timezone.now())

    after = again(order)
    assert (after.discount, after.total) == (6_000_000, after.shipping + 1_400_000)


def test_declined_once_is_declined_for_this_order(soap, client):
    offer = make.offer(soap)
    order = make.pay(make.placed_order())

    answer(client, order, offer, "no")
    answer(client, order, offer)

    assert again(order).total == order.total
    assert OfferAnswer.objects.get().status == "declined"
    assert "oferta/" not in client.get(path(order)).content.decode()


def test_an_offer_of_another_organization_does_not_exist(organization, client):
    order = make.pay(make.placed_order())
    other = make.organization()
    with scope(organization=other):
        foreign = make.offer(make.variant())

    assert answer(client, order, foreign).status_code == 404
    assert answer(client, order, foreign, "no").status_code == 404
    assert again(order).total == order.total


def test_the_timeline_the_mail_and_the_page_tell_what_was_added(
    soap, client, django_capture_on_commit_callbacks
):
    order = make.pay(make.placed_order())
    offer = make.offer(soap, price=1_400_000)
    mail.outbox.clear()

    with django_capture_on_commit_callbacks(execute=True):
        answer(client, order, offer)

    (told,) = mail.outbox
    assert "Jabón" in told.body
    assert "14.000" in told.body
    page = client.get(path(order)).content.decode()
    assert "was added to the order for $\u00a014.000" in page
    assert "$\u00a014.000 for what you added" in page
    assert "You have 30 minutes" in page


# --- Unpaid ---------------------------------------------------------------------------------------


def added(soap):
    """Give a paid order to which something was added, and how it was before."""
    order = make.pay(make.placed_order())
    before = sums(order)
    offers.accept(order, make.offer(soap, price=1_400_000), now=timezone.now())
    return order, before


def test_what_is_not_paid_in_time_goes_out_again_and_the_order_is_what_it_was(soap, client):
    order, before = added(soap)
    now = timezone.now() + offers.PAY_WITHIN

    offers.end(OfferAnswer.objects.get().pk, now=now)

    assert sums(order) == before
    assert StockLevel.objects.get(variant=soap).on_hand == 5
    assert stock.differences(order.organization) == []
    assert OfferAnswer.objects.get().status == "taken_out"
    assert fulfilment.why_not_prepare(again(order)) == ""
    assert not again(order).refunds.exists()
    assert "was taken out of the order again" in client.get(path(order)).content.decode()


def test_not_a_minute_too_early_and_not_when_it_was_paid(soap):
    order, before = added(soap)
    key = OfferAnswer.objects.get().pk
    offers.end(key, now=timezone.now() + offers.PAY_WITHIN - timedelta(minutes=1))
    assert sums(order) != before

    pay_rest(order)
    offers.end(key, now=timezone.now() + offers.PAY_WITHIN)

    assert again(order).total == before["total"] + 1_400_000
    assert OfferAnswer.objects.get().status == "accepted"
    assert not offers.due(timezone.now() + timedelta(days=9)).exists()


def test_a_bank_that_has_not_answered_is_waited_for(soap):
    order, _before = added(soap)
    attempt = make.attempt(again(order))
    settlement.settle(attempt.account, make.report(attempt, "pending"), now=timezone.now())
    now = timezone.now() + offers.PAY_WITHIN

    offers.end(OfferAnswer.objects.get().pk, now=now)

    assert OfferAnswer.objects.get().pay_until > now
    assert again(order).lines.count() == 2
    pay_rest_at = timezone.now()
    settlement.settle(attempt.account, make.report(attempt), now=pay_rest_at)
    assert again(order).payment == "paid"


def test_the_buyer_may_leave_it_out_at_once(soap, client):
    order, before = added(soap)

    client.post(path(order, "oferta/"))

    assert sums(order) == before
    assert OfferAnswer.objects.get().status == "taken_out"


def test_money_that_comes_after_it_went_out_is_put_before_a_person(soap):
    order, _before = added(soap)
    attempt = make.attempt(again(order))
    offers.leave_out(order, now=timezone.now())

    settlement.settle(attempt.account, make.report(attempt), now=timezone.now())

    assert again(order).concern == Order.Concern.PAID_TOO_MUCH


def test_a_cancelled_order_is_left_alone(soap):
    order, _before = added(soap)
    now = timezone.now()
    cancellation.cancel(again(order), Order.Cancelled.BY_BUYER, now=now)

    offers.end(OfferAnswer.objects.get().pk, now=now + offers.PAY_WITHIN)

    assert again(order).status == "cancelled"
    assert OfferAnswer.objects.get().pay_until is None
    assert stock.differences(order.organization) == []


@pytest.mark.django_db(transaction=True)
def test_the_sweeper_finds_what_waits(transactional_db):
    places.reload()
    with scope(organization=make.organization()):
        soap = make.variant(price=2_000_000)
        order, before = added(soap)
        OfferAnswer.objects.update(pay_until=timezone.now())

        tasks.sweep()

        assert sums(order) == before


# --- At once --------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_twenty_clicks_add_it_once(transactional_db):
    places.reload()
    organization = make.organization()
    with scope(organization=organization):
        soap = make.variant(price=2_000_000, in_stock=30)
        offer = make.offer(soap, price=1_400_000)
        order = make.pay(make.placed_order())

        def click():
            return offers.accept(order, offer, now=timezone.now())

        results = at_once(organization, [click] * 20)

        assert kinds(results) == {"OfferAnswer": 20}
        assert again(order).total == order.total + 1_400_000
        assert again(order).lines.count() == 2
        assert StockLevel.objects.get(variant=soap).on_hand == 29
        assert again(order).events.filter(kind="offer_accepted").count() == 1


@pytest.mark.django_db(transaction=True)
def test_paying_and_ending_at_once_leave_one_truth(transactional_db):
    places.reload()
    organization = make.organization()
    with scope(organization=organization):
        soap = make.variant(price=2_000_000)
        order, before = added(soap)
        attempt = make.attempt(again(order))
        answer = OfferAnswer.objects.get()
        late = timezone.now() + timedelta(hours=5)

        at_once(
            organization,
            [
                lambda: settlement.settle(
                    attempt.account, make.report(attempt), now=timezone.now()
                ),
                lambda: offers.end(answer.pk, now=late),
            ],
        )

        after = again(order)
        assert after.paid == before["total"] + 1_400_000
        if after.lines.count() == 2:
            assert (after.payment, after.concern) == ("paid", "")
        else:
            assert after.concern == Order.Concern.PAID_TOO_MUCH
        assert stock.differences(organization) == []


# --- The back-office ------------------------------------------------------------------------------


def test_staff_make_an_offer_and_see_it_as_buyers_do(soap):
    owner = client_of("owner")
    fields = {"variant": soap.pk, "price": "20.000", "position": 0, "is_active": "on"}
    fields |= {"answers-TOTAL_FORMS": 0, "answers-INITIAL_FORMS": 0}
    url = "/admin/orders/offer/add/"

    refused = owner.post(url, fields).content.decode()
    made = owner.post(url, fields | {"price": "14.000"}, follow=True).content.decode()

    assert "la oferta tiene que costar menos" in refused
    assert "offer-preview" in made
    assert "$\u00a014.000" in made
    assert "$\u00a020.000" in made
    assert (
        "$\u00a014.000 en vez de $\u00a020.000"
        in owner.get("/admin/orders/offer/").content.decode()
    )
