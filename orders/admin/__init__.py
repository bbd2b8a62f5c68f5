"""The pages of orders in the back-office, by subject."""

from . import sales

__all__ = ["sales"]
