"""Errors told to Sentry, when there is one: where and why, never who or with what."""

import sentry_sdk
from django.conf import settings
from sentry_sdk.integrations.celery import CeleryIntegration
from sentry_sdk.integrations.django import DjangoIntegration
from sentry_sdk.integrations.logging import LoggingIntegration

from config.lib import redaction, tracing

# They hold headers, forms, arguments of tasks, and who is signed in.
_DROPPED = ("request", "user", "breadcrumbs", "extra", "server_name", "modules")


def start(**options) -> None:
    """Tell errors from now on; without SENTRY_DSN nothing leaves."""
    if not settings.SENTRY_DSN:
        return
    ours = {
        "include_local_variables": False,
        "include_source_context": False,
        "max_breadcrumbs": 0,
        "max_request_body_size": "never",
        "default_integrations": False,
        "integrations": [
            DjangoIntegration(transaction_style="function_name"),
            CeleryIntegration(),
            LoggingIntegration(event_level="ERROR"),
        ],
        "before_send": redacted,
    }
    sentry_sdk.init(settings.SENTRY_DSN, **{**ours, **options})


def redacted(event: dict, _hint: dict) -> dict:
    """Leave of an error what helps to find it, and nothing of anybody."""
    for dropped in _DROPPED:
        event.pop(dropped, None)
    contexts = event.get("contexts", {})
    event["contexts"] = {"trace": contexts["trace"]} if "trace" in contexts else {}
    event["tags"] = {"request_id": tracing.current()}
    for part in ("exception", "logentry", "message", "transaction"):
        if part in event:
            event[part] = redaction.value("", event[part])
    return event
