"""Tells open windows that something changed, after the commit and without the request waiting.

News carry no facts: a window that hears them asks for its page again, as who it is then. They are
delivered at most once; a window that was away asks by itself.
"""

import logging
from threading import Lock

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction
from redis.exceptions import RedisError

from .bell import Bell

logger = logging.getLogger(__name__)

# What happens within this time is told once.
_SECONDS = 0.05
_waiting: set[str] = set()
_guard = Lock()


def tell(group: str) -> None:
    """Tell whoever listens in this group, once what is being done is committed."""
    transaction.on_commit(lambda: _ring(group))


def _ring(group: str) -> None:
    with _guard:
        _waiting.add(group)
    _bell.ring()


def _tell_all() -> None:
    with _guard:
        groups = list(_waiting)
        _waiting.clear()
    try:
        async_to_sync(_send)(groups)
    except (RedisError, OSError):
        # They look again by themselves.
        logger.warning("Open windows could not be told", exc_info=True)


async def _send(groups: list[str]) -> None:
    layer = get_channel_layer()
    for group in groups:
        await layer.group_send(group, {"type": "news"})


_bell = Bell(_tell_all, seconds=_SECONDS)
