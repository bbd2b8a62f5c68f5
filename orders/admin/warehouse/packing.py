"""The pack screen of one order: scan, see what is left, close the box, print its label.

A scanner types a SKU and Enter. Without JavaScript each scan sends the form and the page comes back
with the answer; with it, only the part that changed does, with a sound.
"""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from config.lib.errors import DomainError
from shop import postal
from shop.admin.site import site

from ... import holding, packing, parcels, warehouse
from ...models import Order, Packing
from .. import sight
from . import printing


def address(order_id) -> str:
    return reverse("admin:orders_order_pack", args=[order_id])


def page(request, order: Order):
    """Show the box of an order, or do what was scanned or pressed."""
    told = None
    if request.method == "POST":
        if not request.user.has_perm("orders.change_fulfilment"):
            raise PermissionDenied
        try:
            told = _do(request, order)
        except DomainError as error:
            told = {"is_wrong": True, "words": str(error)}
        order = Order.objects.select_related("organization", "claimed_by").get(pk=order.pk)
        if not told.get("is_wrong") and "part" not in request.GET:
            # Loading the page again must count nothing twice.
            if told:
                messages.success(request, told["words"])
            return HttpResponseRedirect(address(order.pk))
    shown = _shown(request, order, told)
    if "part" in request.GET:
        answer = TemplateResponse(request, "admin/orders/warehouse/_pack.html", shown)
    else:
        context = {
            **site.each_context(request),
            "title": _("Pack order %(order)s") % {"order": order},
            **shown,
        }
        answer = TemplateResponse(request, "admin/orders/warehouse/pack.html", context)
    answer["Cache-Control"] = "private, no-store"
    return answer


def _do(request, order: Order) -> dict:
    """Do one thing; give what to say about it, and nothing for what the page shows by itself."""
    now, actor = timezone.now(), request.user
    deed = request.POST.get("deed", "scan")
    if deed == "take":
        packing.take(order, now=now, actor=actor)
    elif deed == "take-over":
        packing.take(order, now=now, actor=actor, from_other=True)
    elif deed == "finish":
        packing.finish(order, now=now, actor=actor)
    elif deed == "out":
        packing.uncount(order, request.POST.get("sku", ""), actor=actor)
    elif deed == "in" or request.POST.get("code", "").strip():
        typed = request.POST.get("sku", "") if deed == "in" else request.POST["code"]
        found = packing.count(order, typed, actor=actor)
        words = _("%(name)s: %(counted)d of %(quantity)d") % found
        return {"is_wrong": False, "words": words, "sku": found["sku"]}
    return {}


def _shown(request, order: Order, told: dict | None) -> dict:
    kept = Packing.objects.filter(pk=order.pk).select_related("finished_by").first()
    rows = packing.wanted(order, kept.counted if kept else {})
    is_open = order.status in packing.OPEN and not (kept and kept.finished_at)
    is_mine = order.claimed_by_id == request.user.pk
    left = sum(row["left"] for row in rows)
    return {
        "order": order,
        "order_url": sight.order_address(order.pk),
        "address": address(order.pk),
        "rows": sorted(rows, key=lambda row: row["left"] == 0),
        "told": told if told and told.get("words") else None,
        "left": left,
        "pieces": sum(row["quantity"] for row in rows),
        "is_open": is_open,
        "is_mine": is_mine and is_open,
        "may_take": is_open and request.user.has_perm("orders.change_fulfilment") and not is_mine,
        "hands": str(order.claimed_by) if order.claimed_by and not is_mine else "",
        "waits": holding.why_not_prepare(order) if is_open else "",
        "payment": sight.payment_word(warehouse.payment_of(order)),
        "payment_tone": (
            "warning" if warehouse.payment_of(order) == warehouse.COLLECT else "success"
        ),
        "name": order.delivery.get("recipient") or order.name,
        "place": _("In the shop") if order.is_pickup else postal.town(order.delivery),
        "packed_by": str(kept.finished_by or "") if kept and kept.finished_at else "",
        "is_packed": bool(kept and kept.finished_at),
        "shipments": _shipments(order) if kept and kept.finished_at else [],
        "next_url": f"{reverse('admin:warehouse')}?cola=empacar",
    }


def _shipments(order: Order) -> list[dict]:
    return [
        {
            "code": shipment.code,
            "carrier": shipment.carrier_name,
            "state": shipment.get_state_display(),
            "url": reverse("admin:logistics_shipment_change", args=[shipment.pk]),
            "label_url": (
                reverse("admin:logistics_shipment_label", args=[shipment.pk])
                if printing.may_print(shipment)
                else ""
            ),
            "problem": shipment.error,
        }
        for shipment in parcels.live(order)
    ]
