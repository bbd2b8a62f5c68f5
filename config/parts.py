"""The parts of the installation, looked at one by one: each says how it is, and only of itself."""

import json
import logging
import shutil
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

import psycopg
import redis
import requests
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from config import heartbeats
from config.celery import app
from config.checks import EXTENSIONS
from config.lib import rotation

logger = logging.getLogger(__name__)

# A part that does not answer in this time is as good as down.
_SECONDS = 2
# Without these no page can be served; the others need a person, not another web process.
NEEDED = ("database", *EXTENSIONS, "migrations", "broker")
# A task that waited so long finds too few workers.
LONGEST_LAG = 300
# Of what the sweepers hurry every minute, so much later something is wrong.
OVERDUE_MINUTES = 10
_LEAST_FREE = 256 * 1024 * 1024
_MOST_COUNTED = 1000

_OVERDUE = {
    "mails": "orders_orderevent WHERE mail = 'queued' AND at < {limit}",
    "notices": "orders_gatewayevent WHERE handled_at IS NULL AND error = '' AND try_at < {limit}",
}


class NotReady(Exception):
    """A part answers, but not as we need it; the message holds no secret."""


class Unknown(Exception):
    """What a part rests on does not answer, so that nothing can be said of the part itself."""


def look() -> dict[str, dict]:
    """Look at every part and say how it is, without names of machines or people.

    `ok` is None where it cannot be known, because what the part rests on is down.
    """
    parts: dict[str, dict] = {}
    database = _opened("database", _open_database, parts)
    for name, check in (
        *((extension, _extension(extension)) for extension in EXTENSIONS),
        ("migrations", _no_migration_waits),
        ("keys", _every_key_is_here),
        *((name, _not_overdue(name)) for name in _OVERDUE),
    ):
        parts[name] = _looked_at(name, check, database)
    broker = _opened("broker", _open_broker, parts)
    for name, check in (("queue", _queue), ("workers", _workers), ("beat", _clock)):
        parts[name] = _looked_at(name, check, broker)
    parts["sockets"] = _looked_at("sockets", _sockets, True)
    parts["files"] = _looked_at("files", _files, True)
    for opened in (database, broker):
        if opened is not None:
            opened.close()
    return parts


def _opened(name: str, open_it: Callable, parts: dict):
    """Open what several parts rest on, and say how that went; None when it went wrong."""
    opened = []
    parts[name] = _looked_at(name, lambda _ground: opened.append(open_it()), True)
    return opened[0] if opened else None


def _looked_at(name: str, check: Callable, ground) -> dict:
    try:
        if ground is None:
            raise Unknown("what it rests on does not answer")
        return {"ok": True, **(check(ground) or {})}
    except Unknown as reason:
        return {"ok": None, "error": str(reason)}
    except NotReady as reason:
        return {"ok": False, "error": str(reason)}
    # Drivers raise whatever they raise; any of it means: not ready. The log has the details.
    except Exception as error:
        logger.warning("Not ready: %s", name, exc_info=True)
        return {"ok": False, "error": type(error).__name__}


# --- The database ---------------------------------------------------------------------------------


def _open_database() -> psycopg.Connection:
    """Open a connection of its own, so that a stuck pool or an old connection hides nothing."""
    parameters = connection.get_connection_params()
    for ours in ("cursor_factory", "context", "pool", "prepare_threshold"):
        parameters.pop(ours, None)
    limit = f"-c statement_timeout={_SECONDS * 1000}"
    parameters["options"] = f"{parameters.get('options', '')} {limit}".strip()
    parameters["connect_timeout"] = _SECONDS
    opened = psycopg.connect(**parameters, autocommit=True)
    opened.execute("SELECT 1")
    return opened


def _extension(name: str) -> Callable:
    def is_installed(database):
        if (name,) not in database.execute("SELECT extname FROM pg_extension").fetchall():
            raise NotReady("not installed in this database")

    return is_installed


def _no_migration_waits(database) -> None:
    _require_table(database, "django_migrations", f"{len(_known_migrations())} waiting")
    applied = set(database.execute("SELECT app, name FROM django_migrations").fetchall())
    waiting = len(_known_migrations() - applied)
    if waiting:
        raise NotReady(f"{waiting} waiting")


@cache
def _known_migrations() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).graph.nodes)


def _require_table(database, name: str, problem: str) -> None:
    if database.execute("SELECT to_regclass(%s::text)", [name]).fetchone() == (None,):
        raise NotReady(problem)


def _every_key_is_here(database) -> None:
    for column in rotation.columns():
        _require_table(database, column.table, "no tables yet")
        if rotation.lost_keys(database.cursor(), column):
            raise NotReady("FIELD_ENCRYPTION_KEYS lacks a key that rows still need")


def _not_overdue(name: str) -> Callable:
    rows = _OVERDUE[name].format(limit=f"now() - interval '{OVERDUE_MINUTES} minutes'")
    # No more is counted than anybody reads.
    query = f"SELECT count(*) FROM (SELECT 1 FROM {rows} LIMIT {_MOST_COUNTED}) AS late"  # noqa: S608

    def is_on_time(database) -> dict:
        _require_table(database, rows.partition(" ")[0], "no tables yet")
        [overdue] = database.execute(query).fetchone()
        return {"ok": not overdue, "overdue": overdue}

    return is_on_time


# --- The broker, and who works for it -------------------------------------------------------------


def _open_broker() -> redis.Redis:
    broker = redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=_SECONDS, socket_connect_timeout=_SECONDS
    )
    broker.ping()
    return broker


def _queue(broker: redis.Redis) -> dict:
    """Tell how many tasks wait in each queue, and for how long the oldest does."""
    prefix = settings.CELERY_BROKER_TRANSPORT_OPTIONS.get("global_keyprefix", "")
    queues = {}
    for name in app.amqp.queues:
        key = f"{prefix}{name}"
        pipeline = broker.pipeline(transaction=False)
        # Tasks enter at the left and leave at the right.
        length, oldest = pipeline.llen(key).lindex(key, -1).execute()
        queues[name] = {"waiting": length, "lag": round(_age(oldest), 1)}
    slowest = max(queue["lag"] for queue in queues.values())
    waiting = sum(queue["waiting"] for queue in queues.values())
    return {"ok": slowest < LONGEST_LAG, "waiting": waiting, "lag": slowest, "queues": queues}


def _age(message: bytes | None) -> float:
    try:
        return max(time.time() - json.loads(message)["headers"]["queued_at"], 0) if message else 0
    except (ValueError, KeyError, TypeError):
        return 0  # Not written by us.


def _workers(broker: redis.Redis) -> dict:
    number = heartbeats.alive(heartbeats.WORKERS, broker)
    if not number:
        raise NotReady("none is alive")
    return {"alive": number}


def _clock(broker: redis.Redis) -> None:
    number = heartbeats.alive(heartbeats.CLOCKS, broker)
    if number != 1:
        raise NotReady(f"{number} run, and there must be one" if number else "none is alive")


# --- Beside them ----------------------------------------------------------------------------------


def _sockets(_ground) -> dict | None:
    address = settings.SOCKETS_CHECK_URL
    if not address:
        raise Unknown("SOCKETS_CHECK_URL is not set")
    # Our own address, and nothing that a person wrote: the guarded helper would refuse it.
    answer = requests.get(address, timeout=_SECONDS, allow_redirects=False)
    if answer.status_code != 200:
        raise NotReady(f"answers {answer.status_code}")


def _files(_ground) -> dict:
    """Tell how much room is left where files are kept on this machine."""
    free = [_free(folder) for folder in (settings.MEDIA_ROOT, settings.PRIVATE_ROOT)]
    if min(free) < _LEAST_FREE:
        raise NotReady("the disk is nearly full")
    return {"free_mb": min(free) // 2**20}


def _free(folder) -> int:
    path = Path(folder)
    # Made with the first file.
    while not path.exists():
        path = path.parent
    return shutil.disk_usage(path).free
