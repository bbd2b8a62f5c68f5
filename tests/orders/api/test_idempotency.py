"""Idempotency keys: the same wish is done once and answered alike, also in parallel."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.utils import timezone
from rest_framework.test import APIClient

from orders import idempotency
from orders.models import Cart, IdempotentRequest, Order, Refund
from shop import stock
from tests import make
from tests.orders.api import buying
from tests.shop import api, places


@pytest.fixture
def client(organization):
    return APIClient()


def test_the_same_wish_gets_the_same_answer(client):
    key = buying.key()

    first = client.post("/api/carts/", {}, headers=key)
    again = client.post("/api/carts/", {}, headers=key)

    assert "Idempotent-Replayed" not in first
    assert again["Idempotent-Replayed"] == "true"
    assert (again.status_code, again.json()) == (201, first.json())
    assert Cart.objects.count() == 1


def test_a_line_is_added_once(client):
    token, key = buying.cart(client), buying.key()
    body = {"sku": make.variant().sku, "quantity": 2}

    answers = [client.post(f"/api/carts/{token}/lines/", body, headers=key) for _time in range(3)]

    assert {answer.json()["count"] for answer in answers} == {2}
    assert client.get(f"/api/carts/{token}/").json()["count"] == 2


def test_another_wish_under_a_used_key_is_refused(client):
    token, key = buying.cart(client), buying.key()
    sku = make.variant().sku
    client.post(f"/api/carts/{token}/lines/", {"sku": sku}, headers=key)

    answer = client.post(f"/api/carts/{token}/lines/", {"sku": sku, "quantity": 5}, headers=key)

    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert client.get(f"/api/carts/{token}/").json()["count"] == 1


def test_after_a_refusal_the_same_key_may_try_again(client):
    token, key = buying.cart(client), buying.key()
    variant = make.variant(in_stock=0)
    body = {"sku": variant.sku}
    refused = client.post(f"/api/carts/{token}/lines/", body, headers=key)
    stock.move(variant, 1, reason="received")

    answer = client.post(f"/api/carts/{token}/lines/", body, headers=key)

    assert (refused.status_code, answer.status_code) == (409, 200)


def test_a_key_counts_for_its_caller_alone(organization):
    key = buying.key()
    order = make.pay(make.placed_order())
    body = {"order": str(order.pk), "amount": 100_000, "reason": "other"}

    first = api.client("owner").post("/api/refunds/", body, headers=key)
    other = api.client("admin").post("/api/refunds/", body, headers=key)

    assert (first.status_code, other.status_code) == (201, 201)
    assert "Idempotent-Replayed" not in other
    assert Refund.objects.count() == 2


def test_a_key_counts_in_its_organization_alone(client):
    make.organization(host="other.localhost")
    key = buying.key()

    first = client.post("/api/carts/", {}, headers=key)
    other = client.post("/api/carts/", {}, headers={**key, "host": "other.localhost"})

    assert first.json()["token"] != other.json()["token"]


@pytest.mark.parametrize("address", ["/api/checkout/", "/api/payments/", "/api/refunds/"])
@pytest.mark.parametrize(
    ("key", "code"),
    [(None, "required"), ("short", "invalid"), ("ñ" * 20, "invalid"), ("x" * 101, "invalid")],
)
def test_where_money_moves_a_key_is_required(organization, address, key, code):
    headers = {} if key is None else {"Idempotency-Key": key}

    answer = api.client("owner").post(address, {}, headers=headers)

    assert answer.status_code == 400
    assert answer.json()["fields"]["Idempotency-Key"]["code"] == code


def test_answers_are_kept_for_two_days(client):
    key = buying.key()
    first = client.post("/api/carts/", {}, headers=key)
    old = timezone.now() - timedelta(hours=49)
    IdempotentRequest.objects.update(created_at=old)

    again = client.post("/api/carts/", {}, headers=key)

    assert again.json()["token"] != first.json()["token"]
    assert IdempotentRequest.objects.count() == 1
    assert idempotency.forget(now=timezone.now()) == 0
    assert idempotency.forget(now=timezone.now() + timedelta(hours=49)) == 1


def _closing(call):
    try:
        return call()
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_parallel_wishes_are_done_once(organization):
    places.reload()
    order = make.pay(make.placed_order())
    owner, key = make.member("owner"), buying.key()
    body = {"order": str(order.pk), "amount": 100_000, "reason": "other"}

    def ask():
        client = APIClient()
        client.force_login(owner)
        return client.post("/api/refunds/", body, headers=key).status_code

    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(_closing, ask) for _request in range(8)]
        statuses = {answer.result() for answer in asked}

    assert statuses <= {201, 409}
    assert 201 in statuses
    assert Refund.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_wish_that_is_still_worked_on_is_told_to_wait(organization):
    client, key = APIClient(), str(uuid4())
    token = buying.cart(client)
    caller = f"token:{idempotency.hashlib.sha256(token.encode()).hexdigest()}"
    identity = {"organization": organization, "caller": caller, "key": key}
    body = {"sku": make.variant().sku}

    def add():
        return client.post(f"/api/carts/{token}/lines/", body, headers={"Idempotency-Key": key})

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        idempotency._take_turn(identity)
        waiting = pool.submit(_closing, add).result()

    assert (waiting.status_code, waiting.json()["code"]) == (409, "idempotency_in_progress")
    assert waiting["Retry-After"] == "1"
    # Whoever held it is gone, killed or done: nothing was stored, and the wish is free.
    assert add().status_code == 200


@pytest.mark.django_db(transaction=True)
def test_parallel_checkouts_are_one_order(organization):
    account = buying.shop()
    body = buying.wish(buying.cart(None, make.variant()), account)
    key = buying.key()

    def ask():
        return APIClient().post("/api/checkout/", body, headers=key)

    with ThreadPoolExecutor(6) as pool:
        asked = [pool.submit(_closing, ask) for _request in range(6)]
        answers = [answer.result() for answer in asked]

    assert [answer.status_code for answer in answers] == [201] * 6, answers[0].content
    assert len({answer.json()["token"] for answer in answers}) == 1
    assert len({answer.json()["payment"]["url"] for answer in answers}) == 1
    assert Order.objects.count() == 1
