"""Printed documents by address: the buyer's by the order's token, the shop's by its key."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from . import documents, tokens
from .models import Order


@require_safe
def buyer_document(request, token):
    """Give the receipt to whoever holds the order's token."""
    order = tokens.order_of(request.organization, token, _orders())
    if order is None:
        raise Http404
    return _pdf(documents.invoice(order), f"pedido-{order.number}.pdf")


@require_safe
def invoice_view(request, pk):
    """Give the receipt to staff who may see payments (see roles.py)."""
    order = get_object_or_404(_orders(), pk=pk)
    return _pdf(documents.invoice(order), f"pedido-{order.number}.pdf")


@require_safe
def packing_slip_view(request, pk):
    """Give the packing slip to staff who may see orders; it holds no money."""
    order = get_object_or_404(_orders(), pk=pk)
    return _pdf(documents.packing_slip(order), f"empaque-{order.number}.pdf")


def _orders():
    return Order.objects.select_related("organization", "account")


def _pdf(content: bytes, name: str) -> HttpResponse:
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'inline; filename="{name}"',
            # It holds a person's data: no cache between, no search engine.
            "Cache-Control": "no-store, private",
            "X-Robots-Tag": "noindex",
        },
    )
