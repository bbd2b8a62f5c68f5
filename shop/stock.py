"""How much is left: every change is a movement with its reason and person.

A promise (`reserve`) lowers what may be sold and touches no shelf; it ends when it is used (`use`)
or let go (`release`). Stock rows are always taken in the order of their keys, and last in a
transaction, so that no two callers wait for each other. These operations join their caller's
transaction without a savepoint: who wants to go on after a refusal opens one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.lib.errors import DomainError

from . import catalogue, kits
from .models import (
    Organization,
    StockCheck,
    StockLevel,
    StockMovement,
    StockReservation,
    User,
    Variant,
)


class NotEnoughStock(DomainError):
    code = "not_enough_stock"


class StockOfParts(DomainError):
    """A kit that takes the stock of its parts has no shelf to move."""

    code = "stock_of_parts"


class OutOfStock(NotEnoughStock):
    """Less is left than was asked for; `left` says how much of each variant at fault."""

    code = "out_of_stock"

    def __init__(self, left: Mapping[UUID, int]):
        self.left = dict(left)
        super().__init__(_("Some of these products are no longer available in that quantity."))


def words_for_left(left: int) -> str:
    """Say how much is left, as a person would."""
    if left <= 0:
        return _("Sold out")
    return ngettext("Only %(left)d left", "Only %(left)d left", left) % {"left": left}


# --- The shelf ------------------------------------------------------------------------------------


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
        variant=variant, on_hand__gte=F("reserved") - quantity, is_of_parts=False
    ).update(on_hand=F("on_hand") + quantity)
    if not moved:
        if StockLevel.objects.filter(variant=variant, is_of_parts=True).exists():
            raise _of_parts(variant)
        raise NotEnoughStock(_("There is less of %(name)s than that.") % {"name": variant})
    StockMovement.objects.create(
        variant=variant, quantity=quantity, reason=reason, person=person, reference=reference
    )
    catalogue.refresh_listing([variant.product_id])
    return StockLevel.objects.get(variant=variant)


def _of_parts(variant: Variant) -> StockOfParts:
    return StockOfParts(
        _("%(name)s takes the stock of its parts. Move those instead.") % {"name": variant}
    )


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


@transaction.atomic(savepoint=False)
def count_all(
    counted: Mapping[UUID, int], *, reference: str, person: User | None = None
) -> dict[UUID, int]:
    """Set many shelves to what was counted; give by how much each was moved."""
    shelves = locked_shelves(counted)
    for key, shelf in shelves.items():
        if shelf.is_of_parts and counted[key]:
            raise _of_parts(Variant.objects.get(pk=key))
    differences = {
        key: counted[key] - shelf.on_hand
        for key, shelf in shelves.items()
        if counted[key] != shelf.on_hand
    }
    correct(differences, reference=reference, person=person)
    return differences


@dataclass(frozen=True)
class Shelf:
    """A stock level as it stands while it is locked."""

    on_hand: int
    reserved: int
    is_of_parts: bool


def locked_shelves(keys: Iterable[UUID]) -> dict[UUID, Shelf]:
    """Give these shelves, which nobody else moves until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_SHELVES, [sorted(keys)])
        return {key: Shelf(*figures) for key, *figures in cursor.fetchall()}


def correct(differences: Mapping[UUID, int], *, reference: str, person: User | None = None) -> None:
    """Add these differences to shelves that are locked: somebody counted them."""
    if differences:
        _apply(differences, on_hand=1)
        reason = StockMovement.Reason.COUNTED
        _record(differences, reason=reason, reference=reference, person=person)


_LOCK_SHELVES = """
SELECT variant_id, on_hand, reserved, is_of_parts FROM shop_stocklevel
WHERE variant_id = ANY(%s::uuid[]) ORDER BY variant_id FOR NO KEY UPDATE
"""


@transaction.atomic(savepoint=False)
def restock(
    quantities: Mapping[UUID, int],
    *,
    reason: str,
    reference: str,
    person: User | None = None,
) -> None:
    """Put so many of each variant back on the shelf; a kit of parts goes back as its parts."""
    quantities = {key: quantity for key, quantity in quantities.items() if quantity}
    if not quantities:
        return
    quantities = kits.unpacked(quantities)
    _change(quantities, on_hand=1)
    _record(quantities, reason=reason, reference=reference, person=person)


# --- Promises -------------------------------------------------------------------------------------


@transaction.atomic(savepoint=False)
def reserve(
    quantities: Mapping[UUID, int], *, holder: UUID, expires_at: datetime | None = None
) -> None:
    """Promise so many of each variant to the holder, or nothing at all (OutOfStock)."""
    keys = sorted(quantities)
    _require_left(quantities, lock=quantities)
    _apply(quantities, reserved=1)
    StockReservation._base_manager.bulk_create(
        [
            StockReservation(
                holder=holder, variant_id=key, quantity=quantities[key], expires_at=expires_at
            )
            for key in keys
        ]
    )


@transaction.atomic(savepoint=False)
def release(holder: UUID) -> bool:
    """Let go of everything promised to the holder; say whether there was anything."""
    quantities = _end(holder, StockReservation.Status.RELEASED)
    if quantities:
        _change(quantities, reserved=-1)
    return bool(quantities)


@transaction.atomic(savepoint=False)
def use(holder: UUID, *, reference: str, person: User | None = None) -> bool:
    """Take what was promised to the holder from the shelf; say whether there was anything."""
    quantities = _end(holder, StockReservation.Status.USED)
    if quantities:
        _change(quantities, on_hand=-1, reserved=-1)
        reason = StockMovement.Reason.SOLD
        _record(
            {key: -quantity for key, quantity in quantities.items()},
            reason=reason,
            reference=reference,
            person=person,
        )
    return bool(quantities)


@transaction.atomic(savepoint=False)
def take_back(holder: UUID, *, reference: str, person: User | None = None) -> bool:
    """Put back on the shelf what the holder had used, once; say whether there was anything."""
    quantities = _end(holder, StockReservation.Status.RELEASED, before=StockReservation.Status.USED)
    if quantities:
        reason = StockMovement.Reason.CANCELLED
        restock(quantities, reason=reason, reference=reference, person=person)
    return bool(quantities)


@transaction.atomic(savepoint=False)
def change(
    holder: UUID,
    wanted: Mapping[UUID, int],
    *,
    reference: str,
    person: User | None = None,
    expires_at: datetime | None = None,
) -> None:
    """Make what is promised to the holder, or used already, so many of each variant.

    Only the differences move, all of them or none (OutOfStock).
    """
    alive = [StockReservation.Status.ACTIVE, StockReservation.Status.USED]
    rows = list(
        StockReservation.objects.select_for_update(no_key=True, of=("self",)).filter(
            holder=holder, status__in=alive
        )
    )
    status = rows[0].status if rows else StockReservation.Status.ACTIVE
    held = {row.variant_id: row.quantity for row in rows}
    differences = {
        key: wanted.get(key, 0) - held.get(key, 0)
        for key in wanted.keys() | held.keys()
        if wanted.get(key, 0) != held.get(key, 0)
    }
    if not differences:
        return
    is_promise = status == StockReservation.Status.ACTIVE
    moving = differences if is_promise else kits.unpacked(differences)
    _require_left({key: more for key, more in moving.items() if more > 0}, lock=moving)
    if is_promise:
        _apply(moving, reserved=1)
    else:
        _apply(moving, on_hand=-1)
        reasons = StockMovement.Reason
        for reason, sign in ((reasons.SOLD, 1), (reasons.CANCELLED, -1)):
            moved = {key: -more for key, more in moving.items() if more * sign > 0}
            _record(moved, reason=reason, reference=reference, person=person)
    for row in rows:
        row.quantity = wanted.get(row.variant_id, 0) or row.quantity
        row.status = status if wanted.get(row.variant_id) else StockReservation.Status.RELEASED
    StockReservation.objects.bulk_update(rows, ["quantity", "status"])
    StockReservation._base_manager.bulk_create(
        StockReservation(
            holder=holder,
            variant_id=key,
            quantity=wanted[key],
            status=status,
            expires_at=expires_at,
        )
        for key in sorted(wanted.keys() - held.keys())
        if wanted[key]
    )


def extend(holder: UUID, *, until: datetime) -> None:
    """Keep a promise for longer."""
    StockReservation.objects.filter(holder=holder, status=StockReservation.Status.ACTIVE).update(
        expires_at=until
    )


def promised(holder: UUID) -> dict[UUID, int]:
    """Give what is promised to the holder, by variant."""
    return dict(
        StockReservation.objects.filter(
            holder=holder, status=StockReservation.Status.ACTIVE
        ).values_list("variant_id", "quantity")
    )


def _require_left(quantities: Mapping[UUID, int], *, lock: Iterable[UUID]) -> None:
    """Lock stock rows in the order of keys, and see that so many of each are left (OutOfStock)."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [sorted(lock)])
        left = dict(cursor.fetchall())
    missing = {key: left.get(key, 0) for key in quantities if left.get(key, 0) < quantities[key]}
    if missing:
        raise OutOfStock(missing)


def _end(
    holder: UUID, status: str, *, before: str = StockReservation.Status.ACTIVE
) -> dict[UUID, int]:
    """Move the holder's promises on, once: who comes second finds none."""
    with connection.cursor() as cursor:
        cursor.execute(_END, [status, holder, before])
        return dict(cursor.fetchall())


def _change(quantities: Mapping[UUID, int], *, on_hand: int = 0, reserved: int = 0) -> None:
    """Add so many times each quantity to shelf and promises, rows taken in the order of keys."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [sorted(quantities)])
    _apply(quantities, on_hand=on_hand, reserved=reserved)


def _apply(quantities: Mapping[UUID, int], *, on_hand: int = 0, reserved: int = 0) -> None:
    """Do so on rows that are already locked."""
    keys = sorted(quantities)
    with connection.cursor() as cursor:
        cursor.execute(
            _CHANGE,
            {
                "keys": keys,
                "quantities": [quantities[key] for key in keys],
                "on_hand": on_hand,
                "reserved": reserved,
            },
        )
        changed = cursor.fetchall()
    if len(changed) != len(keys):
        raise NotEnoughStock(_("A product of this order has no stock level."))
    # Lists show whether something is sold out or low; nobody waits for that under a lock.
    turned = sorted({product for product, has_turned, _is_part in changed if has_turned})
    if turned:
        transaction.on_commit(lambda: catalogue.refresh_listing(turned))
    if any(is_part for _product, _has_turned, is_part in changed):
        transaction.on_commit(lambda: catalogue.heal_kits(keys))


def _record(quantities: Mapping[UUID, int], *, reason, reference, person) -> None:
    StockMovement._base_manager.bulk_create(
        [
            StockMovement(
                variant_id=key,
                quantity=quantities[key],
                reason=reason,
                reference=reference,
                person=person,
            )
            for key in sorted(quantities)
        ]
    )


_LOCK = """
SELECT variant_id, on_hand - reserved FROM shop_stocklevel
WHERE variant_id = ANY(%s::uuid[]) ORDER BY variant_id FOR NO KEY UPDATE
"""
# Beside each product: whether what can be sold went over the line to sold out, low, or back.
_CHANGE = """
UPDATE shop_stocklevel AS level SET
    on_hand = level.on_hand + change.quantity * %(on_hand)s::int,
    reserved = level.reserved + change.quantity * %(reserved)s::int
FROM unnest(%(keys)s::uuid[], %(quantities)s::int[]) AS change (variant_id, quantity),
    shop_stocklevel AS old, shop_variant AS variant
WHERE level.variant_id = change.variant_id AND old.variant_id = change.variant_id
    AND variant.id = change.variant_id
RETURNING variant.product_id,
    (old.on_hand - old.reserved > 0) <> (level.on_hand - level.reserved > 0)
    OR (old.on_hand - old.reserved <= old.low_at)
        <> (level.on_hand - level.reserved <= level.low_at),
    EXISTS (SELECT 1 FROM shop_kitpart AS kit WHERE kit.part_id = change.variant_id)
"""
_END = """
UPDATE shop_stockreservation SET status = %s
WHERE holder = %s::uuid AND status = %s RETURNING variant_id, quantity
"""


# --- Proof ----------------------------------------------------------------------------------------


def differences(organization: Organization) -> list[dict]:
    """Give every variant whose shelf, movements and promises do not add up, with the figures."""
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERENCES, [organization.pk])
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@transaction.atomic
def check(organization: Organization, *, now: datetime) -> StockCheck:
    """Prove that the organization's stock adds up, and keep what was found."""
    found = differences(organization)
    variants = StockLevel.objects.count()
    return StockCheck.objects.create(
        organization=organization, at=now, variants=variants, differences=found
    )


_DIFFERENCES = """
SELECT variant.id::text AS variant, variant.sku, level.on_hand,
    coalesce(moved.quantity, 0)::int AS moved, level.reserved,
    coalesce(promised.quantity, 0)::int AS promised
FROM shop_stocklevel AS level
JOIN shop_variant AS variant ON variant.id = level.variant_id
LEFT JOIN (
    SELECT movement.variant_id, sum(movement.quantity) AS quantity
    FROM shop_stockmovement AS movement GROUP BY movement.variant_id
) AS moved ON moved.variant_id = level.variant_id
LEFT JOIN (
    SELECT reservation.variant_id, sum(reservation.quantity) AS quantity
    FROM shop_stockreservation AS reservation WHERE reservation.status = 'active'
    GROUP BY reservation.variant_id
) AS promised ON promised.variant_id = level.variant_id
WHERE variant.organization_id = %s::uuid
    AND (level.on_hand <> coalesce(moved.quantity, 0)
        OR level.reserved <> coalesce(promised.quantity, 0)
        -- A kit of parts has no shelf, and nothing else has none (see kit_making.py).
        OR level.is_of_parts <> (variant.kit_stock = 'parts'))
ORDER BY variant.sku
"""
