"""How much is left: every change is a movement with its reason and person."""

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from config.lib.errors import DomainError

from . import catalogue
from .models import StockLevel, StockMovement, User, Variant


class NotEnoughStock(DomainError):
    code = "not_enough_stock"


@transaction.atomic
def move(
    variant: Variant,
    quantity: int,
    *,
    reason: str,
    person: User | None = None,
    reference: str = "",
) -> StockLevel:
    """Add to the shelf, or take from it when negative; give the stock level as it stands then."""
    StockLevel.objects.get_or_create(variant=variant)
    moved = StockLevel.objects.filter(
        variant=variant, on_hand__gte=F("reserved") - quantity
    ).update(on_hand=F("on_hand") + quantity)
    if not moved:
        raise NotEnoughStock(_("There is less of %(name)s than that.") % {"name": variant})
    StockMovement.objects.create(
        variant=variant, quantity=quantity, reason=reason, person=person, reference=reference
    )
    catalogue.refresh_listing([variant.product_id])
    return StockLevel.objects.get(variant=variant)


@transaction.atomic
def count(variant: Variant, on_hand: int, *, person: User | None = None) -> StockLevel:
    """Set the shelf to what was counted; the difference becomes a movement."""
    StockLevel.objects.get_or_create(variant=variant)
    level = StockLevel.objects.select_for_update(no_key=True, of=("self",)).get(variant=variant)
    difference = on_hand - level.on_hand
    if difference:
        reason = StockMovement.Reason.COUNTED
        return move(variant, difference, reason=reason, person=person)
    return level
