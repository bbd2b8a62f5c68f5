"""What staff are told of carriers: on the first page, and before the shop sells for real."""

import pytest
from django.utils import translation

from shop import readiness
from tests import make
from tests.logistics.fakes import option, register
from tests.orders.admin.test_today import waiting
from tests.shop.admin.back_office import client_of


@pytest.fixture
def owner(organization):
    client = client_of("owner")
    client.cookies["kaiu_language"] = "en"
    return client


def points(organization) -> dict[str, tuple]:
    with translation.override("en"):
        return {point.subject: point.problems for point in readiness.points(organization)}


def test_silence_and_what_is_not_measured_lead_from_the_first_page_to_their_lists(owner):
    make.variant(weight_grams=300, length_cm=10, width_cm=5, height_cm=5)
    make.variant(weight_grams=300)
    make.kit(make.variant(weight_grams=1, length_cm=1, width_cm=1, height_cm=1))
    assert "Products without weight or size" not in waiting(owner)

    make.carrier_account("envia", problem="Quote: down")
    make.carrier_account("venndelo")
    found = waiting(owner)

    expected = {
        "Carriers that do not answer": "1",
        "Carriers without a place of dispatch": "2",
        "Products without weight or size": "1",
    }
    for label, number in expected.items():
        assert str(found[label][0]) == number, label
        page = owner.get(found[label][1])
        assert page.context["cl"].result_count == int(number), label
    make.origin()
    assert "Carriers without a place of dispatch" not in waiting(owner)


def test_a_shop_that_only_asks_carriers_is_ready_to_deliver(organization):
    assert points(organization)["Delivery"] != ()
    assert "Carriers" not in points(organization)

    make.carrier_account("envia", secrets={}, settings={})
    told = points(organization)
    assert any("place of dispatch" in problem for problem in told["Carriers"])
    assert told["Delivery"] != ()

    make.origin()
    told = points(organization)
    assert told["Delivery"] == ()
    assert told["Carriers"]
    assert not any("place of dispatch" in problem for problem in told["Carriers"])


def test_a_price_is_tried_with_carriers_too(owner, monkeypatch):
    register(monkeypatch, "envia", option(1_230_000))
    make.carrier_account("envia")
    make.origin()

    query = {"place": "Cali", "value": "80.000", "grams": "500"}
    page = owner.get("/admin/logistics/ratetable/probar/", query).content.decode()

    assert "Ruta Uno" in page
    assert "$\u00a012.300" in page
