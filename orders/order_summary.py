"""What was bought, for how much and where to: as the page and the mails of an order print it."""

from django.utils.translation import gettext as _

from config.lib import money
from logistics.quotes import days_in_words
from shop import addresses, opening_hours, pictures, postal

from .documents import wording
from .models import Order


def context(order: Order) -> dict:
    """Give lines, sums, address, delivery and when to come for it, ready to print."""
    return {
        "lines": _lines(order),
        "sums": _sums(order),
        "place": (
            wording.counter(order.organization) if order.is_pickup else postal.place(order.delivery)
        ),
        "delivery_words": _delivery_words(order),
        "hours": (
            opening_hours.lines(order.organization)
            if order.is_pickup and order.is_open and not order.has_left
            else []
        ),
    }


def _lines(order: Order) -> list[dict]:
    rows = order.lines.select_related("variant__product")
    return [
        {
            "name": row.name,
            "label": row.label,
            "quantity": row.quantity,
            "unit_price": money.label(row.unit_price, order.currency),
            "total": money.label(row.total, order.currency),
            "before": money.label(row.total + row.discount, order.currency) if row.discount else "",
            "picture": pictures.rendition(row.variant.product.cover),
            "url": (
                addresses.product(row.variant.product.slug) if row.variant.product.is_active else ""
            ),
        }
        for row in rows
    ]


def _sums(order: Order) -> list[tuple[str, str, str]]:
    """Give label, amount and kind of each line under the products."""
    sums = [(_("Subtotal"), order.subtotal, "")]
    if order.discount:
        label = _("Discount")
        if order.voucher_code:
            label = _("Discount (%(code)s)") % {"code": order.voucher_code}
        sums.append((label, -order.discount, ""))
    sums.append((order.delivery_label or _("Delivery"), order.shipping, "delivery"))
    if order.cash_fee:
        sums.append((_("Paying on delivery"), order.cash_fee, ""))
    sums.append((_("Total"), order.total, "total"))
    if order.tax:
        sums.append((_("IVA included"), order.tax, "soft"))
    if order.paid:
        sums.append((_("Paid"), order.paid, ""))
    if order.refunded:
        sums.append((_("Given back"), -order.refunded, ""))
    if order.is_open and order.outstanding and order.paid:
        on_delivery = order.is_cash_on_delivery and not order.due_now
        label = _("To pay on delivery") if on_delivery else _("Still to pay")
        sums.append((label, order.outstanding, "total"))
    return [
        (
            label,
            wording.shipping(order) if kind == "delivery" else money.label(value, order.currency),
            kind,
        )
        for label, value, kind in sums
    ]


def _delivery_words(order: Order) -> str:
    """Say how and in how many days it comes."""
    least, most = order.delivery_days_min, order.delivery_days_max
    if most is None or order.delivered_at or order.is_pickup:
        return order.delivery_label
    how_long = days_in_words(most if least is None else least, most)
    return f"{order.delivery_label} · {how_long}" if order.delivery_label else how_long
