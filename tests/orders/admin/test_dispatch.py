"""Handing over by scanning: what leaves is noted once, and the list holds exactly that."""

import io

import pytest
from django.utils import timezone
from pypdf import PdfReader

from logistics.models import Shipment
from tests import make
from tests.orders.admin.pages import read
from tests.shop.admin.back_office import client_of

SCREEN = "/admin/bodega/despachar/"


def scan(client, code: str) -> dict:
    return client.post(f"{SCREEN}?part=1", {"code": code}).context["told"]


def test_a_label_is_scanned_once_by_our_code_or_the_carriers(organization, warehouse):
    ours = make.shipment()
    make.shipment(tracking_number="56800000001A")

    told = [scan(warehouse, f" {ours.code} "), scan(warehouse, "56800000001a")]
    twice = scan(warehouse, ours.code)

    assert [one["is_wrong"] for one in told] == [False, False]
    assert set(Shipment.objects.values_list("state", flat=True)) == {"picked_up"}
    assert (twice["is_wrong"], "already left" in twice["words"]) == (True, True)


@pytest.mark.parametrize(
    ("fields", "code", "words"),
    [
        ({"state": "cancelled"}, "7-1", "is cancelled"),
        ({"state": "pending"}, "7-1", "not ready to leave"),
        ({"cancel_wanted_at": timezone.now()}, "7-1", "not ready to leave"),
        ({}, "8-1", "No shipment has the code 8-1"),
        ({}, "7-1.9", "No shipment has the code"),
        ({}, "<b>", "No shipment has the code"),
    ],
)
def test_what_must_not_leave_is_refused_and_says_why(organization, warehouse, fields, code, words):
    shipment = make.shipment(code="7-1", boxes=2, **fields)

    told = scan(warehouse, code)

    assert (told["is_wrong"], words in told["words"]) == (True, True)
    shipment.refresh_from_db()
    assert shipment.handed_over_at is None


def test_of_several_boxes_each_is_scanned(organization, warehouse):
    shipment = make.shipment(code="7-1", boxes=3)

    missing = [scan(warehouse, f"7-1.{box}")["words"] for box in (2, 1)]
    again = scan(warehouse, "7-1.2")
    shipment.refresh_from_db()
    before = shipment.state
    scan(warehouse, "7-1.3")

    assert missing == ["7-1: 2 parcels are still missing", "7-1: 1 parcel is still missing"]
    assert "scanned already" in again["words"]
    shipment.refresh_from_db()
    assert (before, shipment.state) == ("label_ready", "picked_up")


def test_a_number_that_several_have_is_asked_for_more_exactly(organization, warehouse):
    for _number in range(2):
        make.shipment(tracking_number="568")
    taken_back = make.shipment(tracking_number="999", state="cancelled")
    alive = make.shipment(tracking_number="999")

    assert "Several shipments" in scan(warehouse, "568")["words"]
    assert not scan(warehouse, "999")["is_wrong"]
    alive.refresh_from_db()
    taken_back.refresh_from_db()
    assert (alive.state, taken_back.state) == ("picked_up", "cancelled")


def test_the_list_to_sign_holds_what_left_with_the_carrier(organization, warehouse):
    gone = make.shipment(tracking_number="GUIA-1", cash_to_collect=5_490_000)
    make.shipment(tracking_number="GUIA-2")
    make.shipment(tracking_number="GUIA-3", carrier_name="Envia")
    for code in ("GUIA-1", "GUIA-3"):
        scan(warehouse, code)

    (carrier, other) = warehouse.get(SCREEN).context["carriers"]
    content = warehouse.get(carrier["url"]).content

    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    assert (carrier["name"], carrier["count"], other["name"]) == (gone.carrier_name, 1, "Envia")
    assert ("GUIA-1" in text, "GUIA-2" in text, "GUIA-3" in text) == (True, False, False)
    assert "54.900" in text


def test_who_only_looks_hands_nothing_over_and_without_scripts_it_works(organization, warehouse):
    shipment = make.shipment()
    viewer = client_of("viewer")

    assert viewer.post(SCREEN, {"code": shipment.code}).status_code == 403
    assert "data-scan-form" not in read(viewer, SCREEN)
    answer = warehouse.post(SCREEN, {"code": shipment.code}, follow=True)
    assert "handed over to" in answer.content.decode()
    assert "No shipment has the code" in warehouse.post(SCREEN, {"code": "x"}).content.decode()
