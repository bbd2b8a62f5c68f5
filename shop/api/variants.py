"""Variants: what is really sold."""

from django.db import transaction
from drf_spectacular.utils import extend_schema, extend_schema_view

from .. import catalogue, kits
from ..models import Organization, Product, Variant
from ..serializers import StaffVariantSerializer, VariantSerializer
from .base import Added, Changed, Listed, Removed, RowView, Shown
from .filters import VariantFilter
from .schema import seen

_SEEN = seen("VariantAsSeen", VariantSerializer, StaffVariantSerializer)


@extend_schema_view(
    list=extend_schema(responses=_SEEN),
    retrieve=extend_schema(responses=_SEEN),
)
class VariantView(Listed, Shown, Added, Changed, Removed, RowView):
    """Sizes and kinds with their prices; one that was sold is retired by `is_active`."""

    model = Variant
    is_public = True
    filterset_class = VariantFilter
    orderings = {
        "id": ("id",),
        "-id": ("-id",),
        "sku": ("sku", "id"),
        "price": ("price", "id"),
        "-price": ("-price", "-id"),
    }

    def get_serializer_class(self):
        if getattr(self, "swagger_fake_view", False):
            return StaffVariantSerializer
        return StaffVariantSerializer if self.sees_everything else VariantSerializer

    def rows(self):
        variants = kits.with_parts(kits.with_available(Variant.objects.all()))
        if self.sees_everything:
            return variants
        return variants.filter(is_active=True, product__in=Product.objects.visible())

    def create(self, request, *args, **kwargs):
        with transaction.atomic():
            # Others who add here wait, so that two proposals never give the same SKU.
            Organization.objects.select_for_update(no_key=True).get(pk=request.organization.pk)
            return super().create(request, *args, **kwargs)

    def after(self, row):
        catalogue.refresh([row.product_id])

    def remove(self, variant):
        catalogue.remove_variant(variant)
