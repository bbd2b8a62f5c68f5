"""What lies in a cart right now: names, prices and stock always as the database has them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from config.lib import money
from logistics import quotes
from logistics.parcels import Inside, Piece
from shop import kits, stock
from shop.models import Organization


@dataclass(frozen=True)
class Item:
    """One line of a cart with what the catalogue says of it at this moment."""

    line_id: UUID
    variant_id: UUID
    product_id: UUID
    quantity: int
    seen_price: int
    sku: str
    name: str
    label: str
    slug: str
    unit_price: int
    compare_at_price: int | None
    tax_category: str
    weight_grams: int
    no_withdrawal_reason: str
    cover: dict | None
    # What is left of it, of a kit also by its parts, when the lines above it had theirs.
    available: int
    is_sold: bool  # The product is published and the variant active.
    length_cm: int
    width_cm: int
    height_cm: int
    inside: tuple[Inside, ...]  # What lies in a kit that was not measured itself.
    parts: tuple[dict, ...]  # What a piece of it takes from the shelves, when that is not itself.

    # Offers are made after the purchase only.
    is_offer = False

    @property
    def total(self) -> int:
        return self.unit_price * self.quantity

    @property
    def piece(self) -> Piece:
        """This line as boxes are made for it."""
        return Piece(
            sku=self.sku,
            name=f"{self.name} {self.label}".strip(),
            quantity=self.quantity,
            unit_price=self.unit_price,
            weight_grams=self.weight_grams,
            length_cm=self.length_cm,
            width_cm=self.width_cm,
            height_cm=self.height_cm,
            inside=self.inside,
        )

    @property
    def is_short(self) -> bool:
        """Whether this line cannot be bought as it stands."""
        return not self.is_sold or self.available < self.quantity

    def problem(self) -> str:
        """Say why it cannot be bought so; nothing when it can."""
        if not self.is_sold:
            return _("No longer sold")
        return stock.words_for_left(self.available) if self.is_short else ""

    def news(self, currency: str) -> str:
        """Say what changed since the buyer last touched the line, if anything did."""
        if self.unit_price == self.seen_price or not self.is_sold:
            return ""
        words = (
            _("It went up from %(before)s to %(after)s.")
            if self.unit_price > self.seen_price
            else _("It went down from %(before)s to %(after)s.")
        )
        return words % {
            "before": money.label(self.seen_price, currency),
            "after": money.label(self.unit_price, currency),
        }


@dataclass(frozen=True)
class Contents:
    """Everything in a cart, in the order in which it was put there."""

    items: tuple[Item, ...] = ()

    @cached_property
    def subtotal(self) -> int:
        """What can be bought of it costs so much, before discount and delivery."""
        return sum(item.total for item in self.items if item.is_sold)

    @property
    def count(self) -> int:
        return sum(item.quantity for item in self.items)

    def basket(self, *, value: int) -> quotes.Basket:
        """Give what would be sent, when after discounts it is worth so much."""
        return quotes.basket_of((item.piece for item in self.items), value=value)

    @property
    def can_be_bought(self) -> bool:
        return bool(self.items) and not any(item.is_short for item in self.items)

    def __bool__(self):
        return bool(self.items)


def of(
    organization: Organization, cart_id: UUID | None, *, now: datetime | None = None
) -> Contents:
    """Give the contents of an organization's cart; one query, whatever is in it."""
    if cart_id is None:
        return Contents()
    return _read(
        _CONTENTS,
        {"cart": cart_id, "organization": organization.pk, "now": now or timezone.now()},
    )


def of_subscription(
    organization: Organization, subscription_id: UUID, *, now: datetime
) -> Contents:
    """Give what a subscription brings each time, as a cart would hold it."""
    return _read(
        _OF_SUBSCRIPTION, {"cart": subscription_id, "organization": organization.pk, "now": now}
    )


def _read(query: str, parameters: dict) -> Contents:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        found = [
            (Item(*row, _inside(sizes), ()), json.loads(parts or "[]"))
            for *row, sizes, parts in cursor.fetchall()
        ]
    if not any(parts for _item, parts in found):
        return Contents(tuple(item for item, _parts in found))
    return Contents(tuple(_sharing(found)))


def _inside(sizes: str | None) -> tuple[Inside, ...]:
    return tuple(Inside(*part) for part in json.loads(sizes)) if sizes else ()


def _sharing(found: list[tuple[Item, list[dict]]]) -> Iterator[Item]:
    """Give the lines as they stand when kits and other lines take from the same shelves."""
    left, items = {}, []
    for item, parts in found:
        if not parts:
            left[item.variant_id] = item.available
        for part in parts:
            left[UUID(part["variant"])] = part.pop("left")
        items.append(replace(item, parts=tuple(parts)))
    wanted = [(item, item.quantity) for item in items]
    for item, available in zip(items, kits.left_for(wanted, left), strict=True):
        yield replace(item, available=available)


_CONTENTS = f"""
SELECT line.id, variant.id, product.id, line.quantity, line.seen_price, variant.sku, product.name,
    {kits.LABEL.format("variant")}, product.slug, variant.price,
    CASE WHEN variant.compare_at_price > variant.price THEN variant.compare_at_price END,
    variant.tax_category, variant.weight_grams, product.no_withdrawal_reason, product.cover,
    coalesce({kits.AVAILABLE}, 0),
    variant.is_active AND product.is_active AND product.published_at <= %(now)s::timestamptz
        AND (product.withdrawn_at IS NULL OR product.withdrawn_at > %(now)s::timestamptz),
    variant.length_cm, variant.width_cm, variant.height_cm, {kits.SIZES_INSIDE}, {kits.TAKEN_PARTS}
FROM orders_cartline AS line
JOIN orders_cart AS cart ON cart.id = line.cart_id
JOIN shop_variant AS variant ON variant.id = line.variant_id
JOIN shop_product AS product ON product.id = variant.product_id
LEFT JOIN shop_stocklevel AS level ON level.variant_id = variant.id
WHERE line.cart_id = %(cart)s::uuid AND cart.organization_id = %(organization)s::uuid
    AND product.organization_id = %(organization)s::uuid
ORDER BY line.id
"""  # noqa: S608 - constants of ours
# The same facts of lines that stand elsewhere; what was seen before does not matter there.
_OF_SUBSCRIPTION = (
    _CONTENTS.replace("orders_cartline", "orders_subscriptionline")
    .replace("orders_cart ", "orders_subscription ")
    .replace("line.cart_id", "line.subscription_id")
    .replace("line.seen_price", "variant.price")
)
