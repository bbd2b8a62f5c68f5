"""Bring what a file says into the shop: many products at once, each whole.

Called inside the transaction of its part of the file, with the rows that change locked.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.utils.text import slugify
from django.utils.translation import gettext as _

from config.lib import text
from config.lib.fields import uuid7

from .. import catalogue, stock
from ..models import (
    Benefit,
    Category,
    ImportChange,
    ImportPicture,
    Product,
    ProductImport,
    StockLevel,
    StockMovement,
    Variant,
)
from . import bulk, comparing
from .comparing import ADDED, CHANGED, FAULTY, Plan, VariantPlan
from .shelves import Shelves, candidates, folded

_BATCH = 500
_Through = Product.benefits.through


def write(one: ProductImport, shelves: Shelves, plans: Iterable[Plan], *, now: datetime) -> None:
    """Do what the plans say; faulty ones and those that change nothing are left out."""
    _Writing(one, shelves, list(plans), now).write()


class _Writing:
    """One part of a file on its way into the shop."""

    def __init__(self, one: ProductImport, shelves: Shelves, plans: list[Plan], now: datetime):
        self.one, self.shelves, self.now = one, shelves, now
        self.good = [plan for plan in plans if plan.outcome != FAULTY]
        self.plans = [plan for plan in self.good if plan.outcome in (ADDED, CHANGED)]
        self.changes: list[ImportChange] = []
        # Keyed by the plan's place, since a product may come twice in a file of SKUs.
        self.products: list[Product] = []

    def write(self) -> None:
        self._make_categories()
        self._write_products()
        self._write_benefits()
        moved = self._write_variants()
        self._write_down(moved)
        self._ask_for_pictures()
        self._refresh()

    # --- Categories and benefits ------------------------------------------------------------------

    def _make_categories(self) -> None:
        for plan in self.plans:
            names = plan.category[1] if plan.category else []
            if not names and plan.product is None:
                # A product stands on some shelf.
                plan.category = ([], [_("Without category")])
                names = plan.category[1]
            if names and folded(names) not in self.shelves.by_path:
                self._make_category(names)

    def _make_category(self, names: list[str]) -> None:
        parent = None
        for depth in range(1, len(names) + 1):
            path = folded(names[:depth])
            key = self.shelves.by_path.get(path)
            if key is None:
                taken = set(Category.objects.values_list("slug", flat=True))
                made = Category.objects.create(
                    organization=self.one.organization,
                    parent_id=parent,
                    name=names[depth - 1],
                    slug=text.free_slug(names[depth - 1], taken=taken),
                    position=Category.objects.filter(parent=parent).count(),
                )
                key = self.shelves.by_path[path] = made.pk
                self.shelves.paths[key] = names[:depth]
                self.one.made.setdefault("category", []).append(str(key))
            parent = key

    def _write_benefits(self) -> None:
        wanted = [plan for plan in self.plans if plan.benefits]
        if not wanted:
            return
        known = {folded([one.name]): one for one in Benefit.objects.all()}
        taken = {benefit.slug for benefit in known.values()}
        links = []
        for plan in wanted:
            for name in plan.benefits[1]:
                key = folded([name])
                if key not in known:
                    slug = text.free_slug(name, taken=taken, length=60)
                    taken.add(slug)
                    known[key] = Benefit.objects.create(
                        organization=self.one.organization, name=name, slug=slug
                    )
                    self.one.made.setdefault("benefit", []).append(str(known[key].pk))
                links.append(_Through(product_id=plan.key, benefit_id=known[key].pk))
        _Through.objects.filter(product__in=[plan.key for plan in wanted if plan.product]).delete()
        _Through.objects.bulk_create(links, batch_size=_BATCH, ignore_conflicts=True)

    # --- Products ---------------------------------------------------------------------------------

    def _write_products(self) -> None:
        slugs = self._free_slugs()
        new, changed, fields = [], {}, {"changed_at"}
        for plan in self.plans:
            values = {name: after for name, (_before, after) in plan.fields.items()}
            if plan.category:
                path = folded(plan.category[1])
                values["category_id"] = self.shelves.by_path[path]
            if plan.product is None:
                product = Product(
                    organization=self.one.organization,
                    slug=slugs[id(plan)],
                    published_at=self.now,
                    **values,
                )
                new.append(product)
            else:
                product = changed.setdefault(plan.product.pk, plan.product)
                for name, value in values.items():
                    setattr(product, name, value)
                    fields.add(name.removesuffix("_id"))
                product.changed_at = self.now
            plan.key = product.pk
            self.products.append(product)
        Product.objects.bulk_create(new, batch_size=_BATCH)
        bulk.update(list(changed.values()), sorted(fields))

    def _free_slugs(self) -> dict[int, str]:
        """Give every new product an address that no other has."""
        new = [plan for plan in self.plans if plan.product is None]
        wanted = {id(plan): candidates(plan.draft.values["name"]) for plan in new}
        taken = _taken(_SLUGS, self.one, [slug for slugs in wanted.values() for slug in slugs])
        given = {id(plan): plan.draft.values.get("slug") for plan in new}
        taken.update(filter(None, given.values()))
        found = {}
        for plan in new:
            slug = given[id(plan)] or _first_free(wanted[id(plan)], taken)
            taken.add(slug)
            found[id(plan)] = slug
        return found

    # --- Variants and stock -----------------------------------------------------------------------

    def _write_variants(self) -> dict[UUID, int]:
        """Write variants and their stock; give by how much each existing shelf was moved."""
        skus = self._free_skus()
        new, changed, fields = [], [], {"changed_at"}
        counted, levels, openings, low = {}, [], [], []
        for plan in self.plans:
            last = max((v.position for v in self.shelves.variants.get(plan.key, ())), default=-1)
            for one in plan.variants:
                if one.variant is None:
                    last += 1
                    one.variant = self._new_variant(plan, one, skus, position=last)
                    one.is_new = True
                    new.append(one.variant)
                    levels.append(_level(one))
                    openings += _opening(one)
                    continue
                if one.fields:
                    for name, (_before, after) in one.fields.items():
                        setattr(one.variant, name, after)
                    fields |= one.fields.keys()
                    one.variant.changed_at = self.now
                    changed.append(one.variant)
                if one.level is None:
                    levels.append(StockLevel(variant=one.variant, low_at=_low_at(one)))
                elif one.low_at:
                    low.append(StockLevel(variant=one.variant, low_at=one.low_at[1]))
                if one.stock:
                    counted[one.variant.pk] = one.stock[1]
        Variant.objects.bulk_create(new, batch_size=_BATCH)
        bulk.update(changed, sorted(fields))
        StockLevel._base_manager.bulk_create(levels, batch_size=_BATCH, ignore_conflicts=True)
        bulk.update(low, ["low_at"])
        reference, person = self.one.reference, self.one.person
        for opening in openings:
            opening.reference, opening.person = reference, person
        StockMovement._base_manager.bulk_create(openings, batch_size=_BATCH)
        return stock.count_all(counted, reference=reference, person=person) if counted else {}

    def _new_variant(
        self, plan: Plan, one: VariantPlan, skus: dict[int, str], *, position: int
    ) -> Variant:
        values = {name: after for name, (_before, after) in one.fields.items()}
        return Variant(
            organization=self.one.organization,
            product_id=plan.key,
            sku=one.draft.sku or skus[id(one)],
            position=position,
            **values,
        )

    def _free_skus(self) -> dict[int, str]:
        """Give every new variant without a SKU one that no other has."""
        wanted = {}
        for plan in self.plans:
            for one in plan.variants:
                if one.variant is None and not one.draft.sku:
                    name = plan.draft.values.get("name") or plan.product.name
                    label = one.draft.values.get("name") or " ".join(one.draft.choice)
                    start = catalogue.sku_start(name, label)
                    wanted[id(one)] = [start, *(f"{start}-{number}" for number in range(2, 40))]
        taken = _taken(_SKUS, self.one, [sku for skus in wanted.values() for sku in skus])
        taken |= {one.draft.sku for plan in self.plans for one in plan.variants if one.draft.sku}
        found = {}
        for key, skus in wanted.items():
            found[key] = _first_free(skus, taken)
            taken.add(found[key])
        return found

    # --- What was done ----------------------------------------------------------------------------

    def _write_down(self, moved: dict[UUID, int]) -> None:
        ImportChange.objects.bulk_create(
            [
                ImportChange(
                    product_import=self.one,
                    product_key=plan.key,
                    name=product.name,
                    line=plan.draft.line,
                    is_new=plan.product is None,
                    changes=_changes(plan, product, moved),
                )
                for plan, product in zip(self.plans, self.products, strict=True)
            ],
            batch_size=_BATCH,
        )

    def _ask_for_pictures(self) -> None:
        self._ask_again()
        wanted = [
            ImportPicture(
                organization=self.one.organization,
                product_import=self.one,
                product_id=plan.key,
                address=address,
                description=plan.draft.pictures[address][0][:160],
                line=plan.draft.pictures[address][1],
                position=place,
                variant_keys=[
                    one.variant.pk for one in plan.variants if one.draft.picture == address
                ],
                due_at=self.now,
            )
            for plan in self.plans
            for place, address in enumerate(plan.draft.pictures)
            if address in plan.pictures
        ]
        if not wanted:
            return
        # A picture that somebody took away since comes back when a file asks for it.
        ImportPicture.objects.filter(
            product__in={row.product_id for row in wanted},
            address__in={row.address for row in wanted},
            status=ImportPicture.Status.DONE,
            picture=None,
        ).delete()
        ImportPicture.objects.bulk_create(wanted, batch_size=_BATCH, ignore_conflicts=True)

    def _ask_again(self) -> None:
        """What could not be fetched once is tried again when a file names it again."""
        asking = [plan for plan in self.good if plan.product and plan.draft.pictures]
        if not asking:
            return
        ImportPicture.objects.filter(
            product__in=[plan.product.pk for plan in asking],
            address__in={address for plan in asking for address in plan.draft.pictures},
            status=ImportPicture.Status.FAILED,
        ).update(
            status=ImportPicture.Status.WAITING,
            product_import=self.one,
            tries=0,
            due_at=self.now,
            reason="",
        )

    def _refresh(self) -> None:
        listed = {plan.key for plan in self.plans}
        searched = {plan.key for plan in self.plans if _is_searched(plan)}
        if searched:
            catalogue.refresh(searched)
        if listed - searched:
            catalogue.refresh_listing(listed - searched)


def _is_searched(plan: Plan) -> bool:
    if plan.product is None or plan.category or plan.benefits:
        return True
    if comparing.SEARCHED & plan.fields.keys():
        return True
    return any(one.is_new or comparing.SEARCHED & one.fields.keys() for one in plan.variants)


def _changes(plan: Plan, product: Product, moved: dict[UUID, int]) -> dict:
    """Give what an undo needs to know; of a new product, only its stock is not its own."""
    new = [str(one.variant.pk) for one in plan.variants if one.is_new]
    if plan.product is None:
        return {"new": new}
    fields = {name: list(values) for name, values in plan.fields.items()}
    if plan.category:
        fields["category_id"] = [str(plan.category_before), str(product.category_id)]
    changes = {
        "product": fields,
        "new": new,
        "variants": {
            str(one.variant.pk): {name: list(values) for name, values in one.fields.items()}
            for one in plan.variants
            if one.fields and not one.is_new
        },
        "low_at": {
            str(one.variant.pk): list(one.low_at)
            for one in plan.variants
            if one.low_at and not one.is_new
        },
        "stock": {
            str(one.variant.pk): moved[one.variant.pk]
            for one in plan.variants
            if not one.is_new and moved.get(one.variant.pk)
        },
        "benefits": list(plan.benefits) if plan.benefits else [],
    }
    return {name: value for name, value in changes.items() if value}


def _level(one: VariantPlan) -> StockLevel:
    pieces = one.draft.values.get("stock", 0)
    return StockLevel(variant=one.variant, on_hand=pieces, low_at=_low_at(one))


def _low_at(one: VariantPlan) -> int:
    default = StockLevel._meta.get_field("low_at").default
    return one.draft.values.get("low_at", default)


def _opening(one: VariantPlan) -> list[StockMovement]:
    pieces = one.draft.values.get("stock", 0)
    reason = StockMovement.Reason.OPENING
    return [StockMovement(variant=one.variant, quantity=pieces, reason=reason)] if pieces else []


def _first_free(candidates: list[str], taken: set[str]) -> str:
    for candidate in candidates:
        if candidate not in taken:
            return candidate
    return f"{candidates[0]}-{slugify(uuid7().hex[-8:])}"


def _taken(statement: str, one: ProductImport, values: list[str]) -> set[str]:
    if not values:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(statement, [one.organization_id, values])
        return {value for (value,) in cursor.fetchall()}


_SLUGS = """
SELECT slug FROM shop_product WHERE organization_id = %s::uuid AND slug = ANY(%s::text[])
"""
_SKUS = "SELECT sku FROM shop_variant WHERE organization_id = %s::uuid AND sku = ANY(%s::text[])"
