"""Take an import back, newest change first; what was sold or changed since stays and is told."""

from collections.abc import Collection
from uuid import UUID

from django.db import models
from django.db.models import Sum
from django.utils import timezone

from .. import catalogue, page_cache, pictures, stock
from ..models import (
    Benefit,
    Category,
    ImportChange,
    ImportPicture,
    Picture,
    Product,
    ProductImport,
    StockLevel,
    StockMovement,
    Variant,
)
from . import bulk

_PART = 200


def undo_part(one: ProductImport) -> bool:
    """Take back the newest changes that still stand; say whether there were any."""
    changes = list(one.changes.filter(undone_at=None).order_by("-id")[:_PART])
    if not changes:
        return False
    _Undoing(one, changes).undo()
    now = timezone.now()
    for change in changes:
        change.undone_at = now
    ImportChange.objects.bulk_update(changes, ["undone_at", "kept"], batch_size=_PART)
    one.done += len(changes)
    one.kept += sum(len(change.kept) for change in changes)
    return True


def remove_what_was_made(one: ProductImport) -> None:
    """Remove the categories and benefits that this import made and nothing else uses."""
    one.pictures.filter(status=ImportPicture.Status.WAITING).delete()
    # Those inside come after those they stand in.
    for key in reversed(one.made.get("category", [])):
        Category.objects.filter(pk=key, products=None, children=None).delete()
    Benefit.objects.filter(pk__in=one.made.get("benefit", []), products=None).delete()
    one.made = {}
    one.save(update_fields=["made"])
    page_cache.invalidate(one.organization_id)


class _Undoing:
    """Some changes on their way back."""

    def __init__(self, one: ProductImport, changes: list[ImportChange]):
        self.one, self.changes = one, changes
        self.keys = {change.product_key for change in changes}
        # Variants that were added, and variants whose shelf was moved, each with its change.
        self.new = {
            UUID(key): change for change in changes for key in change.changes.get("new", [])
        }
        self.moved = {
            UUID(key): moved
            for change in changes
            for key, moved in change.changes.get("stock", {}).items()
        }
        self.of_variant: dict[UUID, ImportChange] = {
            UUID(key): change
            for change in changes
            for name in ("variants", "stock")
            for key in change.changes.get(name, {})
        }

    def undo(self) -> None:
        bulk.lock(stock=[*self.new, *self.moved], products=list(self.keys))
        self.products = Product.objects.in_bulk(self.keys)
        self.variants = Variant.objects.in_bulk([*self.new, *self.of_variant])
        self._look()
        self._take_pictures_back()
        self._put_stock_back()
        self._remove_new()
        self._restore()
        alive = self.products.keys() - self.gone
        if alive:
            catalogue.refresh(alive)

    # --- What is new ------------------------------------------------------------------------------

    def _look(self) -> None:
        """Tell what may be deleted from what has a history since, which is only retired."""
        others = StockMovement.objects.filter(variant__in=self.new).exclude(
            reference=self.one.reference
        )
        self.used = _in_use(Variant, self.new, besides=StockMovement)
        self.used |= set(others.values_list("variant_id", flat=True))
        self.free = self.new.keys() - self.used
        added = {change.product_key for change in self.changes if change.is_new}
        # Somebody may have added variants of their own to a product that is new.
        self.retired = _in_use(Product, added, besides=Variant) | set(
            Variant.objects.filter(product__in=added)
            .exclude(pk__in=self.free)
            .values_list("product_id", flat=True)
        )
        self.gone = added - self.retired

    def _remove_new(self) -> None:
        now = timezone.now()
        StockMovement.objects.filter(variant__in=self.free).delete()
        Variant.objects.filter(pk__in=self.free).delete()
        Product.objects.filter(pk__in=self.gone).delete()
        Variant.objects.filter(pk__in=self.used).update(is_active=False, changed_at=now)
        Product.objects.filter(pk__in=self.retired).update(is_active=False, changed_at=now)
        for key in self.used & self.variants.keys():
            self.new[key].kept.append([self.variants[key].sku, "retired"])

    def _take_pictures_back(self) -> None:
        asked = self.one.pictures.filter(product__in=self.keys).select_related("picture")
        fetched = {row.picture for row in asked if row.picture is not None}
        asked.delete()
        # A product that goes takes every picture with it.
        for picture in fetched | set(Picture.objects.filter(product__in=self.gone)):
            pictures.remove(picture)

    def _put_stock_back(self) -> None:
        """Move back what was moved, as far as orders and sales since leave it."""
        back = {}
        opened = dict(
            StockMovement.objects.filter(variant__in=self.used, reference=self.one.reference)
            .values_list("variant_id")
            .annotate(Sum("quantity"))
        )
        wanted = self.moved | opened
        for level in StockLevel.objects.filter(variant__in=wanted):
            key = level.variant_id
            # What became a kit of parts since has no shelf, and its parts never moved.
            least = level.reserved - level.on_hand
            back[key] = 0 if level.is_of_parts else max(-wanted[key], least)
            if key in self.moved and back[key] != -wanted[key]:
                self.of_variant[key].kept.append([self.variants[key].sku, "stock"])
        stock.restock(
            back,
            reason=StockMovement.Reason.COUNTED,
            reference=f"{self.one.reference} undone",
            person=self.one.person,
        )

    # --- What was there before --------------------------------------------------------------------

    def _restore(self) -> None:
        products, product_fields = {}, {"changed_at"}
        variants, variant_fields = {}, {"changed_at"}
        now = timezone.now()
        for change in self.changes:
            product = self.products.get(change.product_key)
            if product is not None and not change.is_new:
                fields = change.changes.get("product", {})
                if restored := _restore_row(product, fields, change, ""):
                    product_fields |= {name.removesuffix("_id") for name in restored}
                    product.changed_at = now
                    products[product.pk] = product
                self._restore_benefits(product, change)
            for key, fields in change.changes.get("variants", {}).items():
                variant = self.variants.get(UUID(key))
                if variant is None:
                    continue
                if restored := _restore_row(variant, fields, change, variant.sku):
                    variant_fields |= restored
                    variant.changed_at = now
                    variants[variant.pk] = variant
            for key, (before, after) in change.changes.get("low_at", {}).items():
                StockLevel.objects.filter(variant=key, low_at=after).update(low_at=before)
        bulk.update(list(products.values()), sorted(product_fields))
        bulk.update(list(variants.values()), sorted(variant_fields))

    def _restore_benefits(self, product: Product, change: ImportChange) -> None:
        if not change.changes.get("benefits"):
            return
        before, after = change.changes["benefits"]
        now = set(product.benefits.values_list("name", flat=True))
        if {name.lower() for name in now} != {name.lower() for name in after}:
            change.kept.append(["", "benefits"])
            return
        product.benefits.set(Benefit.objects.filter(name__in=before))


def _restore_row(row: models.Model, fields: dict, change: ImportChange, sku: str) -> set[str]:
    """Give a row back what it had, where it still has what the import gave it."""
    restored = set()
    for name, (before, after) in fields.items():
        now = getattr(row, name)
        if (str(now) if name.endswith("_id") else now) == after:
            setattr(row, name, UUID(before) if name.endswith("_id") else before)
            restored.add(name)
        else:
            change.kept.append([sku, name.removesuffix("_id")])
    return restored


def _in_use(model: type[models.Model], keys: Collection[UUID], *, besides: type) -> set[UUID]:
    """Give those that rows of any other table hold on to, whatever app it belongs to."""
    used = set()
    for relation in model._meta.related_objects:
        holds = relation.on_delete in (models.PROTECT, models.RESTRICT)
        if not holds or relation.related_model is besides or relation.many_to_many:
            continue
        name = relation.field.attname
        used |= set(
            relation.related_model._base_manager.filter(
                **{f"{relation.field.name}__in": list(keys)}
            )
            .values_list(name, flat=True)
            .distinct()
        )
    return used
