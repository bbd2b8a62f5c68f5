"""The connection to Valkey that a process keeps, for what may be lost: counts, kept pages, news."""

from functools import cache

import redis
from django.conf import settings

# A page or a task waits no longer for what it can do without.
_SECONDS = 1


def opened() -> redis.Redis:
    """Give the connection of this process."""
    return _opened(settings.REDIS_URL)


@cache
def _opened(address: str) -> redis.Redis:
    return redis.Redis.from_url(address, socket_timeout=_SECONDS, socket_connect_timeout=_SECONDS)


def key(name: str) -> str:
    """Give the key of this installation's own; others may share the server."""
    return f"{settings.VALKEY_PREFIX}:{name}"
