import pytest
from django.db import IntegrityError, transaction
from django.utils import translation
from django_scopes import scope
from django_scopes.exceptions import ScopeError

from config.lib import memory
from logistics import quotes
from logistics.models import Rate, RateTable
from logistics.parcels import Piece
from logistics.quotes import Basket, NotDelivered
from shop.models import Department, Municipality
from tests import make

SMALL = Basket(weight_grams=400, value=5_000_000)


def place(code: str) -> Municipality:
    return Municipality.objects.get(code=code)


BOGOTA, SOACHA, CALI, LETICIA = "11001", "25754", "76001", "91001"


def costs(code: str, basket: Basket = SMALL) -> list[tuple[str, int]]:
    return [(quote.label, quote.cost) for quote in quotes.quotes_for(place(code), basket)]


@pytest.fixture
def national(organization):
    """A table that goes everywhere for 15.900, and dearer to Amazonas."""
    table = make.rate_table("Envío nacional")
    make.rate(table, price=1_590_000)
    make.rate(table, department_id="91", price=4_500_000)
    return table


def test_a_place_that_no_rate_names_pays_what_everywhere_pays(national):
    assert costs(CALI) == [("Envío nacional", 1_590_000)]


def test_the_department_comes_before_everywhere_and_the_municipality_before_both(national):
    make.rate(national, municipality_id=LETICIA, price=3_800_000)

    assert costs(LETICIA) == [("Envío nacional", 3_800_000)]
    assert costs("91540") == [("Envío nacional", 4_500_000)]


def test_nothing_goes_where_a_table_says_so(national):
    make.rate(national, municipality_id=LETICIA, price=0, is_covered=False)

    assert costs(LETICIA) == []
    assert costs("91540") == [("Envío nacional", 4_500_000)]


def test_a_shop_without_rates_delivers_nowhere(organization):
    make.rate_table()

    assert costs(BOGOTA) == []
    with pytest.raises(NotDelivered, match="Bogotá"):
        quotes.quote_of("rate-0", place(BOGOTA), SMALL)


def test_a_step_of_weight_carries_up_to_its_last_gram(organization):
    table = make.rate_table("Envío")
    make.rate(table, heaviest_grams=1_000, price=900_000)
    make.rate(table, heaviest_grams=5_000, price=1_800_000)

    assert costs(CALI, Basket(1_000, 0)) == [("Envío", 900_000)]
    assert costs(CALI, Basket(1_001, 0)) == [("Envío", 1_800_000)]
    assert costs(CALI, Basket(5_001, 0)) == []


def test_a_step_of_order_value_counts_from_its_first_peso_and_before_the_weight(organization):
    table = make.rate_table("Envío")
    make.rate(table, heaviest_grams=1_000, price=900_000)
    make.rate(table, price=1_800_000)
    make.rate(table, lowest_order_value=10_000_000, heaviest_grams=2_000, price=0)

    assert costs(CALI, Basket(500, 9_999_999)) == [("Envío", 900_000)]
    assert costs(CALI, Basket(500, 10_000_000)) == [("Envío", 0)]
    assert costs(CALI, Basket(2_001, 10_000_000)) == [("Envío", 1_800_000)]


def test_what_is_too_heavy_for_the_islands_never_travels_at_the_price_of_the_mainland(national):
    Rate.objects.filter(department="91").update(heaviest_grams=5_000)

    assert costs(LETICIA, Basket(5_000, 0)) == [("Envío nacional", 4_500_000)]
    assert costs(LETICIA, Basket(5_001, 0)) == []


def test_delivery_is_free_from_the_value_a_rate_names_and_says_what_it_would_cost(organization):
    make.rate(make.rate_table(), price=1_590_000, free_from=15_000_000)

    (below,) = quotes.quotes_for(place(CALI), Basket(500, 14_999_999))
    (at,) = quotes.quotes_for(place(CALI), Basket(500, 15_000_000))

    assert (below.cost, below.full_cost, below.free_from) == (1_590_000, 1_590_000, 15_000_000)
    assert (at.cost, at.full_cost, at.free_from) == (0, 1_590_000, 15_000_000)


def test_the_cheapest_comes_first_and_a_delivery_before_a_pick_up_of_the_same_price(organization):
    pickup = make.rate_table("Recoger", kind=RateTable.Kind.PICKUP, description="Calle 70 # 9-42")
    make.rate(pickup, municipality_id=BOGOTA, price=0)
    make.rate(make.rate_table("Exprés", position=1), price=2_000_000)
    make.rate(make.rate_table("Envío", position=2), price=900_000, free_from=4_000_000)

    offered = quotes.quotes_for(place(BOGOTA), SMALL)

    assert [quote.label for quote in offered] == ["Envío", "Recoger", "Exprés"]
    assert [quote.is_pickup for quote in offered] == [False, True, False]
    assert offered[1].description == "Calle 70 # 9-42"
    assert costs(SOACHA) == [("Envío", 0), ("Exprés", 2_000_000)]


def test_a_table_that_rests_offers_nothing(national):
    RateTable.objects.update(is_active=False)

    assert costs(CALI) == []


@pytest.mark.parametrize(
    ("of_table", "of_rate", "offered"),
    [(True, True, (True, 300_000)), (True, False, (False, 0)), (False, True, (False, 0))],
)
def test_cash_on_delivery_needs_the_word_of_table_and_rate(
    organization, of_table, of_rate, offered
):
    table = make.rate_table(allows_cash_on_delivery=of_table)
    make.rate(table, allows_cash_on_delivery=of_rate, cash_on_delivery_fee=300_000)

    (quote,) = quotes.quotes_for(place(CALI), SMALL)

    assert (quote.allows_cash_on_delivery, quote.cash_on_delivery_fee) == offered


def test_the_choice_a_form_posts_is_priced_again(national):
    (offered,) = quotes.quotes_for(place(CALI), SMALL)
    Rate.objects.filter(department=None).update(price=2_000_000)

    assert offered.code == f"rate-{national.pk.hex}"
    assert quotes.quote_of(offered.code, place(CALI), SMALL).cost == 2_000_000


@translation.override("en")
@pytest.mark.parametrize("code", ["", "rate-", "rate-0", "\x00", "' OR 1=1", "x" * 5_000])
def test_a_choice_that_nobody_offered_is_refused(national, code):
    with pytest.raises(NotDelivered, match="no longer offered"):
        quotes.quote_of(code, place(CALI), SMALL)


def test_the_rates_of_another_shop_are_never_offered(national):
    other = make.organization()
    with scope(organization=other):
        assert costs(CALI) == []
        with pytest.raises(NotDelivered):
            quotes.quote_of(f"rate-{national.pk.hex}", place(CALI), SMALL)


def test_a_quote_outside_a_scope_is_refused(db):
    with pytest.raises(ScopeError):
        quotes.quotes_for(place(CALI), SMALL)


@pytest.mark.parametrize("number", [1, 5])
def test_all_choices_take_one_query(organization, number, django_assert_num_queries):
    for _table in range(number):
        table = make.rate_table()
        make.rate(table)
        for department in Department.objects.all()[:20]:
            make.rate(table, department=department)
    cali = place(CALI)

    with django_assert_num_queries(1):
        assert len(quotes.quotes_for(cali, SMALL)) == number


def test_every_municipality_gets_its_price(national):
    prices = {
        municipality.code: quotes.quotes_for(municipality, SMALL)[0].cost
        for municipality in Municipality.objects.all()
    }

    assert len(prices) == 1122
    assert {code[:2] for code, price in prices.items() if price == 4_500_000} == {"91"}


def test_a_piece_without_a_weight_weighs_as_much_as_usual():
    known, unknown = Piece("A", "A", 2, 100, weight_grams=50), Piece("B", "B", 3, 100)

    basket = quotes.basket_of([known, unknown], value=7_000_000)

    assert (basket.weight_grams, basket.value) == (100 + 3 * quotes.USUAL_GRAMS, 7_000_000)


@pytest.mark.parametrize(
    ("days", "label"),
    [
        ((0, 0), "The same day"),
        ((0, 1), "Up to 1 business day"),
        ((0, 2), "Up to 2 business days"),
        ((1, 1), "1 business day"),
        ((3, 3), "3 business days"),
        ((2, 4), "2 to 4 business days"),
    ],
)
def test_the_days_are_said_in_words(national, days, label):
    Rate.objects.update(days_min=days[0], days_max=days[1])

    with translation.override("en"):
        assert quotes.quotes_for(place(CALI), SMALL)[0].days_label == label


# --- Free in the whole country ----------------------------------------------------------------


def test_delivery_is_free_in_the_country_from_the_lowest_value_any_national_rate_names(
    organization,
):
    dear, cheap = make.rate_table(), make.rate_table()
    make.rate(dear, free_from=30_000_000)
    make.rate(cheap, free_from=15_000_000)
    make.rate(cheap, department_id="11", free_from=1_000_000)

    assert quotes.free_delivery_from(organization) == 15_000_000


def test_a_step_of_order_value_without_a_price_makes_it_free_as_well(organization):
    table = make.rate_table()
    make.rate(table, price=900_000)
    make.rate(table, price=0, lowest_order_value=12_000_000)

    assert quotes.free_delivery_from(organization) == 12_000_000


def test_pick_ups_resting_tables_and_other_shops_make_nothing_free(organization):
    make.rate(make.rate_table(kind=RateTable.Kind.PICKUP), price=0)
    make.rate(make.rate_table(is_active=False), price=0)
    make.rate(make.rate_table(), price=900_000)
    other = make.organization()
    with scope(organization=other):
        make.rate(make.rate_table(), price=0)

        assert quotes.free_delivery_from(other) == 0
    assert quotes.free_delivery_from(organization) is None


def test_the_bar_asks_the_database_once_in_a_while(
    organization, national, django_assert_num_queries
):
    with django_assert_num_queries(1):
        quotes.free_delivery_from(organization)
        quotes.free_delivery_from(organization)
    memory.clear_all()
    with django_assert_num_queries(1):
        quotes.free_delivery_from(organization)


# --- What the database refuses ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({}, "rate_is_said_once"),
        ({"department_id": "91", "municipality_id": LETICIA}, "rate_names_one_place"),
        ({"department_id": "11", "price": -1}, "rate_money_is_not_negative"),
        ({"department_id": "11", "free_from": -1}, "rate_money_is_not_negative"),
        ({"department_id": "11", "cash_on_delivery_fee": -1}, "rate_money_is_not_negative"),
        ({"department_id": "11", "days_min": 4, "days_max": 3}, "rate_days_run_forwards"),
        (
            {"department_id": "11", "is_covered": False, "heaviest_grams": 5},
            "what_is_not_covered_has_no_steps",
        ),
    ],
)
def test_the_database_refuses_a_rate_that_makes_no_sense(national, fields, name):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        make.rate(national, **fields)
