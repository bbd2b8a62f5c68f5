"""Putting things in a cart and taking them out: every change holds the cart's row."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from config.lib.errors import DomainError
from config.lib.fields import uuid7
from shop import kits, stock
from shop.models import Customer, Organization

from . import vouchers
from .contents import Contents
from .models import Cart
from .models.carts import MOST_OF_ONE

# A visitor's cookie lasts sixty days.
KEEP_UNORDERED = timedelta(days=90)
KEEP_TYPED = timedelta(days=30)
# More kinds of things than anybody buys at once, and few enough to show on one page.
MOST_LINES = 100
# A whole number as a form sends it; longer than any that we take, so that 10^9 gets our words.
_LONGEST_NUMBER = 12


class CartRefused(DomainError):
    """The cart is as it was."""

    code = "cart_refused"


class BadQuantity(CartRefused):
    code = "bad_quantity"


class NotSold(CartRefused):
    code = "not_sold"


class NothingLeft(CartRefused):
    code = "nothing_left"


class CartFull(CartRefused):
    code = "cart_full"


class LineGone(CartRefused):
    code = "line_gone"


@dataclass(frozen=True)
class Opened:
    """A cart that may still be changed."""

    id: UUID
    customer_id: UUID | None
    voucher_code: str
    draft: dict


@dataclass(frozen=True)
class Put:
    """What an addition or a change left: so many of this now, and so many things in all."""

    cart_id: UUID
    name: str
    quantity: int
    asked: int
    count: int

    @property
    def is_less(self) -> bool:
        """Whether there was less left than the buyer asked for."""
        return self.quantity < self.asked

    def words(self) -> str:
        """Say what happened, as a person would."""
        if not self.is_less:
            return _("%(name)s is in your cart.") % {"name": self.name}
        if self.quantity == MOST_OF_ONE:
            return _("An order takes at most %(most)d of %(name)s.") % {
                "most": MOST_OF_ONE,
                "name": self.name,
            }
        return _("%(left)s of %(name)s: your cart has all of them.") % {
            "left": stock.words_for_left(self.quantity),
            "name": self.name,
        }


def read_quantity(typed: str | int | None) -> int:
    """Read a quantity as a form sends it: a whole number from 1 to 999, or BadQuantity."""
    written = str(1 if typed is None else typed).strip()
    is_number = written.isascii() and written.isdigit() and len(written) <= _LONGEST_NUMBER
    if not is_number or not 1 <= int(written) <= MOST_OF_ONE:
        raise BadQuantity(
            _("Write a quantity from 1 to %(most)d, without decimals.") % {"most": MOST_OF_ONE}
        )
    return int(written)


# --- Which cart -----------------------------------------------------------------------------------


def opened(organization: Organization, cart_id: UUID | None) -> Opened | None:
    """Give a visitor's cart by its key while it can be changed."""
    return _one(_OPENED, [cart_id, organization.pk]) if cart_id else None


def opened_by(organization: Organization, user_id: UUID) -> Opened | None:
    """Give the cart of whoever is signed in with this account."""
    return _one(_OPENED_BY, [user_id, organization.pk])


def _one(query: str, parameters: list) -> Opened | None:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        row = cursor.fetchone()
    if row is None:
        return None
    key, customer_id, voucher_code, draft = row
    return Opened(key, customer_id, voucher_code, json.loads(draft))


# A cart that was joined to a customer's keeps its lines for its restore link, and is closed.
_IS_OPEN = "cart.ordered_at IS NULL AND NOT cart.draft ? 'merged_into'"
_OPENED = f"""
SELECT cart.id, cart.customer_id, cart.voucher_code, cart.draft FROM orders_cart AS cart
WHERE cart.id = %s::uuid AND cart.organization_id = %s::uuid
    AND cart.customer_id IS NULL AND cart.prepared_by_id IS NULL AND {_IS_OPEN}
"""  # noqa: S608 - the condition is a constant of ours
_OPENED_BY = """
SELECT cart.id, cart.customer_id, cart.voucher_code, cart.draft FROM orders_cart AS cart
JOIN shop_customer AS customer ON customer.id = cart.customer_id
WHERE customer.user_id = %s::uuid AND cart.organization_id = %s::uuid
    AND cart.ordered_at IS NULL AND cart.prepared_by_id IS NULL
"""


# --- Putting in and taking out --------------------------------------------------------------------


@transaction.atomic
def add(
    organization: Organization,
    cart_id: UUID | None,
    *,
    sku: str,
    quantity: int,
    now: datetime,
    customer: Customer | None = None,
) -> Put:
    """Put so many more of a variant in the cart, which is made when there is none (or no more).

    As many as are left; with nothing left, or not sold here, it is refused and nothing is written.
    """
    with connection.cursor() as cursor:
        # Nobody waits for the disk: a crash of the database may forget the last moment of a cart.
        cursor.execute("SET LOCAL synchronous_commit TO off")
    cart_id = hold(organization, cart_id, now=now) or make(organization, customer, now=now)
    with connection.cursor() as cursor:
        cursor.execute(
            _ADD,
            {
                "organization": organization.pk,
                "cart": cart_id,
                "line": uuid7(),
                "sku": sku,
                "quantity": quantity,
                "most": MOST_OF_ONE,
                "most_lines": MOST_LINES,
                "now": now,
            },
        )
        row = cursor.fetchone()
    if row is None:
        raise NotSold(_("We do not sell this product."))
    name, is_sold, available, lines, pieces, had, put = row
    if put is None:
        raise _refusal(name, is_sold=is_sold, available=available, lines=lines, had=had)
    return Put(cart_id, name, put, had + quantity, pieces - had + put)


def _refusal(name: str, *, is_sold: bool, available: int, lines: int, had: int) -> CartRefused:
    if not is_sold:
        return NotSold(_("%(name)s is no longer sold.") % {"name": name})
    if available <= 0:
        return NothingLeft(_("%(name)s is sold out.") % {"name": name})
    if had:
        return NothingLeft(
            _("Your cart already has all that we can sell of %(name)s: %(had)d.")
            % {"name": name, "had": had}
        )
    if lines >= MOST_LINES:
        return CartFull(
            _("Your cart holds %(most)d products, the most it can. Order them first.")
            % {"most": MOST_LINES}
        )
    return NotSold(_("%(name)s is no longer sold.") % {"name": name})


@transaction.atomic
def change(
    organization: Organization, cart_id: UUID, line_id: UUID, *, quantity: int, now: datetime
) -> Put:
    """Set how many of a line there are, at most what is left; its price is then known."""
    _hold_or_refuse(organization, cart_id, now=now)
    with connection.cursor() as cursor:
        cursor.execute(_CHANGE, {"cart": cart_id, "line": line_id, "quantity": quantity})
        row = cursor.fetchone()
    if row is None:
        raise _gone()
    name, put, pieces, had = row
    return Put(cart_id, name, put, quantity, pieces - had + put)


@transaction.atomic
def remove(organization: Organization, cart_id: UUID, line_id: UUID, *, now: datetime) -> None:
    """Take a line out; one that is out already stays so."""
    _hold_or_refuse(organization, cart_id, now=now)
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM orders_cartline WHERE cart_id = %s::uuid AND id = %s::uuid",
            [cart_id, line_id],
        )


@transaction.atomic
def empty(organization: Organization, cart_id: UUID, *, now: datetime) -> None:
    """Take everything out."""
    _hold_or_refuse(organization, cart_id, now=now)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM orders_cartline WHERE cart_id = %s::uuid", [cart_id])


def hold(organization: Organization, cart_id: UUID | None, *, now: datetime) -> UUID | None:
    """Lock the cart's row while it is open: two changes, or a change and an order, take turns."""
    if cart_id is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, [now, cart_id, organization.pk])
        row = cursor.fetchone()
    return row and row[0]


def _hold_or_refuse(organization: Organization, cart_id: UUID, *, now: datetime) -> None:
    if hold(organization, cart_id, now=now) is None:
        raise _gone()


def _gone() -> LineGone:
    return LineGone(_("This product is no longer in your cart."))


def make(organization: Organization, customer: Customer | None, *, now: datetime) -> UUID:
    """Make a cart; of a customer who has one already, give that one with its row held."""
    with connection.cursor() as cursor:
        cursor.execute(
            _MAKE,
            {
                "id": uuid7(),
                "organization": organization.pk,
                "customer": customer and customer.pk,
                "now": now,
            },
        )
        return cursor.fetchone()[0]


_HOLD = f"""
UPDATE orders_cart AS cart SET changed_at = %s::timestamptz
WHERE cart.id = %s::uuid AND cart.organization_id = %s::uuid AND {_IS_OPEN} RETURNING cart.id
"""  # noqa: S608
_MAKE = """
INSERT INTO orders_cart (id, organization_id, customer_id, voucher_code, draft, created_at,
    changed_at)
VALUES (%(id)s::uuid, %(organization)s::uuid, %(customer)s::uuid, '', '{}'::jsonb,
    %(now)s::timestamptz, %(now)s::timestamptz)
ON CONFLICT (customer_id) WHERE ordered_at IS NULL AND prepared_by_id IS NULL
    DO UPDATE SET changed_at = excluded.changed_at
RETURNING id
"""
_NAME = """concat_ws(' · ', product.name, coalesce(nullif(variant.name, ''), nullif(concat_ws(
    ' · ', nullif(variant.option1, ''), nullif(variant.option2, '')), '')))"""
_ADD = f"""
WITH wanted AS (
    SELECT variant.id, variant.price, {_NAME} AS name,
        coalesce({kits.AVAILABLE}, 0) AS available,
        coalesce(variant.is_active AND product.is_active
            AND product.published_at <= %(now)s::timestamptz
            AND (product.withdrawn_at IS NULL OR product.withdrawn_at > %(now)s::timestamptz),
            false) AS is_sold
    FROM shop_variant AS variant
    JOIN shop_product AS product ON product.id = variant.product_id
    LEFT JOIN shop_stocklevel AS level ON level.variant_id = variant.id
    WHERE variant.organization_id = %(organization)s::uuid AND variant.sku = %(sku)s::varchar
), held AS (
    SELECT count(*) AS lines, coalesce(sum(line.quantity), 0) AS pieces,
        coalesce(max(line.quantity) FILTER (
            WHERE line.variant_id = (SELECT id FROM wanted)), 0) AS had
    FROM orders_cartline AS line WHERE line.cart_id = %(cart)s::uuid
), put AS (
    INSERT INTO orders_cartline (id, cart_id, variant_id, quantity, seen_price)
    SELECT %(line)s::uuid, %(cart)s::uuid, wanted.id,
        least(held.had + %(quantity)s::int, wanted.available, %(most)s::int), wanted.price
    FROM wanted, held
    WHERE wanted.is_sold AND held.had < least(wanted.available, %(most)s::int)
        AND (held.had > 0 OR held.lines < %(most_lines)s::int)
    ON CONFLICT (cart_id, variant_id) DO UPDATE
        SET quantity = excluded.quantity, seen_price = excluded.seen_price
    RETURNING quantity
)
SELECT wanted.name, wanted.is_sold, wanted.available, held.lines, held.pieces, held.had,
    (SELECT quantity FROM put)
FROM wanted, held
"""  # noqa: S608
_CHANGE = f"""
WITH held AS (
    SELECT coalesce(sum(quantity), 0) AS pieces,
        coalesce(max(quantity) FILTER (WHERE id = %(line)s::uuid), 0) AS had
    FROM orders_cartline WHERE cart_id = %(cart)s::uuid
)
UPDATE orders_cartline AS line SET seen_price = variant.price,
    quantity = least(%(quantity)s::int, nullif({kits.AVAILABLE}, 0))
FROM shop_variant AS variant
    JOIN shop_product AS product ON product.id = variant.product_id
    LEFT JOIN shop_stocklevel AS level ON level.variant_id = variant.id, held
WHERE line.variant_id = variant.id AND line.cart_id = %(cart)s::uuid AND line.id = %(line)s::uuid
RETURNING {_NAME}, line.quantity, held.pieces, held.had
"""  # noqa: S608


# --- Vouchers and what was typed ------------------------------------------------------------------


def apply_voucher(
    organization: Organization,
    found: Opened,
    inside: Contents,
    *,
    code: str,
    now: datetime,
    customer: Customer | None = None,
) -> None:
    """Use a voucher with this cart, or say why not (VoucherRefused); checked again at each look."""
    voucher = vouchers.usable(
        vouchers.clean_code(code),
        subtotal=inside.subtotal,
        currency=organization.currency,
        now=now,
        customer=customer,
    )
    Cart.objects.filter(pk=found.id, ordered_at=None).update(
        voucher_code=voucher.code, changed_at=now
    )


def remove_voucher(found: Opened, *, now: datetime) -> None:
    Cart.objects.filter(pk=found.id, ordered_at=None).update(voucher_code="", changed_at=now)


def keep_draft(found: Opened, draft: dict[str, str], *, now: datetime) -> None:
    """Keep what was typed in the checkout, so that nothing has to be typed twice."""
    if draft != found.draft:
        Cart.objects.filter(pk=found.id, ordered_at=None).update(draft=draft, changed_at=now)


# --- Looking and forgetting -----------------------------------------------------------------------


def count_of(cart_id: UUID) -> int:
    """Give how many things lie in a cart."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(quantity), 0) FROM orders_cartline WHERE cart_id = %s::uuid",
            [cart_id],
        )
        return cursor.fetchone()[0]


def forget_old(*, now: datetime) -> None:
    """Delete carts that nobody came back to, and what was typed for those that became orders.

    An order holds its own copy of everything; a cart has no reason to keep a person's address.
    """
    left = Cart.objects.filter(
        ordered_at=None, prepared_by=None, changed_at__lt=now - KEEP_UNORDERED
    )
    left.delete()
    typed = Cart.objects.filter(changed_at__lt=now - KEEP_TYPED).exclude(draft={})
    # The mark of a cart that was joined to an account's is no word of a person.
    typed.exclude(draft__has_key="merged_into").update(draft={})
