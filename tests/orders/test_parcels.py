"""From an order to its shipments: only what may leave, each piece once, to the buyer's address."""

import pytest
from django.utils import timezone, translation

from logistics.models import Parcel, Shipment
from orders import fulfilment, parcels
from orders.models import Order, OrderShipment, PaymentAccount
from tests import make


def paid(*variants, **fields) -> Order:
    return make.pay(make.placed_order(*variants, **fields))


def send(order, **fields) -> Shipment:
    fields = {"account": None, "carrier_name": "Mensajero propio", **fields}
    return parcels.plan(order, now=timezone.now(), **fields)


def test_a_plan_keeps_who_what_and_how_heavy(organization):
    first, second = make.variant(weight_grams=300, in_stock=9), make.variant(in_stock=9)
    order = paid(first, second, quantity=2)
    origin = make.origin()

    shipment = send(order, actor=make.member("warehouse"))

    kept = Shipment.objects.get()
    assert (kept, kept.code, kept.reference) == (shipment, f"{order.number}-1", str(order.number))
    assert kept.recipient["line"] == "Carrera 7 # 71-21"
    assert (kept.recipient["municipality_code"], kept.recipient["recipient"]) == (
        "11001",
        "Ana Gómez",
    )
    assert (kept.sender["line"], kept.origin) == ("Calle 13 # 20-30", origin)
    assert [content["quantity"] for content in kept.contents] == [2, 2]
    # Row 54: what the lines weigh, one of them the usual weight, and the box.
    assert Parcel.objects.get().weight_grams == 2 * 300 + 2 * 250 + 80
    assert (kept.declared_value, kept.cash_to_collect) == (order.subtotal, 0)
    assert parcels.left_to_send(order) == {}


@translation.override("en")
@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"status": Order.Status.PENDING}, "is not sent"),
        ({"status": Order.Status.CANCELLED}, "is not sent"),
        ({"is_pickup": True}, "picks order"),
        ({"concern": Order.Concern.MISMATCH}, "has to decide"),
        ({"due_first": 99_999_999, "total": 99_999_999, "subtotal": 99_999_999}, "waits for"),
    ],
)
def test_nothing_is_planned_for_an_order_that_may_not_leave(organization, fields, reason):
    order = paid()
    if "total" in fields:
        fields["subtotal"] = fields["total"] + order.discount - order.shipping - order.cash_fee
    Order.objects.filter(pk=order.pk).update(**fields)

    with pytest.raises(parcels.CannotSend, match=reason):
        send(order)

    assert not Shipment.objects.exists()


def test_an_order_is_split_piece_by_piece_and_never_sent_twice(organization):
    order = paid(make.variant(in_stock=9), quantity=3)
    line = order.lines.get()

    first = send(order, quantities={line.pk: 2})
    with pytest.raises(parcels.CannotSend):
        send(order, quantities={line.pk: 2})
    second = send(order)
    with pytest.raises(parcels.CannotSend):
        send(order)

    assert [first.code, second.code] == [f"{order.number}-1", f"{order.number}-2"]
    assert [one["quantity"] for one in first.contents + second.contents] == [2, 1]


def test_cash_is_collected_once_by_the_first_parcel(organization):
    method = make.payment_account(PaymentAccount.Provider.CASH)
    order = make.order(
        lines=[(make.variant(), 2)],
        status=Order.Status.CONFIRMED,
        account=method,
        due_first=0,
        delivery={"municipality_code": "11001"},
    )
    line = order.lines.get()

    first = send(order, quantities={line.pk: 1})
    second = send(order)

    assert (first.cash_to_collect, second.cash_to_collect) == (order.total, 0)


def test_orders_of_one_buyer_to_one_address_travel_together(organization):
    buyer, variant = make.customer(), make.variant(in_stock=9)
    one, other = (paid(variant, customer=buyer) for _order in range(2))
    elsewhere = paid(variant, customer=buyer, address={"line": "Calle 1 # 2-3"})

    with pytest.raises(parcels.CannotSend):
        parcels.combine([one, elsewhere], account=None, carrier_name="Moto", now=timezone.now())
    shipment = parcels.combine([one, other], account=None, carrier_name="Moto", now=timezone.now())

    assert shipment.reference == f"{one.number} {other.number}"
    assert shipment.declared_value == one.subtotal + other.subtotal
    assert {row.order for row in shipment.order_shipments.all()} == {one, other}
    assert parcels.left_to_send(one) == parcels.left_to_send(other) == {}


def test_without_a_choice_of_staff_it_goes_as_the_buyer_chose(organization):
    order = paid()
    table = parcels.chosen(order)

    assert parcels.plan_as_chosen(order, now=timezone.now()).carrier_name == table.carrier_name

    # What is no longer there is chosen anew by a person, never by the machine.
    other = paid()
    Order.objects.filter(pk=other.pk).update(delivery_code=f"carrier-{'0' * 32}-terrestre")
    with pytest.raises(parcels.ChooseCarrier):
        parcels.plan_as_chosen(other, now=timezone.now())


def test_a_number_written_by_hand_is_a_shipment_like_others(organization):
    now = timezone.now()
    order = paid(make.variant(in_stock=9), quantity=2)
    own = send(order, quantities={order.lines.get().pk: 1})
    fulfilment.ready(order, now=now)

    fulfilment.ship(order, fulfilment.Parcel("Servientrega", "98765"), now=now)
    fulfilment.deliver(order, now=now)

    told = Shipment.objects.order_by("id").values_list("code", "tracking_number", "state")
    assert list(told) == [
        (own.code, "98765", "delivered"),
        (f"{order.number}-2", "98765", "delivered"),
    ]
    assert set(OrderShipment.objects.values_list("carrier", "shipped_at")) == {
        ("Servientrega", now)
    }
