"""The back-office: every page of it, by subject."""

from . import (
    catalogue,
    customers,
    front,
    organizations,
    people,
    posts,
    products,
    records,
    stock,
    today,
)

__all__ = [
    "catalogue",
    "customers",
    "front",
    "organizations",
    "people",
    "posts",
    "products",
    "records",
    "stock",
    "today",
]
