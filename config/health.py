"""Alive, ready, and how busy: what balancers and monitors ask."""

import secrets
from ipaddress import ip_address

import redis
from django.conf import settings
from django.http import Http404, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from config import parts
from config.lib import metrics, visitor
from config.lib.memory import Memory

# Anybody may ask, so the parts are looked at once a second at most.
_last_look = Memory(seconds=1)


@require_safe
def alive(request):
    return HttpResponse("ok\n", content_type="text/plain", headers={"Cache-Control": "no-store"})


@require_safe
def ready(request):
    found = looked()
    is_ready = all(found[name]["ok"] for name in parts.NEEDED)
    return JsonResponse(
        {"ok": is_ready, "complete": all(part["ok"] for part in found.values()), "parts": found},
        status=200 if is_ready else 503,
        headers={"Cache-Control": "no-store"},
    )


@require_safe
def count(request):
    """Give the counters to whoever holds the token, or asks from our own network."""
    if not may_read_counters(request):
        raise Http404
    try:
        text = metrics.written(gauges(looked()))
    except redis.RedisError:
        return HttpResponse("The broker does not answer.\n", status=503, content_type="text/plain")
    return HttpResponse(
        text, content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"}
    )


def looked() -> dict[str, dict]:
    """Give how every part is, at most a second ago."""
    return _last_look.get("parts", lambda _key: parts.look())


def may_read_counters(request) -> bool:
    """Say whether this request may see how busy the shops are."""
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "")
        wanted = f"Bearer {settings.METRICS_TOKEN}"
        return secrets.compare_digest(given.encode(), wanted.encode())
    if not settings.USE_X_FORWARDED_HOST and not visitor.came_directly(request):
        return False
    address = visitor.address(request)
    return address is not None and ip_address(address).is_private


def gauges(found: dict[str, dict]) -> dict:
    """Give what is true now as numbers: each part, the queues, and what is late."""
    queue = found["queue"].get("queues", {})
    return {
        "kaiu_part_up": (
            "1 when a part is well, 0 when not, -1 when it cannot be known.",
            {(("part", name),): _number(part["ok"]) for name, part in found.items()},
        ),
        "kaiu_queue_waiting": (
            "Tasks that wait, by queue.",
            {(("queue", name),): one["waiting"] for name, one in queue.items()},
        ),
        "kaiu_queue_lag_seconds": (
            "How long the oldest waiting task waits, by queue.",
            {(("queue", name),): one["lag"] for name, one in queue.items()},
        ),
        "kaiu_workers": (
            "Workers that are alive.",
            {(): found["workers"].get("alive", 0)},
        ),
        "kaiu_overdue": (
            "Rows that should have been worked off, by kind.",
            {
                (("kind", name),): part["overdue"]
                for name, part in found.items()
                if "overdue" in part
            },
        ),
    }


def _number(is_ok: bool | None) -> int:
    return -1 if is_ok is None else int(is_ok)
