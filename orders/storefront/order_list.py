"""A customer's orders, newest first, in pages by number."""

from django.urls import reverse

from config.lib import money
from shop.models import Customer

from .. import tokens
from ..models import Order

_PAGE = 20


def page(customer: Customer, *, before: str = "") -> dict:
    """Give the orders of one page and the link to the next; two queries, however many there are."""
    orders = Order.objects.filter(customer=customer).prefetch_related("lines")
    if before.isascii() and before.isdigit() and len(before) <= 15:
        orders = orders.filter(number__lt=int(before))
    found = list(orders.order_by("-number")[: _PAGE + 1])
    has_more, found = len(found) > _PAGE, found[:_PAGE]
    return {
        "orders": [_row(order, customer.organization) for order in found],
        "next_url": f"?antes={found[-1].number}" if has_more else "",
        "is_first": not before,
    }


def _row(order: Order, organization) -> dict:
    # The token is signed for the organization, which the customer already has at hand.
    order.organization = organization
    lines = list(order.lines.all())
    return {
        "order": order,
        "url": reverse("orders:order-detail", args=[tokens.for_order(order)]),
        "total": money.label(order.total, order.currency),
        "names": ", ".join(line.name for line in lines[:3]),
        "more": max(0, len(lines) - 3),
    }
