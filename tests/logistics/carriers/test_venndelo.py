from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from config.lib.errors import ProviderRefused, ProviderUnavailable
from logistics import carriers
from logistics.carriers.base import NotSearchable, Reply
from logistics.carriers.venndelo_calls import centavos, pesos
from logistics.models import Incident, Pickup
from logistics.models.shipments import State
from tests import make

from . import rows, stub_venndelo

CARRIER = carriers.get("venndelo")


@pytest.fixture
def shipment(venndelo_account):
    return rows.shipment(venndelo_account)


def create(shipment, *, asked_at=None):
    """Create it as a worker does: the moment of asking is saved before."""
    shipment.asked_at = asked_at or timezone.now()
    made = CARRIER.create(shipment)
    shipment.carrier_id, shipment.progress = made.carrier_id, made.progress
    return made


def with_guide(shipment):
    create(shipment)
    CARRIER.label(shipment)
    return shipment.carrier_id


# --- Prices ---------------------------------------------------------------------------------------


def test_two_totals_make_a_price_and_the_fee_for_cash(venndelo, venndelo_account):
    (option,) = CARRIER.quote(venndelo_account, rows.wish(), seconds=2)

    assert (option.cost, option.allows_cash, option.cash_fee) == (1_010_000, True, 104_790)
    assert venndelo.called("POST orders/quotation") == 2


def test_a_shop_without_cash_at_the_door_asks_once(venndelo, venndelo_account):
    venndelo_account.settings = {"offers_cash": False}

    (option,) = CARRIER.quote(venndelo_account, rows.wish(), seconds=2)

    assert (option.allows_cash, option.cash_fee) == (False, 0)
    assert venndelo.called("POST orders/quotation") == 1


def test_a_town_without_coverage_is_no_error(venndelo, venndelo_account):
    venndelo.uncovered.add("05001000")

    assert CARRIER.quote(venndelo_account, rows.wish(), seconds=2) == []


# --- The account ----------------------------------------------------------------------------------


def test_another_key_and_a_shop_in_test_mode_are_refused(venndelo, venndelo_account):
    venndelo_account.secrets = {"api_key": "00000000-0000-4000-8000-000000000000"}
    with pytest.raises(ProviderRefused) as refused:
        CARRIER.check(venndelo_account)
    assert refused.value.status == 401

    venndelo_account.is_live = False
    with pytest.raises(ProviderRefused):
        CARRIER.check(venndelo_account)
    assert len(CARRIER.problems(venndelo_account)) == 1
    assert venndelo.called("GET check-auth") == 1


def test_the_wallet_is_told_in_centavos_also_when_it_is_owed(venndelo, venndelo_account):
    venndelo.balance = -1_250.5

    assert CARRIER.balance(venndelo_account) == -125_050


# --- Creating -------------------------------------------------------------------------------------


def test_an_order_holds_the_box_as_it_is_and_codes_of_eight_digits(venndelo, shipment):
    made = create(shipment)

    order = venndelo.orders[made.carrier_id]
    (line,) = order["line_items"]
    assert (line["weight"], line["height"], line["unit_price"]) == (1.25, 8, 49_900)
    assert line["name"] == "2 × Café 250 g"
    assert order["shipping_info"]["city_code"] == "05001000"
    assert order["shipping_info"]["address_1"] == "Carrera 43A # 1-50, apto 301"
    assert order["shipping_info"]["phone"] == "3001234567"
    assert order["billing_info"]["identification_type"] == "CC"
    assert (order["payment_method_code"], order["confirmation_status"]) == (
        "EXTERNAL_PAYMENT",
        "CONFIRMED",
    )
    assert (made.cost, made.tracking_number) == (1_010_000, "")


def test_the_courier_collects_exactly_what_the_shop_asks_for(venndelo, venndelo_account):
    shipment = rows.shipment(venndelo_account, boxes=3, cash_to_collect=6_104_790)

    order = venndelo.orders[create(shipment).carrier_id]

    assert (order["payment_method_code"], order["total"]) == ("COD", 61_047.9)
    assert sum(round(line["weight"] * 1000) for line in order["line_items"]) == 3 * 1_250


def test_an_order_that_would_collect_another_amount_is_cancelled(venndelo, venndelo_account):
    shipment = rows.shipment(venndelo_account, cash_to_collect=6_104_790)
    venndelo.greed = 1_000

    with pytest.raises(ProviderRefused, match=r"62\.047,90"):
        create(shipment)

    (order,) = venndelo.orders.values()
    assert order["status"] == "CANCELLED"
    assert CARRIER.find(shipment) is None


def test_a_wallet_without_money_is_told_in_words(venndelo, shipment):
    venndelo.balance = 0

    with pytest.raises(ProviderRefused, match="Saldo insuficiente") as refused:
        create(shipment)

    assert refused.value.code == "INSUFFICIENT_BALANCE"
    assert venndelo.orders == {}


def test_what_cannot_be_sent_is_refused_before_anybody_is_asked(venndelo, venndelo_account):
    shipments = [
        rows.shipment(venndelo_account, cash_to_collect=50),
        rows.shipment(venndelo_account, currency="USD"),
        rows.shipment(venndelo_account, boxes=0),
        rows.shipment(venndelo_account, recipient={"line": "Calle 1"}),
    ]

    for shipment in shipments:
        with pytest.raises(ProviderRefused):
            CARRIER.create(shipment)
    assert venndelo.heard == []


def test_an_order_whose_answer_was_lost_is_found_on_a_later_page(venndelo, shipment):
    others = [rows.shipment(shipment.account) for _each in range(3)]
    for other in others:
        create(other)
    venndelo.page_size = 2
    venndelo.fault = "cut"
    with pytest.raises(ProviderUnavailable):
        create(shipment)

    venndelo.fault = ""
    found = CARRIER.find(shipment)

    assert venndelo.orders[found.carrier_id]["external_order_id"] == shipment.code
    assert len(venndelo.orders) == 4


def test_of_several_orders_the_first_that_lives_is_ours_and_the_others_are_named(
    venndelo, shipment
):
    ids = [create(shipment).carrier_id for _time in range(3)]
    venndelo.advance(ids[0], "CANCELLED")

    found = CARRIER.find(shipment)

    assert found.carrier_id == ids[1]
    assert found.progress == {"duplicates": [ids[2]]}


def test_what_was_never_heard_is_not_there(venndelo, shipment):
    shipment.asked_at = timezone.now()

    assert CARRIER.find(shipment) is None


def test_a_list_without_end_leaves_the_search_to_a_person(venndelo, shipment, monkeypatch):
    monkeypatch.setattr("logistics.carriers.venndelo._MOST_PAGES_TO_FIND", 2)
    for _each in range(3):
        create(rows.shipment(shipment.account))
    venndelo.page_size = 1

    with pytest.raises(NotSearchable):
        CARRIER.find(shipment)


# --- Labels and pick-ups --------------------------------------------------------------------------


def test_a_label_takes_its_steps_and_the_guide_is_asked_for_once(venndelo, shipment):
    create(shipment)
    reports = []
    for _time in range(3):
        report = CARRIER.label(shipment)
        shipment.progress = report.progress
        reports.append(report)

    assert [report.pdf for report in reports] == [None, None, stub_venndelo.PDF]
    assert reports[2].tracking_number == f"568{shipment.carrier_id}"
    assert reports[2].carrier == "Coordinadora"
    assert venndelo.called("POST shipping/create-shipments") == 1


def test_a_label_at_an_address_is_fetched(venndelo, shipment):
    venndelo.output, venndelo.label_takes = "URL", 0
    with_guide(shipment)

    assert CARRIER.label(shipment).pdf == stub_venndelo.PDF


def test_a_label_that_failed_says_why(venndelo, shipment):
    with_guide(shipment)
    venndelo.label_error = "Sin saldo"

    with pytest.raises(ProviderRefused, match="Sin saldo"):
        CARRIER.label(shipment)


def test_a_visit_is_asked_for_with_all_that_is_ready(venndelo, shipment):
    with_guide(shipment)
    pickup = Pickup(account=shipment.account, origin=make.origin(), on=date(2026, 11, 23))

    assert CARRIER.pick_up(pickup, [shipment]).carrier_reference == "loc-1"


def test_a_visit_for_nothing_is_refused(venndelo, shipment):
    create(shipment)
    pickup = Pickup(account=shipment.account, origin=make.origin(), on=date(2026, 11, 23))

    with pytest.raises(ProviderRefused):
        CARRIER.pick_up(pickup, [shipment])


def test_what_is_on_its_way_is_not_cancelled(venndelo, shipment):
    venndelo.advance(with_guide(shipment), "TRANSIT")

    with pytest.raises(ProviderRefused, match="ya no se puede cancelar"):
        CARRIER.cancel(shipment)


# --- Following ------------------------------------------------------------------------------------


def test_many_parcels_cost_a_page_and_the_same_news_have_the_same_time(venndelo, shipment):
    others = [rows.shipment(shipment.account) for _each in range(4)]
    for each in [shipment, *others]:
        with_guide(each)
        venndelo.advance(each.carrier_id, "TRANSIT")
    before = len(venndelo.heard)

    told = CARRIER.track(shipment.account, [shipment, *others])

    assert len(venndelo.heard) - before == 1
    (news,) = told[shipment.pk].news
    assert (news.state, news.raw_state) == (State.IN_TRANSIT, "TRANSIT")
    assert news.at == datetime(2026, 11, 21, 8, tzinfo=UTC)
    assert told == CARRIER.track(shipment.account, [shipment, *others])


def test_what_no_list_holds_is_asked_for_and_what_nobody_knows_left_out(venndelo, shipment):
    with_guide(shipment)
    venndelo.orders[shipment.carrier_id]["created_at"] = "2026-01-01T00:00:00Z"
    stranger = rows.shipment(shipment.account, carrier_id="1")

    told = CARRIER.track(shipment.account, [shipment, stranger])

    assert set(told) == {shipment.pk}


def test_a_round_never_costs_more_than_its_share(venndelo, shipment):
    now = timezone.now()
    strangers = [
        rows.shipment(shipment.account, carrier_id=str(n), asked_at=now - timedelta(days=3 * n))
        for n in range(1, 31)
    ]

    assert CARRIER.track(shipment.account, strangers) == {}

    assert len(venndelo.heard) <= 20


@pytest.mark.parametrize(
    ("word", "state"),
    [("OUT-FOR-DELIVERY", State.OUT_FOR_DELIVERY), ("INCIDENT", State.INCIDENT), ("VOLANDO", None)],
)
def test_each_word_has_a_state_and_a_new_one_has_none(venndelo, shipment, word, state):
    venndelo.advance(with_guide(shipment), word)

    news = CARRIER.track(shipment.account, [shipment])[shipment.pk].news

    assert {(each.raw_state, each.state) for each in news} >= {(word, state)}


def test_a_parcel_comes_back_by_a_guide_of_its_own(venndelo, shipment):
    venndelo.advance(with_guide(shipment), "INCIDENT")
    states = []
    for word in ("TRANSIT", "DELIVERED"):
        venndelo.send_back(shipment.carrier_id, word)
        tracked = CARRIER.track(shipment.account, [shipment])[shipment.pk]
        states.append(tracked.news[-1].state)

    assert states == [State.RETURNING, State.RETURNED]
    assert tracked.tracking_number == f"568{shipment.carrier_id}"


def test_several_boxes_have_arrived_when_the_last_has(venndelo, shipment):
    order = venndelo.orders[with_guide(shipment)]
    order["shipments"].append({**order["shipments"][0], "tracking_number": "2"})
    venndelo.advance(shipment.carrier_id, "DELIVERED")
    order["shipments"][1]["tracking_status"] = "TRANSIT"

    news = CARRIER.track(shipment.account, [shipment])[shipment.pk].news

    assert [each.state for each in news] == [State.IN_TRANSIT]


# --- Incidents ------------------------------------------------------------------------------------


@pytest.fixture
def incident(venndelo, shipment):
    with_guide(shipment)
    told = venndelo.novelty(shipment.carrier_id)
    return Incident(shipment=shipment, carrier_id=told["id"])


def test_an_incident_names_its_shipment_and_what_may_be_answered(venndelo, incident):
    (report,) = CARRIER.incidents(incident.shipment.account, since=timezone.now())

    assert report.shipment_carrier_id == incident.shipment.carrier_id
    assert (report.is_open, report.raw_state) == (True, "PENDING")
    assert [(reply.type, reply.fields) for reply in report.possible_replies] == [
        ("1", ("notes", "delivery_date")),
        ("2", ("notes",)),
    ]


def test_an_answer_arrives_once_and_closes_the_incident(venndelo, incident):
    reply = Reply(type="1", notes="Volver el lunes", delivery_date=date(2026, 11, 23))
    for _time in range(2):
        CARRIER.reply(incident, reply)

    kept = venndelo.exceptions[incident.carrier_id]["reply"]
    assert kept == {"type_id": 1, "notes": "Volver el lunes", "delivery_date": "2026-11-23"}
    (report,) = CARRIER.incidents(incident.shipment.account, since=timezone.now())
    assert report.is_open is False


def test_a_buyer_may_fetch_it_at_a_point(incident):
    (point,) = CARRIER.collection_points(incident)

    assert (point.id, point.address) == ("cp-1", "Calle 33 # 70-10, Medellín")


# --- Amounts --------------------------------------------------------------------------------------


def test_pesos_are_read_and_written_to_the_centavo():
    told = {0: 0, 10_100: 1_010_000, 11_147.9: 1_114_790, 0.01: 1, 10_520.005: 1_052_001}

    assert [centavos(each) for each in told] == list(told.values())
    assert all(centavos(pesos(amount)) == amount for amount in (0, 7, 4_990_000, 10**11 + 99))


@pytest.mark.parametrize("told", ["10100", None, True, -1, float("inf"), 10**12])
def test_what_is_no_amount_is_no_answer(told):
    with pytest.raises(ProviderUnavailable):
        centavos(told)
