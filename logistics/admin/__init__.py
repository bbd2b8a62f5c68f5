"""The pages of logistics in the back-office, by subject."""

from . import accounts, carrier_news, cash, dispatch, incidents, notices, practice, rates

__all__ = [
    "accounts",
    "carrier_news",
    "cash",
    "dispatch",
    "incidents",
    "notices",
    "practice",
    "rates",
]
