"""The pack screen: the right things, no more of them, by one person, until the box is full."""

import threading

import pytest
from django.db import connection
from django.utils import timezone
from django_scopes import scope

from logistics.models import Shipment
from orders import board, packing
from orders.models import Order, Packing
from tests import make
from tests.orders.admin.pages import LIST, confirmed, read
from tests.shop.admin.back_office import client_of


def screen(order: Order) -> str:
    return f"{LIST}{order.pk}/empacar/"


def scan(client, order: Order, code: str, deed: str = "scan", **values):
    answer = client.post(f"{screen(order)}?part=1", {"deed": deed, "code": code, **values})
    return answer.context["told"]


@pytest.fixture
def order(organization) -> Order:
    soap = make.variant(make.product("Jabón", variants=0), sku="JAB-1")
    kit = make.kit((make.variant(make.product("Gota", variants=0), sku="GOT-1", in_stock=9), 2))
    order = confirmed(soap, quantity=2)
    make.order_line(order, kit, position=1, parts=packing_parts(kit))
    return order


def packing_parts(kit) -> list[dict]:
    part = kit.parts.get().part
    return [{"variant": str(part.pk), "quantity": 2, "sku": part.sku, "name": "Gota", "label": ""}]


def test_a_box_takes_what_belongs_into_it_and_nothing_else(order, warehouse):
    warehouse.post(screen(order), {"deed": "take"})

    assert scan(warehouse, order, " jab-1 ")["words"].endswith("1 of 2")
    assert not scan(warehouse, order, "JAB-1")["is_wrong"]
    too_many = scan(warehouse, order, "JAB-1")
    wrong = scan(warehouse, order, "OTRA")

    assert (too_many["is_wrong"], "in the box already" in too_many["words"]) == (True, True)
    assert (wrong["is_wrong"], "does not belong" in wrong["words"]) == (True, True)
    assert Packing.objects.get().counted == {"JAB-1": 2}
    assert "2 pieces left" in read(warehouse, screen(order))


def test_a_full_box_is_closed_and_gives_its_label(order, warehouse):
    warehouse.post(screen(order), {"deed": "take"})
    for sku in ("JAB-1", "JAB-1", "GOT-1"):
        scan(warehouse, order, sku)

    early = scan(warehouse, order, "", deed="finish")
    scan(warehouse, order, "GOT-1")
    warehouse.post(screen(order), {"deed": "finish"})

    assert "still missing" in early["words"]
    order.refresh_from_db()
    shipment = Shipment.objects.get()
    assert (order.status, shipment.reference) == ("ready_to_ship", str(order.number))
    page = read(warehouse, screen(order))
    assert "The box is closed" in page
    label = warehouse.get(f"/admin/logistics/shipment/{shipment.pk}/rotulo.pdf")
    assert label.content.startswith(b"%PDF-")
    assert "closed already" in scan(warehouse, order, "JAB-1")["words"]


def test_a_piece_is_taken_out_again_and_counted_by_hand(order, warehouse):
    warehouse.post(screen(order), {"deed": "take"})
    scan(warehouse, order, "", deed="in", sku="JAB-1")
    scan(warehouse, order, "", deed="out", sku="JAB-1")
    scan(warehouse, order, "", deed="out", sku="JAB-1")

    assert Packing.objects.get().counted == {"JAB-1": 0}


def test_two_people_do_not_pack_one_order(order, warehouse):
    other = client_of("warehouse", name="Luis")
    warehouse.post(screen(order), {"deed": "take"})

    refused = scan(other, order, "JAB-1")
    late = scan(other, order, "", deed="take")
    taken_over = scan(other, order, "", deed="take-over")
    told = scan(warehouse, order, "JAB-1")

    assert "in hand already" in refused["words"]
    assert "in hand already" in late["words"]
    assert taken_over is None
    assert "Luis has order" in told["words"]
    assert not Packing.objects.filter(counted__has_key="JAB-1").exists()


def test_who_only_looks_packs_nothing_and_no_amount_is_shown(order, warehouse):
    viewer = client_of("viewer")

    assert viewer.post(screen(order), {"deed": "take"}).status_code == 403
    assert "Start to pack" not in read(viewer, screen(order))
    page = read(warehouse, screen(order))
    assert "Paid" in page
    assert f"{order.total // 100}" not in page
    assert f"{order.total // 100:,}".replace(",", ".") not in page


@pytest.mark.parametrize(
    ("change", "words"),
    [({"status": "shipped"}, "is not packed"), ({"concern": "mismatch"}, "has to decide")],
)
def test_what_changed_meanwhile_is_not_packed(order, warehouse, change, words):
    warehouse.post(screen(order), {"deed": "take"})
    Order.objects.filter(pk=order.pk).update(**change)

    assert words in scan(warehouse, order, "JAB-1")["words"]


@pytest.mark.django_db(transaction=True)
def test_scans_at_once_are_all_counted_and_none_too_many(open_shop):
    soap = make.variant(sku="JAB-1")
    order = make.order(lines=[(soap, 5)], status="processing", paid=True)
    person = make.member("warehouse")
    board.claim(order, actor=person, now=timezone.now())
    start, refused = threading.Barrier(8), []

    def put_in():
        with scope(organization=open_shop):
            start.wait()
            try:
                packing.count(order, "JAB-1", actor=person)
            except packing.TooMany:
                refused.append(1)
            connection.close()

    threads = [threading.Thread(target=put_in) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (Packing.objects.get().counted, len(refused)) == ({"JAB-1": 5}, 3)
