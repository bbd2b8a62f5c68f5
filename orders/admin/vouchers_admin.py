"""Vouchers: what a code is worth, to whom, for how long, and what became of it."""

from django.contrib import admin
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from config.lib import money
from shop.admin.base import ReadOnlyInline, RowAdmin, RowForm
from shop.admin.fields import PriceField
from shop.admin.look import here
from shop.admin.site import site

from .. import vouchers
from ..models import Voucher, VoucherUse
from .refunds_admin import order_link


class VoucherForm(RowForm):
    """A voucher with amounts as people write them; only what its kind needs is kept."""

    unique_here = {"code": _("Another voucher already has this code.")}
    amount = PriceField(label=_("amount"), required=False)
    minimum = PriceField(
        label=_("minimum order"), required=False, help_text=_("Before the discount.")
    )

    def clean_code(self):
        return vouchers.clean_code(self.cleaned_data["code"])

    def clean_minimum(self):
        return self.cleaned_data["minimum"] or 0

    def clean(self):
        values = super().clean()
        kind = values.get("kind")
        values["amount"] = values.get("amount") or 0
        values["percent"] = values.get("percent") or 0
        if kind == Voucher.Kind.PERCENT:
            values["amount"] = 0
            if not 1 <= values["percent"] <= 100 and "percent" not in self.errors:
                self.add_error("percent", gettext("Write a percentage from 1 to 100."))
        elif kind == Voucher.Kind.AMOUNT:
            values["percent"] = 0
            if not values["amount"] and "amount" not in self.errors:
                self.add_error("amount", gettext("Write what it takes off."))
        elif kind:
            values["amount"] = values["percent"] = 0
        return values


class UseInline(ReadOnlyInline):
    model = VoucherUse
    fields = ["order_link", "customer", "amount_label", "used_at", "returned_at"]
    readonly_fields = fields
    per_page = 30
    tab = True

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("order", "customer")

    @display(description=_("order"))
    def order_link(self, use):
        return order_link(use.order)

    @display(description=_("amount"))
    def amount_label(self, use):
        return money.label(use.amount, use.order.currency)


@admin.register(Voucher, site=site)
class VoucherAdmin(RowAdmin):
    pages = ("changelist", "add", "change", "history")
    form = VoucherForm
    inlines = [UseInline]
    list_display = ["code", "worth", "minimum_label", "uses", "starts_at", "ends_at", "is_active"]
    list_filter = ["kind", "is_active"]
    search_fields = ["code"]
    ordering = ["-id"]
    readonly_fields = ["used"]
    fieldsets = [
        (None, {"fields": ["code", "kind", ("percent", "amount"), "minimum", "is_active"]}),
        (
            _("Limits"),
            {"fields": ["starts_at", "ends_at", ("limit", "limit_per_customer"), "used"]},
        ),
    ]

    def get_inlines(self, request, obj):
        return super().get_inlines(request, obj) if obj else []

    @display(description=_("worth"))
    def worth(self, voucher):
        if voucher.kind == Voucher.Kind.PERCENT:
            return f"{voucher.percent} %"
        if voucher.kind == Voucher.Kind.AMOUNT:
            return money.label(voucher.amount, here().currency)
        return voucher.get_kind_display()

    @display(description=_("minimum order"))
    def minimum_label(self, voucher):
        return money.label(voucher.minimum, here().currency) if voucher.minimum else "—"

    @display(description=_("used"))
    def uses(self, voucher):
        return f"{voucher.used} / {voucher.limit}" if voucher.limit is not None else voucher.used

    def get_search_results(self, request, queryset, search_term):
        typed = vouchers.clean_code(search_term)
        return (queryset.filter(code__startswith=typed) if typed else queryset), False
