"""What the API's doors for buyers share: a signed token opens them, whoever brings it."""

import hashlib

from django.http import Http404
from rest_framework.permissions import AllowAny

from shop import customers
from shop.api.access import ActingView
from shop.models import Customer

from .. import cart, tokens
from ..cart import Opened
from ..models import Cart, Order

# Parts of addresses.
SIGNED = "[A-Za-z0-9_-]{20,200}"
UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


class BuyerView(ActingView):
    """Open to everybody: what somebody may see hangs on the token they bring."""

    permission_classes = (AllowAny,)
    model = Cart

    def read(self, serializer_class) -> dict:
        """Give what the body holds, checked field by field."""
        serializer = serializer_class(data=self.request.data)
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data

    def holder(self) -> str:
        """Name what the caller holds, for idempotency keys; empty when it is nothing."""
        return ""

    def named(self, field: str) -> str:
        """Give a token that stands in the body, still unchecked."""
        body = self.request.data
        return str(body.get(field, "")) if isinstance(body, dict) else ""

    @staticmethod
    def holder_of(token: str) -> str:
        """Name whoever brings this token; not by what stands in it, which anybody could write."""
        return f"token:{hashlib.sha256(token.encode(errors='replace')).hexdigest()}"

    def customer(self) -> Customer | None:
        """Give the customer who is signed in; staff buy for nobody here."""
        user = self.request.user
        if not user.is_authenticated or user.is_staff:
            return None
        return customers.of_user(self.request.organization, user)

    def cart_of(self, token: str) -> Opened:
        """Give the cart of a token while it can be changed; any other does not exist."""
        organization = self.request.organization
        found = cart.opened(organization, tokens.cart_of(organization, token))
        if found is None:
            raise Http404
        return found

    def order_of(self, token: str) -> Order:
        """Give the order of a token; any other does not exist."""
        orders = Order.objects.select_related("organization", "account__organization")
        order = tokens.order_of(self.request.organization, token, orders)
        if order is None:
            raise Http404
        return order
