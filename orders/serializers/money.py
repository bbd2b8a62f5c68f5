"""Vouchers and refunds, for staff."""

from rest_framework import serializers

from config.lib.api.serializers import RowSerializer, StrictSerializer
from shop.models.catalogue import HIGHEST_PRICE
from shop.serializers.fields import KeyField

from .. import vouchers
from ..models import Order, Refund, Voucher
from .fields import line_field


class VoucherSerializer(RowSerializer):
    """A code with its value and its limits."""

    class Meta:
        model = Voucher
        fields = (
            *("id", "code", "kind", "percent", "amount", "minimum", "starts_at", "ends_at"),
            *("limit", "limit_per_customer", "used", "is_active", "created_at"),
        )
        read_only_fields = ("used",)
        extra_kwargs = {
            "amount": {"min_value": 0, "max_value": HIGHEST_PRICE},
            "minimum": {"min_value": 0, "max_value": HIGHEST_PRICE},
            "limit": {"min_value": 1, "max_value": 10**9},
            "limit_per_customer": {"min_value": 1, "max_value": 10**9},
        }
        constraint_fields = {
            "voucher_code_is_unique": "code",
            "voucher_has_the_value_of_its_kind": "kind",
            "voucher_never_used_too_often": "limit",
            "voucher_ends_after_it_starts": "ends_at",
            "voucher_code_is_in_capitals": "code",
        }

    def validate_code(self, code):
        return vouchers.clean_code(code)


class RefundSerializer(serializers.ModelSerializer):
    """Money to give back, or given back."""

    order_number = serializers.IntegerField(source="order.number")
    currency = serializers.CharField(source="order.currency")

    class Meta:
        model = Refund
        fields = (
            *("id", "order", "order_number", "amount", "currency", "method", "status", "reason"),
            *("note", "due_on", "error", "requested_at", "done_at"),
        )


class NewRefundSerializer(StrictSerializer):
    """How much of an order is to be given back, and why."""

    order = KeyField(Order)
    amount = serializers.IntegerField(min_value=1, max_value=HIGHEST_PRICE * 1000)
    reason = serializers.ChoiceField(choices=Refund.Reason)
    note = line_field(200, default="", allow_blank=True)
