"""Who is alive: workers and the clock say so every few seconds, and when they leave."""

import logging
import os
import socket
import time
from functools import cache

import redis
from celery import signals
from celery.beat import PersistentScheduler
from django.conf import settings

logger = logging.getLogger(__name__)

WORKERS, CLOCKS = "workers", "clocks"
# Nobody heard of for so long is alive.
_SECONDS = {WORKERS: 15, CLOCKS: 30}


@cache
def _valkey() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2)


def _key(kind: str) -> str:
    return f"kaiu:alive:{kind}"


def _me() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


def beat(kind: str) -> None:
    """Say that this process is alive."""
    now = time.time()
    try:
        pipeline = _valkey().pipeline(transaction=False)
        pipeline.zadd(_key(kind), {_me(): now})
        pipeline.zremrangebyscore(_key(kind), 0, now - _SECONDS[kind])
        pipeline.execute()
    except redis.RedisError as error:
        logger.warning("A heartbeat could not be told: %s", type(error).__name__)


def leave(kind: str) -> None:
    """Say that this process ends; one that is killed is missed a little later."""
    try:
        _valkey().zrem(_key(kind), _me())
    except redis.RedisError:
        logger.warning("An end could not be told")


def alive(kind: str, broker: redis.Redis) -> int:
    """Give how many processes of this kind were heard of lately."""
    return broker.zcount(_key(kind), time.time() - _SECONDS[kind], "+inf")


@signals.heartbeat_sent.connect
def _worker_beats(**_kept):
    beat(WORKERS)


@signals.worker_shutdown.connect
def _worker_leaves(**_kept):
    leave(WORKERS)


class Clock(PersistentScheduler):
    """Celery's schedule, which tells that it is being kept."""

    def tick(self, *args, **kwargs):
        seconds = super().tick(*args, **kwargs)
        beat(CLOCKS)
        return seconds

    def close(self):
        leave(CLOCKS)
        super().close()
