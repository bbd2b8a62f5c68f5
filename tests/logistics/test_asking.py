import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.test import override_settings
from django.utils import translation
from django_scopes import scope

from config.lib import memory
from config.lib.errors import ProviderRefused, ProviderUnavailable
from logistics import asking, carrier_quotes, quotes
from logistics.models import CarrierAccount, DeliverySettings, Origin
from logistics.parcels import Piece
from shop.models import Municipality
from tests import make
from tests.logistics.fakes import option, register

OIL = Piece("OIL", "Aceite", 2, 2_500_000, 300, 12, 8, 6)
SOAP = Piece("SOAP", "Jabón", 1, 1_000_000, 120, 10, 6, 3)
CALI = "76001"


@pytest.fixture
def shop(organization):
    """A shop in Bogotá that asks Envia and Venndelo what they take."""
    make.origin()
    make.carrier_account("envia", name="Envia", position=1)
    make.carrier_account("venndelo", name="Venndelo", position=2)
    return organization


def basket(*pieces: Piece, value: int = 5_000_000) -> quotes.Basket:
    return quotes.basket_of(pieces or (OIL,), value=value)


def place(code: str = CALI) -> Municipality:
    return Municipality.objects.select_related("department").get(code=code)


def offered(*pieces: Piece, chosen: str = "", **fields) -> list[tuple[str, int]]:
    found = quotes.quotes_for(place(), basket(*pieces, **fields), chosen=chosen)
    return [(quote.label, quote.cost) for quote in found]


def settings(**fields) -> DeliverySettings:
    memory.clear_all()
    return DeliverySettings.objects.update_or_create(organization=make.here(), defaults=fields)[0]


def problem(provider: str) -> str:
    return CarrierAccount.objects.get(provider=provider).problem


# --- Who answers ----------------------------------------------------------------------------------


def test_the_cheaper_of_two_carriers_comes_first_beside_the_shops_own_tables(shop, monkeypatch):
    register(monkeypatch, "envia", option(1_300_000, label="Dos"))
    register(monkeypatch, "venndelo", option(1_190_050, days_min=2, days_max=4))
    make.national_rate(price=1_250_000)

    assert offered() == [("Ruta Uno", 1_190_100), ("Envío nacional", 1_250_000), ("Dos", 1_300_000)]
    (quote, *_others) = quotes.quotes_for(place(), basket())
    account = CarrierAccount.objects.get(provider="venndelo")
    assert quote.code == f"carrier-{account.pk.hex}-normal"
    assert quotes.account_of(quote.code) == (account.pk, "normal")
    assert (quote.days_min, quote.days_max, quote.carrier_cost) == (2, 4, 1_190_050)


@pytest.mark.parametrize(
    "error",
    [
        ProviderUnavailable("ruta.example answered 500"),
        ProviderRefused("ruta.example answered 401"),
        KeyError("a bug of the adapter"),
    ],
)
def test_a_carrier_that_fails_is_skipped_told_to_staff_and_left_alone(shop, monkeypatch, error):
    broken = register(monkeypatch, "envia", error=error)
    register(monkeypatch, "venndelo", option())

    assert offered() == [("Ruta Uno", 1_190_000)]
    assert offered(OIL, SOAP) == [("Ruta Uno", 1_190_000)]

    assert len(broken.wishes) == 1
    assert problem("envia").startswith("Quote: ")
    assert problem("venndelo") == ""


@pytest.mark.parametrize(
    "cost", [-1, 0, "11900", "12.500", 11900.0, float("nan"), True, None, 10**12]
)
def test_a_price_that_cannot_be_is_no_price(shop, monkeypatch, cost):
    register(monkeypatch, "envia", option(cost), option(cost, service="other"))
    register(monkeypatch, "venndelo", option(cost), option(1_500_000, service="sound"))

    assert offered() == [("Ruta Uno", 1_500_000)]
    assert problem("envia") == "Quote: a price that cannot be"


def test_what_is_no_list_of_offers_is_skipped(shop, monkeypatch):
    register(monkeypatch, "envia", "<html>")
    monkeypatch.setattr(register(monkeypatch, "venndelo"), "offers", None)

    assert offered() == []


def test_a_problem_is_over_with_the_next_answer_but_only_our_own(shop, monkeypatch):
    carrier = register(monkeypatch, "envia", error=ProviderUnavailable("down"))
    register(monkeypatch, "venndelo", option())
    CarrierAccount.objects.filter(provider="venndelo").update(problem="The wallet is empty")
    offered()
    monkeypatch.setattr(asking, "RESTS_FOR", 0)
    assert problem("envia") == "Quote: down"

    carrier.error, carrier.offers = None, [option(900_000)]
    asking.kept.drop(asking.state_key(CarrierAccount.objects.get(provider="envia")))
    memory.clear_all()

    assert offered(SOAP)[0] == ("Ruta Uno", 900_000)
    assert problem("envia") == ""
    assert problem("venndelo") == "The wallet is empty"


# --- Time -----------------------------------------------------------------------------------------


def test_a_slow_carrier_is_not_waited_for_and_its_late_answer_is_kept(shop, monkeypatch):
    monkeypatch.setattr(asking, "DEADLINE", 0.2)
    slow = register(monkeypatch, "envia", option(800_000, label="Late"))
    register(monkeypatch, "venndelo", option())
    slow.may_answer.clear()
    started = time.monotonic()

    assert offered() == [("Ruta Uno", 1_190_000)]
    assert time.monotonic() - started < 4
    assert problem("envia") == "Quote: no answer within 0.2 s"
    (future,) = asking._under_way.values()
    slow.may_answer.set()
    future.result(10)

    assert offered() == [("Late", 800_000), ("Ruta Uno", 1_190_000)]
    assert len(slow.wishes) == 1


def test_who_was_slow_is_asked_but_waited_for_only_when_nobody_else_answers(shop, monkeypatch):
    slow = register(monkeypatch, "envia", option(800_000, label="Slow"))
    other = register(monkeypatch, "venndelo", option())
    slow.may_answer.clear()
    monkeypatch.setattr(asking, "DEADLINE", 0.1)
    offered()
    monkeypatch.setattr(asking, "DEADLINE", 30)
    started = time.monotonic()

    assert offered(SOAP) == [("Ruta Uno", 1_190_000)]
    assert time.monotonic() - started < 15
    assert len(slow.wishes) == 2

    other.offers = []
    threading.Timer(0.2, slow.may_answer.set).start()
    assert offered(OIL, SOAP) == [("Slow", 800_000)]


def test_the_same_question_at_once_is_asked_once(shop, monkeypatch):
    carrier = register(monkeypatch, "envia", option())
    carrier.may_answer.clear()
    setup = asking.setup_of(shop)
    setup = asking.Setup(setup.accounts[:1], setup.origin, setup.settings)
    wish = carrier_quotes.wish_of(setup, place(), basket(), "COP")
    monkeypatch.setattr(asking, "_note_problems", lambda *args, **kwargs: None)

    with ThreadPoolExecutor(4) as buyers:
        found = [buyers.submit(asking.answers, setup, wish, language="es") for _n in range(4)]
        threading.Timer(0.2, carrier.may_answer.set).start()
        costs = {one.result().options(setup.accounts[0])[0].cost for one in found}

    assert costs == {1_190_000}
    assert len(carrier.wishes) == 1


def test_only_so_many_are_asked_at_once(shop, monkeypatch):
    monkeypatch.setattr(asking, "_places", threading.BoundedSemaphore(1))
    monkeypatch.setattr(asking, "DEADLINE", 0.2)
    first, second = (register(monkeypatch, code, option()) for code in ("envia", "venndelo"))
    first.may_answer.clear()

    assert offered() == []
    assert second.wishes == []
    (future,) = asking._under_way.values()
    first.may_answer.set()
    future.result(10)


# --- What is kept ---------------------------------------------------------------------------------


def test_an_answer_is_kept_by_everything_that_the_price_depends_on(shop, monkeypatch):
    carrier = register(monkeypatch, "envia", option())
    CarrierAccount.objects.filter(provider="venndelo").delete()
    offered(OIL, SOAP)
    offered(SOAP, OIL)
    assert len(carrier.wishes) == 1

    offered(OIL, SOAP, value=4_000_000)
    offered(OIL)
    quotes.quotes_for(place("05001"), basket(OIL, SOAP))
    assert len(carrier.wishes) == 4

    CarrierAccount.objects.update(settings={"carriers": "tcc"})
    memory.clear_all()
    offered(OIL, SOAP)
    settings(packaging_grams=500)
    offered(OIL, SOAP)
    Origin.objects.update(municipality=place())
    memory.clear_all()
    offered(OIL, SOAP)
    assert len(carrier.wishes) == 7
    carrier.prices_lines = False
    offered(OIL, SOAP)
    dearer = Piece("OIL", "Aceite", 2, 9_900_000, 300, 12, 8, 6)
    offered(dearer, SOAP)
    assert len(carrier.wishes) == 8


def test_without_the_common_cache_a_process_remembers_what_it_asked(shop, monkeypatch):
    register(monkeypatch, "envia", option())
    register(monkeypatch, "venndelo", error=ProviderUnavailable("down"))
    gone = {"BACKEND": "django.core.cache.backends.redis.RedisCache"}
    gone["LOCATION"] = "redis://127.0.0.1:9"

    with override_settings(CACHES={"default": gone}):
        (quote,) = quotes.quotes_for(place(), basket())
        assert quotes.quote_of(quote.code, place(), basket()) == quote


def test_whoever_only_reads_asks_nobody(shop, monkeypatch):
    carrier = register(monkeypatch, "envia", option())
    register(monkeypatch, "venndelo")
    code = quotes.code_of(CarrierAccount.objects.get(provider="envia"), "normal")

    assert quotes.known_for(place(), basket()) == []
    with pytest.raises(quotes.PriceGone):
        quotes.quote_of(code, place(), basket())
    assert carrier.wishes == []

    quotes.prepare(code, place(), basket())
    carrier.offers = [option(9_000_000)]

    assert quotes.quote_of(code, place(), basket()).cost == 1_190_000
    assert len(carrier.wishes) == 1


# --- Whom to ask ----------------------------------------------------------------------------------


def test_only_accounts_that_are_offered_in_this_mode_are_asked(shop, monkeypatch):
    carrier = register(monkeypatch, "envia", option())
    CarrierAccount.objects.filter(provider="venndelo").delete()

    for fields in ({"is_active": False}, {"is_quoted": False}, {"is_live": not shop.is_live}):
        before = {"is_active": True, "is_quoted": True, "is_live": shop.is_live}
        CarrierAccount.objects.update(**before | fields)
        memory.clear_all()
        assert offered() == []
    with scope(organization=make.organization()):
        assert offered() == []

    assert carrier.wishes == []


def test_a_shop_with_rate_tables_only_pays_one_query_and_no_thread(
    organization, django_assert_num_queries
):
    make.national_rate(price=1_000_000)
    where, what = place(), basket()
    threads = threading.active_count()

    with django_assert_num_queries(1):
        assert len(quotes.quotes_for(where, what)) == 1
    assert threading.active_count() == threads


def test_carriers_cost_no_query_once_their_accounts_are_known(
    shop, monkeypatch, django_assert_num_queries
):
    register(monkeypatch, "envia", option())
    register(monkeypatch, "venndelo", option(), option(1_000_000, service="other"))
    where, what = place(), basket()
    quotes.quotes_for(where, basket(SOAP))

    with django_assert_num_queries(1):
        assert len(quotes.quotes_for(where, what)) == 3


def test_boxes_and_contents_reach_the_carrier_measured(shop, monkeypatch):
    carrier = register(monkeypatch, "envia", option())
    register(monkeypatch, "venndelo")
    settings(packaging_grams=100, usual_grams=400)

    offered(OIL, Piece("X", "Sin medir", 3, 100))

    (wish,) = carrier.wishes
    assert [box.weight_grams for box in wish.boxes] == [2 * 300 + 3 * 400 + 100]
    assert (wish.origin.carrier_code, wish.destination.carrier_code) == ("11001000", "76001000")
    assert [content.weight_grams for content in wish.contents] == [300, 400]


def test_the_practice_carrier_gives_its_prices_without_a_query(organization):
    make.origin()
    make.carrier_account("practice", settings={"first_kilo": 950_000, "each_kilo": 250_000})

    assert offered()[0][1] == 950_000
    assert problem("practice") == ""


# --- What the shop adds ---------------------------------------------------------------------------


@translation.override("en")
def test_the_price_of_the_shop_saves_a_sale_while_no_carrier_answers(shop, monkeypatch):
    carrier = register(monkeypatch, "envia", error=ProviderUnavailable("down"))
    register(monkeypatch, "venndelo", error=ProviderUnavailable("down"))
    found, reason = quotes.choices(place(), basket())
    assert found == []
    assert isinstance(reason, quotes.CarriersSilent)
    assert "Try again in a moment" in str(reason)

    settings(fallback_price=1_500_000)
    assert offered() == [("Delivery to your door", 1_500_000)]
    asking.kept.drop(asking.state_key(CarrierAccount.objects.get(provider="envia")))
    carrier.error, carrier.offers = None, [option()]

    # Whoever has it on the screen keeps it; whoever comes now reads the carrier's price.
    assert offered() == [("Ruta Uno", 1_190_000)]
    assert offered(chosen="fallback")[1] == ("Delivery to your door", 1_500_000)
    assert quotes.quote_of("fallback", place(), basket()).cost == 1_500_000
    with pytest.raises(quotes.NotDelivered):
        quotes.quote_of("fallback", place(), basket(SOAP))


def test_the_price_of_the_shop_waits_for_silence(shop, monkeypatch):
    settings(fallback_price=1_500_000)
    register(monkeypatch, "envia")
    register(monkeypatch, "venndelo", error=ProviderUnavailable("down"))
    assert offered() == []

    register(monkeypatch, "envia", error=ProviderUnavailable("down"))
    make.national_rate(price=1_000_000)
    assert offered(SOAP) == [("Envío nacional", 1_000_000)]


def test_from_a_value_on_the_cheapest_carrier_costs_nothing(shop, monkeypatch):
    register(monkeypatch, "envia", option(1_300_000, label="Dos"))
    register(monkeypatch, "venndelo", option(1_190_000))
    settings(free_from=6_000_000)

    assert offered(value=5_999_999) == [("Ruta Uno", 1_190_000), ("Dos", 1_300_000)]
    assert offered(value=6_000_000) == [("Ruta Uno", 0), ("Dos", 1_300_000)]
    (free, _other) = quotes.quotes_for(place(), basket(value=6_000_000))
    assert (free.full_cost, free.carrier_cost) == (1_190_000, 1_190_000)
    assert quotes.free_delivery_from(shop) == 6_000_000


def test_cash_at_the_door_is_for_who_takes_it(shop, monkeypatch):
    takes = register(
        monkeypatch, "envia", option(allows_cash=True, cash_fee=500_010), option(service="plain")
    )
    register(monkeypatch, "venndelo")
    cash = [(q.allows_cash_on_delivery, q.cash_on_delivery_fee) for q in _all()]
    assert cash == [(True, 500_100), (False, 0)]

    takes.takes_cash = False
    assert not any(quote.allows_cash_on_delivery for quote in _all())


def _all():
    return quotes.quotes_for(place(), basket())


@translation.override("en")
def test_nothing_goes_there_or_nobody_can_say_each_has_its_sentence(shop, monkeypatch):
    register(monkeypatch, "envia")
    register(monkeypatch, "venndelo")
    assert (
        str(quotes.choices(place(), basket())[1])
        == "We do not deliver this order to Santiago de Cali."
    )

    Origin.objects.all().delete()
    memory.clear_all()
    assert "cannot work out" in str(quotes.choices(place(), basket())[1])


def test_wherever_it_goes_there_is_a_price_or_a_reason(shop, monkeypatch):
    envia = register(monkeypatch, "envia", option())
    register(monkeypatch, "venndelo")
    # Of every department some: each takes its time, and rate tables are tried everywhere.
    rows = Municipality.objects.select_related("department").order_by("code")[::8]
    served = 0

    for position, municipality in enumerate(rows):
        envia.offers = [[option()], [], [option("x")], [option(-1), option(5_000_000)]][
            position % 4
        ]
        found, reason = quotes.choices(municipality, basket())
        assert bool(found) is (reason is None)
        served += bool(found)
        asking.kept.drop(asking.state_key(asking.setup_of(shop).accounts[0]))

    assert (position + 1, served) == (141, 71)
