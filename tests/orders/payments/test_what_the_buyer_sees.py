"""A gateway that is slow, down or lying: the order's page says what is known and updates itself."""

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from config.lib import http
from orders import paying, tokens
from orders.models import Order
from tests import make

from . import stub

pytestmark = pytest.mark.django_db


@pytest.fixture
def buyer():
    client = Client()
    client.cookies["kaiu_language"] = "en"
    return client


def path(order, rest=""):
    return f"/pedidos/{tokens.for_order(order)}/{rest}"


def shown(buyer, order):
    """Come back from the payment page, and give what the buyer reads."""
    # As after a few seconds: nobody waits in a test.
    cache.delete(f"order-asked:{order.pk}")
    answer = buyer.get(path(order, "regreso/?id=anything&status=APPROVED"), follow=True)
    assert answer.status_code == 200
    return answer


@pytest.mark.parametrize("fault", stub.FAULTS)
def test_a_gateway_that_does_not_answer_is_asked_again_until_it_does(
    organization, buyer, wompi, wompi_account, monkeypatch, fault
):
    order = make.placed_order(provider="wompi")
    attempt = paying.start(order, return_url="https://tienda.example/v/", now=timezone.now())
    wompi.pay(attempt.reference, attempt.amount)
    wompi.fault = fault

    with monkeypatch.context() as impatient:
        # Nobody waits for a slow one longer than half a second.
        impatient.setattr(http, "SECONDS", 0.5)
        waiting = shown(buyer, order)

    assert waiting.context["headline"].title == "We are asking the bank"
    assert waiting.context["poll"]
    stamp = waiting.context["stamp"]
    # A slow gateway takes the time of one test once, not twice.
    cache.set(f"order-asked:{order.pk}", 1, 60)
    assert buyer.get(path(order, "estado/"), {"stamp": stamp}).status_code == 204
    order.refresh_from_db()
    assert (order.status, order.paid) == ("pending", 0)
    wompi.fault = ""
    cache.delete(f"order-asked:{order.pk}")
    buyer.get(path(order, "estado/"), {"stamp": stamp})
    news = buyer.get(path(order, "estado/"), {"stamp": stamp})
    assert "Thank you, your payment arrived" in news.content.decode()
    assert Order.objects.get(pk=order.pk).paid == order.total


def test_another_amount_is_said_to_be_looked_at(organization, buyer, wompi, wompi_account):
    order = make.placed_order(provider="wompi")
    attempt = paying.start(order, return_url="https://tienda.example/v/", now=timezone.now())
    wompi.pay(attempt.reference, attempt.amount - 100)

    answer = shown(buyer, order)

    assert answer.context["headline"].title == "We are checking your payment"
    assert Order.objects.get(pk=order.pk).paid == 0


@pytest.mark.parametrize("fault", ["error", "html", "cut"])
def test_a_payment_page_that_cannot_be_opened_leaves_the_order_and_the_other_ways(
    organization, buyer, stripe, stripe_account, fault
):
    other = make.payment_account("practice", name="Otra forma")
    order = make.placed_order(provider="stripe")
    stripe.fault = fault

    answer = buyer.post(path(order, "pagar/"), {"account": stripe_account.pk}, follow=True)

    page = answer.content.decode()
    assert "The payment page does not answer now. Try again, or pay in another way." in page
    assert str(other.pk) in page
    assert Order.objects.get(pk=order.pk).status == "pending"
