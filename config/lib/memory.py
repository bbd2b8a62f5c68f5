"""What one process remembers for a moment, to save a query a page."""

import time
from collections.abc import Callable
from typing import Any
from weakref import WeakSet

_all: "WeakSet[Memory]" = WeakSet()
# Strangers choose some keys (host names): forget everything rather than grow without end.
_MOST_KEYS = 1000


class Memory:
    """Values kept for so many seconds; none of them is ever older than that."""

    def __init__(self, *, seconds: float):
        self.seconds = seconds
        self._kept: dict[Any, tuple[float, Any]] = {}
        _all.add(self)

    def get(self, key: Any, make: Callable[[Any], Any]) -> Any:
        """Give the value kept under the key, or make it from the key and keep it."""
        now = time.monotonic()
        kept = self._kept.get(key)
        if kept is not None and kept[0] > now:
            return kept[1]
        value = make(key)
        if len(self._kept) >= _MOST_KEYS:
            self._kept.clear()
        # Counted from before the value was made: a slow query must not make it older.
        self._kept[key] = (now + self.seconds, value)
        return value

    def clear(self) -> None:
        """Forget everything, in this process only."""
        self._kept.clear()


def clear_all() -> None:
    """Forget everything that this process remembers anywhere (tests do so between two rows)."""
    for memory in _all:
        memory.clear()
