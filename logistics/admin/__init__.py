"""The pages of logistics in the back-office, by subject."""

from . import rates

__all__ = ["rates"]
