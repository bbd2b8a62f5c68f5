"""Filters of the list of orders; those about money are for who may see it."""

from datetime import timedelta

from django.contrib import admin
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..models import Invoice, Order, OrderEvent
from . import sight
from .days import MethodFilter, PaidFilter, PlacedFilter, ProductFilter
from .queues import QueueFilter

# What nobody cared about for so long is history.
_LATELY = timedelta(days=14)
# So long ago an order may have been placed whose document is still looked for.
_TO_INVOICE = timedelta(days=30)


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


class MailFilter(admin.SimpleListFilter):
    title = _("mail")
    parameter_name = "mail"

    def lookups(self, request, model_admin):
        return [("failed", _("Could not be delivered lately"))]

    def queryset(self, request, queryset):
        if self.value() != "failed":
            return queryset
        return self.pick(queryset, with_money=sight.sees_money(request))

    @staticmethod
    def pick(orders, *, with_money: bool):
        """Give the orders about which somebody did not get a mail in the last two weeks."""
        failed = OrderEvent.objects.filter(
            mail=OrderEvent.Mail.FAILED, at__gte=timezone.now() - _LATELY
        )
        return orders.filter(
            pk__in=sight.shown_events(failed, with_money=with_money).values("order")
        )


class InvoiceFilter(admin.SimpleListFilter):
    title = _("electronic invoice")
    parameter_name = "invoice"

    def lookups(self, request, model_admin):
        return [("missing", _("Sold in the last 30 days without one"))]

    def queryset(self, request, queryset):
        if self.value() != "missing":
            return queryset
        accepted = Invoice.objects.filter(
            order=OuterRef("pk"), kind__in=Invoice.SALES, status=Invoice.Status.ACCEPTED
        )
        # Bound by days: without an end, whoever has none missing would look through every order.
        sold = queryset.filter(
            placed_at__gte=timezone.now() - _TO_INVOICE, confirmed_at__isnull=False
        )
        return sold.exclude(status=Order.Status.CANCELLED).filter(~Exists(accepted))


ALL = [
    QueueFilter,
    StatusFilter,
    PaymentFilter,
    MethodFilter,
    SourceFilter,
    TestFilter,
    MailFilter,
    PlacedFilter,
    PaidFilter,
    ProductFilter,
    InvoiceFilter,
]
ABOUT_MONEY = {PaymentFilter, MethodFilter, PaidFilter, InvoiceFilter}
