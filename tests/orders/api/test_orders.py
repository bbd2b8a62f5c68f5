"""Orders of the API: found by what staff ask, and no money for who may see none."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from orders.models import Order, OrderEvent, Refund
from tests import make
from tests.orders.api import buying
from tests.shop import api

MONEY = ("total", "subtotal", "paid", "payment", "voucher", "unit_price", "discount", "tax")


def numbers(client, query: str = "") -> list[int]:
    answer = client.get(f"/api/orders/{query}")
    assert answer.status_code == 200, answer.content
    return [row["number"] for row in answer.json()["results"]]


def test_the_warehouse_sees_no_word_of_money(organization):
    order = make.pay(make.placed_order(make.variant(price=1_234_500)))
    client = api.client("warehouse")

    for address in (
        "/api/orders/",
        f"/api/orders/{order.pk}/",
        f"/api/orders/{order.pk}/timeline/",
    ):
        answer = client.get(address)
        text = json.dumps(answer.json())
        assert "1234500" not in text
        assert "12.345" not in text
        assert str(order.total) not in text
    shown = client.get(f"/api/orders/{order.pk}/").json()
    assert not [name for name in MONEY if name in shown or name in shown["lines"][0]]
    refused = client.get("/api/orders/?payment=paid")
    assert (refused.status_code, list(refused.json()["fields"])) == (400, ["payment"])


def test_staff_who_see_money_see_it(organization):
    order = make.pay(make.placed_order())

    shown = api.client("viewer").get(f"/api/orders/{order.pk}/").json()

    assert (shown["total"], shown["paid"], shown["payment"]) == (order.total, order.total, "paid")
    assert shown["lines"][0]["unit_price"] == order.lines.get().unit_price


def test_orders_are_filtered(organization):
    client = api.client("owner")
    first = make.order(email="ana@example.com", external_reference="ERP-1")
    second = make.order(
        status=Order.Status.SHIPPED,
        paid=True,
        placed_at=timezone.now() - timedelta(days=3),
    )

    assert numbers(client) == [second.number, first.number]
    assert numbers(client, "?ordering=number") == [first.number, second.number]
    assert numbers(client, "?status=shipped") == [second.number]
    assert numbers(client, "?status=shipped&status=pending") == [second.number, first.number]
    assert numbers(client, "?payment=paid") == [second.number]
    assert numbers(client, f"?number={first.number}") == [first.number]
    assert numbers(client, "?email=ANA@example.com") == [first.number]
    assert numbers(client, "?external_reference=ERP-1") == [first.number]
    assert numbers(client, f"?customer={second.customer_id}") == [second.number]
    day = (timezone.now() - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert numbers(client, f"?placed_before={day}") == [second.number]
    assert numbers(client, f"?placed_from={day}") == [first.number]
    assert numbers(client, "?test=false") == []


@pytest.mark.parametrize("query", ["?state=x", "?status=lost", "?number=x", "?placed_from=ayer"])
def test_a_filter_that_means_nothing_is_refused(organization, query):
    assert api.client("owner").get(f"/api/orders/{query}").status_code == 400


@pytest.mark.parametrize(
    ("address", "queries"), [("/api/orders/", 6), ("/api/refunds/", 4), ("/api/vouchers/", 4)]
)
def test_lists_ask_as_often_for_three_rows(
    organization, django_assert_num_queries, address, queries
):
    client = api.client("owner")

    def add(number: int):
        order = make.order(lines=[make.variant(), make.variant()])
        Refund.objects.create(
            order=order,
            amount=1,
            method=Refund.Method.MANUAL,
            reason=Refund.Reason.OTHER,
            due_on=order.placed_at.date(),
            requested_at=order.placed_at,
        )
        buying.voucher(f"CODE{number}")

    add(1)
    client.get(address)
    with django_assert_num_queries(queries):
        assert len(client.get(address).json()["results"]) == 1
    add(2)
    add(3)
    with django_assert_num_queries(queries):
        assert len(client.get(address).json()["results"]) == 3


def test_an_order_is_known_by_its_tag(organization):
    order = make.order()
    client = api.client("owner")
    tag = client.get(f"/api/orders/{order.pk}/")["ETag"]

    assert client.get(f"/api/orders/{order.pk}/", headers={"If-None-Match": tag}).status_code == 304
    order.notes = "Otra cosa"
    order.save()
    stale = client.post(f"/api/orders/{order.pk}/cancel/", {}, headers={"If-Match": tag})
    assert (stale.status_code, stale.json()["code"]) == (412, "changed_meanwhile")
    assert Order.objects.get().status == Order.Status.PENDING


def test_the_shop_cancels_and_the_stock_is_back(organization):
    variant = make.variant(in_stock=3)
    order = make.pay(make.placed_order(variant, quantity=2))

    answer = api.client("support").post(f"/api/orders/{order.pk}/cancel/", {"note": "No hay."})

    assert answer.json()["status"] == "cancelled"
    variant.stock.refresh_from_db()
    assert variant.stock.on_hand == 3
    assert Refund.objects.get().amount == order.total
    event = OrderEvent.objects.get(kind=OrderEvent.Kind.CANCELLED)
    assert event.actor is not None


def test_what_has_left_is_not_cancelled(organization):
    order = make.order(status=Order.Status.SHIPPED)

    answer = api.client("owner").post(f"/api/orders/{order.pk}/cancel/", {})

    assert (answer.status_code, answer.json()["code"]) == (409, "too_late")


def test_a_note_is_for_colleagues(organization):
    order = make.placed_order()
    client = api.client("warehouse")

    answer = client.post(f"/api/orders/{order.pk}/notes/", {"note": "Frágil"})

    assert answer.status_code == 201
    newest = client.get(f"/api/orders/{order.pk}/timeline/").json()["results"][0]
    assert (newest["kind"], newest["note"], newest["is_public"]) == ("note", "Frágil", False)


def test_vouchers_are_kept_in_capitals_and_retired_once_used(organization):
    client = api.client("owner")
    body = {"code": "verano 26", "kind": "amount", "amount": 500_000}

    made = client.post("/api/vouchers/", body)
    again = client.post("/api/vouchers/", body)
    both = client.post("/api/vouchers/", {**body, "code": "X", "percent": 5})

    assert (made.status_code, made.json()["code"]) == (201, "VERANO26")
    assert (again.status_code, list(again.json()["fields"])) == (400, ["code"])
    assert (both.status_code, list(both.json()["fields"])) == (400, ["kind"])
    make.placed_order(voucher="VERANO26")
    address = f"/api/vouchers/{made.json()['id']}/"
    assert client.delete(address).json()["code"] == "voucher_in_use"
    assert client.patch(address, {"used": 0}).status_code == 400
    assert client.patch(address, {"is_active": False}).json()["is_active"] is False


def test_no_more_than_was_paid_is_given_back(organization):
    order = make.pay(make.placed_order())
    client = api.client("manager")
    body = {"order": str(order.pk), "amount": order.total, "reason": "withdrawal"}

    most = client.post("/api/refunds/", body, headers=buying.key())
    more = client.post("/api/refunds/", {**body, "amount": 1}, headers=buying.key())

    assert most.status_code == 201, most.content
    (row,) = most.json()
    assert (row["amount"], row["status"], row["order_number"]) == (
        order.total,
        "requested",
        order.number,
    )
    assert (more.status_code, more.json()["code"]) == (409, "refund_too_much")
