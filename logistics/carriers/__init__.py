"""Every carrier, by its code: callers write carriers.get(account.provider).create(shipment)."""

from .base import Carrier
from .coordinadora import Coordinadora
from .envia import Envia
from .practice import Practice
from .venndelo import Venndelo

CARRIERS: dict[str, Carrier] = {
    carrier.code: carrier for carrier in (Venndelo(), Envia(), Coordinadora(), Practice())
}


def get(code: str) -> Carrier:
    """Give the carrier of this code, or raise KeyError."""
    return CARRIERS[code]
