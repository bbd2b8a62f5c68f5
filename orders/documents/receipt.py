"""The buyer's receipt, with the fields that the law names."""

from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter

from django.utils import translation
from django.utils.translation import gettext as _
from reportlab.platypus import KeepTogether, Table

from config.lib import money
from config.lib.paper import BARE, INK, RULED, WIDTH, gap, pdf, words
from shop.models import Organization, Variant
from shop.models.customers import DocumentType
from shop.postal import phone, place

from .. import pricing
from ..models import Order, OrderLine
from . import electronic
from .wording import brand_line, full_name, moment_of, shipping, tax_number

# Whom the DIAN calls a final consumer: a buyer who gives no document.
FINAL_CONSUMER = "222222222222"


def invoice(order: Order) -> bytes:
    """Give the receipt of an order as PDF, in the language in which it was bought."""
    organization = order.organization
    with translation.override(order.language):
        lines = list(order.lines.all())
        title = _("Receipt of order %(order)s") % {"order": order}
        story = [
            _letterhead(organization, order),
            gap(4),
            brand_line(organization),
            gap(4),
            *electronic.story(order),
            *[part for note in _warnings(order) for part in (gap(1.5), words(note, "strong"))],
            gap(4),
            _parties(order),
            gap(6),
            _priced_lines(lines, order.currency),
            gap(4),
            KeepTogether([_sums(order, lines)]),
        ]
        return pdf(
            story, title=title, author=organization.name, foot=f"{organization.name} · {title}"
        )


def _letterhead(organization: Organization, order: Order) -> Table:
    """Write who sells, as the law asks, and which order this is."""
    town = ", ".join(filter(None, (organization.address_line, organization.city)))
    facts = [
        organization.legal_name,
        organization.tax_id and f"NIT {tax_number(organization.tax_id)}",
        town,
        organization.email,
        phone(organization.phone),
    ]
    seller = [words(organization.name, "name"), *[words(fact) for fact in facts if fact]]
    paper = [
        words(_("Order %(order)s") % {"order": order}, "strong right"),
        words(moment_of(order, order.placed_at), "right"),
    ]
    return Table([[seller, paper]], colWidths=[WIDTH * 0.62, WIDTH * 0.38], style=BARE)


def _warnings(order: Order) -> list[str]:
    """Say what keeps this paper from being the proof of a sale."""
    found = []
    if order.is_test:
        found.append(_("Test order: nothing was charged and nothing will be sent."))
    if order.status == Order.Status.CANCELLED:
        found.append(_("This order was cancelled."))
    return found


def _parties(order: Order) -> Table:
    buyer = [words(_("Buyer"), "quiet"), *[words(line) for line in _buyer(order)]]
    method = order.account.name if order.account_id else _("Nothing to pay")
    paying = [words(_("Payment method"), "quiet"), words(method)]
    paying.append(words(order.get_payment_display()))
    if order.paid_at:
        paying.append(words(moment_of(order, order.paid_at)))
    return Table([[buyer, paying]], colWidths=[WIDTH * 0.62, WIDTH * 0.38], style=BARE)


def _buyer(order: Order) -> list[str]:
    """Give what a receipt may ask of a buyer: name, document, e-mail (Resolución 202 of 2025).

    An address stands there only for invoicing, or when goods travel to a buyer without document.
    """
    billing = order.billing or {}
    kind = billing.get("document_type") or order.document_type
    number = billing.get("document_number") or order.document_number
    found = [billing.get("recipient") or order.name]
    if number:
        written = tax_number(number) if kind == DocumentType.NIT else number
        found.append(f"{dict(DocumentType.choices).get(kind, '')} {written}".strip())
    else:
        found.append(_("Final consumer") + f" {FINAL_CONSUMER}")
    found.append(order.email)
    if billing:
        found += place(billing | {"recipient": ""})
    elif not order.document_number and not order.is_pickup:
        found += place(order.delivery)
    return [line for line in found if line]


def _priced_lines(lines: list[OrderLine], currency: str) -> Table:
    rows = [
        [
            words(_("SKU"), "quiet"),
            words(_("Product"), "quiet"),
            words(_("Quantity"), "quiet right"),
            words(_("Unit price"), "quiet right"),
            words(_("IVA"), "quiet right"),
            words(_("Total"), "quiet right"),
        ]
    ]
    for line in lines:
        product = [words(full_name(line))]
        if line.discount:
            taken = money.label(-line.discount, currency)
            product.append(words(_("Discount %(amount)s") % {"amount": taken}, "quiet"))
        rows.append(
            [
                words(line.sku),
                product,
                words(line.quantity, "right"),
                words(money.label(line.unit_price, currency), "right"),
                words(_rate(line.tax_category), "right"),
                words(money.label(line.total, currency), "right"),
            ]
        )
    shares = (0.18, 0.34, 0.10, 0.14, 0.10, 0.14)
    return Table(rows, colWidths=[WIDTH * share for share in shares], repeatRows=1, style=RULED)


def _sums(order: Order, lines: list[OrderLine]) -> Table:
    """Write the IVA by rate on the left, and what was paid for on the right."""
    return Table(
        [[_taxes(lines, order.currency), "", _totals(order)]],
        colWidths=[WIDTH * 0.52, WIDTH * 0.06, WIDTH * 0.42],
        style=BARE,
    )


def taxes_of(lines: Iterable[OrderLine]) -> list[tuple[str, int, int]]:
    """Give each tax category in the lines with its base and its IVA, rounded line by line."""
    order = list(Variant.TaxCategory).index
    by_category = sorted(lines, key=lambda line: order(line.tax_category))
    found = []
    for category, group in groupby(by_category, key=attrgetter("tax_category")):
        members = list(group)
        tax = sum(line.tax for line in members)
        found.append((category, sum(line.total for line in members) - tax, tax))
    return found


def _taxes(lines: list[OrderLine], currency: str) -> Table:
    rows = [
        [
            words(_("Prices include IVA"), "quiet"),
            words(_("Base"), "quiet right"),
            words(_("IVA"), "quiet right"),
        ]
    ]
    for category, base, tax in taxes_of(lines):
        rows.append(
            [
                words(Variant.TaxCategory(category).label),
                words(money.label(base, currency), "right"),
                words(money.label(tax, currency), "right"),
            ]
        )
    width = WIDTH * 0.52
    return Table(rows, colWidths=[width * 0.4, width * 0.3, width * 0.3], style=RULED)


def _totals(order: Order) -> Table:
    def label(amount: int) -> str:
        return money.label(amount, order.currency)

    discount = _("Discount")
    if order.voucher_code:
        discount = f"{discount} ({order.voucher_code})"
    parts = [
        (_("Subtotal"), label(order.subtotal), True),
        (discount, label(-order.discount), order.discount),
        (_("Delivery cost"), shipping(order), not order.is_pickup or order.shipping),
        (_("Fee for paying on delivery"), label(order.cash_fee), order.cash_fee),
    ]
    rows = [[words(name), words(amount, "right")] for name, amount, is_shown in parts if is_shown]
    rows.append(
        [
            words(_("Total"), "title"),
            words(label(order.total), "title right"),
        ]
    )
    if order.refunded:
        rows.append([words(_("Money returned")), words(label(-order.refunded), "right")])
    width = WIDTH * 0.42
    total_row = -2 if order.refunded else -1
    style = [*RULED[:6], ("LINEABOVE", (0, total_row), (-1, total_row), 0.9, INK)]
    return Table(rows, colWidths=[width * 0.6, width * 0.4], style=style)


def _rate(category: str) -> str:
    if category == Variant.TaxCategory.EXEMPT:
        return _("Exempt")
    if category == Variant.TaxCategory.EXCLUDED:
        return _("Excluded")
    return f"{pricing.IVA[category]} %"
