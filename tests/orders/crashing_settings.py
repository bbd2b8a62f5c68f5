"""The real settings, with gateways on loopback, for an installation that is killed on purpose."""

import os

from config.settings import *  # noqa: F403

_WOMPI, _STRIPE = os.environ["CRASHING_WOMPI"], os.environ["CRASHING_STRIPE"]
GATEWAY_ADDRESSES = {
    "wompi": {"test": f"{_WOMPI}/v1", "live": f"{_WOMPI}/v1", "page": f"{_WOMPI}/p/"},
    "stripe": {"test": _STRIPE, "live": _STRIPE, "page": f"{_STRIPE}/c/pay/"},
}
