"""Nobody accepts the terms for somebody else: a staff order waits for its buyer's own word."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from orders import agreement, confirmation, paying, tokens
from orders.models import Order
from shop import pages
from shop.models import Consent
from tests import make

pytestmark = pytest.mark.django_db

VERSION = pages.VERSIONS[pages.TERMS]


def staff_order(**fields):
    return make.placed_order(source=Order.Source.STAFF, **fields)


def page(order):
    return f"/pedidos/{tokens.for_order(order)}/"


def test_an_order_that_staff_made_is_not_paid_before_its_buyer_agrees(organization):
    order = staff_order()

    with pytest.raises(agreement.TermsNotAccepted):
        paying.start(order, return_url="https://tienda.example/", now=timezone.now())

    assert not order.attempts.exists()
    assert not Consent.objects.exists()


def test_a_cash_order_that_staff_made_is_not_confirmed_before_its_buyer_agrees(organization):
    order = staff_order(provider="cash")

    with pytest.raises(agreement.TermsNotAccepted):
        confirmation.confirm_by_word(order, now=timezone.now())


def test_the_buyer_agrees_on_the_order_page_and_goes_on_to_pay(organization, client):
    order = staff_order()
    assert f'{page(order)}aceptar/"' in client.get(page(order)).content.decode()
    assert f'{page(order)}pagar/"' not in client.get(page(order)).content.decode()

    client.post(f"{page(order)}aceptar/", {"terms": "on", "terms_version": VERSION})

    order.refresh_from_db()
    assert (order.terms_version, order.accepted_from) == (VERSION, "127.0.0.1")
    purposes = Consent.objects.values_list("purpose", "version", "address")
    assert sorted(purposes) == [
        ("privacy", pages.VERSIONS[pages.PRIVACY], "127.0.0.1"),
        ("terms", VERSION, "127.0.0.1"),
    ]
    assert f'{page(order)}pagar/"' in client.get(page(order)).content.decode()
    assert make.pay(order).status == Order.Status.CONFIRMED


@pytest.mark.parametrize("sent", [{}, {"terms": "on"}, {"terms": "on", "terms_version": "2019-01"}])
def test_nothing_less_counts_as_agreement(organization, client, sent):
    order = staff_order()

    client.post(f"{page(order)}aceptar/", sent)

    order.refresh_from_db()
    assert order.needs_agreement


def test_agreeing_twice_is_agreeing_once(organization, client):
    order = staff_order()

    for _time in range(2):
        client.post(f"{page(order)}aceptar/", {"terms": "on", "terms_version": VERSION})

    assert Consent.objects.count() == 2


def test_the_database_itself_refuses_an_order_of_the_web_without_agreement(organization):
    order = make.placed_order()

    with pytest.raises(IntegrityError), transaction.atomic():
        Order.objects.filter(pk=order.pk).update(terms_accepted_at=None)
