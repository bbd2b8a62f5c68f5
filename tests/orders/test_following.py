"""An order follows its shipments: each step once, as far as the last of them, and never back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from logistics import journey, pickups, shipments
from logistics.models import Pickup, Shipment
from orders import cancellation, editing, following, fulfilment, parcels, tasks
from orders.models import Order, OrderEvent, OrderShipment
from tests import make
from tests.shop import api


@pytest.fixture
def order(organization):
    return make.pay(make.placed_order(make.variant(in_stock=9), quantity=3))


def send(order, **fields) -> Shipment:
    fields = {"account": None, "carrier_name": "Moto", **fields}
    return parcels.plan(order, now=timezone.now(), **fields)


def move(shipment, *states, at=None) -> None:
    """Let the shipment come into these states, and its orders follow each of them."""
    for state in states:
        now = timezone.now()
        journey.move_to(shipment, state, at=at or now, now=now)
        following.follow(shipment.pk, now=now)


def followed(order, *shipments) -> str:
    for shipment in shipments:
        following.follow(shipment.pk, now=timezone.now())
    return Order.objects.get(pk=order.pk).status


def events(order) -> list[tuple]:
    told = order.events.order_by("id").values_list("kind", "mail")
    return [(kind, mail) for kind, mail in told if kind not in ("placed", "paid", "confirmed")]


def test_an_order_follows_its_parcel_to_the_door(order):
    shipment = send(order)
    assert followed(order, shipment) == "ready_to_ship"

    shipments.write_number(shipment, carrier_name="Moto", tracking_number="GUIA-1")
    move(shipment, "picked_up", "in_transit", "out_for_delivery", "delivered")
    # Told again, nothing happens again.
    move(shipment, "delivered")

    assert events(order)[-3:] == [
        ("ready_to_ship", "queued"),
        ("shipped", "queued"),
        ("delivered", "queued"),
    ]
    order.refresh_from_db()
    row = order.shipments.get()
    assert (order.status, row.tracking_number, row.followed_state) == (
        "delivered",
        "GUIA-1",
        "delivered",
    )
    assert order.shipped_at == row.shipped_at == Shipment.objects.get().handed_over_at
    assert order.events.get(kind="shipped").data["tracking_number"] == "GUIA-1"
    assert order.events.get(kind="shipped").actor_label == "carrier"


def test_what_was_skipped_is_written_down_and_only_the_last_step_is_mailed(order):
    shipment = send(order)

    journey.move_to(shipment, "delivered", at=timezone.now(), now=timezone.now())

    assert followed(order, shipment) == "delivered"
    assert events(order)[-3:] == [("ready_to_ship", ""), ("shipped", ""), ("delivered", "queued")]


def test_an_order_goes_as_far_as_the_last_of_its_parcels(order):
    line = order.lines.get()
    first = send(order, quantities={line.pk: 1})
    assert followed(order, first) == "confirmed"
    second = send(order)
    assert followed(order, first, second) == "ready_to_ship"

    move(first, "picked_up")
    # The buyer hears of the part that left.
    assert followed(order, first, second) == "ready_to_ship"
    assert events(order)[-1] == ("shipped", "queued")
    move(second, "picked_up")
    move(first, "delivered")

    assert followed(order, first, second) == "shipped"
    move(second, "delivered")
    assert followed(order, first, second) == "delivered"
    assert [kind for kind, _mail in events(order)].count("shipped") == 2


def test_what_staff_noted_by_hand_stays(order):
    shipment = send(order)
    now = timezone.now()
    for step in (fulfilment.ready, fulfilment.request_pickup):
        step(order, now=now)
    fulfilment.ship(order, fulfilment.Parcel("Moto"), now=now)
    before = events(order)

    assert followed(order, shipment) == "shipped"
    move(shipment, "in_transit")

    assert events(order) == before


def test_an_order_under_a_concern_waits_until_it_really_leaves(order):
    shipment = send(order)
    Order.objects.filter(pk=order.pk).update(concern=Order.Concern.PAID_TOO_MUCH)

    assert followed(order, shipment) == "confirmed"
    move(shipment, "picked_up")

    assert followed(order, shipment) == "shipped"


def test_what_came_back_waits_to_be_looked_at_and_is_sold_again(order):
    shipment = send(order)
    move(shipment, "picked_up", "returning", "returned")

    assert [row.order for row in following.to_inspect()] == [order]
    told = order.events.get(kind="note")
    assert told.data == {"came_back": shipment.code}
    variant = order.lines.get().variant
    fulfilment.come_back(order, now=timezone.now())

    assert not following.to_inspect().exists()
    variant.refresh_from_db()
    assert variant.stock.on_hand == 9
    assert Order.objects.get(pk=order.pk).status == "returned"


def test_a_cancelled_order_cancels_its_shipment_once(order):
    shipment = send(order)

    for _time in range(2):
        cancellation.cancel(order, Order.Cancelled.BY_SHOP, now=timezone.now())

    assert Shipment.objects.get().state == "cancelled"
    assert followed(order, shipment) == "cancelled"
    assert [kind for kind, _mail in events(order)].count("cancelled") == 1


def test_an_order_of_which_a_part_has_left_is_not_cancelled(order):
    first = send(order, quantities={order.lines.get().pk: 1})
    move(first, "picked_up")

    with pytest.raises(cancellation.TooLate):
        cancellation.cancel(order, Order.Cancelled.BY_SHOP, now=timezone.now())


def test_an_order_is_not_changed_while_a_shipment_of_it_is_planned(order):
    shipment = send(order)
    other = make.variant(in_stock=9)
    change = editing.Change({order.lines.get().variant_id: 0, other.pk: 1})

    with pytest.raises(editing.CannotEdit):
        editing.edit(order, change, now=timezone.now())
    shipments.cancel(shipment, now=timezone.now())
    editing.edit(order, change, now=timezone.now())

    assert order.lines.get().variant == other


def test_the_sweeper_finds_news_that_nobody_followed(order):
    shipment = send(order)
    now = timezone.now()
    journey.move_to(shipment, "picked_up", at=now, now=now)

    tasks.sweep()

    assert Order.objects.get().status == "shipped"
    assert not following.forgotten(now=now).exists()


def test_a_carrier_that_was_called_is_told_to_the_buyer(order):
    shipment = send(order)
    now = timezone.now()
    assert followed(order, shipment) == "ready_to_ship"
    pickup = Pickup.objects.create(
        organization=order.organization,
        account=make.carrier_account(),
        origin=make.origin(),
        on=now.date(),
        state=Pickup.State.REQUESTED,
    )
    Shipment.objects.update(pickup=pickup)
    assert following.forgotten(now=now).exists()

    tasks.sweep()

    assert Order.objects.get().status == "pickup_requested"
    assert events(order)[-1] == ("pickup_requested", "queued")
    assert not following.forgotten(now=now).exists()
    assert not following.forgotten(now=now + timedelta(days=30)).exists()
    assert pickups.why_not(shipment)
    assert OrderEvent.objects.filter(kind="pickup_requested").count() == 1
    assert OrderShipment.objects.get().followed_state == "pickup_requested"


def test_the_api_names_only_parcels_that_left(order):
    line = order.lines.get()
    first = send(order, quantities={line.pk: 1})
    shipments.cancel(send(order, quantities={line.pk: 1}), now=timezone.now())
    send(order)
    move(first, "picked_up")

    told = api.client("viewer").get(f"/api/orders/{order.pk}/").json()

    assert [row["carrier"] for row in told["shipments"]] == ["Moto"]
