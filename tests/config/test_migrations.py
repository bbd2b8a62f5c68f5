"""Migrations take a filled database along, forward and back, and hold nobody up."""

import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, migrations
from django.db.migrations.loader import MigrationLoader

from config import local
from tests.config.moving import FIRST

OURS = tuple(FIRST)
# Tables in which a shop that lives for years has a million rows.
LARGE = {
    "auditentry",
    "cart",
    "cartline",
    "customer",
    "gatewayevent",
    "gatewaytransaction",
    "order",
    "orderevent",
    "orderline",
    "paymentattempt",
    "stockmovement",
    "stockreservation",
}
# Landed before there was a shop to hold up.
BEFORE_ANY_SHOP = {
    "orders": 12,
    "shop": 12,
}


@pytest.fixture
def own_database():
    """Give the address of an empty database beside that of the tests."""
    parameters = connection.get_connection_params()
    host = parameters["host"]
    with psycopg.connect(
        host=host, user=parameters["user"], dbname="postgres", autocommit=True
    ) as it:
        it.execute("DROP DATABASE IF EXISTS kaiu_moves WITH (FORCE)")
        it.execute("CREATE DATABASE kaiu_moves")
        yield f"postgresql://{parameters['user']}@/kaiu_moves?host={host}"
        it.execute("DROP DATABASE kaiu_moves WITH (FORCE)")


def ours() -> dict[tuple[str, str], migrations.Migration]:
    loader = MigrationLoader(None)
    return {
        key: one
        for key, one in loader.disk_migrations.items()
        if key[0] in apps.app_configs
        # Libraries may be installed inside of the project, in a folder of their own.
        and Path(apps.app_configs[key[0]].path).parent == settings.BASE_DIR
    }


def one_way() -> list[str]:
    """Give the migrations that cannot be taken back."""
    return [
        f"{app}.{name}"
        for (app, name), migration in ours().items()
        if not all(operation.reversible for operation in migration.operations)
    ]


def test_rows_of_the_first_shop_survive_every_migration_and_the_way_back(own_database):
    done = subprocess.run(
        [sys.executable, "-m", "tests.config.moving", *([] if one_way() else ["back"])],
        cwd=local.PROJECT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": own_database,
            "SITE_SCHEME": "http",
            # Under which the secrets among those rows were encrypted, before there were own keys.
            "SECRET_KEY": "the-key-of-the-first-landed-shop",
            "FIELD_ENCRYPTION_KEYS": "a-key-that-came-later",
        },
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-4_000:]
    told = json.loads(done.stdout)

    filled = {table for table, keys in told["before"].items() if keys}
    assert len([table for table in filled if table.startswith(OURS)]) >= 40
    for moment in ("after", "back"):
        lost = {
            table: sorted(set(keys) - set(told[moment].get(table, ())))
            for table, keys in told["before"].items()
            if moment in told and table != "django_migrations"
        }
        assert {table: keys for table, keys in lost.items() if keys} == {}
    # Read by the code of today, the secrets from before there were own keys among them.
    assert told["read"]
    assert told["to rotate"] == 2


def test_a_migration_can_be_taken_back_or_says_why_not():
    silent = [
        name
        for name in one_way()
        if "cannot be undone" not in (sys.modules[module_of(name)].__doc__ or "").lower()
    ]

    assert silent == [], "Give a reverse, or say in the docstring why it cannot be undone."


def module_of(name: str) -> str:
    app, _dot, migration = name.partition(".")
    return f"{app}.migrations.{migration}"


def test_an_index_of_a_large_table_is_made_while_the_shop_sells():
    blocking = []
    for (app, name), migration in ours().items():
        if int(name[:4]) <= BEFORE_ANY_SHOP.get(app, 1):
            continue
        made = {
            operation.name_lower
            for operation in migration.operations
            if isinstance(operation, migrations.CreateModel)
        }
        blocking += [
            f"{app}.{name}: {operation.model_name}"
            for operation in migration.operations
            if type(operation) is migrations.AddIndex and operation.model_name_lower in LARGE - made
        ]

    assert blocking == [], "Use AddIndexConcurrently, in a migration with atomic = False."


def test_a_column_that_is_added_is_filled_in_for_code_of_the_release_before():
    empty = set()
    for (app, name), migration in ours().items():
        made = {
            operation.name_lower
            for operation in migration.operations
            if isinstance(operation, migrations.CreateModel)
        }
        if name[:4] <= FIRST.get(app, "0001"):
            continue
        for operation in migration.operations:
            if type(operation) is migrations.AddField and operation.model_name_lower not in made:
                column = apps.get_model(app, operation.model_name)._meta.get_field(operation.name)
                if not column.null and not column.has_db_default():
                    empty.add(str(column))

    assert empty == set(), "Give it a db_default: processes of two releases write side by side."
