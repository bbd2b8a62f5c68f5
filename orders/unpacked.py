"""What is sold and still lies on the shelf: orders that are confirmed and that nobody packs yet."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from shop import kits

from .models import Order, OrderLine


def quantities(variants: Sequence[UUID]) -> dict[UUID, int]:
    """Give how many of these variants confirmed orders wait for, by variant; kits as their parts.

    An order that is being prepared is in somebody's hands, with what belongs to it.
    """
    waiting = OrderLine.objects.filter(order__status=Order.Status.CONFIRMED).only(
        "variant_id", "quantity", "parts"
    )
    wanted = set(variants)
    found: Counter[UUID] = Counter()
    # Two questions: the first goes by the variant, and few lines are kits.
    for lines in (waiting.filter(variant__in=wanted, parts=[]), waiting.exclude(parts=[])):
        found.update(kits.taken((line, line.quantity) for line in lines))
    return {key: found[key] for key in wanted & found.keys()}
