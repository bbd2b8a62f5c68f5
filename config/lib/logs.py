"""How every process writes its log: one line an event, with its request and its shop.

Our code logs by `logging`: a fixed text, and details as `extra`. What it may not contain is taken
out here (see redaction.py), from the lines of libraries and from tracebacks as well.
"""

import logging

import structlog
from django_scopes import get_scope

from . import redaction, tracing

STYLES = ("json", "readable")
# Ours, or made by the logging itself.
_PLAIN = frozenset(
    {"time", "level", "logger", "request_id", "organization", "view", "task", "method"}
)
# Objects that libraries attach; they hold whole requests, queries and arguments of tasks.
_DROPPED = ("request", "data", "server_time", "sql", "params", "context", "stack_info", "alias")
# Who writes a line for each request or task, as our own lines do, or what is sent outside.
_QUIET = {
    "celery.app.trace": "WARNING",
    "celery.worker.strategy": "WARNING",
    "celery.beat": "WARNING",
    "daphne": "WARNING",
    # Stripe's library writes what it sends, people's names among it.
    "stripe": "WARNING",
    "urllib3": "WARNING",
    "django.server": "WARNING",
    # Addresses that do not exist or may not be seen: the line of the request says so.
    "django.request": "ERROR",
    "django.security": "ERROR",
}


def configuration(*, style: str, level: str) -> dict:
    """Give the settings of `logging` for a process."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": formatter, "style": style}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "loggers": {
            **{name: {"level": quiet} for name, quiet in _QUIET.items()},
            # These two have handlers of their own by now.
            "_granian": {"handlers": ["console"], "level": "WARNING", "propagate": False},
            "django": {"handlers": [], "level": "INFO", "propagate": True},
        },
        "root": {"handlers": ["console"], "level": level},
    }


def formatter(style: str = "json") -> logging.Formatter:
    """Give what writes a record as one line of JSON, or as a developer reads it."""
    renderer = structlog.processors.JSONRenderer(ensure_ascii=False)
    if style == "readable":
        renderer = structlog.dev.ConsoleRenderer(
            colors=False, timestamp_key="time", pad_event_to=28, sort_keys=False
        )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            _without_the_request,
            structlog.stdlib.ExtraAdder(),
            _placed,
            structlog.processors.format_exc_info,
            redacted,
        ],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    )


def _without_the_request(logger, name, event: dict) -> dict:
    """Write the view in place of an address, which may hold what opens an order."""
    request = getattr(event.get("_record"), "request", None)
    path = getattr(request, "path", "")
    if len(path) > 1:
        match = getattr(request, "resolver_match", None)
        view = (match.view_name or match.route) if match else "an unknown address"
        event["event"] = str(event["event"]).replace(path, view)
    return event


def _placed(logger, name, event: dict) -> dict:
    """Say to which request and which shop a line belongs."""
    for dropped in _DROPPED:
        event.pop(dropped, None)
    if request_id := tracing.current():
        event.setdefault("request_id", request_id)
    organization = get_scope().get("organization")
    if slug := getattr(organization, "slug", ""):
        event.setdefault("organization", slug)
    return event


def redacted(logger, name, event: dict) -> dict:
    """Leave out of an event what nobody may read in a log."""
    for key, found in event.items():
        if key not in _PLAIN and not key.startswith("_"):
            event[key] = redaction.value(key, found)
    return event
