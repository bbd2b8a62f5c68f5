"""Whether this process is alive, and whether it can serve: for balancers and monitors."""

import logging
from collections.abc import Callable
from functools import cache

import psycopg
import redis
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.http import HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from config.celery import app
from config.lib.memory import Memory

logger = logging.getLogger(__name__)

# A part that does not answer in this time is as good as down.
_SECONDS = 2
EXTENSIONS = ("vector", "pg_trgm", "unaccent")
# Anybody may ask, so the parts are looked at once a second at most.
_last_look = Memory(seconds=1)


class NotReady(Exception):
    """A part answers, but not as we need it; the message holds no secret."""


@require_safe
def alive(request):
    return HttpResponse("ok\n", content_type="text/plain", headers={"Cache-Control": "no-store"})


@require_safe
def ready(request):
    parts = _last_look.get("parts", lambda _key: look())
    is_ready = all(part["ok"] for part in parts.values())
    return JsonResponse(
        {"ok": is_ready, "parts": parts},
        status=200 if is_ready else 503,
        headers={"Cache-Control": "no-store"},
    )


def look() -> dict[str, dict]:
    """Look at every part and say how it is, without names of machines or people."""
    parts = {}
    database = _opened_database(parts)
    for name, check in (
        *((extension, _extension(extension)) for extension in EXTENSIONS),
        ("migrations", _no_migration_waits),
    ):
        parts[name] = _looked_at(name, lambda check=check: check(database))
    if database is not None:
        database.close()
    parts["broker"] = _looked_at("broker", _broker_answers)
    parts["queue"] = _looked_at("queue", _queue_length)
    return parts


def _looked_at(name: str, check: Callable[[], dict | None]) -> dict:
    try:
        return {"ok": True, **(check() or {})}
    except NotReady as reason:
        return {"ok": False, "error": str(reason)}
    # Drivers raise whatever they raise; any of it means: not ready. The log has the details.
    except Exception as error:
        logger.warning("Not ready: %s", name, exc_info=True)
        return {"ok": False, "error": type(error).__name__}


def _opened_database(parts: dict) -> psycopg.Connection | None:
    """Open a connection of its own, so that a stuck pool or an old connection hides nothing."""
    opened: list[psycopg.Connection] = []

    def open_it():
        parameters = connection.get_connection_params()
        for ours in ("cursor_factory", "context", "pool", "prepare_threshold"):
            parameters.pop(ours, None)
        limit = f"-c statement_timeout={_SECONDS * 1000}"
        parameters["options"] = f"{parameters.get('options', '')} {limit}".strip()
        parameters["connect_timeout"] = _SECONDS
        opened.append(psycopg.connect(**parameters, autocommit=True))
        opened[0].execute("SELECT 1")

    parts["database"] = _looked_at("database", open_it)
    return opened[0] if opened else None


def _rows(database: psycopg.Connection | None, sql: str) -> list[tuple]:
    if database is None:
        raise NotReady("the database does not answer")
    return database.execute(sql).fetchall()


def _extension(name: str) -> Callable:
    def is_installed(database):
        if (name,) not in _rows(database, "SELECT extname FROM pg_extension"):
            raise NotReady("not installed in this database")

    return is_installed


def _no_migration_waits(database) -> None:
    if _rows(database, "SELECT to_regclass('django_migrations')") == [(None,)]:
        raise NotReady(f"{len(_known_migrations())} waiting")
    applied = set(_rows(database, "SELECT app, name FROM django_migrations"))
    waiting = len(_known_migrations() - applied)
    if waiting:
        raise NotReady(f"{waiting} waiting")


@cache
def _known_migrations() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).graph.nodes)


def _broker() -> redis.Redis:
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=_SECONDS, socket_connect_timeout=_SECONDS
    )


def _broker_answers() -> None:
    with _broker() as broker:
        broker.ping()


def _queue_length() -> dict:
    """Tell how many tasks wait; a long queue needs workers, not fewer web processes."""
    prefix = settings.CELERY_BROKER_TRANSPORT_OPTIONS.get("global_keyprefix", "")
    with _broker() as broker:
        return {"waiting": sum(broker.llen(f"{prefix}{name}") for name in app.amqp.queues)}
