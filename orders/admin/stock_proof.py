"""What stock is promised to whom, and the nightly proofs that it adds up."""

from django.contrib import admin
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from shop.admin.base import ReadOnlyAdmin
from shop.admin.site import site
from shop.models import StockCheck, StockReservation

from ..models import Order
from . import order_page, sight


@admin.register(StockReservation, site=site)
class StockReservationAdmin(ReadOnlyAdmin):
    list_display = ["since", "variant", "quantity", "holder_label", "state", "until"]
    list_filter = ["status"]
    list_select_related = ["variant__product"]
    search_fields = ["variant__sku"]
    search_help_text = _("SKU, or number of an order")
    ordering = ["-id"]
    fields = ["variant", "quantity", "holder_label", "status", "expires_at", "created_at"]
    readonly_fields = ["holder_label"]

    def get_search_results(self, request, queryset, search_term):
        typed = search_term.strip()
        number = typed.removeprefix("#")
        if not typed:
            return queryset, False
        if number.isascii() and number.isdecimal() and len(number) <= 18:
            holders = Order.objects.filter(number=int(number)).values_list("pk", flat=True)
            return queryset.filter(holder__in=list(holders)), False
        return queryset.filter(variant__sku__iexact=typed), False

    @display(description=_("promised to"))
    def holder_label(self, reservation):
        # Only orders hold stock, and nobody needs their number to go there.
        address = sight.order_address(reservation.holder)
        return format_html('<a href="{}">{}</a>', address, gettext("See the order"))

    @display(description=_("since"))
    def since(self, reservation):
        return order_page.short_moment(reservation.created_at)

    @display(description=_("until"))
    def until(self, reservation):
        is_short = reservation.expires_at and reservation.status == "active"
        return order_page.short_moment(reservation.expires_at) if is_short else "—"

    @display(
        description=_("status"), label={"active": "info", "used": "success", "released": "warning"}
    )
    def state(self, reservation):
        return reservation.status, reservation.get_status_display()


class ResultFilter(admin.SimpleListFilter):
    title = _("result")
    parameter_name = "result"

    def lookups(self, request, model_admin):
        return [("good", _("Everything adds up")), ("bad", _("Differences"))]

    def queryset(self, request, queryset):
        match self.value():
            case "good":
                return queryset.filter(differences=[])
            case "bad":
                return queryset.exclude(differences=[])
        return queryset


@admin.register(StockCheck, site=site)
class StockCheckAdmin(ReadOnlyAdmin):
    list_display = ["when", "variants", "result"]
    list_filter = [ResultFilter]
    search_fields = ["differences"]
    search_help_text = _("SKU")
    ordering = ["-id"]
    fields = ["at", "variants", "result", "difference_list"]
    readonly_fields = ["result", "difference_list"]

    def get_search_results(self, request, queryset, search_term):
        typed = search_term.strip()
        if not typed:
            return queryset, False
        return queryset.filter(differences__contains=[{"sku": typed}]), False

    @display(description=_("when"), ordering="at")
    def when(self, check):
        return order_page.short_moment(check.at)

    @display(description=_("result"), label={"good": "success", "bad": "danger"})
    def result(self, check):
        if not check.differences:
            return "good", gettext("Everything adds up")
        return "bad", gettext("%(count)d do not add up") % {"count": len(check.differences)}

    @display(description=_("differences"))
    def difference_list(self, check):
        rows = (
            (
                one["sku"],
                gettext("%(on_hand)s on the shelf, %(moved)s by movements") % one,
                gettext("%(reserved)s promised, %(promised)s by reservations") % one,
            )
            for one in check.differences
        )
        found = format_html_join("", "<li><b>{}</b>: {}; {}</li>", rows)
        return format_html("<ul>{}</ul>", found) if found else "—"
