"""The rows of one product, of whatever format, as one draft of what the product shall be."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from ..models import ProductImport
from . import cells, reading
from .columns import PRODUCT_FIELDS
from .files import Cell
from .reasons import Wrong
from .tables import Fault, Offer, Row, Table

Format = ProductImport.Format
_LONGEST_SUMMARY = 200
_LONGEST_TEXT = 20_000


@dataclass
class VariantDraft:
    """What a file says about one variant; a field that it does not name stays as it is."""

    line: int
    values: dict
    # The price as it is named in each currency.
    offers: list[Offer] = field(default_factory=list)
    picture: str = ""

    @property
    def sku(self) -> str:
        return self.values.get("sku") or ""

    @property
    def choice(self) -> tuple[str, str]:
        return self.values.get("option1") or "", self.values.get("option2") or ""


@dataclass
class Draft:
    """What a file says about one product."""

    number: int
    line: int
    values: dict = field(default_factory=dict)
    variants: list[VariantDraft] = field(default_factory=list)
    # Addresses, each with its description and line.
    pictures: dict[str, tuple[str, int]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


_OF_PRODUCT = ("slug", *PRODUCT_FIELDS, "category", "benefits")
_OF_VARIANT = {
    "sku": "sku",
    "variant_name": "name",
    "option1": "option1",
    "option2": "option2",
    "tax_category": "tax_category",
    "weight": "weight_grams",
    "length": "length_cm",
    "width": "width_cm",
    "height": "height_cm",
    "shelf": "shelf",
    "variant_active": "is_active",
    "stock": "stock",
    "low_at": "low_at",
}
# A row with one of these stands for a variant.
_SAYS_VARIANT = {*_OF_VARIANT, "price"}


def part(one: ProductImport, table: Table, *, start: int, count: int) -> list[Draft]:
    """Give so many products of the file from a place on."""
    found = []
    for number, rows in reading.products(one, start, count):
        draft = _build(table, number, [(row.line, row.cells) for row in rows])
        for row in rows:
            if row.fault:
                column, reason, parameters = row.fault
                draft.faults.append(Fault(row.line, column, reason, parameters))
        found.append(draft)
    return found


def _build(table: Table, number: int, rows: Iterable[tuple[int, list[Cell]]]) -> Draft:
    """Make one product of its rows, with every fault that is in them."""
    read = [table.read(line, row) for line, row in rows]
    draft = Draft(number, read[0].line)
    for row in read:
        draft.faults += row.faults
    _BUILDERS[table.format](table, draft, read)
    _settle_prices(table, draft)
    _check_choices(draft)
    return draft


def _own(table: Table, draft: Draft, rows: list[Row]) -> None:
    said: dict[str, int] = {}
    for row in rows:
        for name in _OF_PRODUCT:
            value = row.values.get(name)
            if value is None:
                continue
            if draft.values.setdefault(name, value) != value:
                draft.faults.append(
                    Fault(row.line, table.heading(name), "differs", {"other": said[name]})
                )
            said.setdefault(name, row.line)
        _add_pictures(draft, row)
        if _SAYS_VARIANT & row.values.keys():
            _add_variant(table, draft, row)
    _fit_summary(table, draft)


def _shopify(table: Table, draft: Draft, rows: list[Row]) -> None:
    for row in rows:
        values = row.values
        # A product without choices says so in these words.
        if values.get("option1") == "Default Title":
            values.pop("option1")
            values.pop("option1_name", None)
        if "category" not in values and "other_category" in values:
            values["category"] = values["other_category"]
        if values.get("status") is False:
            values["is_active"] = False
        _take_first(draft, row)
        _add_pictures(draft, row)
        if {"sku", "price", "option1"} & values.keys():
            _add_variant(table, draft, row)
    if len(draft.variants) == 1 and not draft.variants[0].choice[0]:
        draft.values.pop("option1_name", None)
    _fit_summary(table, draft)


def _woocommerce(table: Table, draft: Draft, rows: list[Row]) -> None:
    parents = [row for row in rows if "variation" not in row.values.get("kind", "").lower()]
    if not parents:
        first = rows[0]
        parameters = {"parent": first.values.get("parent", "")}
        draft.faults.append(
            Fault(first.line, table.heading("parent"), "unknown_parent", parameters)
        )
    for row in sorted(rows, key=lambda row: row not in parents):
        values = row.values
        kinds = {part.strip() for part in values.get("kind", "simple").lower().split(",")}
        if kinds & {"grouped"} or not kinds & {"simple", "external", "variable", "variation"}:
            parameters = {"kind": values["kind"][:40]}
            draft.faults.append(Fault(row.line, table.heading("kind"), "unknown_kind", parameters))
        if "categories" in values:
            values["category"] = values.pop("categories")
        _add_pictures(draft, row)
        if "variation" in kinds:
            # Its name is the product's with the choice behind it.
            if "is_active" in values:
                values["variant_active"] = values["is_active"]
            _add_variant(table, draft, row)
            continue
        if "variable" not in kinds:
            # Attributes of a simple product describe it and are no choice.
            for name in ("option1", "option2", "option1_name", "option2_name", "option3"):
                values.pop(name, None)
            _add_variant(table, draft, row)
        _take_first(draft, row)
    _fit_summary(table, draft)


def _spree(table: Table, draft: Draft, rows: list[Row]) -> None:
    heads = [row for row in rows if "name" in row.values]
    sold = [row for row in rows if row not in heads and "option1" in row.values]
    if not sold:
        sold = heads
    by_sku: dict[str, VariantDraft] = {}
    for row in rows:
        if row in heads:
            if row.values.get("status") is False:
                row.values["is_active"] = False
            _take_first(draft, row)
            _add_pictures(draft, row)
        if row in sold:
            if "option1_name" in row.values:
                draft.values.setdefault("option1_name", row.values["option1_name"])
            if "option2_name" in row.values:
                draft.values.setdefault("option2_name", row.values["option2_name"])
            variant = _add_variant(table, draft, row)
            by_sku.setdefault(variant.sku, variant)
            if row not in heads and row.values.get("pictures"):
                variant.picture = row.values["pictures"][0]
                draft.pictures.setdefault(
                    variant.picture, (" ".join(variant.choice).strip(), row.line)
                )
    for row in rows:
        if row in sold or row in heads:
            continue
        # The price of a variant in one more currency.
        variant = by_sku.get(row.values.get("sku", ""))
        offer = table.offer(row)
        if variant is not None and offer is not None:
            variant.offers.append(offer)
        elif variant is None:
            _add_variant(table, draft, row)


_BUILDERS = {
    Format.OWN: _own,
    Format.SHOPIFY: _shopify,
    Format.WOOCOMMERCE: _woocommerce,
    Format.SPREE: _spree,
}


def _take_first(draft: Draft, row: Row) -> None:
    for name in _OF_PRODUCT:
        if name in row.values:
            draft.values.setdefault(name, row.values[name])


def _add_pictures(draft: Draft, row: Row) -> None:
    description = row.values.get("picture_description", "")
    for address in row.values.get("pictures", ()):
        draft.pictures.setdefault(address, (description, row.line))


def _add_variant(table: Table, draft: Draft, row: Row) -> VariantDraft:
    values = {ours: row.values[name] for name, ours in _OF_VARIANT.items() if name in row.values}
    if row.values.get("option3"):
        draft.faults.append(Fault(row.line, table.heading("option3"), "third_choice"))
    variant = VariantDraft(row.line, values)
    offer = table.offer(row)
    if offer is not None:
        variant.offers.append(offer)
    shown = row.values.get("variant_picture")
    if shown:
        variant.picture = shown[0]
        draft.pictures.setdefault(shown[0], (" ".join(variant.choice).strip(), row.line))
    draft.variants.append(variant)
    return variant


def _settle_prices(table: Table, draft: Draft) -> None:
    for variant in draft.variants:
        try:
            found = table.price(variant.offers)
        except Wrong as wrong:
            parameters = dict(wrong.parameters)
            line = parameters.pop("line")
            draft.faults.append(Fault(line, table.heading("price"), wrong.reason, parameters))
            continue
        if found is None:
            continue
        price, before, _currency = found
        variant.values["price"] = price
        # An empty price before means none; so does one that was no higher.
        if table.has("compare_at_price") or table.has("sale_price"):
            variant.values["compare_at_price"] = before if before and before > price else None


def _check_choices(draft: Draft) -> None:
    for variant in draft.variants:
        first, second = variant.choice
        if second and not first:
            draft.faults.append(Fault(variant.line, "", "second_without_first"))


def _fit_summary(table: Table, draft: Draft) -> None:
    """Keep a summary as one line; one that is too long for that begins the description."""
    summary = draft.values.get("summary")
    if summary is None:
        return
    plain = cells.without_tags(summary)
    if len(plain) <= _LONGEST_SUMMARY:
        draft.values["summary"] = plain
        return
    if table.format != Format.WOOCOMMERCE:
        draft.faults.append(
            Fault(draft.line, table.heading("summary"), "too_long", {"most": _LONGEST_SUMMARY})
        )
        return
    del draft.values["summary"]
    description = draft.values.get("description")
    description = cells.joined(summary, description) if description else summary
    if len(description) > _LONGEST_TEXT:
        column = table.heading("description")
        draft.faults.append(Fault(draft.line, column, "too_long", {"most": _LONGEST_TEXT}))
    draft.values["description"] = description
