"""Watches requests and tasks: one id for all that one of them causes, a line, and counters."""

import logging
import time
from contextlib import ExitStack

from celery import signals
from django.conf import settings
from django.db import connection

from config.lib import metrics, tracing
from shop.access import address_of

logger = logging.getLogger(__name__)

HEADER = "X-Request-ID"
_STARTED = "kaiu_started"


class _Queries:
    """Counts the statements of one request."""

    def __init__(self):
        self.number, self.seconds = 0, 0.0

    def __call__(self, execute, sql, params, many, context):
        started = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.number += 1
            self.seconds += time.perf_counter() - started


class ObservationMiddleware:
    """Give every request an id, and say in one line what became of it. It stands first."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        started, queries = time.perf_counter(), _Queries()
        with (
            tracing.following(id_of(request)) as request_id,
            connection.execute_wrapper(queries),
        ):
            response = self.get_response(request)
            _tell(request, response, queries, time.perf_counter() - started)
        response.headers[HEADER] = request_id
        return response


def id_of(request) -> str:
    """Give the id that our own proxy wrote, or a new one: a stranger's word names nothing here."""
    written = request.headers.get(HEADER, "") if settings.USE_X_FORWARDED_HOST else ""
    return written if tracing.is_well_formed(written) else tracing.new()


def view_of(request, response) -> str:
    """Name what answered; an address may hold a token, so it is never used."""
    match = request.resolver_match
    if match is not None:
        return address_of(match)
    if response.status_code >= 300:
        return "none"
    return "static" if request.path.startswith(settings.STATIC_URL) else "kept page"


def _tell(request, response, queries: _Queries, seconds: float) -> None:
    view, status = view_of(request, response), response.status_code
    metrics.count("kaiu_requests", view=view, status=str(status))
    metrics.observe("kaiu_request_seconds", seconds, view=view)
    if queries.number:
        metrics.count("kaiu_queries", queries.number, view=view)
    # What costs nothing is counted and not told: it would be most of the log.
    level = logging.INFO if request.resolver_match or status >= 400 else logging.DEBUG
    if logger.isEnabledFor(level):
        organization = getattr(request, "organization", None)
        details = {
            "method": request.method,
            "view": view,
            "status": status,
            "ms": round(seconds * 1000, 1),
            "queries": queries.number,
            "database_ms": round(queries.seconds * 1000, 1),
        }
        if organization is not None:
            details["organization"] = organization.slug
        logger.log(level, "Request", extra=details)


# --- Tasks ----------------------------------------------------------------------------------------


@signals.before_task_publish.connect
def _mark(headers, **_kept):
    """Send the id along with a task, and the moment at which it began to wait."""
    headers.setdefault("request_id", tracing.current() or tracing.new())
    headers["queued_at"] = time.time()


@signals.task_prerun.connect
def _begin(task, **_kept):
    request = task.request
    asked = getattr(request, "request_id", None) or (request.headers or {}).get("request_id")
    stack = ExitStack()
    stack.enter_context(tracing.following(asked or tracing.current() or tracing.new()))
    setattr(request, _STARTED, (stack, time.perf_counter()))
    queued_at = getattr(request, "queued_at", None)
    # What shall run later waits on purpose.
    if queued_at and not getattr(request, "eta", None):
        metrics.observe("kaiu_task_wait_seconds", max(time.time() - queued_at, 0), task=task.name)


@signals.task_postrun.connect
def _end(task, state=None, kwargs=None, **_kept):
    stack, started = getattr(task.request, _STARTED, (None, 0.0))
    if stack is None:
        return
    seconds, outcome = time.perf_counter() - started, (state or "unknown").lower()
    metrics.count("kaiu_tasks", task=task.name, outcome=outcome)
    metrics.observe("kaiu_task_seconds", seconds, task=task.name)
    details = {"task": task.name, "outcome": outcome, "ms": round(seconds * 1000, 1)}
    if organization_id := (kwargs or {}).get("organization_id"):
        details["organization_id"] = str(organization_id)
    with stack:
        logger.info("Task", extra=details)
