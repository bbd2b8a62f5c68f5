"""Rows that belong to one organization, and only to it."""

from django.db import models
from django_scopes import ScopedManager
from django_scopes.manager import DisabledQuerySet

# django-scopes leaves these three open; an unscoped question is as wrong as an unscoped list.
for _name in ("exists", "contains", "explain"):
    setattr(DisabledQuerySet, _name, DisabledQuerySet.error)


def scoped(path: str = "organization", queryset: type[models.QuerySet] = models.QuerySet):
    """Give a manager whose queries raise outside a scope and stay inside the organization.

    `path` leads from the row to its organization, as `product__organization`.
    """
    return ScopedManager(_manager_class=models.Manager.from_queryset(queryset), organization=path)
