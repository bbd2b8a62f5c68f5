"""The list by which an order is packed. It holds no money: the warehouse sees none."""

from collections.abc import Sequence

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepTogether, PageBreak, Table

from config.lib.paper import BARE, RULED, WIDTH, TickBox, gap, pdf, words
from shop.postal import phone, place

from ..models import Order, OrderLine
from .wording import brand_line, full_name, moment_of


def packing_slip(order: Order) -> bytes:
    """Give the list by which an order is packed, as PDF in the shop's language."""
    return packing_slips([order])


def packing_slips(orders: Sequence[Order]) -> bytes:
    """Give the lists of several orders of one shop as one PDF, each beginning on its own page."""
    organization = orders[0].organization
    with translation.override(organization.language):
        story = []
        for order in orders:
            story += [*_slip(order), PageBreak()]
        title = (
            _("Packing slip of order %(order)s") % {"order": orders[0]}
            if len(orders) == 1
            else _("Packing slips")
        )
        return pdf(
            story[:-1], title=title, author=organization.name, foot=f"{organization.name} · {title}"
        )


def _slip(order: Order) -> list[Flowable]:
    lines = list(order.lines.all())
    pieces = sum(quantity for line in lines for quantity, _sku, _name in _picked(line))
    return [
        _slip_head(order),
        gap(3),
        brand_line(order.organization),
        gap(5),
        *_destination(order),
        gap(6),
        _packed_lines(lines),
        gap(4),
        KeepTogether(
            [
                words(
                    ngettext("%(count)d piece in all", "%(count)d pieces in all", pieces)
                    % {"count": pieces},
                    "title",
                ),
                gap(8),
                words(_("Packed by") + f": {'_' * 30}"),
            ]
        ),
    ]


def _slip_head(order: Order) -> Table:
    left = [words(order.label, "number"), words(moment_of(order, order.placed_at))]
    # Read by a scanner into the search box of the back-office: the number alone.
    # Its quiet zone is the paper around it.
    barcode = Code128(str(order.number), barHeight=18 * mm, barWidth=0.5 * mm, quiet=False)
    right = [barcode, gap(1.5), words(order.organization.name, "right")]
    style = [*BARE, ("ALIGN", (1, 0), (1, 0), "RIGHT")]
    return Table([[left, right]], colWidths=[WIDTH * 0.6, WIDTH * 0.4], style=style)


def _destination(order: Order) -> list[Flowable]:
    if order.is_pickup:
        story = [
            words(_("Picked up in the shop by"), "quiet"),
            words(order.delivery.get("recipient") or order.name, "addressee"),
            words(phone(order.delivery.get("phone") or order.phone), "address"),
        ]
    else:
        recipient, *rest = [*place(order.delivery), ""]
        story = [
            words(_("Send to"), "quiet"),
            words(recipient, "addressee"),
            *[words(line, "address") for line in rest if line],
        ]
    if order.delivery_label:
        story += [gap(2), words(_("Way of delivery") + f": {order.delivery_label}", "strong")]
    for name, note in (
        (_("For the courier"), order.delivery.get("notes")),
        (_("From the buyer"), order.notes),
    ):
        if note:
            story += [gap(2), words(name, "quiet"), words(note)]
    return story


def _packed_lines(lines: list[OrderLine]) -> Table:
    rows = [
        [
            "",
            words(_("Quantity"), "quiet right"),
            words(_("SKU"), "quiet"),
            words(_("Product"), "quiet"),
        ]
    ]
    for line in lines:
        if line.parts:
            # The kit itself is no thing on a shelf: what lies in it is picked below.
            name = words(_("Kit: %(name)s") % {"name": full_name(line)}, "strong")
            rows.append(["", words(line.quantity, "count"), words(line.sku), name])
        for quantity, sku, name in _picked(line):
            rows.append([TickBox(), words(quantity, "count"), words(sku), words(name)])
    shares = (0.06, 0.12, 0.24, 0.58)
    style = [*RULED, ("VALIGN", (0, 1), (-1, -1), "MIDDLE"), ("RIGHTPADDING", (1, 0), (1, -1), 14)]
    return Table(rows, colWidths=[WIDTH * share for share in shares], repeatRows=1, style=style)


def _picked(line: OrderLine) -> list[tuple[int, str, str]]:
    """Give what is taken from the shelves for a line: how many, and what it is called."""
    if not line.parts:
        return [(line.quantity, line.sku, full_name(line))]
    return [
        (
            line.quantity * part["quantity"],
            part["sku"],
            " · ".join(filter(None, (part["name"], part["label"]))),
        )
        for part in line.parts
    ]
