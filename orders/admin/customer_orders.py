"""The orders of a customer, on their page: what they bought and what they paid."""

from django.db.models import Count, F, Q, Sum
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from config.lib import money
from shop.admin.base import ReadOnlyInline
from shop.admin.customers import CustomerAdmin
from shop.admin.look import here

from .. import means
from ..models import GatewayTransaction, Order
from . import order_page, sight

_MOST_PAYMENTS = 30


class OrderInline(ReadOnlyInline):
    model = Order
    fk_name = "customer"
    fields = ["number_link", "placed", "goods", "status_label", "payment_label", "total_label"]
    readonly_fields = fields
    per_page = 20
    tab = True
    verbose_name_plural = _("Orders")
    template_before = "admin/orders/_customer_orders.html"

    def get_fields(self, request, obj=None):
        if sight.sees_money(request):
            return self.fields
        return ["number_link", "placed", "goods", "goods_status"]

    def get_readonly_fields(self, request, obj=None):
        return self.get_fields(request, obj)

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("lines").order_by("-number")

    def get_formset(self, request, obj=None, **kwargs):
        formset = super().get_formset(request, obj, **kwargs)
        sees_money = obj is not None and sight.sees_money(request)
        formset.summary = summary(obj) if sees_money else []
        formset.payments = payments(obj) if sees_money else []
        return formset

    @display(description=_("number"))
    def number_link(self, order):
        return format_html('<a href="{}">{}</a>', sight.order_address(order.pk), order)

    @display(description=_("placed"))
    def placed(self, order):
        return order_page.short_moment(order.placed_at)

    @display(description=_("products"))
    def goods(self, order):
        lines = list(order.lines.all())
        told = ", ".join(f"{line.quantity} × {line.name}" for line in lines[:3])
        more = len(lines) - 3
        return f"{told}, +{more}" if more > 0 else told

    @display(description=_("status"))
    def status_label(self, order):
        return sight.status_words(order, with_money=True)

    @display(description=_("status"))
    def goods_status(self, order):
        return sight.status_words(order, with_money=False)

    @display(description=_("payment"))
    def payment_label(self, order):
        return order.get_payment_display()

    @display(description=_("total"))
    def total_label(self, order):
        return money.label(order.total, order.currency)


def summary(customer) -> list[tuple[str, str]]:
    """Give how much a customer bought and paid, in the mode in which the shop is."""
    orders = Order.objects.filter(customer=customer, is_test=not here().is_live)
    found = orders.aggregate(
        count=Count("pk"),
        count_paid=Count("pk", filter=Q(paid__gt=F("refunded"))),
        sum=Sum(F("paid") - F("refunded")),
    )
    total, paid = found["sum"] or 0, found["count_paid"]
    currency = here().currency
    return [
        (gettext("Orders"), str(found["count"])),
        (gettext("Paid orders"), str(paid)),
        (gettext("Paid in all"), money.label(total, currency)),
        (gettext("Average order"), money.label(total // paid if paid else 0, currency)),
    ]


def payments(customer) -> list[dict]:
    """Give the newest payments of a customer, whichever order they were for."""
    found = GatewayTransaction.objects.filter(attempt__order__customer=customer)
    newest = found.select_related("account", "attempt__order").order_by("-id")[:_MOST_PAYMENTS]
    return [
        {
            "when": order_page.short_moment(told.seen_at),
            "order": str(told.attempt.order),
            "address": sight.order_address(told.attempt.order_id),
            "means": " · ".join(filter(None, (str(told.account), means.words(told.method)))),
            "status": told.get_problem_display() if told.problem else told.get_status_display(),
            "amount": money.label(told.amount, told.currency),
            "refunded": money.label(told.refunded, told.currency) if told.refunded else "",
        }
        for told in newest
    ]


CustomerAdmin.inlines = [OrderInline, *CustomerAdmin.inlines]
