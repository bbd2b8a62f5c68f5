"""What stands in the log: one line an event, its id, and nobody's data."""

import json
import logging
import sys

import pytest
import sentry_sdk
from sentry_sdk.integrations.logging import LoggingIntegration
from sentry_sdk.transport import Transport

from config import sentry
from config.lib import logs, redaction, tracing

ORDER_TOKEN = "0195f3a2c41d7e8f9a0b1c2d3e4f5a6b-Xb3rT9_kQ2w-LmN4pZ8sYv1uHc6eGj0aFdKiRoWqBt5"
UNSAYABLE = [
    "ana.perez+casa@example.com",
    "+57 300 123 4567",
    "3001234567",
    "(601) 345 67 89",
    "1.020.304.050",
    "52345678",
    "900373076-4",
    "4242 4242 4242 4242",
    "201.244.13.77",
    ORDER_TOKEN,
    "prv_test_5i0ZGIGiFcDQifYsXxvsny7Y37tKqFWg",
    "prod_integrity_Z5mMke9x0k8gpErbDqwrJXMqsI6SFli6",
    "sk_live_51HxyzABCDEF",
    "whsec_c2VjcmV0b2Zkc2Zkc2Y",
    "sk-ant-api03-abcdefghijkl",
    "re_123456789abc",
    "Bearer abcdefghijklmnop",
    "gAAAAABlZm9vYmFyYmF6cXV4",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
]


@pytest.mark.parametrize("unsayable", UNSAYABLE)
def test_what_belongs_to_somebody_is_taken_out_of_any_sentence(unsayable):
    written = redaction.text(f"Could not do it for {unsayable}, and told nobody.")

    assert unsayable not in written
    assert written.startswith("Could not do it for ")
    assert written.endswith(", and told nobody.")


@pytest.mark.parametrize(
    ("written", "left"),
    [
        (f"Not Found: /pedidos/{ORDER_TOKEN}/estado/", "Not Found: /pedidos/[token]/estado/"),
        ("GET /cuenta/enlace/abcDEF123/?next=/x", "GET /cuenta/enlace/[token]/?[left out]"),
        ("postgresql://kaiu:clave@db/kaiu", "postgresql://[left out]@db/kaiu"),
        ("{'password': 'hunter2', 'x': 1}", "{'password': '[left out]', 'x': 1}"),
        ("Authorization: Token abc def", "Authorization: [left out]"),
        ("a\nDETAIL:  Failing row (Ana, Bogotá).\nb", "a\nDETAIL: [left out]\nb"),
    ],
)
def test_what_stands_around_a_secret_stays(written, left):
    assert redaction.text(written) == left


@pytest.mark.parametrize(
    "harmless",
    [
        "connection to 10.0.12.7, port 5432 failed",
        "2026-11-21 17:52 took 123456 ms",
        "order 0195f3a2-c41d-7e8f-9a0b-1c2d3e4f5a6b",
        "task 0195f3a2c41d7e8f9a0b1c2d3e4f5a6b",
        "orders.tasks.carry_out_refund_that_was_asked_for_long_ago",
        'File "/srv/kaiu/app/orders/settlement.py", line 1234, in settle',
    ],
)
def test_what_helps_to_find_a_mistake_stays(harmless):
    assert redaction.text(harmless) == harmless


def line_of(record: logging.LogRecord, style: str = "json"):
    written = logs.formatter(style).format(record)
    return json.loads(written) if style == "json" else written


def record(message: str, *args, exc_info=None, **extra) -> logging.LogRecord:
    return logging.getLogger("orders.test").makeRecord(
        "orders.test", logging.WARNING, __file__, 1, message, args, exc_info, extra=extra
    )


@pytest.mark.django_db
def test_a_line_says_when_what_where_and_for_whom(organization):
    with tracing.following("0195f3a2c41d7e8f9a0b1c2d3e4f5a6b"):
        line = line_of(record("A gateway could not be asked", ms=12.5, view="orders:cart-detail"))

    assert line.pop("time").endswith("Z")
    assert line == {
        "event": "A gateway could not be asked",
        "level": "warning",
        "logger": "orders.test",
        "request_id": "0195f3a2c41d7e8f9a0b1c2d3e4f5a6b",
        "organization": organization.slug,
        "ms": 12.5,
        "view": "orders:cart-detail",
    }


@pytest.mark.parametrize("style", logs.STYLES)
def test_a_traceback_and_details_are_cleaned_as_well(style):
    try:
        raise ValueError("ana@example.com cannot be sold to, 3001234567")
    except ValueError:
        failed = record(
            "Failed for %s",
            "ana@example.com",
            exc_info=sys.exc_info(),
            email="ana@example.com",
            buyer={"phone": "3001234567", "notes": ["call 300 123 4567"]},
            data={"kwargs": "whole mails"},
        )

    written = str(line_of(failed, style))

    assert "ValueError" in written
    assert "test_logs.py" in written
    for part in ("ana@", "3001234567", "300 123", "whole mails"):
        assert part not in written


@pytest.mark.django_db
def test_a_request_that_failed_is_named_by_its_view(organization, rf):
    request = rf.get(f"/pedidos/{ORDER_TOKEN}/")
    request.resolver_match = None

    line = line_of(record("Internal Server Error: %s", request.path, request=request))

    assert line["event"] == "Internal Server Error: an unknown address"
    assert "request" not in line


class Kept(Transport):
    """Keeps what would be sent."""

    def __init__(self, options=None):
        super().__init__(options)
        self.sent = []

    def capture_envelope(self, envelope):
        self.sent.append(envelope.serialize().decode())


def test_sentry_is_told_where_and_never_who(settings):
    settings.SENTRY_DSN = "http://public@127.0.0.1:1/1"
    transport = Kept()
    before = sentry_sdk.get_client()
    # Those of Django and Celery would stay with the tests that follow.
    sentry.start(transport=transport, integrations=[LoggingIntegration(event_level="ERROR")])
    try:
        with tracing.following("0195f3a2c41d7e8f9a0b1c2d3e4f5a6b"):
            email = "ana@example.com"
            try:
                raise ValueError(f"{email} at /pedidos/{ORDER_TOKEN}/")
            except ValueError:
                logging.getLogger("orders.test").exception("Not settled for %s", email)
    finally:
        sentry_sdk.get_global_scope().set_client(before)

    [told] = transport.sent
    assert "ValueError" in told
    assert '"request_id":"0195f3a2c41d7e8f9a0b1c2d3e4f5a6b"' in told
    for part in ("ana@", ORDER_TOKEN):
        assert part not in told
