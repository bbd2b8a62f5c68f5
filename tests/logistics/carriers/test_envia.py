"""Envia.com: what is sent field by field, and what becomes of its answers."""

from datetime import UTC, date, datetime, time

import pytest

from config.lib.errors import BadSignature, ProviderRefused, ProviderUnavailable
from logistics import carriers
from logistics.carriers.base import Box, NotSearchable, Place
from logistics.models import Pickup
from logistics.models.shipments import State
from tests import make

from . import rows, stub_envia

CARRIER = carriers.get("envia")


def created(account, **fields):
    shipment = rows.shipment(account, **{"service": "coordinadora:ground", **fields})
    made = CARRIER.create(shipment)
    shipment.carrier_id, shipment.tracking_number = made.carrier_id, made.tracking_number
    shipment.progress = made.progress
    return shipment, made


def test_every_carrier_of_the_setting_is_asked_by_code_and_its_answer_read(envia, envia_account):
    options = CARRIER.quote(envia_account, rows.wish(), seconds=3)

    first, second = sorted(options, key=lambda option: option.cost)
    assert (first.service, first.carrier) == ("coordinadora:ground", "Coordinadora")
    assert (first.cost, first.days_min, first.days_max) == (1_010_000, 1, 2)
    # 5 % of 49.900 is less than what they ask at least.
    assert (first.allows_cash, first.cash_fee) == (True, 476_000)
    assert (second.cost, second.days_min, second.days_max) == (1_234_567, 1, 1)
    assert (second.allows_cash, second.cash_fee) == (False, 0)
    sent = [body for step, body in envia.sent if step == "rate"]
    assert {body["shipment"]["carrier"] for body in sent} == {"coordinadora", "tcc"}
    assert all(body["origin"]["city"] == "11001000" for body in sent)
    assert all(body["destination"]["city"] == "05001000" for body in sent)
    assert all(body["destination"]["state"] == "AN" for body in sent)
    [package] = sent[0]["packages"]
    assert (package["weight"], package["declaredValue"]) == (0.58, 49_900)
    assert package["dimensions"] == {"length": 20, "width": 12, "height": 16}


def test_a_carrier_that_fails_is_left_out_and_one_without_coverage_is_no_failure(
    envia, envia_account
):
    envia.broken = {"tcc"}
    [option] = CARRIER.quote(envia_account, rows.wish(), seconds=3)
    assert option.carrier == "Coordinadora"
    # Twice: questions are repeated once.
    assert [body["shipment"]["carrier"] for _, body in envia.sent].count("tcc") == 2

    envia.uncovered = {"coordinadora"}
    with pytest.raises(ProviderUnavailable):
        CARRIER.quote(envia_account, rows.wish(), seconds=3)

    envia.broken, envia.uncovered = set(), {"coordinadora", "tcc"}
    assert CARRIER.quote(envia_account, rows.wish(), seconds=3) == []


@pytest.mark.parametrize(
    ("code", "department", "letters"),
    [
        ("11", "Bogotá, D.C.", "DC"),
        ("19", "Cauca", "CA"),
        ("25", "Cundinamarca", "CU"),
        ("76", "Valle del Cauca", "VC"),
        ("88", "Archipiélago de San Andrés, Providencia y Santa Catalina", "SA"),
    ],
)
def test_the_letters_of_a_department_are_those_of_the_list_for_labels(
    envia, envia_account, code, department, letters
):
    place = Place(f"{code}001", "Capital", code, department)

    CARRIER.quote(envia_account, rows.wish(destination=place), seconds=3)

    assert envia.sent[-1][1]["destination"]["state"] == letters


def test_no_parcel_is_sent_to_a_department_that_envia_does_not_name(envia, envia_account):
    elsewhere = Place("27001", "Quibdó", "27", "Chocó")

    with pytest.raises(ProviderRefused):
        CARRIER.quote(envia_account, rows.wish(destination=elsewhere), seconds=3)


def test_a_label_is_made_with_the_whole_address_and_downloaded_without_the_key(
    envia, envia_account
):
    shipment, made = created(envia_account, cash_to_collect=6_104_790)

    assert made.tracking_number == "56800000001"
    assert (made.carrier, made.cost) == ("Coordinadora", 1_010_000)
    [body] = [body for step, body in envia.sent if step == "generate"]
    buyer = body["destination"]
    assert (buyer["name"], buyer["phone"]) == ("Ana María Ruiz", "3001234567")
    assert (buyer["street"], buyer["number"]) == ("Carrera 43A", "1-50")
    assert (buyer["district"], buyer["city"], buyer["state"]) == ("apto 301", "05001000", "AN")
    assert body["origin"]["reference"] == shipment.code
    assert body["packages"][0]["additionalServices"] == [
        {"service": "cash_on_delivery", "data": {"amount": 61_047.9}}
    ]
    assert CARRIER.label(shipment).pdf == stub_envia.PDF
    with pytest.raises(NotSearchable):
        CARRIER.find(shipment)


def test_the_value_is_shared_by_the_boxes_and_adds_up(envia, envia_account):
    boxes = (Box(1_000, 20, 20, 20),) * 3

    CARRIER.quote(envia_account, rows.wish(boxes=boxes, value=4_990_050), seconds=3)

    worth = [one["declaredValue"] for one in envia.sent[-1][1]["packages"]]
    assert worth == [16_634.5, 16_633, 16_633]


@pytest.mark.parametrize(
    "address", ["http://files.example/guia.pdf", "http://169.254.169.254/latest", "file:///etc/x"]
)
def test_a_label_is_never_fetched_from_where_it_must_not_be(envia, envia_account, address):
    shipment, _made = created(envia_account)
    shipment.progress["label"] = address

    with pytest.raises(ProviderRefused):
        CARRIER.label(shipment)


def test_news_come_with_the_carriers_own_words_and_many_numbers_in_one_call(envia, envia_account):
    (first, _), (second, _) = created(envia_account), created(envia_account)
    unknown = rows.shipment(envia_account, tracking_number="1")
    envia.move(first.tracking_number, "En tránsito", at="2026-11-21 08:30:00", place="Medellín")
    envia.move(first.tracking_number, "Rarísimo", at="2026-11-22T09:00:00Z")
    calls = len(envia.sent)

    told = CARRIER.track(envia_account, [first, second, unknown])

    assert len(envia.sent) == calls + 1
    assert set(told) == {first.pk, second.pk}
    moving, strange = told[first.pk].news
    assert (moving.state, moving.place) == (State.IN_TRANSIT, "Medellín")
    assert moving.at == datetime(2026, 11, 21, 13, 30, tzinfo=UTC)
    assert (strange.raw_state, strange.state) == ("Rarísimo", None)
    assert told[first.pk].promised_on == date(2026, 11, 24)
    [made] = told[second.pk].news
    assert (made.state, made.at) == (State.LABEL_READY, second.created_at)
    assert CARRIER.track(envia_account, [unknown]) == {}


def test_some_carriers_behind_it_take_no_label_back(envia, envia_account):
    shipment, _made = created(envia_account)
    shipment.progress = {"carrier": "interRapidisimo"}

    with pytest.raises(ProviderRefused, match="Inter Rapidísimo"):
        CARRIER.cancel(shipment)


def test_one_visit_takes_the_labels_of_one_carrier(envia, envia_account):
    (first, _), (second, _) = created(envia_account), created(envia_account)
    origin = make.origin(opens_at=time(9), closes_at=time(16))
    pickup = Pickup(account=envia_account, origin=origin, on=date(2026, 11, 23))

    report = CARRIER.pick_up(pickup, [first, second])

    assert (report.carrier_reference, report.cost) == ("Coordinadora REC-1", 300_000)
    [visit] = envia.visits
    asked = visit["shipment"]["pickup"]
    assert (asked["date"], asked["timeFrom"], asked["timeTo"]) == ("2026-11-23", 9, 16)
    assert asked["trackingNumbers"] == [first.tracking_number, second.tracking_number]
    assert asked["totalPackages"] == 2


def test_carriers_that_envia_does_not_know_are_named_at_the_check(envia, envia_account):
    envia_account.settings["carriers"] = "coordinadora, patineta"

    with pytest.raises(ProviderRefused, match="patineta"):
        CARRIER.check(envia_account)


def test_a_key_of_the_other_environment_is_told(envia, envia_account):
    envia_account.secrets["api_key"] = "another"

    with pytest.raises(ProviderRefused) as refused:
        CARRIER.check(envia_account)
    assert refused.value.status == 401


def test_a_notice_is_read_and_whether_its_signature_fits_our_guess_is_written_down(
    envia, envia_account
):
    envia_account.secrets["webhook_secret"] = stub_envia.WEBHOOK_SECRET

    fitting = CARRIER.read_notice(envia_account, *envia.notice("568"))
    assert (fitting.event_id, fitting.tracking_number) == ("ev-1", "568")
    assert fitting.payload["signature_fits"] is True

    other = CARRIER.read_notice(envia_account, *envia.notice("568", secret="other"))
    assert other.payload["signature_fits"] is False
    for headers, body in [({}, b"{}"), (envia.notice("568")[0], b"[]")]:
        with pytest.raises(BadSignature):
            CARRIER.read_notice(envia_account, headers, body)
