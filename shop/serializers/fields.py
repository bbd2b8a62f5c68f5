"""Fields that look for rows of this organization, and the currency of prices."""

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from ..models import Benefit

_MOST_BENEFITS = 50


class SlugField(serializers.SlugRelatedField):
    """A row of this organization, by its slug."""

    def __init__(self, model, **options):
        self.model = model
        if not options.get("read_only"):
            # Asked again in get_queryset(), inside the organization's scope.
            options["queryset"] = model._base_manager.none()
        super().__init__(slug_field="slug", **options)

    def get_queryset(self):
        return self.model.objects.all()

    def to_internal_value(self, data):
        if not isinstance(data, str) or "\x00" in data:
            self.fail("invalid")
        return super().to_internal_value(data)


class KeyField(serializers.PrimaryKeyRelatedField):
    """A row of this organization, by its id."""

    def __init__(self, model, **options):
        self.model = model
        super().__init__(
            queryset=model._base_manager.none(), pk_field=serializers.UUIDField(), **options
        )

    def get_queryset(self):
        return self.model.objects.all()


class BenefitSlugsField(serializers.ListField):
    """Benefits by their slugs, read with one query."""

    child = serializers.SlugField(max_length=70)

    def __init__(self, **options):
        super().__init__(max_length=_MOST_BENEFITS, **options)

    def to_internal_value(self, data):
        slugs = dict.fromkeys(super().to_internal_value(data))
        found = {benefit.slug: benefit for benefit in Benefit.objects.filter(slug__in=slugs)}
        if unknown := [slug for slug in slugs if slug not in found]:
            message = _("There is no benefit %(slug)s.") % {"slug": ", ".join(unknown)}
            raise serializers.ValidationError([ErrorDetail(message, code="does_not_exist")])
        return [found[slug] for slug in slugs]

    def to_representation(self, benefits):
        # Sorted here, so that a prefetched list costs no query.
        return sorted(benefit.slug for benefit in benefits.all())


class CurrencyMixin(serializers.Serializer):
    """Says in which currency the prices of a row are; prices are in its minor unit."""

    currency = serializers.SerializerMethodField()

    def get_currency(self, row) -> str:
        return self.context["request"].organization.currency
