"""A server loads its pages before the first request, and its collector never looks at them."""

import subprocess
import sys

_ASKED = """
import gc, sys, config.wsgi
print(gc.get_freeze_count() > 100_000, "shop.urls" in sys.modules)
"""


def test_a_server_is_settled_before_its_first_request():
    done = subprocess.run(
        [sys.executable, "-c", _ASKED], capture_output=True, text=True, timeout=120
    )

    assert done.stdout.split() == ["True", "True"], done.stderr[-2_000:]
