"""The pages of logistics in the back-office, by subject."""

from . import accounts, dispatch, incidents, practice, rates

__all__ = ["accounts", "dispatch", "incidents", "practice", "rates"]
