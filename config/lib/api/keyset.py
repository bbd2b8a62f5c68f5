"""Pages by key: the next page starts behind the last row, whatever was added meanwhile."""

import base64
import json

from django.core.exceptions import ValidationError as FieldError
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

_LONGEST_CURSOR = 2000


class KeysetPagination(BasePagination):
    """Pages in one of the view's orders.

    A view has `orderings`: for each name the columns that decide, the key last, "-" for falling;
    the first is the default. `nullable` names the columns that may be empty; those rows come last
    in a rising order and first in a falling one.
    """

    page_size = 20
    most = 100
    parameters = ("cursor", "limit", "ordering")

    def paginate_queryset(self, queryset, request, view=None):
        self.request = request
        limit = self._limit(request)
        name = request.query_params.get("ordering") or next(iter(view.orderings))
        if name not in view.orderings:
            known = ", ".join(view.orderings)
            raise _refused("ordering", _("Choose one of: %(known)s.") % {"known": known})
        columns = view.orderings[name]
        nullable = getattr(view, "nullable", ())
        if cursor := request.query_params.get("cursor"):
            values = _read(cursor, name, columns, queryset.model)
            queryset = queryset.filter(_behind(columns, values, nullable))
        # One more than a page tells whether there is another.
        rows = list(queryset.order_by(*columns)[: limit + 1])
        self.next = None
        if len(rows) > limit:
            rows = rows[:limit]
            self.next = _write(rows[-1], name, columns)
        return rows

    def _limit(self, request) -> int:
        written = request.query_params.get("limit")
        if written is None:
            return self.page_size
        if not (written.isascii() and written.isdigit() and len(written) < 6):
            raise _refused("limit", _("Write a whole number."))
        if not 1 <= int(written) <= self.most:
            raise _refused("limit", _("A page holds 1 to %(most)s rows.") % {"most": self.most})
        return int(written)

    def get_paginated_response(self, data):
        link = None
        if self.next:
            address = self.request.build_absolute_uri()
            link = replace_query_param(address, "cursor", self.next)
        return Response({"next": link, "results": data})

    def get_paginated_response_schema(self, schema):
        return {
            "type": "object",
            "required": ["next", "results"],
            "properties": {
                "next": {"type": "string", "format": "uri", "nullable": True},
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view):
        def parameter(name, description, **schema):
            return {
                "name": name,
                "in": "query",
                "required": False,
                "description": str(description),
                "schema": schema,
            }

        return [
            parameter("cursor", gettext_lazy("Where the page starts: use `next`."), type="string"),
            parameter(
                "limit",
                gettext_lazy("How many rows a page holds."),
                type="integer",
                minimum=1,
                maximum=self.most,
                default=self.page_size,
            ),
            parameter(
                "ordering",
                gettext_lazy("The order of the rows."),
                type="string",
                enum=list(view.orderings),
                default=next(iter(view.orderings)),
            ),
        ]


def _refused(field: str, message: str) -> ValidationError:
    return ValidationError({field: [message]}, code="invalid")


def _write(row, name: str, columns: tuple[str, ...]) -> str:
    """Write where a row stands in this order."""
    values = []
    for column in columns:
        field = row._meta.get_field(column.lstrip("-"))
        is_empty = field.value_from_object(row) is None
        values.append(None if is_empty else field.value_to_string(row))
    raw = json.dumps([name, *values], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _read(cursor: str, name: str, columns: tuple[str, ...], model) -> list:
    """Read a cursor of this order, or refuse it with a message."""
    try:
        if len(cursor) > _LONGEST_CURSOR:
            raise ValueError(cursor)
        written, *values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if written != name or len(values) != len(columns):
            raise ValueError(cursor)
        return [
            _value(model._meta.get_field(column.lstrip("-")), value)
            for column, value in zip(columns, values, strict=True)
        ]
    except (ValueError, TypeError, RecursionError, FieldError) as error:
        message = _("This cursor is not one of this list in this order. Start without it.")
        raise _refused("cursor", message) from error


def _value(field, written):
    if written is None:
        return None
    if not isinstance(written, str) or "\x00" in written:
        raise ValueError(written)
    value = field.to_python(written)
    if hasattr(value, "tzinfo") and value.tzinfo is None:
        raise ValueError(written)
    return value


def _behind(columns: tuple[str, ...], values: list, nullable) -> Q:
    """Select the rows behind these values."""
    behind, equal = Q(), Q()
    for column, value in zip(columns, values, strict=True):
        name, is_falling = column.lstrip("-"), column.startswith("-")
        behind |= equal & _further(name, value, is_falling, name in nullable)
        equal &= Q(**({f"{name}__isnull": True} if value is None else {name: value}))
    first, value = columns[0].lstrip("-"), values[0]
    if first not in nullable:
        # Said once more in a form for which an index has a starting point.
        behind &= Q(**{f"{first}__{'lte' if columns[0].startswith('-') else 'gte'}": value})
    return behind


def _further(name: str, value, is_falling: bool, is_nullable: bool) -> Q:
    """Select what comes after a value, empty ones as PostgreSQL places them."""
    if value is None:
        return Q(**{f"{name}__isnull": False}) if is_falling else Q(pk__in=[])
    further = Q(**{f"{name}__{'lt' if is_falling else 'gt'}": value})
    return further | Q(**{f"{name}__isnull": True}) if is_nullable and not is_falling else further
