"""The way from a checkout to its order: the page under its token, or the payment that it needs."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages

from config.lib.errors import DomainError
from shop.models import Organization

from .. import paying, payments, tokens
from ..models import Order


def of_cart(organization: Organization, cart_id: UUID | None) -> Order | None:
    """Give the order that a cart became, if it did."""
    if cart_id is None:
        return None
    orders = Order.objects.filter(organization=organization, cart_id=cart_id)
    return orders.select_related("organization", "account__organization").first()


def page(order: Order) -> str:
    """Give the address of an order's page (DESIGN §6)."""
    return f"/pedidos/{tokens.for_order(order)}/"


def payment_url(request, order: Order, *, now: datetime) -> str:
    """Open the payment that an order waits for and give its page; else the order's own page.

    A gateway that does not answer loses nothing: the order's page says so and offers to try again.
    """
    address = page(order)
    if order.status != Order.Status.PENDING or not order.due_now or order.is_cash_on_delivery:
        return address
    # How to pay by hand stands on the order's page; the attempt was saved with the order.
    if not payments.get(order.account.provider).has_page:
        return address
    try:
        attempt = paying.start(
            order, return_url=request.build_absolute_uri(f"{address}regreso/"), now=now
        )
    except paying.NothingToPay:
        return address
    except DomainError as error:
        messages.warning(request, str(error))
        return address
    return attempt.url or address
