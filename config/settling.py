"""What a process does once before it answers the first request."""

import gc

from django.urls import get_resolver


def settle() -> None:
    """Load the code of every page now, and spare it the garbage collector for good.

    A full collection looks through all that is loaded, which takes as long as two pages: whose
    request it fell into waited for it.
    """
    _loaded = get_resolver().url_patterns
    gc.collect()
    gc.freeze()
