"""Orders: a shop's own for its staff, a buyer's own for the buyer, one for who holds its token."""

import django_filters
from django.db import transaction
from django.db.models import Prefetch
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from shop import customers
from shop.api.base import Listed, RowView, Shown
from shop.api.filters import Text, Yes
from shop.api.schema import seen

from .. import cancellation, invoices, timeline
from ..idempotency import idempotent
from ..models import Order, OrderEvent, OrderShipment
from ..serializers.orders import (
    BuyerOrderSerializer,
    CancelSerializer,
    EventSerializer,
    NoteSerializer,
    OwnOrderSerializer,
    PackedOrderSerializer,
    StaffOrderSerializer,
)
from .base import BuyerView

_SEEN = seen("OrderAsSeen", PackedOrderSerializer, StaffOrderSerializer)
_SEES_MONEY = "orders.view_payment"


class PackedOrderFilter(django_filters.FilterSet):
    """What an order can be found by without a view of money: a filter tells what it filters."""

    q = Text(field_name="search", lookup_expr="icontains")
    number = django_filters.NumberFilter(max_value=2**62, min_value=1)
    status = django_filters.MultipleChoiceFilter(choices=Order.Status)
    customer = django_filters.UUIDFilter(field_name="customer_id")
    email = Text(lookup_expr="iexact")
    external_reference = Text()
    test = Yes(field_name="is_test")
    placed_from = django_filters.IsoDateTimeFilter(field_name="placed_at", lookup_expr="gte")
    placed_before = django_filters.IsoDateTimeFilter(field_name="placed_at", lookup_expr="lt")
    changed_from = django_filters.IsoDateTimeFilter(field_name="changed_at", lookup_expr="gte")

    class Meta:
        model = Order
        fields = ()


class OrderFilter(PackedOrderFilter):
    payment = django_filters.MultipleChoiceFilter(choices=Order.Payment)


@extend_schema_view(list=extend_schema(responses=_SEEN), retrieve=extend_schema(responses=_SEEN))
class OrderView(Listed, Shown, RowView):
    """Orders, with their money only for who may see it."""

    model = Order
    filterset_class = OrderFilter
    orderings = {
        "-number": ("-number",),
        "number": ("number",),
        "-changed_at": ("-changed_at", "-id"),
        "changed_at": ("changed_at", "id"),
    }
    permissions = {
        "notes": "orders.change_fulfilment",
        "timeline": "orders.view_order",
        "cancel": "orders.change_order",
    }

    def rows(self):
        # What was taken back, or not sent yet, is no parcel to follow.
        left = OrderShipment.objects.filter(shipped_at__isnull=False)
        return Order.objects.prefetch_related("lines", Prefetch("shipments", queryset=left))

    def typed(self, row):
        return {"changed_at": row.changed_at}

    @property
    def sees_money(self) -> bool:
        return self.request.user.has_perm(_SEES_MONEY)

    def get_serializer_class(self):
        if getattr(self, "swagger_fake_view", False) or self.sees_money:
            return StaffOrderSerializer
        return PackedOrderSerializer

    def filter_queryset(self, queryset):
        if self.action == "list" and not self.sees_money:
            self.filterset_class = PackedOrderFilter
        return super().filter_queryset(queryset)

    @extend_schema(responses=EventSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], filterset_class=None)
    def timeline(self, request, pk):
        """List what happened to an order, the newest first."""
        order = get_object_or_404(Order.objects.all(), pk=pk)
        self.orderings = {"-id": ("-id",)}
        events = order.events.all()
        if not self.sees_money:
            events = events.exclude(kind__in=invoices.EVENTS)
        rows = self.paginate_queryset(super().filter_queryset(events))
        context = {"sees_money": self.sees_money}
        return self.get_paginated_response(EventSerializer(rows, many=True, context=context).data)

    @extend_schema(request=NoteSerializer, responses={201: EventSerializer})
    @action(detail=True, methods=["post"])
    @idempotent
    def notes(self, request, pk):
        """Write a note that colleagues read on the timeline, and the buyer does not."""
        order = get_object_or_404(Order.objects.all(), pk=pk)
        serializer = NoteSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        event = timeline.record(
            order,
            OrderEvent.Kind.NOTE,
            now=timezone.now(),
            actor=request.user,
            note=serializer.validated_data["note"],
        )
        data = EventSerializer(event, context={"sees_money": self.sees_money}).data
        return Response(data, status=status.HTTP_201_CREATED)

    @extend_schema(request=CancelSerializer, responses=_SEEN)
    @action(detail=True, methods=["post"])
    @idempotent
    def cancel(self, request, pk):
        """Cancel an order that has not left: its stock goes back, what was paid is given back."""
        serializer = CancelSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        with transaction.atomic():
            order = self.locked(pk)
            cancellation.cancel(
                order,
                Order.Cancelled.BY_SHOP,
                now=timezone.now(),
                actor=request.user,
                note=serializer.validated_data["note"],
            )
        return self.shown(pk)

    @extend_schema(responses=OwnOrderSerializer(many=True), filters=False)
    @action(
        detail=False,
        methods=["get"],
        permission_classes=[IsAuthenticated],
        filterset_class=None,
        serializer_class=OwnOrderSerializer,
    )
    def mine(self, request):
        """List the orders of whoever is signed in."""
        customer = customers.of_user(request.organization, request.user)
        orders = self.rows().filter(customer=customer).select_related("organization")
        rows = self.paginate_queryset(super().filter_queryset(orders))
        return self.get_paginated_response(OwnOrderSerializer(rows, many=True).data)


class OrderByTokenView(BuyerView):
    """One order for whoever holds its token; a number, an e-mail or an id opens nothing."""

    @extend_schema(responses=BuyerOrderSerializer, operation_id="orders_by_token_retrieve")
    def get(self, request, token):
        """Show an order to its buyer."""
        return Response(BuyerOrderSerializer(self.order_of(token)).data)
