"""What a file would change in a rate table, and doing so: all of it or nothing, once."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import gettext as _

from config.lib.errors import DomainError
from shop import audit
from shop.models import AuditEntry, User

from . import rate_sheets
from .models import Rate, RateTable
from .rate_sheets import VALUES, Draft, Fault, Sheet

_CHUNK = 1_000


class TableChanged(DomainError):
    """Somebody changed the table after the file was compared with it."""

    code = "table_changed"


class HasFaults(DomainError):
    code = "has_faults"


@dataclass
class Change:
    """A rate as it would be, and the values that it has now."""

    rate: Rate
    before: dict


@dataclass
class Plan:
    """What would become of a table; `seen` stands for the rates that were compared."""

    seen: str
    added: list[Rate] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    removed: list[Rate] = field(default_factory=list)
    unchanged: int = 0
    faults: list[Fault] = field(default_factory=list)

    @property
    def has_changes(self) -> bool:
        return bool(self.added or self.changed or self.removed)


def compare(table: RateTable, sheet: Sheet) -> Plan:
    """Give what the table would become; the file says the whole of it."""
    rates = list(
        table.rates.select_related("department", "municipality__department").order_by("id")
    )
    drafts, faults = rate_sheets.read(sheet, table.organization.currency)
    known = {_case(rate): rate for rate in rates}
    plan = Plan(_mark(rates), faults=faults)
    for draft in drafts:
        _place(plan, table, known.pop(rate_sheets.case_of(draft), None), draft)
    plan.removed = list(known.values())
    plan.faults.sort(key=lambda fault: fault.line)
    return plan


def _place(plan: Plan, table: RateTable, rate: Rate | None, draft: Draft) -> None:
    """Add what a row would do to the plan."""
    is_new = rate is None
    if is_new:
        department, municipality = draft.place
        rate = Rate(table=table, department=department, municipality=municipality)
        for name in rate_sheets.STEPS:
            setattr(rate, name, draft.values[name])
    before = {name: getattr(rate, name) for name in draft.values if name in VALUES}
    for name in before:
        setattr(rate, name, draft.values[name])
    if rate.days_max < rate.days_min:
        words = _("The most days cannot be fewer than the least.")
        plan.faults.append(Fault(draft.line, "", words))
    if is_new:
        plan.added.append(rate)
    elif all(getattr(rate, name) == value for name, value in before.items()):
        plan.unchanged += 1
    else:
        plan.changed.append(Change(rate, before))


@transaction.atomic
def apply(table: RateTable, sheet: Sheet, *, seen: str, person: User | None) -> Plan:
    """Make the table what the file says, when it still is what `seen` stands for."""
    RateTable.objects.select_for_update(no_key=True, of=("self",)).get(pk=table.pk)
    plan = compare(table, sheet)
    if plan.faults:
        raise HasFaults(_("Correct the rows with errors first."))
    if not plan.has_changes:
        return plan
    if plan.seen != seen:
        raise TableChanged(_("Somebody changed this table meanwhile. Look at it again."))
    _record(plan, table, sheet, person)
    Rate.objects.filter(pk__in=[rate.pk for rate in plan.removed]).delete()
    changed = [change.rate for change in plan.changed]
    Rate._base_manager.bulk_update(changed, VALUES, batch_size=_CHUNK)
    Rate._base_manager.bulk_create(plan.added, batch_size=_CHUNK)
    return plan


def _record(plan: Plan, table: RateTable, sheet: Sheet, person: User | None) -> None:
    """Write down the file at its table, and each price at its own rate."""
    kept = plan.unchanged + len(plan.changed)
    audit.record(
        table.organization,
        person,
        AuditEntry.Action.CHANGED,
        table,
        before={"rates": kept + len(plan.removed)},
        after={"rates": kept + len(plan.added), "file": sheet.name},
        source="import",
    )
    audit.record_all(table.organization, person, _deeds(plan), source="import")


def _deeds(plan: Plan) -> Iterator[tuple]:
    action = AuditEntry.Action
    for rate in plan.removed:
        yield action.DELETED, rate, audit.snapshot(rate), {}
    for change in plan.changed:
        after = {name: getattr(change.rate, name) for name in change.before}
        yield action.CHANGED, change.rate, change.before, after
    for rate in plan.added:
        yield action.ADDED, rate, {}, audit.snapshot(rate)


def _case(rate: Rate) -> tuple:
    steps = (getattr(rate, name) for name in rate_sheets.STEPS)
    return (rate.department_id, rate.municipality_id, *steps)


def _mark(rates: list[Rate]) -> str:
    """Give a short text that differs when any rate does."""
    held = [
        (str(rate.pk), *_case(rate), *(getattr(rate, name) for name in VALUES)) for rate in rates
    ]
    return hashlib.blake2b(repr(held).encode(), digest_size=12).hexdigest()
