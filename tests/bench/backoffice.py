"""The back-office of a large shop: 100,000 products and customers, 200,000 orders, full books."""

import statistics
import time
from collections.abc import Callable

from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_scopes import scope

from config import settling
from orders import sales as counting
from orders.models import Order
from shop.models import Customer, Membership, Organization, User
from tests.bench import sales, seed

PRODUCTS = max(seed.SIZES)
CUSTOMERS = 100_000
ENTRIES = 100_000
_ROUNDS = 100
# What people look at all day, as it opens and as it is searched.
LISTS = {
    "shop/product/": "list of products",
    "shop/product/?q=lavanda+organico": "list of products, searched",
    "shop/product/?stock=none&is_active__exact=1": "list of products, filtered",
    "shop/variant/": "list of variants and prices",
    "shop/variant/?q=lavanda": "list of variants, searched",
    "shop/customer/": "list of customers",
    "shop/customer/?q=ana+gomez": "list of customers, searched by name",
    "shop/customer/?q=300+009+9999": "list of customers, searched by phone",
    "shop/customer/?q=%40example.com": "list of customers, searched by what all have",
    "orders/order/": "list of orders",
    "orders/order/?queue=prepare": "list of orders, work",
    "orders/order/?q=ana+gomez": "list of orders, searched",
    "orders/order/tablero/": "board of orders",
    "shop/stocklevel/": "list of stock",
    "shop/stocklevel/?q=lavanda": "list of stock, searched",
    "shop/stocklevel/?stock=low": "list of stock, filtered",
    "shop/stockmovement/": "list of movements",
    "shop/auditentry/": "list of the audit",
    "shop/auditentry/?q=aceite+99999": "list of the audit, searched",
}


def measure(record: Callable) -> None:
    """Record the queries and the time of the first page, for who sees everything."""
    organization = ensure()
    client = client_of(organization)
    # As the server that would answer (config/wsgi.py).
    settling.settle()
    measure_page(record, client, "/admin/", "back-office home", at_most=200)
    for address, name in LISTS.items():
        measure_page(record, client, f"/admin/{address}", name, at_most=300)


def measure_page(
    record: Callable, client: Client, address: str, name: str, *, at_most: int
) -> None:
    """Record how many queries a page asks and how long it takes at the 99th of a hundred."""
    assert client.get(address).status_code == 200, address
    with CaptureQueriesContext(connection) as captured:
        client.get(address)
    record(f"queries of the {name}", len(captured), "", at_most=20)
    times = []
    # Of fewer, the 99th of a hundred would be a guess beyond the slowest.
    for _ in range(_ROUNDS):
        begun = time.perf_counter()
        client.get(address)
        times.append((time.perf_counter() - begun) * 1000)
    p99 = statistics.quantiles(times, n=100)[-1]
    record(f"{name}, {PRODUCTS} products, {sales.ORDERS} orders, p99", p99, "ms", at_most=at_most)


def client_of(organization: Organization, role: str = "owner") -> Client:
    """Give a browser signed in as somebody with this role."""
    person, _created = User.objects.get_or_create(email=f"bench-{role}@example.com")
    with scope(organization=organization):
        Membership.objects.get_or_create(organization=organization, user=person, role=role)
    client = Client(headers={"host": seed.host(PRODUCTS)})
    client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[-1])
    return client


def ensure() -> Organization:
    """Give the largest shop with orders, customers and books, each written when it is missing."""
    organization = seed.ensure(PRODUCTS)
    with scope(organization=organization):
        if not Order.objects.exists():
            _fill(organization)
            counting.refresh(organization, now=timezone.now())
            seed.vacuum()
    return organization


@transaction.atomic
def _fill(organization: Organization) -> None:
    parameters = {
        "organization": organization.pk,
        "customers": CUSTOMERS,
        "entries": ENTRIES,
        "now": timezone.now(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_CUSTOMERS, parameters)
        keys = list(Customer.objects.order_by("pk").values_list("pk", flat=True))
        sales.add_orders(organization, keys)
        for statement in (_WAITING, _EVENTS, _MOVEMENTS, _ENTRIES):
            cursor.execute(statement, parameters)


_CUSTOMERS = """
INSERT INTO shop_customer (
    id, organization_id, reference, name, email, phone, document_type, document_number, status,
    tags, source, notes, order_count, created_at)
SELECT gen_random_uuid(), %(organization)s::uuid, 'BENCH-C-26-' || lpad(number::text, 6, '0'),
    (ARRAY['Ana', 'Luis', 'María', 'Jorge', 'Sofía', 'Camilo', 'Paula', 'Andrés'])[1 + number %% 8]
        || ' ' || (ARRAY['Gómez', 'Rodríguez', 'Muñoz', 'Peña', 'Castaño', 'Ávila', 'Rojas']
        )[1 + number / 8 %% 7] || ' ' || number,
    'cliente-' || number || '@example.com', '+57300' || lpad(number::text, 7, '0'), 'CC',
    (1000000000 + number)::text, 'active', '[]', 'web', '', 2,
    %(now)s::timestamptz - make_interval(mins => number)
FROM generate_series(1, %(customers)s::int) AS number
"""
# The newest orders are still at work: to be paid, to prepare, ready to leave, on their way.
_WAITING = """
UPDATE orders_order SET
    status = (ARRAY['confirmed', 'processing', 'ready_to_ship', 'shipped', 'delivered', 'pending']
        )[1 + number %% 6],
    cancel_reason = ''
WHERE organization_id = %(organization)s::uuid AND number > 199000
"""
_EVENTS = """
INSERT INTO orders_orderevent (
    id, order_id, kind, before, after, data, note, is_public, actor_label, mail, mail_error, at)
SELECT gen_random_uuid(), id, kind, '', '', '{}', '', true, 'buyer', 'sent', '', placed_at
FROM orders_order, unnest(ARRAY['placed', 'confirmed']) AS kind
WHERE organization_id = %(organization)s::uuid
ORDER BY placed_at
"""
_MOVEMENTS = """
INSERT INTO shop_stockmovement (id, variant_id, quantity, reason, reference, at)
SELECT gen_random_uuid(), level.variant_id, level.on_hand, 'opening', 'bench', %(now)s::timestamptz
FROM shop_stocklevel AS level JOIN shop_variant AS variant ON variant.id = level.variant_id
WHERE variant.organization_id = %(organization)s::uuid AND level.on_hand > 0
"""
_ENTRIES = """
INSERT INTO shop_auditentry (
    id, organization_id, actor_label, action, model, row_id, row_label, changes, source, at)
SELECT gen_random_uuid(), %(organization)s::uuid, 'Ana Gómez', 'changed', 'product',
    number::text, 'Aceite ' || number, '{"name": ["Uno", "Dos"]}', 'admin',
    %(now)s::timestamptz - make_interval(mins => number)
FROM generate_series(1, %(entries)s::int) AS number
"""
