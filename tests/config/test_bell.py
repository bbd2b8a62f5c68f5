"""A bell: it never keeps its ringer waiting, and answers many with one call."""

from queue import Queue
from threading import Event

import pytest

from config.lib.bell import Bell


def test_who_rings_during_a_call_is_heard_by_one_more():
    calls, release = Queue(), Event()

    def call():
        calls.put("called")
        release.wait(10)

    bell = Bell(call, seconds=0)
    bell.ring()
    calls.get(timeout=10)
    for _ringer in range(50):
        bell.ring()

    release.set()

    assert calls.get(timeout=10) == "called"
    assert calls.empty()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_bell_that_failed_rings_again():
    calls, fail = Queue(), Event()
    fail.set()

    def call():
        calls.put("called")
        if fail.is_set():
            raise RuntimeError("No answer.")

    bell = Bell(call, seconds=0)
    bell.ring()
    calls.get(timeout=10)
    bell._thread.join(10)
    fail.clear()

    bell.ring()

    assert calls.get(timeout=10) == "called"
