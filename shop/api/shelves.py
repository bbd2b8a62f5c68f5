"""Categories and benefits: how a shop's products are sorted."""

from django.db import transaction
from drf_spectacular.utils import extend_schema, extend_schema_view

from .. import catalogue, page_cache
from ..models import Benefit, Category, Organization
from ..serializers import BenefitSerializer, CategorySerializer, StaffCategorySerializer
from .base import Added, Changed, Listed, Removed, RowView, Shown
from .schema import seen

_SEEN = seen("CategoryAsSeen", CategorySerializer, StaffCategorySerializer)


class _TakingTurns:
    """Writes one after the other in an organization: rows here depend on each other."""

    def create(self, request, *args, **kwargs):
        with transaction.atomic():
            _take_turns(request)
            return super().create(request, *args, **kwargs)

    def update(self, request, *args, **kwargs):
        with transaction.atomic():
            _take_turns(request)
            return super().update(request, *args, **kwargs)


def _take_turns(request) -> None:
    Organization.objects.select_for_update(no_key=True).get(pk=request.organization.pk)


@extend_schema_view(
    list=extend_schema(responses=_SEEN),
    retrieve=extend_schema(responses=_SEEN),
)
class CategoryView(_TakingTurns, Listed, Shown, Added, Changed, Removed, RowView):
    """The shelves of the shop; `parent` is the address of the one around it."""

    model = Category
    is_public = True
    orderings = {"position": ("position", "name", "id"), "name": ("name", "id")}

    def get_serializer_class(self):
        if getattr(self, "swagger_fake_view", False):
            return StaffCategorySerializer
        return StaffCategorySerializer if self.sees_everything else CategorySerializer

    def rows(self):
        categories = Category.objects.select_related("parent")
        return categories if self.sees_everything else categories.filter(is_listed=True)

    def after(self, row):
        # Its name is part of what a search finds.
        catalogue.refresh(row.products.values_list("pk", flat=True))
        page_cache.invalidate(row.organization_id)

    def remove(self, category):
        catalogue.remove_category(category)


class BenefitView(_TakingTurns, Listed, Shown, Added, Changed, Removed, RowView):
    """What products do for a person."""

    model = Benefit
    is_public = True
    serializer_class = BenefitSerializer
    orderings = {"name": ("name", "id")}

    def rows(self):
        return Benefit.objects.all()

    def after(self, row):
        self._refresh(row.products.values_list("pk", flat=True))

    def remove(self, benefit):
        had_it = list(benefit.products.values_list("pk", flat=True))
        benefit.delete()
        self._refresh(had_it)

    def _refresh(self, product_ids):
        catalogue.refresh(product_ids)
        page_cache.invalidate(self.request.organization.pk)
