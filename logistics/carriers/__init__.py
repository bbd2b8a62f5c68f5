"""Every carrier, by its code: callers write carriers.get(account.provider).create(shipment)."""

from .base import Carrier

CARRIERS: dict[str, Carrier] = {carrier.code: carrier for carrier in ()}


def get(code: str) -> Carrier:
    """Give the carrier of this code, or raise KeyError."""
    return CARRIERS[code]
