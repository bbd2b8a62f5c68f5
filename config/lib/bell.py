"""Has something done soon after it is asked for, without the asker waiting for it."""

import time
from collections.abc import Callable
from threading import Event, Lock, Thread


class Bell:
    """Calls a function off the request when it is rung, once for all who ring meanwhile.

    It is a hurry, not a promise: what must not be lost is a row that a periodic task finds.
    """

    def __init__(self, call: Callable[[], object], *, seconds: float):
        self._call, self._seconds = call, seconds
        self._rung, self._starting = Event(), Lock()
        self._thread: Thread | None = None

    def ring(self) -> None:
        """Have the function called now, or `seconds` after its last call ended."""
        self._rung.set()
        # Started late, because a server forks; one that died of an error is replaced.
        if self._thread is None or not self._thread.is_alive():
            with self._starting:
                if self._thread is None or not self._thread.is_alive():
                    self._thread = Thread(target=self._answer, name="bell", daemon=True)
                    self._thread.start()

    def _answer(self) -> None:
        while self._rung.wait():
            # First: whoever rings from here on is heard once more.
            self._rung.clear()
            self._call()
            time.sleep(self._seconds)
