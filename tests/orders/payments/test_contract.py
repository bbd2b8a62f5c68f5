"""What every way to pay promises, and what every gateway may do wrong."""

import pytest
from django.utils import timezone

from config.lib import http
from config.lib.errors import BadSignature, ProviderRefused, ProviderUnavailable
from orders import payments
from orders.models import GatewayTransaction, PaymentAccount, Refund
from orders.practice import gateway as practice_gateway
from tests import make

from . import rows, stub

RETURN_URL = "http://testserver/pedidos/pago/"
GATEWAYS = ["practice", "stripe", "wompi"]
FAR_AWAY = ["stripe", "wompi"]


class Bench:
    """One provider with an account, and a buyer's hand on its page."""

    def __init__(self, request, code):
        self.provider = payments.get(code)
        self.gateway = request.getfixturevalue(code) if code in FAR_AWAY else None
        self.account = (
            request.getfixturevalue(f"{code}_account")
            if code in FAR_AWAY
            else make.payment_account(code, settings=TRANSFER if code == "transfer" else {})
        )
        self.attempt = rows.attempt(self.account)

    def start(self):
        started = self.provider.start(self.attempt, return_url=RETURN_URL, now=timezone.now())
        self.attempt.gateway_id = started.gateway_id
        return started

    def pay(self) -> str:
        """Pay on the page, and give the gateway's id of the transaction."""
        if self.gateway is None:
            return practice_gateway.decide(self.attempt.reference, "approve", now=timezone.now())
        if self.provider.code == "wompi":
            return self.gateway.pay(self.attempt.reference, self.attempt.amount)["id"]
        return self.gateway.pay(self.attempt.gateway_id)["id"]

    def paid(self) -> GatewayTransaction:
        transaction_id = self.pay()
        (report,) = self.provider.reports(self.attempt)
        return rows.gateway_transaction(
            self.attempt, gateway_id=transaction_id, method=report.method
        )

    def notice(self, transaction_id) -> tuple[dict, bytes]:
        if self.gateway is None:
            return practice_gateway.notice(
                self.attempt.reference, transaction_id, now=timezone.now()
            )
        if self.provider.code == "wompi":
            return self.gateway.event(self.gateway.transactions[transaction_id])
        return self.gateway.event("payment_intent.succeeded", self.gateway.intents[transaction_id])


TRANSFER = {"bank": "Banco Uno", "account_number": "0123", "holder": "Tienda SAS"}


@pytest.fixture
def bench(request, organization, code):
    return Bench(request, code)


def test_every_kind_of_account_has_its_provider():
    assert set(payments.PROVIDERS) == set(PaymentAccount.Provider.values)


@pytest.mark.parametrize("code", payments.PROVIDERS)
def test_a_well_kept_account_has_no_problems_and_waits_for_money(bench):
    assert bench.provider.problems(bench.account) == []
    assert bench.provider.minutes_to_pay(bench.account) > 0
    assert 0 <= bench.provider.due_first(bench.account, 4_990_000) <= 4_990_000
    names = [setting.name for setting in bench.provider.settings]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("code", payments.PROVIDERS)
def test_a_payment_opens_at_an_absolute_address_and_only_once(bench):
    first, second = bench.start(), bench.start()

    assert first == second
    assert first.url.startswith("http://")
    assert bench.provider.reports(bench.attempt) == []


@pytest.mark.parametrize("code", payments.PROVIDERS)
@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({}, b""),
        ({}, b"{}"),
        ({}, b"\xff"),
        ({"X-Event-Checksum": "", "Stripe-Signature": "", "X-Practice-Signature": ""}, b"{}"),
    ],
)
def test_an_unsigned_notice_is_refused(bench, headers, body):
    with pytest.raises(BadSignature):
        bench.provider.read_notice(bench.account, headers, body)


@pytest.mark.parametrize("code", GATEWAYS)
def test_a_payment_is_told_as_it_was_asked_for(bench):
    bench.start()
    transaction_id = bench.pay()

    (report,) = bench.provider.reports(bench.attempt)

    assert report.transaction_id == transaction_id
    assert report.reference == bench.attempt.reference
    assert report.status == GatewayTransaction.Status.APPROVED
    assert (report.amount, report.currency) == (bench.attempt.amount, "COP")
    assert report.is_live is False
    assert report.merchant in ("", bench.provider.merchant(bench.account))


@pytest.mark.parametrize("code", GATEWAYS)
def test_a_notice_names_the_payment_and_the_same_one_twice_has_one_id(bench):
    bench.start()
    headers, body = bench.notice(bench.pay())

    first = bench.provider.read_notice(bench.account, headers, body)
    upper = {name.upper(): value for name, value in headers.items()}
    second = bench.provider.read_notice(bench.account, upper, body)

    assert first.reference == bench.attempt.reference
    assert first.event_id == second.event_id
    assert len(first.event_id) <= 200


@pytest.mark.parametrize("code", GATEWAYS)
def test_a_notice_changed_by_one_byte_is_refused(bench):
    bench.start()
    transaction_id = bench.pay()
    headers, body = bench.notice(transaction_id)
    changed = body.replace(transaction_id.encode(), transaction_id[:-1].encode() + b"X")
    assert changed != body

    for forged in (changed, body[:-1]):
        with pytest.raises(BadSignature):
            bench.provider.read_notice(bench.account, headers, forged)


@pytest.mark.parametrize("code", GATEWAYS)
def test_a_refund_is_paid_once(bench):
    bench.start()
    transaction = bench.paid()
    method = bench.provider.refund_method(transaction, transaction.amount)
    refund = rows.refund(transaction, method=method)

    for _time in range(2):
        assert bench.provider.refund(refund).status == Refund.Status.DONE

    assert bench.provider.refund_state(refund).status == Refund.Status.DONE
    (report,) = bench.provider.reports(bench.attempt)
    assert report.refunded == bench.attempt.amount


@pytest.mark.parametrize("code", ["transfer", "cash"])
def test_what_no_gateway_knows_is_given_back_by_hand(bench):
    transaction = rows.gateway_transaction(bench.attempt)

    assert bench.provider.refund_method(transaction, 1) == Refund.Method.MANUAL
    for ask in (bench.provider.refund, bench.provider.refund_state):
        with pytest.raises(ProviderRefused):
            ask(rows.refund(transaction))


# --- What can go wrong on the way -----------------------------------------------------------------


@pytest.fixture
def impatient(monkeypatch):
    """Nobody waits longer than half a second."""
    monkeypatch.setattr(http, "SECONDS", 0.5)


@pytest.mark.parametrize("code", FAR_AWAY)
@pytest.mark.parametrize("fault", stub.FAULTS)
def test_whatever_happens_to_an_answer_means_try_again(bench, impatient, fault):
    bench.start()
    transaction = bench.paid()
    refund = rows.refund(transaction)
    bench.gateway.fault = fault

    for ask in (bench.provider.reports, bench.provider.refund_state, bench.provider.refund):
        with pytest.raises(ProviderUnavailable):
            ask(bench.attempt if ask == bench.provider.reports else refund)

    bench.gateway.fault = ""
    (report,) = bench.provider.reports(bench.attempt)
    assert report.status == GatewayTransaction.Status.APPROVED


@pytest.mark.parametrize("fault", stub.FAULTS)
def test_a_session_whose_answer_was_lost_is_found_again(request, organization, impatient, fault):
    bench = Bench(request, "stripe")
    bench.gateway.fault = fault
    with pytest.raises(ProviderUnavailable):
        bench.start()

    bench.gateway.fault = ""
    assert bench.start().url.startswith(bench.gateway.address)
    assert len(bench.gateway.sessions) == 1


@pytest.mark.parametrize("code", FAR_AWAY)
def test_a_refund_whose_answer_was_cut_is_found_and_not_repeated(bench):
    bench.start()
    refund = rows.refund(bench.paid(), method=Refund.Method.VOID)
    posted = len(bench.gateway.heard)
    _cut_after_post(bench.gateway)
    with pytest.raises(ProviderUnavailable):
        bench.provider.refund(refund)

    bench.gateway.fault = ""
    assert bench.provider.refund_state(refund).status == Refund.Status.DONE
    assert bench.provider.refund(refund).status == Refund.Status.DONE
    posts = [method for method, _path in bench.gateway.heard[posted:] if method == "POST"]
    assert len(posts) == 1


def _cut_after_post(gateway) -> None:
    """Let the connection be cut from the first POST on, after the gateway did what it was asked."""
    answer = gateway.answer

    def cut(request):
        response = answer(request)
        if request.method == "POST":
            gateway.fault = "cut"
        return response

    gateway.answer = cut


@pytest.mark.parametrize("code", FAR_AWAY)
def test_no_error_carries_a_key(bench):
    bench.start()
    secrets = [value for value in bench.account.secrets.values() if value]
    for fault in ("error", "html"):
        bench.gateway.fault = fault
        with pytest.raises(ProviderUnavailable) as failed:
            bench.provider.reports(bench.attempt)
        chain = [failed.value, failed.value.__cause__]
        assert not any(secret in repr(error) for secret in secrets for error in chain)
        assert failed.value.__suppress_context__ or failed.value.__context__ is None
