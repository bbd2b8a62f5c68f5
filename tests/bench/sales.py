"""The sales page of a shop with 200,000 orders in ninety days, and how long counting them takes."""

import statistics
import time
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_scopes import scope

from orders import sales
from orders.models import DailyProductSales, SalesState
from shop import customers
from shop.models import Domain, Membership, Organization, User
from tests.bench import seed

ORDERS = 200_000
DAYS = 90
_SLUG = "bench-orders"
_HOST = f"{_SLUG}.localhost"
_PRODUCTS = 1_000
_ROUNDS = 10


def measure(record: Callable) -> None:
    """Record the page's time and queries, and the times of counting all days and one."""
    organization = ensure()
    now = timezone.now()
    with scope(organization=organization):
        # From nothing, as in a shop whose orders were imported.
        SalesState.objects.all().delete()
        DailyProductSales.objects.all().delete()
        first = _milliseconds(lambda: sales.refresh(organization, now=now))
        with connection.cursor() as cursor:
            # What PostgreSQL does by itself a minute later.
            cursor.execute("VACUUM ANALYZE orders_dailysales, orders_dailyproductsales")
        day = now.date() - timedelta(days=40)
        one_day = _median(lambda: sales.recompute(organization, day))
        touched = _median(lambda: sales.refresh(organization, now=timezone.now()))
    record(f"sales, {ORDERS} orders: all days counted", first / 1000, "s", at_most=20)
    record(f"sales, {ORDERS} orders: one day counted", one_day, "ms", at_most=150)
    record(f"sales, {ORDERS} orders: the count every two minutes", touched, "ms", at_most=300)
    for days in (7, 30, 90):
        _measure_page(record, organization, f"/admin/orders/dailysales/?days={days}", days)


def _measure_page(record: Callable, organization: Organization, address: str, days: int) -> None:
    owner, _created = User.objects.get_or_create(email="bench@example.com")
    with scope(organization=organization):
        Membership.objects.get_or_create(organization=organization, user=owner, role="owner")
    client = Client(headers={"host": _HOST})
    client.force_login(owner, backend=settings.AUTHENTICATION_BACKENDS[-1])
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(address)
    assert answer.status_code == 200, address
    assert answer.content.count(b"sales-bar") == days, "The page draws too little."
    record(f"queries of the sales page, {days} days", len(captured), "", at_most=20)
    taken = _median(lambda: client.get(address))
    record(f"sales page, {days} days, {ORDERS} orders, median", taken, "ms", at_most=300)


def _median(work: Callable) -> float:
    return statistics.median(_milliseconds(work) for _ in range(_ROUNDS))


def _milliseconds(work: Callable) -> float:
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000


@transaction.atomic
def ensure() -> Organization:
    """Give the shop of so many orders, made whole when it is missing."""
    organization = Organization.objects.filter(slug=_SLUG).first()
    if organization is not None:
        return organization
    organization = Organization.objects.create(name="Tienda de pedidos", slug=_SLUG)
    Domain.objects.create(
        organization=organization, host=_HOST, is_primary=True, verified_at=timezone.now()
    )
    with scope(organization=organization):
        seed.fill(organization, _PRODUCTS)
        customer = customers.create(organization, name="Ana Gómez")
    add_orders(organization, [customer.pk])
    return organization


def add_orders(organization: Organization, customer_keys: list) -> None:
    """Write the orders of a shop that has products, spread over these customers."""
    parameters = {
        "organization": organization.pk,
        "customers": customer_keys,
        "now": timezone.now(),
        "orders": ORDERS,
        "days": DAYS,
    }
    with connection.cursor() as cursor:
        for statement in (_ORDERS, _LINES, _REFUNDS):
            cursor.execute(statement, parameters)
            # At once: the next statement joins what this one wrote.
            cursor.execute("ANALYZE orders_order, orders_orderline, orders_refund")


# One order in six is never paid; the rest are paid within an hour, by three ways.
_ORDERS = """
INSERT INTO orders_order (
    id, organization_id, number, status, payment, concern, source, is_test, language,
    external_reference, customer_id, name, email, phone, document_type, document_number, search,
    notes, delivery, delivery_code, delivery_label, is_pickup, currency, subtotal, discount,
    shipping, cash_fee, tax, total, due_first, paid, refunded, voucher_code, payment_method,
    percent_off, terms_version, terms_accepted_at, placed_at, paid_at, cancel_reason, changed_at)
SELECT gen_random_uuid(), %(organization)s::uuid, number,
    CASE WHEN is_paid THEN 'delivered' ELSE 'cancelled' END,
    CASE WHEN is_paid THEN 'paid' ELSE 'unpaid' END, '', 'web', true, 'es',
    '', customer_id, 'Ana Gómez', number || '@example.com', '', '', '',
    'ana gomez ' || number, '', '{}', '', '', false, 'COP', price, 0, 0, 0, 0, price, price,
    CASE WHEN is_paid THEN price ELSE 0 END, 0, '',
    (ARRAY['wompi', 'cash', 'transfer'])[1 + number %% 3],
    0, '1', placed_at, placed_at, CASE WHEN is_paid THEN placed_at + interval '40 minutes' END,
    CASE WHEN is_paid THEN '' ELSE 'expired' END, placed_at
FROM (
    SELECT number, number %% 6 <> 0 AS is_paid, 2000000 + 100000 * (number %% 97) AS price,
        %(now)s::timestamptz - make_interval(
            secs => (%(orders)s::int - number) * 86400.0 * %(days)s::int / %(orders)s::int
        ) AS placed_at,
        customers[1 + number %% cardinality(customers)] AS customer_id
    FROM generate_series(1, %(orders)s::int) AS number,
        (SELECT %(customers)s::uuid[] AS customers) AS known
) AS made
ORDER BY number
"""
# Two lines an order, half of its money each.
_LINES = """
WITH shelf AS MATERIALIZED (
    SELECT id, row_number() OVER (ORDER BY id) - 1 AS place, count(*) OVER () AS size
    FROM shop_variant WHERE organization_id = %(organization)s::uuid
)
INSERT INTO orders_orderline (
    id, order_id, variant_id, position, sku, name, label, unit_price, quantity, discount, total,
    tax_category, tax, no_withdrawal_reason, is_offer, parts)
SELECT gen_random_uuid(), o.id, shelf.id, part, 'SKU-' || o.number, 'Aceite', '', o.total / 2, 1,
    0, o.total / 2, 'iva19', 0, '', false, '[]'
FROM orders_order o
CROSS JOIN generate_series(0, 1) AS part
CROSS JOIN (SELECT max(size) AS of FROM shelf) AS size
JOIN shelf ON shelf.place = (o.number * 7 + part * 311) %% size.of
WHERE o.organization_id = %(organization)s::uuid
"""
_REFUNDS = """
INSERT INTO orders_refund (
    id, order_id, amount, method, status, reason, note, due_on, gateway_id, proof, error,
    requested_at, asked, done_at)
SELECT gen_random_uuid(), id, total / 2, 'manual_transfer', 'done', 'other', '',
    paid_at::date + 15, '', '', '', paid_at, 0, least(paid_at + interval '2 days', now())
FROM orders_order
WHERE organization_id = %(organization)s::uuid AND paid_at IS NOT NULL AND number %% 29 = 0
"""
