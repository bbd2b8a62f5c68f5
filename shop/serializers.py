"""The shop's rows as the API shows and reads them."""

from django.core.files.storage import default_storage
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from phonenumber_field.serializerfields import PhoneNumberField
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from config.lib import text
from config.lib.api.serializers import RowSerializer, StrictSerializer
from config.lib.fields import validate_line, validate_paragraph

from . import catalogue, customers, identities
from .models import (
    Address,
    Benefit,
    Category,
    Customer,
    Picture,
    Product,
    StockLevel,
    StockMovement,
    Variant,
)
from .models.catalogue import HIGHEST_PRICE

_MOST_BENEFITS = 50
_MOST_MOVED = 1_000_000


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


class PictureSerializer(serializers.ModelSerializer):
    """A picture in each width that is kept, smallest first."""

    sizes = serializers.SerializerMethodField()

    class Meta:
        model = Picture
        fields = ("id", "description", "width", "height", "position", "sizes")

    @extend_schema_field(
        {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["width", "url"],
                "properties": {
                    "width": {"type": "integer"},
                    "url": {"type": "string", "format": "uri"},
                },
            },
        }
    )
    def get_sizes(self, picture):
        absolute = self.context["request"].build_absolute_uri
        return [
            {"width": width, "url": absolute(default_storage.url(f"{picture.key}/{width}.webp"))}
            for width in picture.widths
        ]


class PictureUploadSerializer(StrictSerializer):
    """A picture file, checked by its content."""

    file = serializers.FileField(max_length=200)
    description = serializers.CharField(
        max_length=160, required=False, allow_blank=True, default="", validators=[validate_line]
    )


class VariantSerializer(CurrencyMixin, serializers.ModelSerializer):
    """A variant as a shopper sees it: whether it can be bought, not how many are left."""

    label = serializers.CharField(read_only=True)
    compare_at_price = serializers.IntegerField(source="offer_from", allow_null=True)
    is_available = serializers.SerializerMethodField()

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
            "is_available",
        )

    def get_is_available(self, variant) -> bool:
        stock = getattr(variant, "stock", None)
        return variant.is_active and stock is not None and stock.available > 0


class StaffVariantSerializer(RowSerializer, VariantSerializer):
    """A variant as staff see and write it."""

    product = KeyField(Product)
    picture = KeyField(Picture, required=False, allow_null=True)
    compare_at_price = serializers.IntegerField(
        required=False, allow_null=True, min_value=0, max_value=HIGHEST_PRICE
    )

    class Meta(VariantSerializer.Meta):
        fields = (*VariantSerializer.Meta.fields, "is_active", "changed_at")
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


class StockSerializer(StrictSerializer):
    """What lies on the shelf of a variant; only the mark for low stock is written here."""

    variant = serializers.UUIDField(read_only=True)
    product = serializers.UUIDField(read_only=True)
    sku = serializers.CharField(read_only=True)
    label = serializers.CharField(read_only=True)
    on_hand = serializers.IntegerField(read_only=True)
    reserved = serializers.IntegerField(read_only=True)
    available = serializers.IntegerField(read_only=True)
    low_at = serializers.IntegerField(min_value=0, max_value=_MOST_MOVED)
    is_low = serializers.BooleanField(read_only=True)

    def to_representation(self, variant):
        # A variant that never moved has no row of its own yet: nothing lies there.
        level = getattr(variant, "stock", None) or StockLevel(variant=variant)
        return {
            "variant": str(variant.pk),
            "product": str(variant.product_id),
            "sku": variant.sku,
            "label": variant.label,
            "on_hand": level.on_hand,
            "reserved": level.reserved,
            "available": level.available,
            "low_at": level.low_at,
            "is_low": level.is_low,
        }


class StockMovementSerializer(RowSerializer):
    """One change of what lies on the shelf: never edited."""

    quantity = serializers.IntegerField(min_value=-_MOST_MOVED, max_value=_MOST_MOVED)
    person = serializers.SerializerMethodField()

    class Meta:
        model = StockMovement
        fields = ("id", "variant", "quantity", "reason", "reference", "person", "at")
        read_only_fields = ("variant",)
        constraint_fields = {"a_movement_moves": "quantity"}

    def get_person(self, movement) -> str:
        return str(movement.person or "")

    def owner(self):
        return {"variant": self.context["variant"]}

    def validate_quantity(self, quantity):
        if not quantity:
            raise serializers.ValidationError(_("Write a number other than 0."), code="invalid")
        return quantity


class AddressSerializer(serializers.ModelSerializer):
    """A place where a customer receives parcels."""

    municipality_name = serializers.CharField(source="municipality.name")
    department = serializers.CharField(source="municipality.department_id")

    class Meta:
        model = Address
        fields = (
            "id",
            "recipient",
            "phone",
            "line",
            "complement",
            "neighbourhood",
            "municipality",
            "municipality_name",
            "department",
            "postal_code",
            "notes",
            "is_default",
        )


class OwnCustomerSerializer(RowSerializer):
    """What the shop knows of a person, for that person."""

    phone = PhoneNumberField(region="CO", required=False, allow_blank=True)

    class Meta:
        model = Customer
        fields = (
            "id",
            "reference",
            "name",
            "email",
            "phone",
            "document_type",
            "document_number",
            "created_at",
        )
        # An e-mail changes where the account proves it.
        read_only_fields = ("reference", "email")
        constraint_fields = {
            "customer_reference_is_unique": "reference",
            "one_customer_per_account": "name",
        }

    def update(self, customer, attributes):
        customer = super().update(customer, attributes)
        identities.keep(customer)
        return customer


class CustomerSerializer(OwnCustomerSerializer):
    """A customer as staff see and write them."""

    tags = serializers.ListField(
        child=serializers.CharField(max_length=40, validators=[validate_line]),
        required=False,
        max_length=50,
    )
    notes = serializers.CharField(
        max_length=20_000, required=False, allow_blank=True, validators=[validate_paragraph]
    )

    class Meta(OwnCustomerSerializer.Meta):
        fields = (
            *OwnCustomerSerializer.Meta.fields,
            "status",
            "tags",
            "source",
            "notes",
            "order_count",
            "last_order_at",
        )
        read_only_fields = ("reference", "order_count", "last_order_at")

    def create(self, attributes):
        return customers.create(self.context["request"].organization, **attributes)
