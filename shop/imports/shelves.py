"""What stands in the shop already of the products that a file speaks of."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import F
from django.utils.text import slugify

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
from .drafts import Draft

# So many products of one name are told apart by a number behind their address.
_MOST_ALIKE = 30
# Two people who move categories at once could put each into the other.
_DEEPEST = 20


@dataclass
class Level:
    """The stock of a variant as it stands."""

    on_hand: int
    reserved: int
    low_at: int
    is_of_parts: bool


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
        self.paths = category_paths()
        self.by_path: dict[str, UUID] = {}
        for key, names in self.paths.items():
            self.by_path.setdefault(folded(names), key)

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


def category_paths() -> dict[UUID, list[str]]:
    """Give of each category its name behind those it stands in, the outermost first."""
    rows = {
        key: (parent, name)
        for key, parent, name in Category.objects.values_list("pk", "parent", "name")
    }
    paths = {}
    for key in rows:
        names, step = [], key
        while step is not None and len(names) < _DEEPEST:
            parent, name = rows[step]
            names.insert(0, name)
            step = parent
        paths[key] = names
    return paths


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
