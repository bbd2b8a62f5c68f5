from datetime import UTC, date, datetime, timedelta
from threading import Thread
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Sum
from django.utils import timezone
from django_scopes import scope

from orders import ledger, sales, sales_tasks
from orders.models import (
    DailyProductSales,
    DailySales,
    GatewayTransaction,
    Order,
    PaymentAttempt,
    Refund,
    SalesState,
)
from shop.models import Organization
from tests import make

DAY = date(2026, 3, 10)
# Half past ten in the morning in Bogotá.
MORNING = datetime(2026, 3, 10, 15, 30, tzinfo=UTC)


@pytest.fixture
def organization(organization):
    organization.is_live = True
    organization.save(update_fields=["is_live"])
    return organization


def kept(**wanted) -> dict:
    """Give the stored numbers by day and method: placed, paid, sales, refunds."""
    rows = DailySales.objects.filter(**{"is_test": False, **wanted})
    return {
        (row.day, row.method): (row.orders_placed, row.orders_paid, row.sales, row.refunds)
        for row in rows
    }


def refund(order, amount, *, at, status=Refund.Status.DONE, **fields) -> Refund:
    return Refund.objects.create(
        order=order,
        amount=amount,
        status=status,
        reason=Refund.Reason.OTHER,
        due_on=at.date(),
        requested_at=at,
        done_at=at if status == Refund.Status.DONE else None,
        **{"method": Refund.Method.MANUAL, **fields},
    )


def transaction_of(order, *, amount, refunded=0, at, **fields) -> GatewayTransaction:
    account = order.account or make.payment_account("wompi")
    attempt = PaymentAttempt.objects.create(
        order=order,
        account=account,
        reference=uuid4().hex,
        amount=amount,
        currency="COP",
        created_at=at,
    )
    return GatewayTransaction.objects.create(
        account=account,
        attempt=attempt,
        gateway_id=uuid4().hex,
        status=fields.pop("status", GatewayTransaction.Status.APPROVED),
        amount=amount,
        refunded=refunded,
        currency="COP",
        seen_at=at,
        changed_at=at,
        **fields,
    )


# --- What counts ------------------------------------------------------------------------------


def test_only_paid_money_counts_on_the_day_it_was_paid(organization):
    wompi = make.payment_account("wompi")
    make.order(paid=5_000_00, account=wompi, placed_at=MORNING)
    make.order(paid=7_000_00, account=wompi, placed_at=MORNING)
    make.order(account=wompi, placed_at=MORNING)
    late = MORNING - timedelta(days=2)
    make.order(paid=900_00, account=wompi, placed_at=late, paid_at=MORNING)

    sales.recompute(organization, DAY - timedelta(days=3), until=DAY)

    assert kept() == {
        (DAY, "wompi"): (3, 3, 12_900_00, 0),
        (DAY - timedelta(days=2), "wompi"): (1, 0, 0, 0),
    }


def test_a_day_begins_at_midnight_where_the_shop_is(organization):
    before_midnight = datetime(2026, 3, 11, 4, 59, 59, tzinfo=UTC)
    make.order(paid=100_00, placed_at=before_midnight)
    make.order(paid=200_00, placed_at=before_midnight + timedelta(seconds=1))

    sales.recompute(organization, DAY)
    sales.recompute(organization, DAY + timedelta(days=1))

    assert kept() == {
        (DAY, ""): (1, 1, 100_00, 0),
        (DAY + timedelta(days=1), ""): (1, 1, 200_00, 0),
    }


def test_money_returned_counts_on_the_day_it_went_and_only_when_it_did(organization):
    order = make.order(paid=9_000_00, placed_at=MORNING)
    never_paid = make.order(placed_at=MORNING)
    next_day = MORNING + timedelta(days=1)
    refund(order, 1_000_00, at=next_day)
    refund(order, 500_00, at=next_day, status=Refund.Status.REQUESTED)
    refund(never_paid, 700_00, at=next_day)

    sales.recompute(organization, DAY, until=DAY + timedelta(days=1))

    assert kept() == {
        (DAY, ""): (2, 1, 9_000_00, 0),
        (DAY + timedelta(days=1), ""): (0, 0, 0, 1_000_00),
    }


def test_money_that_a_gateway_took_back_counts_once_and_as_in_the_ledger(organization):
    half = make.order(placed_at=MORNING)
    taken = transaction_of(half, amount=9_000_00, refunded=3_000_00, at=MORNING)
    refund(half, 1_000_00, at=MORNING, method=Refund.Method.GATEWAY, transaction=taken)
    voided = make.order(placed_at=MORNING)
    transaction_of(voided, amount=2_000_00, refunded=2_000_00, at=MORNING, status="voided")
    wrong = make.order(placed_at=MORNING)
    transaction_of(wrong, amount=4_000_00, at=MORNING)
    odd = transaction_of(wrong, amount=1_00, refunded=1_00, at=MORNING, problem="amount")
    refund(wrong, 1_00, at=MORNING, method=Refund.Method.GATEWAY, transaction=odd)
    by_hand = make.order(placed_at=MORNING)
    transaction_of(by_hand, amount=5_000_00, at=MORNING)
    refund(by_hand, 500_00, at=MORNING)
    for order in (half, voided, wrong, by_hand):
        ledger.recount(order, now=MORNING)

    sales.recompute(organization, DAY)

    assert kept() == {(DAY, ""): (4, 4, 20_000_00, 5_500_00)}
    books = Order.objects.aggregate(Sum("paid"), Sum("refunded"))
    assert list(books.values()) == [20_000_00, 5_500_00]


def test_a_refund_we_hear_of_twice_moves_to_the_day_we_did_it(organization):
    now = timezone.now()
    told_at, done_at = now - timedelta(days=9), now - timedelta(days=5)
    order = make.order(placed_at=now - timedelta(days=20))
    taken = transaction_of(order, amount=9_000_00, refunded=1_000_00, at=told_at)
    ledger.recount(order, now=now - timedelta(days=20))
    sales.refresh(organization, now=now)
    before = {day: row[3] for (day, _method), row in kept().items() if row[3]}
    refund(order, 1_000_00, at=done_at, method=Refund.Method.GATEWAY, transaction=taken)
    ledger.recount(order, now=now)

    sales.refresh(organization, now=now + timedelta(minutes=2))

    assert before == {timezone.localdate(told_at, timezone=_zone()): 1_000_00}
    after = {day: row[3] for (day, _method), row in kept().items() if row[3]}
    assert after == {timezone.localdate(done_at, timezone=_zone()): 1_000_00}


def test_practice_orders_and_other_currencies_are_kept_apart(organization):
    make.order(paid=100_00, placed_at=MORNING, is_test=True)
    make.order(paid=200_00, placed_at=MORNING)
    Order.objects.filter(pk=make.order(paid=300_00, placed_at=MORNING).pk).update(currency="USD")

    sales.recompute(organization, DAY)

    assert kept() == {(DAY, ""): (1, 1, 200_00, 0)}
    assert kept(is_test=True) == {(DAY, ""): (1, 1, 100_00, 0)}


def test_products_count_the_lines_of_paid_orders(organization):
    oil, soap = make.variant(price=10_00), make.variant(price=7_00)
    make.order(lines=[(oil, 3), soap], paid=True, placed_at=MORNING)
    make.order(lines=[(oil, 2)], paid=True, placed_at=MORNING, discount=5_00)
    make.order(lines=[(soap, 9)], placed_at=MORNING)

    sales.recompute(organization, DAY)

    rows = DailyProductSales.objects.values_list("variant_id", "orders", "quantity", "sales")
    assert set(rows) == {(oil.pk, 2, 5, 45_00), (soap.pk, 1, 1, 7_00)}


def test_another_shops_orders_stay_theirs(organization):
    make.order(paid=100_00, placed_at=MORNING)
    other = make.organization(is_live=True)
    with scope(organization=other):
        make.order(paid=900_00, placed_at=MORNING)
        sales.recompute(other, DAY)

    sales.recompute(organization, DAY)

    assert kept() == {(DAY, ""): (1, 1, 100_00, 0)}
    with scope(organization=other):
        assert kept() == {(DAY, ""): (1, 1, 900_00, 0)}


def test_the_stored_numbers_are_those_of_plain_sql(organization):
    make_many_orders()

    sales.refresh(organization, now=timezone.now())

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), sum(paid) FROM orders_order "
            "WHERE organization_id = %s::uuid AND paid_at IS NOT NULL",
            [organization.pk],
        )
        number, money = cursor.fetchone()
        cursor.execute(
            "SELECT date(paid_at AT TIME ZONE 'America/Bogota'), payment_method, sum(paid) "
            "FROM orders_order WHERE organization_id = %s::uuid AND paid_at IS NOT NULL "
            "GROUP BY 1, 2",
            [organization.pk],
        )
        by_day = {(day, method): money for day, method, money in cursor.fetchall()}
        cursor.execute(
            "SELECT sum(refunded) FROM orders_order WHERE organization_id = %s::uuid",
            [organization.pk],
        )
        (refunded,) = cursor.fetchone()
    rows = kept()
    assert sum(row[1] for row in rows.values()) == number
    assert sum(row[2] for row in rows.values()) == money
    assert {key: row[2] for key, row in rows.items() if row[1]} == by_day
    assert sum(row[0] for row in rows.values()) == Order.objects.count()
    assert sum(row[3] for row in rows.values()) == refunded


def make_many_orders() -> None:
    """Make forty orders over some days, paid by several ways, some late, some returned."""
    accounts = [make.payment_account(kind) for kind in ("wompi", "cash", "transfer")]
    goods = [make.variant(price=(number + 1) * 1_000_00) for number in range(4)]
    customer = make.customer()
    for number in range(40):
        placed_at = MORNING + timedelta(hours=7 * number)
        order = make.order(
            lines=[(goods[number % 4], 1 + number % 3)],
            customer=customer,
            account=accounts[number % 3],
            placed_at=placed_at,
            paid=number % 5 != 0,
            **({"paid_at": placed_at + timedelta(hours=number)} if number % 5 else {}),
        )
        if number % 7 == 1 and order.paid:
            refund(order, 500_00, at=order.paid_at + timedelta(days=1))
            Order.objects.filter(pk=order.pk).update(refunded=500_00)


# --- Counting again ---------------------------------------------------------------------------


def test_counting_twice_changes_nothing_and_what_is_gone_leaves_no_row(organization):
    oil = make.variant()
    order = make.order(lines=[oil], paid=True, placed_at=MORNING)
    sales.recompute(organization, DAY)
    first = list(DailySales.objects.values_list("pk", "sales"))

    sales.recompute(organization, DAY)
    again = list(DailySales.objects.values_list("pk", "sales"))
    Order.objects.filter(pk=order.pk).update(
        placed_at=MORNING + timedelta(days=5), paid_at=MORNING + timedelta(days=5)
    )
    sales.recompute(organization, DAY)

    assert again == first != []
    assert not DailySales.objects.exists()
    assert not DailyProductSales.objects.exists()


def test_the_first_count_reaches_back_to_the_first_order(organization):
    make.order(paid=100_00, placed_at=MORNING - timedelta(days=300))

    sales.refresh(organization, now=MORNING)

    assert kept() == {(DAY - timedelta(days=300), ""): (1, 1, 100_00, 0)}
    assert SalesState.objects.get().counted_at == MORNING


def test_later_counts_look_only_at_days_that_were_touched(organization):
    now = timezone.now()
    long_ago = now - timedelta(days=40)
    old = make.order(paid=100_00, placed_at=long_ago)
    untouched = make.order(paid=50_00, placed_at=now - timedelta(days=60))
    sales.refresh(organization, now=now)
    Order.objects.filter(pk=untouched.pk).update(changed_at=now - timedelta(days=1))
    old.paid = 150_00
    old.save(update_fields=["paid", "changed_at"])

    days = sales.refresh(organization, now=now + timedelta(minutes=2))

    today = timezone.localdate(now, timezone=_zone())
    old_day = timezone.localdate(long_ago, timezone=_zone())
    assert days == [old_day, today - timedelta(days=1), today]
    assert kept()[old_day, ""] == (1, 1, 150_00, 0)


def test_a_refund_of_an_old_order_is_seen_by_the_next_count(organization):
    now = timezone.now()
    order = make.order(paid=100_00, placed_at=now - timedelta(days=40))
    sales.refresh(organization, now=now)
    Order.objects.update(changed_at=now - timedelta(days=30))
    refund(order, 40_00, at=now)

    sales.refresh(organization, now=now + timedelta(minutes=2))

    assert sum(row[3] for row in kept().values()) == 40_00


def test_another_time_zone_counts_all_again(organization):
    make.order(paid=100_00, placed_at=datetime(2026, 3, 10, 3, tzinfo=UTC))
    sales.refresh(organization, now=MORNING)
    before = kept()
    organization.timezone = "Europe/Madrid"
    organization.save(update_fields=["timezone"])

    sales.refresh(organization, now=MORNING)

    assert list(before) == [(DAY - timedelta(days=1), "")]
    assert list(kept()) == [(DAY, "")]


def test_the_night_heals_what_changed_without_saying_so(organization):
    now = timezone.now()
    order = make.order(paid=100_00, placed_at=now - timedelta(days=40))
    sales.refresh(organization, now=now)
    Order.objects.filter(pk=order.pk).update(paid=70_00, changed_at=now - timedelta(days=30))
    sales.refresh(organization, now=now)
    assert sum(row[2] for row in kept().values()) == 100_00

    sales.heal_all(now=now)

    assert sum(row[2] for row in kept().values()) == 70_00


def test_one_broken_shop_keeps_no_other_from_its_numbers(organization, caplog):
    broken = make.organization(timezone="America/Bogota")
    Organization.objects.filter(pk=broken.pk).update(timezone="Nowhere/Never")
    third = make.organization()

    sales.refresh_all(now=MORNING)

    assert "could not be counted" in caplog.text
    counted = set()
    for shop in (organization, broken, third):
        with scope(organization=shop):
            counted |= set(
                SalesState.objects.filter(counted_at=MORNING).values_list("pk", flat=True)
            )
    assert counted == {organization.pk, third.pk}


def test_the_clock_finds_every_task_and_counts(organization):
    planned = {row["task"] for row in settings.CELERY_BEAT_SCHEDULE.values()}
    make.order(paid=100_00)

    sales_tasks.refresh_sales()
    sales_tasks.heal_sales()

    assert {sales_tasks.refresh_sales.name, sales_tasks.heal_sales.name} <= planned
    assert sum(row[2] for row in kept().values()) == 100_00


def _zone():
    return timezone.zoneinfo.ZoneInfo("America/Bogota")


@pytest.mark.django_db(transaction=True)
def test_two_counts_at_once_end_with_the_newer_truth():
    organization = make.organization(is_live=True)
    with scope(organization=organization):
        make.order(paid=100_00, placed_at=MORNING)
        SalesState.objects.create(organization=organization)

    def count():
        with scope(organization=organization):
            sales.recompute(organization, DAY)
        connection.close()

    second = Thread(target=count)
    with scope(organization=organization), transaction.atomic():
        sales.recompute(organization, DAY)
        second.start()
        wait_until_somebody_waits()
        make.order(paid=200_00, placed_at=MORNING)
    second.join(timeout=20)

    with scope(organization=organization):
        assert kept() == {(DAY, ""): (2, 2, 300_00, 0)}


def wait_until_somebody_waits() -> None:
    """Return once another connection waits for a lock (or ten seconds are over)."""
    deadline = timezone.now() + timedelta(seconds=10)
    with connection.cursor() as cursor:
        while timezone.now() < deadline:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE NOT granted "
                "AND locktype IN ('transactionid', 'tuple')"
            )
            if cursor.fetchone()[0]:
                return
