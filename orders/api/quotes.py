"""What delivery costs, for a cart or for lines that are in none."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from config.lib.api.throttles import QuoteThrottle
from logistics import quotes
from logistics.parcels import piece_of
from shop import kits

from ..serializers.shipments import QuotesSerializer, WishedQuoteSerializer
from ..storefront import cart_page
from .base import BuyerView


class QuotesView(BuyerView):
    """Ways of delivery at one place, with their prices; nothing is written."""

    throttle_classes = (*BuyerView.throttle_classes, QuoteThrottle)

    def holder(self):
        return self.holder_of(self.named("cart"))

    @extend_schema(request=WishedQuoteSerializer, responses=QuotesSerializer)
    def post(self, request):
        """Ask rate tables and carriers what it costs to bring this there."""
        given = self.read(WishedQuoteSerializer)
        basket = self._of_cart(given["cart"]) if given["cart"] else _of_lines(given["lines"])
        deliveries, refusal = quotes.choices(given["municipality"], basket)
        told = {
            "municipality": given["municipality"],
            "deliveries": deliveries,
            "refusal": refusal,
        }
        return Response(QuotesSerializer(told).data)

    def _of_cart(self, token: str) -> quotes.Basket:
        look = cart_page.look(
            self.request.organization,
            self.cart_of(token),
            now=timezone.now(),
            customer=self.customer(),
        )
        return look.inside.basket(value=look.goods)


def _of_lines(lines) -> quotes.Basket:
    inside = kits.sizes_inside(variant for variant, _quantity in lines)
    pieces = [
        piece_of(
            variant,
            quantity,
            name=variant.product.name,
            unit_price=variant.price,
            inside=inside.get(variant.pk, ()),
        )
        for variant, quantity in lines
    ]
    return quotes.basket_of(pieces, value=sum(one.unit_price * one.quantity for one in pieces))
