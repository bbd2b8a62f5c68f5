"""Reading and writing rows: one transaction, one audit entry, one version to compare with."""

from django.db import transaction
from django.utils.translation import gettext as _
from rest_framework import status, viewsets
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.generics import get_object_or_404
from rest_framework.response import Response

from config.lib.api import versions
from config.lib.api.keyset import KeysetPagination

from .. import audit
from ..models import AuditEntry
from .access import ActingView


class RowView(ActingView, viewsets.GenericViewSet):
    """Rows of one model: a subclass says which, in `rows()`, and what follows a change."""

    serializer_class = None
    orderings = {"id": ("id",)}

    def rows(self):
        """Give the rows that this person may see."""
        raise TypeError("A view says which rows it shows.")

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return self.model._base_manager.none()
        return self.rows()

    def filter_queryset(self, queryset):
        known = {*KeysetPagination.parameters}
        if filterset_class := getattr(self, "filterset_class", None):
            known |= filterset_class.base_filters.keys()
        unknown = [name[:60] for name in self.request.query_params if name not in known]
        if unknown:
            # A misspelt filter must not answer with everything.
            message = _("There is no such filter here.")
            problem = [ErrorDetail(message, code="unknown")]
            raise ValidationError({name: problem for name in unknown[:20]})
        return super().filter_queryset(queryset)

    def locked(self, pk):
        """Give a row, as If-Match expects it, that nobody else changes until we commit."""
        row = get_object_or_404(self.rows().select_for_update(no_key=True, of=("self",)), pk=pk)
        versions.require_match(self.request, self.typed(row))
        return row

    def typed(self, row) -> dict:
        """Give what people typed in a row: its version."""
        return audit.snapshot(row)

    def after(self, row) -> None:
        """Do what a change of this row asks for, in the same transaction."""

    def record(self, action: str, row, *, before=None, after=None) -> None:
        """Write down what was done."""
        request = self.request
        audit.record(
            request.organization,
            request.user,
            action,
            row,
            before=before,
            after=after,
        )

    def shown(self, pk, *, status_code: int = status.HTTP_200_OK) -> Response:
        """Answer with a row as it stands now, and its version."""
        row = get_object_or_404(self.rows(), pk=pk)
        data = self.get_serializer(row).data
        tag = versions.tag(self.typed(row), data)
        if self.request.method in ("GET", "HEAD") and versions.is_known(self.request, tag):
            return Response(status=status.HTTP_304_NOT_MODIFIED, headers={"ETag": tag})
        return Response(data, status=status_code, headers={"ETag": tag})


class Listed:
    """Lists rows, page by page."""

    def list(self, request, *args, **kwargs):
        rows = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(rows, many=True).data)


class Shown:
    """Shows one row."""

    def retrieve(self, request, *args, **kwargs):
        return self.shown(kwargs["pk"])


class Added:
    """Adds rows."""

    def create(self, request, *args, **kwargs):
        with transaction.atomic():
            serializer = self.get_serializer(data=request.data)
            serializer.is_valid(raise_exception=True)
            row = serializer.save()
            self.after(row)
            self.record(AuditEntry.Action.ADDED, row, after=audit.snapshot(row))
        return self.shown(row.pk, status_code=status.HTTP_201_CREATED)


class Changed:
    """Changes rows: PUT asks for every required field, PATCH for none."""

    def update(self, request, *args, partial=False, **kwargs):
        with transaction.atomic():
            row = self.locked(kwargs["pk"])
            before = self.typed(row)
            serializer = self.get_serializer(row, data=request.data, partial=partial)
            serializer.is_valid(raise_exception=True)
            row = serializer.save()
            self.after(row)
            # Read again: what was prefetched with the locked row is older than the change.
            fresh = self.model.objects.get(pk=row.pk)
            self.record(AuditEntry.Action.CHANGED, fresh, before=before, after=self.typed(fresh))
        return self.shown(kwargs["pk"])

    def partial_update(self, request, *args, **kwargs):
        return self.update(request, *args, partial=True, **kwargs)


class Removed:
    """Removes rows, by the operation that knows when it may."""

    def destroy(self, request, *args, **kwargs):
        with transaction.atomic():
            row = self.locked(kwargs["pk"])
            self.record(AuditEntry.Action.DELETED, row, before=self.typed(row))
            self.remove(row)
        return Response(status=status.HTTP_204_NO_CONTENT)
