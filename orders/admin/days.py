"""Filters of the list of orders, and the addresses that lead to it from other pages.

Days are written as 2026-03-10, or as 2026-03-10..2026-03-16 for all of these.
"""

from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..models import OrderLine, PaymentAccount

_BETWEEN = ".."
NO_METHOD = "-"


def orders_address(**query) -> str:
    """Give the address of the list of orders with these filters (see the classes below)."""
    # The list has no other name that is known before its admin is loaded.
    return f"{reverse('admin:index')}orders/order/?{urlencode(query)}"


def written(first: date, last: date) -> str:
    """Write days as the filters read them."""
    return first.isoformat() if first == last else f"{first}{_BETWEEN}{last}"


def read(text: str) -> tuple[datetime, datetime]:
    """Give the moments at which the written days begin and end, in the time zone in force."""
    first, _between, last = text.partition(_BETWEEN)
    try:
        days = date.fromisoformat(first), date.fromisoformat(last or first) + timedelta(days=1)
        return tuple(timezone.make_aware(datetime.combine(day, time())) for day in days)
    except (ValueError, OverflowError) as error:
        raise IncorrectLookupParameters(error) from error


class _DaysFilter(admin.SimpleListFilter):
    """Offers a few periods, and takes any other days from a link."""

    moment = ""

    def lookups(self, request, model_admin):
        today = timezone.localdate()
        offered = {
            written(today, today): _("Today"),
            written(today - timedelta(days=1), today - timedelta(days=1)): _("Yesterday"),
            written(today - timedelta(days=6), today): _("Last 7 days"),
            written(today - timedelta(days=29), today): _("Last 30 days"),
        }
        if self.value():
            offered.setdefault(self.value(), self.value().replace(_BETWEEN, " – "))
        return list(offered.items())

    def queryset(self, request, queryset):
        if not self.value():
            return queryset
        start, end = read(self.value())
        return queryset.filter(**{f"{self.moment}__gte": start, f"{self.moment}__lt": end})


class PlacedFilter(_DaysFilter):
    title = _("day of the order")
    parameter_name = "placed_on"
    moment = "placed_at"


class PaidFilter(_DaysFilter):
    title = _("day of the payment")
    parameter_name = "paid_on"
    moment = "paid_at"


class MethodFilter(admin.SimpleListFilter):
    """The kind of payment; a minus sign for orders that have none."""

    title = _("kind of payment")
    parameter_name = "method"

    def lookups(self, request, model_admin):
        return [*PaymentAccount.Provider.choices, (NO_METHOD, _("None"))]

    def queryset(self, request, queryset):
        if not self.value():
            return queryset
        method = "" if self.value() == NO_METHOD else self.value()
        return queryset.filter(payment_method=method)


class ProductFilter(admin.SimpleListFilter):
    """Orders that hold a variant; it comes from a link alone."""

    title = _("variant")
    parameter_name = "product"

    def lookups(self, request, model_admin):
        return [(self.value(), _("The variant of the link"))] if self.value() else []

    def queryset(self, request, queryset):
        if not self.value():
            return queryset
        try:
            variant = UUID(self.value())
        except ValueError as error:
            raise IncorrectLookupParameters(error) from error
        return queryset.filter(pk__in=OrderLine.objects.filter(variant=variant).values("order"))
