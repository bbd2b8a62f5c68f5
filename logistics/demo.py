"""How the demo shops deliver: what it costs (demo_rates.toml), and who carries it for them.

What was sent belongs to orders; here it goes with the carrier of the demo.
"""

import io
import tomllib
from datetime import datetime
from pathlib import Path

from django.db.models import Q

from config.lib import spreadsheets
from shop.models import Organization

from . import cash
from .models import CarrierAccount, CashStatement, Origin, Pickup, Rate, RateTable, Shipment
from .models.shipments import State

FILE = Path(__file__).with_name("demo_rates.toml")
CARRIERS = Path(__file__).with_name("demo_carriers.toml")
# The carrier's statement: its file, of how many parcels it tells, what it kept in pesos, and a
# guide that no parcel has.
_FILE, _TOLD, _KEPT, _STRANGER = "Liquidación contra entrega.csv", 5, 3_000, "56800099999"


def load(organization: Organization) -> None:
    """Give a demo shop its ways to deliver; a shop that the files do not know gets none."""
    for position, table in enumerate(_written(FILE).get(organization.slug, ())):
        _write(organization, table, position)
    carriers = _written(CARRIERS).get(organization.slug)
    if carriers is not None:
        _write_carrier(organization, **carriers)


def tell_cash(organization: Organization, *, now: datetime) -> None:
    """Let a carrier say what it paid for the last parcels of the demo, nearly all of it right."""
    sent = Shipment.objects.filter(is_demo=True, state=State.DELIVERED, cash_to_collect__gt=0)
    rows = [["Guía", "Recaudo", "Comisión", "Fecha"]]
    for place, shipment in enumerate(sent.order_by("-delivered_at", "id")[:_TOLD]):
        # Of the second it kept something, and nobody knows yet why.
        amount = shipment.cash_to_collect // 100 - (_KEPT if place == 1 else 0)
        guide = shipment.tracking_number or shipment.code
        rows.append([guide, amount, amount // 40, now.date().isoformat()])
    if len(rows) == 1:
        return
    rows.append([_STRANGER, 84_900, 2_100, now.date().isoformat()])
    content = "".join(spreadsheets.csv_lines(rows)).encode()
    cash.take_in(organization, _FILE, io.BytesIO(content), account=None, now=now, actor=None)


def remove(organization: Organization) -> None:
    """Delete the ways to deliver of the demo, and what was sent by them; a merchant's own stay."""
    RateTable.objects.filter(is_demo=True).delete()
    accounts = CarrierAccount.objects.filter(is_demo=True)
    gone = Shipment.objects.filter(Q(is_demo=True) | Q(account__in=accounts))
    told = CashStatement.objects.filter(Q(lines__shipment__in=gone) | Q(account__in=accounts))
    statements = list(told.values_list("pk", flat=True))
    gone.delete()
    told = CashStatement.objects.filter(pk__in=statements)
    told.filter(account__in=accounts).update(account=None)
    # Of a merchant's own file only the guides of the demo go.
    told.exclude(lines__shipment__isnull=False).delete()
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
