"""What is left of each variant, and every movement of it."""

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.response import Response

from config.lib.api import versions

from .. import audit, catalogue, kits, stock
from ..models import AuditEntry, StockLevel, StockMovement, Variant
from ..serializers import StockMovementSerializer, StockSerializer
from .base import Listed, RowView, Shown
from .filters import StockFilter


class StockView(Listed, Shown, RowView):
    """Stock by variant, for staff. It changes by movements only, each with its reason."""

    model = StockLevel
    serializer_class = StockSerializer
    filterset_class = StockFilter
    orderings = {"sku": ("sku", "id"), "-sku": ("-sku", "-id"), "id": ("id",)}
    permissions = {
        "movements": "shop.view_stockmovement",
        "add_movement": "shop.add_stockmovement",
        "partial_update": "shop.change_stocklevel",
    }

    def rows(self):
        return kits.with_available(Variant.objects.select_related("stock"))

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return Variant._base_manager.none()
        return super().get_queryset()

    def typed(self, variant):
        level = getattr(variant, "stock", None) or StockLevel(variant=variant)
        return {"low_at": level.low_at}

    def partial_update(self, request, pk):
        """Change from which number on the stock counts as low."""
        with transaction.atomic():
            variant = get_object_or_404(Variant.objects.all(), pk=pk)
            StockLevel.objects.get_or_create(variant=variant)
            level = StockLevel.objects.select_for_update(no_key=True, of=("self",)).get(
                variant=variant
            )
            before = {"low_at": level.low_at}
            versions.require_match(request, before)
            serializer = self.get_serializer(variant, data=request.data, partial=True)
            serializer.is_valid(raise_exception=True)
            level.low_at = serializer.validated_data.get("low_at", level.low_at)
            level.save(update_fields=["low_at"])
            catalogue.refresh_listing([variant.product_id])
            after = {"low_at": level.low_at}
            self.record(AuditEntry.Action.CHANGED, level, before=before, after=after)
        return self.shown(pk)

    @extend_schema(responses=StockMovementSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], filterset_class=None)
    def movements(self, request, pk):
        """List the movements of a variant, newest first."""
        self.orderings = {"-id": ("-id",)}
        variant = get_object_or_404(self.rows(), pk=pk)
        movements = StockMovement.objects.filter(variant=variant).select_related("person")
        rows = self.paginate_queryset(self.filter_queryset(movements))
        return self.get_paginated_response(StockMovementSerializer(rows, many=True).data)

    @extend_schema(request=StockMovementSerializer, responses={201: StockMovementSerializer})
    @movements.mapping.post
    def add_movement(self, request, pk):
        """Add to the shelf, or take from it with a negative quantity."""
        variant = get_object_or_404(self.rows(), pk=pk)
        context = {**self.get_serializer_context(), "variant": variant}
        serializer = StockMovementSerializer(data=request.data, context=context)
        serializer.is_valid(raise_exception=True)
        with transaction.atomic():
            stock.move(variant, person=request.user, **serializer.validated_data)
            # Newest of ours: the stock row is locked until we commit.
            movement = StockMovement.objects.filter(variant=variant).latest("id")
            self.record(AuditEntry.Action.ADDED, movement, after=audit.snapshot(movement))
        data = StockMovementSerializer(movement, context=context).data
        return Response(data, status=status.HTTP_201_CREATED)
