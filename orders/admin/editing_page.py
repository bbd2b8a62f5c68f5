"""The page that changes an order before it is prepared, and shows first what that costs."""

from django import forms
from django.contrib import messages
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from config.lib import money
from config.lib.errors import DomainError
from logistics import places as known_places
from shop import kits, postal
from shop.models import Variant

from .. import editing
from ..models import Order
from . import baskets, sight


def page(request, order: Order, admin):
    """Answer the page: look for products, show the difference, save."""
    reason = editing.why_not(order)
    if reason:
        messages.error(request, reason)
        return HttpResponseRedirect(sight.order_address(order.pk))
    form = _AddressForm(request.POST or None, order=order)
    shown = {"form": form, "typed": "", "found": [], "problem": ""}
    deed = request.POST.get("do", "")
    if request.method == "POST":
        try:
            quantities = baskets.quantities(request.POST)
            shown |= _searched(request, order, quantities)
            if deed in ("preview", "save") and form.is_valid():
                change = form.change(quantities, request.POST.get("delivery_code", ""))
                editing.prepare(order, change)
                if deed == "save":
                    return _save(request, order, change)
                shown |= _preview(order, change)
        except (DomainError, forms.ValidationError) as error:
            shown["problem"] = " ".join(getattr(error, "messages", [str(error)]))
    else:
        quantities = {}
    shown |= _lines(order, quantities)
    context = {
        **admin.admin_site.each_context(request),
        "title": _("Change order %(order)s") % {"order": order},
        "opts": admin.opts,
        "order": order,
        "order_address": sight.order_address(order.pk),
        "places": known_places.suggestions(),
        "options": _options(order, form, quantities, request.POST.get("delivery_code", "")),
        "media": admin.media + form.media,
        **shown,
    }
    return TemplateResponse(request, "admin/orders/edit.html", context)


class _AddressForm(baskets.AddressForm):
    """The address of an order; only one that was touched is a change."""

    def __init__(self, data=None, *, order: Order):
        kept = order.delivery
        initial = {name: kept.get(name, "") for name in self.base_fields}
        if kept.get("municipality"):
            initial["place"] = postal.town(kept)
        super().__init__(data, initial=initial)
        self.phone = kept.get("phone", "")

    def change(self, quantities, delivery_code: str) -> editing.Change:
        if not self.has_changed() or self.municipality is None:
            return editing.Change(quantities, delivery_code=delivery_code)
        address = self.address() | {"phone": self.phone}
        return editing.Change(quantities, self.municipality, address, delivery_code)


def _searched(request, order, quantities) -> dict:
    typed = request.POST.get("product", "")
    kept = {line.variant_id for line in order.lines.all()} | set(quantities)
    return {"typed": typed, "found": baskets.find_variants(typed, besides=kept)}


def _lines(order: Order, quantities) -> dict:
    """Give the lines with what was typed, and what is added to them."""
    lines = [
        {
            "key": line.variant_id,
            "name": f"{line.name} {line.label}".strip(),
            "sku": line.sku,
            "price": money.label(line.unit_price, order.currency),
            "before": line.quantity,
            "quantity": quantities.get(line.variant_id, line.quantity),
        }
        for line in order.lines.all()
    ]
    kept = {line["key"] for line in lines}
    more = {key: number for key, number in quantities.items() if key not in kept and number}
    added = kits.with_available(Variant.objects.filter(pk__in=more))
    added = added.select_related("product").order_by("pk")
    return {
        "lines": lines,
        "added": [baskets.as_found(variant, more[variant.pk]) for variant in added],
    }


def _options(order, form, quantities, chosen: str) -> list[dict]:
    """Give the ways of delivery for what was typed so far; none while it makes no sense."""
    is_typed = form.is_bound and form.is_valid()
    change = form.change(quantities, "") if is_typed else editing.Change(quantities)
    try:
        found = editing.options(order, change)
    except DomainError:
        return []
    chosen = chosen or order.delivery_code
    return [
        {
            "code": quote.code,
            "label": f"{quote.label} · {money.label(quote.cost, order.currency)}",
            "is_chosen": quote.code == chosen,
        }
        for quote in found
    ]


def _preview(order: Order, change) -> dict:
    planned = editing.plan(order, change)
    price = planned.price

    def label(amount):
        return money.label(amount, order.currency)

    held = order.net_paid
    more, less = max(0, price.total - max(held, 0)), max(0, held - price.total)
    return {
        "plan": {
            "total": price.total,
            "rows": [
                (_("Subtotal"), label(order.subtotal), label(price.subtotal)),
                (_("Discount"), label(-order.discount), label(-price.discount)),
                (_("Delivery"), label(order.shipping), label(price.shipping)),
                (_("Total"), label(order.total), label(price.total)),
            ],
            "to_pay": label(more) if more and not order.is_cash_on_delivery else "",
            "on_delivery": label(more) if more and order.is_cash_on_delivery else "",
            "to_give_back": label(less) if less else "",
            "is_firm": order.status != Order.Status.PENDING,
        }
    }


def _save(request, order: Order, change):
    seen = request.POST.get("seen_total", "")
    editing.edit(
        order,
        change,
        now=timezone.now(),
        actor=request.user,
        seen_total=int(seen) if seen.isascii() and seen.isdecimal() else None,
    )
    order.refresh_from_db()
    messages.success(request, _("Order %(order)s was changed.") % {"order": order})
    if order.due_now and order.status != Order.Status.PENDING:
        messages.warning(
            request,
            _("%(amount)s are still to be paid before it is prepared: send the buyer their link.")
            % {"amount": money.label(order.due_now, order.currency)},
        )
    return HttpResponseRedirect(sight.order_address(order.pk))
