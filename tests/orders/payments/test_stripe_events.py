"""Stripe's events: signed over raw bytes and a moment; nothing older, newer or changed passes."""

import time
from datetime import UTC, datetime

import pytest

from config.lib.errors import BadSignature
from orders import payments
from orders.payments import stripe_events

from . import rows, stripe_stub
from .stripe_stub import WEBHOOK_SECRET

SENT_AT = 1763740800
S1 = b'{"id":"evt_test_1","object":"event","type":"checkout.session.completed"}'
S2 = (
    '{"id":"evt_test_2","object":"event","type":"payment_intent.succeeded",'
    '"data":{"object":{"description":"Pedido de café"}}}'
).encode()
V1 = {
    S1: "b33ac7ef91435cf706de46d23b715f6d63824b5aada6c9766e282f1c4c6fd25c",
    S2: "d94b9a18ce985940685510c6bedca7e855787775f60f4900e6088b3b9832d4b8",
    S1 + b"\n": "6f7e20bbab44efdf98dfe170e2bcd40b474595144871b04ccb2553d569ce4df6",
}


def read(body, signature, *, after: float = 0, secrets=(WEBHOOK_SECRET,)):
    """Read a delivery so many seconds after it was sent."""
    now = datetime.fromtimestamp(SENT_AT + after, UTC)
    headers = {"stripe-signature": signature} if signature is not None else {}
    return stripe_events.read(headers, body, secrets=secrets, now=now)


@pytest.mark.parametrize("body", V1, ids=["S1", "S2", "S3"])
def test_bodies_are_signed_as_documented(body):
    assert stripe_events.sign(body, secret=WEBHOOK_SECRET, sent_at=str(SENT_AT)) == V1[body]


@pytest.mark.parametrize(
    "signature",
    [
        f"t={SENT_AT},v1={V1[S2]}",
        f"t={SENT_AT},v0=abc,v1=00,v1={V1[S2]}",
        f"v1={V1[S2]},t={SENT_AT}",
    ],
)
def test_one_fitting_signature_is_enough(signature):
    notice, is_live = read(S2, signature)

    assert (notice.event_id, notice.kind, is_live) == (
        "evt_test_2",
        "payment_intent.succeeded",
        False,
    )


def test_any_secret_of_several_fits():
    signature = f"t={SENT_AT},v1={V1[S2]}"

    assert read(S2, signature, secrets=("whsec_old", WEBHOOK_SECRET))[0].event_id == "evt_test_2"
    for secrets in [("whsec_old",), (), ("",), (WEBHOOK_SECRET.removeprefix("whsec_"),)]:
        with pytest.raises(BadSignature):
            read(S2, signature, secrets=secrets)
    signed_with_nothing, _body = stripe_stub.signed(S2, sent_at=SENT_AT, secret="")
    with pytest.raises(BadSignature):
        read(S2, signed_with_nothing["Stripe-Signature"], secrets=("",))


@pytest.mark.parametrize("after", [-30, 0, 300])
def test_a_delivery_passes_while_it_is_fresh(after):
    assert read(S2, f"t={SENT_AT},v1={V1[S2]}", after=after)[0].event_id == "evt_test_2"


@pytest.mark.parametrize("after", [-86_400, -31, 301, 86_400])
def test_an_old_delivery_and_one_of_the_future_are_refused(after):
    with pytest.raises(BadSignature, match="not sent now"):
        read(S2, f"t={SENT_AT},v1={V1[S2]}", after=after)


@pytest.mark.parametrize(
    "signature",
    [
        None,
        "",
        "v1=",
        f"v1={V1[S2]}",
        f"t={SENT_AT}",
        f"t={SENT_AT},v1=",
        f"t={SENT_AT},v0={V1[S2]}",
        f"t={SENT_AT},v1={V1[S1]}",
        f"t={SENT_AT + 1},v1={V1[S2]}",
        f"t={SENT_AT + 200},t={SENT_AT},v1={V1[S2]}",
        f"t={SENT_AT},t={SENT_AT + 200},v1={V1[S2]}",
        f"t=,v1={V1[S2]}",
        f"t=-1,v1={V1[S2]}",
        f"t=nan,v1={V1[S2]}",
        f"t=١٧٦٣٧٤٠٨٠٠,v1={V1[S2]}",
        f"t={SENT_AT},v1=ñ",
        f"t={SENT_AT},v1={V1[S2].upper()}",
    ],
)
def test_anything_else_is_refused(signature):
    with pytest.raises(BadSignature):
        read(S2, signature)


@pytest.mark.parametrize("body", [S2 + b"\n", S2[:-1], S2.replace(b"caf", b"Caf"), b""])
def test_a_changed_body_is_refused(body):
    with pytest.raises(BadSignature):
        read(body, f"t={SENT_AT},v1={V1[S2]}")


@pytest.mark.parametrize("body", [b"{", b"[]", b"7", b'{"id":"evt_1"}', S1, b"\xff"])
def test_a_signed_body_that_is_no_event_is_refused(body):
    headers, _body = stripe_stub.signed(body, sent_at=SENT_AT)

    with pytest.raises(BadSignature):
        read(body, headers["Stripe-Signature"])


# --- What events are about ------------------------------------------------------------------------


@pytest.fixture
def attempt(stripe, stripe_account):
    attempt = rows.attempt(stripe_account)
    started = payments.get("stripe").start(
        attempt, return_url="http://testserver/", now=attempt.created_at
    )
    attempt.gateway_id = started.gateway_id
    return attempt


def heard(stripe, attempt, kind, about, **options):
    headers, body = stripe.event(kind, about, **options)
    return payments.get("stripe").read_notice(attempt.account, headers, body)


def test_sessions_intents_and_charges_name_the_attempt_and_the_intent(stripe, attempt):
    intent = stripe.pay(attempt.gateway_id)
    session, charge = stripe.sessions[attempt.gateway_id], stripe.charges[intent["latest_charge"]]

    for kind, about in [
        ("checkout.session.completed", session),
        ("payment_intent.succeeded", intent),
        ("charge.refunded", charge),
    ]:
        notice = heard(stripe, attempt, kind, about)
        assert (notice.kind, notice.reference) == (kind, attempt.reference)
        assert notice.transaction_id == intent["id"]


def test_our_refunds_name_the_attempt_and_others_only_the_intent(stripe, attempt):
    intent = stripe.pay(attempt.gateway_id)
    ours = {"object": "refund", "payment_intent": intent["id"]}
    ours["metadata"] = {"refund": "1", "reference": attempt.reference}
    dispute = {"object": "dispute", "payment_intent": intent["id"], "metadata": {}}

    notice = heard(stripe, attempt, "refund.updated", ours)
    assert (notice.reference, notice.transaction_id) == (attempt.reference, intent["id"])
    notice = heard(stripe, attempt, "charge.dispute.created", dispute)
    assert (notice.reference, notice.transaction_id) == ("", intent["id"])


def test_an_event_of_something_else_is_about_nothing_of_ours(stripe, attempt):
    notice = heard(stripe, attempt, "customer.created", {"object": "customer", "id": "cus_1"})

    assert (notice.kind, notice.reference, notice.transaction_id) == ("customer.created", "", "")


def test_a_live_event_does_not_reach_a_test_account(stripe, attempt):
    with pytest.raises(BadSignature):
        heard(stripe, attempt, "customer.created", {"object": "customer"}, livemode=True)


def test_the_accounts_clock_is_the_real_one(stripe, attempt):
    for sent_at in (time.time() - 600, time.time() + 600):
        with pytest.raises(BadSignature):
            heard(stripe, attempt, "customer.created", {}, sent_at=int(sent_at))
