"""A rate table as a spreadsheet: its columns, and its rows as people write them.

Names of columns are words of a file format, in Spanish and English, and not texts to translate.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from typing import BinaryIO

from django.core import signing
from django.utils.translation import gettext as _

from config.lib import money
from config.lib.errors import DomainError
from shop.imports import cells, files, reasons
from shop.imports.columns import Named, folded
from shop.imports.files import Cell
from shop.imports.reasons import BadFile, Wrong

from . import places
from .models import Rate, RateTable
from .models.rates import LONGEST_JOURNEY
from .places import UnknownPlace

LARGEST = 5 * 1024 * 1024
MOST_ROWS = 10_000
_HEAVIEST = 2_000_000_000
# A title, a date, an empty row: so far down the names of columns are looked for.
_HEADING_WITHIN = 10
# How long a file that was looked at may wait for the word of its giver.
_LOOKED_AT = 24 * 3600
_SALT = "logistics.rate_sheets"

COLUMNS = (
    Named("code", "Código DANE", "DANE code", ("codigo", "code", "divipola", "codigo divipola")),
    Named("department", "Departamento", "Department", ("depto", "dpto", "region")),
    Named("municipality", "Municipio", "Municipality", ("ciudad", "city", "destino", "lugar")),
    Named("is_covered", "Hay envío", "Delivers", ("cobertura", "covered", "entrega")),
    Named("lowest_order_value", "Pedidos desde", "Orders from", ("valor desde",)),
    Named("heaviest_grams", "Hasta (g)", "Up to (g)", ("peso hasta g", "hasta g", "gramos")),
    Named("price", "Precio", "Price", ("tarifa", "valor", "costo", "flete", "rate", "cost")),
    Named("free_from", "Gratis desde", "Free from"),
    Named("days_min", "Días desde", "Days from", ("dias minimo",)),
    Named("days_max", "Días hasta", "Days to", ("dias maximo",)),
    Named(
        "allows_cash_on_delivery", "Pago contra entrega", "Cash on delivery", ("contra entrega",)
    ),
    Named("cash_on_delivery_fee", "Recargo contra entrega", "Cash fee"),
)
PLACE = ("code", "department", "municipality")
# What tells one rate of a table from another; an empty cell of these is a word of its own.
STEPS = ("lowest_order_value", "heaviest_grams")
MONEY = ("lowest_order_value", "price", "free_from", "cash_on_delivery_fee")
VALUES = tuple(one.field for one in COLUMNS if one.field not in (*PLACE, *STEPS))
_EMPTY = {
    name: Rate._meta.get_field(name).get_default() for name in (*STEPS, *VALUES) if name != "price"
}


@dataclass(frozen=True)
class Fault:
    """What is wrong with one cell, or with a whole row."""

    line: int
    column: str
    words: str


@dataclass
class Draft:
    """A row as it was read: a rate of a place, with the values that the file names."""

    line: int
    place: tuple = (None, None)
    values: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Sheet:
    """What a file holds, still as it was written; it travels through the page that shows it."""

    name: str
    headings: list[str]
    rows: list[tuple[int, list[Cell]]]

    def packed(self, table: RateTable) -> str:
        """Give it as text that nobody else can have written, good for this table for a day."""
        content = [str(table.pk), self.name, self.headings, self.rows]
        return signing.dumps(content, salt=_SALT, compress=True)

    @classmethod
    def unpacked(cls, text: str, table: RateTable) -> "Sheet":
        """Give back what was packed for this table, or raise BadFile."""
        try:
            key, *content = signing.loads(text, salt=_SALT, max_age=_LOOKED_AT)
        except signing.BadSignature:
            raise BadFile("gone_file") from None
        if key != str(table.pk):
            raise BadFile("gone_file")
        return cls(*content)


class NoRates(DomainError):
    """A file does not have the columns of a rate table."""

    code = "no_rates"


# --- Reading --------------------------------------------------------------------------------------


def opened(name: str, file: BinaryIO) -> Sheet:
    """Give what a file holds; raises a DomainError that says what to change."""
    if file.seek(0, 2) > LARGEST:
        raise BadFile("too_large", most=LARGEST // 1024 // 1024)
    kind = files.recognise(file, recognised=_recognised)
    found = files.rows(file, kind)
    for _attempt, (_line, row) in zip(range(_HEADING_WITHIN), found, strict=False):
        headings = [" ".join(str(cell or "").split()) for cell in row]
        if _recognised(headings) > 1:
            break
    else:
        raise NoRates(
            _("We recognise no columns. The first row holds their names, as in our template.")
        )
    _fields_of(headings)
    rows = []
    for line, row in found:
        if len(rows) == MOST_ROWS:
            raise BadFile("too_many_rows", most=MOST_ROWS)
        rows.append((line, row))
    if not rows:
        raise BadFile("nothing_to_read")
    return Sheet(name[-120:], headings, rows)


def read(sheet: Sheet, currency: str) -> tuple[list[Draft], list[Fault]]:
    """Give the rows of a file as rates, and what cannot be read of them."""
    fields = _fields_of(sheet.headings)
    place_of = cache(places.written)
    readers = _readers(currency)
    drafts, faults = [], []
    for line, row in sheet.rows:
        draft, before = Draft(line), len(faults)
        named = dict.fromkeys(PLACE, "")
        for place, cell in enumerate(row[: len(fields)]):
            name = fields[place]
            if not name:
                continue
            try:
                if name in PLACE:
                    named[name] = " ".join(cells.text(cell).split())
                else:
                    target = "heaviest_grams" if name == "kilograms" else name
                    draft.values[target] = readers[name](cell)
            except Wrong as wrong:
                words = reasons.say(wrong.reason, wrong.parameters)
                faults.append(Fault(line, sheet.headings[place], words))
            except NoRates as error:
                faults.append(Fault(line, sheet.headings[place], str(error)))
        if any(cell not in (None, "") for cell in row[len(fields) :]):
            faults.append(Fault(line, "", reasons.say("too_many_cells", {})))
        try:
            draft.place = place_of(**named)
        except UnknownPlace as error:
            faults.append(Fault(line, _heading(sheet, fields, *PLACE), str(error)))
        # Cells behind the last one that holds something are not in the row.
        for name in fields[len(row) :]:
            if name and name not in PLACE:
                draft.values["heaviest_grams" if name == "kilograms" else name] = None
        if len(faults) == before:
            faults += _senseless(sheet, fields, draft)
        if len(faults) == before:
            drafts.append(draft)
    return drafts, [*faults, *_repeated(drafts)]


def _senseless(sheet: Sheet, fields: list[str], draft: Draft) -> Iterator[Fault]:
    """Say what contradicts itself in a row; what it leaves empty gets its usual value."""
    values = draft.values
    is_covered = values.get("is_covered") is not False
    if values.get("price") is None:
        if is_covered:
            words = _("Write the price; 0 when it costs nothing.")
            yield Fault(draft.line, _heading(sheet, fields, "price"), words)
        values["price"] = 0
    for name, usual in _EMPTY.items():
        # What the file has no column for stays as it is in the table.
        if (name in STEPS or name in values) and values.get(name) is None:
            values[name] = usual
    if not is_covered and (values["heaviest_grams"] is not None or values["lowest_order_value"]):
        words = _("Where nothing is delivered, leave weight and order value empty.")
        yield Fault(draft.line, _heading(sheet, fields, "is_covered"), words)


def _repeated(drafts: list[Draft]) -> Iterator[Fault]:
    first: dict[tuple, int] = {}
    for draft in drafts:
        other = first.setdefault(case_of(draft), draft.line)
        if other != draft.line:
            words = _("Line %(other)s says the price of the same case.") % {"other": other}
            yield Fault(draft.line, "", words)


def case_of(draft: Draft) -> tuple:
    """Give what no two rates of a table share."""
    department, municipality = draft.place
    return (
        department and department.pk,
        municipality and municipality.pk,
        *(draft.values[name] for name in STEPS),
    )


# --- Columns and cells ----------------------------------------------------------------------------


@cache
def _known() -> dict[str, str]:
    names = {"hasta kg": "kilograms", "up to kg": "kilograms", "peso hasta kg": "kilograms"}
    for column in COLUMNS:
        for name in (column.spanish, column.english, *column.others):
            names[folded(name)] = column.field
    return names


def _recognised(headings: Sequence[str]) -> int:
    return sum(1 for heading in headings if folded(str(heading)) in _known())


def _fields_of(headings: Sequence[str]) -> list[str]:
    """Give the field of each column, "" for one that is not read, or raise a DomainError."""
    fields = [_known().get(folded(heading), "") for heading in headings]
    first: dict[str, str] = {}
    for heading, name in zip(headings, fields, strict=True):
        name = "heaviest_grams" if name == "kilograms" else name
        if name and name in first:
            raise BadFile("equal_columns", first=first[name], second=heading)
        first[name] = heading
    if "price" not in fields or not {*PLACE} & {*fields}:
        raise NoRates(
            _("A rate needs a place and a price: a column with the municipality, and one more.")
        )
    return fields


def _heading(sheet: Sheet, fields: list[str], *names: str) -> str:
    """Give how the file calls the first of these fields that it has."""
    return next((sheet.headings[fields.index(name)] for name in names if name in fields), "")


def _readers(currency: str) -> dict[str, Callable[[Cell], object]]:
    price = partial(_price, currency=currency)
    days = partial(_whole, most=LONGEST_JOURNEY)
    return {
        "is_covered": cells.flag,
        "lowest_order_value": price,
        "heaviest_grams": partial(_whole, most=_HEAVIEST),
        "kilograms": partial(_whole, most=_HEAVIEST, times=1000),
        "price": price,
        "free_from": price,
        "days_min": days,
        "days_max": days,
        "allows_cash_on_delivery": cells.flag,
        "cash_on_delivery_fee": price,
    }


def _price(cell: Cell, *, currency: str) -> int | None:
    found = cells.price(cell, currency, by_machine=False)
    if found is None:
        return None
    amount, named = found
    if named and named != currency:
        raise Wrong("unknown_currency", text=named)
    # A spreadsheet took "12.500" for twelve and a half.
    if isinstance(cell, float) and money.smallest(currency) == 100:
        raise Wrong("not_a_price", text=cell, example=money.typed(2_490_000, currency))
    return int(amount * 100)


def _whole(cell: Cell, *, most: int, times: int = 1) -> int | None:
    # Nobody writes thousands of kilos; of grams, 5.000 are five thousand.
    found = cells.number(cell, by_machine=times > 1)
    if found is None:
        return None
    found *= times
    text = cells.text(cell)[:60]
    if found < 0:
        raise Wrong("negative", text=text)
    if found != int(found):
        raise NoRates(_("Write a whole number instead of «%(text)s».") % {"text": text})
    if found > most:
        raise Wrong("too_much", text=text, most=most // times)
    return int(found)
