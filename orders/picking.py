"""What is taken from the shelves for some orders: each thing once, with how many for whom."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from shop.models import StockLevel, Variant

from .models import Order


@dataclass
class Picked:
    """So many of one thing, for these orders."""

    variant: UUID
    sku: str
    name: str
    shelf: str = ""
    quantity: int = 0
    # What the books say is there; None where they say nothing.
    on_hand: int | None = None
    orders: dict[int, int] = field(default_factory=dict)


def contents(order: Order) -> list[Picked]:
    """Give what lies in an order's box: of a kit its parts, each thing once."""
    found: dict[UUID, Picked] = {}
    _gather(order, found)
    return list(found.values())


def pick_list(orders: Iterable[Order]) -> list[tuple[str, list[Picked]]]:
    """Give what is taken for these orders, by shelf; what has no shelf stands last, by name.

    Ask for their `lines` beforehand.
    """
    found: dict[UUID, Picked] = {}
    for order in orders:
        _gather(order, found)
    shelves = dict(Variant.objects.filter(pk__in=found).values_list("pk", "shelf"))
    levels = dict(StockLevel.objects.filter(variant__in=found).values_list("variant", "on_hand"))
    groups: dict[str, list[Picked]] = {}
    for one in found.values():
        one.shelf, one.on_hand = shelves.get(one.variant, ""), levels.get(one.variant)
        groups.setdefault(one.shelf, []).append(one)
    return [
        (shelf, sorted(groups[shelf], key=lambda one: (one.name.casefold(), one.sku)))
        for shelf in sorted(groups, key=lambda shelf: (not shelf, _natural(shelf)))
    ]


def _gather(order: Order, found: dict[UUID, Picked]) -> None:
    for line in order.lines.all():
        parts = line.parts or [
            {
                "variant": str(line.variant_id),
                "quantity": 1,
                "sku": line.sku,
                "name": line.name,
                "label": line.label,
            }
        ]
        for part in parts:
            key = UUID(part["variant"])
            name = " · ".join(filter(None, (part["name"], part["label"])))
            one = found.setdefault(key, Picked(key, part["sku"], name))
            pieces = line.quantity * part["quantity"]
            one.quantity += pieces
            one.orders[order.number] = one.orders.get(order.number, 0) + pieces


def _natural(shelf: str) -> list:
    """Sort A-2 before A-10."""
    parts, digits = [], ""
    for letter in shelf.casefold() + "\0":
        if letter.isdecimal():
            digits += letter
            continue
        if digits:
            parts.append((0, int(digits), ""))
            digits = ""
        parts.append((1, 0, letter))
    return parts
