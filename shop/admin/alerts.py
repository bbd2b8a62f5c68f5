"""Who waits for what: demand that no sale shows."""

from django.contrib import admin
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from ..models import StockAlert
from .base import ReadOnlyAdmin
from .site import site


class AlertFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return [
            ("waiting", _("Waiting")),
            ("unconfirmed", _("Not confirmed")),
            ("told", _("Told")),
        ]

    def queryset(self, request, queryset):
        match self.value():
            case "waiting":
                return queryset.filter(confirmed_at__isnull=False, told_at__isnull=True)
            case "unconfirmed":
                return queryset.filter(confirmed_at__isnull=True)
            case "told":
                return queryset.filter(told_at__isnull=False)
        return queryset


@admin.register(StockAlert, site=site)
class StockAlertAdmin(ReadOnlyAdmin):
    list_display = ["product", "email", "state", "consented_at", "told_at"]
    list_filter = [AlertFilter]
    list_select_related = ["variant__product"]
    search_fields = ["variant__sku"]
    search_help_text = _("SKU or e-mail")
    ordering = ["-id"]
    fields = [
        "variant",
        "email",
        "customer",
        "consent_version",
        "consented_at",
        "confirmed_at",
        "told_at",
    ]

    def get_search_results(self, request, queryset, search_term):
        typed = search_term.strip()
        if not typed:
            return queryset, False
        if "@" in typed:
            return queryset.filter(email=typed.lower()), False
        return queryset.filter(variant__sku__iexact=typed), False

    @display(description=_("product"))
    def product(self, alert):
        return alert.variant.full_label

    @display(
        description=_("state"),
        label={"waiting": "info", "unconfirmed": "warning", "told": "success"},
    )
    def state(self, alert):
        if alert.told_at:
            return "told", gettext("Told")
        if alert.confirmed_at:
            return "waiting", gettext("Waiting")
        return "unconfirmed", gettext("Not confirmed")
