"""What was sold, day by day: counted into stored numbers, which the dashboard reads.

What counts, and when. Only orders in the organization's currency count; a day begins at midnight in
the organization's time zone; test orders are counted apart.

- An order is *placed* on the day of `placed_at`, whatever became of it.
- An order is *paid* on the day of `paid_at`, when its first money came. All money received for it
  (`Order.paid`, also a balance that came later) counts as *sales* of that day, and its lines count
  for their variants. Without `paid_at` nothing counts.
- Money given back counts as *refunds* of the day it went: each `Refund` that is done, on the day
  of `done_at`; and what a gateway took back by itself (`GatewayTransaction.refunded` beyond our
  own refunds), on the day of `changed_at`. Sales of the day it was paid stay as they were. Over
  all days sales and refunds add up to `Order.paid` and `Order.refunded`, as ledger.py has them.

So an average order is sales / orders paid, and what the shop keeps is sales - refunds.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import Max, Q, Sum
from django_scopes import scope

from shop.models import Organization
from shop.organizations import Activity

from .models import DailySales, SalesState

logger = logging.getLogger(__name__)

# Transactions that began before the last count may have been committed after it.
_OVERLAP = timedelta(minutes=10)
# The nightly count looks at these days again, whatever says that they did not change.
HEALED_DAYS = 100
# How far back operators see how active a shop is.
ACTIVITY_DAYS = 30

_DAY = "({moment} AT TIME ZONE %(zone)s::text)::date"
_WITHIN = (
    "{moment} >= (%(first)s::date::timestamp AT TIME ZONE %(zone)s::text) AND "
    "{moment} < ((%(last)s::date + 1)::timestamp AT TIME ZONE %(zone)s::text)"
)


def _day(moment: str) -> str:
    return _DAY.format(moment=moment)


def _within(moment: str) -> str:
    return _WITHIN.format(moment=moment)


_OURS = "o.organization_id = %(organization)s::uuid AND o.currency = %(currency)s::text"
# Money that the ledger counts as paid; the rest never came, and cannot go.
_COUNTED = "t.problem = '' AND t.status IN ('approved', 'voided', 'refunded')"
# What the gateway gave back beyond the refunds that we asked for.
_TAKEN_BACK = """
    t.refunded - COALESCE((
        SELECT sum(r.amount) FROM orders_refund r
        WHERE r.transaction_id = t.id AND r.status = 'done'), 0)"""

_COUNT_DAYS = f"""
WITH fresh AS (
    SELECT day, is_test, method, sum(placed)::int AS placed, sum(paid)::int AS paid,
        sum(sales)::bigint AS sales, sum(refunds)::bigint AS refunds
    FROM (
        SELECT {_day("o.placed_at")} AS day, o.is_test, o.payment_method AS method,
            1 AS placed, 0 AS paid, 0::bigint AS sales, 0::bigint AS refunds
        FROM orders_order o WHERE {_OURS} AND {_within("o.placed_at")}
        UNION ALL
        SELECT {_day("o.paid_at")}, o.is_test, o.payment_method, 0, 1, o.paid, 0
        FROM orders_order o WHERE {_OURS} AND {_within("o.paid_at")}
        UNION ALL
        SELECT {_day("r.done_at")}, o.is_test, o.payment_method, 0, 0, 0, r.amount
        FROM orders_refund r JOIN orders_order o ON o.id = r.order_id
        LEFT JOIN orders_gatewaytransaction t ON t.id = r.transaction_id
        WHERE {_OURS} AND o.paid_at IS NOT NULL AND r.status = 'done' AND {_within("r.done_at")}
            AND (t.id IS NULL OR {_COUNTED})
        UNION ALL
        SELECT {_day("t.changed_at")}, o.is_test, o.payment_method, 0, 0, 0, {_TAKEN_BACK}
        FROM orders_gatewaytransaction t
        JOIN orders_paymentattempt a ON a.id = t.attempt_id
        JOIN orders_order o ON o.id = a.order_id
        WHERE {_OURS} AND o.paid_at IS NOT NULL AND t.refunded > 0 AND {_COUNTED}
            AND {_within("t.changed_at")} AND {_TAKEN_BACK} > 0
    ) AS facts
    GROUP BY day, is_test, method
), gone AS (
    DELETE FROM orders_dailysales d
    WHERE d.organization_id = %(organization)s::uuid
        AND d.day BETWEEN %(first)s::date AND %(last)s::date
        AND NOT EXISTS (SELECT 1 FROM fresh f
            WHERE (f.day, f.is_test, f.method) = (d.day, d.is_test, d.method))
)
INSERT INTO orders_dailysales AS kept
    (id, organization_id, day, is_test, method, orders_placed, orders_paid, sales, refunds)
SELECT gen_random_uuid(), %(organization)s::uuid, day, is_test, method, placed, paid, sales, refunds
FROM fresh ORDER BY day
ON CONFLICT (organization_id, is_test, day, method) DO UPDATE SET
    orders_placed = EXCLUDED.orders_placed, orders_paid = EXCLUDED.orders_paid,
    sales = EXCLUDED.sales, refunds = EXCLUDED.refunds
WHERE (kept.orders_placed, kept.orders_paid, kept.sales, kept.refunds) IS DISTINCT FROM
    (EXCLUDED.orders_placed, EXCLUDED.orders_paid, EXCLUDED.sales, EXCLUDED.refunds)
"""  # noqa: S608

_COUNT_PRODUCTS = f"""
WITH fresh AS (
    SELECT {_day("o.paid_at")} AS day, o.is_test, l.variant_id, count(*)::int AS orders,
        sum(l.quantity)::bigint AS quantity, sum(l.total)::bigint AS sales
    FROM orders_order o JOIN orders_orderline l ON l.order_id = o.id
    WHERE {_OURS} AND {_within("o.paid_at")}
    GROUP BY 1, 2, 3
), gone AS (
    DELETE FROM orders_dailyproductsales d
    WHERE d.organization_id = %(organization)s::uuid
        AND d.day BETWEEN %(first)s::date AND %(last)s::date
        AND NOT EXISTS (SELECT 1 FROM fresh f
            WHERE (f.day, f.is_test, f.variant_id) = (d.day, d.is_test, d.variant_id))
)
INSERT INTO orders_dailyproductsales AS kept
    (id, organization_id, day, is_test, variant_id, orders, quantity, sales)
SELECT gen_random_uuid(), %(organization)s::uuid, day, is_test, variant_id, orders, quantity, sales
FROM fresh ORDER BY day -- so that days lie together, as they are read
ON CONFLICT (organization_id, is_test, day, variant_id) DO UPDATE SET
    orders = EXCLUDED.orders, quantity = EXCLUDED.quantity, sales = EXCLUDED.sales
WHERE (kept.orders, kept.quantity, kept.sales) IS DISTINCT FROM
    (EXCLUDED.orders, EXCLUDED.quantity, EXCLUDED.sales)
"""  # noqa: S608

# Whatever moves money of an order writes the order as well (ledger.recount).
_TOUCHED_DAYS = f"""
WITH changed AS MATERIALIZED (
    SELECT o.id, o.placed_at, o.paid_at FROM orders_order o
    WHERE {_OURS} AND o.changed_at >= %(since)s::timestamptz
)
SELECT {_day("placed_at")} FROM changed
UNION
SELECT {_day("paid_at")} FROM changed WHERE paid_at IS NOT NULL
UNION
SELECT {_day("r.done_at")} FROM changed JOIN orders_refund r ON r.order_id = changed.id
WHERE r.done_at IS NOT NULL
UNION
SELECT {_day("t.changed_at")} FROM changed
JOIN orders_paymentattempt a ON a.order_id = changed.id
JOIN orders_gatewaytransaction t ON t.attempt_id = a.id
WHERE t.refunded > 0
"""  # noqa: S608
_FIRST_DAY = f"""
SELECT least(
    (SELECT {_day("min(o.placed_at)")} FROM orders_order o WHERE {_OURS}),
    (SELECT min(day) FROM orders_dailysales WHERE organization_id = %(organization)s::uuid))
"""  # noqa: S608


@transaction.atomic
def recompute(organization: Organization, day: date, *, until: date | None = None) -> None:
    """Count this day again (or the days until another one); doing so twice changes nothing."""
    _locked_state(organization)
    _count(organization, day, until or day)


@transaction.atomic
def refresh(organization: Organization, *, now: datetime) -> list[date]:
    """Count what changed since the last time, today and yesterday; give the days looked at."""
    state = _locked_state(organization)
    today = now.astimezone(ZoneInfo(organization.timezone)).date()
    recent = {today - timedelta(days=1), today}
    basis = f"{organization.timezone} {organization.currency}"
    if state.counted_at is None or state.basis != basis:
        days = _count_everything(organization, today)
    else:
        touched = _rows(_TOUCHED_DAYS, organization, since=state.counted_at - _OVERLAP)
        days = sorted(recent.union(day for (day,) in touched))
        for day in days:
            _count(organization, day, day)
    state.counted_at, state.basis = now, basis
    state.save(update_fields=["counted_at", "basis"])
    return days


def refresh_all(*, now: datetime) -> None:
    """Bring the numbers of every open organization up to date."""
    for organization in Organization.objects.open().order_by("pk"):
        with _one_of_many(organization):
            refresh(organization, now=now)


def heal_all(*, now: datetime) -> None:
    """Count the last months of every open organization again, whatever is known to have changed."""
    for organization in Organization.objects.open().order_by("pk"):
        today = now.astimezone(ZoneInfo(organization.timezone)).date()
        with _one_of_many(organization):
            recompute(organization, today - timedelta(days=HEALED_DAYS), until=today)


@contextmanager
def _one_of_many(organization: Organization) -> Iterator[None]:
    """Open its scope; what goes wrong with one organization keeps no other from its numbers."""
    try:
        with scope(organization=organization):
            yield
    except Exception:
        logger.exception("Sales of organization %s could not be counted", organization.pk)


def _locked_state(organization: Organization) -> SalesState:
    """Wait until nobody else counts for this organization, so that no older count comes last."""
    SalesState.objects.bulk_create([SalesState(organization=organization)], ignore_conflicts=True)
    return SalesState.objects.select_for_update(no_key=True).get(organization=organization)


def _count_everything(organization: Organization, today: date) -> list[date]:
    ((first,),) = _rows(_FIRST_DAY, organization)
    # In another time zone it may have been the day before.
    first = min(first or today, today) - timedelta(days=1)
    _count(organization, first, today)
    return [first + timedelta(days=number) for number in range((today - first).days + 1)]


def _count(organization: Organization, first: date, last: date) -> None:
    with connection.cursor() as cursor:
        for statement in (_COUNT_DAYS, _COUNT_PRODUCTS):
            cursor.execute(statement, _parameters(organization, first=first, last=last))


def _rows(statement: str, organization: Organization, **parameters) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, _parameters(organization, **parameters))
        return cursor.fetchall()


def _parameters(organization: Organization, **parameters) -> dict:
    return {
        "organization": organization.pk,
        "zone": organization.timezone,
        "currency": organization.currency,
        **parameters,
    }


def activity(*, now: datetime) -> dict:
    """Give how active each shop of the open scope is, by its key; counted with the days."""
    recent = Q(day__gt=now.date() - timedelta(days=ACTIVITY_DAYS))
    rows = (
        DailySales.objects.filter(orders_placed__gt=0)
        .values("organization_id")
        .annotate(recent=Sum("orders_placed", filter=recent), last=Max("day"))
        .order_by()
    )
    return {
        row["organization_id"]: Activity(orders=row["recent"] or 0, last_order_on=row["last"])
        for row in rows
    }
