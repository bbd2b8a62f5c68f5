"""Alive and ready: what balancers and monitors ask."""

from uuid import uuid4

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from config import health
from config.lib import memory


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
        "migrations",
        "broker",
        "queue",
    }
    assert all(part["ok"] for part in found.values())
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
    assert [name for name, part in found.items() if part["ok"]] == ["broker", "queue"]
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
    for extension in health.EXTENSIONS:
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
    assert found["queue"]["ok"] is False
    assert found["database"]["ok"] is True


@pytest.mark.django_db
def test_waiting_tasks_are_counted_and_do_not_make_a_web_process_unready(client, own_queue):
    with health._broker() as broker:
        broker.rpush(own_queue, "a", "b")
        try:
            found = parts(client, 200)
        finally:
            broker.delete(own_queue)

    assert found["queue"] == {"ok": True, "waiting": 2}


@pytest.mark.django_db
def test_asking_often_looks_once(client, settings):
    parts(client, 200)
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    parts(client, 200)
    memory.clear_all()

    parts(client, 503)


def test_health_is_only_read(client):
    assert client.post("/healthz").status_code == 405
