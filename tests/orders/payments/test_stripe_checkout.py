"""Stripe: sessions, what it says of payments, and refunds."""

from datetime import timedelta

import pytest
from django.utils import timezone

from config.lib.errors import ProviderRefused, ProviderUnavailable
from orders import payments
from orders.models import GatewayTransaction, Refund
from tests import make

from . import rows, stripe_stub

RETURN_URL = "http://testserver/pedidos/pago/"
Status = GatewayTransaction.Status


@pytest.fixture
def provider():
    return payments.get("stripe")


@pytest.fixture
def attempt(stripe, stripe_account):
    """A try whose session is open."""
    attempt = rows.attempt(stripe_account)
    attempt.gateway_id = start(attempt).gateway_id
    return attempt


def start(attempt):
    provider = payments.get("stripe")
    return provider.start(attempt, return_url=RETURN_URL, now=timezone.now())


def paid(stripe, attempt) -> GatewayTransaction:
    return rows.gateway_transaction(attempt, gateway_id=stripe.pay(attempt.gateway_id)["id"])


# --- Starting -------------------------------------------------------------------------------------


def test_a_session_asks_for_the_amount_in_one_line(stripe, attempt):
    form = stripe.sessions[attempt.gateway_id]["_form"]

    assert form["line_items[0][price_data][unit_amount]"] == str(attempt.amount)
    assert form["line_items[0][price_data][currency]"] == "cop"
    assert form["line_items[0][quantity]"] == "1"
    assert "line_items[1][quantity]" not in form
    assert attempt.order.label in form["line_items[0][price_data][product_data][name]"]
    assert form["client_reference_id"] == attempt.reference
    assert form["metadata[reference]"] == attempt.reference
    assert form["payment_intent_data[metadata][reference]"] == attempt.reference
    assert form["adaptive_pricing[enabled]"] == "false"
    assert form["success_url"] == f"{RETURN_URL}?id={{CHECKOUT_SESSION_ID}}"
    assert form["expires_at"] == str(int(attempt.expires_at.timestamp()))


def test_a_payment_opens_once_however_often_it_is_asked_for(stripe, attempt):
    again = start(attempt)

    assert again.gateway_id == attempt.gateway_id
    assert len(stripe.sessions) == 1


@pytest.mark.parametrize("minutes", [1, 30, 60, 24 * 60, 3 * 24 * 60])
def test_a_session_lives_as_long_as_stripe_allows(stripe, stripe_account, minutes):
    until = timezone.now() + timedelta(minutes=minutes)

    start(rows.attempt(stripe_account, expires_at=until))

    assert len(stripe.sessions) == 1


def test_a_session_can_be_closed_and_is_paid_no_more(stripe, attempt, provider):
    provider.close(attempt)
    provider.close(attempt)

    assert stripe.sessions[attempt.gateway_id]["status"] == "expired"
    with pytest.raises(ProviderRefused):
        payments.get("stripe").refund(rows.refund(rows.gateway_transaction(attempt)))


# --- Keys -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["sk_live_X", "rk_live_X", "pk_test_X", "whsec_X", ""])
def test_a_wrong_key_is_named_and_leaves_for_nowhere(stripe, stripe_account, provider, key):
    stripe_account.secrets = {**stripe_stub.SECRETS, "secret_key": key}
    attempt = rows.attempt(stripe_account, gateway_id="cs_test_1")

    assert len(provider.problems(stripe_account)) == 1
    for call in (lambda: start(attempt), lambda: provider.reports(attempt)):
        with pytest.raises(ProviderRefused):
            call()
    assert stripe.heard == []


@pytest.mark.parametrize("secrets", ["", "sk_test_X", "whsec_a whsec_b pk_test_c"])
def test_wrong_webhook_secrets_are_named(stripe_account, provider, secrets):
    stripe_account.secrets = {**stripe_stub.SECRETS, "webhook_secrets": secrets}

    assert len(provider.problems(stripe_account)) == 1


def test_right_keys_of_both_kinds_are_no_problem(organization, provider):
    for is_live, key in [(False, "rk_test_X"), (True, "sk_live_X"), (True, "rk_live_X")]:
        secrets = {"secret_key": key, "webhook_secrets": "whsec_a\nwhsec_b\n"}
        account = make.payment_account("stripe", is_live=is_live, secrets=secrets)
        assert provider.problems(account) == []


def test_a_test_key_serves_no_live_account(organization, provider):
    account = make.payment_account("stripe", is_live=True, secrets=stripe_stub.SECRETS)

    assert len(provider.problems(account)) == 1


# --- Asking ---------------------------------------------------------------------------------------


def test_an_open_session_has_no_transaction(attempt, provider):
    assert provider.reports(attempt) == []


def test_a_session_that_nobody_saw_is_not_asked_for(stripe, stripe_account, provider):
    assert provider.reports(rows.attempt(stripe_account)) == []
    assert stripe.heard == []


def test_a_payment_is_told_with_its_amount(stripe, attempt, provider):
    intent = stripe.pay(attempt.gateway_id)

    (report,) = provider.reports(attempt)

    assert (report.transaction_id, report.status) == (intent["id"], Status.APPROVED)
    assert (report.amount, report.currency, report.refunded) == (attempt.amount, "COP", 0)
    assert (report.reference, report.is_live, report.method) == (attempt.reference, False, "card")


def test_a_decline_and_a_later_payment_are_one_transaction(stripe, attempt, provider):
    stripe.pay(attempt.gateway_id, "decline")
    (declined,) = provider.reports(attempt)
    stripe.pay(attempt.gateway_id)
    (approved,) = provider.reports(attempt)

    assert (declined.status, approved.status) == (Status.DECLINED, Status.APPROVED)
    assert declined.message == "Your card was declined."
    assert declined.transaction_id == approved.transaction_id


def test_a_pending_payment_waits_and_is_paid(stripe, attempt, provider):
    stripe.pay(attempt.gateway_id, "pending")
    (pending,) = provider.reports(attempt)
    stripe.finish(attempt.gateway_id)
    (approved,) = provider.reports(attempt)

    assert (pending.status, approved.status) == (Status.PENDING, Status.APPROVED)


@pytest.mark.parametrize(
    ("lie", "status"),
    [
        ({"status": "canceled"}, Status.FAILED),
        ({"status": "requires_action"}, Status.PENDING),
        ({"status": "a_new_word"}, Status.PENDING),
    ],
)
def test_every_word_of_stripe_has_one_of_ours(stripe, attempt, provider, lie, status):
    stripe.pay(attempt.gateway_id)
    stripe.lie = lie

    assert [report.status for report in provider.reports(attempt)] == [status]


def test_less_money_than_asked_for_is_told_as_it_is(stripe, attempt, provider):
    stripe.pay(attempt.gateway_id)
    stripe.lie = {"amount_received": attempt.amount - 1}

    (report,) = provider.reports(attempt)

    assert report.amount == attempt.amount - 1


@pytest.mark.parametrize("lie", [{"currency": None}, {"latest_charge": "ch_1"}])
def test_a_session_that_cannot_be_read_is_no_answer(stripe, attempt, provider, lie):
    stripe.pay(attempt.gateway_id)
    stripe.lie = lie

    with pytest.raises(ProviderUnavailable):
        provider.reports(attempt)


# --- Giving back ----------------------------------------------------------------------------------


def test_money_is_given_back_in_parts_and_told(stripe, attempt, provider):
    transaction = paid(stripe, attempt)
    half = attempt.amount // 2

    assert provider.refund(rows.refund(transaction, half)).status == Refund.Status.DONE
    (report,) = provider.reports(attempt)
    assert (report.status, report.refunded) == (Status.APPROVED, half)

    provider.refund(rows.refund(transaction, attempt.amount - half))
    (report,) = provider.reports(attempt)
    assert (report.status, report.refunded) == (Status.REFUNDED, attempt.amount)


@pytest.mark.parametrize("keys", ["kept", "pruned"])
def test_the_same_refund_pays_once_also_when_stripe_forgot_its_key(stripe, attempt, provider, keys):
    refund = rows.refund(paid(stripe, attempt), attempt.amount // 4)

    first = provider.refund(refund)
    if keys == "pruned":
        stripe.forget_keys()
    second = provider.refund(refund)

    assert first == second
    assert [entry["amount"] for entry in stripe.refunds.values()] == [attempt.amount // 4]


def test_two_workers_with_the_same_refund_pay_once(stripe, attempt, provider):
    refund = rows.refund(paid(stripe, attempt), attempt.amount // 4)
    stripe.hides_refunds = True

    assert provider.refund(refund) == provider.refund(refund)
    assert len(stripe.refunds) == 1


def test_two_refunds_of_one_amount_are_two(stripe, attempt, provider):
    transaction = paid(stripe, attempt)

    for _time in range(2):
        provider.refund(rows.refund(transaction, 100))

    assert len(stripe.refunds) == 2


def test_a_refund_whose_answer_was_lost_is_found(stripe, attempt, provider):
    refund = rows.refund(paid(stripe, attempt))
    assert provider.refund_state(refund).status == Refund.Status.REQUESTED
    provider.refund(refund)

    found = provider.refund_state(refund)

    assert (found.status, found.gateway_id) == (Refund.Status.DONE, next(iter(stripe.refunds)))


def test_a_refund_may_wait_and_then_fail(stripe, attempt, provider):
    stripe.refund_status = "pending"
    refund = rows.refund(paid(stripe, attempt))

    report = provider.refund(refund)
    assert report.status == Refund.Status.ASKED
    stripe.end_refund(report.gateway_id, "failed")

    failed = provider.refund_state(refund)
    assert (failed.status, failed.message) == (Refund.Status.FAILED, "expired_or_canceled_card")


def test_more_than_was_paid_is_refused_with_stripes_code(stripe, attempt, provider):
    refund = rows.refund(paid(stripe, attempt), attempt.amount + 1)

    with pytest.raises(ProviderRefused) as refused:
        provider.refund(refund)

    assert (refused.value.status, refused.value.code) == (400, "charge_already_refunded")
