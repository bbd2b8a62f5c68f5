"""The list that shop and carrier sign when parcels change hands."""

from collections.abc import Sequence
from datetime import date

from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from reportlab.platypus import Flowable, KeepTogether, PageBreak, Table

from config.lib import money
from config.lib.paper import BARE, RULED, WIDTH, TickBox, gap, pdf, words
from shop import postal
from shop.models import Organization

from .. import addresses
from ..models import Shipment


def handover_list(
    organization: Organization, shipments: Sequence[Shipment], *, on: date, language: str = "es"
) -> bytes:
    """Give the list of these shipments as PDF: each carrier begins on its own page.

    Ask for `parcels` beforehand.
    """
    with translation.override(language):
        story: list[Flowable] = []
        for carrier in sorted({shipment.carrier_name for shipment in shipments}):
            found = [one for one in shipments if one.carrier_name == carrier]
            story += [*_carrier(organization, carrier, found, on), PageBreak()]
        title = _("Hand-over list")
        foot = f"{organization.name} · {title} · {date_format(on, 'DATE_FORMAT')}"
        return pdf(story[:-1], title=title, author=organization.name, foot=foot)


def _carrier(organization, carrier: str, shipments: list[Shipment], on: date) -> list[Flowable]:
    # By the number that the carrier's person reads out.
    shipments = sorted(shipments, key=lambda one: (one.tracking_number, one.code))
    boxes = sum(_boxes(shipment) for shipment in shipments)
    count = ngettext("%(count)d shipment", "%(count)d shipments", len(shipments)) % {
        "count": len(shipments)
    }
    pieces = ngettext("%(count)d parcel", "%(count)d parcels", boxes) % {"count": boxes}
    return [
        words(carrier, "name"),
        words(_("Hand-over list"), "title"),
        words(f"{organization.name} · {date_format(on, 'DATE_FORMAT')}"),
        gap(4),
        _rows(shipments),
        gap(4),
        KeepTogether(
            [
                words(f"{count} · {pieces}", "title"),
                *[words(line, "title") for line in _cash(shipments)],
                gap(14),
                _signatures(organization, carrier),
            ]
        ),
    ]


def _rows(shipments: list[Shipment]) -> Table:
    rows: list[list] = [
        [
            "",
            words(_("Tracking number"), "quiet"),
            words(_("Order number"), "quiet"),
            words(_("Goes to"), "quiet"),
            words(_("Parcels"), "quiet right"),
            words(_("To collect"), "quiet right"),
        ]
    ]
    for shipment in shipments:
        cash = shipment.cash_to_collect
        where = " · ".join(
            filter(None, (addresses.recipient(shipment).name, postal.town(shipment.recipient)))
        )
        rows.append(
            [
                TickBox(),
                words(shipment.tracking_number or shipment.code, "strong"),
                words(shipment.reference),
                words(where),
                words(_boxes(shipment), "right"),
                words(money.label(cash, shipment.currency) if cash else "—", "right"),
            ]
        )
    shares = (0.05, 0.22, 0.13, 0.34, 0.1, 0.16)
    style = [*RULED, ("VALIGN", (0, 1), (-1, -1), "MIDDLE")]
    return Table(rows, colWidths=[WIDTH * share for share in shares], repeatRows=1, style=style)


def _boxes(shipment: Shipment) -> int:
    return len(shipment.parcels.all()) or 1


def _cash(shipments: list[Shipment]) -> list[str]:
    """Say how much is collected in all, in each currency."""
    sums: dict[str, int] = {}
    for shipment in shipments:
        if shipment.cash_to_collect:
            before = sums.get(shipment.currency, 0)
            sums[shipment.currency] = before + shipment.cash_to_collect
    return [
        _("To collect at the door in all: %(amount)s") % {"amount": money.label(amount, currency)}
        for currency, amount in sums.items()
    ]


def _signatures(organization, carrier: str) -> Table:
    line = "_" * 34
    sides = [
        [
            words(title, "strong"),
            words(who),
            gap(12),
            words(line),
            words(_("Signature"), "quiet"),
            gap(6),
            words(line),
            words(_("Name and document"), "quiet"),
            gap(6),
            words(line),
            words(last, "quiet"),
        ]
        for title, who, last in (
            (_("Handed over by"), organization.name, _("Date and time")),
            (_("Received by"), carrier, _("Number plate")),
        )
    ]
    return Table([sides], colWidths=[WIDTH / 2, WIDTH / 2], style=BARE)
