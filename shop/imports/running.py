"""The life of an import: one worker at a time, part by part, each part whole or not at all.

Every part is one transaction that also moves the import's own place on. So a worker may be killed
anywhere: the next one goes on where the last commit ended, and nothing is done twice.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from config.lib.errors import DomainError

from .. import audit
from ..models import AuditEntry, ImportFault, ProductImport, User
from . import bulk, comparing, drafts, reading, undoing, writing
from .drafts import Draft
from .reasons import BadFile
from .shelves import Shelves
from .tables import Fault, Table

logger = logging.getLogger(__name__)

Status = ProductImport.Status
# Products in one transaction: about a thousand rows.
PART = 200
# Who does not move on for so long is thought dead; somebody else takes over.
LEASE = timedelta(minutes=3)
_TRIES = 3


class Busy(DomainError):
    code = "import_is_running"


class NotNow(DomainError):
    code = "import_not_now"


class Lost(Exception):
    """Somebody else has this import now, or it was stopped."""


# --- What a person decides ------------------------------------------------------------------------


def start(one: ProductImport, *, person: User | None, now: datetime, unseen: bool = False) -> None:
    """Bring a file into the shop: one that is counted, or one that nobody wants to see first."""
    allowed = [Status.READY, Status.READING] if unseen else [Status.READY]
    values = {"person": person, "started_at": now, "finished_at": None} | _NOTHING_DONE
    _begin(one, Status.RUNNING, allowed, values)


def undo(one: ProductImport, *, person: User | None, now: datetime) -> None:
    """Take back everything that an import did."""
    values = {"person": person, "kept": 0, "done": 0, "finished_at": None}
    _begin(one, Status.UNDOING, ProductImport.UNDOABLE, values)


@transaction.atomic
def stop(one: ProductImport, *, person: User | None) -> None:
    """End a run after the products it is at."""
    stopped = ProductImport.objects.filter(pk=one.pk, status=Status.RUNNING).update(
        status=Status.FAILED, reason="stopped", claim=None, claimed_until=None
    )
    one.refresh_from_db()
    if stopped:
        reading.forget_file(one)
        _record(one, person, AuditEntry.Action.CHANGED)


@transaction.atomic
def discard(one: ProductImport) -> None:
    """Forget a file that was not started."""
    held = (
        ProductImport.objects.select_for_update(of=("self",))
        .filter(pk=one.pk, status__in=[Status.READING, Status.READY])
        .first()
    )
    if held is None:
        raise _not_now()
    reading.forget_file(held)
    held.delete()


def _begin(one: ProductImport, status: str, allowed, values: dict) -> None:
    busy = Busy(_("Another import of this shop is running. Wait until it is done."))
    try:
        with transaction.atomic():
            begun = ProductImport.objects.filter(pk=one.pk, status__in=allowed).update(
                status=status, claim=None, claimed_until=None, **values
            )
    except IntegrityError:
        raise busy from None
    one.refresh_from_db()
    if not begun and one.status != status:
        raise _not_now()


_NOTHING_DONE = dict.fromkeys(("done", "added", "changed", "unchanged", "faulty"), 0)


def choose(one: ProductImport, *, rates: dict[str, str], currency: str) -> None:
    """Count a file again, with these rates and this currency for prices without one."""
    counted = ProductImport.objects.filter(pk=one.pk, status=Status.READY).update(
        rates=rates, currency=currency, status=Status.READING, **_NOTHING_DONE
    )
    one.refresh_from_db()
    if not counted:
        raise _not_now()


def _not_now() -> NotNow:
    return NotNow(_("This cannot be done with this import now."))


# --- A worker at it -------------------------------------------------------------------------------


def carry_on(key: UUID, *, report: Callable[[ProductImport], object] | None = None) -> None:
    """Do what there is to do on an import, from where the last worker left it."""
    one = _claim(key)
    if one is None:
        return
    work = {Status.READING: _read, Status.RUNNING: _run, Status.UNDOING: _undo}[Status(one.status)]
    language = one.organization.language
    try:
        # What is made on the way (categories, choices) is named in the language of the shop.
        with translation.override(language):
            work(one, report or (lambda _one: None))
    except Lost:
        return
    except BadFile as bad:
        _end(one, Status.FAILED, reason=bad.reason, parameters=bad.parameters)
    except (OperationalError, InterfaceError):
        # The database went away. The sweeper finds this import when it is back.
        raise
    except Exception:
        logger.exception("An import of products broke")
        _end(one, Status.FAILED, reason="broken")
        raise


def _claim(key: UUID) -> ProductImport | None:
    """Take an import that nobody works at."""
    now = timezone.now()
    claim = uuid4()
    taken = (
        ProductImport.objects.filter(pk=key, status__in=ProductImport.AT_WORK)
        .filter(Q(claimed_until__isnull=True) | Q(claimed_until__lt=now))
        .update(claim=claim, claimed_until=now + LEASE)
    )
    if not taken:
        return None
    one = ProductImport.objects.select_related("organization", "person").get(pk=key)
    return one if one.claim == claim else None


def hold(one: ProductImport) -> None:
    """Lock an import for one part of its work; raises Lost when it is not ours any more."""
    held = (
        ProductImport.objects.select_for_update(no_key=True, of=("self",))
        .filter(pk=one.pk, claim=one.claim, status=one.status)
        .first()
    )
    if held is None or held.claim is None:
        raise Lost
    for name in ("done", "added", "changed", "unchanged", "faulty", "kept", "made"):
        setattr(one, name, getattr(held, name))


def move_on(one: ProductImport, *fields: str) -> None:
    """Save how far a part of the work has come; the lease begins anew."""
    one.claimed_until = timezone.now() + LEASE
    one.save(update_fields=["done", "claimed_until", *fields])


@transaction.atomic
def _end(one: ProductImport, status: str, **values) -> None:
    """Finish the work, unless the import is not ours any more."""
    before = one.status
    values |= {"status": status, "claim": None, "claimed_until": None}
    if not ProductImport.objects.filter(pk=one.pk, claim=one.claim).update(**values):
        return
    one.refresh_from_db()
    reading.forget_file(one)
    if before != Status.READING:
        is_new = before == Status.RUNNING
        action = AuditEntry.Action.ADDED if is_new else AuditEntry.Action.CHANGED
        _record(one, one.person, action)


def _record(one: ProductImport, person: User | None, action: str) -> None:
    """One entry for a whole import that did something: its changes tell the rest."""
    if one.added or one.changed:
        names = ("status", "added", "changed", "unchanged", "faulty", "kept")
        after = {name: getattr(one, name) for name in names}
        audit.record(one.organization, person, action, one, after=after, source="import")


# --- Reading and counting -------------------------------------------------------------------------


def _read(one: ProductImport, report: Callable) -> None:
    _stage(one)
    table = Table(one)
    while one.done < one.total:
        with transaction.atomic():
            hold(one)
            made = _next(one, table)
            shelves = Shelves(one.organization, made)
            _settle(one, comparing.plans(shelves, table, made))
        report(one)
    _end(one, Status.READY)


def _stage(one: ProductImport) -> None:
    """Keep the rows of the file, unless that was done."""
    if one.file:
        with transaction.atomic():
            hold(one)
            reading.stage(one)
            one.faults.all().delete()
            move_on(one)


def _next(one: ProductImport, table: Table) -> list[Draft]:
    """Give the next products of the file."""
    return drafts.part(one, table, start=one.done, count=PART)


def _settle(one: ProductImport, plans: list[comparing.Plan]) -> None:
    """Count what became of a part of the file, and write its faults down."""
    for plan in plans:
        setattr(one, plan.outcome, getattr(one, plan.outcome) + 1)
    last = one.done + PART
    one.faults.filter(number__gte=one.done, number__lt=last).delete()
    ImportFault.objects.bulk_create(
        [
            ImportFault(
                product_import=one,
                number=plan.draft.number,
                line=fault.line,
                column=fault.column,
                reason=fault.reason,
                parameters=fault.parameters,
            )
            for plan in plans
            for fault in plan.faults
        ],
        batch_size=1_000,
    )
    one.done = min(last, one.total)
    move_on(one, "added", "changed", "unchanged", "faulty", "made")


# --- Running --------------------------------------------------------------------------------------


def _run(one: ProductImport, report: Callable) -> None:
    _stage(one)
    table = Table(one)
    while one.done < one.total:
        _run_part(one, table)
        report(one)
    with transaction.atomic():
        hold(one)
        # Only the rows of faulty products are needed any more, for the file of errors.
        faulty = one.faults.exclude(number=None)
        one.lines.exclude(number__in=faulty.values("number")).delete()
        _end(one, Status.DONE, finished_at=timezone.now())


def _run_part(one: ProductImport, table: Table) -> None:
    for attempt in range(1, _TRIES + 1):
        try:
            with transaction.atomic():
                hold(one)
                _bring_in(one, table, _next(one, table))
            return
        except (IntegrityError, OperationalError) as error:
            # Somebody took the same SKU at this moment, or two waited for each other.
            if attempt == _TRIES and isinstance(error, IntegrityError):
                break
            if attempt == _TRIES or _is_gone():
                raise
    with transaction.atomic():
        hold(one)
        _bring_in_singly(one, table, _next(one, table))


def _is_gone() -> bool:
    connection = transaction.get_connection()
    return connection.connection is None or not connection.is_usable()


def _bring_in(one: ProductImport, table: Table, made: list[Draft]) -> None:
    shelves = Shelves(one.organization, made)
    plans = comparing.plans(shelves, table, made)
    changing = [plan for plan in plans if plan.product and plan.outcome == comparing.CHANGED]
    if changing:
        # Locked, read again, and only then decided.
        bulk.lock(
            stock=[
                one.variant.pk
                for plan in changing
                for one in plan.variants
                if one.stock and one.variant
            ],
            products=[plan.product.pk for plan in changing],
        )
        shelves = Shelves(one.organization, made)
        plans = comparing.plans(shelves, table, made)
    writing.write(one, shelves, plans, now=timezone.now())
    _settle(one, plans)


def _bring_in_singly(one: ProductImport, table: Table, made: list[Draft]) -> None:
    """Find the product that the database refuses, and bring the others in."""
    plans = []
    for draft in made:
        shelves = Shelves(one.organization, [draft])
        (plan,) = comparing.plans(shelves, table, [draft])
        try:
            with transaction.atomic():
                writing.write(one, shelves, [plan], now=timezone.now())
        except IntegrityError:
            plan.faults.append(Fault(draft.line, "", "not_saved"))
        plans.append(plan)
    _settle(one, plans)


def _undo(one: ProductImport, report: Callable) -> None:
    while True:
        with transaction.atomic():
            hold(one)
            is_over = not undoing.undo_part(one)
            if is_over:
                undoing.remove_what_was_made(one)
                one.lines.all().delete()
                _end(one, Status.UNDONE, finished_at=timezone.now())
                return
            move_on(one, "kept")
        report(one)
