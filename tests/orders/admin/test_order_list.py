"""The list of orders: queues with counts, finding one of many, saved views, files, many at once."""

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from config.lib import memory
from orders import fulfilment
from orders.admin import queues
from orders.models import Order, PaymentAttempt
from shop.models import SavedView
from tests import make
from tests.orders.admin.pages import LIST, confirmed, read, shipped, told, waiting_transfer
from tests.shop.admin.back_office import client_of


def numbers(client, **query) -> list[int]:
    """Give the numbers of the orders that the list shows."""
    response = client.get(LIST, query)
    assert response.status_code == 200
    return [order.number for order in response.context["cl"].result_list]


def counts(client) -> dict[str, str]:
    tabs = client.get(LIST).context["tabs"]
    return {str(tab["label"]): tab["count"] for tab in tabs if "count" in tab}


def test_every_queue_holds_what_waits_for_the_same_thing(owner):
    waiting = make.placed_order()
    by_word = make.placed_order(provider="cash")
    transfer = waiting_transfer()
    PaymentAttempt.objects.filter(pk=make.attempt(transfer).pk).update(proof_at=timezone.now())
    firm, begun = confirmed(), fulfilment.prepare(confirmed(), now=timezone.now())
    ready = fulfilment.ready(confirmed(), now=timezone.now())
    worried = shipped()
    Order.objects.filter(pk=worried.pk).update(concern=Order.Concern.REVERSED_LATE)

    found = {queue.name: set(numbers(owner, queue=queue.name)) for queue in queues.QUEUES}

    assert found == {
        "waiting": {waiting.number},
        "confirm": {by_word.number, transfer.number},
        "prepare": {firm.number, begun.number},
        "ready": {ready.number},
        "decide": {worried.number},
        "returns": set(),
    }
    assert list(counts(owner).values()) == ["1", "2", "2", "1", "1", "0"]


def test_counts_cost_one_query_and_end_at_a_bound(organization, monkeypatch):
    monkeypatch.setattr(queues, "MOST", 2)
    for _number in range(4):
        make.order(status="confirmed", paid=True)

    with CaptureQueriesContext(
        connection,
    ) as queries:
        counted = queues.counts(with_money=True)

    assert counted["prepare"] == "2+"
    assert len(queries) == 1
    assert queries[0]["sql"].count("LIMIT 3") == len(queues.QUEUES)


def test_the_warehouse_has_no_queues_about_money(warehouse):
    assert list(counts(warehouse)) == ["To prepare", "Ready to leave", "Returns"]


def test_an_order_is_found_by_whatever_one_knows_of_it(owner):
    order = shipped(
        email="lucia@correo.co",
        phone="+573109998877",
    )
    Order.objects.filter(pk=order.pk).update(
        search=f"{order.number} lucia nunez lucia@correo.co +573109998877 900373076-4 ext-77"
    )
    others = [make.placed_order(), make.placed_order()]

    for typed in (
        str(order.number),
        f"#{order.number}",
        "Lucía",
        "lucia nuñez",
        "LUCIA@correo.co",
        "310 999 8877",
        "+57 310-999-8877",
        "900373076-4",
        "9003730",
        "GUIA-778899",
        "guia-778899",
        "ext-77",
    ):
        assert numbers(owner, q=typed) == [order.number], typed
    assert numbers(owner, q=str(others[0].number)) == [others[0].number]
    for typed in ("#99999999", "# ", "nadie", "%", "_", "#x", "0" * 30):
        assert order.number not in numbers(owner, q=typed), typed


def test_filters_narrow_the_list_and_add_up(owner):
    variant = make.variant()
    today = timezone.localdate().isoformat()
    wanted = confirmed(variant)
    staff = make.placed_order(source="staff")

    assert numbers(owner, status="confirmed") == [wanted.number]
    assert numbers(owner, payment="paid") == [wanted.number]
    assert numbers(owner, source="staff") == [staff.number]
    assert numbers(owner, method="practice", payment="unpaid") == [staff.number]
    assert numbers(owner, product=str(variant.pk), placed_on=today) == [wanted.number]
    assert numbers(owner, paid_on=f"{today}..{today}") == [wanted.number]
    assert len(numbers(owner, test="yes")) == 2
    assert numbers(owner, test="no") == []


@pytest.mark.parametrize("role", ["owner", "warehouse"])
def test_the_list_costs_the_same_queries_whatever_it_holds(
    organization, role, django_assert_max_num_queries
):
    client = client_of(role)

    def cost():
        memory.clear_all()
        with django_assert_max_num_queries(20) as queries:
            client.get(LIST)
        return len(queries)

    confirmed()
    client.get(LIST)
    few = cost()
    for _number in range(3):
        shipped(make.variant(), make.variant())

    assert cost() == few


def test_a_view_is_saved_found_and_forgotten_by_its_person_alone(owner, organization):
    make.placed_order()
    other = client_of("owner")
    query = "status=pending&q=ana&total__gte=1&p=3"

    owner.post(f"{LIST}vistas/", {"name": "Mías", "query": query})

    view = SavedView.objects.get()
    assert (view.user, view.list, view.query) == (
        owner.user,
        "orders_order",
        "q=ana&status=pending",
    )
    assert "Mías" in read(owner, LIST)
    assert "Mías" not in read(other, LIST)
    other.post(f"{LIST}vistas/", {"delete": str(view.pk)})
    assert SavedView.objects.count() == 1
    owner.post(f"{LIST}vistas/", {"delete": str(view.pk)})
    assert SavedView.objects.count() == 0


@pytest.mark.parametrize(
    ("name", "query"),
    [("", "q=a"), ("x" * 41, "q=a"), ("ok", ""), ("ok", "total__gte=1"), ("a\x07b", "q=a")],
)
def test_a_strange_view_is_not_saved(owner, name, query):
    owner.post(f"{LIST}vistas/", {"name": name, "query": query})

    assert not SavedView.objects.exists()


def rows_of(response) -> list[dict]:
    text = b"".join(response).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_a_file_holds_the_orders_that_are_shown(owner):
    wanted, _other = confirmed(phone="+573109998877"), make.placed_order()
    Order.objects.filter(pk=wanted.pk).update(name="=cmd()", delivery={"line": "@calle 1"})

    rows = rows_of(owner.get(f"{LIST}exportar/", {"status": "confirmed", "kind": "csv"}))

    assert [row["Number"] for row in rows] == [str(wanted.number)]
    row = rows[0]
    assert row["Name"] == "'=cmd()"
    assert row["Goes to"] == "'@calle 1"
    assert row["Phone"] == "310 9998877"
    assert row["Document number"] == "1020304050"
    assert row["Total"] == str(wanted.total // 100)
    assert row["Payment"] == "Paid"


def test_a_file_costs_the_same_queries_whatever_it_holds(owner, django_assert_num_queries):
    def cost():
        memory.clear_all()
        with CaptureQueriesContext(connection) as queries:
            rows_of(owner.get(f"{LIST}exportar/"))
        return len(queries)

    confirmed()
    cost()
    few = cost()
    for _number in range(3):
        confirmed()

    assert cost() == few


def chosen(client, action: str, orders, **more):
    keys = [str(order.pk) for order in orders]
    return client.post(LIST, {"action": action, "_selected_action": keys, **more})


def test_many_orders_are_shown_before_they_change(owner):
    firm, waiting = confirmed(), make.placed_order()

    response = chosen(owner, "prepare", [firm, waiting])

    assert [order.pk for order, _form in response.context["changed"]] == [firm.pk]
    assert [(order.pk, str(why)) for order, why in response.context["skipped"]] == [
        (waiting.pk, "Waiting for payment")
    ]
    firm.refresh_from_db()
    assert firm.status == "confirmed"


def test_many_orders_change_one_by_one_and_the_rest_is_told(warehouse):
    first, second, late = confirmed(), confirmed(), confirmed()
    fulfilment.prepare(late, now=timezone.now())

    response = chosen(warehouse, "prepare", [first, second, late], confirmed="1")

    for order in (first, second):
        order.refresh_from_db()
        assert order.status == "processing"
        assert order.events.get(kind="processing").actor == warehouse.user
    assert told(response) == ["2 orders changed.", f"{late}: Somebody else was faster."]


def test_many_parcels_are_handed_over_with_a_number_for_each(warehouse):
    first, second = (fulfilment.ready(confirmed(), now=timezone.now()) for _number in range(2))
    answers = {f"{first.pk}-carrier": "Coordinadora", f"{first.pk}-tracking_number": "GUIA-1"}
    answers |= {f"{second.pk}-carrier": ""}

    asked = chosen(warehouse, "ship", [first, second])
    again = chosen(warehouse, "ship", [first, second], confirmed="1", **answers)

    assert f'name="{first.pk}-carrier"' in asked.content.decode()
    assert "This field is required" in again.content.decode()
    assert set(Order.objects.values_list("status", flat=True)) == {"ready_to_ship"}
    answers[f"{second.pk}-carrier"] = "Envia"
    response = chosen(warehouse, "ship", [first, second], confirmed="1", **answers)
    assert told(response) == ["2 orders changed."]
    assert first.shipments.get().tracking_number == "GUIA-1"
    assert second.shipments.get().carrier == "Envia"


@pytest.mark.parametrize("queue", ["decide", "confirm", "nothing"])
def test_a_queue_that_is_not_theirs_leads_to_their_work(warehouse, queue):
    response = warehouse.get(LIST, {"queue": queue})

    assert (response.status_code, response.url) == (302, f"{LIST}?queue=prepare")


def test_what_is_paid_on_delivery_waits_for_a_word_and_not_for_money(owner):
    make.placed_order(provider="cash")

    page = read(owner, LIST)

    assert "Waiting to be confirmed" in page


def test_who_only_looks_changes_nothing_in_bulk(organization):
    order = confirmed()

    chosen(client_of("viewer"), "prepare", [order], confirmed="1")

    order.refresh_from_db()
    assert order.status == "confirmed"


def test_packing_slips_of_many_orders_are_one_file(warehouse):
    response = chosen(warehouse, "print_slips", [confirmed(), confirmed()])

    assert response["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF")


def test_orders_that_were_sold_without_an_invoice_are_found(owner, warehouse):
    sold, done, waiting, old = confirmed(), confirmed(), make.placed_order(), confirmed()
    make.invoice(done)
    make.invoice(sold, status="pending")
    Order.objects.filter(pk=old.pk).update(placed_at=timezone.now() - timedelta(days=31))

    assert numbers(owner, invoice="missing") == [sold.number]
    assert waiting.number in numbers(owner)
    # A filter tells what it filters.
    assert warehouse.get(LIST, {"invoice": "missing"}).status_code == 400
