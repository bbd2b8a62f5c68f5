"""Numbers that people read: distinct in an organization, gaps allowed."""

from django.db import connection
from django_scopes import get_scope

from config.lib.fields import uuid7

from .models import Organization, Sequence


def next_number(organization: Organization, name: str) -> int:
    """Give the next number under this name (see next_numbers)."""
    return next_numbers(organization, [name])[0]


def next_numbers(organization: Organization, names: list[str]) -> list[int]:
    """Give the next number under each name, as one statement that parallel callers may share.

    The rows stay locked until the caller's transaction ends, so call it late.
    """
    if get_scope().get("organization") not in (organization, None):
        raise ValueError("A number of another organization was asked for.")
    table = Sequence._meta.db_table
    # In the order of the names, so that two callers cannot wait for each other.
    wanted = sorted(set(names))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (id, organization_id, name, value) "  # noqa: S608
            "SELECT wanted.id, %s::uuid, wanted.name, 1 "
            "FROM unnest(%s::uuid[], %s::text[]) AS wanted (id, name) "
            f"ON CONFLICT (organization_id, name) DO UPDATE SET value = {table}.value + 1 "
            "RETURNING name, value",
            [organization.pk, [uuid7() for _name in wanted], wanted],
        )
        given = dict(cursor.fetchall())
    return [given[name] for name in names]


def was_given(organization: Organization, name: str) -> bool:
    """Say whether a number under this name was ever given out."""
    return Sequence.objects.filter(organization=organization, name=name, value__gt=0).exists()
