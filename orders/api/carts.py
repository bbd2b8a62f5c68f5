"""Carts: opened by anybody, held by their token, never by a number."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from shop import pages

from .. import cart, tokens
from ..idempotency import idempotent
from ..models import Cart
from ..serializers.carts import (
    CartSerializer,
    CodeSerializer,
    NewCartSerializer,
    NewLineSerializer,
    OfferSerializer,
    PlaceSerializer,
    QuantitySerializer,
)
from ..storefront import cart_page, checkout_page, voucher_guesses
from .base import SIGNED, UUID, BuyerView


class CartView(BuyerView, viewsets.GenericViewSet):
    """What somebody means to buy. The token is secret: who holds it holds the cart."""

    serializer_class = CartSerializer
    lookup_field = "token"
    lookup_value_regex = SIGNED
    filter_backends = ()
    pagination_class = None

    def holder(self):
        return self.holder_of(self.kwargs["token"]) if "token" in self.kwargs else ""

    @extend_schema(request=NewCartSerializer, responses={201: CartSerializer})
    @idempotent
    def create(self, request):
        """Open a cart, and give the token that names it from now on."""
        self.read(NewCartSerializer)
        opened = Cart.objects.create(organization=request.organization)
        token = tokens.for_cart(request.organization, opened.pk)
        return self.shown(token, status_code=status.HTTP_201_CREATED)

    def retrieve(self, request, token):
        return self.shown(token)

    @extend_schema(request=NewLineSerializer, responses=CartSerializer)
    @action(detail=True, methods=["post"])
    @idempotent
    def lines(self, request, token):
        """Put something in; as many as are left."""
        given = self.read(NewLineSerializer)
        found = self.cart_of(token)
        cart.add(request.organization, found.id, now=timezone.now(), **given)
        return self.shown(token)

    @extend_schema(request=QuantitySerializer, responses=CartSerializer)
    @action(detail=True, methods=["patch"], url_path=f"lines/(?P<line_id>{UUID})", url_name="line")
    @idempotent
    def line(self, request, token, line_id):
        """Set how many of a line there are; at most what is left."""
        given = self.read(QuantitySerializer)
        found = self.cart_of(token)
        cart.change(request.organization, found.id, line_id, now=timezone.now(), **given)
        return self.shown(token)

    @extend_schema(request=None, responses=CartSerializer)
    @line.mapping.delete
    @idempotent
    def remove_line(self, request, token, line_id):
        """Take a line out; one that is out already stays so."""
        found = self.cart_of(token)
        cart.remove(request.organization, found.id, line_id, now=timezone.now())
        return self.shown(token)

    @extend_schema(request=CodeSerializer, responses=CartSerializer)
    @action(detail=True, methods=["put"])
    @idempotent
    def voucher(self, request, token):
        """Use a voucher, or say why it cannot be used."""
        given, now = self.read(CodeSerializer), timezone.now()
        found = self.cart_of(token)
        customer = self.customer()
        inside = cart_page.look(request.organization, found, now=now, customer=customer).inside
        voucher_guesses.use(request, found, inside, code=given["code"], now=now, customer=customer)
        return self.shown(token)

    @extend_schema(request=None, responses=CartSerializer)
    @voucher.mapping.delete
    @idempotent
    def remove_voucher(self, request, token):
        """Go without a voucher."""
        cart.remove_voucher(self.cart_of(token), now=timezone.now())
        return self.shown(token)

    @extend_schema(parameters=[PlaceSerializer], responses=OfferSerializer)
    @action(detail=True, methods=["get"])
    def offer(self, request, token):
        """Say what delivery costs at a place, which payments are possible, and the total."""
        # First of all: to whom the cart does not exist, nothing else is answered.
        cart = self.cart_of(token)
        serializer = PlaceSerializer(data=request.query_params.dict())
        serializer.is_valid(raise_exception=True)
        given, customer = serializer.validated_data, self.customer()
        look = cart_page.look(request.organization, cart, now=timezone.now(), customer=customer)
        offer = checkout_page.offer(
            request.organization,
            look,
            municipality=given["municipality"],
            delivery=given["delivery"],
            account=given["payment"].hex if given["payment"] else "",
            customer=customer,
        )
        context = {"terms_version": pages.VERSIONS[pages.TERMS]}
        return Response(OfferSerializer(offer, context=context).data)

    def shown(self, token, *, status_code=status.HTTP_200_OK):
        """Answer with the cart as it stands now."""
        look = cart_page.look(
            self.request.organization,
            self.cart_of(token),
            now=timezone.now(),
            customer=self.customer(),
        )
        context = self.get_serializer_context() | {"token": token}
        return Response(CartSerializer(look, context=context).data, status=status_code)
