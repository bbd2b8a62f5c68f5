"""What a real server must have, asked before anything is made on it (`manage.py migrate` does)."""

import redis
from django.conf import settings
from django.core.checks import Error, Tags, register
from django.db import connections

from config.lib import rotation

OLDEST_POSTGRESQL = 150_000
OLDEST_BROKER = (7, 0)
EXTENSIONS = ("vector", "pg_trgm", "unaccent", "btree_gin")


@register(Tags.database)
def check_servers(app_configs=None, databases=None, **options) -> list[Error]:
    """Name what the database and the broker lack."""
    return [*_database_lacks(databases or ()), *_broker_lacks()] if databases else []


def _database_lacks(databases) -> list[Error]:
    lacks = []
    for alias in databases:
        connection = connections[alias]
        with connection.cursor() as cursor:
            cursor.execute("SELECT name FROM pg_available_extensions")
            available = {name for (name,) in cursor.fetchall()}
        if connection.pg_version < OLDEST_POSTGRESQL:
            lacks.append(Error("PostgreSQL must be version 15 or newer.", id="kaiu.E001"))
        lacks += [
            Error(
                f"PostgreSQL lacks the extension {name}.",
                hint="Debian: postgresql-17-pgvector for vector, postgresql-contrib for the rest.",
                id="kaiu.E002",
            )
            for name in EXTENSIONS
            if name not in available
        ]
        with connection.cursor() as cursor:
            lacks += _lost_keys(connection, cursor)
    return lacks


def _lost_keys(connection, cursor) -> list[Error]:
    """Name the keys without which rows stay unreadable, before the shop starts without them."""
    tables = connection.introspection.table_names(cursor)
    lost = {
        name
        for column in rotation.columns()
        if column.table in tables
        for name in rotation.lost_keys(cursor, column)
    }
    return [
        Error(
            f"FIELD_ENCRYPTION_KEYS lacks the key named {name}, which rows still need.",
            hint="Put it back, last in the list, until `manage.py rotate_keys` says it is done.",
            id="kaiu.E005",
        )
        for name in sorted(lost)
    ]


def _broker_lacks() -> list[Error]:
    try:
        broker = redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=3)
        facts = broker.info("server")
    except redis.RedisError as error:
        return [Error(f"REDIS_URL does not answer: {type(error).__name__}.", id="kaiu.E003")]
    version = str(facts.get("valkey_version") or facts.get("redis_version", "0"))
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST_BROKER:
        return [Error("REDIS_URL must be Redis 7, Valkey 8 or newer.", id="kaiu.E004")]
    return []
