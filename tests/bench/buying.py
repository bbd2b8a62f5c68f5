"""Placing orders, beside a bare SQL transaction that does the same reads and writes."""

import multiprocessing
import random
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

import psycopg
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_scopes import scope

from config.lib.fields import uuid7
from logistics.models import Rate, RateTable
from logistics.table_quotes import _QUOTES
from orders import checkout
from orders.contents import _CONTENTS
from orders.models import Cart, CartLine, PaymentAccount
from shop import pages
from shop.models import Municipality, Organization, StockLevel, Variant

LINES = 3
CLIENTS = 8
EACH = 60


def prepare(organization: Organization) -> None:
    """Let the shop deliver, be paid and have plenty of everything."""
    with scope(organization=organization):
        if not PaymentAccount.objects.exists():
            PaymentAccount.objects.create(
                organization=organization, provider="practice", name="Práctica"
            )
            table = RateTable.objects.create(organization=organization, name="Envío nacional")
            Rate.objects.create(table=table, price=1_000_000, days_min=2, days_max=4)
        StockLevel.objects.update(on_hand=1_000_000_000, reserved=0)


def carts(organization: Organization, count: int, variants: list[Variant]) -> list[UUID]:
    """Make so many carts of three lines each."""
    chance = random.Random(count)
    made = [Cart(organization=organization) for _cart in range(count)]
    Cart.objects.bulk_create(made, batch_size=1_000)
    CartLine.objects.bulk_create(
        (
            CartLine(cart=cart, variant=variant, quantity=1, seen_price=variant.price)
            for cart in made
            for variant in chance.sample(variants, min(LINES, len(variants)))
        ),
        batch_size=1_000,
    )
    return [cart.pk for cart in made]


def wish(organization: Organization, number: int) -> checkout.Wish:
    """Give what a new buyer decides."""
    account = PaymentAccount.objects.select_related("organization").first()
    table = RateTable.objects.first()
    return checkout.Wish(
        contact=checkout.Contact(
            name="Ana Gómez",
            email=f"ana-{uuid7().hex}@example.com",
            phone=f"+5730{number % 10**8:08d}",
            document_type="CC",
            document_number="1020304050",
        ),
        municipality=Municipality.objects.select_related("department").get(code="11001"),
        address={"line": "Carrera 7 # 71-21", "neighbourhood": "Chapinero"},
        delivery_code=f"rate-{table.pk.hex}",
        account=account,
        terms_version=pages.VERSIONS[pages.TERMS],
    )


# --- The two ways to place ------------------------------------------------------------------------


@contextmanager
def ours(organization: Organization, cart_ids: list[UUID]) -> Iterator[list[Callable]]:
    """Give the placing of each cart by our operation."""
    with scope(organization=organization):
        first = time.time_ns()
        wishes = [wish(organization, first + number) for number in range(len(cart_ids))]
        yield [
            lambda cart_id=cart_id, wanted=wanted: checkout.place(
                organization, cart_id, wanted, now=timezone.now()
            )
            for cart_id, wanted in zip(cart_ids, wishes, strict=True)
        ]


@contextmanager
def bare(organization: Organization, cart_ids: list[UUID]) -> Iterator[list[Callable]]:
    """Give the same reads and writes for each cart, written by hand."""
    with scope(organization=organization):
        account = PaymentAccount.objects.first()
    parameters = connection.get_connection_params()
    for option in ("cursor_factory", "context", "server_side_binding"):
        parameters.pop(option, None)
    with psycopg.connect(**parameters, autocommit=True) as database:
        yield [
            lambda cart_id=cart_id: _place_bare(database, organization, account, cart_id)
            for cart_id in cart_ids
        ]


def _place_bare(database, organization, account, cart_id) -> None:
    now, order, customer = timezone.now(), uuid7(), uuid7()
    email, here = f"ana-{order.hex}@example.com", organization.pk
    with database.transaction(), database.cursor() as cursor:
        cursor.execute(
            "UPDATE orders_cart SET ordered_at = %s WHERE id = %s AND ordered_at IS NULL"
            " RETURNING voucher_code",
            [now, cart_id],
        )
        cursor.execute(_CONTENTS, {"cart": cart_id, "organization": here, "now": now})
        items = cursor.fetchall()
        total = sum(item[3] * item[9] for item in items)
        cursor.execute(
            _QUOTES,
            {
                **{"organization": here, "municipality": "11001", "department": "11"},
                **{"grams": 750, "value": total},
            },
        )
        quote = cursor.fetchall()[0]
        cursor.execute(
            "SELECT id, status FROM shop_customer WHERE organization_id = %(here)s AND email ="
            " %(email)s UNION SELECT id, status FROM shop_customer WHERE organization_id ="
            " %(here)s AND phone = %(phone)s",
            {"here": here, "email": email, "phone": str(order.int)[:15]},
        )
        _insert(cursor, "orders_orderline", [_line(order, item) for item in items])
        _insert(cursor, "orders_orderevent", [_event(order, now)])
        _insert(cursor, "shop_consent", [_consent(customer, kind, now) for kind in "tp"])
        keys = sorted(item[1] for item in items)
        cursor.execute(
            "SELECT variant_id, on_hand - reserved FROM shop_stocklevel WHERE variant_id = ANY(%s)"
            " ORDER BY variant_id FOR NO KEY UPDATE",
            [keys],
        )
        cursor.execute(
            "UPDATE shop_stocklevel SET reserved = reserved + 1 WHERE variant_id = ANY(%s)", [keys]
        )
        _insert(cursor, "shop_stockreservation", [_promise(order, key, now) for key in keys])
        cursor.execute(
            "INSERT INTO shop_sequence (id, organization_id, name, value) SELECT id, %s, name, 1"
            " FROM unnest(%s::uuid[], %s::text[]) AS wanted (id, name)"
            " ON CONFLICT (organization_id, name) DO UPDATE SET value = shop_sequence.value + 1"
            " RETURNING name, value",
            [here, [uuid7(), uuid7()], ["customer-bare", "order"]],
        )
        numbers = dict(cursor.fetchall())
        _insert(cursor, "shop_customer", [_customer(here, customer, email, numbers, now)])
        _insert(
            cursor,
            "shop_customeridentity",
            [
                {
                    **{"id": uuid7(), "customer_id": customer, "organization_id": here},
                    **{"kind": kind, "account": "", "value": email},
                }
                for kind in ("email", "phone")
            ],
        )
        row = _order(organization, account, cart_id, quote, total, now)
        number = checkout.FIRST_NUMBER + numbers["order"]
        row |= {"id": order, "customer_id": customer, "email": email, "number": number}
        _insert(cursor, "orders_order", [row])


def _insert(cursor, table: str, rows: list[dict]) -> None:
    names = ", ".join(rows[0])
    places = ", ".join("(" + ", ".join(["%s"] * len(row)) + ")" for row in rows)
    values = [value for row in rows for value in row.values()]
    cursor.execute(f"INSERT INTO {table} ({names}) VALUES {places}", values)


def _line(order, item) -> dict:
    return {
        **{"id": uuid7(), "order_id": order, "variant_id": item[1], "position": 0},
        **{"sku": item[5], "name": item[6], "label": item[7], "unit_price": item[9]},
        **{"quantity": item[3], "discount": 0, "total": item[9] * item[3]},
        **{"tax_category": item[11], "tax": 0, "no_withdrawal_reason": "", "is_offer": False},
    }


def _event(order, now) -> dict:
    return {
        **{"id": uuid7(), "order_id": order, "kind": "placed", "before": "", "after": "pending"},
        **{"data": "{}", "note": "", "is_public": True, "actor_label": "buyer"},
        **{"mail": "queued", "mail_error": "", "at": now},
    }


def _consent(customer, kind, now) -> dict:
    return {
        **{"id": uuid7(), "customer_id": customer, "purpose": kind, "version": "2026-11"},
        **{"granted_at": now, "source": "web"},
    }


def _promise(order, key, now) -> dict:
    return {
        **{"id": uuid7(), "holder": order, "variant_id": key, "quantity": 1},
        **{"status": "active", "expires_at": now, "created_at": now},
    }


def _customer(here, customer, email, numbers, now) -> dict:
    return {
        **{"id": customer, "organization_id": here, "name": "Ana Gómez", "email": email},
        **{"reference": f"B-{numbers['customer-bare']}", "phone": "+573001234567"},
        **{"document_type": "CC", "document_number": "1020304050", "status": "active"},
        **{"tags": "[]", "source": "web", "notes": "", "order_count": 0, "created_at": now},
    }


_ADDRESS = (
    '{"line": "Carrera 7 # 71-21", "neighbourhood": "Chapinero", "municipality": "Bogotá, D.C.",'
    ' "municipality_code": "11001", "department": "Bogotá, D.C.", "department_code": "11"}'
)


def _order(organization, account, cart_id, quote, total, now) -> dict:
    return {
        **{"organization_id": organization.pk, "cart_id": cart_id, "account_id": account.pk},
        **{"status": "pending", "payment": "unpaid", "concern": "", "source": "web"},
        **{"is_test": True, "language": "es", "external_reference": "", "name": "Ana Gómez"},
        **{"phone": "+573001234567", "document_type": "CC", "document_number": "1020304050"},
        **{"search": "1001 ana gomez +573001234567 1020304050", "notes": ""},
        **{"delivery": _ADDRESS, "delivery_code": quote[0], "delivery_label": quote[1]},
        **{"delivery_days_min": 2, "delivery_days_max": 4, "is_pickup": False},
        **{"currency": "COP", "subtotal": total, "discount": 0, "shipping": quote[4]},
        **{"cash_fee": 0, "tax": 0, "total": total + quote[4], "due_first": total},
        **{"paid": 0, "refunded": 0, "voucher_code": "", "percent_off": 0},
        **{"payment_method": "practice"},
        **{"terms_version": "2026-11", "terms_accepted_at": now, "placed_at": now},
        **{"expires_at": now + timedelta(minutes=30), "cancel_reason": "", "changed_at": now},
    }


# --- Measuring ------------------------------------------------------------------------------------


def rate(place, organization: Organization, carts_of_each: list[list[UUID]]) -> float:
    """Give orders a second, placed by so many clients at once, each a process of its own."""
    connection.close()
    context = multiprocessing.get_context("fork")
    start, times = context.Barrier(len(carts_of_each)), context.Queue()

    def work(cart_ids):
        connection.connection = None
        with place(organization, cart_ids) as (warm_up, *jobs):
            warm_up()
            start.wait()
            begun = time.perf_counter()
            for job in jobs:
                job()
            times.put((begun, time.perf_counter()))

    clients = [context.Process(target=work, args=(cart_ids,)) for cart_ids in carts_of_each]
    for client in clients:
        client.start()
    spans = [times.get(timeout=120) for _client in clients]
    for client in clients:
        client.join()
    placed = sum(len(cart_ids) - 1 for cart_ids in carts_of_each)
    return placed / (max(end for _begun, end in spans) - min(begun for begun, _end in spans))


def in_turn(organization, clients: int, variants, *, rounds: int = 3) -> tuple[float, float, float]:
    """Place by our operation and by bare SQL in turn; give both medians and that of the ratio."""
    each = EACH * (CLIENTS if clients == 1 else 2)
    rates = []
    for _round in range(rounds):
        both = []
        for place in (ours, bare):
            with scope(organization=organization):
                made = [carts(organization, each, variants) for _client in range(clients)]
            both.append(rate(place, organization, made))
        rates.append(both)
    return (
        statistics.median(own for own, _limit in rates),
        statistics.median(limit for _own, limit in rates),
        statistics.median(own / limit for own, limit in rates),
    )


def queries(organization: Organization, lines: int) -> int:
    """Count what placing so many lines asks of the database."""
    with scope(organization=organization):
        variants = list(Variant.objects.all()[:lines])
        cart = Cart.objects.create(organization=organization)
        CartLine.objects.bulk_create(
            CartLine(cart=cart, variant=variant, quantity=1, seen_price=variant.price)
            for variant in variants
        )
        wanted = wish(organization, time.time_ns())
        with CaptureQueriesContext(connection) as captured:
            checkout.place(organization, cart.pk, wanted, now=timezone.now())
    return len(captured)


def stampede(organization: Organization, *, buyers: int = 100, units: int = 20) -> tuple:
    """Let so many buy what is there only so often; give seconds, orders and refusals."""
    with scope(organization=organization):
        variant = Variant.objects.order_by("id").first()
        StockLevel.objects.filter(variant=variant).update(on_hand=units, reserved=0)
        each = buyers // 20
        carts_of_each = [carts(organization, each, [variant]) for _client in range(20)]
    connection.close()
    context = multiprocessing.get_context("fork")
    start, told = context.Barrier(20), context.Queue()

    def work(cart_ids):
        connection.connection = None
        with ours(organization, cart_ids) as jobs:
            start.wait()
            begun, placed = time.perf_counter(), 0
            for job in jobs:
                try:
                    job()
                    placed += 1
                except checkout.LinesRefused:
                    pass
            told.put((begun, time.perf_counter(), placed))

    clients = [context.Process(target=work, args=(cart_ids,)) for cart_ids in carts_of_each]
    for client in clients:
        client.start()
    spans = [told.get(timeout=60) for _client in clients]
    for client in clients:
        client.join()
    with scope(organization=organization):
        StockLevel.objects.update(on_hand=1_000_000_000, reserved=0)
    placed = sum(span[2] for span in spans)
    seconds = max(span[1] for span in spans) - min(span[0] for span in spans)
    return seconds, placed, buyers - placed


def measure(record: Callable, organization: Organization) -> None:
    """Record queries and rates of placing orders."""
    prepare(organization)
    record("queries to place an order of three lines", queries(organization, 3), "", at_most=20)
    record("queries to place an order of thirty lines", queries(organization, 30), "", at_most=22)
    with scope(organization=organization):
        variants = list(Variant.objects.order_by("id")[:600])
    for clients in (1, CLIENTS):
        rates = in_turn(organization, clients, variants)
        record(f"orders of three lines placed, {clients} clients", rates, "/s", at_least=0.25)
    hot = in_turn(organization, CLIENTS, variants[:1])
    record(f"one hot product, {CLIENTS} buyers", hot, "/s", at_least=0.2)
    seconds, placed, refused = stampede(organization)
    record("100 buyers at once for 20 units: all answered", seconds, "s", at_most=5)
    record("... orders made", placed, "", at_least=20, at_most=20)
    record("... refused in words", refused, "", at_least=80, at_most=80)
