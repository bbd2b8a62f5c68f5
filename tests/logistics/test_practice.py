"""The practice carrier walks a parcel through its whole life, and the shop follows."""

from datetime import timedelta

import pytest
from django.utils import timezone

from logistics import booking, carriers, incidents, practice, shipments, tracking
from logistics.carriers.base import Box, Place, Wish
from logistics.carriers.practice import tracked
from logistics.models import Incident, PracticeParcel, Shipment
from orders import following, parcels
from orders.models import Order
from shop import roles
from shop.models import AuditEntry
from tests import make

DEPOT = "/admin/logistics/practiceparcel/practica/"


@pytest.fixture
def account(organization):
    make.origin()
    return make.carrier_account("practice")


@pytest.fixture
def shipment(account) -> Shipment:
    order = make.pay(make.placed_order())
    made = parcels.plan(order, account=account, service="normal", now=timezone.now())
    for _step in ("create", "label"):
        booking.carry_on(made.pk, now=timezone.now())
    return Shipment.objects.get(pk=made.pk)


def look(shipment, *, minutes=0) -> Shipment:
    """Ask the carrier how it stands, as the poller does, and let the order follow."""
    carrier = carriers.get("practice")
    told = carrier.track(shipment.account, [shipment])
    shipment = tracking.take_in(shipment, told[shipment.pk], now=timezone.now())
    following.follow(shipment.pk, now=timezone.now())
    return shipment


def status(shipment) -> str:
    return Order.objects.get(shipments__shipment=shipment).status


def test_a_parcel_is_walked_to_the_door_button_by_button(client, shipment):
    assert (shipment.state, shipment.tracking_number[:2]) == ("label_ready", "99")
    parcel = PracticeParcel.objects.get()
    client.force_login(make.member(roles.Role.WAREHOUSE))
    seen = []

    for _step in range(4):
        client.post(DEPOT, {"parcel": parcel.pk, "choice": "next"})
        following.follow(shipment.pk, now=timezone.now())
        shipment.refresh_from_db()
        seen.append((shipment.state, status(shipment)))

    assert seen == [
        ("picked_up", "shipped"),
        ("in_transit", "shipped"),
        ("out_for_delivery", "shipped"),
        ("delivered", "delivered"),
    ]
    assert AuditEntry.objects.filter(model="practiceparcel").count() == 4
    page = client.get(DEPOT)
    assert 'name="parcel"' not in page.content.decode()


def test_nobody_at_home_is_answered_and_the_parcel_goes_on(client, shipment):
    parcel = PracticeParcel.objects.get()
    client.force_login(make.member(roles.Role.WAREHOUSE))
    for choice in ("next", "incident"):
        client.post(DEPOT, {"parcel": parcel.pk, "choice": choice})
    incident = Incident.objects.get()
    assert [reply["type"] for reply in incident.possible_replies] == ["again", "address", "return"]

    answer = carriers.base.Reply(type="return")
    incidents.answer(incident, answer, now=timezone.now(), actor=make.member(roles.Role.WAREHOUSE))
    incidents.send(incident.pk, now=timezone.now())

    assert look(shipment).state == "returning"
    practice.press(parcel.pk, "come_back", now=timezone.now())
    assert look(shipment).state == "returned"
    assert [row.shipment for row in following.to_inspect()] == [shipment]


def test_by_itself_it_walks_as_time_passes_once_it_was_fetched(account, shipment):
    parcel, now = PracticeParcel.objects.get(), timezone.now()

    practice.fetch([str(parcel.pk)], now=now, minutes=10)
    for minutes, state in ((5, "label_ready"), (15, "picked_up"), (25, "in_transit")):
        walked = practice.walk(str(parcel.pk), now=now + timedelta(minutes=minutes), minutes=10)
        assert walked.state == state
    walked = practice.walk(str(parcel.pk), now=now + timedelta(days=1), minutes=10)

    assert (walked.state, walked.due_at, len(tracked(walked).news)) == ("delivered", None, 5)


def test_a_town_without_coverage_is_left_to_staff(account):
    account.settings = {"uncovered": ["11001"]}
    account.save(update_fields=["settings"])
    order = make.pay(make.placed_order())
    place = Place("11001", "Bogotá, D.C.", "11", "Bogotá, D.C.")
    wish = Wish(place, place, (Box(1_200, 20, 20, 20),), (), 5_000_000, "COP")
    assert carriers.get("practice").quote(account, wish, seconds=1) == []

    made = parcels.plan(order, account=account, service="normal", now=timezone.now())
    booking.carry_on(made.pk, now=timezone.now())

    # Row 55: nobody else is asked in silence, and the address stays what it was.
    made.refresh_from_db()
    assert (made.state, made.recipient["municipality_code"]) == ("refused", "11001")
    assert not PracticeParcel.objects.exists()
    other = make.carrier_account("practice")
    shipments.correct(made, account=other, now=timezone.now())
    booking.carry_on(made.pk, now=timezone.now())
    assert PracticeParcel.objects.get().account == other


def test_heavier_costs_more_and_cash_has_its_fee(account):
    place = Place("05001", "Medellín", "05", "Antioquia")
    carrier = carriers.get("practice")
    prices = [
        carrier.quote(
            account, Wish(place, place, (Box(grams, 9, 9, 9),), (), 20_000_000, "COP"), seconds=1
        )
        for grams in (900, 2_100)
    ]

    assert [[option.cost for option in found] for found in prices] == [
        [950_000, 1_425_000],
        [1_450_000, 2_175_000],
    ]
    assert {option.cash_fee for found in prices for option in found} == {600_000}


def test_a_live_shop_has_no_practice(client, organization, shipment):
    organization.is_live = True
    organization.save(update_fields=["is_live"])
    client.force_login(make.member(roles.Role.WAREHOUSE))

    assert client.get(DEPOT).status_code == 404
    account = shipment.account
    account.refresh_from_db()
    assert carriers.get("practice").problems(account)
