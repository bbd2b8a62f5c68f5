"""Customers: all of them for staff, their own row for a shopper."""

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.permissions import IsAuthenticated

from config.lib.api import versions

from .. import audit, customers
from ..models import Address, Customer
from ..serializers import AddressSerializer, CustomerSerializer, OwnCustomerSerializer
from .base import Added, Changed, Listed, RowView, Shown
from .filters import CustomerFilter


class CustomerView(Listed, Shown, Added, Changed, RowView):
    """People the shop knows. Nobody is removed here: history hangs on them."""

    model = Customer
    serializer_class = CustomerSerializer
    filterset_class = CustomerFilter
    orderings = {"-id": ("-id",), "id": ("id",), "name": ("name", "id")}
    permissions = {"addresses": "shop.view_address"}

    def rows(self):
        return Customer.objects.all()

    @extend_schema(responses=AddressSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], filterset_class=None)
    def addresses(self, request, pk):
        """List where a customer receives parcels."""
        return self._addresses_of(get_object_or_404(self.rows(), pk=pk))

    def _addresses_of(self, customer):
        self.orderings = {"-id": ("-id",)}
        addresses = Address.objects.filter(customer=customer).select_related("municipality")
        rows = self.paginate_queryset(self.filter_queryset(addresses))
        return self.get_paginated_response(AddressSerializer(rows, many=True).data)

    @extend_schema(responses=OwnCustomerSerializer)
    @action(
        detail=False,
        methods=["get"],
        permission_classes=[IsAuthenticated],
        serializer_class=OwnCustomerSerializer,
    )
    def me(self, request):
        """Show what the shop knows of the person who asks."""
        return self.shown(customers.of_user(request.organization, request.user).pk)

    @extend_schema(request=OwnCustomerSerializer, responses=OwnCustomerSerializer)
    @me.mapping.patch
    def change_me(self, request):
        """Change one's own name, phone or document."""
        own = customers.of_user(request.organization, request.user)
        with transaction.atomic():
            customer = Customer.objects.select_for_update(no_key=True).get(pk=own.pk)
            versions.require_match(request, audit.snapshot(customer))
            serializer = self.get_serializer(customer, data=request.data, partial=True)
            serializer.is_valid(raise_exception=True)
            serializer.save()
        return self.shown(own.pk)

    @extend_schema(responses=AddressSerializer(many=True), filters=False)
    @action(
        detail=False,
        methods=["get"],
        url_path="me/addresses",
        url_name="own-addresses",
        permission_classes=[IsAuthenticated],
        filterset_class=None,
    )
    def own_addresses(self, request):
        """List where the person who asks receives parcels."""
        return self._addresses_of(customers.of_user(request.organization, request.user))
