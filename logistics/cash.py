"""Cash on delivery after the delivery: what carriers owe, what they paid over, what is missing.

A courier takes the buyer's money at the door; until it reaches the shop, the carrier owes it. The
one line that is counted for a shipment tells what was paid for it; whoever sells follows that line
(orders/cash_following.py), and tells here what people wrote down there.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import BinaryIO

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from config.lib.errors import DomainError
from shop import audit
from shop.models import AuditEntry, Organization, User

from . import cash_sheets
from .cash_sheets import Entry
from .models import CarrierAccount, CashLine, CashStatement, Shipment
from .models.shipments import State
from .signals import cash_told

Result = CashLine.Result
# Carriers pay over once a week or two.
PATIENCE = timedelta(days=15)
_BATCH = 1_000
# A delivery that its carrier tells later than its payment is looked at again so often.
_LOOK_AGAIN = timedelta(hours=1)


class CannotUndo(DomainError):
    code = "cannot_undo"


class NothingToSettle(DomainError):
    code = "nothing_to_settle"


# --- What is expected -----------------------------------------------------------------------------


def due(organization: Organization):
    """Give the shipments whose cash a carrier took; practice ones count in a practice shop only."""
    return Shipment.objects.filter(
        state=State.DELIVERED, cash_to_collect__gt=0, is_test=not organization.is_live
    )


def unpaid(organization: Organization):
    """Give those of which no carrier said that it paid, the oldest first."""
    counted = CashLine.objects.filter(is_counted=True).values("shipment")
    return due(organization).exclude(pk__in=counted).order_by("delivered_at", "id")


def missing(organization: Organization, *, now: datetime):
    """Give those that should have been paid by now."""
    return unpaid(organization).filter(delivered_at__lt=now - PATIENCE)


# --- Statements -----------------------------------------------------------------------------------


def take_in(
    organization: Organization,
    name: str,
    file: BinaryIO,
    *,
    account: CarrierAccount | None,
    now: datetime,
    actor: User | None,
) -> tuple[CashStatement, bool]:
    """Read a carrier's file and compare it; say whether it is new: the same changes nothing."""
    sheet = cash_sheets.read(name, file, currency=organization.currency)
    with transaction.atomic():
        # Two people with one file: the second waits here and finds the statement.
        Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
        known = CashStatement.objects.filter(fingerprint=sheet.fingerprint, undone_at=None).first()
        if known is not None:
            return known, False
        statement = CashStatement.objects.create(
            organization=organization,
            account=account,
            name=sheet.name,
            fingerprint=sheet.fingerprint,
            currency=organization.currency,
            line_count=len(sheet.entries),
            collected=sum(entry.collected for entry in sheet.entries),
            fees=sum(entry.fee for entry in sheet.entries),
            paid=sum(entry.paid for entry in sheet.entries),
            imported_by=actor,
            imported_at=now,
        )
        lines = _compared(statement, sheet.entries, now=now)
        CashLine.objects.bulk_create(lines, batch_size=_BATCH)
        after = audit.snapshot(statement) | {"line_count": len(lines), "paid": statement.paid}
        audit.record(organization, actor, AuditEntry.Action.ADDED, statement, after=after)
        _tell(statement)
    return statement, True


def _compared(statement: CashStatement, entries: list[Entry], *, now: datetime) -> list[CashLine]:
    """Give a line for each entry, and let what was written by hand give way to it."""
    found = _shipments(statement, {entry.tracking_number for entry in entries})
    counted = CashLine.objects.filter(shipment__in=set(found.values()), is_counted=True)
    by_hand = Q(statement__is_by_hand=True)
    taken = set(counted.exclude(by_hand).values_list("shipment_id", flat=True))
    lines = []
    for entry in entries:
        shipment = found.get(entry.tracking_number)
        line = CashLine(
            statement=statement,
            row=entry.row,
            tracking_number=entry.tracking_number,
            shipment=shipment,
            expected=shipment.cash_to_collect if shipment else 0,
            collected=entry.collected,
            fee=entry.fee,
            paid=entry.paid,
            paid_on=entry.paid_on,
        )
        is_paid = shipment is not None and shipment.pk in taken
        line.result = Result.ALREADY_PAID if is_paid else _result(line)
        line.is_counted = shipment is not None and not is_paid
        line.follow_at = now if line.is_counted else None
        if line.is_counted:
            taken.add(shipment.pk)
        lines.append(line)
    mine = [line.shipment_id for line in lines if line.is_counted]
    CashLine.objects.filter(by_hand, is_counted=True, shipment__in=mine).update(is_counted=False)
    return lines


def _shipments(statement: CashStatement, guides: set[str]) -> dict[str, Shipment]:
    """Give the shipment of each guide; our own code does as well, for couriers of the shop."""
    mine = Shipment.objects.filter(is_test=not statement.organization.is_live)
    if statement.account_id:
        mine = mine.filter(account=statement.account_id)
    # In files guides are written in capitals; here as somebody typed them.
    wanted = guides | {guide.lower() for guide in guides}
    rows = mine.filter(Q(tracking_number__in=wanted) | Q(code__in=guides)).order_by("id")
    # Locked, so that two statements at once do not both count one of them.
    rows = rows.select_for_update(no_key=True, of=("self",)).only(
        "id", "organization_id", "code", "tracking_number", "cash_to_collect", "state"
    )
    by_code, by_number = {}, {}
    for shipment in rows:
        by_code[shipment.code.upper()] = shipment
        # A number that is used again belongs to the newest.
        by_number[shipment.tracking_number.upper()] = shipment
    return by_code | {number: shipment for number, shipment in by_number.items() if number}


def _result(line: CashLine) -> str:
    if line.shipment is None:
        return Result.UNKNOWN
    if line.shipment.state != State.DELIVERED:
        return Result.NOT_DELIVERED
    return _by_amount(line)


def _by_amount(line: CashLine) -> str:
    return Result.DIFFERENT if line.difference else Result.MATCHED


@transaction.atomic
def undo(statement: CashStatement, *, now: datetime, actor: User) -> None:
    """Take a statement back, once; what was written by hand before it counts again."""
    statement = CashStatement.objects.select_for_update(no_key=True).get(pk=statement.pk)
    if statement.undone_at is not None:
        return
    if statement.is_by_hand and statement.collected:
        raise CannotUndo(_("This cash was written down at its order."))
    before = audit.snapshot(statement)
    statement.undone_by, statement.undone_at = actor, now
    statement.save(update_fields=["undone_by", "undone_at"])
    counted = statement.lines.filter(is_counted=True)
    freed = list(counted.values_list("shipment_id", flat=True))
    counted.update(is_counted=False, follow_at=now)
    earlier = CashLine.objects.filter(
        shipment__in=freed, statement__is_by_hand=True, statement__undone_at=None
    )
    for line in earlier.order_by("shipment_id", "id").distinct("shipment_id"):
        CashLine.objects.filter(pk=line.pk).update(is_counted=True)
    after = audit.snapshot(statement)
    audit.record(
        statement.organization,
        actor,
        AuditEntry.Action.CHANGED,
        statement,
        before=before,
        after=after,
    )
    _tell(statement)


@transaction.atomic
def settle(line: CashLine, note: str, *, now: datetime, actor: User) -> None:
    """Close a difference with what a person found out, once."""
    line = CashLine.objects.select_for_update(of=("self",), no_key=True).get(pk=line.pk)
    if not line.needs_person or line.statement.undone_at is not None:
        raise NothingToSettle(_("Nothing is open here: somebody settled it before."))
    before = audit.snapshot(line)
    line.note, line.settled_by, line.settled_at = note, actor, now
    if line.is_counted and line.result == Result.NOT_DELIVERED:
        # A person vouches for it: its order follows without waiting for the delivery.
        line.follow_at = now
    line.save(update_fields=["note", "settled_by", "settled_at", "follow_at"])
    audit.record(
        line.statement.organization,
        actor,
        AuditEntry.Action.CHANGED,
        line,
        before=before,
        after=audit.snapshot(line),
    )
    _tell(line.statement)


@transaction.atomic
def write_off(shipment: Shipment, note: str, *, now: datetime, actor: User) -> CashLine:
    """Close what is missing with a note; a statement that pays it after all takes its place."""
    line = _by_hand(shipment, 0, now=now, actor=actor)
    if line is None:
        raise NothingToSettle(_("Nothing is open here: somebody settled it before."))
    line.note, line.settled_by, line.settled_at = note, actor, now
    line.save(update_fields=["note", "settled_by", "settled_at"])
    audit.record(
        shipment.organization, actor, AuditEntry.Action.ADDED, line, after=audit.snapshot(line)
    )
    return line


@transaction.atomic
def note_by_hand(
    shipments: Iterable[Shipment], amount: int, *, now: datetime, actor: User | None
) -> None:
    """Count cash that people wrote down elsewhere, for the first of these that still awaits it."""
    for shipment in shipments:
        if shipment.cash_to_collect and _by_hand(shipment, amount, now=now, actor=actor):
            return


def _by_hand(shipment: Shipment, amount: int, *, now, actor) -> CashLine | None:
    """Write one line without a file; more cash of the same kind is added to it."""
    shipment = Shipment.objects.select_for_update(no_key=True, of=("self",)).get(pk=shipment.pk)
    counted = shipment.cash_lines.filter(is_counted=True).select_related("statement").first()
    if counted is not None:
        if not (counted.statement.is_by_hand and amount):
            return None
        counted.collected += amount
        counted.paid += amount
        counted.result = _by_amount(counted)
        counted.save(update_fields=["collected", "paid", "result"])
        CashStatement.objects.filter(pk=counted.statement_id).update(
            collected=F("collected") + amount, paid=F("paid") + amount
        )
        return counted
    statement = CashStatement.objects.create(
        organization=shipment.organization,
        account_id=shipment.account_id,
        is_by_hand=True,
        currency=shipment.currency,
        line_count=1,
        collected=amount,
        paid=amount,
        imported_by=actor,
        imported_at=now,
    )
    line = CashLine(
        statement=statement,
        row=1,
        tracking_number=shipment.tracking_number or shipment.code,
        shipment=shipment,
        expected=shipment.cash_to_collect,
        collected=amount,
        paid=amount,
        paid_on=now.date(),
        is_counted=True,
    )
    line.result = _by_amount(line)
    line.save(force_insert=True)
    return line


# --- Whoever sells follows ------------------------------------------------------------------------


def look_again(line: CashLine, *, now: datetime) -> bool:
    """Say whether a counted line may be followed now; a delivery may have been told meanwhile."""
    if line.result != Result.NOT_DELIVERED:
        return True
    result = _result(line)
    if result != Result.NOT_DELIVERED:
        line.result = result
        line.save(update_fields=["result"])
        return True
    if line.settled_at is None:
        CashLine.objects.filter(pk=line.pk).update(follow_at=now + _LOOK_AGAIN)
    return line.settled_at is not None


def followed(line: CashLine, *, again_at: datetime | None = None) -> None:
    """Note that whoever sells did what follows from this line, or will look at it again."""
    CashLine.objects.filter(pk=line.pk).update(follow_at=again_at)


def _tell(statement: CashStatement) -> None:
    """Tell whoever sells, after the commit; what is missed has its time in the line."""
    transaction.on_commit(
        lambda: cash_told.send(
            sender=CashStatement,
            statement_id=str(statement.pk),
            organization_id=str(statement.organization_id),
        )
    )
