"""Electronic documents of an order, as a connector of the provider writes them."""

from rest_framework import serializers

from config.lib.api.serializers import StrictSerializer
from shop.serializers.fields import KeyField

from ..models import Invoice
from .fields import line_field


class InvoiceSerializer(StrictSerializer, serializers.ModelSerializer):
    """What the authorised provider made of an order: an invoice, or a note that corrects one."""

    # What cannot be is said by the operation (orders/invoices.py). Gaps and capitals are put right.
    prefix = line_field(20, required=False, allow_blank=True)
    code = line_field(200, required=False, allow_blank=True, help_text="CUFE or CUDE.")
    corrects = KeyField(Invoice, required=False, allow_null=True)
    check_url = serializers.URLField(read_only=True)

    class Meta:
        model = Invoice
        fields = (
            *("id", "order", "kind", "status", "prefix", "number", "label", "code", "check_url"),
            *("issued_at", "answered_at", "pdf_url", "xml_url", "error", "corrects"),
            "recorded_at",
        )
        read_only_fields = ("order", "label", "recorded_at")

    def get_validators(self):
        # The operation asks the constraints of the table, and answers beside the fields.
        return []
