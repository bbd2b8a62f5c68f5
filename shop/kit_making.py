"""Saying what lies in a kit and whose stock it takes; orders keep what they took (see kits.py)."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from config.lib.errors import DomainError

from . import catalogue
from .models import KitPart, LowStockAlert, StockLevel, Variant
from .models.kits import MOST_OF_A_PART

# More than fits in a box, and few enough to pack by a list.
MOST_PARTS = 30


class KitRefused(DomainError):
    """The kit is as it was."""

    code = "kit_refused"


class KitInKit(KitRefused):
    code = "kit_in_kit"


class ShelfNotEmpty(KitRefused):
    """The kit's own shelf still holds, or owes, something."""

    code = "shelf_not_empty"


@dataclass(frozen=True)
class Recipe:
    """A kit as somebody wants it: whose stock it takes, and how many of each part lie in it."""

    kit_stock: str
    parts: Mapping[UUID, int]


@transaction.atomic
def declare(kit: Variant, recipe: Recipe) -> None:
    """Make a variant a kit, another kit, or no kit any more; refuse what would sell stock twice.

    Open orders hold what they took: only a shelf that is not empty stands in the way.
    """
    # Everybody who makes a kit of any of these waits here, so that none becomes part of itself.
    keys = sorted({kit.pk, *recipe.parts})
    rows = {
        row.pk: row
        for row in Variant.objects.filter(pk__in=keys)
        .order_by("pk")
        .select_for_update(no_key=True, of=("self",))
    }
    _require_sense(rows, kit, recipe)
    _clear_shelf(kit, is_of_parts=recipe.kit_stock == Variant.KitStock.PARTS)
    Variant.objects.filter(pk=kit.pk).update(kit_stock=recipe.kit_stock)
    kit.kit_stock = recipe.kit_stock
    wanted = recipe.parts if recipe.kit_stock else {}
    kit.parts.exclude(part__in=wanted).delete()
    KitPart.objects.bulk_create(
        [
            KitPart(kit=kit, part_id=key, quantity=quantity, position=position)
            for position, (key, quantity) in enumerate(wanted.items())
        ],
        update_conflicts=True,
        unique_fields=["kit", "part"],
        update_fields=["quantity", "position"],
        batch_size=MOST_PARTS,
    )
    catalogue.refresh_listing([kit.product_id])


def require(kit: Variant, recipe: Recipe) -> None:
    """Say what speaks against such a kit (KitRefused), before anything is changed."""
    _require_sense(Variant.objects.in_bulk([kit.pk, *recipe.parts]), kit, recipe)
    level = StockLevel.objects.filter(variant=kit).first()
    if level is not None and recipe.kit_stock == Variant.KitStock.PARTS:
        _require_empty(level)


def _require_sense(rows: Mapping[UUID, Variant], kit: Variant, recipe: Recipe) -> None:
    """Refuse a kit in a kit, strangers and wrong numbers; callers hold the rows' locks."""
    if recipe.kit_stock and not recipe.parts:
        raise KitRefused(_("Say what lies in the kit."))
    if len(recipe.parts) > MOST_PARTS:
        raise KitRefused(_("A kit holds up to %(most)d parts.") % {"most": MOST_PARTS})
    if not all(1 <= quantity <= MOST_OF_A_PART for quantity in recipe.parts.values()):
        raise KitRefused(
            _("Of each part there are 1 to %(most)d in a kit.") % {"most": MOST_OF_A_PART}
        )
    missing = set(recipe.parts) - set(rows)
    if missing:
        raise KitRefused(_("One of these parts is no product of this shop."))
    if not recipe.kit_stock:
        return
    if kit.pk in recipe.parts:
        raise KitInKit(_("A kit cannot lie in itself."))
    for key in recipe.parts:
        if rows[key].kit_stock:
            raise KitInKit(_("%(name)s is a kit: no kit lies in a kit.") % {"name": rows[key]})
    holder = KitPart.objects.filter(part=kit).select_related("kit").first()
    if holder:
        raise KitInKit(
            _("%(name)s lies in the kit %(kit)s: no kit lies in a kit.")
            % {"name": kit, "kit": holder.kit}
        )


def _clear_shelf(kit: Variant, *, is_of_parts: bool) -> None:
    """See that a kit of parts has no shelf of its own, from now on for good."""
    StockLevel.objects.get_or_create(variant=kit)
    level = StockLevel.objects.select_for_update(no_key=True, of=("self",)).get(variant=kit)
    if is_of_parts:
        _require_empty(level)
    if level.is_of_parts != is_of_parts:
        level.is_of_parts = is_of_parts
        level.save(update_fields=["is_of_parts"])
        # Nobody refills it any more.
        LowStockAlert.objects.filter(variant=kit, refilled_at=None).update(refilled_at=Now())


def _require_empty(level: StockLevel) -> None:
    if level.on_hand or level.reserved:
        raise ShelfNotEmpty(
            _(
                "%(name)s has %(on_hand)d of its own on the shelf. Take them out of its stock "
                "first; what is promised to orders has to leave before."
            )
            % {"name": level.variant, "on_hand": level.on_hand}
        )
