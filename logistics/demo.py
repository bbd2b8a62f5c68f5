"""What delivery costs in the demo shops, as demo_rates.toml says it."""

import tomllib
from pathlib import Path

from shop.models import Organization

from .models import Rate, RateTable

FILE = Path(__file__).with_name("demo_rates.toml")


def load(organization: Organization) -> None:
    """Give a demo shop its rate tables; a shop that the file does not know gets none."""
    with FILE.open("rb") as file:
        written = tomllib.load(file)
    for position, table in enumerate(written.get(organization.slug, ())):
        _write(organization, table, position)


def remove(organization: Organization) -> None:
    """Delete the rate tables of the demo; a merchant's own stay."""
    RateTable.objects.filter(organization=organization, is_demo=True).delete()


def _write(organization: Organization, written: dict, position: int) -> None:
    table = RateTable(
        organization=organization,
        name=written["name"],
        kind=written.get("kind", RateTable.Kind.DELIVERY),
        description=written["description"],
        carrier=written.get("carrier", ""),
        position=position,
        allows_cash_on_delivery=written.get("cash", False),
        is_demo=True,
    )
    table.full_clean(exclude=["organization"])
    table.save()
    Rate.objects.bulk_create(rate for zone in written["zones"] for rate in _rates(table, zone))


def _rates(table: RateTable, zone: dict):
    """Give a rate for each place of the zone and each step of weight."""
    days_min, days_max = zone.get("days", (1, 1))
    for code in zone["places"] or [""]:
        for grams, pesos in zone.get("steps", [(0, 0)]):
            yield Rate(
                table=table,
                department_id=code if len(code) == 2 else None,
                municipality_id=code if len(code) == 5 else None,
                is_covered="steps" in zone,
                heaviest_grams=grams or None,
                price=pesos * 100,
                free_from=zone["free_from"] * 100 if "free_from" in zone else None,
                days_min=days_min,
                days_max=days_max,
                allows_cash_on_delivery="cash_fee" in zone,
                cash_on_delivery_fee=zone.get("cash_fee", 0) * 100,
            )
