"""Variants: on the page of their product, and each on a page of its own."""

from django import forms
from django.contrib import admin
from django.db import transaction
from django.forms.models import BaseInlineFormSet
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminIntegerFieldWidget

from .. import catalogue, search, stock
from .. import kits as all_kits
from ..models import KitPart, Picture, Product, StockLevel, StockMovement, Variant
from . import kits
from .base import RowAdmin, RowForm, RowInline, hold, of_found_products
from .copying import CopyMixin, VariantCopyForm
from .fields import PriceField
from .filters import MeasuresFilter, ProductFilter, VariantCategoryFilter, VariantStockFilter
from .price_sheet import FIELDS, PriceSheetMixin
from .site import site

# As many as one person can mean by a number typed into a form.
MOST_PIECES = 1_000_000
_CHOICE = ("option1", "option2")


class VariantForm(RowForm):
    """A variant: its SKU is proposed when empty, its prices are typed in pesos."""

    unique_here = {"sku": _("Another variant already has this SKU.")}
    price = PriceField(label=_("price"), help_text=_("IVA included."))
    compare_at_price = PriceField(
        label=_("price before"),
        required=False,
        help_text=_("Shown struck through when it is higher than the price."),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "sku" in self.fields:
            self.fields["sku"].required = False

    def clean_compare_at_price(self):
        before, price = self.cleaned_data["compare_at_price"], self.cleaned_data.get("price")
        if before is not None and price is not None and before <= price:
            raise forms.ValidationError(gettext("The price before must be higher than the price."))
        return before


class VariantInlineForm(VariantForm):
    opening_stock = forms.IntegerField(
        label=_("stock"),
        required=False,
        min_value=0,
        max_value=MOST_PIECES,
        widget=UnfoldAdminIntegerFieldWidget(attrs={"class": "stock-input"}),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            # Stock that exists changes by a movement with its reason, never in this form.
            field = self.fields["opening_stock"]
            field.disabled, field.initial = True, self.instance.available


class VariantFormSet(BaseInlineFormSet):
    """The variants of a product, checked against each other."""

    def clean(self):
        super().clean()
        self._refuse_deleting_history()
        skus, choices = {}, {}
        for form in self.forms:
            if form in self.deleted_forms or (not form.has_changed() and not form.instance.sku):
                continue
            values = getattr(form, "cleaned_data", {})
            sku, choice = values.get("sku"), (values.get("option1"), values.get("option2"))
            if sku and skus.setdefault(sku, form) is not form:
                form.add_error("sku", gettext("Another variant already has this SKU."))
            if values.get("is_active") and choices.setdefault(choice, form) is not form:
                form.add_error(
                    "option1", gettext("Another variant already stands for this choice.")
                )

    def _refuse_deleting_history(self):
        rows = [form.instance for form in self.deleted_forms if not form.instance._state.adding]
        moved = StockMovement.objects.filter(variant__in=rows).values_list("variant_id", flat=True)
        moved = set(moved.distinct())
        errors = [
            gettext("%(name)s has history and cannot be deleted. Retire it instead.")
            % {"name": row}
            for row in rows
            if row.pk in moved
        ]
        if errors:
            raise forms.ValidationError(errors)

    def save_new(self, form, commit=True):
        variant = super().save_new(form, commit=False)
        variant.organization = self.instance.organization
        if not variant.sku:
            variant.sku = catalogue.propose_sku(variant)
        variant.save()
        return variant

    def save_existing(self, form, obj, commit=True):
        if not obj.sku:
            obj.sku = catalogue.propose_sku(obj)
        return super().save_existing(form, obj, commit=commit)

    def delete_existing(self, obj, commit=True):
        catalogue.remove_variant(obj)


class VariantInline(RowInline):
    model = Variant
    form = VariantInlineForm
    formset = VariantFormSet
    ordering_field = "position"
    hide_ordering_field = True
    hide_title = True
    readonly_fields = ["more"]
    fields = [
        "option1",
        "option2",
        "sku",
        "price",
        "compare_at_price",
        "opening_stock",
        "weight_grams",
        "is_active",
        "more",
        "position",
    ]

    @display(description="")
    def more(self, variant):
        """Lead to the page with everything else about a variant that is already kept."""
        if variant is None or variant._state.adding:
            return ""
        address = reverse("admin:shop_variant_change", args=[variant.pk])
        return format_html('<a class="button-link" href="{}">{}</a>', address, gettext("More"))

    def get_queryset(self, request):
        return all_kits.with_available(super().get_queryset(request).select_related("product"))

    def get_formset(self, request, obj=None, **kwargs):
        formset = super().get_formset(request, obj, **kwargs)
        # Django would list every movement; the formset says in one sentence what to do instead.
        formset.form.hand_clean_DELETE = lambda form: None
        return formset

    def get_extra(self, request, obj=None, **kwargs):
        return 0 if obj else 1


def give_stock_rows(person, variants_with_opening) -> None:
    """Give every new variant its stock level, and the opening stock that was typed for it."""
    for variant, opening in variants_with_opening:
        StockLevel.objects.get_or_create(variant=variant)
        if opening:
            reason = StockMovement.Reason.OPENING
            stock.move(variant, opening, reason=reason, person=person)


class _OneForEachChoiceMixin:
    """Refuses a second active variant for a choice beside its field, and not in the database."""

    def clean(self):
        cleaned, variant = super().clean(), self.instance
        if cleaned.get("is_active"):
            choice = {name: cleaned.get(name, getattr(variant, name)) for name in _CHOICE}
            others = Variant.objects.filter(product=variant.product_id, is_active=True, **choice)
            if others.exclude(pk=variant.pk).exists():
                told = gettext("Another variant already stands for this choice.")
                self.add_error("is_active", told)
        return cleaned


class SheetForm(_OneForEachChoiceMixin, VariantForm):
    """What of a variant is typed in the list."""


class VariantPageForm(_OneForEachChoiceMixin, VariantForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "picture" in self.fields:
            self.fields["picture"].queryset = Picture.objects.filter(
                product=self.instance.product_id
            )

    def clean(self):
        cleaned = super().clean()
        if not cleaned.get("sku") and "sku" not in self.errors:
            cleaned["sku"] = catalogue.propose_sku(self.instance)
        return cleaned


@admin.register(Variant, site=site)
class VariantAdmin(PriceSheetMixin, CopyMixin, RowAdmin):
    """One variant with all its facts; new ones are added on the page of their product."""

    sheet_form = SheetForm
    copy_form = VariantCopyForm

    form = VariantPageForm
    inlines = [kits.KitPartInline]
    pages = ("changelist", "change", "history", "delete")
    list_display = ["sku", "named", *FIELDS]
    list_filter = [
        VariantCategoryFilter,
        "is_active",
        VariantStockFilter,
        MeasuresFilter,
        ProductFilter,
        "tax_category",
    ]
    search_fields = ["sku"]
    search_help_text = _("Product name or SKU")
    # Those of one product together, the newest product first.
    ordering = ["-product_id", "position", "id"]
    sortable_by = ["sku", "price"]
    list_fullwidth = True
    # Each row is a form: more of them are slow to show and to look through.
    list_per_page = 30
    actions = ["change_prices"]
    readonly_fields = ["product_name", "stock_label", "kit_figure"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "product_name",
                    ("sku", "name"),
                    ("option1", "option2"),
                    ("price", "compare_at_price"),
                    "tax_category",
                    "picture",
                    "stock_label",
                    "is_active",
                ]
            },
        ),
        (
            _("Kit"),
            {
                "fields": ["kit_stock", "kit_figure"],
                "description": _("Several products sold as one. Write its parts below."),
            },
        ),
        (
            _("For the parcel"),
            {"fields": ["shelf", "weight_grams", ("width_cm", "height_cm", "length_cm")]},
        ),
    ]

    class Media:
        js = [forms.Script("js/admin-kit.js", type="module")]

    def get_urls(self):
        address = "<path:object_id>/kit/"
        view = self.admin_site.admin_view(self.kit_figure_view)
        return [path(address, view, name="shop_variant_kit_figure"), *super().get_urls()]

    def kit_figure_view(self, request, object_id):
        return kits.figure_view(self, request, object_id)

    def lock(self, key):
        hold(Product, variants=key)
        super().lock(key)

    def get_queryset(self, request):
        # The product's long texts are not needed to name it.
        texts = ("description", "ingredients", "how_to_use", "tips", "certifications", "search")
        variants = super().get_queryset(request).select_related("product", "stock")
        variants = all_kits.with_available(variants)
        return variants.defer(*(f"product__{name}" for name in texts))

    def get_search_results(self, request, queryset, search_term):
        typed = search_term.strip()
        if request.GET.get("model_name") == "kitpart":
            # Chosen as a part: no kit lies in a kit.
            queryset = queryset.filter(kit_stock="", is_active=True)
        if not typed:
            return queryset, False
        by_sku = queryset.filter(sku__istartswith=typed)
        if by_sku.order_by().exists():
            return by_sku, False
        words = search.query_words(typed)
        if not words:
            return queryset.none(), False
        return queryset.filter(of_found_products("product_id", words)), False

    @display(description=_("product"))
    def product_name(self, variant):
        return variant.product

    @display(description=_("product"))
    def named(self, variant):
        label = format_html('<span class="sheet-choice">{}</span>', variant.label)
        return format_html("{} {}", variant.product.name, label)

    @display(description=_("available"))
    def stock_label(self, variant):
        return variant.available

    @display(description=_("what can be sold"))
    def kit_figure(self, variant):
        return kits.figure(variant)

    def save_formset(self, request, form, formset, change):
        if formset.model is KitPart:
            kits.save(self, request, formset, form.instance)
        else:
            super().save_formset(request, form, formset, change)

    @display(description=_("available"))
    def stock_link(self, variant):
        """A number of stock is never typed: it leads to the movement that changes it."""
        level = getattr(variant, "stock", None)
        if level is None or level.is_of_parts:
            return variant.available
        address = reverse("admin:shop_stocklevel_move", args=[level.pk])
        tone = "none" if level.available <= 0 else "low" if level.is_low else "some"
        return format_html(
            '<a class="stock-link is-{}" href="{}">{}</a>', tone, address, level.available
        )

    def get_list_display(self, request):
        shown = list(super().get_list_display(request))
        may_move = request.user.has_perm("shop.change_stocklevel")
        return [*shown, "stock_link" if may_move else "stock_label"]

    @admin.action(description=_("Change prices by percent"), permissions=["change"])
    def change_prices(self, request, queryset):
        return self.raise_view(request, queryset)

    @transaction.atomic
    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        catalogue.refresh([obj.product_id])

    def get_deleted_objects(self, objs, request):
        return [str(variant) for variant in objs], {}, set(), []

    def delete_model(self, request, obj):
        catalogue.remove_variant(obj)
