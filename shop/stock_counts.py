"""Counting the shelves: what lies there is written line by line, then the books follow at once.

A line compares what was counted with what should have lain there at that moment: what is on hand,
and what was sold but still waits on the shelf. Whatever is sold while others count is therefore no
difference. Applying adds the differences to the shelves; it never sets them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Case, Count, F, OuterRef, Q, QuerySet, Subquery, Sum, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from config.lib.errors import DomainError

from . import audit, stock
from .models import (
    AuditEntry,
    Category,
    Organization,
    StockCount,
    StockCountLine,
    StockLevel,
    StockMovement,
    User,
    Variant,
)
from .signals import still_lying_asked

MOST_PIECES = 1_000_000
# What a variant is called by.
_NAMED = tuple(f"variant__{name}" for name in ("sku", "name", "option1", "option2"))


class NotOpen(DomainError):
    """A count was applied or thrown away: nothing is counted in it any more."""

    code = "count_not_open"


class NotCounted(DomainError):
    """A product cannot be counted in this count."""

    code = "not_counted"


@dataclass(frozen=True)
class Applied:
    """How many shelves were corrected, and how many of the lines could not be."""

    corrected: int
    held: int


# --- Beginning and ending -------------------------------------------------------------------------


@transaction.atomic
def start(
    organization: Organization,
    *,
    name: str,
    scope: str,
    category: Category | None = None,
    person: User | None = None,
) -> StockCount:
    """Begin a count, with a line for everything that is to be counted."""
    count = StockCount.objects.create(
        organization=organization, name=name, scope=scope, category=category, person=person
    )
    fill(count)
    return count


def fill(count: StockCount) -> None:
    """Give a new count its lines: of what is sold, and of what lies there although it is not."""
    if count.scope == StockCount.Scope.SCANNED:
        return
    variants = Variant.objects.filter(Q(is_active=True) | Q(stock__on_hand__gt=0)).exclude(
        kit_stock=Variant.KitStock.PARTS
    )
    if count.scope == StockCount.Scope.CATEGORY:
        variants = variants.filter(product__category__in=_inside(count.category_id))
    StockCountLine._base_manager.bulk_create(
        (
            StockCountLine(count=count, variant_id=key)
            for key in variants.values_list("pk", flat=True)
        ),
        batch_size=2_000,
    )


def _inside(category_id: UUID | None) -> set[UUID]:
    """Give a category with all those inside it."""
    below: dict[UUID | None, list[UUID]] = {}
    for key, parent in Category.objects.values_list("pk", "parent"):
        below.setdefault(parent, []).append(key)
    found, waiting = set(), [category_id] if category_id else []
    while waiting:
        key = waiting.pop()
        found.add(key)
        waiting += below.get(key, [])
    return found


@transaction.atomic
def discard(count: StockCount, *, person: User | None, now: datetime) -> None:
    """Throw a count away; no shelf was touched by it."""
    locked = _locked(count)
    _close(locked, StockCount.Status.DISCARDED, person=person, now=now)


def _locked(count: StockCount) -> StockCount:
    """Give the count as it stands now, for this transaction alone; refuse one that is closed."""
    locked = StockCount.objects.select_for_update(no_key=True, of=("self",)).get(pk=count.pk)
    if not locked.is_open:
        raise NotOpen(
            _("“%(name)s” is closed already: %(state)s.")
            % {"name": locked.name, "state": locked.get_status_display()}
        )
    return locked


def _close(count: StockCount, status: str, *, person: User | None, now: datetime) -> None:
    before = {"status": count.status}
    count.close(status, person=person, now=now)
    action, after = AuditEntry.Action.CHANGED, {"status": status}
    audit.record(count.organization, person, action, count, before=before, after=after)


# --- Counting -------------------------------------------------------------------------------------


@transaction.atomic
def scan(
    count: StockCount, sku: str, *, pieces: int = 1, person: User | None = None
) -> StockCountLine:
    """Add so many pieces of the product with this SKU to what was counted of it."""
    locked = _locked(count)
    variant = _of_sku(sku)
    line = locked.lines.filter(variant=variant).first()
    if line is None:
        line = _new_line(locked, variant)
    _write(locked, {line.variant_id: (line.counted or 0) + pieces}, person=person)
    line.refresh_from_db()
    line.variant = variant
    return line


def _of_sku(typed: str) -> Variant:
    """Give the variant with this SKU, in capitals or not."""
    typed = typed.replace("\x00", "").strip()
    variants = Variant.objects.select_related("product", "stock").only(
        "sku", "name", "option1", "option2", "kit_stock", "product__name", "product__category",
        "stock__is_of_parts",
    )  # fmt: skip
    # A scanner that types as on a keyboard of the United States turns "-" into "'" on one of ours.
    for sku in dict.fromkeys((typed, typed.replace("'", "-"))):
        found = list(variants.filter(sku__iexact=sku)[:2]) if sku else []
        exact = [variant for variant in found if variant.sku == sku]
        if len(exact or found) == 1:
            return (exact or found)[0]
    raise NotCounted(_("No product has the SKU %(sku)s.") % {"sku": typed[:60] or "—"})


def _new_line(count: StockCount, variant: Variant) -> StockCountLine:
    if variant.kit_stock == Variant.KitStock.PARTS:
        raise _of_parts(variant)
    if count.scope == StockCount.Scope.CATEGORY:
        inside = _inside(count.category_id)
        if variant.product.category_id not in inside:
            raise NotCounted(
                _("%(name)s is not in the category that is counted.") % {"name": variant.full_label}
            )
    StockLevel.objects.get_or_create(variant=variant)
    return StockCountLine.objects.create(count=count, variant=variant)


def _of_parts(variant: Variant) -> NotCounted:
    return NotCounted(
        _("%(name)s takes the stock of its parts. Count those instead.")
        % {"name": variant.full_label}
    )


@transaction.atomic
def write(
    count: StockCount,
    typed: Mapping[UUID, tuple[int | None, int | None]],
    *,
    person: User | None = None,
) -> list[StockCountLine]:
    """Write how many were counted by line: each as it was seen, and as it is typed.

    Gives the lines that somebody else counted meanwhile; those stay as they are. None takes what
    was counted of a line back.
    """
    locked = _locked(count)
    lines = {line.pk: line for line in locked.lines.filter(pk__in=typed).select_related("variant")}
    passed, wanted = [], {}
    for key, line in lines.items():
        seen, counted = typed[key]
        if line.counted != seen:
            passed.append(line)
        elif counted != seen:
            wanted[line.variant_id] = counted
    _write(locked, wanted, person=person)
    return passed


@transaction.atomic
def rest_is_nothing(count: StockCount, *, person: User | None = None) -> int:
    """Write 0 for everything that nobody counted; say how many lines that were."""
    locked = _locked(count)
    keys = list(locked.lines.filter(counted=None).values_list("variant_id", flat=True))
    _write(locked, dict.fromkeys(keys, 0), person=person)
    return len(keys)


def _write(count: StockCount, counted: Mapping[UUID, int | None], *, person: User | None) -> None:
    """Write what was counted beside what should have lain there at this moment."""
    over = [pieces for pieces in counted.values() if pieces is not None and pieces > MOST_PIECES]
    if over:
        raise NotCounted(
            _("“%(text)s” is more than %(most)s.") % {"text": over[0], "most": MOST_PIECES}
        )
    emptied = [key for key, pieces in counted.items() if pieces is None]
    count.lines.filter(variant__in=emptied).update(
        counted=None, expected=None, counted_at=None, person=None, moved=None
    )
    wanted = {key: pieces for key, pieces in counted.items() if pieces is not None}
    if not wanted:
        return
    # Locked: no correction of these shelves is half done now (see _corrected).
    shelves = stock.locked_shelves(wanted)
    for key, shelf in shelves.items():
        if shelf.is_of_parts and wanted[key]:
            raise _of_parts(Variant.objects.select_related("product").get(pk=key))
    lying = still_lying(count.organization, wanted)
    keys = sorted(shelves)
    with connection.cursor() as cursor:
        cursor.execute(
            _WRITE,
            {
                "count": count.pk,
                "person": person and person.pk,
                "now": timezone.now(),
                "keys": keys,
                "counted": [wanted[key] for key in keys],
                "expected": [shelves[key].on_hand + lying.get(key, 0) for key in keys],
            },
        )


_WRITE = """
UPDATE shop_stockcountline AS line SET
    counted = fresh.counted, expected = fresh.expected, counted_at = %(now)s::timestamptz,
    person_id = %(person)s::uuid, moved = NULL
FROM unnest(%(keys)s::uuid[], %(counted)s::int[], %(expected)s::int[])
    AS fresh (variant_id, counted, expected)
WHERE line.count_id = %(count)s::uuid AND line.variant_id = fresh.variant_id
"""


def still_lying(organization: Organization, keys: Iterable[UUID]) -> dict[UUID, int]:
    """Give how many of each variant were sold and not yet taken from the shelf."""
    found: dict[UUID, int] = {}
    told = still_lying_asked.send(Organization, organization=organization, variants=list(keys))
    for _receiver, quantities in told:
        for key, quantity in quantities.items():
            found[key] = found.get(key, 0) + quantity
    return found


# --- Differences ----------------------------------------------------------------------------------


def _corrected():
    """Give by how much a shelf was corrected by other counts after a line was counted."""
    return Coalesce(
        Subquery(
            StockMovement._base_manager.filter(
                variant=OuterRef("variant_id"),
                reason=StockMovement.Reason.COUNTED,
                at__gt=OuterRef("counted_at"),
            )
            .order_by()
            .values("variant")
            .annotate(sum=Sum("quantity"))
            .values("sum")
        ),
        0,
    )


def with_difference(lines: QuerySet[StockCountLine]) -> QuerySet[StockCountLine]:
    """Give the lines, each with its `difference` in pieces: as applied, or as it would be."""
    return lines.annotate(
        difference=Case(
            When(moved__isnull=False, then=F("moved")),
            default=F("counted") - F("expected") - _corrected(),
        )
    )


def differing(lines: QuerySet[StockCountLine]) -> QuerySet[StockCountLine]:
    """Give the lines on which more or less was counted than should have lain there."""
    return with_difference(lines.filter(counted__isnull=False)).exclude(difference=0)


@dataclass(frozen=True)
class Totals:
    """What a count would change, in products and pieces."""

    products: int
    more: int
    less: int


def totals(count: StockCount) -> Totals:
    """Say how many products differ, and how many pieces are too many and too few."""
    more, less = Q(difference__gt=0), Q(difference__lt=0)
    figures = differing(count.lines.all()).aggregate(
        products=Count("pk"),
        more=Coalesce(Sum("difference", filter=more), 0),
        less=Coalesce(Sum("difference", filter=less), 0),
    )
    return Totals(figures["products"], figures["more"], -figures["less"])


@dataclass(frozen=True)
class Progress:
    """How far a count is, in lines."""

    lines: int
    counted: int

    @property
    def left(self) -> int:
        return self.lines - self.counted


def progress(count: StockCount) -> Progress:
    """Say how far it is."""
    figures = count.lines.aggregate(all=Count("pk"), counted=Count("counted"))
    return Progress(figures["all"], figures["counted"])


@transaction.atomic
def apply(count: StockCount, *, person: User | None, now: datetime) -> Applied:
    """Move every shelf by its difference, once.

    A shelf that would hold less than is promised stays as it is, and the count stays open for it.
    """
    locked = _locked(count)
    waiting = locked.lines.filter(counted__isnull=False, moved=None)
    shelves = stock.locked_shelves(waiting.values_list("variant_id", flat=True))
    if not shelves:
        raise NotCounted(_("Nothing was counted yet."))
    rows = with_difference(waiting).select_related("variant")
    rows = rows.only("count", "variant", "moved", *_NAMED)
    variants = {line.variant_id: line.variant for line in rows}
    differences = {line.variant_id: line.difference for line in rows}
    held = {
        key
        for key, difference in differences.items()
        if difference and not _may_move(shelves[key], difference)
    }
    moving = {key: more for key, more in differences.items() if more and key not in held}
    stock.correct(moving, reference=locked.name, person=person)
    done = {key: more for key, more in differences.items() if key not in held}
    with connection.cursor() as cursor:
        cursor.execute(_DONE, [list(done), list(done.values()), locked.pk])
    levels = {
        key: StockLevel(variant=variants[key], on_hand=shelves[key].on_hand + more)
        for key, more in moving.items()
    }
    _tell_shelves(locked, shelves, levels, person)
    if not held:
        _close(locked, StockCount.Status.APPLIED, person=person, now=now)
    return Applied(len(moving), len(held))


def _may_move(shelf: stock.Shelf, difference: int) -> bool:
    return not shelf.is_of_parts and shelf.on_hand + difference >= shelf.reserved


def _tell_shelves(count, shelves, levels: Mapping[UUID, StockLevel], person: User | None) -> None:
    """Write down each shelf with what it held before and holds now."""
    action = AuditEntry.Action.CHANGED
    deeds = (
        (action, level, {"on_hand": shelves[key].on_hand}, {"on_hand": level.on_hand})
        for key, level in levels.items()
    )
    audit.record_all(count.organization, person, deeds)


_DONE = """
UPDATE shop_stockcountline AS line SET moved = done.quantity
FROM unnest(%s::uuid[], %s::int[]) AS done (variant_id, quantity)
WHERE line.count_id = %s::uuid AND line.variant_id = done.variant_id
"""
