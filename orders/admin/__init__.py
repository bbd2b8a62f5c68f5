"""The pages of orders in the back-office, by subject."""

from . import order_admin, refunds_admin, returns_admin, sales

__all__ = ["order_admin", "refunds_admin", "returns_admin", "sales"]
