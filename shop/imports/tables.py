"""How the cells of an import are to be read, row by row: its columns, its units, its currencies."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from config.lib import money

from ..models import ProductImport
from ..models.catalogue import LONGEST_SKU
from . import cells
from .files import Cell
from .reasons import Wrong

Format = ProductImport.Format
# A price as a row names it: currency ("" when it does not say it), amount, amount before, line.
Offer = tuple[str, Decimal, Decimal | None, int]


@dataclass(frozen=True)
class Fault:
    """What is wrong with one cell, or with a whole row."""

    line: int
    column: str
    reason: str
    parameters: dict = field(default_factory=dict)


@dataclass
class Row:
    line: int
    values: dict
    faults: list[Fault]


class Table:
    """How the cells of one import are to be read."""

    def __init__(self, one: ProductImport):
        self.headings: list[str] = one.headings
        self.fields: list[str] = one.fields
        self.format = Format(one.format)
        self.by_machine = self.format != Format.OWN
        self.shop_currency: str = one.organization.currency
        self.currency: str = one.currency
        self.rates = {code: Decimal(rate) for code, rate in one.rates.items()}
        self._place = {
            name.partition(":")[0]: place for place, name in enumerate(self.fields) if name
        }
        self._units = {
            name: unit
            for name, _colon, unit in (known.partition(":") for known in self.fields)
            if name in ("weight", "length", "width", "height")
        }

    def heading(self, name: str) -> str:
        """Give how the file calls the column of a field."""
        place = self._place.get(name)
        return "" if place is None else self.headings[place]

    def has(self, name: str) -> bool:
        return name in self._place

    def raw(self, row: Sequence[Cell], name: str) -> Cell:
        place = self._place.get(name)
        return None if place is None or place >= len(row) else row[place]

    def read(self, line: int, row: Sequence[Cell]) -> Row:
        """Give what the cells of a row say; what cannot be read becomes a fault."""
        found = Row(line, {}, [])
        for place, cell in enumerate(row[: len(self.fields)]):
            name = self.fields[place].partition(":")[0]
            if not name or cell is None or cell == "":
                continue
            try:
                value = self._read_cell(name, cell, row)
            except Wrong as wrong:
                fault = Fault(line, self.headings[place], wrong.reason, wrong.parameters)
                found.faults.append(fault)
                continue
            if name == "pictures":
                found.values.setdefault(name, []).extend(value)
            elif value is not None:
                found.values[name] = value
        if any(cell not in (None, "") for cell in row[len(self.fields) :]):
            found.faults.append(Fault(line, "", "too_many_cells"))
        return found

    def _read_cell(self, name: str, cell: Cell, row: Sequence[Cell]):
        if name in ("price", "compare_at_price", "sale_price"):
            named = cells.text(self.raw(row, "currency")).upper()
            is_sure = named in money.CURRENCIES
            currency = named if is_sure else self.currency or self.shop_currency
            return cells.price(cell, currency, by_machine=self.by_machine, is_sure=is_sure)
        if name in self._units:
            is_weight = name == "weight"
            unit = self._units[name] or cells.text(
                self.raw(row, "weight_unit" if is_weight else "length_unit")
            )
            return cells.measure(cell, unit, is_weight=is_weight, by_machine=self.by_machine)
        if name in ("stock", "low_at"):
            return cells.pieces(cell, by_machine=self.by_machine)
        if self.format == Format.WOOCOMMERCE and name in ("summary", "description"):
            # Line breaks are written out there.
            cell = cells.text(cell).replace("\\n", "\n")
        return _READERS[name](cell)

    # --- Prices -----------------------------------------------------------------------------------

    def offer(self, row: Row) -> Offer | None:
        """Give the price of a row with its currency, "" when it does not say it."""
        values = row.values
        found = values.get("price")
        before = values.get("compare_at_price")
        sale = values.get("sale_price")
        if sale is not None and sale[0] > 0 and found is not None:
            found, before = sale, found
        if found is None:
            return None
        currency = found[1] or values.get("currency", "")
        return currency, found[0], before[0] if before else None, row.line

    def price(self, offers: Sequence[Offer]) -> tuple[int, int | None, str] | None:
        """Give price and price before in minor units of the shop, and the currency chosen."""
        if not offers:
            return None
        by_currency = {}
        for offer in offers:
            by_currency.setdefault(offer[0] or self.currency, offer)
        known = [self.shop_currency, *(code for code in by_currency if code in self.rates)]
        for code in known:
            if code in by_currency:
                _named, amount, before, _line = by_currency[code]
                return self._here(amount, code), before and self._here(before, code), code
        currency, _amount, _before, line = offers[0]
        if not (currency or self.currency):
            raise Wrong("no_currency", shop=self.shop_currency, line=line)
        raise Wrong(
            "other_currency",
            currency=currency or self.currency,
            shop=self.shop_currency,
            line=line,
        )

    def _here(self, amount: Decimal, currency: str) -> int:
        if currency == self.shop_currency:
            return int((amount * 100).quantize(Decimal(1), ROUND_HALF_UP))
        unit = money.smallest(self.shop_currency)
        exact = amount * 100 * self.rates[currency] / unit
        return int(exact.quantize(Decimal(1), ROUND_HALF_UP)) * unit


def _currency(cell: Cell) -> str | None:
    found = cells.text(cell).upper()
    if found and found not in money.CURRENCIES:
        raise Wrong("unknown_currency", text=found[:20])
    return found or None


def _categories(cell: Cell) -> list[str] | None:
    """WooCommerce lists several categories: the first is ours."""
    first = cells.text(cell).replace("\\,", "\x1f").split(",")[0].replace("\x1f", ",")
    return cells.path(first)


def _text(cell: Cell) -> str | None:
    return cells.text(cell) or None


def _line(most: int) -> Callable[[Cell], str | None]:
    return lambda cell: cells.line(cell, most)


def _paragraphs(most: int) -> Callable[[Cell], str | None]:
    return lambda cell: cells.paragraphs(cell, most)


_READERS: dict[str, Callable] = {
    "slug": cells.slug,
    "name": _line(140),
    "category": cells.path,
    "categories": _categories,
    "other_category": cells.path,
    "summary": _paragraphs(20_000),
    "description": _paragraphs(20_000),
    "ingredients": _paragraphs(5_000),
    "how_to_use": _paragraphs(5_000),
    "tips": _paragraphs(5_000),
    "certifications": _paragraphs(1_000),
    "benefits": lambda cell: cells.names(cell, 60),
    "no_withdrawal_reason": _line(160),
    "is_active": cells.flag,
    "is_featured": cells.flag,
    "status": cells.flag,
    "pictures": cells.addresses,
    "picture_description": _line(160),
    "variant_picture": cells.addresses,
    "option1_name": _line(40),
    "option2_name": _line(40),
    "option1": _line(40),
    "option2": _line(40),
    "option3": _line(40),
    "variant_name": _line(80),
    "sku": _line(LONGEST_SKU),
    "shelf": _line(40),
    "currency": _currency,
    "tax_category": cells.tax,
    "variant_active": cells.flag,
    "kind": _text,
    "parent": _text,
    "id": _text,
    "weight_unit": _text,
    "length_unit": _text,
}
