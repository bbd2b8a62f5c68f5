"""Fields that buyers and staff send: whole quantities, tokens, one line of text."""

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from config.lib.fields import validate_line, validate_paragraph
from shop.models import Municipality

from ..models.carts import MOST_OF_ONE

LONGEST_TOKEN = 200


class QuantityField(serializers.IntegerField):
    """A whole number from 1 to 999, as a number and as nothing else."""

    def __init__(self, **options):
        super().__init__(min_value=1, max_value=MOST_OF_ONE, **options)

    def to_internal_value(self, data):
        # Neither "2" nor true nor 2.0: a front end that sends those is not to be trusted with 20.
        if type(data) is not int:
            message = _("Write a quantity from 1 to %(most)d, without decimals.")
            raise serializers.ValidationError(
                [ErrorDetail(message % {"most": MOST_OF_ONE}, code="invalid")]
            )
        return super().to_internal_value(data)


def line_field(most: int, **options) -> serializers.CharField:
    """Give a field for one line of text."""
    return serializers.CharField(max_length=most, validators=[validate_line], **options)


def paragraph_field(most: int, **options) -> serializers.CharField:
    """Give a field for text of several lines."""
    return serializers.CharField(max_length=most, validators=[validate_paragraph], **options)


@extend_schema_field(OpenApiTypes.STR)
class MunicipalityField(serializers.Field):
    """A municipality by its DANE code, such as "05001"."""

    def to_internal_value(self, data):
        found = None
        if isinstance(data, str) and data.isascii() and data.isdigit():
            found = Municipality.objects.select_related("department").filter(code=data).first()
        if found is None:
            message = _("There is no municipality with this code.")
            raise serializers.ValidationError([ErrorDetail(message, code="does_not_exist")])
        return found

    def to_representation(self, municipality):
        return municipality.code
