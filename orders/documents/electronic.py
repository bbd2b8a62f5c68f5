"""What a receipt says of the electronic documents that the DIAN validated for its order."""

from django.utils.translation import gettext as _
from reportlab.graphics.barcode.qr import QrCode
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Table

from config.lib.paper import BARE, WIDTH, gap, words

from .. import invoices
from ..models import Invoice, Order
from .wording import moment_of

_SQUARE = 34 * mm


def story(order: Order) -> list[Flowable]:
    """Name the document that supports the sale, or say that this paper is no electronic invoice."""
    found = invoices.validated(order)
    sale = invoices.standing(found)
    if sale is None:
        title = words(_("Sales support document: it is not an electronic invoice"), "title")
        return [title, *_others(order, found, besides=None)]
    facts = [
        words(_named(sale), "title"),
        words(_("It supports this sale; the receipt only goes with it.")),
        gap(1.5),
        *_facts(order, sale),
        gap(1.5),
        words(_("Anybody can look it up at the DIAN, by the square or at this address:"), "quiet"),
        words(sale.check_url, "quiet"),
    ]
    # Level M: still read when a part of the paper is dirty.
    square = QrCode(value=sale.check_url, qrLevel="M", qrBorder=0, width=_SQUARE, height=_SQUARE)
    wide = WIDTH - _SQUARE - 8 * mm
    style = [*BARE, ("ALIGN", (1, 0), (1, 0), "RIGHT"), ("TOPPADDING", (1, 0), (1, 0), 4)]
    # The notes stand below, where they may take as many pages as they need.
    return [
        Table([[facts, square]], colWidths=[wide, WIDTH - wide], style=style),
        *_others(order, found, besides=sale),
    ]


def _others(order: Order, found: list[Invoice], *, besides: Invoice | None) -> list[Flowable]:
    """Name the notes on the sale, and what was annulled."""
    # What a note corrects was validated before it, and so is among them.
    labels, told = {one.pk: one.label for one in found}, []
    for one in found:
        if one == besides:
            continue
        if one.status == Invoice.Status.ANNULLED:
            line = _("%(document)s was annulled by a credit note.") % {"document": _named(one)}
        else:
            line = _("%(document)s corrects %(corrected)s.") % {
                "document": _named(one),
                "corrected": labels[one.corrects_id],
            }
        told += [gap(2), words(line, "strong"), *_facts(order, one)]
    return told


def _facts(order: Order, document: Invoice) -> list[Flowable]:
    dates = _("Issued on %(issued)s, accepted by the DIAN on %(accepted)s.") % {
        "issued": moment_of(order, document.issued_at),
        "accepted": moment_of(order, document.answered_at),
    }
    return [words(dates), words(f"{document.code_name}: {document.code}", "quiet")]


def _named(document: Invoice) -> str:
    return f"{document.get_kind_display()} {document.label}"
