"""What staff did, row by row, with what stood there before and after."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from .models import AuditEntry, Organization, User

# Never written down, whatever the row.
_SECRET = {"password"}
_LONGEST_LABEL = 200

_source: ContextVar[str] = ContextVar("source of deeds", default="admin")


@contextmanager
def coming_from(source: str) -> Iterator[None]:
    """Write down that what is done while the block runs came from there, such as "api"."""
    token = _source.set(source)
    try:
        yield
    finally:
        _source.reset(token)


def snapshot(row: models.Model) -> dict:
    """Give what people may change in a row; take one before and one after."""
    # What operations derive for lists (not editable) is nobody's doing.
    values = {
        field.name: field.value_from_object(row)
        for field in row._meta.concrete_fields
        if field.editable and not field.primary_key and field.name not in _SECRET
    }
    for field in row._meta.many_to_many:
        values[field.name] = sorted(str(linked.pk) for linked in getattr(row, field.name).all())
    return json.loads(json.dumps(values, cls=_Encoder))


def record(
    organization: Organization | None,
    actor: User | None,
    action: str,
    row: models.Model,
    *,
    before: dict | None = None,
    after: dict | None = None,
    source: str = "",
) -> AuditEntry | None:
    """Write down one deed and give its entry; a change that changed nothing leaves none.

    Call it in the transaction of the deed itself, for a deletion before the row is gone.
    """
    entry = _entry(organization, actor, action, row, before or {}, after or {}, source)
    if entry is not None:
        # Not through the scoped manager: an operator's deed belongs to no organization.
        entry.save(force_insert=True)
    return entry


def record_all(
    organization: Organization,
    actor: User | None,
    deeds: Iterable[tuple[str, models.Model, dict, dict]],
    *,
    source: str = "",
) -> None:
    """Write down many deeds of one person: each an action, its row, and before and after."""
    entries = (_entry(organization, actor, *deed, source) for deed in deeds)
    AuditEntry._base_manager.bulk_create(filter(None, entries), batch_size=1_000)


def _entry(organization, actor, action, row, before, after, source) -> AuditEntry | None:
    changes = {
        name: [before.get(name), after.get(name)]
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    }
    if action == AuditEntry.Action.CHANGED and not changes:
        return None
    return AuditEntry(
        organization=organization,
        actor=actor,
        actor_label=str(actor or "")[:_LONGEST_LABEL],
        action=action,
        model=row._meta.model_name,
        row_id=str(row.pk),
        row_label=str(row)[:_LONGEST_LABEL],
        changes=json.loads(json.dumps(changes, cls=_Encoder)),
        source=source or _source.get(),
    )


class _Encoder(DjangoJSONEncoder):
    """Dates and keys as Django writes them, and anything else (a phone number) as text."""

    def default(self, value):
        try:
            return super().default(value)
        except TypeError:
            return str(value)
