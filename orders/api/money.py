"""Vouchers and refunds, for staff who may see or move money."""

import django_filters
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.response import Response

from config.lib.errors import DomainError
from shop.api.base import Added, Changed, Listed, Removed, RowView, Shown
from shop.api.filters import Text, Yes

from .. import refunds
from ..idempotency import idempotent
from ..models import Refund, Voucher
from ..serializers.money import NewRefundSerializer, RefundSerializer, VoucherSerializer
from .checkout import KEY


class VoucherInUse(DomainError):
    code = "voucher_in_use"


class VoucherFilter(django_filters.FilterSet):
    code = Text(lookup_expr="iexact")
    kind = django_filters.ChoiceFilter(choices=Voucher.Kind)
    active = Yes(field_name="is_active")

    class Meta:
        model = Voucher
        fields = ()


class VoucherView(Listed, Shown, Added, Changed, Removed, RowView):
    """Codes that make an order cheaper; one that was used is retired by `is_active`."""

    model = Voucher
    serializer_class = VoucherSerializer
    filterset_class = VoucherFilter
    orderings = {"-id": ("-id",), "id": ("id",), "code": ("code", "id")}

    create = idempotent(Added.create)
    update = idempotent(Changed.update)

    def rows(self):
        return Voucher.objects.all()

    def typed(self, row):
        # A use between reading and writing does not refuse a new date.
        return {name: value for name, value in super().typed(row).items() if name != "used"}

    def remove(self, voucher):
        if voucher.uses.exists():
            raise VoucherInUse(_("Orders used this voucher. Make it inactive instead."))
        voucher.delete()


class RefundFilter(django_filters.FilterSet):
    order = django_filters.UUIDFilter(field_name="order_id")
    status = django_filters.MultipleChoiceFilter(choices=Refund.Status)
    method = django_filters.ChoiceFilter(choices=Refund.Method)
    due_before = django_filters.DateFilter(field_name="due_on", lookup_expr="lt")

    class Meta:
        model = Refund
        fields = ()


class RefundView(Listed, Shown, RowView):
    """Money that goes back: asked for here, done by the gateway or by a person with proof."""

    model = Refund
    serializer_class = RefundSerializer
    filterset_class = RefundFilter
    orderings = {"-id": ("-id",), "due_on": ("due_on", "id")}
    permissions = {"create": "orders.change_payment"}

    def rows(self):
        return Refund.objects.select_related("order")

    @extend_schema(
        parameters=[KEY], request=NewRefundSerializer, responses={201: RefundSerializer(many=True)}
    )
    @idempotent(is_required=True)
    def create(self, request):
        """Start giving money back: one refund for each transaction it comes from."""
        serializer = NewRefundSerializer(data=request.data, context={"request": request})
        serializer.is_valid(raise_exception=True)
        given = serializer.validated_data
        made = refunds.request(
            given.pop("order"), given.pop("amount"), now=timezone.now(), actor=request.user, **given
        )
        data = self.get_serializer(made, many=True).data
        return Response(data, status=status.HTTP_201_CREATED)
