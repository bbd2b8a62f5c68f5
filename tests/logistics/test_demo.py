"""The ways of delivery in the demo shops."""

import pytest
from django_scopes import scope

from logistics import quotes
from logistics.models import Rate, RateTable
from logistics.quotes import Basket
from shop.models import Municipality, Organization
from shop.signals import demo_loading, demo_removing
from tests import make

SMALL = Basket(weight_grams=400, value=8_000_000)


@pytest.fixture
def kaiu(db):
    organization = make.organization(slug="kaiu")
    with scope(organization=organization):
        demo_loading.send(Organization, organization=organization)
        yield organization


def offered(code: str, basket: Basket = SMALL) -> dict[str, int]:
    place = Municipality.objects.get(code=code)
    return {quote.label: quote.cost for quote in quotes.quotes_for(place, basket)}


def test_a_buyer_in_bogota_has_three_ways(kaiu):
    assert offered("11001") == {
        "Recoge en la tienda": 0,
        "Mensajero en Bogotá": 890_000,
        "Envío nacional": 1_090_000,
    }


def test_the_country_pays_by_zone_and_the_islands_more(kaiu):
    prices = [offered(code)["Envío nacional"] for code in ("11001", "05001", "13001", "27001")]

    assert prices == sorted(set(prices))
    assert offered("88001")["Envío nacional"] > prices[-1]
    assert offered("91001")["Envío nacional"] > offered("88001")["Envío nacional"]
    assert offered("97777") == {}


def test_delivery_is_free_from_150_000_on_the_mainland(kaiu):
    large = Basket(weight_grams=400, value=15_000_000)

    assert quotes.free_delivery_from(kaiu) == 15_000_000
    assert [offered(code, large)["Envío nacional"] for code in ("11001", "76001", "27001")] == [
        0
    ] * 3
    assert offered("88001", large)["Envío nacional"] > 0


@pytest.mark.parametrize(("code", "allowed"), [("05001", True), ("27001", False), ("88001", False)])
def test_cash_on_delivery_is_for_the_main_departments(kaiu, code, allowed):
    place = Municipality.objects.get(code=code)
    (quote,) = quotes.quotes_for(place, SMALL)

    assert quote.allows_cash_on_delivery == allowed
    assert (quote.cash_on_delivery_fee > 0) == allowed


def test_nearly_every_municipality_is_reached(kaiu):
    reached = [place for place in Municipality.objects.all() if quotes.quotes_for(place, SMALL)]

    assert len(reached) == 1122 - 3


@pytest.mark.parametrize("slug", ["kaiu", "cafe-la-vereda"])
def test_every_rate_of_the_demo_could_have_been_typed(db, slug):
    organization = make.organization(slug=slug)
    with scope(organization=organization):
        demo_loading.send(Organization, organization=organization)
        for rate in Rate.objects.all():
            rate.full_clean()

        assert RateTable.objects.filter(kind=RateTable.Kind.PICKUP).exists()


def test_removal_takes_what_is_labelled_and_leaves_the_rest(kaiu):
    mine = make.rate_table()
    other = make.organization(slug="otra")
    with scope(organization=other):
        theirs = make.rate_table(is_demo=True)

    demo_removing.send(Organization, organization=kaiu)

    assert list(RateTable.objects.all()) == [mine]
    with scope(organization=other):
        assert list(RateTable.objects.all()) == [theirs]


def test_a_shop_that_is_no_demo_gets_no_rates(organization):
    demo_loading.send(Organization, organization=organization)

    assert not RateTable.objects.exists()
