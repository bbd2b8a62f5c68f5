"""How the demo shops deliver: what it costs (demo_rates.toml), and who carries it for them.

What was sent belongs to orders; here it goes with the carrier of the demo.
"""

import tomllib
from pathlib import Path

from django.db.models import Q

from shop.models import Organization

from .models import CarrierAccount, Origin, Pickup, Rate, RateTable, Shipment

FILE = Path(__file__).with_name("demo_rates.toml")
CARRIERS = Path(__file__).with_name("demo_carriers.toml")


def load(organization: Organization) -> None:
    """Give a demo shop its ways to deliver; a shop that the files do not know gets none."""
    for position, table in enumerate(_written(FILE).get(organization.slug, ())):
        _write(organization, table, position)
    carriers = _written(CARRIERS).get(organization.slug)
    if carriers is not None:
        _write_carrier(organization, **carriers)


def remove(organization: Organization) -> None:
    """Delete the ways to deliver of the demo, and what was sent by them; a merchant's own stay."""
    RateTable.objects.filter(is_demo=True).delete()
    accounts = CarrierAccount.objects.filter(is_demo=True)
    Shipment.objects.filter(Q(is_demo=True) | Q(account__in=accounts)).delete()
    Pickup.objects.filter(account__in=accounts).delete()
    accounts.delete()
    Origin.objects.filter(is_demo=True, shipments=None, pickups=None).delete()


def _written(path: Path) -> dict:
    with path.open("rb") as file:
        return tomllib.load(file)


def _write_carrier(organization: Organization, *, origin: dict, carrier: dict) -> None:
    place = Origin(
        organization=organization,
        municipality_id=origin.pop("municipality"),
        is_default=not Origin.objects.filter(is_default=True).exists(),
        is_demo=True,
        **origin,
    )
    place.full_clean(exclude=["organization"])
    place.save()
    account = CarrierAccount(
        organization=organization,
        provider=CarrierAccount.Provider.PRACTICE,
        name=carrier["name"],
        is_quoted=carrier["quoted"],
        is_demo=True,
    )
    account.full_clean(exclude=["organization"])
    account.save()


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
