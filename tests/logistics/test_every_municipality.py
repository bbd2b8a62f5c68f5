"""Each of the 1,122 municipalities has a price or a clear word that nothing goes there."""

import pytest
from django_scopes import scope

from logistics import quotes
from logistics.models import Rate, RateTable
from logistics.quotes import Basket, NotDelivered
from shop.models import Municipality, Organization
from shop.signals import demo_loading
from tests import make

BASKETS = [Basket(weight_grams=400, value=8_000_000), Basket(weight_grams=12_000, value=30_000_000)]


def by_hand(rates: list[Rate], place: Municipality, basket: Basket) -> int | None:
    """Say in plain steps what one table asks; None where nothing of it goes."""
    named = [
        [rate for rate in rates if rate.municipality_id == place.pk],
        [rate for rate in rates if rate.department_id == place.department_id],
        [rate for rate in rates if not (rate.municipality_id or rate.department_id)],
    ]
    nearest = next((found for found in named if found), [])
    fitting = [
        rate
        for rate in nearest
        if rate.is_covered
        and rate.lowest_order_value <= basket.value
        and (rate.heaviest_grams is None or rate.heaviest_grams >= basket.weight_grams)
    ]
    if not fitting:
        return None
    highest = max(rate.lowest_order_value for rate in fitting)
    steps = [rate for rate in fitting if rate.lowest_order_value == highest]
    rate = min(steps, key=lambda one: one.heaviest_grams or 10**9)
    is_free = rate.free_from is not None and rate.free_from <= basket.value
    return 0 if is_free else rate.price


def odd_table() -> None:
    """A table that names places at every level, with gaps in it."""
    table = make.rate_table("Rara")
    make.rate(table, price=2_000_000, heaviest_grams=5_000)
    make.rate(table, price=100, lowest_order_value=25_000_000, free_from=40_000_000)
    for department in ("05", "91", "88"):
        make.rate(table, department_id=department, is_covered=department != "88", price=500)
    for code in ("05001", "91001", "76001", "25754"):
        make.rate(table, municipality_id=code, heaviest_grams=400, price=0)
        make.rate(table, municipality_id=code, lowest_order_value=8_000_001, price=7_700)
    make.rate(table, municipality_id="97777", is_covered=False, price=0)


@pytest.mark.parametrize("shop", ["kaiu", "cafe-la-vereda", "odd"])
def test_every_municipality_has_a_price_or_a_clear_no(db, shop):
    organization = make.organization(slug=shop)
    outcomes = {True: 0, False: 0}
    with scope(organization=organization):
        demo_loading.send(Organization, organization=organization)
        if shop == "odd":
            odd_table()
        tables = {table.name: list(table.rates.all()) for table in RateTable.objects.all()}
        places = list(Municipality.objects.select_related("department"))
        for number, place in enumerate(places):
            basket = BASKETS[number % 2]
            found = {quote.label: quote.cost for quote in quotes.quotes_for(place, basket)}
            wanted = {name: by_hand(rates, place, basket) for name, rates in tables.items()}
            assert found == {name: cost for name, cost in wanted.items() if cost is not None}
            outcomes[bool(found)] += 1
            if not found:
                with pytest.raises(NotDelivered, match=place.name):
                    quotes.quote_of("", place, basket)

    assert len(places) == 1_122
    assert tables
    if shop != "cafe-la-vereda":
        assert all(outcomes.values()), "Both a price and a no are looked at."
