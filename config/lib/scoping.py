"""Rows that belong to one organization, and only to it."""

from django.db import models, transaction
from django_scopes import ScopedManager
from django_scopes.manager import DisabledQuerySet

# django-scopes leaves these three open; an unscoped question is as wrong as an unscoped list.
for _name in ("exists", "contains", "explain"):
    setattr(DisabledQuerySet, _name, DisabledQuerySet.error)


class ExactUpdates(models.QuerySet):
    """Changes only rows for which its conditions still hold at the moment of the change.

    A row that reaches its organization through a parent is found by a join, and Django writes the
    change of joined rows as `id IN (SELECT …)`. PostgreSQL does not ask such a subquery again after
    it waited for somebody else's change: of two who claim one row, both would believe to have it.
    A subquery that locks what it finds waits itself, and looks at its conditions anew afterwards.
    """

    def update(self, **values):
        if self.query.count_active_tables() < 2:
            return super().update(**values)
        with transaction.atomic(using=self.db, savepoint=False):
            rows = self.order_by().select_related(None).values("pk")
            locked = rows.select_for_update(no_key=True, of=("self",))
            return self.model._base_manager.filter(pk__in=locked).update(**values)

    update.alters_data = True


def scoped(path: str = "organization", queryset: type[models.QuerySet] = models.QuerySet):
    """Give a manager whose queries raise outside a scope and stay inside the organization.

    `path` leads from the row to its organization, as `product__organization`.
    """
    exact = type(f"Exact{queryset.__name__}", (ExactUpdates, queryset), {})
    return ScopedManager(_manager_class=models.Manager.from_queryset(exact), organization=path)
