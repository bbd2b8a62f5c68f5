"""Notices of gateways: only the right signature opens the door, and each is worked off once."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from django_scopes import scope

from orders import events, payments, webhook_tasks
from orders.models import (
    GatewayEvent,
    GatewayTransaction,
    Order,
    OrderEvent,
    PaymentAccount,
    PracticePayment,
)
from orders.practice import gateway
from shop.models import StockMovement
from tests import make
from tests.shop import places

HEADER = gateway.SIGNATURE_HEADER
WARNS = "config.lib.api.webhooks"


@pytest.fixture
def attempt(organization):
    """An attempt of a placed order that its buyer has just approved at the practice gateway."""
    places.reload()
    attempt = make.attempt(make.placed_order())
    gateway.decide(attempt.reference, "approve", now=timezone.now())
    return attempt


def notice(attempt) -> tuple[dict, bytes]:
    (told,) = gateway.transactions(attempt.reference, now=timezone.now())
    return gateway.notice(attempt.reference, told["id"], now=timezone.now())


def address(account: PaymentAccount) -> str:
    return f"/api/webhooks/{account.provider}/{account.pk}/"


def bring(account, headers, body, *, host="testserver", to=""):
    return Client().post(
        to or address(account),
        body,
        content_type="application/json",
        headers={"host": host, **headers},
    )


def signed(account, **event) -> tuple[dict, bytes]:
    """Give any notice as the practice gateway would sign it."""
    told = {"reference": "", "id": ""}
    event = {"id": "evt-1", "type": "payment.updated", "data": told, **event}
    body = json.dumps(event).encode()
    return {HEADER: gateway.signature(account, body)}, body


def nothing_happened(order_id) -> bool:
    order = Order.objects.get(pk=order_id)
    untouched = order.status == Order.Status.PENDING and order.paid == 0
    kept = GatewayEvent.objects.exists() or GatewayTransaction.objects.exists()
    return untouched and not kept


def test_a_signed_notice_is_kept_and_pays_the_order(attempt):
    headers, body = notice(attempt)

    answer = bring(attempt.account, headers, body)

    assert (answer.status_code, answer.json()) == (200, {})
    event = GatewayEvent.objects.get()
    assert event.payload == json.loads(body)
    assert (event.reference, event.tries, event.error) == (attempt.reference, 1, "")
    assert event.handled_at is not None
    order = Order.objects.get(pk=attempt.order_id)
    assert (order.status, order.paid) == (Order.Status.CONFIRMED, order.total)


FORGERIES = {
    "unsigned": lambda headers, body: ({}, body),
    "empty signature": lambda headers, body: ({HEADER: ""}, body),
    "not a signature": lambda headers, body: ({HEADER: "ñ" * 64}, body),
    "one flipped byte": lambda headers, body: (headers, body.replace(b"COP", b"COQ")),
    "truncated": lambda headers, body: (headers, body[:-1]),
    "prolonged": lambda headers, body: (headers, body + b" "),
    "re-serialised": lambda headers, body: (
        headers,
        json.dumps(json.loads(body), separators=(",", ":")).encode(),
    ),
    "empty": lambda headers, body: (headers, b""),
    "garbage": lambda headers, body: (headers, b"\x00\xff\xfe"),
    "deep": lambda headers, body: (headers, b"[" * 200_000),
    "a page": lambda headers, body: (headers, b"<html></html>"),
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES)
def test_a_forged_notice_is_refused_and_leaves_no_trace(attempt, caplog, forge):
    headers, body = forge(*notice(attempt))

    answer = bring(attempt.account, headers, body)

    assert (answer.status_code, answer.json()["code"]) == (403, "bad_signature")
    assert nothing_happened(attempt.order_id)
    said = [record.getMessage() for record in caplog.records if record.name == WARNS]
    assert said == ["A notice was refused"]


@pytest.mark.parametrize("code", payments.PROVIDERS)
@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"null", b"\xff", b"[" * 200_000, b'{"id":1}'])
def test_no_provider_takes_a_notice_without_signature(organization, code, body):
    account = make.payment_account(code)

    answer = bring(account, {}, body)

    assert answer.status_code == 403
    assert not GatewayEvent.objects.exists()


def test_the_signature_of_another_account_opens_nothing(attempt):
    other = make.payment_account("practice")
    _headers, body = notice(attempt)

    answer = bring(attempt.account, {HEADER: gateway.signature(other, body)}, body)

    assert answer.status_code == 403
    assert nothing_happened(attempt.order_id)


def test_an_account_of_another_shop_does_not_exist_here(attempt):
    make.organization(host="other.localhost")

    answer = bring(attempt.account, *notice(attempt), host="other.localhost")

    assert answer.status_code == 404
    assert nothing_happened(attempt.order_id)


def test_a_notice_signed_for_another_shop_moves_nothing_of_this_one(attempt):
    """The other shop's own account, rightly signed, names an attempt that is not its own."""
    _headers, body = notice(attempt)
    other = make.organization(host="other.localhost")
    with scope(organization=other):
        foreign = make.payment_account("practice")

    headers = {HEADER: gateway.signature(foreign, body)}
    answer = bring(foreign, headers, body, host="other.localhost")

    assert answer.status_code == 200
    assert nothing_happened(attempt.order_id)
    with scope(organization=other):
        assert GatewayEvent.objects.get().handled_at is not None
        assert not GatewayTransaction.objects.exists()


def test_one_account_of_a_shop_brings_no_news_of_another(attempt):
    other = make.payment_account("practice")
    _headers, body = notice(attempt)

    assert bring(other, {HEADER: gateway.signature(other, body)}, body).status_code == 200

    assert GatewayEvent.objects.get().handled_at is not None
    assert not GatewayTransaction.objects.exists()
    assert Order.objects.get(pk=attempt.order_id).paid == 0


@pytest.mark.parametrize("body", [b"", b"no", b"\xff\xfe", b"[" * 200_000])
def test_a_signed_body_that_nobody_can_read_is_refused(organization, body):
    account = make.payment_account("practice")

    assert bring(account, {HEADER: gateway.signature(account, body)}, body).status_code == 403
    assert not GatewayEvent.objects.exists()


def test_an_account_that_is_switched_off_does_not_exist(attempt):
    PaymentAccount.objects.update(is_active=False)

    assert bring(attempt.account, *notice(attempt)).status_code == 404
    assert nothing_happened(attempt.order_id)


@pytest.mark.parametrize("provider", ["wompi", "transfer", "nobody"])
def test_an_account_answers_under_its_own_provider_only(attempt, provider):
    headers, body = notice(attempt)

    answer = bring(
        attempt.account, headers, body, to=f"/api/webhooks/{provider}/{attempt.account_id}/"
    )

    assert answer.status_code == 404
    assert nothing_happened(attempt.order_id)


def test_a_notice_is_not_larger_than_256_kilobytes(organization):
    account = make.payment_account("practice")
    headers, body = signed(account, note="x" * (257 * 1024))

    assert bring(account, headers, body).status_code == 413
    assert not GatewayEvent.objects.exists()

    headers, body = signed(account, note="x" * (250 * 1024))
    assert bring(account, headers, body).status_code == 200


def test_only_a_post_is_a_notice(organization):
    account = make.payment_account("practice")

    assert Client().get(address(account)).status_code == 405


def test_a_replayed_notice_is_answered_and_changes_nothing(attempt):
    headers, body = notice(attempt)
    bring(attempt.account, headers, body)
    before = list(OrderEvent.objects.values_list("pk", "kind"))

    answers = [bring(attempt.account, headers, body).status_code for _time in range(3)]

    assert answers == [200, 200, 200]
    assert GatewayEvent.objects.count() == 1
    assert GatewayTransaction.objects.count() == 1
    assert list(OrderEvent.objects.values_list("pk", "kind")) == before


def test_an_old_notice_does_not_undo_what_the_gateway_says_now(attempt):
    """A replay of "approved" after the money went back: the gateway is asked, not believed."""
    headers, body = notice(attempt)
    PracticePayment.objects.update(refunds={"elsewhere": attempt.amount})

    bring(attempt.account, headers, body)

    assert GatewayTransaction.objects.get().status == GatewayTransaction.Status.REFUNDED
    assert Order.objects.get(pk=attempt.order_id).net_paid == 0


@pytest.mark.parametrize("amount", [1, 10**12])
def test_the_right_signature_with_another_amount_pays_nothing_and_staff_are_told(attempt, amount):
    PracticePayment.objects.update(amount=amount)

    answer = bring(attempt.account, *notice(attempt))

    assert answer.status_code == 200
    order = Order.objects.get(pk=attempt.order_id)
    assert (order.status, order.paid) == (Order.Status.PENDING, 0)
    assert order.concern == Order.Concern.MISMATCH
    assert OrderEvent.objects.filter(order=order, kind=OrderEvent.Kind.CONCERN).count() == 1
    assert not StockMovement.objects.filter(reason=StockMovement.Reason.SOLD).exists()


def test_a_notice_that_lies_about_the_amount_is_only_a_reason_to_ask(attempt):
    _headers, body = notice(attempt)
    body = body.replace(str(attempt.amount).encode(), b"1")

    bring(attempt.account, {HEADER: gateway.signature(attempt.account, body)}, body)

    order = Order.objects.get(pk=attempt.order_id)
    assert (order.paid, order.concern) == (order.total, Order.Concern.NONE)


@pytest.mark.parametrize(
    "event",
    [
        {"id": "evt-1", "type": "something.new"},
        {"id": "evt-2", "data": {"reference": "of-another-site", "id": "tx-1"}},
    ],
)
def test_an_event_about_nothing_of_ours_is_kept_and_answered(organization, event):
    account = make.payment_account("practice")

    answer = bring(account, *signed(account, **event))

    assert answer.status_code == 200
    kept = GatewayEvent.objects.get()
    assert kept.event_id == event["id"]
    assert kept.handled_at is not None
    assert kept.error == ""
    assert not GatewayTransaction.objects.exists()


def test_news_that_name_only_the_transaction_find_its_attempt(attempt):
    bring(attempt.account, *notice(attempt))
    told = GatewayTransaction.objects.get()
    PracticePayment.objects.update(refunds={"elsewhere": attempt.amount})

    data = {"reference": "", "id": told.gateway_id}
    bring(attempt.account, *signed(attempt.account, id="refund-1", type="refunded", data=data))

    assert Order.objects.get(pk=attempt.order_id).net_paid == 0


# --- Many at once, and gateways that do not answer ------------------------------------------------


def _closing(call):
    try:
        return call()
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_ten_deliveries_at_once_are_one_event_and_one_payment(attempt):
    headers, body = notice(attempt)

    with ThreadPoolExecutor(10) as pool:
        brought = [
            pool.submit(_closing, partial(bring, attempt.account, headers, body))
            for _delivery in range(10)
        ]
        statuses = [answer.result().status_code for answer in brought]

    assert statuses == [200] * 10
    assert GatewayEvent.objects.count() == 1
    assert GatewayTransaction.objects.count() == 1
    order = Order.objects.get(pk=attempt.order_id)
    assert (order.status, order.paid) == (Order.Status.CONFIRMED, order.total)
    paid = OrderEvent.objects.filter(order=order, kind=OrderEvent.Kind.PAID)
    assert paid.count() == 1


@pytest.mark.django_db(transaction=True)
def test_workers_that_claim_at_once_share_the_events_out(organization):
    account = make.payment_account("practice")
    now = timezone.now()
    for number in range(30):
        keep(account, f"evt-{number}", now=now)

    def claim():
        with scope(organization=organization):
            return [pk for pk, _organization, _request in events.claim(now=now)]

    with ThreadPoolExecutor(6) as pool:
        claims = [pool.submit(_closing, claim) for _worker in range(6)]
        taken = [pk for claimed in claims for pk in claimed.result()]

    assert sorted(taken) == sorted(GatewayEvent.objects.values_list("pk", flat=True))
    assert set(GatewayEvent.objects.values_list("tries", flat=True)) == {1}


@pytest.mark.django_db(transaction=True)
def test_a_worker_passes_by_what_another_is_claiming(organization):
    now = timezone.now()
    keep(make.payment_account("practice"), "evt-1", now=now)

    def claim():
        with scope(organization=organization):
            return events.claim(now=now)

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        assert len(events.claim(now=now)) == 1
        # Without waiting for the other's commit.
        assert pool.submit(_closing, claim).result(timeout=10) == []


def keep(account, event_id: str, *, now, reference: str = "ours") -> GatewayEvent:
    read = payments.base.Notice(event_id=event_id, kind="kind", payload={}, reference=reference)
    assert events.keep(account, read, now=now)
    return GatewayEvent.objects.get(event_id=event_id)


def test_a_claimed_event_comes_due_again_when_its_worker_dies(organization):
    now = timezone.now()
    event = keep(make.payment_account("practice"), "evt-1", now=now)

    def claimed(**later):
        return [pk for pk, _organization, _request in events.claim(now=now + timedelta(**later))]

    assert claimed() == [event.pk]
    assert claimed(minutes=1) == []
    assert claimed(minutes=3) == [event.pk]


def test_what_is_handled_or_waits_for_a_person_is_not_claimed(organization):
    account, now = make.payment_account("practice"), timezone.now()
    handled, failed = keep(account, "evt-1", now=now), keep(account, "evt-2", now=now)
    GatewayEvent.objects.filter(pk=handled.pk).update(handled_at=now)
    GatewayEvent.objects.filter(pk=failed.pk).update(error="No.", tries=9)

    assert events.claim(now=now) == []

    events.handle_again(failed, now=now)
    assert [pk for pk, _organization, _request in events.claim(now=now)] == [failed.pk]
    assert GatewayEvent.objects.get(pk=failed.pk).tries == 1


def test_the_sweep_finds_what_nobody_announced(attempt):
    headers, body = notice(attempt)
    read = payments.get("practice").read_notice(attempt.account, headers, body)
    events.keep(attempt.account, read, now=timezone.now())

    webhook_tasks.sweep.delay()

    assert GatewayEvent.objects.get().handled_at is not None
    assert Order.objects.get(pk=attempt.order_id).status == Order.Status.CONFIRMED
