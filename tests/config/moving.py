"""Brings a filled database from the first landed state to the newest, and back; says what it saw.

Run by test_migrations.py in a process of its own, on a database of its own.
"""

import json
import sys
from pathlib import Path

import django
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django_scopes import scopes_disabled

from config.lib import rotation

FIRST = {"shop": "0005", "logistics": "0001", "orders": "0007"}
ROWS = Path(__file__).parent / "data" / "first_rows.sql"


def to_first(*others: str) -> None:
    """Bring our apps to that state, from before or after it, and others to their newest.

    All at once: Django goes through all migrations each time that it is asked.
    """
    executor = MigrationExecutor(connection)
    found = (executor.loader.get_migration_by_prefix(*one) for one in FIRST.items())
    newest = (leaf for app in others for leaf in executor.loader.graph.leaf_nodes(app))
    executor.migrate([*((one.app_label, one.name) for one in found), *newest])


def _tables() -> set[str]:
    with connection.cursor() as cursor:
        return {name for name in connection.introspection.table_names(cursor)}


def fill() -> None:
    with connection.cursor() as cursor:
        # In the order of the file, whatever points where; and as text, not as a prepared statement.
        cursor.execute("SET session_replication_role = replica")
        cursor.connection.execute(ROWS.read_text().encode(), prepare=False)
        cursor.execute("SET session_replication_role = DEFAULT")


def contents() -> dict[str, list[str]]:
    """Give the keys of all rows, by table."""
    found = {}
    with connection.cursor() as cursor:
        for table in sorted(_tables()):
            key = connection.introspection.get_primary_key_column(cursor, table)
            cursor.execute(f'SELECT "{key}"::text FROM "{table}" ORDER BY 1')
            found[table] = [value for (value,) in cursor.fetchall()]
    return found


def read_all() -> int:
    """Read every row of every model as the code of today does."""
    with scopes_disabled():
        return sum(len(list(model._base_manager.all())) for model in apps.get_models())


def main() -> None:
    django.setup()
    others = set(apps.app_configs) & {"account", "mfa", "sessions", "admin", "axes"}
    to_first("auth", *sorted(others))
    # By the command, which also does what follows migrations: names of models and permissions.
    call_command("migrate", "auth", verbosity=0)
    fill()
    told = {"before": contents()}
    call_command("migrate", verbosity=0)
    told["after"] = contents()
    told["read"] = read_all()
    with connection.cursor() as cursor:
        told["to rotate"] = sum(rotation.remaining(cursor, one) for one in rotation.columns())
    if "back" in sys.argv:
        to_first()
        told["back"] = contents()
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
