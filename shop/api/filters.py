"""What lists can be narrowed to; a value that names nothing is refused, not ignored."""

import django_filters
from django import forms
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework.exceptions import ErrorDetail, ValidationError

from .. import search
from ..models import Benefit, Category, Customer, Product, Variant
from ..models.catalogue import HIGHEST_PRICE

_LONGEST = 200


@extend_schema_field(OpenApiTypes.BOOL)
class Yes(django_filters.TypedChoiceFilter):
    """true or false, and nothing else."""

    def __init__(self, *args, **options):
        options.setdefault("choices", [("true", "true"), ("false", "false")])
        super().__init__(*args, coerce=lambda written: written == "true", **options)


class Text(django_filters.CharFilter):
    """One line of reasonable length."""

    def __init__(self, *args, **options):
        super().__init__(*args, max_length=_LONGEST, **options)


class _TextsField(forms.MultipleChoiceField):
    """Any words: whether they name something is asked of the database."""

    def valid_value(self, value):
        return len(value) <= _LONGEST and "\x00" not in value


class Texts(django_filters.MultipleChoiceFilter):
    """A parameter that may be given several times."""

    field_class = _TextsField


class Amount(django_filters.Filter):
    """Money in minor units."""

    field_class = forms.IntegerField

    def __init__(self, *args, **options):
        super().__init__(*args, min_value=0, max_value=HIGHEST_PRICE, **options)


class ProductFilter(django_filters.FilterSet):
    q = Text(method="search", label=gettext_lazy("Words, as a shopper types them."))
    slug = Text()
    sku = Text(method="with_sku", label=gettext_lazy("The SKU of one of its variants."))
    category = Text(
        method="inside", label=gettext_lazy("Address of a category; what is inside it counts.")
    )
    benefit = Texts(
        method="with_benefits",
        label=gettext_lazy("Address of a benefit; of several, products that have all."),
    )
    available = Yes(field_name="is_available")
    featured = Yes(field_name="is_featured")
    active = Yes(field_name="is_active")
    price_min = Amount(field_name="listing_price", lookup_expr="gte")
    price_max = Amount(field_name="listing_price", lookup_expr="lte")

    class Meta:
        model = Product
        fields = ()

    def search(self, products, name, typed):
        """Find by words; when nothing matches, by the nearest words of the catalogue."""
        organization = self.request.organization
        words = search.query_words(typed)
        if not words:
            return products.none()
        found = products.filter(search=search.query(words, language=organization.language))
        if found.exists():
            return found
        nearest = search.nearest_words(organization, words)
        return products.filter(search=search.query(nearest, language=organization.language))

    def with_sku(self, products, name, sku):
        variants = Variant.objects.filter(sku=sku)
        if not self.view_sees_everything:
            variants = variants.filter(is_active=True)
        return products.filter(pk__in=variants.values("product_id"))

    def inside(self, products, name, slug):
        categories = Category.objects.all()
        if not self.view_sees_everything:
            categories = categories.filter(is_listed=True)
        rows = list(categories.values_list("id", "parent_id", "slug"))
        inside = {key for key, _parent, found in rows if found == slug}
        if not inside:
            raise _unknown(name, _("There is no category %(slug)s.") % {"slug": slug})
        size = 0
        while len(inside) > size:
            size = len(inside)
            inside |= {key for key, parent, _slug in rows if parent in inside}
        return products.filter(category__in=inside)

    def with_benefits(self, products, name, value: str):
        known = set(Benefit.objects.filter(slug__in=value).values_list("slug", flat=True))
        if unknown := sorted(set(value) - known):
            raise _unknown(name, _("There is no benefit %(slug)s.") % {"slug": ", ".join(unknown)})
        return products.filter(benefit_slugs__contains=sorted(known))

    @property
    def view_sees_everything(self) -> bool:
        return self.request.parser_context["view"].sees_everything


class VariantFilter(django_filters.FilterSet):
    product = django_filters.UUIDFilter(field_name="product_id")
    sku = Text()
    active = Yes(field_name="is_active")
    available = Yes(method="in_stock")
    price_min = Amount(field_name="price", lookup_expr="gte")
    price_max = Amount(field_name="price", lookup_expr="lte")

    class Meta:
        model = Variant
        fields = ()

    def in_stock(self, variants, name, value: bool):
        left = Q(available__gt=0, is_active=True)
        return variants.filter(left) if value else variants.exclude(left)


class StockFilter(django_filters.FilterSet):
    product = django_filters.UUIDFilter(field_name="product_id")
    sku = Text()
    low = Yes(method="running_low")

    class Meta:
        model = Variant
        fields = ()

    def running_low(self, variants, name, value: bool):
        # A variant that never moved has no row of its own yet, and nothing left.
        enough = Q(available__gt=Coalesce(F("stock__low_at"), 0))
        return variants.exclude(enough) if value else variants.filter(enough)


class CustomerFilter(django_filters.FilterSet):
    q = Text(method="search", label=gettext_lazy("Part of a name, e-mail, phone or reference."))
    email = Text(lookup_expr="iexact")
    phone = Text()
    reference = Text()
    status = django_filters.ChoiceFilter(choices=Customer.Status)
    tag = Text(field_name="tags", method="tagged", label=gettext_lazy("One of the tags."))

    class Meta:
        model = Customer
        fields = ()

    def search(self, customers, name, typed):
        found = Q()
        for column in ("name", "email", "phone", "reference"):
            found |= Q(**{f"{column}__icontains": typed.strip()})
        return customers.filter(found)

    def tagged(self, customers, name, tag):
        return customers.filter(tags__contains=[tag])


def _unknown(name: str, message: str) -> ValidationError:
    return ValidationError({name: [ErrorDetail(message, code="does_not_exist")]})
