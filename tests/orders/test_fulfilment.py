"""From confirmed to delivered: each step once, and only where the order stands."""

import threading

import pytest
from django.db import connection
from django.utils import timezone, translation
from django_scopes import scope

from orders import editing, fulfilment, returned
from orders.models import Order, OrderEvent, OrderShipment, ReturnRequest
from orders.models.orders import IllegalStep
from shop import stock
from shop.models import StockLevel
from tests import make
from tests.shop import places

PARCEL = fulfilment.Parcel("Coordinadora", "12345", "https://example.com/12345")


def confirmed(*variants, **fields) -> Order:
    return make.pay(make.placed_order(*variants, **fields))


def events(order) -> list[str]:
    return list(order.events.order_by("id").values_list("kind", flat=True))


def test_an_order_goes_from_the_shelf_to_its_buyer(organization):
    now, actor = timezone.now(), make.member("warehouse")
    order = confirmed()

    fulfilment.prepare(order, now=now, actor=actor)
    fulfilment.ready(order, now=now, actor=actor)
    fulfilment.request_pickup(order, now=now, actor=actor)
    fulfilment.ship(order, PARCEL, now=now, actor=actor)
    fulfilment.deliver(order, now=now, actor=actor)

    order.refresh_from_db()
    assert order.status == Order.Status.DELIVERED
    assert (order.shipped_at, order.delivered_at) == (now, now)
    assert events(order)[-5:] == [
        "processing",
        "ready_to_ship",
        "pickup_requested",
        "shipped",
        "delivered",
    ]
    told = OrderEvent.objects.get(order=order, kind="shipped")
    assert (told.before, told.after, told.actor) == ("pickup_requested", "shipped", actor)
    assert told.data["tracking_number"] == "12345"
    # The buyer hears of these two by mail.
    mailed = order.events.exclude(mail="").values_list("kind", flat=True)
    assert {"shipped", "delivered"} <= set(mailed)
    assert "processing" not in mailed
    assert OrderShipment.objects.get(order=order).carrier == "Coordinadora"


@pytest.mark.parametrize(
    "step",
    [
        fulfilment.prepare,
        fulfilment.ready,
        fulfilment.request_pickup,
        lambda order, now: fulfilment.ship(order, PARCEL, now=now),
        fulfilment.deliver,
    ],
)
def test_an_order_that_is_not_paid_goes_nowhere(organization, step):
    order = make.placed_order()

    with pytest.raises((IllegalStep, fulfilment.NotYet)):
        step(order, now=timezone.now())

    order.refresh_from_db()
    assert order.status == Order.Status.PENDING
    assert not OrderShipment.objects.exists()


@translation.override("en")
def test_a_step_taken_twice_is_one_and_says_so(organization):
    order = confirmed()
    fulfilment.prepare(order, now=timezone.now())

    with pytest.raises(fulfilment.AlreadyDone, match="somebody else was faster"):
        fulfilment.prepare(order, now=timezone.now())

    assert events(order).count("processing") == 1


def test_a_parcel_needs_a_carrier_unless_the_buyer_comes(organization):
    order = confirmed()
    fulfilment.ready(order, now=timezone.now())

    with pytest.raises(fulfilment.CarrierMissing):
        fulfilment.ship(order, None, now=timezone.now())

    Order.objects.filter(pk=order.pk).update(is_pickup=True)
    assert fulfilment.ship(order, None, now=timezone.now()).status == Order.Status.SHIPPED
    assert not order.shipments.exists()


def test_an_order_that_owes_more_since_it_was_changed_waits(organization):
    variant = make.variant(in_stock=5)
    order = confirmed(variant)
    editing.edit(order, editing.Change({variant.pk: 3}), now=timezone.now())

    with pytest.raises(fulfilment.NotYet):
        fulfilment.prepare(order, now=timezone.now())
    make.pay(order)

    assert fulfilment.prepare(order, now=timezone.now()).status == Order.Status.PROCESSING


def test_an_order_with_a_concern_waits_for_a_person(organization):
    order = confirmed()
    Order.objects.filter(pk=order.pk).update(concern=Order.Concern.PAID_TOO_MUCH)

    with pytest.raises(fulfilment.NotYet):
        fulfilment.ready(order, now=timezone.now())


def test_what_nobody_accepted_comes_back_into_stock_but_for_what_broke(organization):
    variant = make.variant(in_stock=5)
    order = confirmed(variant, quantity=3)
    fulfilment.ready(order, now=timezone.now())
    fulfilment.ship(order, PARCEL, now=timezone.now())

    line = order.lines.get()
    made = fulfilment.come_back(order, lost={line.pk: 1}, now=timezone.now())

    order.refresh_from_db()
    assert order.status == Order.Status.RETURNED
    assert made.status == ReturnRequest.Status.INSPECTED
    assert StockLevel.objects.get(variant=variant).on_hand == 4
    assert stock.differences(organization) == []
    assert returned.owed_for(made) == line.total


@pytest.mark.django_db(transaction=True)
def test_two_people_who_dispatch_at_once_send_one_parcel(organization):
    places.reload()
    order = confirmed()
    fulfilment.ready(order, now=timezone.now())
    start, told = threading.Barrier(2), []

    def dispatch():
        with scope(organization=organization):
            start.wait()
            try:
                fulfilment.ship(order, PARCEL, now=timezone.now())
            except fulfilment.AlreadyDone:
                told.append("late")
            else:
                told.append("first")
            finally:
                connection.close()

    threads = [threading.Thread(target=dispatch) for _number in range(2)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]

    assert sorted(told) == ["first", "late"]
    assert OrderShipment.objects.filter(order=order).count() == 1
    assert OrderEvent.objects.filter(order=order, kind="shipped").count() == 1
