"""Numbers that people read: distinct in an organization, gaps allowed."""

from django.db import connection
from django_scopes import get_scope

from config.lib.fields import uuid7

from .models import Organization, Sequence


def next_number(organization: Organization, name: str) -> int:
    """Give the next number under this name, as one statement that parallel callers may share.

    The row stays locked until the caller's transaction ends, so call it late.
    """
    if get_scope().get("organization") not in (organization, None):
        raise ValueError("A number of another organization was asked for.")
    table = Sequence._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (id, organization_id, name, value) VALUES (%s, %s, %s, 1) "  # noqa: S608
            f"ON CONFLICT (organization_id, name) DO UPDATE SET value = {table}.value + 1 "
            "RETURNING value",
            [uuid7(), organization.pk, name],
        )
        return cursor.fetchone()[0]
