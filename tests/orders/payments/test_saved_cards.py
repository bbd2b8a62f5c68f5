"""Cards that a gateway keeps: kept with permission, charged once, asked about, forgotten."""

from datetime import timedelta

import pytest
from django.utils import timezone

from config.lib.errors import ProviderRefused
from orders import charging, paying, payments
from orders.models import GatewayTransaction, Order, PaymentAttempt, PracticeCard
from orders.practice import gateway as practice_gateway
from tests import make

from . import rows, wompi_stub

pytestmark = pytest.mark.django_db

RETURN_URL = "http://testserver/pedidos/token/regreso/"
GATEWAYS = ["practice", "stripe", "wompi"]
_Status = PaymentAttempt.Status


class Till:
    """One gateway with a card that it keeps, and an order that waits to be paid with it."""

    def __init__(self, request, code):
        self.code, self.provider = code, payments.get(code)
        self.gateway = None if code == "practice" else request.getfixturevalue(code)
        self.account = (
            make.payment_account()
            if not self.gateway
            else request.getfixturevalue(f"{code}_account")
        )
        make.national_rate()
        self.order = make.placed_order(make.variant(), provider=code)
        self.method = self._keep()

    def _keep(self):
        attempt = rows.attempt(self.account, keeps_method=True)
        if self.code == "wompi":
            accepted = {one.name: one.token for one in self.provider.agreements(self.account)}
            kept = self.provider.keep(attempt, self.gateway.token(), accepted)
        else:
            started = self.provider.start(attempt, return_url=RETURN_URL, now=timezone.now())
            attempt.gateway_id = started.gateway_id
            if self.gateway:
                self.gateway.pay(attempt.gateway_id)
            else:
                practice_gateway.decide(attempt.reference, "approve", now=timezone.now())
            kept = self.provider.kept(attempt)
        self.kept = kept
        return rows.saved_method(
            self.account, kept.secrets, label=kept.label, customer=self.order.customer
        )

    def charges(self) -> int:
        """Give how often the gateway moved money for the order."""
        if self.code == "practice":
            return len(practice_gateway.transactions(self.reference, now=timezone.now()))
        if self.code == "wompi":
            books = self.gateway.transactions.values()
            return sum(one["reference"] == self.reference for one in books)
        books = self.gateway.intents.values()
        return sum(one["metadata"].get("reference") == self.reference for one in books)

    @property
    def reference(self) -> str:
        return PaymentAttempt.objects.get(order=self.order, charge_at__isnull=False).reference

    def decline(self) -> None:
        if self.code == "practice":
            PracticeCard.objects.update(number="0341")
        elif self.code == "wompi":
            self.gateway.outcomes = {}
        else:
            self.gateway.declines = True

    def attempt(self) -> PaymentAttempt:
        return PaymentAttempt.objects.get(order=self.order, charge_at__isnull=False)


@pytest.fixture
def till(request, organization, code):
    return Till(request, code)


@pytest.mark.parametrize("code", GATEWAYS)
def test_a_kept_card_is_known_by_its_last_digits_and_charged_without_its_owner(till):
    assert till.kept.label == "Visa •••• 4242"

    charging.pay(till.order, till.method, now=timezone.now())

    order = Order.objects.get(pk=till.order.pk)
    assert (order.status, order.payment, order.paid) == ("confirmed", "paid", order.total)
    assert till.attempt().status == _Status.APPROVED
    assert till.charges() == 1


@pytest.mark.parametrize("code", GATEWAYS)
def test_a_declined_card_leaves_the_order_waiting_to_be_paid(till):
    till.decline()

    charging.pay(till.order, till.method, now=timezone.now())

    order = Order.objects.get(pk=till.order.pk)
    assert (order.status, order.paid) == ("pending", 0)
    assert till.attempt().status == _Status.DECLINED
    # The page of a payment opens as before.
    assert paying.start(order, return_url=RETURN_URL, now=timezone.now()).url


@pytest.mark.parametrize("code", ["stripe", "wompi"])
@pytest.mark.parametrize("fault", ["cut", "garbage", "error"])
def test_a_charge_whose_answer_was_lost_is_asked_about_and_not_repeated(till, fault):
    now = timezone.now()
    till.gateway.fault = fault
    charging.pay(till.order, till.method, now=now)
    assert till.attempt().status == _Status.PENDING
    with pytest.raises(paying.InProgress):
        paying.start(till.order, return_url=RETURN_URL, now=now)
    till.gateway.fault = ""

    for minutes in (2, 4):
        charging.carry_on(till.attempt(), now=now + timedelta(minutes=minutes))

    assert Order.objects.get(pk=till.order.pk).payment == "paid"
    assert till.charges() == 1
    assert GatewayTransaction.objects.filter(attempt__order=till.order).count() == 1


@pytest.mark.parametrize("code", GATEWAYS)
def test_a_worker_that_died_before_it_called_is_followed_by_another(till):
    now = timezone.now()
    attempt = paying.open_charge(till.order, till.method, now=now)
    assert charging._claim(attempt, now=now) is not None

    charging.charge(attempt, now=now)
    assert till.charges() == 0
    charging.carry_on(till.attempt(), now=now + timedelta(minutes=2))

    assert Order.objects.get(pk=till.order.pk).payment == "paid"
    assert till.charges() == 1


@pytest.mark.parametrize("code", GATEWAYS)
def test_a_forgotten_card_is_charged_no_more_and_may_be_forgotten_twice(till):
    till.provider.forget(till.method)
    till.provider.forget(till.method)

    charging.pay(till.order, till.method, now=timezone.now())

    assert Order.objects.get(pk=till.order.pk).status == "pending"
    assert till.attempt().status == _Status.DECLINED
    assert till.charges() == 0


def test_wompi_keeps_no_card_without_both_agreements(organization, wompi, wompi_account):
    attempt = rows.attempt(wompi_account)
    with pytest.raises(ProviderRefused):
        payments.get("wompi").keep(
            attempt,
            wompi.token(),
            {"acceptance_token": "eyJ.ejemplo.uno", "accept_personal_auth": ""},
        )

    assert wompi.sources == {}


def test_the_page_for_a_card_that_wompi_keeps_is_ours(organization, wompi, wompi_account):
    attempt = rows.attempt(wompi_account, keeps_method=True)

    started = payments.get("wompi").start(attempt, return_url=RETURN_URL, now=timezone.now())

    assert started.url == "http://testserver/pedidos/token/tarjeta/"
    assert wompi_stub.PRIVATE_KEY not in started.url


@pytest.mark.parametrize("code", GATEWAYS)
def test_without_permission_nothing_is_kept(request, organization, code):
    till = Till(request, code)
    attempt = rows.attempt(till.account)
    started = till.provider.start(attempt, return_url=RETURN_URL, now=timezone.now())
    attempt.gateway_id = started.gateway_id
    if code == "practice":
        practice_gateway.decide(attempt.reference, "approve", now=timezone.now())
    elif code == "stripe":
        till.gateway.pay(attempt.gateway_id)

    assert till.provider.kept(attempt) is None
