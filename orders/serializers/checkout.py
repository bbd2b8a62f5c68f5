"""What a buyer decides in the checkout, checked as the shop's own form checks it."""

from django.core.exceptions import ValidationError as FormError
from django.utils.translation import gettext as _
from phonenumber_field.serializerfields import PhoneNumberField
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from config.lib.api.serializers import StrictSerializer
from shop import documents, pages
from shop.models.customers import DocumentType

from ..checkout import Contact
from ..models import PaymentAccount
from .fields import LONGEST_TOKEN, MunicipalityField, line_field, paragraph_field
from .orders import BuyerOrderSerializer


class DocumentMixin(serializers.Serializer):
    """Checks an identity document, a NIT with its check digit."""

    document_type = serializers.ChoiceField(choices=DocumentType.choices)
    document_number = line_field(20)

    def validate(self, attributes):
        try:
            attributes["document_number"] = documents.clean(
                attributes["document_type"], attributes["document_number"]
            )
        except FormError as error:
            problem = ErrorDetail(error.messages[0], code="invalid")
            raise serializers.ValidationError({"document_number": [problem]}) from error
        return super().validate(attributes)


class ContactSerializer(DocumentMixin, StrictSerializer):
    """Who buys."""

    name = line_field(120)
    email = serializers.EmailField(max_length=254)
    phone = PhoneNumberField(region="CO")


class StreetSerializer(StrictSerializer):
    """Where the parcel goes; empty when it is picked up."""

    line = line_field(160, required=False, allow_blank=True)
    complement = line_field(80, required=False, allow_blank=True)
    neighbourhood = line_field(80, required=False, allow_blank=True)
    postal_code = line_field(10, required=False, allow_blank=True)
    notes = line_field(200, required=False, allow_blank=True)
    recipient = line_field(120, required=False, allow_blank=True)
    phone = PhoneNumberField(region="CO", required=False, allow_blank=True)


class BillingSerializer(DocumentMixin, StrictSerializer):
    """Whom the invoice names, when it is not the buyer."""

    name = line_field(120)
    line = line_field(160)
    municipality = MunicipalityField()


class CheckoutSerializer(StrictSerializer):
    """An order as a buyer wants it. Prices, discounts and costs are the shop's, never sent."""

    cart = serializers.CharField(max_length=LONGEST_TOKEN, help_text="The token of the cart.")
    contact = ContactSerializer()
    municipality = MunicipalityField()
    address = StreetSerializer(default=dict)
    delivery = line_field(160, help_text="The code of a delivery that was offered.")
    payment = serializers.UUIDField(
        allow_null=True, default=None, help_text="The id of a payment that was offered."
    )
    terms_version = line_field(20, help_text="The version of the terms that the buyer accepted.")
    wants_news = serializers.BooleanField(default=False)
    billing = BillingSerializer(allow_null=True, default=None)
    notes = paragraph_field(500, default="", allow_blank=True)
    external_reference = line_field(60, default="", allow_blank=True)
    seen_total = serializers.IntegerField(
        min_value=0,
        allow_null=True,
        default=None,
        help_text="The total that the buyer saw: with another one nothing is bought.",
    )

    def validate_terms_version(self, version):
        if version != pages.VERSIONS[pages.TERMS]:
            message = _("The terms changed. Read and accept them again.")
            raise serializers.ValidationError([ErrorDetail(message, code="outdated")])
        return version

    def validate_payment(self, key):
        if key is None:
            return None
        accounts = PaymentAccount.objects.select_related("organization")
        account = accounts.filter(pk=key, is_active=True).first()
        if account is None:
            message = _("There is no such way to pay here.")
            raise serializers.ValidationError([ErrorDetail(message, code="does_not_exist")])
        return account


def contact_of(given: dict) -> Contact:
    """Give who buys, as the checkout wants it."""
    return Contact(**{**given, "phone": str(given["phone"])})


class PaymentSerializer(serializers.Serializer):
    """A payment that was opened: send the buyer to `url` when it has one."""

    url = serializers.CharField(allow_blank=True)
    kind = serializers.CharField(source="account.provider")
    amount = serializers.IntegerField()
    currency = serializers.CharField()
    status = serializers.CharField()
    expires_at = serializers.DateTimeField(allow_null=True)


class PlacedSerializer(serializers.Serializer):
    """The order, its secret token, and the payment that it waits for."""

    token = serializers.CharField(help_text="Opens the order: keep it as a secret of the buyer.")
    order = BuyerOrderSerializer()
    payment = PaymentSerializer(allow_null=True)
    payment_problem = serializers.CharField(
        help_text="Why no payment could be opened; the order stands and can be paid later."
    )


class StartSerializer(StrictSerializer):
    """Which order is to be paid, and by which way when it is another than before."""

    order = serializers.CharField(max_length=LONGEST_TOKEN, help_text="The token of the order.")
    payment = serializers.UUIDField(allow_null=True, default=None)

    validate_payment = CheckoutSerializer.validate_payment


class InstructionSerializer(serializers.Serializer):
    """One thing that a buyer must know to pay without a page."""

    label = serializers.CharField()
    value = serializers.CharField()


class StandingSerializer(serializers.Serializer):
    """How an order's payment stands: as it is stored, whatever a buyer's browser says."""

    order = BuyerOrderSerializer()
    due = serializers.IntegerField(help_text="What is still to pay before the shop starts.")
    payment = PaymentSerializer(allow_null=True, help_text="The newest try to pay.")
    instructions = InstructionSerializer(many=True)
