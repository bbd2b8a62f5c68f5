"""What an import would do, as people read it: columns, currencies, products before and after."""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import override

from config.lib import money

from ..models import ProductImport, Variant
from . import columns, comparing, drafts, reasons
from .comparing import Plan
from .shelves import Shelves
from .tables import Fault, Table


@dataclass(frozen=True)
class Column:
    """A column of the file, and what it is in our words ("" when it is left out)."""

    heading: str
    label: str


@dataclass(frozen=True)
class Difference:
    """One value that would change; `sku` is empty for what belongs to the whole product."""

    sku: str
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Told:
    """What is wrong with a cell or row."""

    line: int
    column: str
    words: str


@dataclass
class Shown:
    """A product of the file, and what would become of it: added, changed, unchanged or faulty."""

    line: int
    name: str
    outcome: str
    differences: list[Difference] = field(default_factory=list)
    pictures: int = 0
    faults: list[Told] = field(default_factory=list)


@dataclass
class Preview:
    """What a person looks at before they say yes."""

    columns: list[Column]
    products: list[Shown]
    # Currencies other than the shop's, each with the number of its prices; "" is unknown.
    foreign: dict[str, int]

    @property
    def recognised(self) -> list[Column]:
        return [column for column in self.columns if column.label]

    @property
    def left_out(self) -> list[Column]:
        return [column for column in self.columns if not column.label]


def preview(one: ProductImport, *, most: int = 20, start: int = 0) -> Preview:
    """Look at so many products of the file from a place on, and change nothing."""
    table = Table(one)
    made = drafts.part(one, table, start=start, count=most)
    on_shelves = Shelves(one.organization, made)
    with override(one.organization.language):
        # Names of categories and choices that would be made are in the language of the shop.
        plans = comparing.plans(on_shelves, table, made)
    return Preview(
        columns=_columns(one),
        products=[_shown(one, plan) for plan in plans],
        foreign=foreign(one),
    )


def foreign(one: ProductImport) -> dict[str, int]:
    """Give the currencies that need a word of the person, with how many prices are in each."""
    shop = one.organization.currency
    return {
        code: count
        for code, count in one.currencies.items()
        if code != shop and (code or one.currency != shop)
    }


def _columns(one: ProductImport) -> list[Column]:
    language = one.organization.language
    return [
        Column(heading, columns.label(name, language) if name else "")
        for heading, name in zip(one.headings, one.fields, strict=True)
        if not columns.is_ours(heading)
    ]


def told(faults: list[Fault]) -> list[Told]:
    """Give faults as sentences."""
    return [
        Told(fault.line, fault.column, reasons.say(fault.reason, fault.parameters))
        for fault in faults
    ]


def _shown(one: ProductImport, plan: Plan) -> Shown:
    name = plan.draft.values.get("name") or (plan.product.name if plan.product else "")
    shown = Shown(plan.draft.line, name, plan.outcome, faults=told(plan.faults))
    if plan.outcome == comparing.FAULTY:
        return shown
    shown.pictures = len(plan.pictures)
    add = shown.differences.append
    language, currency = one.organization.language, one.organization.currency

    def tell(sku: str, name: str, before, after) -> None:
        before, after = (_words(name, value, currency) for value in (before, after))
        if before != after:
            add(Difference(sku, columns.label(_OURS.get(name, name), language), before, after))

    for field_name, values in plan.fields.items():
        tell("", field_name, *values)
    for field_name in ("category", "benefits"):
        values = getattr(plan, field_name)
        if values:
            mark = " > " if field_name == "category" else ", "
            tell("", field_name, *(mark.join(value) for value in values))
    for one_variant in plan.variants:
        draft, variant = one_variant.draft, one_variant.variant
        sku = draft.sku or (variant.sku if variant else "")
        for field_name, values in one_variant.fields.items():
            tell(sku, f"variant.{field_name}", *values)
        if one_variant.stock:
            tell(sku, "stock", *one_variant.stock)
        if one_variant.low_at:
            tell(sku, "low_at", *one_variant.low_at)
    return shown


# Fields of a variant, as our template calls them.
_OURS = {
    "variant.name": "variant_name",
    "variant.is_active": "variant_active",
    "variant.weight_grams": "weight:g",
    "variant.length_cm": "length:cm",
    "variant.width_cm": "width:cm",
    "variant.height_cm": "height:cm",
    "variant.shelf": "shelf",
    "variant.option1": "option1",
    "variant.option2": "option2",
    "variant.price": "price",
    "variant.compare_at_price": "compare_at_price",
    "variant.tax_category": "tax_category",
}


def _words(name: str, value, currency: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if name.endswith("price"):
        return money.label(value, currency)
    if name.endswith("tax_category"):
        return str(Variant.TaxCategory(value).label)
    return str(value)
