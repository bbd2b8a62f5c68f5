"""How often something happens: counted in Valkey, in windows of a second, minute, hour or day."""

import logging
import time

import redis
from django.core.cache import cache

logger = logging.getLogger(__name__)

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def rate(written: str) -> tuple[int, int]:
    """Read a rate such as "120/m" as a number and seconds."""
    number, _slash, period = written.partition("/")
    return int(number), _SECONDS[period]


def is_over(key: str, written: str) -> bool:
    """Say whether it already happened as often as it may, without counting once more."""
    most, seconds = rate(written)
    try:
        return (cache.get(f"{key}:{int(time.time() // seconds)}") or 0) >= most
    except redis.RedisError:
        logger.exception("Requests could not be counted")
        return False


def wait(key: str, written: str) -> float:
    """Count once more under this key; give the seconds to wait when it is too often, else 0.

    Parallel callers are all counted. Without the counter nobody waits.
    """
    most, seconds = rate(written)
    window, elapsed = divmod(time.time(), seconds)
    key = f"{key}:{int(window)}"
    try:
        cache.add(key, 0, timeout=seconds + 1)
        return 0 if cache.incr(key) <= most else seconds - elapsed
    except (redis.RedisError, ValueError):
        logger.exception("Requests could not be counted")
        return 0
