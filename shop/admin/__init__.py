"""The back-office: every page of it, by subject."""

from . import catalogue, customers, organizations, people, posts, products, records, stock

__all__ = [
    "catalogue",
    "customers",
    "organizations",
    "people",
    "posts",
    "products",
    "records",
    "stock",
]
