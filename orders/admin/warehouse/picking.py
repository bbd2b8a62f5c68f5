"""The pick list: what to take from which shelf for the chosen orders, to print or to tick off."""

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from shop.admin.site import site

from ... import picking
from ...models import Order, OrderLine
from .. import order_page, sight

_MOST = 200


def page(request):
    """Show what to take for the orders that the address names."""
    typed = request.GET.get("pedidos", "").split(",")[:_MOST]
    numbers = [int(one) for one in typed if one.isascii() and one.isdecimal() and len(one) < 16]
    lines = OrderLine.objects.only(
        "order", "quantity", "sku", "name", "label", "parts", "variant"
    ).order_by("position")
    orders = list(
        Order.objects.filter(number__in=numbers)
        .only("number", "organization")
        .prefetch_related(Prefetch("lines", queryset=lines))
        .order_by("number")
    )
    if not orders:
        messages.warning(request, _("Choose at least one row first."))
        return HttpResponseRedirect(reverse("admin:warehouse"))
    groups = picking.pick_list(orders)
    context = {
        **site.each_context(request),
        "title": _("Pick list"),
        "groups": [(shelf, [_row(one) for one in found]) for shelf, found in groups],
        "orders": [(order.label, sight.order_address(order.pk)) for order in orders],
        "pieces": sum(one.quantity for _shelf, found in groups for one in found),
        "when": order_page.short_moment(timezone.now()),
        "back": f"{reverse('admin:warehouse')}?cola=empacar",
        # What was ticked off is remembered in this window for just these orders.
        "memory": "alistar:" + ",".join(str(order.number) for order in orders),
    }
    answer = TemplateResponse(request, "admin/orders/warehouse/pick.html", context)
    answer["Cache-Control"] = "private, no-store"
    return answer


def _row(one: picking.Picked) -> dict:
    return {
        "key": one.variant,
        "sku": one.sku,
        "name": one.name,
        "quantity": one.quantity,
        "orders": [(f"#{number}", pieces) for number, pieces in sorted(one.orders.items())],
    }
