"""Categories and benefits."""

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from config.lib import text
from config.lib.api.serializers import RowSerializer

from ..models import Benefit, Category
from .fields import SlugField


class CategorySerializer(serializers.ModelSerializer):
    """A category as a shopper sees it."""

    parent = SlugField(Category, read_only=True)

    class Meta:
        model = Category
        fields = ("id", "parent", "name", "slug", "description", "position")


class StaffCategorySerializer(RowSerializer, CategorySerializer):
    """A category as staff see and write it."""

    parent = SlugField(Category, required=False, allow_null=True)

    class Meta(CategorySerializer.Meta):
        fields = (*CategorySerializer.Meta.fields, "is_listed")
        extra_kwargs = {"slug": {"required": False}}
        constraint_fields = {
            "category_slug_is_unique": "slug",
            "category_not_inside_itself": "parent",
        }

    def validate(self, attributes):
        candidate = self.candidate(attributes)
        if not candidate.slug:
            attributes["slug"] = _free_slug(candidate)
        if self.instance and candidate.parent and _is_inside(candidate.parent, self.instance):
            message = _("A category cannot stand inside itself.")
            raise serializers.ValidationError({"parent": ErrorDetail(message, code="invalid")})
        return super().validate(attributes)


def _free_slug(row: Category | Benefit) -> str:
    """Propose an address for a row that no other of its kind has."""
    base = text.free_slug(row.name, taken=set(), length=60)
    taken = type(row).objects.filter(slug__startswith=base).values_list("slug", flat=True)
    return text.free_slug(row.name, taken=set(taken), length=60)


def _is_inside(category: Category, outer: Category) -> bool:
    """Say whether a category is the outer one or stands somewhere in it."""
    parents = dict(Category.objects.values_list("id", "parent_id"))
    seen = set()
    key = category.pk
    while key is not None and key not in seen:
        if key == outer.pk:
            return True
        seen.add(key)
        key = parents.get(key)
    return False


class BenefitSerializer(RowSerializer):
    """A benefit by which shoppers filter."""

    class Meta:
        model = Benefit
        fields = ("id", "name", "slug")
        extra_kwargs = {"slug": {"required": False}}
        constraint_fields = {"benefit_slug_is_unique": "slug"}

    def validate(self, attributes):
        candidate = self.candidate(attributes)
        if not candidate.slug:
            attributes["slug"] = _free_slug(candidate)
        return super().validate(attributes)
