"""Shipments: what left or is to leave, where it is, and the wish to send more."""

import django_filters
from django.db import transaction
from django.db.models import Prefetch
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.negotiation import DefaultContentNegotiation

from config.lib.errors import DomainError
from logistics import documents, shipments
from logistics.models import DeliverySettings, Shipment
from logistics.models.shipments import BEFORE_CARRIER, State
from shop.api.base import Listed, RowView, Shown
from shop.api.filters import Text, Yes
from shop.api.schema import seen

from .. import parcels
from ..idempotency import idempotent
from ..models import OrderShipment
from ..serializers.shipments import (
    NewShipmentSerializer,
    PackedShipmentDetailSerializer,
    PackedShipmentSerializer,
    StaffShipmentDetailSerializer,
    StaffShipmentSerializer,
)
from .checkout import KEY

_SEES_MONEY = "orders.view_payment"
_WITHOUT_LABEL = (*BEFORE_CARRIER, State.CREATED, State.CANCELLED)
_LISTED = seen("ShipmentAsListed", PackedShipmentSerializer, StaffShipmentSerializer)
_SEEN = seen("ShipmentAsSeen", PackedShipmentDetailSerializer, StaffShipmentDetailSerializer)


class LabelMissing(DomainError):
    code = "label_missing"


class AnyFile(DefaultContentNegotiation):
    """For files, whatever a client accepts; errors are JSON."""

    def select_renderer(self, request, renderers, format_suffix=None):
        return renderers[0], renderers[0].media_type


class ShipmentFilter(django_filters.FilterSet):
    state = django_filters.MultipleChoiceFilter(choices=State)
    order = django_filters.UUIDFilter(field_name="order_shipments__order_id")
    order_number = django_filters.NumberFilter(
        field_name="order_shipments__order__number", max_value=2**62, min_value=1
    )
    code = Text()
    tracking_number = Text()
    account = django_filters.UUIDFilter(field_name="account_id")
    test = Yes(field_name="is_test")
    changed_from = django_filters.IsoDateTimeFilter(field_name="state_at", lookup_expr="gte")

    class Meta:
        model = Shipment
        fields = ()


@extend_schema_view(list=extend_schema(responses=_LISTED), retrieve=extend_schema(responses=_SEEN))
class ShipmentView(Listed, Shown, RowView):
    """Shipments of orders, with their money only for who may see it."""

    model = Shipment
    filterset_class = ShipmentFilter
    orderings = {
        "-id": ("-id",),
        "id": ("id",),
        "-state_at": ("-state_at", "-id"),
        "state_at": ("state_at", "id"),
    }

    def rows(self):
        sent = OrderShipment.objects.select_related("order").prefetch_related("lines__line")
        rows = Shipment.objects.prefetch_related(Prefetch("order_shipments", sent.order_by("id")))
        if self.action == "list":
            return rows
        return rows.prefetch_related("parcels", "incidents", "events")

    def typed(self, row):
        return {"state": row.state, "state_at": row.state_at, "wanted": row.cancel_wanted_at}

    @property
    def sees_money(self) -> bool:
        return self.request.user.has_perm(_SEES_MONEY)

    def get_serializer_class(self):
        sees_money = getattr(self, "swagger_fake_view", False) or self.sees_money
        if self.action == "list":
            return StaffShipmentSerializer if sees_money else PackedShipmentSerializer
        return StaffShipmentDetailSerializer if sees_money else PackedShipmentDetailSerializer

    @extend_schema(parameters=[KEY], request=NewShipmentSerializer, responses={201: _SEEN})
    @idempotent(is_required=True)
    def create(self, request):
        """Decide to send an order, or a part of it; its carrier hears of it right afterwards."""
        serializer = NewShipmentSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        given = serializer.validated_data
        wish = {
            "quantities": given["lines"],
            "origin": given["origin"],
            "now": timezone.now(),
            "actor": request.user,
        }
        if given["account"] is None and not given["carrier_name"]:
            made = parcels.plan_as_chosen(given["order"], **wish)
        else:
            names = {name: given[name] for name in ("account", "service", "carrier_name")}
            made = parcels.plan(given["order"], **names, **wish)
        return self.shown(made.pk, status_code=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=_SEEN)
    @action(detail=True, methods=["post"])
    @idempotent
    def cancel(self, request, pk):
        """Take a shipment back before anybody drives it; a carrier that has it is asked first."""
        with transaction.atomic():
            shipments.cancel(self.locked(pk), now=timezone.now(), actor=request.user)
        return self.shown(pk)

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY}, filters=False)
    @action(
        detail=True,
        methods=["get"],
        content_negotiation_class=AnyFile,
        filterset_class=None,
    )
    def label(self, request, pk):
        """Give the label as a PDF: the carrier's own, or ours."""
        rows = Shipment.objects.select_related("organization").prefetch_related("parcels")
        shipment = get_object_or_404(rows, pk=pk)
        if shipment.state in _WITHOUT_LABEL:
            raise LabelMissing(_("This shipment has no label yet."))
        settings = DeliverySettings.objects.filter(pk=request.organization.pk).first()
        paper = (settings or DeliverySettings()).label_format
        file = documents.labels([shipment], paper=paper, language=request.organization.language)
        return HttpResponse(
            file,
            content_type="application/pdf",
            headers={
                "Content-Disposition": f'attachment; filename="{shipment.code}.pdf"',
                # Name and address of a person.
                "Cache-Control": "private, no-store",
            },
        )
