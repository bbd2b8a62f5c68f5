"""Products and their pictures."""

from django.db import transaction
from django.db.models import Prefetch, ProtectedError, RestrictedError
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_view,
)
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.generics import get_object_or_404
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from .. import audit, catalogue, kits, page_cache, pictures
from ..models import AuditEntry, Organization, Picture, Product, Variant
from ..serializers import (
    PictureSerializer,
    PictureUploadSerializer,
    ProductSerializer,
    StaffProductSerializer,
)
from .base import Added, Changed, Listed, Removed, RowView, Shown
from .filters import ProductFilter
from .schema import seen

_SEEN = seen("ProductAsSeen", ProductSerializer, StaffProductSerializer)


@extend_schema_view(
    list=extend_schema(responses=_SEEN),
    retrieve=extend_schema(responses=_SEEN),
)
class ProductView(Listed, Shown, Added, Changed, Removed, RowView):
    """What is sold. Shoppers see what is published; staff also see the rest, and more fields."""

    model = Product
    is_public = True
    filterset_class = ProductFilter
    orderings = {
        "-published_at": ("-published_at", "-id"),
        "published_at": ("published_at", "id"),
        "price": ("listing_price", "id"),
        "-price": ("-listing_price", "-id"),
        "name": ("name", "id"),
        "-name": ("-name", "-id"),
    }
    permissions = {"add_picture": "shop.add_picture", "remove_picture": "shop.delete_picture"}

    @property
    def nullable(self):
        # Only staff see products that have no price yet.
        return ("listing_price",) if self.sees_everything else ()

    def get_serializer_class(self):
        if getattr(self, "swagger_fake_view", False):
            return StaffProductSerializer
        return StaffProductSerializer if self.sees_everything else ProductSerializer

    def rows(self):
        variants = kits.with_parts(kits.with_available(Variant.objects.all()))
        products = Product.objects.all()
        if not self.sees_everything:
            variants = variants.filter(is_active=True)
            products = products.visible()
        return (
            products.select_related("category")
            .defer("search")
            .prefetch_related("benefits", "pictures", Prefetch("variants", queryset=variants))
        )

    def create(self, request, *args, **kwargs):
        with transaction.atomic():
            _take_turns(request.organization)
            return super().create(request, *args, **kwargs)

    def after(self, row):
        catalogue.refresh([row.pk])

    def remove(self, product):
        kept = list(product.pictures.values_list("key", "widths"))
        try:
            product.delete()
        except (ProtectedError, RestrictedError) as error:
            message = _("%(name)s has history and cannot be deleted. Switch it off instead.")
            raise catalogue.StillUsed(message % {"name": product}) from error
        page_cache.invalidate(product.organization_id)
        transaction.on_commit(lambda: [pictures.delete_files(*files) for files in kept])

    @extend_schema(
        request={"multipart/form-data": PictureUploadSerializer},
        responses={201: PictureSerializer},
        operation_id="products_pictures_create",
    )
    @action(
        detail=True,
        methods=["post"],
        url_path="pictures",
        url_name="pictures",
        parser_classes=[MultiPartParser],
    )
    def add_picture(self, request, pk):
        """Upload a picture (JPEG, PNG, WebP or GIF, at most 10 MB); it goes last."""
        product = get_object_or_404(self.rows(), pk=pk)
        upload = PictureUploadSerializer(data=request.data)
        upload.is_valid(raise_exception=True)
        try:
            image = pictures.read(upload.validated_data["file"])
        except pictures.BadPicture as error:
            problem = ErrorDetail(str(error), code=error.code)
            raise ValidationError({"file": [problem]}) from error
        description = upload.validated_data["description"]
        with transaction.atomic():
            picture = pictures.add_image(product, image, description=description)
            self.record(AuditEntry.Action.ADDED, picture, after=audit.snapshot(picture))
            catalogue.refresh_listing([product.pk])
        data = PictureSerializer(picture, context=self.get_serializer_context()).data
        return Response(data, status=status.HTTP_201_CREATED)

    @extend_schema(
        parameters=[OpenApiParameter("picture_id", OpenApiTypes.UUID, OpenApiParameter.PATH)],
        responses={204: OpenApiResponse(description="Removed.")},
        operation_id="products_pictures_destroy",
    )
    @action(
        detail=True,
        methods=["delete"],
        url_path="pictures/(?P<picture_id>[^/.]+)",
        url_name="picture",
    )
    def remove_picture(self, request, pk, picture_id):
        """Remove a picture and its files."""
        product = get_object_or_404(self.rows(), pk=pk)
        with transaction.atomic():
            mine = Picture.objects.filter(product=product).select_for_update(of=("self",))
            picture = get_object_or_404(mine, pk=picture_id)
            self.record(AuditEntry.Action.DELETED, picture, before=audit.snapshot(picture))
            pictures.remove(picture)
            catalogue.refresh_listing([product.pk])
        return Response(status=status.HTTP_204_NO_CONTENT)


def _take_turns(organization: Organization) -> None:
    """Wait for others who add here, so that two proposals never give the same address."""
    Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
