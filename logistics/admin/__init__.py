"""The pages of logistics in the back-office, by subject."""

from . import incidents, rates

__all__ = ["incidents", "rates"]
