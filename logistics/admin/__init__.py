"""The pages of logistics in the back-office, by subject."""

from . import accounts, dispatch, incidents, rates

__all__ = ["accounts", "dispatch", "incidents", "rates"]
