"""Stock levels and movements."""

from django.utils.translation import gettext as _
from rest_framework import serializers

from config.lib.api.serializers import RowSerializer, StrictSerializer

from ..models import StockLevel, StockMovement

_MOST_MOVED = 1_000_000


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
            "available": variant.available,
            "low_at": level.low_at,
            "is_low": variant.available <= level.low_at,
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
