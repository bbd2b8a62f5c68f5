"""Products and variants, as shoppers see them and as staff see and write them."""

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from config.lib.api.serializers import RowSerializer

from .. import catalogue
from ..models import Category, KitPart, Picture, Product, Variant
from ..models.catalogue import HIGHEST_PRICE
from .fields import BenefitSlugsField, CurrencyMixin, KeyField, SlugField
from .pictures import PictureSerializer


class KitPartSerializer(serializers.ModelSerializer):
    """So many of a variant that lies in a kit."""

    variant = serializers.UUIDField(source="part_id")
    sku = serializers.CharField(source="part.sku")

    class Meta:
        model = KitPart
        fields = ("variant", "sku", "quantity")


class VariantSerializer(CurrencyMixin, serializers.ModelSerializer):
    """A variant as a shopper sees it: whether it can be bought, not how many are left."""

    label = serializers.CharField(read_only=True)
    compare_at_price = serializers.IntegerField(source="offer_from", allow_null=True)
    is_available = serializers.SerializerMethodField()
    parts = KitPartSerializer(many=True, read_only=True)

    class Meta:
        model = Variant
        fields = (
            "id",
            "product",
            "sku",
            "name",
            "option1",
            "option2",
            "label",
            "price",
            "compare_at_price",
            "currency",
            "tax_category",
            "weight_grams",
            "width_cm",
            "height_cm",
            "length_cm",
            "picture",
            "position",
            "kit_stock",
            "parts",
            "is_available",
        )
        # Made and changed by kit_making.py, which looks at the parts as well.
        read_only_fields = ("kit_stock",)

    def get_is_available(self, variant) -> bool:
        return variant.is_active and variant.available > 0


class StaffVariantSerializer(RowSerializer, VariantSerializer):
    """A variant as staff see and write it."""

    product = KeyField(Product)
    picture = KeyField(Picture, required=False, allow_null=True)
    compare_at_price = serializers.IntegerField(
        required=False, allow_null=True, min_value=0, max_value=HIGHEST_PRICE
    )

    class Meta(VariantSerializer.Meta):
        fields = (*VariantSerializer.Meta.fields, "shelf", "is_active", "changed_at")
        extra_kwargs = {"sku": {"required": False}}
        constraint_fields = {
            "sku_is_unique": "sku",
            "one_active_variant_per_choice": "option1",
            "price_is_not_negative": "price",
        }

    def validate_product(self, product):
        if self.instance and self.instance.product_id != product.pk:
            message = _("A variant stays with its product.")
            raise serializers.ValidationError(message, code="fixed")
        return product

    def validate(self, attributes):
        candidate = self.candidate(attributes)
        if candidate.picture and candidate.picture.product_id != candidate.product_id:
            message = _("Choose a picture of this product.")
            raise serializers.ValidationError({"picture": ErrorDetail(message, code="foreign")})
        if not candidate.sku:
            attributes["sku"] = catalogue.propose_sku(candidate)
        return super().validate(attributes)


class ProductSerializer(CurrencyMixin, serializers.ModelSerializer):
    """A product as a shopper sees it."""

    category = SlugField(Category, read_only=True)
    benefits = BenefitSlugsField(read_only=True)
    pictures = PictureSerializer(many=True, read_only=True)
    variants = VariantSerializer(many=True, read_only=True)

    class Meta:
        model = Product
        fields = (
            "id",
            "name",
            "slug",
            "summary",
            "description",
            "ingredients",
            "how_to_use",
            "tips",
            "certifications",
            "category",
            "benefits",
            "marketplace_url",
            "no_withdrawal_reason",
            "option1_name",
            "option2_name",
            "is_featured",
            "published_at",
            "listing_price",
            "listing_compare_at_price",
            "has_several_prices",
            "currency",
            "is_available",
            "pictures",
            "variants",
        )


class StaffProductSerializer(RowSerializer, ProductSerializer):
    """A product as staff see and write it."""

    category = SlugField(Category)
    benefits = BenefitSlugsField(required=False)
    variants = StaffVariantSerializer(many=True, read_only=True)

    class Meta(ProductSerializer.Meta):
        fields = (
            *ProductSerializer.Meta.fields,
            "is_active",
            "withdrawn_at",
            "is_low",
            "is_demo",
            "created_at",
            "changed_at",
        )
        read_only_fields = (
            "listing_price",
            "listing_compare_at_price",
            "has_several_prices",
            "is_available",
            "is_low",
            "is_demo",
        )
        extra_kwargs = {"slug": {"required": False}}
        constraint_fields = {
            "product_slug_is_unique": "slug",
            "withdrawn_after_published": "withdrawn_at",
            "second_choice_needs_a_first": "option2_name",
        }

    def validate(self, attributes):
        candidate = self.candidate(attributes)
        if not candidate.slug:
            attributes["slug"] = catalogue.propose_slug(candidate)
        return super().validate(attributes)
