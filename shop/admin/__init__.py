"""The back-office: every page of it, by subject."""

from . import (
    alerts,
    catalogue,
    customers,
    domains,
    front,
    imports,
    organizations,
    people,
    posts,
    products,
    records,
    stock,
    stock_counts,
    today,
)

__all__ = [
    "alerts",
    "catalogue",
    "customers",
    "domains",
    "front",
    "imports",
    "organizations",
    "people",
    "posts",
    "products",
    "records",
    "stock",
    "stock_counts",
    "today",
]
