"""Brings every encrypted text under the newest key, in small steps while the shop runs."""

from dataclasses import dataclass

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction

from . import secrecy
from .fields import SecretsField


@dataclass(frozen=True)
class Column:
    """Where encrypted text stands: alone, or inside of JSON."""

    table: str
    key: str
    name: str
    type: str


@dataclass
class Passed:
    """What one pass through a column did."""

    changed: int = 0
    unreadable: int = 0


def columns() -> list[Column]:
    """Give every column that holds encrypted text: our own fields, and those of libraries."""
    own = [
        Column(model._meta.db_table, model._meta.pk.column, field.column, "text")
        for model in apps.get_models()
        for field in model._meta.local_concrete_fields
        if isinstance(field, SecretsField)
    ]
    return [*own, *(Column(*described) for described in settings.ENCRYPTED_COLUMNS)]


def _is_encrypted(column: Column) -> str:
    return f"""{column.name}::text ~ '(^|")([0-9a-f]{{8}}:)?gAAAA'"""


def _is_old(column: Column) -> str:
    # Without what the newest key encrypted, something encrypted is left.
    rest = f"regexp_replace({column.name}::text, %s::text, '', 'g')"
    return f"""{rest} ~ '(^|")([0-9a-f]{{8}}:)?gAAAA'"""


def _newest() -> str:
    return f"{secrecy.current_name()}:gAAAA"


def remaining(cursor, column: Column) -> int:
    """Give how many rows are not yet under the newest key."""
    cursor.execute(
        f"SELECT count(*) FROM {column.table} WHERE {_is_old(column)}",  # noqa: S608
        [_newest()],
    )
    return cursor.fetchone()[0]


def lost_keys(cursor, column: Column) -> set[str]:
    """Give the names of the keys that rows need and this installation does not have."""
    found = f"""regexp_matches({column.name}::text, '(?:^|")([0-9a-f]{{8}}):gAAAA', 'g')"""
    cursor.execute(
        f"SELECT DISTINCT found[1] FROM {column.table}, {found} AS found "  # noqa: S608
        f"WHERE {_is_encrypted(column)}"
    )
    return {name for (name,) in cursor.fetchall()} - secrecy.known_names()


def rotate(column: Column, *, chunk: int):
    """Encrypt a column's rows anew, so many in one transaction; give what was done after each.

    What is being written just now is left to the next pass, and so nobody waits.
    """
    passed, last = Passed(), None
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            rows = _old_rows(cursor, column, after=last, chunk=chunk)
            for key, text in rows:
                _encrypt_anew(cursor, column, key, text, passed)
        if not rows:
            return
        last = rows[-1][0]
        yield passed


def _old_rows(cursor, column: Column, *, after, chunk: int) -> list[tuple]:
    start = "" if after is None else f"AND {column.key} > %s"
    cursor.execute(
        f"SELECT {column.key}, {column.name}::text FROM {column.table} "  # noqa: S608
        f"WHERE {_is_old(column)} {start} ORDER BY {column.key} LIMIT {int(chunk)} "
        "FOR NO KEY UPDATE SKIP LOCKED",
        [_newest(), *([] if after is None else [after])],
    )
    return cursor.fetchall()


def _encrypt_anew(cursor, column: Column, key, text: str, passed: Passed) -> None:
    try:
        written = secrecy.ENCRYPTED.sub(
            lambda found: secrecy.encrypt(secrecy.decrypt(found[0])), text
        )
    except secrecy.Unreadable:
        passed.unreadable += 1
        return
    cursor.execute(
        f"UPDATE {column.table} SET {column.name} = %s::{column.type} "  # noqa: S608
        f"WHERE {column.key} = %s",
        [written, key],
    )
    passed.changed += 1
