"""The first page of the warehouse: every bucket counts what its list shows, and tells no amount."""

from datetime import timedelta

import pytest
from django.utils import timezone

from config.lib import memory
from logistics.models import Shipment
from orders import parcels
from orders.models import Order
from orders.warehouse import BUCKETS
from tests import make
from tests.orders.admin.pages import confirmed, read, told
from tests.shop.admin.back_office import client_of

HOME = "/admin/bodega/"


def at(status: str, **fields) -> Order:
    order = confirmed()
    Order.objects.filter(pk=order.pk).update(status=status, **fields)
    return Order.objects.get(pk=order.pk)


def sent(state: str, *, status: str = "shipped", **fields) -> Shipment:
    """Give the shipment of an order, brought into a state."""
    order = confirmed()
    made = parcels.plan(order, account=None, carrier_name="Mensajero", now=timezone.now())
    Order.objects.filter(pk=order.pk).update(status=status)
    fields = {"state": state, "state_at": timezone.now(), **fields}
    Shipment.objects.filter(pk=made.pk).update(**fields)
    return Shipment.objects.get(pk=made.pk)


@pytest.fixture
def everything(organization) -> dict[str, list[str]]:
    """Make rows for every bucket and give what each holds."""
    make.placed_order()
    long_ago = timezone.now() - timedelta(days=20)
    blocked = at("confirmed", concern="mismatch")
    to_pack = [confirmed(), at("processing")]
    unsent = at("ready_to_ship")
    counter = at("ready_to_ship", is_pickup=True)
    waiting = make.placed_order(provider="cash")
    made = {
        "confirmar": [waiting.label],
        "empacar": [order.label for order in to_pack],
        "enviar": [unsent.label],
        "rotulo": [sent(state).code for state in ("pending", "refused", "created")],
        "entregar": [sent("label_ready", status="ready_to_ship").code],
        "mostrador": [counter.label],
        "novedades": [sent("incident").code],
        "tarde": [
            sent("in_transit", state_at=long_ago).code,
            sent("picked_up", promised_on=long_ago.date()).code,
        ],
        "devueltos": [sent("returned").code],
    }
    sent("in_transit")
    sent("delivered", status="delivered")
    sent("returned", status="returned")
    assert blocked.label not in made["empacar"]
    return made


def listed(client, **query) -> list[str]:
    return [row["label"] for row in client.get(HOME, query).context["rows"]]


def test_every_bucket_counts_what_its_list_shows(everything, warehouse):
    buckets = warehouse.get(HOME).context["buckets"]

    assert [one["number"] for one in buckets] == [str(len(rows)) for rows in everything.values()]
    for name, rows in everything.items():
        assert listed(warehouse, cola=name) == rows, name


def test_what_is_paid_and_what_is_collected_is_told_apart_and_counted_alike(organization, owner):
    paid = confirmed()
    cash = make.placed_order(provider="cash")
    Order.objects.filter(pk=cash.pk).update(status="confirmed")
    # What was given back of a paid order is not collected at the door.
    Order.objects.filter(pk=paid.pk).update(refunded=100, due_first=0)

    assert listed(owner, cola="empacar", pago="pagado") == [paid.label]
    assert listed(owner, cola="empacar", pago="cobrar") == [cash.label]
    for payment in ("pagado", "cobrar"):
        buckets = owner.get(HOME, {"pago": payment}).context["buckets"]
        assert buckets[1]["number"] == "1"
    assert "To collect" in read(owner, HOME, cola="empacar", pago="cobrar")


def test_pages_go_on_where_the_last_one_ended(organization, owner, monkeypatch):
    monkeypatch.setattr("orders.admin.warehouse.home._ON_PAGE", 2)
    orders = [confirmed().label for _number in range(5)]
    codes = [make.shipment().code for _number in range(3)]

    for name, wanted in (("empacar", orders), ("entregar", codes)):
        seen, address = [], f"{HOME}?cola={name}"
        while address:
            context = owner.get(address).context
            seen += [row["label"] for row in context["rows"]]
            address = context["next_address"]
        assert seen == wanted


def test_the_home_costs_the_same_queries_however_much_waits(
    everything, owner, django_assert_max_num_queries
):
    def cost(name):
        memory.clear_all()
        with django_assert_max_num_queries(20) as queries:
            owner.get(HOME, {"cola": name})
        asked = [query["sql"] for query in queries.captured_queries]
        return len([sql for sql in asked if "orders_" in sql or "logistics_" in sql])

    few = [cost(name) for name in warehouse_names()]
    for _number in range(3):
        confirmed(make.variant(), make.variant())
        sent("incident")

    assert [cost(name) for name in warehouse_names()] == few


def warehouse_names() -> list[str]:
    return [bucket.name for bucket in BUCKETS]


@pytest.mark.parametrize("query", ["cola=nada", "desde=x", "cola=entregar&desde=x", "pago=\x00"])
def test_an_address_that_makes_no_sense_shows_the_work(everything, owner, query):
    assert owner.get(f"{HOME}?{query}").status_code == 200


def test_who_has_nothing_to_do_with_shipments_is_kept_out(everything, organization):
    assert client_of("expert").get(HOME).status_code == 403
    viewer = client_of("viewer")
    assert "Label and request pick-up" not in read(viewer, HOME, cola="enviar")


def test_the_pick_list_takes_each_thing_once_by_shelf(organization, owner):
    soap = make.variant(make.product("Jabón", variants=0), sku="JAB", shelf="B-10")
    oil = make.variant(make.product("Aceite", variants=0), sku="ACE", shelf="B-2")
    loose = make.variant(make.product("Vela", variants=0), sku="VEL")
    one, two = confirmed(soap, oil, quantity=2), confirmed(soap, loose)
    answer = owner.post(
        f"{HOME}hacer/", {"deed": "pick", "cola": "empacar", "chosen": [one.pk, two.pk]}
    )

    groups = owner.get(answer.url).context["groups"]

    assert [
        (shelf, [(row["sku"], row["quantity"], row["orders"]) for row in rows])
        for shelf, rows in groups
    ] == [
        ("B-2", [("ACE", 2, [(one.label, 2)])]),
        ("B-10", [("JAB", 3, [(one.label, 2), (two.label, 1)])]),
        ("", [("VEL", 1, [(two.label, 1)])]),
    ]


def test_a_kit_is_picked_by_its_parts(organization, owner):
    part = make.variant(make.product("Gota", variants=0), sku="GOT", in_stock=20)
    kit = make.kit((part, 3))
    order = confirmed(kit, quantity=2)

    (_shelf, rows), *rest = owner.get(f"{HOME}alistar/?pedidos={order.number}").context["groups"]

    assert ([(row["sku"], row["quantity"]) for row in rows], rest) == ([("GOT", 6)], [])


def test_whoever_chose_nothing_hears_so(organization, owner):
    for chosen in ([], ["x", "\x00"]):
        answer = owner.post(f"{HOME}hacer/", {"deed": "pick", "chosen": chosen})
        assert answer.url.startswith(HOME)
        assert told(answer)[-1] == "Choose at least one row first."
