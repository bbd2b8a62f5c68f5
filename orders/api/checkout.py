"""Placing an order and paying it: each once, however often it is asked for."""

from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.response import Response

from config.lib import visitor
from config.lib.errors import DomainError

from .. import checkout, paying, payments, tokens
from ..checkout import Wish
from ..idempotency import HEADER, idempotent
from ..models import Order, PaymentAttempt
from ..serializers.checkout import (
    CheckoutSerializer,
    PaymentSerializer,
    PlacedSerializer,
    StandingSerializer,
    StartSerializer,
    contact_of,
)
from .base import BuyerView

KEY = OpenApiParameter(
    HEADER,
    str,
    OpenApiParameter.HEADER,
    required=True,
    description="A new one for each wish; sent again with the same wish, the same answer comes.",
)


def open_payment(request, order: Order, account=None) -> PaymentAttempt:
    """Open what the order waits for; the gateway sends the buyer back to the shop's own page."""
    back = reverse("orders:order-return", args=[tokens.for_order(order)])
    return paying.start(
        order,
        return_url=request.build_absolute_uri(back),
        now=timezone.now(),
        account=account,
    )


class CheckoutView(BuyerView):
    """From a cart to an order. The same cart becomes one order, whatever happens on the way."""

    def holder(self):
        return self.holder_of(self.named("cart"))

    @extend_schema(parameters=[KEY], request=CheckoutSerializer, responses={201: PlacedSerializer})
    @idempotent(is_required=True, is_repeatable=True)
    def post(self, request):
        """Place an order, and open its payment."""
        given = self.read(CheckoutSerializer)
        cart_id = tokens.cart_of(request.organization, given["cart"])
        if cart_id is None:
            raise Http404
        wish, now, customer = self._wish(given), timezone.now(), self.customer()
        checkout.prepare(request.organization, cart_id, wish, now=now, customer=customer)
        order = checkout.place(request.organization, cart_id, wish, now=now, customer=customer)
        placed = {"token": tokens.for_order(order), "order": order}
        placed |= self._payment(request, order)
        return Response(PlacedSerializer(placed).data, status=status.HTTP_201_CREATED)

    def _wish(self, given: dict) -> Wish:
        contact = contact_of(given["contact"])
        billing = given["billing"]
        if billing:
            billing = {
                **checkout.address_snapshot(
                    billing["municipality"],
                    checkout.Contact(name=billing["name"], email="", phone=""),
                    {"line": billing["line"]},
                ),
                "document_type": billing["document_type"],
                "document_number": billing["document_number"],
            }
        same = ("municipality", "terms_version", "wants_news", "notes", "external_reference")
        return Wish(
            contact=contact,
            address={name: str(value) for name, value in given["address"].items()},
            delivery_code=given["delivery"],
            account=given["payment"],
            accepted_from=visitor.address(self.request),
            billing=billing,
            language=(get_language() or "es")[:2],
            source=Order.Source.API,
            seen_total=given["seen_total"],
            **{name: given[name] for name in same},
        )

    def _payment(self, request, order: Order) -> dict:
        if order.status != Order.Status.PENDING or not order.due_now:
            return {"payment": None, "payment_problem": ""}
        try:
            return {"payment": open_payment(request, order), "payment_problem": ""}
        except DomainError as error:
            # The order stands: it can be paid in a moment, or in another way.
            return {"payment": None, "payment_problem": str(error)}


class PaymentsView(BuyerView):
    """Paying an order, again or otherwise, until it is paid or its time is over."""

    def holder(self):
        return self.holder_of(self.named("order"))

    @extend_schema(parameters=[KEY], request=StartSerializer, responses={201: PaymentSerializer})
    @idempotent(is_required=True, is_repeatable=True)
    def post(self, request):
        """Open a payment for what an order still waits for."""
        given = self.read(StartSerializer)
        order = self.order_of(given["order"])
        attempt = open_payment(request, order, given["payment"])
        return Response(PaymentSerializer(attempt).data, status=status.HTTP_201_CREATED)


class PaymentView(BuyerView):
    """How the payment of an order stands."""

    @extend_schema(responses=StandingSerializer)
    def get(self, request, token):
        """Show what is stored: gateways tell us, a buyer's browser does not."""
        order = self.order_of(token)
        attempt = order.attempts.select_related("account").first()
        told = (
            payments.get(order.account.provider).instructions(order.account)
            if order.account
            else []
        )
        standing = {
            "order": order,
            "due": order.due_now if order.status == Order.Status.PENDING else 0,
            "payment": attempt,
            "instructions": [{"label": label, "value": value} for label, value in told],
        }
        return Response(StandingSerializer(standing).data)
