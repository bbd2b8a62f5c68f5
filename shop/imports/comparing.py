"""What a draft would change: nothing, a product of the shop, or one more product."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.db import connection
from django.db.models import F
from django.utils.text import slugify
from django.utils.translation import gettext as _

from config.lib import text

from ..models import (
    Benefit,
    Category,
    ImportPicture,
    Organization,
    Picture,
    Product,
    StockLevel,
    Variant,
)
from . import cells
from .drafts import Draft, Fault, Table, VariantDraft

ADDED, CHANGED, UNCHANGED, FAULTY = "added", "changed", "unchanged", "faulty"
# So many products of one name are told apart by a number behind their address.
_MOST_ALIKE = 30
PRODUCT_FIELDS = (
    "name",
    "summary",
    "description",
    "ingredients",
    "how_to_use",
    "tips",
    "certifications",
    "no_withdrawal_reason",
    "is_active",
    "is_featured",
    "option1_name",
    "option2_name",
)
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
    "is_active",
)
# What the lists and the search are made from.
SEARCHED = {*PRODUCT_FIELDS, "category", "benefits", "option1", "option2"} - {
    "no_withdrawal_reason",
    "is_featured",
}


@dataclass
class Level:
    """The stock of a variant as it stands."""

    on_hand: int
    reserved: int
    low_at: int
    is_of_parts: bool


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


class Shelves:
    """What stands in the shop of the products that some drafts speak of."""

    def __init__(self, organization: Organization, drafts: Iterable[Draft]):
        self.organization = organization
        drafts = list(drafts)
        skus = {variant.sku for draft in drafts for variant in draft.variants if variant.sku}
        slugs = {slug for draft in drafts for slug in _slugs_of(draft)}
        found = _rows(_PRODUCTS_BY_SKU, organization, skus)
        keys = {key for _sku, key in found}
        keys |= {key for _slug, key in _rows(_PRODUCTS_BY_SLUG, organization, slugs)}
        self._load(keys)
        self._load_categories()

    def _load(self, keys: set[UUID]) -> None:
        products = Product.objects.filter(pk__in=keys).defer("search", "name_search", "cover")
        self.products = {product.pk: product for product in products}
        self.by_slug = {product.slug: product for product in self.products.values()}
        self.by_sku: dict[str, Variant] = {}
        self.variants: dict[UUID, list[Variant]] = defaultdict(list)
        for variant in Variant.objects.filter(product__in=keys).order_by("position", "id"):
            self.by_sku[variant.sku] = variant
            self.variants[variant.product_id].append(variant)
        levels = StockLevel.objects.filter(variant__product__in=keys)
        self.levels = {
            key: Level(*rest)
            for key, *rest in levels.values_list(
                "variant_id", "on_hand", "reserved", "low_at", "is_of_parts"
            )
        }
        self.benefits: dict[UUID, list[str]] = defaultdict(list)
        linked = Benefit.objects.filter(products__in=keys).annotate(product=F("products"))
        for key, name in linked.values_list("product", "name").order_by("name"):
            self.benefits[key].append(name)
        self.addresses: dict[UUID, set[str]] = defaultdict(set)
        asked = ImportPicture.objects.filter(product__in=keys).exclude(
            status=ImportPicture.Status.DONE, picture=None
        )
        for key, address in asked.values_list("product", "address"):
            self.addresses[key].add(address)
        self.picture_keys: dict[UUID, list[str]] = defaultdict(list)
        for key, folder in Picture.objects.filter(product__in=keys).values_list("product", "key"):
            self.picture_keys[key].append(folder)

    def _load_categories(self) -> None:
        rows = {
            key: (parent, name)
            for key, parent, name in Category.objects.values_list("pk", "parent", "name")
        }
        self.paths: dict[UUID, list[str]] = {}
        self.by_path: dict[str, UUID] = {}
        for key in rows:
            names, step = [], key
            while step is not None and len(names) < 20:
                parent, name = rows[step]
                names.insert(0, name)
                step = parent
            self.paths[key] = names
            self.by_path.setdefault(folded(names), key)

    def product_of(self, draft: Draft) -> Product | None:
        """Give the product that a draft means: by its address, else a SKU, else its name."""
        slug = draft.values.get("slug")
        if slug:
            return self.by_slug.get(slug)
        for variant in draft.variants:
            if variant.sku in self.by_sku:
                return self.products.get(self.by_sku[variant.sku].product_id)
        for slug in _slugs_of(draft):
            product = self.by_slug.get(slug)
            if product is not None and product.name == draft.values["name"]:
                return product
        return None


def folded(names: list[str]) -> str:
    """Give a category's path without what people write differently."""
    path = " > ".join(" ".join(text.without_accents(name).split()) for name in names)
    # An arrow inside of a name reads as a step.
    return re.sub(r"\s*(?:->|[>›»→])\s*", " > ", path)


def _slugs_of(draft: Draft) -> list[str]:
    slug, name = draft.values.get("slug"), draft.values.get("name")
    if slug:
        return [slug]
    return candidates(name) if name else []


def candidates(name: str) -> list[str]:
    """Give the addresses that a product of this name may have, the plainest first."""
    base = slugify(text.without_accents(name))[:80].strip("-") or "articulo"
    return [base, *(f"{base}-{number}" for number in range(2, _MOST_ALIKE))]


def _rows(statement: str, organization: Organization, values: Iterable[str]) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [organization.pk, sorted(values)])
        return cursor.fetchall()


_PRODUCTS_BY_SKU = """
SELECT sku, product_id FROM shop_variant
WHERE organization_id = %s::uuid AND sku = ANY(%s::text[])
"""
_PRODUCTS_BY_SLUG = """
SELECT slug, id FROM shop_product
WHERE organization_id = %s::uuid AND slug = ANY(%s::text[])
"""


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
