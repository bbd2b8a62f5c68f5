"""Shipments of orders as staff see them, and without a word of money for who may see none."""

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from config.lib.api.serializers import StrictSerializer
from logistics.models import CarrierAccount, Incident, Origin, Parcel, Shipment, TrackingEvent
from shop.models import Municipality, Product, Variant
from shop.models.catalogue import LONGEST_SKU
from shop.serializers.fields import KeyField

from ..models import Order, OrderShipment, OrderShipmentLine
from .carts import DeliverySerializer
from .fields import LONGEST_TOKEN, MunicipalityField, QuantityField, line_field

_MOST_LINES = 200


class SentGoodsSerializer(serializers.ModelSerializer):
    """So many pieces of a line."""

    sku = serializers.CharField(source="line.sku")
    name = serializers.CharField(source="line.name")
    label = serializers.CharField(source="line.label")

    class Meta:
        model = OrderShipmentLine
        fields = ("line", "sku", "name", "label", "quantity")


class SentOrderSerializer(serializers.ModelSerializer):
    """An order in a shipment, and what of it travels here."""

    number = serializers.IntegerField(source="order.number")
    lines = SentGoodsSerializer(many=True)

    class Meta:
        model = OrderShipment
        fields = ("order", "number", "lines")


class ParcelSerializer(serializers.ModelSerializer):
    """One box."""

    class Meta:
        model = Parcel
        fields = ("position", "weight_grams", "length_cm", "width_cm", "height_cm")


class TrackingEventSerializer(serializers.ModelSerializer):
    """What the carrier said; its state is empty where we do not know its word."""

    class Meta:
        model = TrackingEvent
        fields = ("state", "raw_state", "description", "place", "at", "received_at")


class IncidentSerializer(serializers.ModelSerializer):
    """What keeps a shipment from arriving, and until when an answer helps."""

    class Meta:
        model = Incident
        fields = (
            *("id", "code", "description", "state", "possible_replies", "reply", "answer_by"),
            *("happened_at", "answered_at", "closed_at", "error"),
        )


class PackedShipmentSerializer(serializers.ModelSerializer):
    """A shipment for who packs it: whether the courier collects, and not how much."""

    orders = SentOrderSerializer(many=True, source="order_shipments")
    collects_cash = serializers.SerializerMethodField()
    is_cancelling = serializers.SerializerMethodField(
        help_text="The carrier was asked to take it back and did not answer yet."
    )

    class Meta:
        model = Shipment
        fields = (
            *("id", "code", "orders", "account", "carrier_name", "service", "service_name"),
            *("state", "state_at", "raw_state", "is_raw_state_unknown", "is_test", "is_cancelling"),
            *("recipient", "notes", "collects_cash", "tracking_number", "tracking_url", "error"),
            *("promised_on", "handed_over_at", "delivered_at", "returned_at", "cancelled_at"),
            "created_at",
        )

    def get_collects_cash(self, shipment) -> bool:
        return shipment.cash_to_collect > 0

    def get_is_cancelling(self, shipment) -> bool:
        return shipment.cancel_wanted_at is not None


class StaffShipmentSerializer(PackedShipmentSerializer):
    """A shipment for staff who may see money."""

    class Meta(PackedShipmentSerializer.Meta):
        fields = (
            *PackedShipmentSerializer.Meta.fields,
            *("currency", "declared_value", "cash_to_collect", "quoted_cost", "cost"),
        )


_ON_ITS_OWN = ("parcels", "events", "incidents")


class PackedShipmentDetailSerializer(PackedShipmentSerializer):
    """The same on its own, with its boxes, its way (the newest first) and its incidents."""

    parcels = ParcelSerializer(many=True)
    events = TrackingEventSerializer(many=True)
    incidents = IncidentSerializer(many=True)

    class Meta(PackedShipmentSerializer.Meta):
        fields = (*PackedShipmentSerializer.Meta.fields, *_ON_ITS_OWN)


class StaffShipmentDetailSerializer(PackedShipmentDetailSerializer):
    """The same for staff who may see money."""

    class Meta(StaffShipmentSerializer.Meta):
        fields = (*StaffShipmentSerializer.Meta.fields, *_ON_ITS_OWN)


class SentLineSerializer(StrictSerializer):
    """So many pieces of a line of the order."""

    line = serializers.UUIDField()
    quantity = QuantityField()


class NewShipmentSerializer(StrictSerializer):
    """What of an order is sent, and with whom: without a carrier, as its buyer chose."""

    order = KeyField(Order)
    account = KeyField(CarrierAccount, allow_null=True, default=None)
    service = line_field(80, default="", allow_blank=True)
    carrier_name = line_field(60, default="", allow_blank=True)
    origin = KeyField(Origin, allow_null=True, default=None)
    lines = SentLineSerializer(many=True, allow_null=True, default=None, allow_empty=False)

    def validate_origin(self, origin):
        if origin is not None and not origin.is_active:
            raise serializers.ValidationError(_("This place sends nothing any more."))
        return origin

    def validate_lines(self, lines):
        """Give the pieces of each line."""
        if lines is None:
            return None
        if len(lines) > _MOST_LINES or len({one["line"] for one in lines}) < len(lines):
            raise serializers.ValidationError(_("Name each line once."))
        return {one["line"]: one["quantity"] for one in lines}

    def validate(self, attributes):
        if attributes["service"] and attributes["account"] is None:
            problem = ErrorDetail(_("A service is one of a carrier account."), code="invalid")
            raise serializers.ValidationError({"service": [problem]})
        return attributes


class WantedSerializer(StrictSerializer):
    """So many of a variant."""

    sku = line_field(LONGEST_SKU)
    quantity = QuantityField(default=1)


class WishedQuoteSerializer(StrictSerializer):
    """Where to, and what: a cart by its token, or lines."""

    municipality = MunicipalityField()
    cart = serializers.CharField(max_length=LONGEST_TOKEN, default="", allow_blank=True)
    lines = WantedSerializer(many=True, default=list)

    def validate_lines(self, lines):
        """Give the variants that are sold here, and how many of each."""
        if len(lines) > _MOST_LINES or len({one["sku"] for one in lines}) < len(lines):
            raise serializers.ValidationError(_("Name each product once."))
        wanted = {one["sku"]: one["quantity"] for one in lines}
        sold = Variant.objects.filter(
            sku__in=wanted, is_active=True, product__in=Product.objects.visible()
        )
        found = {variant.sku: variant for variant in sold.select_related("product")}
        unknown = [sku for sku in wanted if sku not in found]
        if unknown:
            message = _("There is no product %(sku)s here.") % {"sku": ", ".join(unknown)}
            raise serializers.ValidationError([ErrorDetail(message, code="does_not_exist")])
        return [(found[sku], quantity) for sku, quantity in wanted.items()]

    def validate(self, attributes):
        if bool(attributes["cart"]) == bool(attributes["lines"]):
            message = _("Send the token of a cart, or lines.")
            raise serializers.ValidationError([ErrorDetail(message, code="invalid")])
        return attributes


class RefusalSerializer(serializers.Serializer):
    """Why nothing goes there: `code` for programs, `message` for people."""

    code = serializers.CharField()
    message = serializers.CharField()


class QuotesSerializer(serializers.Serializer):
    """Every way to receive it, the cheapest first; without any, why."""

    municipality = MunicipalityField()
    place = serializers.SerializerMethodField()
    deliveries = DeliverySerializer(many=True)
    refusal = serializers.SerializerMethodField()

    def get_place(self, found) -> str:
        municipality: Municipality = found["municipality"]
        return f"{municipality.name}, {municipality.department.name}"

    @extend_schema_field(RefusalSerializer(allow_null=True))
    def get_refusal(self, found):
        error = found["refusal"]
        return error and {"code": error.code, "message": str(error)}
