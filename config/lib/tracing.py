"""One id that follows a request through the tasks it queues and the calls they make."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from uuid_utils.compat import uuid7

_current: ContextVar[str] = ContextVar("request_id", default="")
# As the usual proxies write it; anything else could carry whatever a stranger likes into the logs.
_WELL_FORMED = re.compile(r"[0-9A-Za-z_-]{16,64}")


def new() -> str:
    """Give an id that no other request has."""
    return uuid7().hex


def current() -> str:
    """Give the id of what is being done here and now, or nothing."""
    return _current.get()


def is_well_formed(written: str) -> bool:
    """Say whether somebody else's id may be taken over."""
    return bool(_WELL_FORMED.fullmatch(written))


@contextmanager
def following(request_id: str) -> Iterator[str]:
    """Let everything in the block belong to this id."""
    token = _current.set(request_id)
    try:
        yield request_id
    finally:
        _current.reset(token)
