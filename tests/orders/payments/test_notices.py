"""Notices of the real gateways, from their door to the order, with gateways that fail meanwhile."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from orders import events, webhook_tasks
from orders.models import GatewayEvent, GatewayTransaction, Order, PaymentAttempt
from tests import make

from . import wompi_stub


@pytest.fixture
def attempt(wompi, wompi_account) -> PaymentAttempt:
    return make.attempt(make.placed_order(provider="wompi"))


def bring(account, headers, body) -> int:
    return (
        Client()
        .post(
            f"/api/webhooks/{account.provider}/{account.pk}/",
            body,
            content_type="application/json",
            headers=headers,
        )
        .status_code
    )


def the_order() -> Order:
    return Order.objects.get()


def event() -> GatewayEvent:
    return GatewayEvent.objects.get()


def test_wompi_tells_asks_are_answered_and_the_order_is_paid(wompi, attempt):
    told = wompi.pay(attempt.reference, attempt.amount)

    assert bring(attempt.account, *wompi.event(told)) == 200

    assert the_order().status == Order.Status.CONFIRMED
    assert event().handled_at is not None
    assert event().reference == attempt.reference


@pytest.mark.parametrize("changes", [{"amount_in_cents": 1}, {"currency": "USD"}])
def test_what_wompi_says_when_asked_decides(wompi, attempt, changes):
    told = wompi.pay(attempt.reference, attempt.amount)
    wompi.lie = changes

    assert bring(attempt.account, *wompi.event(told)) == 200

    order = the_order()
    assert (order.status, order.paid) == (Order.Status.PENDING, 0)
    assert order.concern == Order.Concern.MISMATCH


@pytest.mark.parametrize(
    "forge",
    [
        lambda headers, event: (headers, {**event, "timestamp": event["timestamp"] + 1}),
        lambda headers, event: ({}, {**event, "signature": {"properties": [], "checksum": ""}}),
        lambda headers, event: ({}, {key: event[key] for key in event if key != "signature"}),
        lambda headers, event: (headers, {**event, "environment": "prod"}),
        lambda headers, event: ({"X-Event-Checksum": "0" * 64}, event),
    ],
)
def test_a_forged_event_of_wompi_leaves_no_trace(wompi, attempt, forge):
    headers, body = wompi.event(wompi.pay(attempt.reference, attempt.amount))
    headers, forged = forge(headers, json.loads(body))

    assert bring(attempt.account, headers, json.dumps(forged)) == 403

    assert not GatewayEvent.objects.exists()
    assert the_order().paid == 0


def test_an_unknown_event_of_wompi_is_kept_and_answered(wompi, attempt):
    told = wompi.event({"id": "nequi-1", "status": "APPROVED", "amount_in_cents": 1}, event="new")

    assert bring(attempt.account, *told) == 200
    assert event().handled_at is not None
    assert not GatewayTransaction.objects.exists()


def test_an_event_signed_with_another_secret_is_refused(wompi, attempt):
    _headers, body = wompi.event(wompi.pay(attempt.reference, attempt.amount))

    forged = wompi_stub.signed(json.loads(body), secret="test_events_of_somebody_else")

    assert bring(attempt.account, *forged) == 403
    assert not GatewayEvent.objects.exists()


@pytest.mark.parametrize("fault", ["error", "busy", "html", "garbage", "cut"])
def test_a_gateway_that_fails_is_asked_again_later(wompi, attempt, fault):
    told = wompi.event(wompi.pay(attempt.reference, attempt.amount))
    wompi.fault = fault

    assert bring(attempt.account, *told) == 200
    assert (event().handled_at, event().tries, event().error) == (None, 1, "")
    assert timezone.now() < event().try_at < timezone.now() + timedelta(minutes=1)

    wompi.fault = ""
    webhook_tasks.sweep.delay()
    assert event().tries == 1
    GatewayEvent.objects.update(try_at=timezone.now())
    webhook_tasks.sweep.delay()
    assert event().handled_at is not None
    assert the_order().status == Order.Status.CONFIRMED


def test_what_was_tried_too_often_waits_for_a_person(wompi, attempt):
    wompi.fault = "error"
    bring(attempt.account, *wompi.event(wompi.pay(attempt.reference, attempt.amount)))
    for _time in range(20):
        GatewayEvent.objects.update(try_at=timezone.now())
        webhook_tasks.sweep.delay()

    assert (event().handled_at, event().tries) == (None, 8)
    assert event().error != ""
    wompi.fault = ""
    events.handle_again(event(), now=timezone.now())
    webhook_tasks.sweep.delay()
    assert (event().error, the_order().status) == ("", Order.Status.CONFIRMED)


def test_keys_that_the_gateway_refuses_are_put_before_a_person(wompi, attempt):
    told = wompi.event(wompi.pay(attempt.reference, attempt.amount))
    account = attempt.account
    account.secrets = {**account.secrets, "private_key": "prv_test_OTRA"}
    account.save(update_fields=["secrets"])

    assert bring(account, *told) == 200

    assert (event().handled_at, event().tries) == (None, 1)
    assert event().error != ""
    assert the_order().paid == 0


def test_a_void_that_wompi_tells_of_takes_the_payment_back(wompi, attempt):
    told = wompi.pay(attempt.reference, attempt.amount)
    bring(attempt.account, *wompi.event(told))
    wompi.change(told, "VOIDED")

    assert bring(attempt.account, *wompi.event(told)) == 200

    order = the_order()
    assert (order.status, order.net_paid) == (Order.Status.CANCELLED, 0)
    assert GatewayEvent.objects.count() == 2
