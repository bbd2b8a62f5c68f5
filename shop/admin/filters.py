"""Filters of the lists that Django does not have."""

from uuid import UUID

from django.contrib import admin
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .. import stock_alerts
from ..models import Benefit, Category, Product
from .catalogue import in_tree_order


class CategoryFilter(admin.SimpleListFilter):
    """A category with everything inside it."""

    title = _("category")
    parameter_name = "category"
    # Leads from the row to its category.
    path = "category"

    def lookups(self, request, model_admin):
        # One query a page: the same tree serves to list the choices and to filter.
        self.tree = in_tree_order(Category.objects.all())
        return [
            (str(category.pk), f"{'— ' * depth}{category.name}") for category, depth in self.tree
        ]

    def queryset(self, request, queryset):
        inside, deeper_than = [], None
        for category, depth in self.tree:
            if deeper_than is not None and depth <= deeper_than:
                break
            if str(category.pk) == self.value():
                deeper_than = depth
            if deeper_than is not None:
                inside.append(category.pk)
        return queryset.filter(**{f"{self.path}__in": inside}) if inside else queryset


class VariantCategoryFilter(CategoryFilter):
    """The same for variants, by their products."""

    path = "product__category"


class MeasuresFilter(admin.SimpleListFilter):
    """What carriers are told a usual weight or size of."""

    title = _("weight and size")
    parameter_name = "measures"

    def lookups(self, request, model_admin):
        return [("missing", _("Not written down"))]

    def queryset(self, request, queryset):
        return self.pick(queryset) if self.value() == "missing" else queryset

    @staticmethod
    def pick(variants):
        """Give what is sold and not measured; of a kit its parts are asked."""
        unknown = Q(weight_grams=0) | Q(length_cm=0) | Q(width_cm=0) | Q(height_cm=0)
        return variants.filter(unknown, is_active=True, product__is_active=True, kit_stock="")


class VariantStockFilter(admin.SimpleListFilter):
    title = _("stock")
    parameter_name = "stock"

    def lookups(self, request, model_admin):
        return [("some", _("Available")), ("low", _("Low stock")), ("none", _("Sold out"))]

    def queryset(self, request, queryset):
        match self.value():
            case "some":
                own = Q(stock__on_hand__gt=F("stock__reserved"))
                return queryset.filter(own | Q(kit_stock="parts", available__gt=0))
            # Nobody fills the shelf of a kit that takes the stock of its parts.
            case "low":
                return queryset.filter(
                    stock__is_of_parts=False,
                    stock__on_hand__lte=F("stock__reserved") + F("stock__low_at"),
                    stock__on_hand__gt=F("stock__reserved"),
                )
            case "none":
                return queryset.filter(
                    stock__is_of_parts=False, stock__on_hand__lte=F("stock__reserved")
                )
        return queryset


class ProductFilter(admin.SimpleListFilter):
    """The variants of one product; pages of products lead here."""

    title = _("product")
    parameter_name = "product"

    def lookups(self, request, model_admin):
        try:
            chosen = UUID(request.GET.get(self.parameter_name, ""))
        except ValueError:
            return []
        return [
            (str(key), name)
            for key, name in Product.objects.filter(pk=chosen).values_list("pk", "name")
        ]

    def queryset(self, request, queryset):
        known = [key for key, _name in self.lookup_choices]
        return queryset.filter(product=self.value()) if self.value() in known else queryset


class StockFilter(admin.SimpleListFilter):
    title = _("stock")
    parameter_name = "stock"

    def lookups(self, request, model_admin):
        return [("some", _("Available")), ("low", _("Low stock")), ("none", _("Sold out"))]

    def queryset(self, request, queryset):
        match self.value():
            case "some":
                return queryset.filter(is_available=True)
            case "low":
                return queryset.filter(is_low=True, is_available=True)
            case "none":
                return queryset.filter(is_available=False)
        return queryset


class LevelFilter(admin.SimpleListFilter):
    """What runs low, of all that is offered."""

    title = _("stock")
    parameter_name = "stock"

    def lookups(self, request, model_admin):
        return [
            ("restock", _("Low or sold out")),
            ("low", _("Low stock")),
            ("none", _("Sold out")),
            ("waited", _("Somebody waits for it")),
        ]

    def queryset(self, request, queryset):
        return self.pick(queryset, self.value())

    @staticmethod
    def pick(levels, value):
        """Give the levels of variants that are offered and run low, as this choice means it."""
        if value == "waited":
            return levels.filter(variant__in=stock_alerts.waiting().values("variant"))
        if value not in ("restock", "low", "none"):
            return levels
        found = levels.filter(
            on_hand__lte=F("reserved") + F("low_at"),
            # Nobody fills the shelf of a kit that takes the stock of its parts.
            is_of_parts=False,
            variant__is_active=True,
            variant__product__is_active=True,
            # Says no more, but leads the database to the few products concerned.
            variant__product__is_low=True,
        )
        if value == "low":
            return found.filter(on_hand__gt=F("reserved"))
        return found.filter(on_hand=F("reserved")) if value == "none" else found


class BenefitFilter(admin.SimpleListFilter):
    title = _("benefit")
    parameter_name = "benefit"

    def lookups(self, request, model_admin):
        return list(Benefit.objects.values_list("slug", "name")[:100])

    def queryset(self, request, queryset):
        value = self.value()
        return queryset.filter(benefit_slugs__contains=[value]) if value else queryset
