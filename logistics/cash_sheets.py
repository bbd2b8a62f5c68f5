"""A carrier's cash statement as a spreadsheet: its columns by their names, its rows as amounts.

Names of columns are words of a file format, in Spanish and English, and not texts to translate.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from hashlib import sha256
from typing import BinaryIO

from django.utils.translation import gettext as _

from config.lib.errors import DomainError
from shop.imports import cells, files, reasons
from shop.imports.columns import Named, folded
from shop.imports.files import Cell
from shop.imports.reasons import BadFile, Wrong

LARGEST = 10 * 1024 * 1024
MOST_ROWS = 20_000
# A title, a logo's place, an empty row: so far down the names of columns are looked for.
_HEADING_WITHIN = 20
_MOST_FAULTS_SHOWN = 5
_LONGEST_GUIDE = 60

COLUMNS = (
    Named(
        "tracking_number",
        "Guía",
        "Tracking number",
        (
            "guia",
            "numero de guia",
            "no guia",
            "nro guia",
            "n guia",
            "guia no",
            "codigo de guia",
            "remision",
            "codigo remision",
            "numero de remision",
            "rastreo",
            "numero de rastreo",
            "tracking",
            "guide",
            "waybill",
        ),
    ),
    Named(
        "collected",
        "Recaudo",
        "Collected",
        (
            "valor recaudo",
            "valor recaudado",
            "recaudado",
            "monto recaudado",
            "valor del recaudo",
            "contra entrega",
            "valor contra entrega",
            "cod",
            "cash collected",
            "amount collected",
            "cod amount",
        ),
    ),
    Named(
        "fee",
        "Comisión",
        "Fee",
        (
            "valor comision",
            "comision recaudo",
            "costo recaudo",
            "descuento",
            "descuentos",
            "commission",
            "fees",
            "cod fee",
        ),
    ),
    Named(
        "paid",
        "Pagado",
        "Paid",
        (
            "valor pagado",
            "pago",
            "valor a pagar",
            "neto",
            "valor neto",
            "total pagado",
            "consignado",
            "valor consignado",
            "giro",
            "valor girado",
            "amount paid",
            "net",
            "payout",
        ),
    ),
    Named("paid_on", "Fecha", "Date", ("fecha de pago", "fecha pago", "paid on", "payment date")),
)
_AMOUNTS = ("collected", "fee", "paid")
# How days are written, the most usual first.
_DAYS = ("%d/%m/%Y", "%d-%m-%Y", "%d/%m/%y", "%Y/%m/%d", "%d.%m.%Y")


class BadStatement(DomainError):
    """A file cannot be read as a statement: nothing of it is taken."""

    code = "bad_statement"


@dataclass(frozen=True)
class Entry:
    """What a statement says of one guide, in minor units."""

    row: int
    tracking_number: str
    collected: int
    fee: int
    paid: int
    paid_on: date | None


@dataclass(frozen=True)
class Sheet:
    """A statement as it was read."""

    name: str
    fingerprint: str
    entries: list[Entry]


def read(name: str, file: BinaryIO, *, currency: str) -> Sheet:
    """Read a statement whole, or raise a DomainError that names each row that is wrong."""
    if file.seek(0, 2) > LARGEST:
        raise BadFile("too_large", most=LARGEST // 1024 // 1024)
    file.seek(0)
    fingerprint = sha256(file.read()).hexdigest()
    kind = files.recognise(file, recognised=_recognised)
    found = files.rows(file, kind)
    for _attempt, (_line, row) in zip(range(_HEADING_WITHIN), found, strict=False):
        headings = [" ".join(str(cell or "").split()) for cell in row]
        if _recognised(headings) > 1:
            break
    else:
        raise BadStatement(
            _("We recognise no columns. The first row holds their names: Guía, Recaudo, Pagado.")
        )
    fields = _fields_of(headings)
    entries, faults = [], []
    for line, row in found:
        if len(entries) == MOST_ROWS:
            raise BadFile("too_many_rows", most=MOST_ROWS)
        try:
            entry = _entry(line, dict(zip(fields, row, strict=False)), currency)
        except Wrong as wrong:
            words = reasons.say(wrong.reason, wrong.parameters)
            faults.append(_("Line %(line)d: %(why)s") % {"line": line, "why": words})
        except BadStatement as error:
            faults.append(_("Line %(line)d: %(why)s") % {"line": line, "why": error})
        else:
            entries += [entry] if entry else []
    if faults:
        raise BadStatement(_said(faults))
    if not entries:
        raise BadFile("nothing_to_read")
    return Sheet(name[-120:], fingerprint, entries)


def _said(faults: list[str]) -> str:
    shown = " ".join(faults[:_MOST_FAULTS_SHOWN])
    if len(faults) <= _MOST_FAULTS_SHOWN:
        return shown
    more = _("And %(count)d more lines cannot be read.")
    return f"{shown} {more % {'count': len(faults) - _MOST_FAULTS_SHOWN}}"


def _entry(line: int, named: dict[str, Cell], currency: str) -> Entry | None:
    guide = _guide(named.get("tracking_number"))
    # Sums at the end have no guide, or the word "total" in its place.
    if not guide or folded(guide).startswith("total"):
        return None
    collected, fee, paid = (_amount(named.get(name), currency) for name in _AMOUNTS)
    if collected is None and paid is None:
        raise BadStatement(_("The amount is missing."))
    if paid is None:
        paid = collected - (fee or 0)
    if collected is None:
        collected = paid + (fee or 0)
    return Entry(
        row=line,
        tracking_number=guide,
        collected=collected,
        fee=max(0, collected - paid) if fee is None else fee,
        paid=paid,
        paid_on=_day(named.get("paid_on")),
    )


def _guide(cell: Cell) -> str:
    """Give a guide as it is printed: a spreadsheet takes it for a number, and may have cut it."""
    if isinstance(cell, float):
        if not cell.is_integer() or cell >= 10**15:
            raise BadStatement(_("The guide was cut by the spreadsheet: make its column text."))
        cell = int(cell)
    written = "".join(cells.text(cell).split()).upper()
    if re.fullmatch(r"[\d.,]+E\+?\d+", written):
        raise BadStatement(_("The guide was cut by the spreadsheet: make its column text."))
    if len(written) > _LONGEST_GUIDE:
        raise Wrong("too_long", most=_LONGEST_GUIDE)
    return written


def _amount(cell: Cell, currency: str) -> int | None:
    found = cells.price(cell, currency, by_machine=False)
    if found is None:
        return None
    amount, named = found
    if named and named != currency:
        raise Wrong("unknown_currency", text=named)
    return int(amount * 100)


def _day(cell: Cell) -> date | None:
    written = cells.text(cell).strip()
    if not written:
        return None
    try:
        return datetime.fromisoformat(written).date()
    except ValueError:
        pass
    for form in _DAYS:
        try:
            return datetime.strptime(written.partition(" ")[0], form).date()
        except ValueError:
            continue
    raise BadStatement(
        _("«%(text)s» is not a day. Write it like 31/12/2026.") % {"text": written[:30]}
    )


# --- Columns --------------------------------------------------------------------------------------


@cache
def _known() -> dict[str, str]:
    return {
        folded(name): column.field
        for column in COLUMNS
        for name in (column.spanish, column.english, *column.others)
    }


def _recognised(headings: Sequence[str]) -> int:
    return sum(1 for heading in headings if folded(str(heading)) in _known())


def _fields_of(headings: Sequence[str]) -> list[str]:
    """Give the field of each column, "" for one that is not read; raises what is missing."""
    fields = [_known().get(folded(heading), "") for heading in headings]
    first: dict[str, str] = {}
    for heading, name in zip(headings, fields, strict=True):
        if name and name in first:
            raise BadFile("equal_columns", first=first[name], second=heading)
        first[name] = heading
    if "tracking_number" not in fields or not {"collected", "paid"} & {*fields}:
        raise BadStatement(
            _("A statement needs the guide and an amount: columns such as Guía and Recaudo.")
        )
    return fields
