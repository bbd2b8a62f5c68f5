"""What a draft would change: nothing, a product of the shop, or one more product."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.utils.translation import gettext as _

from ..models import Product, Variant
from . import cells
from .columns import PRODUCT_FIELDS
from .drafts import Draft, VariantDraft
from .shelves import Level, Shelves, folded
from .tables import Fault, Table

ADDED, CHANGED, UNCHANGED, FAULTY = "added", "changed", "unchanged", "faulty"
VARIANT_FIELDS = (
    "name",
    "option1",
    "option2",
    "price",
    "compare_at_price",
    "tax_category",
    "weight_grams",
    "length_cm",
    "width_cm",
    "height_cm",
    "shelf",
    "is_active",
)
# What the lists and the search are made from.
SEARCHED = {*PRODUCT_FIELDS, "category", "benefits", "option1", "option2"} - {
    "no_withdrawal_reason",
    "is_featured",
}


@dataclass
class VariantPlan:
    """What becomes of one variant."""

    draft: VariantDraft
    variant: Variant | None
    level: Level | None
    # Field by field what stands there and what shall.
    fields: dict[str, tuple] = field(default_factory=dict)
    stock: tuple[int, int] | None = None
    low_at: tuple[int, int] | None = None
    is_new: bool = False

    @property
    def changes(self) -> bool:
        return bool(self.fields or self.stock or self.low_at)


@dataclass
class Plan:
    """What becomes of one product."""

    draft: Draft
    product: Product | None
    fields: dict[str, tuple] = field(default_factory=dict)
    # Names from the outermost category to the one that shall hold the product.
    category: tuple[list[str], list[str]] | None = None
    benefits: tuple[list[str], list[str]] | None = None
    variants: list[VariantPlan] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    # Set when it is written, and where the product stood before that.
    key: UUID | None = None
    category_before: UUID | None = None

    @property
    def outcome(self) -> str:
        if self.faults:
            return FAULTY
        if self.product is None:
            return ADDED
        changes = self.fields or self.category or self.benefits or self.pictures
        if changes or any(one.changes or one.variant is None for one in self.variants):
            return CHANGED
        return UNCHANGED


def plans(shelves: Shelves, table: Table, drafts: Iterable[Draft]) -> list[Plan]:
    """Say what would become of each draft as the shop stands now."""
    return [_plan(shelves, table, draft) for draft in drafts]


def _plan(shelves: Shelves, table: Table, draft: Draft) -> Plan:
    product = shelves.product_of(draft)
    plan = Plan(draft, product, faults=list(draft.faults))
    plan.category_before = product.category_id if product else None
    values = draft.values
    if product is None and not plan.faults:
        _check_new(table, plan)
    for name in PRODUCT_FIELDS:
        if name in values:
            before = getattr(product, name) if product else None
            if not _same(before, values[name]):
                plan.fields[name] = (before, values[name])
    if "category" in values:
        before = shelves.paths[product.category_id] if product else []
        if folded(before) != folded(values["category"]):
            plan.category = (before, values["category"])
    if "benefits" in values:
        before = shelves.benefits[product.pk] if product else []
        if {folded([name]) for name in before} != {folded([name]) for name in values["benefits"]}:
            plan.benefits = (before, values["benefits"])
    for variant in draft.variants:
        plan.variants.append(_plan_variant(shelves, table, plan, variant))
    _check_choices(shelves, plan)
    plan.pictures = _new_pictures(shelves, draft, product)
    return plan


def _check_new(table: Table, plan: Plan) -> None:
    draft = plan.draft
    if "name" not in draft.values:
        sku = next((variant.sku for variant in draft.variants if variant.sku), "")
        reason, parameters = ("unknown_sku", {"sku": sku}) if sku else ("no_name", {})
        column = table.heading("name") or table.heading("sku")
        plan.faults.append(Fault(draft.line, column, reason, parameters))
    elif not draft.variants:
        plan.faults.append(Fault(draft.line, table.heading("price"), "no_variant"))


def _plan_variant(shelves: Shelves, table: Table, plan: Plan, draft: VariantDraft) -> VariantPlan:
    variant = _variant_of(shelves, table, plan, draft)
    level = shelves.levels.get(variant.pk) if variant else None
    result = VariantPlan(draft, variant, level)
    values = draft.values
    # A price that could not be read is told as that.
    if variant is None and "price" not in values and not plan.faults:
        plan.faults.append(Fault(draft.line, table.heading("price"), "no_price"))
    for name in VARIANT_FIELDS:
        if name not in values:
            continue
        before = getattr(variant, name) if variant else None
        if name == "compare_at_price" and variant and before is not None:
            # A price before that is no higher shows nowhere, and counts as none.
            before = before if before > variant.price else None
        if variant is None or not _same(before, values[name]):
            result.fields[name] = (before, values[name])
    if "stock" in values:
        before = level.on_hand if level else 0
        if values["stock"] and level and level.is_of_parts:
            heading = table.heading("stock")
            plan.faults.append(Fault(draft.line, heading, "stock_of_parts", {}))
        elif before != values["stock"]:
            result.stock = (before, values["stock"])
        if level and values["stock"] < level.reserved:
            parameters = {"promised": level.reserved}
            plan.faults.append(
                Fault(draft.line, table.heading("stock"), "less_than_promised", parameters)
            )
    if "low_at" in values:
        before = level.low_at if level else 5
        if before != values["low_at"]:
            result.low_at = (before, values["low_at"])
    return result


def _variant_of(shelves: Shelves, table: Table, plan: Plan, draft: VariantDraft) -> Variant | None:
    product = plan.product
    if draft.sku:
        variant = shelves.by_sku.get(draft.sku)
        if variant is None or (product and variant.product_id == product.pk):
            return variant
        parameters = {"sku": draft.sku, "product": shelves.products[variant.product_id].name}
        plan.faults.append(Fault(draft.line, table.heading("sku"), "sku_elsewhere", parameters))
        return None
    if product is None:
        return None
    # Without a SKU, what tells it from its siblings.
    siblings = [one for one in shelves.variants[product.pk] if one.is_active]
    if len(siblings) == len(plan.draft.variants) == 1 and not draft.choice[0]:
        return siblings[0]
    return next((one for one in siblings if (one.option1, one.option2) == draft.choice), None)


def _check_choices(shelves: Shelves, plan: Plan) -> None:
    """Refuse two active variants of one product that stand for the same choice."""
    meant = {one.variant.pk for one in plan.variants if one.variant}
    lines: dict[tuple[str, str], int] = {}
    if plan.product:
        for variant in shelves.variants[plan.product.pk]:
            if variant.pk not in meant and variant.is_active:
                lines[variant.option1, variant.option2] = 0
    for one in plan.variants:
        now = {
            name: one.draft.values.get(name, getattr(one.variant, name) if one.variant else default)
            for name, default in (("option1", ""), ("option2", ""), ("is_active", True))
        }
        choice = (now["option1"], now["option2"])
        if now["is_active"] and lines.setdefault(choice, one.draft.line) != one.draft.line:
            plan.faults.append(Fault(one.draft.line, "", "choice_taken"))
    _name_choices(plan)


def _name_choices(plan: Plan) -> None:
    """Give a choice without a name the plainest one."""
    for option, name in (("option1", _("Choice")), ("option2", _("Second choice"))):
        field_name = f"{option}_name"
        known = plan.draft.values.get(field_name) or getattr(plan.product, field_name, "")
        if not known and any(one.draft.values.get(option) for one in plan.variants):
            plan.fields[field_name] = ("" if plan.product else None, name)


def _new_pictures(shelves: Shelves, draft: Draft, product: Product | None) -> list[str]:
    if product is None:
        return list(draft.pictures)
    known = shelves.addresses[product.pk]
    folders = shelves.picture_keys[product.pk]
    return [
        address
        for address in draft.pictures
        # One of our own addresses, as an export writes them, is a picture that is there already.
        if address not in known and not any(folder in address for folder in folders)
    ]


def _same(before, after) -> bool:
    """Compare as people would: line ends and spaces around a text are no difference."""
    if isinstance(before, str) and isinstance(after, str) and before != after:
        return _plain(after) in (_plain(before), _plain(cells.as_read(before)))
    return before == after


def _plain(written: str) -> str:
    return "\n".join(
        " ".join(line.split()) for line in written.replace("\r\n", "\n").strip().split("\n")
    )
