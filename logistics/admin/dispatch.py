"""From where a shop sends, and what its parcels and labels are like."""

from django.contrib import admin
from django.db import transaction
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from shop.admin.base import RowAdmin, RowForm
from shop.admin.fields import MunicipalityField, PriceField
from shop.admin.look import here
from shop.admin.site import site

from .. import places
from ..models import DeliverySettings, Origin


class OriginForm(RowForm):
    """A place of dispatch; its municipality is typed by name."""

    municipality = MunicipalityField(label=_("municipality"))
    unique_here = {"name": _("Another place already has this name.")}

    def clean(self):
        values = super().clean()
        opens, closes = values.get("opens_at"), values.get("closes_at")
        if opens and closes and closes <= opens:
            self.add_error("closes_at", gettext("The hours have to end after they begin."))
        return values


@admin.register(Origin, site=site)
class OriginAdmin(RowAdmin):
    form = OriginForm
    pages = ("changelist", "add", "change", "history")
    list_display = ["name", "address", "municipality", "hours", "is_default", "is_active"]
    list_select_related = ["municipality__department"]
    list_filter = ["is_active"]
    search_fields = ["name", "line"]
    ordering = ["-is_default", "name", "id"]
    change_form_template = "admin/logistics/origin_form.html"
    fieldsets = [
        (None, {"fields": ["name", ("is_default", "is_active")]}),
        (
            _("Address"),
            {"fields": ["line", ("complement", "neighbourhood"), "municipality"]},
        ),
        (
            _("Hand-over"),
            {"fields": [("contact_name", "phone"), "email", ("opens_at", "closes_at")]},
        ),
    ]

    @display(description=_("address"))
    def address(self, origin):
        return origin.line

    @display(description=_("hours"))
    def hours(self, origin):
        return f"{origin.opens_at:%H:%M}-{origin.closes_at:%H:%M}"

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        context = {"places": places.suggestions(), **(extra_context or {})}
        return super().changeform_view(request, object_id, form_url, context)

    def get_changeform_initial_data(self, request):
        # The first place is the usual one.
        return {
            "is_default": not Origin.objects.exists(),
            **super().get_changeform_initial_data(request),
        }

    @transaction.atomic
    def save_model(self, request, obj, form, change):
        if obj.is_default:
            # One place is the usual one: choosing another lets go of the first.
            for other in Origin.objects.filter(is_default=True).exclude(pk=obj.pk):
                self.change(request, other, is_default=False)
        super().save_model(request, obj, form, change)


class DeliverySettingsForm(RowForm):
    """What parcels are like; prices in the shop's currency."""

    fallback_price = PriceField(
        label=_("price when no carrier answers"),
        required=False,
        help_text=_("Empty: where no carrier answers, nothing is sold."),
    )
    free_from = PriceField(
        label=_("carriers free of charge from"),
        required=False,
        help_text=_("Empty: never free of charge."),
    )

    def clean(self):
        values = super().clean()
        least, most = values.get("fallback_days_min"), values.get("fallback_days_max")
        if least is not None and most is not None and most < least:
            self.add_error(
                "fallback_days_max", gettext("The most days cannot be fewer than the least.")
            )
        return values


@admin.register(DeliverySettings, site=site)
class DeliverySettingsAdmin(RowAdmin):
    """One page of a shop: its list leads there."""

    form = DeliverySettingsForm
    pages = ("changelist", "add", "change", "history")
    fieldsets = [
        (
            _("Parcels"),
            {"fields": [("heaviest_grams", "longest_cm"), "packaging_grams"]},
        ),
        (
            _("A piece whose weight or size nobody wrote down"),
            {
                "fields": [
                    ("usual_grams", "usual_length_cm"),
                    ("usual_width_cm", "usual_height_cm"),
                ]
            },
        ),
        (
            _("Prices of carriers"),
            {"fields": ["free_from", "fallback_price", ("fallback_days_min", "fallback_days_max")]},
        ),
        (_("Labels"), {"fields": ["label_format"]}),
    ]

    def changelist_view(self, request, extra_context=None):
        if not self.has_view_permission(request):
            return super().changelist_view(request, extra_context)
        return HttpResponseRedirect(_page_of_settings(self))

    def add_view(self, request, form_url="", extra_context=None):
        if self.has_add_permission(request) and _are_written():
            return HttpResponseRedirect(_page_of_settings(self))
        return super().add_view(request, form_url, extra_context)

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        # There is one page of it.
        context = {"show_save_and_add_another": False, **(extra_context or {})}
        return super().changeform_view(request, object_id, form_url, context)


def _are_written() -> bool:
    return DeliverySettings.objects.filter(pk=here().pk).exists()


def _page_of_settings(admin) -> str:
    """Give the address where a shop's settings are written, or written first."""
    if _are_written():
        return reverse(f"admin:{admin.page_address('change')}", args=[here().pk])
    return reverse(f"admin:{admin.page_address('add')}")
