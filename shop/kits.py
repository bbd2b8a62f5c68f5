"""Kits: several products sold as one, from a shelf of their own or from the shelves of their parts.

Each kit declares whose stock it takes (`Variant.kit_stock`), never both: a kit of parts has no
shelf, which the database itself sees to. What a sold kit took is written on the line of its order,
so that it goes back as it went, whatever became of the kit since.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from uuid import UUID

from django.db.models import (
    Case,
    F,
    IntegerField,
    Min,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from .models import KitPart, Variant

_PARTS = Variant.KitStock.PARTS
# A kit that cannot be sold any more, whatever lies on the shelves: one of its parts is retired.
BROKEN = Q(kit_stock=_PARTS, parts__part__is_active=False)

# What can be sold of `variant`, whose own stock is `level`, in SQL. Of a kit that takes its parts:
# as often as they suffice, and nothing once one of them is retired.
LEFT_OF_PART = """(CASE WHEN part.is_active
        THEN coalesce(shelf.on_hand - shelf.reserved, 0) ELSE 0 END)"""
AVAILABLE = f"""(CASE WHEN variant.kit_stock = '{_PARTS}' THEN (
    SELECT min({LEFT_OF_PART} / inside.quantity) FROM shop_kitpart AS inside
    JOIN shop_variant AS part ON part.id = inside.part_id
    LEFT JOIN shop_stocklevel AS shelf ON shelf.variant_id = part.id
    WHERE inside.kit_id = variant.id
) ELSE level.on_hand - level.reserved END)"""  # noqa: S608 - constants of ours
LABEL = """coalesce(nullif({0}.name, ''), concat_ws(
        ' · ', nullif({0}.option1, ''), nullif({0}.option2, '')))"""
# What lies in `variant` when it takes the stock of its parts, as its order's line keeps it; `left`
# beside each part is for whoever looks before the sale.
TAKEN_PARTS = f"""(CASE WHEN variant.kit_stock = '{_PARTS}' THEN (
    SELECT jsonb_agg(jsonb_build_object(
        'variant', part.id, 'quantity', inside.quantity, 'sku', part.sku,
        'name', named.name, 'label', {LABEL.format("part")}, 'left', {LEFT_OF_PART}
    ) ORDER BY inside.position, inside.id)
    FROM shop_kitpart AS inside
    JOIN shop_variant AS part ON part.id = inside.part_id
    JOIN shop_product AS named ON named.id = part.product_id
    LEFT JOIN shop_stocklevel AS shelf ON shelf.variant_id = part.id
    WHERE inside.kit_id = variant.id
) END)"""  # noqa: S608

# What lies in `variant` when it is a kit of which weight or a side is not written down: of each
# part how many, and its weight and sides.
SIZES_INSIDE = """(CASE WHEN variant.kit_stock <> ''
    AND 0 IN (variant.weight_grams, variant.length_cm, variant.width_cm, variant.height_cm)
THEN (
    SELECT jsonb_agg(jsonb_build_array(
        inside.quantity, part.weight_grams, part.length_cm, part.width_cm, part.height_cm
    ) ORDER BY inside.position, inside.id)
    FROM shop_kitpart AS inside JOIN shop_variant AS part ON part.id = inside.part_id
    WHERE inside.kit_id = variant.id
) END)"""


def with_available(variants: QuerySet[Variant]) -> QuerySet[Variant]:
    """Give the variants, each with how many of it can be sold now (`available`)."""
    left = Coalesce(F("part__stock__on_hand") - F("part__stock__reserved"), 0)
    of_parts = (
        KitPart._base_manager.filter(kit=OuterRef("pk"))
        .order_by()
        .values("kit")
        .annotate(
            often=Min(
                Case(
                    When(part__is_active=True, then=left / F("quantity")),
                    default=0,
                    output_field=IntegerField(),
                )
            )
        )
        .values("often")
    )
    own = F("stock__on_hand") - F("stock__reserved")
    available = Case(
        When(kit_stock=_PARTS, then=Subquery(of_parts)), default=own, output_field=IntegerField()
    )
    return variants.annotate(available=Coalesce(available, Value(0)))


def with_parts(variants: QuerySet[Variant]) -> QuerySet[Variant]:
    """Give the variants, each with what lies in it; one query more."""
    rows = KitPart.objects.select_related("part").order_by("position", "pk")
    return variants.prefetch_related(Prefetch("parts", rows))


# --- What a sale takes ----------------------------------------------------------------------------


def shelves_of(variant_id: UUID, parts: Iterable[Mapping]) -> dict[UUID, int]:
    """Give what one piece takes from which shelf: each of its parts, or itself."""
    return {UUID(part["variant"]): part["quantity"] for part in parts} or {variant_id: 1}


def taken(lines: Iterable[tuple]) -> dict[UUID, int]:
    """Give what these lines take from the shelves together, each given with how many pieces."""
    found: Counter[UUID] = Counter()
    for line, pieces in lines:
        for key, quantity in shelves_of(line.variant_id, line.parts).items():
            found[key] += quantity * pieces
    return dict(found)


def left_for(lines: Iterable[tuple], left: Mapping[UUID, int]) -> Iterator[int | None]:
    """Say of each line how many pieces are left when those before it had theirs.

    A line comes with how many pieces are wanted of it. None: of what it takes, no shelf is known.
    """
    remaining = dict(left)
    for line, pieces in lines:
        shelves = shelves_of(line.variant_id, line.parts)
        known = [remaining[key] // each for key, each in shelves.items() if key in remaining]
        yield max(0, min(known)) if known else None
        for key, each in shelves.items():
            if key in remaining:
                remaining[key] -= each * pieces


def parts_of(keys: Iterable[UUID]) -> dict[UUID, list[dict]]:
    """Give what a line keeps of each of these variants that is a kit of parts."""
    rows = KitPart.objects.filter(kit__in=keys, kit__kit_stock=_PARTS)
    found: dict[UUID, list[dict]] = {}
    for row in rows.select_related("part__product").order_by("position", "pk"):
        found.setdefault(row.kit_id, []).append(
            {
                "variant": str(row.part_id),
                "quantity": row.quantity,
                "sku": row.part.sku,
                "name": row.part.product.name,
                "label": row.part.label,
            }
        )
    return found


def sizes_inside(variants: Iterable[Variant]) -> dict[UUID, list[tuple]]:
    """Give the same as SIZES_INSIDE, by variant; it asks only when there is such a kit."""
    keys = [
        one.pk
        for one in variants
        if one.kit_stock and 0 in (one.weight_grams, one.length_cm, one.width_cm, one.height_cm)
    ]
    found: dict[UUID, list[tuple]] = {}
    rows = KitPart.objects.filter(kit__in=keys).order_by("position", "pk") if keys else ()
    sizes = ("part__weight_grams", "part__length_cm", "part__width_cm", "part__height_cm")
    for kit_id, *size in rows and rows.values_list("kit_id", "quantity", *sizes):
        found.setdefault(kit_id, []).append(tuple(size))
    return found


def unpacked(quantities: Mapping[UUID, int]) -> dict[UUID, int]:
    """Give the same for the shelves of now: what was sold whole and is a kit of parts since."""
    inside = KitPart.objects.filter(kit__in=list(quantities), kit__kit_stock=_PARTS)
    rows = list(inside.values_list("kit_id", "part_id", "quantity"))
    if not rows:
        return dict(quantities)
    kits = {kit for kit, _part, _quantity in rows}
    found = Counter({key: moved for key, moved in quantities.items() if key not in kits})
    for kit, part, quantity in rows:
        found[part] += quantity * quantities[kit]
    return {key: moved for key, moved in found.items() if moved}
