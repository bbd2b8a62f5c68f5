from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from logistics import tracking
from logistics.carriers.base import News, Tracked
from logistics.models import Shipment
from logistics.models.shipments import State
from tests import make

DAY = datetime(2026, 11, 20, 9, tzinfo=UTC)


def news(state: State | None, hours: int, word: str = "") -> News:
    return News(
        raw_state=word or str(state), state=state, at=DAY + timedelta(hours=hours), place="Cali"
    )


def state_after(shipment: Shipment, *told: News) -> str:
    tracking.take_in(shipment, Tracked(told), now=DAY)
    shipment.refresh_from_db()
    return shipment.state


def test_what_is_told_twice_is_one_event(organization):
    shipment = make.shipment()

    state_after(shipment, news(State.IN_TRANSIT, 1))
    state_after(shipment, news(State.IN_TRANSIT, 1), news(State.OUT_FOR_DELIVERY, 2))

    assert shipment.events.count() == 2
    assert shipment.state == State.OUT_FOR_DELIVERY
    assert shipment.state_at == DAY + timedelta(hours=2)


WAYS = [
    [State.PICKED_UP, State.IN_TRANSIT, State.OUT_FOR_DELIVERY, State.DELIVERED],
    [State.IN_TRANSIT, State.INCIDENT, State.OUT_FOR_DELIVERY, State.DELIVERED],
    [State.IN_TRANSIT, State.OUT_FOR_DELIVERY, State.INCIDENT, State.RETURNING],
    [State.IN_TRANSIT, State.DELIVERED, State.RETURNED],
    [State.OUT_FOR_DELIVERY, State.INCIDENT, State.RETURNING, State.RETURNED],
]


@pytest.mark.parametrize("way", WAYS)
def test_news_in_any_order_end_in_the_same_state(organization, way):
    told = [news(state, hours) for hours, state in enumerate(way)]

    ends = set()
    for order in permutations(told):
        shipment = make.shipment()
        for one in order:
            state_after(shipment, one)
        ends.add(shipment.state)

    assert ends == {way[-1]}


@pytest.mark.parametrize(
    ("before", "late"),
    [
        (State.OUT_FOR_DELIVERY, State.IN_TRANSIT),
        (State.DELIVERED, State.OUT_FOR_DELIVERY),
        (State.DELIVERED, State.INCIDENT),
        (State.RETURNING, State.IN_TRANSIT),
        (State.RETURNED, State.DELIVERED),
    ],
)
def test_a_state_never_goes_back(organization, before, late):
    shipment = make.shipment()
    state_after(shipment, news(before, 1))

    assert state_after(shipment, news(late, 2)) == before


def test_after_an_incident_a_parcel_goes_on_from_where_it_was(organization):
    shipment = make.shipment()
    state_after(shipment, news(State.OUT_FOR_DELIVERY, 1), news(State.INCIDENT, 2))

    assert state_after(shipment, news(State.IN_TRANSIT, 3)) == State.INCIDENT
    assert state_after(shipment, news(State.OUT_FOR_DELIVERY, 4)) == State.OUT_FOR_DELIVERY


def test_a_word_nobody_knows_is_kept_flagged_and_changes_no_state(organization):
    shipment = make.shipment(state=State.IN_TRANSIT)

    assert state_after(shipment, news(None, 1, "EN BODEGA 7 <b>")) == State.IN_TRANSIT
    assert shipment.is_raw_state_unknown
    assert shipment.raw_state == "EN BODEGA 7 <b>"

    assert state_after(shipment, news(State.OUT_FOR_DELIVERY, 2)) == State.OUT_FOR_DELIVERY
    assert not shipment.is_raw_state_unknown


def test_what_was_cancelled_stays_so_whatever_the_carrier_says(organization):
    shipment = make.shipment(state=State.CANCELLED)

    assert state_after(shipment, news(State.DELIVERED, 1)) == State.CANCELLED
    assert shipment.events.count() == 1


def test_a_number_of_a_shipment_that_was_never_created_moves_nothing(organization):
    shipment = make.shipment(state=State.REFUSED)

    assert state_after(shipment, news(State.DELIVERED, 1)) == State.REFUSED


def test_what_the_carrier_says_beside_the_way_is_taken_over(organization):
    shipment = make.shipment(tracking_number="")

    tracking.take_in(shipment, Tracked((), tracking_number="56800000001", cost=1_010_000), now=DAY)

    shipment.refresh_from_db()
    assert (shipment.tracking_number, shipment.cost) == ("56800000001", 1_010_000)
    tracking.take_in(shipment, Tracked(()), now=DAY)
    shipment.refresh_from_db()
    assert shipment.tracking_number == "56800000001"


def test_long_and_hidden_text_of_a_carrier_is_kept_as_one_line(organization):
    shipment = make.shipment()
    told = News("X" * 500, State.IN_TRANSIT, DAY, description="Sale\n\x00de \u202eBogotá" * 99)

    assert state_after(shipment, told) == State.IN_TRANSIT
    event = shipment.events.get()
    assert len(event.raw_state) == 120
    assert len(event.description) == 300
    assert event.description.startswith("Sale de Bogotá")
