"""The board of the warehouse: what stands where, who has it in hand, which moves are allowed."""

import threading

import pytest
from django.db import connection
from django.utils import timezone
from django_scopes import scope

from config.lib import memory
from orders import board, fulfilment
from orders.models import Order
from tests import make
from tests.orders.admin.pages import confirmed, read, shipped
from tests.shop.admin.back_office import client_of

BOARD = "/admin/orders/order/tablero/"


def standing(client) -> dict[str, list[str]]:
    """Give the orders of each column that holds some."""
    columns = client.get(BOARD).context["columns"]
    return {
        column["name"]: [card["label"] for card in column["cards"]]
        for column in columns
        if column["cards"]
    }


def deed(client, order: Order, name: str, **values):
    return client.post(f"{BOARD}?part=1", {"order": str(order.pk), "deed": name, **values})


def test_each_order_stands_in_the_column_of_its_work(warehouse):
    make.placed_order()
    new, begun, ready, sent = confirmed(), confirmed(), confirmed(), shipped()
    stuck = confirmed()
    fulfilment.prepare(begun, now=timezone.now())
    fulfilment.ready(ready, now=timezone.now())
    Order.objects.filter(pk=stuck.pk).update(concern=Order.Concern.MISMATCH)

    assert standing(warehouse) == {
        "problems": [stuck.label],
        "prepare": [new.label],
        "packing": [begun.label],
        "ready": [ready.label],
        "sent": [sent.label],
    }


def test_the_board_says_nothing_of_money_to_the_warehouse(warehouse, owner):
    order = confirmed()
    Order.objects.filter(pk=order.pk).update(concern=Order.Concern.REVERSED_LATE, status="shipped")

    assert "problems" not in standing(warehouse)
    assert standing(owner)["problems"] == [order.label]
    page = read(warehouse, BOARD)
    assert str(Order.Concern.REVERSED_LATE.label) not in page
    assert str(order.total // 100) not in page


def test_the_board_costs_the_same_queries_whatever_stands_on_it(
    warehouse, django_assert_max_num_queries
):
    def cost():
        memory.clear_all()
        with django_assert_max_num_queries(15) as queries:
            warehouse.get(f"{BOARD}?part=1")
        return len(queries)

    confirmed()
    cost()
    few = cost()
    for _number in range(3):
        board.claim(
            confirmed(make.variant(), make.variant()), actor=warehouse.user, now=timezone.now()
        )

    assert cost() == few


def test_an_order_is_taken_in_hand_and_put_back(warehouse):
    order, colleague = confirmed(), client_of("warehouse", name="Luis")

    deed(warehouse, order, "claim")
    refused = deed(colleague, order, "claim")

    order.refresh_from_db()
    assert order.claimed_by == warehouse.user
    assert "has order" in refused.context["told"]
    deed(colleague, order, "let-go")
    order.refresh_from_db()
    assert order.claimed_by is None


def test_a_card_is_moved_by_its_button_and_by_dropping_it(warehouse):
    order = confirmed()

    deed(warehouse, order, "prepare")
    order.refresh_from_db()
    assert (order.status, order.claimed_by) == ("processing", warehouse.user)
    deed(warehouse, order, "move", to="ready")
    order.refresh_from_db()
    assert order.status == "ready_to_ship"

    answer = deed(warehouse, order, "move", to="sent")

    assert answer.json() == {"go": f"/admin/orders/order/{order.pk}/paso/?step=ship"}
    order.refresh_from_db()
    assert order.status == "ready_to_ship"


@pytest.mark.parametrize(
    ("name", "to"),
    [("move", "packing"), ("move", "prepare"), ("move", "nada"), ("ready", ""), ("cancel", "")],
)
def test_a_move_that_is_not_allowed_changes_nothing_and_says_why(warehouse, name, to):
    order = shipped()

    refused = deed(warehouse, order, name, to=to)

    assert "cannot be moved there" in refused.context["told"]
    order.refresh_from_db()
    assert order.status == "shipped"


def test_an_order_that_must_wait_is_not_moved(warehouse):
    order = confirmed()
    Order.objects.filter(pk=order.pk).update(concern=Order.Concern.MISMATCH)

    refused = deed(warehouse, order, "move", to="packing")

    assert "decide" in refused.context["told"]
    order.refresh_from_db()
    assert order.status == "confirmed"


def test_who_only_looks_moves_nothing_and_strangers_see_no_card(organization):
    order, viewer = confirmed(), client_of("viewer")

    assert deed(viewer, order, "prepare").status_code == 403
    assert "card-deed" not in read(viewer, BOARD)
    other = make.organization()
    with scope(organization=other):
        foreign = confirmed()
    assert deed(client_of("warehouse"), foreign, "claim").status_code == 404
    for key in ("nada", "", "\x00"):
        sent = {"order": key, "deed": "claim"}
        assert client_of("warehouse").post(BOARD, sent).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_two_who_take_one_order_at_once_do_not_both_have_it(organization):
    order = make.order(status="confirmed", paid=True)
    people = [make.member("warehouse"), make.member("warehouse")]
    start, outcomes = threading.Barrier(2), []

    def take(person):
        with scope(organization=organization):
            start.wait()
            try:
                board.claim(order, actor=person, now=timezone.now())
                outcomes.append("taken")
            except board.InOtherHands:
                outcomes.append("refused")
            connection.close()

    threads = [threading.Thread(target=take, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["refused", "taken"]
