"""The back-office of delivery: tables of rates, and what a buyer would be asked."""

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, Max, Min, Q
from django.forms.models import BaseInlineFormSet
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextInputWidget

from config.lib import money
from config.lib.fields import validate_line
from shop.admin import overview
from shop.admin.base import RowAdmin, RowForm, RowInline, count_to
from shop.admin.fields import PriceField
from shop.admin.look import here
from shop.admin.overview import Step
from shop.admin.site import site

from .. import places, quotes
from ..models import Rate, RateTable
from ..parcels import Piece
from ..places import UnknownPlace
from .rate_files import RateFilesMixin

# The names of all places stand once on the page (places.html); fields offer them by this id.
_OFFERS_PLACES = {"list": "places", "autocomplete": "off"}
_HEAVIEST_GRAMS = 1_000_000
# More rates than these are changed in a file: a page of all their fields would weigh megabytes.
MOST_ON_PAGE = 200


def _place_field(**options) -> forms.CharField:
    return forms.CharField(
        max_length=160,
        validators=[validate_line],
        widget=UnfoldAdminTextInputWidget(attrs={**_OFFERS_PLACES, "class": "place-input"}),
        **options,
    )


class RateForm(RowForm):
    """A rate: its place is typed by name, its prices in the shop's currency."""

    place = _place_field(label=_("place"), required=False)
    lowest_order_value = PriceField(label=_("orders from"), required=False)
    price = PriceField(label=_("price"), required=False)
    free_from = PriceField(label=_("free from"), required=False)
    cash_on_delivery_fee = PriceField(label=_("cash fee"), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            rate = self.instance
            self.initial["place"] = places.label(rate.department, rate.municipality)

    def clean_place(self):
        typed = self.cleaned_data["place"]
        try:
            self.instance.department, self.instance.municipality = places.meant(typed)
        except UnknownPlace as error:
            raise forms.ValidationError(str(error), code=error.code) from error
        return typed

    def clean_lowest_order_value(self):
        return self.cleaned_data["lowest_order_value"] or 0

    def clean_cash_on_delivery_fee(self):
        return self.cleaned_data["cash_on_delivery_fee"] or 0

    def clean(self):
        values = super().clean()
        if not values.get("is_covered"):
            values["price"] = values.get("price") or 0
        elif values.get("price") is None and "price" not in self.errors:
            # Nothing typed is not free of charge: that is written as 0.
            self.add_error("price", gettext("Write the price; 0 when it costs nothing."))
        least, most = values.get("days_min"), values.get("days_max")
        if least is not None and most is not None and most < least:
            self.add_error("days_max", gettext("The most days cannot be fewer than the least."))
        return values


class RateFormSet(BaseInlineFormSet):
    """The rates of a table, checked against each other."""

    def clean(self):
        super().clean()
        said = set()
        for form in self.forms:
            is_blank = form.instance._state.adding and not form.has_changed()
            if form in self.deleted_forms or form.errors or is_blank:
                continue
            rate, values = form.instance, form.cleaned_data
            steps = values["lowest_order_value"], values["heaviest_grams"]
            case = (rate.department_id, rate.municipality_id, *steps)
            if case in said:
                form.add_error("place", gettext("Another rate says the price of the same case."))
            said.add(case)


class RateInline(RowInline):
    model = Rate
    form = RateForm
    formset = RateFormSet
    hide_title = True
    fields = [
        "place",
        "is_covered",
        "lowest_order_value",
        "heaviest_grams",
        "price",
        "free_from",
        "days_min",
        "days_max",
        "allows_cash_on_delivery",
        "cash_on_delivery_fee",
    ]

    def get_queryset(self, request):
        rates = super().get_queryset(request)
        return rates.select_related("department", "municipality__department").order_by(
            "department__name", "municipality__name", "lowest_order_value", "heaviest_grams", "id"
        )

    def get_extra(self, request, obj=None, **kwargs):
        return 0 if obj else 1


class RateTableForm(RowForm):
    unique_here = {"name": _("Another rate table already has this name.")}


class TryForm(forms.Form):
    """A basket and where it goes."""

    place = _place_field(label=_("municipality"))
    value = PriceField(label=_("order value"))
    grams = forms.IntegerField(
        label=_("weight (g)"),
        min_value=0,
        max_value=_HEAVIEST_GRAMS,
        widget=UnfoldAdminIntegerFieldWidget,
    )

    def clean_place(self):
        try:
            department, municipality = places.meant(self.cleaned_data["place"])
        except UnknownPlace as error:
            raise forms.ValidationError(str(error), code=error.code) from error
        if municipality is None:
            # A capital has the name of its department in Bogotá only.
            municipality = department.municipalities.filter(name=department.name).first()
        if municipality is None:
            raise forms.ValidationError(gettext("Name a municipality, as a buyer does."))
        return municipality

    def quotes(self) -> list[quotes.Quote]:
        """Give what a buyer would be offered, once what was typed is valid."""
        values = self.cleaned_data
        # One thing of this weight, as carriers ask for it; its size is the shop's usual one.
        thing = Piece("TEST", "Test", 1, values["value"], weight_grams=values["grams"])
        basket = quotes.Basket(values["grams"], values["value"], (thing,))
        return quotes.quotes_for(values["place"], basket)


@admin.register(RateTable, site=site)
class RateTableAdmin(RateFilesMixin, RowAdmin):
    form = RateTableForm
    inlines = [RateInline]
    list_display = [
        "name",
        "kind",
        "price_from",
        "rate_count",
        "allows_cash_on_delivery",
        "is_active",
    ]
    list_filter = ["kind", "is_active"]
    search_fields = ["name"]
    ordering = ["position", "name", "id"]
    change_form_template = "admin/logistics/ratetable_form.html"
    change_list_template = "admin/logistics/ratetable_list.html"
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("name", "kind"),
                    "description",
                    ("carrier", "position"),
                    ("allows_cash_on_delivery", "is_active"),
                ]
            },
        )
    ]

    def get_urls(self):
        return [
            path(
                "probar/", self.admin_site.admin_view(self.try_view), name=self.page_address("try")
            ),
            *super().get_urls(),
        ]

    def get_queryset(self, request):
        tables = super().get_queryset(request)
        if request.resolver_match.url_name.endswith("_changelist"):
            covered = Q(rates__is_covered=True)
            tables = tables.annotate(
                rates_inside=Count("rates"),
                lowest=Min("rates__price", filter=covered),
                highest=Max("rates__price", filter=covered),
            )
        return tables

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if obj.kind == RateTable.Kind.PICKUP and not request.organization.opening_hours:
            advice = gettext("Buyers do not read when they can come: write the opening hours.")
            messages.warning(request, advice)

    @display(description=_("price"))
    def price_from(self, table):
        if table.lowest is None:
            return "—"
        if table.highest == 0:
            return gettext("Free")
        price = money.label(table.lowest, here().currency)
        differs = table.highest > table.lowest
        return gettext("from %(price)s") % {"price": price} if differs else price

    @display(description=_("rates"))
    def rate_count(self, table):
        return table.rates_inside

    def get_inlines(self, request, obj):
        return [] if obj and _is_long(obj) else super().get_inlines(request, obj)

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        context = {"places": places.suggestions(), **(extra_context or {})}
        return super().changeform_view(request, object_id, form_url, context)

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        context["is_long"] = obj is not None and _is_long(obj)
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def try_view(self, request):
        """Show what a buyer would be offered for a basket at a place."""
        form = TryForm(request.GET or None)
        is_asked = form.is_bound and form.is_valid()
        currency = request.organization.currency
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("What would a buyer pay?"),
            "form": form,
            "is_asked": is_asked,
            "offers": [
                {
                    "quote": quote,
                    "cost": money.label(quote.cost, currency),
                    "cash_fee": money.label(quote.cash_on_delivery_fee, currency),
                }
                for quote in (form.quotes() if is_asked else [])
            ],
            "places": places.suggestions(),
            "opts": self.opts,
            "media": self.media + form.media,
        }
        return TemplateResponse(request, "admin/logistics/ratetable_try.html", context)


def _is_long(table: RateTable) -> bool:
    """Say whether a table has too many rates for one page, asking once."""
    if not hasattr(table, "rates_counted"):
        table.rates_counted = count_to(table.rates, MOST_ON_PAGE)
    return table.rates_counted > MOST_ON_PAGE


def first_steps(request) -> list[Step]:
    """Give what a new shop needs to send something."""
    if not request.user.has_perm("logistics.change_ratetable"):
        return []
    return [
        Step(
            gettext("Say how it arrives, and what that costs"),
            gettext("Your own couriers, a carrier's rates, or pick-up in the shop."),
            reverse("admin:logistics_ratetable_add"),
            "local_shipping",
            RateTable.objects.filter(is_active=True, rates__isnull=False),
        )
    ]


overview.add(steps=first_steps)
