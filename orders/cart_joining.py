"""One cart put into another: a visitor's into their account's, a saved one into today's."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from config.lib.fields import uuid7
from shop.models import Customer, Organization

from . import cart
from .cart import MOST_LINES
from .models import Cart
from .models.carts import MOST_OF_ONE


@transaction.atomic
def merge(organization: Organization, cart_id: UUID, customer: Customer, *, now: datetime) -> bool:
    """Put what a visitor chose into the cart of the customer they turned out to be, once.

    Quantities are added up. The visitor's cart is closed and keeps its lines for its restore link.
    """
    # The visitor's cart first: whoever else changes it, or orders it, waits or comes too late.
    if cart.opened(organization, cart_id) is None or not cart.hold(organization, cart_id, now=now):
        return False
    lines = _lines_of(organization, cart_id)
    source = Cart.objects.get(pk=cart_id)
    if not lines:
        return False
    target_id = cart.make(organization, customer, now=now)
    _copy(lines, target_id, combine="line.quantity + excluded.quantity")
    Cart.objects.filter(pk=target_id, voucher_code="").update(voucher_code=source.voucher_code)
    Cart.objects.filter(pk=target_id, draft={}).update(draft=source.draft)
    source.draft = {**source.draft, "merged_into": target_id.hex}
    source.save(update_fields=["draft"])
    return True


@transaction.atomic
def restore(
    organization: Organization,
    saved_id: UUID,
    cart_id: UUID | None,
    *,
    now: datetime,
    customer: Customer | None = None,
) -> UUID | None:
    """Put what a saved cart holds into the visitor's own, and give the key of that one.

    Of each thing the larger quantity counts, so that the link can be opened twice. Nothing that was
    typed in the saved cart's checkout comes along: links are passed on. A cart that became an
    order gives None.
    """
    saved = Cart.objects.filter(pk=saved_id, ordered_at=None).first()
    lines = _lines_of(organization, saved_id) if saved else []
    if not lines:
        return None
    target_id = cart.hold(organization, cart_id, now=now)
    target_id = target_id or cart.make(organization, customer, now=now)
    if target_id != saved_id:
        _copy(lines, target_id, combine="greatest(line.quantity, excluded.quantity)")
        Cart.objects.filter(pk=target_id, voucher_code="").update(voucher_code=saved.voucher_code)
    return target_id


def may_be_restored(saved_id: UUID | None) -> bool:
    """Say whether a saved cart is still there and was not ordered."""
    return saved_id is not None and Cart.objects.filter(pk=saved_id, ordered_at=None).exists()


def _lines_of(organization: Organization, cart_id: UUID) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(_LINES, [cart_id, organization.pk])
        return cursor.fetchall()


def _copy(lines: Sequence[tuple], cart_id: UUID, *, combine: str) -> None:
    """Copy lines into a cart whose row is held, as many as it can hold, in their order."""
    variants, quantities, prices = zip(*lines, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            _COPY.replace("COMBINED", combine),
            {
                "cart": cart_id,
                "ids": [uuid7() for _line in lines],
                "variants": list(variants),
                "quantities": list(quantities),
                "prices": list(prices),
                "most": MOST_OF_ONE,
                "most_lines": MOST_LINES,
            },
        )


_LINES = """
SELECT line.variant_id, line.quantity, line.seen_price FROM orders_cartline AS line
JOIN orders_cart AS cart ON cart.id = line.cart_id
WHERE line.cart_id = %s::uuid AND cart.organization_id = %s::uuid ORDER BY line.id
"""
_COPY = """
INSERT INTO orders_cartline AS line (id, cart_id, variant_id, quantity, seen_price)
SELECT new.id, %(cart)s::uuid, new.variant_id, new.quantity, new.price
FROM (
    SELECT copied.*, there.id IS NOT NULL AS is_there,
        row_number() OVER (PARTITION BY there.id IS NULL ORDER BY copied.id) AS place
    FROM unnest(%(ids)s::uuid[], %(variants)s::uuid[], %(quantities)s::int[], %(prices)s::bigint[])
        AS copied (id, variant_id, quantity, price)
    LEFT JOIN orders_cartline AS there
        ON there.cart_id = %(cart)s::uuid AND there.variant_id = copied.variant_id
) AS new
WHERE new.is_there OR new.place <= %(most_lines)s::int
    - (SELECT count(*) FROM orders_cartline AS held WHERE held.cart_id = %(cart)s::uuid)
ORDER BY new.id
ON CONFLICT (cart_id, variant_id) DO UPDATE SET quantity = least(COMBINED, %(most)s::int)
"""
