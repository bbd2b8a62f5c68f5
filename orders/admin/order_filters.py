"""Filters of the list of orders; those about money are for who may see it."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from ..models import Order
from . import sight
from .days import MethodFilter, PaidFilter, PlacedFilter, ProductFilter
from .queues import QueueFilter


class _ChoiceFilter(admin.SimpleListFilter):
    """One column whose values are choices."""

    offered: list = []

    def lookups(self, request, model_admin):
        return self.offered

    def queryset(self, request, queryset):
        known = {value for value, _label in self.lookup_choices}
        value = self.value()
        return queryset.filter(**{self.parameter_name: value}) if value in known else queryset


class StatusFilter(_ChoiceFilter):
    title = _("status")
    parameter_name = "status"

    def lookups(self, request, model_admin):
        return sight.status_choices(with_money=sight.sees_money(request))


class PaymentFilter(_ChoiceFilter):
    title = _("payment")
    parameter_name = "payment"
    offered = Order.Payment.choices


class SourceFilter(_ChoiceFilter):
    title = _("where from")
    parameter_name = "source"
    offered = Order.Source.choices


class TestFilter(admin.SimpleListFilter):
    title = _("test orders")
    parameter_name = "test"

    def lookups(self, request, model_admin):
        return [("no", _("Only real ones")), ("yes", _("Only test orders"))]

    def queryset(self, request, queryset):
        known = {"yes": True, "no": False}
        if self.value() not in known:
            return queryset
        return queryset.filter(is_test=known[self.value()])


ALL = [
    QueueFilter,
    StatusFilter,
    PaymentFilter,
    MethodFilter,
    SourceFilter,
    TestFilter,
    PlacedFilter,
    PaidFilter,
    ProductFilter,
]
ABOUT_MONEY = {PaymentFilter, MethodFilter, PaidFilter}
