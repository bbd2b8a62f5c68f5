"""Orders as a buyer sees them, as staff see them, and as staff without a view of money do."""

from rest_framework import serializers

from config.lib.api.serializers import StrictSerializer

from .. import timeline_words, tokens
from ..models import Order, OrderEvent, OrderLine, OrderShipment
from .fields import paragraph_field

_GOODS = ("sku", "name", "label", "quantity")
_MONEY_OF_LINE = ("unit_price", "discount", "total", "tax_category", "tax")
_MONEY = (
    *("currency", "subtotal", "discount", "shipping", "cash_fee", "tax", "total", "due_first"),
    *("paid", "refunded", "payment", "payment_method", "voucher_code", "paid_at", "expires_at"),
    *("concern", "cancel_reason"),
)


class OrderedGoodsSerializer(serializers.ModelSerializer):
    """What was ordered, without a word of money."""

    class Meta:
        model = OrderLine
        fields = ("id", "variant", *_GOODS)


class OrderLineSerializer(serializers.ModelSerializer):
    """What was ordered, at the price agreed."""

    class Meta:
        model = OrderLine
        fields = ("id", "variant", *_GOODS, *_MONEY_OF_LINE)


class ShipmentSerializer(serializers.ModelSerializer):
    """How an order left."""

    class Meta:
        model = OrderShipment
        fields = ("carrier", "tracking_number", "tracking_url", "shipped_at")


class BuyerOrderSerializer(serializers.ModelSerializer):
    """An order for whoever holds its token."""

    lines = OrderLineSerializer(many=True)
    shipments = ShipmentSerializer(many=True)

    class Meta:
        model = Order
        fields = (
            *("number", "status", "name", "email", "phone", "notes", "delivery", "billing"),
            *("delivery_label", "delivery_days_min", "delivery_days_max", "is_pickup"),
            *(name for name in _MONEY if name != "concern"),
            *("placed_at", "confirmed_at", "shipped_at", "delivered_at", "cancelled_at"),
            *("lines", "shipments"),
        )


class OwnOrderSerializer(BuyerOrderSerializer):
    """One of the orders of whoever is signed in, with the token that opens it."""

    token = serializers.SerializerMethodField()

    class Meta(BuyerOrderSerializer.Meta):
        fields = ("token", *BuyerOrderSerializer.Meta.fields)

    def get_token(self, order) -> str:
        return tokens.for_order(order)


class PackedOrderSerializer(serializers.ModelSerializer):
    """An order for who packs it: what, for whom, where to, and no money in it."""

    lines = OrderedGoodsSerializer(many=True)
    shipments = ShipmentSerializer(many=True)

    class Meta:
        model = Order
        fields = (
            *("id", "number", "status", "source", "is_test", "language", "external_reference"),
            *("customer", "name", "email", "phone", "document_type", "document_number", "notes"),
            *("delivery", "delivery_label", "delivery_days_min", "delivery_days_max", "is_pickup"),
            *("placed_at", "confirmed_at", "shipped_at", "delivered_at", "cancelled_at"),
            *("changed_at", "lines", "shipments"),
        )


class StaffOrderSerializer(PackedOrderSerializer):
    """An order for staff who may see money."""

    lines = OrderLineSerializer(many=True)

    class Meta(PackedOrderSerializer.Meta):
        fields = (*PackedOrderSerializer.Meta.fields, "billing", *_MONEY)


class EventSerializer(serializers.ModelSerializer):
    """One thing that happened to an order, in words."""

    words = serializers.SerializerMethodField()
    actor = serializers.SerializerMethodField()

    class Meta:
        model = OrderEvent
        fields = ("id", "kind", "words", "note", "is_public", "actor", "before", "after", "at")

    def get_words(self, event) -> str:
        return timeline_words.words(event, with_money=self.context["sees_money"])

    def get_actor(self, event) -> str:
        return timeline_words.actor(event)


class NoteSerializer(StrictSerializer):
    """What a colleague should know."""

    note = paragraph_field(2_000)


class CancelSerializer(StrictSerializer):
    """Why the shop cancels."""

    note = paragraph_field(2_000, default="", allow_blank=True)
