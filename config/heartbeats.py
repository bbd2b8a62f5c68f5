"""Who is alive: workers and the clock say so every few seconds, and when they leave."""

import logging
import os
import socket
import time

import redis
from celery import signals
from celery.beat import PersistentScheduler

from config.lib import valkey

logger = logging.getLogger(__name__)

WORKERS, CLOCKS = "workers", "clocks"
# Nobody heard of for so long is alive.
_SECONDS = {WORKERS: 15, CLOCKS: 30}


def key(kind: str) -> str:
    """Give where processes of this kind are listed, each with when it was last heard of."""
    return valkey.key(f"alive:{kind}")


def _me() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


def beat(kind: str) -> None:
    """Say that this process is alive."""
    now = time.time()
    try:
        pipeline = valkey.opened().pipeline(transaction=False)
        pipeline.zadd(key(kind), {_me(): now})
        pipeline.zremrangebyscore(key(kind), 0, now - _SECONDS[kind])
        pipeline.execute()
    except redis.RedisError as error:
        logger.warning("A heartbeat could not be told: %s", type(error).__name__)


def leave(kind: str) -> None:
    """Say that this process ends; one that is killed is missed a little later."""
    try:
        valkey.opened().zrem(key(kind), _me())
    except redis.RedisError:
        logger.warning("An end could not be told")


def alive(kind: str, broker: redis.Redis) -> int:
    """Give how many processes of this kind were heard of lately."""
    return broker.zcount(key(kind), time.time() - _SECONDS[kind], "+inf")


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
