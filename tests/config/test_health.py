"""Alive and ready: what balancers and monitors ask."""

import json
import time
from uuid import uuid4

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from config import heartbeats
from config import parts as looked_at
from config.lib import memory, metrics

NOT_RUNNING = {"workers", "beat", "sockets"}


@pytest.fixture(autouse=True)
def _alone(settings):
    """Keep apart from other tests' processes and counts, which share this broker."""
    settings.SOCKETS_CHECK_URL = "http://127.0.0.1:1/healthz"
    metrics.bring()
    settings.VALKEY_PREFIX = f"test.{uuid4().hex}"


@pytest.fixture
def elsewhere(monkeypatch):
    """Give a way to point a setting of the database elsewhere, for new connections only."""

    def point(name, value):
        monkeypatch.setitem(connection.settings_dict, name, value)

    return point


def own_connection():
    """Give a connection outside the test's transaction."""
    parameters = connection.get_connection_params()
    for ours in ("cursor_factory", "context", "prepare_threshold"):
        parameters.pop(ours, None)
    return psycopg.connect(**parameters, autocommit=True)


def parts(client, status):
    answer = client.get("/readyz", headers={"host": "10.0.0.7:8000"})
    assert answer.status_code == status, answer.content
    assert answer["Cache-Control"] == "no-store"
    body = answer.json()
    assert body["ok"] is (status == 200)
    return body["parts"]


@pytest.fixture
def own_queue(settings):
    """Give a queue that no other process fills, by the prefix of its key."""
    prefix = f"test.{uuid4().hex}."
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"global_keyprefix": prefix}
    return f"{prefix}celery"


@pytest.mark.django_db
def test_ready_names_every_part(client, own_queue):
    found = parts(client, 200)

    assert found.keys() == {
        "database",
        "vector",
        "pg_trgm",
        "unaccent",
        "btree_gin",
        "migrations",
        "keys",
        "mails",
        "notices",
        "broker",
        "queue",
        "workers",
        "beat",
        "sockets",
        "files",
    }
    # Of a test nobody else runs, and the shop is served all the same.
    assert {name for name, part in found.items() if not part["ok"]} == NOT_RUNNING
    assert found["queue"]["waiting"] == 0


def test_alive_asks_nobody_anything(client, settings, elsewhere):
    # Without the mark django_db any query fails the test.
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    answer = client.get("/healthz", headers={"host": "10.0.0.7:8000"})

    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert not answer.cookies


@pytest.mark.django_db
def test_a_dead_database_takes_down_what_needs_it_and_nothing_else(client, elsewhere):
    elsewhere("HOST", "127.0.0.1")
    elsewhere("PORT", "1")
    elsewhere("PASSWORD", "very secret")

    answer = client.get("/readyz")

    found = answer.json()["parts"]
    assert answer.status_code == 503
    assert found["database"] == {"ok": False, "error": "OperationalError"}
    assert {name for name, part in found.items() if part["ok"]} == {"broker", "queue", "files"}
    # Nothing is said against what only cannot be looked at.
    assert {name for name, part in found.items() if part["ok"] is False} == {
        "database",
        *NOT_RUNNING,
    }
    for secret in ("very secret", "127.0.0.1", settings.DATABASES["default"]["NAME"]):
        assert secret not in answer.content.decode()


@pytest.mark.django_db
def test_a_database_without_our_extensions_and_tables_is_not_ready(client, elsewhere):
    with own_connection() as own:
        own.execute("CREATE DATABASE kaiu_bare TEMPLATE template0")
        try:
            elsewhere("NAME", "kaiu_bare")
            found = parts(client, 503)
        finally:
            own.execute("DROP DATABASE kaiu_bare WITH (FORCE)")

    assert found["database"]["ok"] is True
    for extension in looked_at.EXTENSIONS:
        assert found[extension] == {"ok": False, "error": "not installed in this database"}
    assert found["migrations"]["error"].endswith("waiting")


@pytest.mark.django_db
def test_a_migration_that_was_not_applied_is_counted(client):
    with own_connection() as own:
        [row] = own.execute(
            "DELETE FROM django_migrations WHERE app = 'shop' AND name = '0001_initial' RETURNING *"
        ).fetchall()
        try:
            found = parts(client, 503)
        finally:
            own.execute("INSERT INTO django_migrations VALUES (%s, %s, %s, %s)", row)

    assert found["migrations"] == {"ok": False, "error": "1 waiting"}
    memory.clear_all()
    assert parts(client, 200)["migrations"] == {"ok": True}


@pytest.mark.django_db
def test_a_dead_broker_is_named_without_its_address(client, settings):
    settings.REDIS_URL = "redis://:secret@127.0.0.1:1/0"

    found = parts(client, 503)

    assert found["broker"] == {"ok": False, "error": "ConnectionError"}
    assert [found[name]["ok"] for name in ("queue", "workers", "beat")] == [None, None, None]
    assert found["database"]["ok"] is True


@pytest.fixture
def broker():
    with looked_at._open_broker() as broker:
        yield broker


def task(*, seconds: float) -> str:
    """Give a task as it lies in the queue after so many seconds."""
    return json.dumps({"headers": {"queued_at": time.time() - seconds}, "body": ""})


@pytest.mark.django_db
def test_waiting_tasks_are_counted_and_do_not_make_a_web_process_unready(client, own_queue, broker):
    broker.lpush(own_queue, task(seconds=400), task(seconds=100), "written by a stranger")
    try:
        found = parts(client, 200)
    finally:
        broker.delete(own_queue)

    assert (found["queue"]["ok"], found["queue"]["waiting"]) == (False, 3)
    assert 400 <= found["queue"]["queues"]["celery"]["lag"] < 420


@pytest.mark.django_db
def test_who_is_alive_is_known_and_who_was_not_heard_of_is_missed(client, broker):
    long_ago = time.time() - 60
    workers, clocks = heartbeats.key(heartbeats.WORKERS), heartbeats.key(heartbeats.CLOCKS)
    broker.zadd(workers, {"a": time.time(), "b": time.time(), "killed": long_ago})
    broker.zadd(clocks, {"killed": long_ago})

    found = parts(client, 200)
    assert found["workers"] == {"ok": True, "alive": 2}
    assert found["beat"] == {"ok": False, "error": "none is alive"}

    heartbeats.beat(heartbeats.CLOCKS)
    memory.clear_all()
    assert parts(client, 200)["beat"] == {"ok": True}
    broker.zadd(clocks, {"a second one": time.time()})
    memory.clear_all()
    assert parts(client, 200)["beat"]["error"] == "2 run, and there must be one"


@pytest.mark.django_db
def test_a_mail_and_a_notice_that_nobody_worked_off_are_named(client):
    with own_connection() as own:
        tables = {"mails": "orders_orderevent", "notices": "orders_gatewayevent"}
        for table in tables.values():
            own.execute("SET session_replication_role = replica")
            columns = own.execute(
                "SELECT column_name, data_type FROM information_schema.columns "
                "WHERE table_name = %s AND is_nullable = 'NO' AND column_name <> 'id'",
                [table],
            ).fetchall()
            values = {name: _FILLINGS[kind] for name, kind in columns}
            values |= {"mail": "'queued'"} if table == "orders_orderevent" else {}
            own.execute(
                f"INSERT INTO {table} (id, {', '.join(values)}) "
                f"VALUES ('{MARK}', {', '.join(values.values())})"
            )
        try:
            found = parts(client, 200)
        finally:
            for table in tables.values():
                own.execute(f"DELETE FROM {table} WHERE id = '{MARK}'")

    assert found["mails"] == found["notices"] == {"ok": False, "overdue": 1}


MARK = "00000000-0000-7000-8000-000000000001"
_FILLINGS = {
    "uuid": f"'{MARK}'",
    "character varying": "''",
    "text": "''",
    "jsonb": "'{}'",
    "timestamp with time zone": "now() - interval '1 hour'",
    "smallint": "0",
    "integer": "0",
    "bigint": "0",
    "boolean": "false",
}


@pytest.mark.django_db
def test_asking_often_looks_once(client, settings):
    parts(client, 200)
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    parts(client, 200)
    memory.clear_all()

    parts(client, 503)


def test_health_is_only_read(client):
    assert client.post("/healthz").status_code == 405


# --- Counters -------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_counters_name_views_and_parts(client):
    client.get("/healthz")
    client.get("/nowhere/", headers={"host": "unknown.example"})
    metrics.count("kaiu_tasks", task="a.task", outcome="success")
    metrics.observe("kaiu_task_seconds", 0.3, task="a.task")

    lines = client.get("/metrics").content.decode().splitlines()

    for line in (
        'kaiu_requests_total{status="200",view="health-alive"} 1.0',
        'kaiu_requests_total{status="404",view="none"} 1.0',
        'kaiu_tasks_total{outcome="success",task="a.task"} 1.0',
        'kaiu_task_seconds_bucket{le="0.25",task="a.task"} 0.0',
        'kaiu_task_seconds_bucket{le="0.5",task="a.task"} 1.0',
        'kaiu_task_seconds_sum{task="a.task"} 0.3',
        'kaiu_part_up{part="database"} 1.0',
        'kaiu_part_up{part="workers"} 0.0',
        'kaiu_overdue{kind="mails"} 0.0',
    ):
        assert line in lines


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("10.1.2.3", {}, 200),
        ("8.8.8.8", {}, 404),
        ("", {}, 404),
        # A proxy that we were not told of stands between.
        ("127.0.0.1", {"x-forwarded-for": "127.0.0.1"}, 404),
    ],
)
def test_counters_are_for_our_own_network(client, address, headers, status):
    answer = client.get("/metrics", headers=headers, REMOTE_ADDR=address)

    assert answer.status_code == status


@pytest.mark.django_db
def test_counters_behind_a_proxy_are_for_whoever_it_names(client, settings):
    settings.USE_X_FORWARDED_HOST = True
    settings.PROXY_COUNT = 1

    stranger = client.get("/metrics", headers={"x-forwarded-for": "10.0.0.1, 8.8.8.8"})

    assert stranger.status_code == 404


@pytest.mark.django_db
def test_a_token_opens_the_counters_and_then_nothing_else_does(client, settings):
    settings.METRICS_TOKEN = "a-token-of-some-length"

    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"authorization": "Bearer wrong"}).status_code == 404
    told = client.get("/metrics", headers={"authorization": "Bearer a-token-of-some-length"})
    assert told.status_code == 200


def test_counts_that_cannot_be_brought_are_kept(settings):
    address, settings.REDIS_URL = settings.REDIS_URL, "redis://127.0.0.1:1/0"
    metrics.count("kaiu_webhooks", sender="wompi", outcome="kept")
    metrics.bring()

    settings.REDIS_URL = address

    line = b'kaiu_webhooks_total{outcome="kept",sender="wompi"} 1.0'
    assert line in metrics.written({}).splitlines()
