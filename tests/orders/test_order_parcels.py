"""The way of a parcel, as its buyer reads it on the page of the order."""

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from logistics import tracking
from logistics.carriers.base import News, Tracked
from logistics.models import Shipment
from logistics.models.shipments import State
from orders import following, parcels, tokens
from orders.models import OrderEvent, StaffMail
from orders.storefront import order_parcels
from tests import make


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def order(organization):
    organization.language = "en"
    organization.problems_mailed_to = "bodega@example.com"
    organization.save()
    return make.pay(make.placed_order(make.variant(in_stock=9), quantity=3, language="en"))


def sent(order, **fields) -> Shipment:
    shipment = parcels.plan(
        order, account=None, carrier_name="Coordinadora", now=timezone.now(), **fields
    )
    following.follow(shipment.pk, now=timezone.now())
    return shipment


def tell(shipment: Shipment, *told: tuple[State | None, str, str], **facts) -> None:
    """Let the carrier say these things, one an hour after the other."""
    start = timezone.now() - timedelta(hours=len(told))
    news = tuple(
        News(str(state or words), state, start + timedelta(hours=hours), words, place)
        for hours, (state, words, place) in enumerate(told)
    )
    tracking.take_in(shipment, Tracked(news, **facts), now=timezone.now())
    following.follow(shipment.pk, now=timezone.now())


def page_of(order, client) -> str:
    return client.get(f"/pedidos/{tokens.for_order(order)}/").content.decode()


def test_a_parcel_is_followed_to_the_door(order, client):
    shipment = sent(order)
    assert "It waits for the carrier" in page_of(order, client)

    tell(
        shipment,
        (State.PICKED_UP, "Recibido", "Bogotá"),
        (State.IN_TRANSIT, "Despachado", "Bogotá"),
        (None, "EN PISO 3 <i>", "Medellín"),
        (State.OUT_FOR_DELIVERY, "En reparto", "Medellín"),
        tracking_number="56800000001",
        promised_on=timezone.localdate() + timedelta(days=1),
    )
    page = page_of(order, client)

    way = [
        "Out for delivery",
        "EN PISO 3 &lt;i&gt;",
        "On its way to your city",
        "The carrier has it",
    ]
    places = [page.index(step, page.index("parcel-way")) for step in way]
    assert places == sorted(places)
    assert "56800000001" in page
    assert "Expected on" in page


def test_an_incident_is_told_to_the_buyer_and_to_the_shop(order, client):
    shipment = sent(order)

    tell(shipment, (State.INCIDENT, "Nadie en casa", "Medellín"))
    page = page_of(order, client)

    assert "Nadie en casa" in page
    assert "We are already on it." in page
    event = OrderEvent.objects.get(order=order, kind="held_up")
    assert (event.mail, event.data) == ("queued", {"reason": "Nadie en casa"})
    assert StaffMail.objects.get(event=event).mail == "queued"

    tell(shipment, (State.DELIVERED, "Entregado", "Medellín"))
    assert "We are already on it." not in page_of(order, client)


def test_two_parcels_are_counted_and_cost_no_more_queries(
    order, client, django_assert_max_num_queries
):
    line = order.lines.get()
    first = sent(order, quantities={line.pk: 1})
    tell(first, (State.IN_TRANSIT, "Despachado", "Bogotá"))
    order.refresh_from_db()
    with django_assert_max_num_queries(3):
        order_parcels.parcels(order)
    second = sent(order, quantities={line.pk: 2})
    tell(second, (State.PICKED_UP, "Recibido", "Bogotá"))

    order.refresh_from_db()
    with django_assert_max_num_queries(3):
        order_parcels.parcels(order)
    page = page_of(order, client)

    assert "Parcel 1 of 2" in page
    assert "Parcel 2 of 2" in page


def test_what_no_carrier_has_yet_is_no_parcel(order, client):
    make.origin(is_default=True)
    parcels.plan(order, account=make.carrier_account("venndelo"), now=timezone.now())

    assert "parcel-head" not in page_of(order, client)
