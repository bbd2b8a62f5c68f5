"""Carts: what goes in, and how they stand."""

from rest_framework import serializers

from config.lib.api.serializers import StrictSerializer
from shop.models.catalogue import LONGEST_SKU

from .fields import MunicipalityField, QuantityField, line_field


class NewCartSerializer(StrictSerializer):
    """Nothing yet: a cart is opened empty."""


class NewLineSerializer(StrictSerializer):
    """So many of a variant; its price is the shop's."""

    sku = line_field(LONGEST_SKU)
    quantity = QuantityField(default=1)


class QuantitySerializer(StrictSerializer):
    """How many there are to be."""

    quantity = QuantityField()


class CodeSerializer(StrictSerializer):
    """A voucher as the buyer types it."""

    code = line_field(60)


class PlaceSerializer(StrictSerializer):
    """Where a cart is to be sent, and what was chosen so far."""

    municipality = MunicipalityField()
    delivery = line_field(160, required=False, default="")
    payment = serializers.UUIDField(required=False, default=None)


class LineSerializer(serializers.Serializer):
    """A line as the catalogue has it at this moment."""

    id = serializers.UUIDField(source="line_id")
    variant = serializers.UUIDField(source="variant_id")
    product = serializers.UUIDField(source="product_id")
    sku = serializers.CharField()
    name = serializers.CharField()
    label = serializers.CharField()
    slug = serializers.CharField()
    quantity = serializers.IntegerField()
    unit_price = serializers.IntegerField()
    compare_at_price = serializers.IntegerField(allow_null=True)
    total = serializers.IntegerField()
    problem = serializers.CharField(help_text="Why it cannot be bought so; empty when it can.")
    news = serializers.SerializerMethodField(help_text="What changed since the last look.")

    def get_news(self, item) -> str:
        return item.news(self.context["request"].organization.currency)


class CartSerializer(serializers.Serializer):
    """A cart with prices and stock of this moment; whoever holds the token holds the cart."""

    token = serializers.SerializerMethodField()
    currency = serializers.SerializerMethodField()
    lines = LineSerializer(many=True, source="inside.items")
    count = serializers.IntegerField(source="inside.count")
    subtotal = serializers.IntegerField(source="inside.subtotal")
    discount = serializers.IntegerField()
    voucher = serializers.CharField(source="voucher_code")
    voucher_problem = serializers.CharField(source="voucher_refusal")
    minimum_order = serializers.IntegerField(source="minimum")
    can_be_ordered = serializers.BooleanField()

    def get_token(self, look) -> str:
        return self.context["token"]

    def get_currency(self, look) -> str:
        return self.context["request"].organization.currency


class DeliverySerializer(serializers.Serializer):
    """One way to receive the order."""

    code = serializers.CharField()
    label = serializers.CharField()
    description = serializers.CharField()
    days = serializers.CharField(source="days_label")
    days_min = serializers.IntegerField()
    days_max = serializers.IntegerField()
    cost = serializers.IntegerField()
    free_from = serializers.IntegerField(allow_null=True)
    is_pickup = serializers.BooleanField()
    allows_cash_on_delivery = serializers.BooleanField()


class PaymentChoiceSerializer(serializers.Serializer):
    """One way to pay, and why it is not possible here when it is not."""

    id = serializers.UUIDField(source="account.pk")
    kind = serializers.CharField(source="account.provider")
    name = serializers.CharField(source="account.name")
    description = serializers.CharField(source="account.description")
    refusal = serializers.CharField()


class PriceSerializer(serializers.Serializer):
    """What the order would cost with the delivery and payment that are chosen."""

    subtotal = serializers.IntegerField()
    discount = serializers.IntegerField()
    shipping = serializers.IntegerField()
    cash_fee = serializers.IntegerField()
    tax = serializers.IntegerField()
    total = serializers.IntegerField()


class OfferSerializer(serializers.Serializer):
    """What a buyer may choose at one place. Without a chosen delivery its cost is not in it."""

    municipality = MunicipalityField()
    deliveries = DeliverySerializer(many=True, source="quotes")
    payments = PaymentChoiceSerializer(many=True, source="choices")
    delivery = serializers.CharField(source="quote.code", default="")
    payment = serializers.UUIDField(source="account.pk", default=None, allow_null=True)
    price = PriceSerializer()
    terms_version = serializers.SerializerMethodField(help_text="To be sent when it is accepted.")

    def get_terms_version(self, offer) -> str:
        return self.context["terms_version"]
