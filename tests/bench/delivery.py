"""What delivery costs: every municipality of the country quoted from rate tables."""

import statistics
import time
from collections.abc import Callable

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django_scopes import scope

from logistics import quotes
from logistics.models import Rate, RateTable
from logistics.quotes import Basket
from shop.models import Municipality, Organization

_ROUNDS = 3
_STEPS = (1_000, 3_000, 5_000)
_SMALL = Basket(weight_grams=2_000, value=8_000_000)
# One row of the largest table by its index, as often as a price is asked for.
_BARE = """
SELECT price, days_min, days_max FROM logistics_rate
WHERE table_id = %s::uuid AND municipality_id = %s::varchar LIMIT 1
"""


def measure(record: Callable, pair: type, organization: Organization) -> None:
    """Record how long the whole country takes, beside one indexed query for each place."""
    with scope(organization=organization):
        tables = _ensure(organization)
        places = list(Municipality.objects.all())
        with CaptureQueriesContext(connection) as captured:
            assert len(quotes.quotes_for(places[0], _SMALL)) == len(tables)
        record("queries of a quote from rate tables", len(captured), "", at_most=1)
        times = [(_ours(places), _bare(places, tables[-1])) for _round in range(_ROUNDS)]
    ours = statistics.median(ours for ours, _bare in times)
    record(f"{len(places)} municipalities quoted from rate tables", ours, "s", at_most=2)
    bare = statistics.median(bare for _ours, bare in times)
    rates = pair(rate=len(places) / ours, limit=len(places) / bare, ratio=bare / ours)
    record("quotes from rate tables beside a bare query", rates, "/s", at_least=0.3)


def _ours(places: list[Municipality]) -> float:
    begun = time.perf_counter()
    for place in places:
        quotes.quotes_for(place, _SMALL)
    return time.perf_counter() - begun


def _bare(places: list[Municipality], table: RateTable) -> float:
    begun = time.perf_counter()
    for place in places:
        with connection.cursor() as cursor:
            cursor.execute(_BARE, [table.pk, place.pk])
            cursor.fetchall()
    return time.perf_counter() - begun


@transaction.atomic
def _ensure(organization: Organization) -> list[RateTable]:
    """Give three tables: of the whole country, of departments, and of every municipality."""
    RateTable.objects.filter(name__startswith="Bench").delete()
    tables = [
        RateTable.objects.create(organization=organization, name=f"Bench {name}", position=place)
        for place, name in enumerate(("nacional", "departamentos", "municipios"))
    ]
    national, departments, municipalities = tables
    rows = [Rate(table=national, price=1_590_000)]
    codes = Municipality.objects.order_by("code").values_list("code", flat=True)
    for grams in _STEPS:
        rows += [
            Rate(table=departments, department_id=code, heaviest_grams=grams, price=1_000 * grams)
            for code in sorted({code[:2] for code in codes})
        ]
        rows += [
            Rate(table=municipalities, municipality_id=code, heaviest_grams=grams, price=grams)
            for code in codes
        ]
    Rate._base_manager.bulk_create(rows, batch_size=1_000)
    return tables
