"""What carriers collected and paid over, by carrier and week of the delivery."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import connection
from django.utils import timezone

from config.lib import spreadsheets
from shop.models import Organization

from .cash import PATIENCE

# Names of columns are words of a file format, by the language of the shop.
_HEADINGS = {
    "es": (
        "Transportadora",
        "Semana del",
        "Envíos",
        "Esperado",
        "Recaudado",
        "Comisiones",
        "Pagado",
        "Por pagar",
        "Faltante",
        "Envíos que faltan",
    ),
    "en": (
        "Carrier",
        "Week of",
        "Shipments",
        "Expected",
        "Collected",
        "Fees",
        "Paid",
        "Still to come",
        "Missing",
        "Missing shipments",
    ),
}


@dataclass(frozen=True)
class Row:
    """One carrier in one week; amounts in minor units."""

    carrier: str
    week: date | None  # Its Monday; None for a sum.
    shipments: int
    expected: int
    collected: int
    fees: int
    paid: int
    # Not in any statement: not late yet, and late.
    awaited: int
    missing: int
    missing_count: int


@dataclass(frozen=True)
class Report:
    """The weeks of some months, the newest first, and their sum."""

    rows: list[Row]
    total: Row


def report(organization: Organization, *, weeks: int, now: datetime) -> Report:
    """Give the cash of what was delivered in the last so many weeks, this one included."""
    zone = timezone.get_current_timezone()
    today = now.astimezone(zone).date()
    first = today - timedelta(days=today.weekday(), weeks=weeks - 1)
    parameters = {
        "organization": organization.pk,
        "since": datetime.combine(first, time.min, zone),
        "is_test": not organization.is_live,
        "late": now - PATIENCE,
        "zone": str(zone),
    }
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, parameters)
        rows = [Row(*row) for row in cursor.fetchall()]
    sums = [sum(values) for values in zip(*(_numbers(row) for row in rows), strict=True)]
    return Report(rows, Row("", None, *(sums or [0] * 8)))


def _numbers(row: Row) -> tuple[int, ...]:
    return (
        row.shipments,
        row.expected,
        row.collected,
        row.fees,
        row.paid,
        row.awaited,
        row.missing,
        row.missing_count,
    )


def as_csv(organization: Organization, found: Report) -> Iterator[str]:
    """Give a report as a spreadsheet; amounts are whole units with decimals where there are any."""
    return spreadsheets.csv_later(_table(organization, found), organization=organization)


def _table(organization: Organization, found: Report) -> Iterator[list]:
    yield list(_HEADINGS["es" if organization.language == "es" else "en"])
    for row in found.rows:
        count, *amounts, missing_count = _numbers(row)
        units = [_units(amount) for amount in amounts]
        yield [row.carrier, row.week.isoformat(), count, *units, missing_count]


def _units(amount: int) -> int | float:
    return amount / 100 if amount % 100 else amount // 100


# A shipment is told by its account, however the driver is called.
_ROWS = """
SELECT COALESCE(account.name, shipment.carrier_name) AS carrier,
       date_trunc('week', shipment.delivered_at AT TIME ZONE %(zone)s::text)::date AS week,
       count(*)::bigint,
       sum(shipment.cash_to_collect)::bigint,
       COALESCE(sum(line.collected), 0)::bigint,
       COALESCE(sum(line.fee), 0)::bigint,
       COALESCE(sum(line.paid), 0)::bigint,
       COALESCE(sum(shipment.cash_to_collect) FILTER (
           WHERE line.id IS NULL AND shipment.delivered_at >= %(late)s::timestamptz), 0)::bigint,
       COALESCE(sum(shipment.cash_to_collect) FILTER (
           WHERE line.id IS NULL AND shipment.delivered_at < %(late)s::timestamptz), 0)::bigint,
       count(*) FILTER (
           WHERE line.id IS NULL AND shipment.delivered_at < %(late)s::timestamptz)::bigint
FROM logistics_shipment shipment
LEFT JOIN logistics_carrieraccount account ON account.id = shipment.account_id
LEFT JOIN logistics_cashline line ON line.shipment_id = shipment.id AND line.is_counted
WHERE shipment.organization_id = %(organization)s::uuid
  AND shipment.state = 'delivered' AND shipment.cash_to_collect > 0
  AND shipment.is_test = %(is_test)s::boolean
  AND shipment.delivered_at >= %(since)s::timestamptz
GROUP BY 1, 2
ORDER BY 2 DESC, 1
"""
