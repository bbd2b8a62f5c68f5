"""Customers and their addresses."""

from django.utils.translation import gettext as _
from phonenumber_field.serializerfields import PhoneNumberField
from rest_framework import serializers

from config.lib.api.serializers import RowSerializer
from config.lib.fields import validate_line, validate_paragraph

from .. import customers, identities
from ..models import Address, Customer


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

    def validate(self, attributes):
        if self.instance is None and not any(map(attributes.get, ("name", "email", "phone"))):
            raise serializers.ValidationError(_("Write a name, an e-mail or a phone."))
        return super().validate(attributes)

    def create(self, attributes):
        return customers.create(self.context["request"].organization, **attributes)
