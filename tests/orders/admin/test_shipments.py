"""The list of shipments, and the page of one with what may be done where it stands."""

import pytest
from django.utils import timezone
from django_scopes import scope

from logistics.models import Shipment
from orders import parcels
from orders.models import Order
from tests import make
from tests.orders.admin.pages import confirmed, offered, read, take, told
from tests.shop.admin.back_office import client_of

LIST = "/admin/logistics/shipment/"


def step(client, shipment: Shipment, wanted: str, **values):
    return client.post(f"{LIST}{shipment.pk}/paso/", {"step": wanted, **values})


def buttons(client, shipment: Shipment) -> set[str]:
    return {one.name for one in client.get(f"{LIST}{shipment.pk}/change/").context["steps"]}


def at(state: str, **fields) -> Shipment:
    fields = {"account": make.carrier_account(), "origin": make.origin(), **fields}
    return make.shipment(state=state, **fields)


def test_a_shipment_is_found_by_guide_code_order_and_name(organization, warehouse):
    order = confirmed()
    Order.objects.filter(pk=order.pk).update(search="zoraida quintero")
    wanted = parcels.plan(order, account=None, carrier_name="Moto", now=timezone.now())
    Shipment.objects.filter(pk=wanted.pk).update(tracking_number="56800000001")
    make.shipment()

    for typed in ("56800000001", wanted.code, str(order.number), order.label, "Zoraida"):
        found = warehouse.get(LIST, {"q": typed}).context["cl"].queryset
        assert [one.code for one in found] == [wanted.code], typed
    assert not warehouse.get(LIST, {"q": "nadie"}).context["cl"].queryset


def test_the_list_costs_the_same_queries_and_tells_no_amount(
    organization, warehouse, django_assert_max_num_queries
):
    make.shipment(cash_to_collect=7_654_300, cost=1_234_500)
    warehouse.get(LIST)
    for number in range(3):
        make.shipment(cash_to_collect=7_654_300 + number)

    with django_assert_max_num_queries(15):
        page = read(warehouse, LIST)
    one = read(warehouse, f"{LIST}{Shipment.objects.first().pk}/change/")

    for text in (page, one):
        assert "76.543" not in text
        assert "12.345" not in text
    assert "To collect" in page
    assert warehouse.get(LIST, {"cash_to_collect__gt": "1"}).status_code == 400


def test_each_state_offers_what_may_be_done(organization, warehouse):
    assert buttons(warehouse, at("pending", due_at=timezone.now())) == {"correct", "cancel"}
    assert buttons(warehouse, at("refused")) == {"again", "correct", "cancel"}
    assert buttons(warehouse, at("uncertain")) == {"found", "not-there", "cancel"}
    assert buttons(warehouse, at("label_ready")) == {"hand-over", "cancel"}
    assert buttons(warehouse, at("in_transit")) == set()
    own = at("picked_up", account=None)
    assert buttons(warehouse, own) == {"number", "delivered", "returned"}
    assert buttons(client_of("viewer"), own) == set()
    assert step(client_of("viewer"), own, "delivered").status_code == 403


def test_what_was_refused_is_corrected_and_asked_again(organization, warehouse):
    shipment = at("refused", error="Municipio sin cobertura")
    values = {"name": "Ana Gómez", "phone": "+573001234567", "line": "Calle 9 # 8-7"}

    page = read(warehouse, f"{LIST}{shipment.pk}/paso/?step=correct")
    answer = step(warehouse, shipment, "correct", **values, municipality_code="Cali")

    assert "Medellín" in page
    assert answer.status_code == 302, answer.context["form"].errors
    shipment.refresh_from_db()
    assert shipment.state != "refused"
    assert shipment.recipient["line"] == "Calle 9 # 8-7"
    assert shipment.recipient["municipality_code"] == "76001"


def test_what_stands_elsewhere_by_now_is_not_done(organization, warehouse):
    shipment = at("delivered")

    assert "somebody else was faster" in told(step(warehouse, shipment, "hand-over"))[-1]
    assert step(warehouse, shipment, "nada").status_code == 302
    shipment.refresh_from_db()
    assert shipment.state == "delivered"


def test_a_label_is_printed_once_it_may_be_put_on_a_box(organization, warehouse):
    ready, refused = make.shipment(), at("refused")

    label = warehouse.get(f"{LIST}{ready.pk}/rotulo.pdf")

    assert label.content.startswith(b"%PDF-")
    assert "no-store, private" in label["Cache-Control"]
    assert warehouse.get(f"{LIST}{refused.pk}/rotulo.pdf").status_code == 404
    with scope(organization=make.organization()):
        foreign = make.shipment()
    assert warehouse.get(f"{LIST}{foreign.pk}/rotulo.pdf").status_code == 404


def test_an_order_is_sent_in_parts_and_orders_of_one_buyer_together(organization, warehouse):
    order = confirmed(quantity=3)
    line = order.lines.get()
    take(warehouse, order, "send", **{f"line-{line.pk}": "1"})
    take(warehouse, order, "send", **{f"line-{line.pk}": "2"})
    one = confirmed(customer=make.customer())
    two = confirmed(customer=one.customer)

    answer = warehouse.post(
        "/admin/bodega/hacer/",
        {"deed": "together", "cola": "empacar", "chosen": [one.pk, two.pk]},
        follow=True,
    )

    assert [one.code for one in parcels.live(order)] == [f"{order.number}-1", f"{order.number}-2"]
    assert "send" not in offered(warehouse, order)
    shipment = answer.context["shipment"]
    assert shipment.reference == f"{one.number} {two.number}"


@pytest.mark.parametrize("deed", ["again", "hand-over", "call", "labels", "list"])
def test_deeds_with_many_name_what_they_could_not_do(organization, warehouse, deed):
    good, gone = make.shipment(), make.shipment(state="delivered")
    chosen = {"deed": deed, "cola": "entregar", "chosen": [good.pk, gone.pk]}

    answer = warehouse.post("/admin/bodega/hacer/", chosen)

    if deed in ("labels", "list"):
        assert answer.content.startswith(b"%PDF-")
    else:
        assert any(gone.code in words or "bring it there" in words for words in told(answer))
    assert client_of("viewer").post("/admin/bodega/hacer/", chosen).status_code in (200, 403)
