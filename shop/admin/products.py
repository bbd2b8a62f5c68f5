"""Products, with their variants and pictures on one page."""

from django import forms
from django.contrib import admin
from django.forms.models import BaseInlineFormSet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from config.lib import money

from .. import addresses, catalogue, pictures, search
from ..models import Picture, Product, StockMovement, Variant
from .base import RowAdmin, RowForm, RowInline
from .catalogue import CategoryChoice, SlugForm
from .copying import CopyMixin, ProductCopyForm
from .fields import PictureField, thumbnail
from .filters import BenefitFilter, CategoryFilter, StockFilter
from .look import here
from .site import site
from .variants import VariantFormSet, VariantInline, give_stock_rows


class Nothing(forms.Widget):
    """Shows nothing, where a field has nothing to ask any more."""

    def render(self, name, value, attrs=None, renderer=None):
        return ""


class PictureForm(RowForm):
    """A picture: a file when it is new, its description and place ever after."""

    file = PictureField(label=_("file"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            # Another file is another picture: add it, and delete this one.
            field = self.fields["file"]
            field.required, field.disabled, field.widget = False, True, Nothing()
        if "position" in self.fields:
            self.fields["position"].required = False

    def clean_position(self):
        return self.cleaned_data["position"] or 0


class PictureFormSet(BaseInlineFormSet):
    def save_new(self, form, commit=True):
        values = form.cleaned_data
        picture = pictures.add_image(
            self.instance, values["file"], description=values["description"]
        )
        if values["position"]:
            picture.position = values["position"]
            picture.save(update_fields=["position"])
        return picture

    def delete_existing(self, obj, commit=True):
        pictures.remove(obj)


class PictureInline(RowInline):
    model = Picture
    form = PictureForm
    formset = PictureFormSet
    fields = ["shown", "file", "description", "position"]
    readonly_fields = ["shown"]
    ordering_field = "position"
    hide_ordering_field = True
    hide_title = True

    def get_extra(self, request, obj=None, **kwargs):
        return 0 if obj else 1

    @display(description=_("picture"))
    def shown(self, picture):
        if picture is None or picture._state.adding:
            return ""
        return thumbnail(
            {
                "key": picture.key,
                "widths": picture.widths,
                "alt": picture.description,
                "width": picture.width,
                "height": picture.height,
            }
        )


class ProductForm(SlugForm):
    unique_here = {"slug": _("Another product already has this address.")}

    def propose_slug(self, name):
        return catalogue.propose_slug(Product(pk=self.instance.pk, name=name))


@admin.register(Product, site=site)
class ProductAdmin(CopyMixin, RowAdmin):
    copy_form = ProductCopyForm
    form = ProductForm
    inlines = [VariantInline, PictureInline]
    list_display = ["cover_shown", "name", "category", "price_label", "stock_label", "is_active"]
    list_display_links = ["cover_shown", "name"]
    list_filter = [CategoryFilter, "is_active", StockFilter, BenefitFilter, "is_featured"]
    list_select_related = ["category"]
    search_fields = ["name"]
    search_help_text = _("Name, SKU, category or benefit")
    list_before_template = "admin/shop/_product_list_head.html"
    ordering = ["-id"]
    autocomplete_fields = ["benefits"]
    actions = ["show_in_shop", "hide_from_shop", "change_prices"]
    fieldsets = [
        (None, {"fields": ["name", ("category", "slug"), "summary", ("is_active", "is_featured")]}),
        (
            _("Choices"),
            {
                "classes": ["tab"],
                "fields": [("option1_name", "option2_name")],
                "description": _("What the variants differ in, such as Type and Size."),
            },
        ),
        (
            _("Texts"),
            {
                "classes": ["tab"],
                "fields": [
                    "description",
                    "benefits",
                    "ingredients",
                    "how_to_use",
                    "tips",
                    "certifications",
                ],
            },
        ),
        (
            _("Publication"),
            {
                "classes": ["tab"],
                "fields": [
                    ("published_at", "withdrawn_at"),
                    "marketplace_url",
                    "no_withdrawal_reason",
                ],
            },
        ),
    ]

    # --- The list -----------------------------------------------------------------------------

    def get_queryset(self, request):
        products = super().get_queryset(request)
        if request.resolver_match.url_name.endswith("_changelist"):
            # Long texts and the search vector would weigh more than the page.
            products = products.only(
                "name",
                "organization",
                "is_active",
                "listing_price",
                "has_several_prices",
                "is_available",
                "is_low",
                "cover",
                "category__name",
            )
        return products

    def get_search_results(self, request, queryset, search_term):
        words = search.query_words(search_term)
        if not words:
            return (queryset.none() if search_term.strip() else queryset), False
        wanted = search.query(words, language=here().language)
        return queryset.filter(search=wanted), False

    @display(description="")
    def cover_shown(self, product):
        return thumbnail(product.cover)

    @display(description=_("price"), ordering="listing_price")
    def price_label(self, product):
        if product.listing_price is None:
            return "—"
        price = money.label(product.listing_price, here().currency)
        shown = gettext("from %(price)s") % {"price": price}
        address = f"{reverse('admin:shop_variant_changelist')}?product={product.pk}"
        words = shown if product.has_several_prices else price
        return format_html('<a class="price-link" href="{}">{}</a>', address, words)

    @display(
        description=_("stock"),
        label={"available": "success", "low": "warning", "none": "danger"},
    )
    def stock_label(self, product):
        if not product.is_available:
            return "none", gettext("Sold out")
        return (
            ("low", gettext("Low stock")) if product.is_low else ("available", gettext("Available"))
        )

    @admin.action(description=_("Show in the shop"), permissions=["change"])
    def show_in_shop(self, request, queryset):
        self._activate(request, queryset, is_active=True)

    @admin.action(description=_("Hide from the shop"), permissions=["change"])
    def hide_from_shop(self, request, queryset):
        self._activate(request, queryset, is_active=False)

    @admin.action(description=_("Change prices by percent"), permissions=["change"])
    def change_prices(self, request, queryset):
        variants = Variant.objects.filter(product__in=queryset, is_active=True)
        return self.admin_site.get_model_admin(Variant).raise_view(request, variants)

    def _activate(self, request, queryset, *, is_active):
        changed = list(Product.objects.filter(pk__in=queryset).exclude(is_active=is_active))
        for product in changed:
            self.change(request, product, is_active=is_active)
        catalogue.refresh_listing([product.pk for product in changed])
        words = ngettext("%(count)d product changed.", "%(count)d products changed.", len(changed))
        self.message_user(request, words % {"count": len(changed)})

    # --- The form -----------------------------------------------------------------------------

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "category":
            kwargs["form_class"] = CategoryChoice
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def view_on_site(self, product):
        return addresses.product(product.slug)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        product = form.instance
        for formset in formsets:
            if isinstance(formset, VariantFormSet):
                new = {variant.pk for variant in formset.new_objects}
                give_stock_rows(
                    request.user,
                    [
                        (inline.instance, inline.cleaned_data.get("opening_stock"))
                        for inline in formset.extra_forms
                        if inline.instance.pk in new
                    ],
                )
        catalogue.refresh([product.pk])

    # --- Deleting -----------------------------------------------------------------------------

    def get_deleted_objects(self, objs, request):
        names = [str(product) for product in objs]
        moved = StockMovement.objects.filter(variant__product__in=objs).exists()
        protected = (
            [gettext("Its stock has moved. Hide it from the shop instead.")] if moved else []
        )
        return names, {}, set(), protected

    def delete_model(self, request, obj):
        catalogue.remove_product(obj)
