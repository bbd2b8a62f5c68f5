"""The catalogue: what a list needs is kept on the product, and kept right."""

from collections.abc import Iterable

from django.db import connection, transaction
from django.db.models import ProtectedError, RestrictedError
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from config.lib import text
from config.lib.errors import DomainError

from . import kits, page_cache, pictures, search
from .models import Category, KitPart, Organization, Product, StockMovement, Variant


class StillUsed(DomainError):
    code = "still_used"


@transaction.atomic
def refresh(product_ids: Iterable) -> None:
    """Bring lists and search of these products up to date; call it after any change of them."""
    product_ids = list(product_ids)
    refresh_listing(product_ids)
    _refresh_search(product_ids)


@transaction.atomic
def refresh_listing(product_ids: Iterable) -> None:
    """Bring price, stock flags and cover of these products up to date, and drop kept pages.

    The kits that any of their variants lies in come along: they are sold out with their parts.
    """
    product_ids = list(product_ids)
    # Rows are taken in the order of their keys, so that two refreshes cannot deadlock.
    organizations = dict(
        Product.objects.filter(pk__in=RawSQL(_WITH_KITS, [product_ids, product_ids]))  # noqa: S611
        .order_by("pk")
        .select_for_update(no_key=True, of=("self",))
        .values_list("pk", "organization_id")
    )
    with connection.cursor() as cursor:
        cursor.execute(_REFRESH_LISTING, {"ids": sorted(organizations)})
    for organization_id in set(organizations.values()):
        page_cache.invalidate(organization_id)


def heal_listing(organization: Organization) -> int:
    """Refresh the products whose stock flags are no longer true; give how many there were.

    Stock refreshes them after its commit (stock.py): a process that was killed in between did not.
    """
    return _heal(_STALE_LISTING, [organization.pk])


def heal_kits(part_ids: Iterable) -> int:
    """Refresh the kits that these variants lie in, where the stock flags are no longer true."""
    return _heal(_STALE_KITS, [list(part_ids)])


def _heal(query: str, parameters: list) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        stale = [key for (key,) in cursor.fetchall()]
    if stale:
        refresh_listing(stale)
    return len(stale)


_WITH_KITS = """
SELECT unnest(%s::uuid[]) UNION
SELECT kit.product_id FROM shop_variant AS part
JOIN shop_kitpart AS inside ON inside.part_id = part.id
JOIN shop_variant AS kit ON kit.id = inside.kit_id
WHERE part.product_id = ANY(%s::uuid[])
"""
_STALE = f"""
SELECT product.id FROM shop_product AS product
LEFT JOIN shop_variant AS variant ON variant.product_id = product.id AND variant.is_active
LEFT JOIN shop_stocklevel AS level ON level.variant_id = variant.id
WHERE {{}}
GROUP BY product.id
HAVING product.is_available <> coalesce(sum({kits.AVAILABLE}) > 0, false)
    OR product.is_low <> coalesce(bool_or({kits.AVAILABLE} <= level.low_at), false)
"""  # noqa: S608 - constants of ours
_STALE_LISTING = _STALE.format("product.organization_id = %s::uuid")
_STALE_KITS = _STALE.format("""product.id IN (
    SELECT kit.product_id FROM shop_kitpart AS inside
    JOIN shop_variant AS kit ON kit.id = inside.kit_id
    WHERE inside.part_id = ANY(%s::uuid[]))""")
_REFRESH_LISTING = f"""
UPDATE shop_product AS product SET
    listing_price = offer.price,
    listing_compare_at_price = offer.compare_at_price,
    has_several_prices = coalesce(offer.highest > offer.price, false),
    is_available = coalesce(offer.available > 0, false),
    is_low = coalesce(offer.is_low, false),
    cover = (
        SELECT jsonb_build_object(
            'key', picture.key, 'widths', picture.widths, 'width', picture.width,
            'height', picture.height, 'alt', picture.description
        )
        FROM shop_picture AS picture WHERE picture.product_id = product.id
        ORDER BY picture.position, picture.id LIMIT 1
    ),
    benefit_slugs = (
        SELECT coalesce(array_agg(benefit.slug ORDER BY benefit.slug), '{{}}')
        FROM shop_product_benefits AS link
        JOIN shop_benefit AS benefit ON benefit.id = link.benefit_id
        WHERE link.product_id = product.id
    )
FROM (
    SELECT
        product.id AS product_id,
        min(variant.price) AS price,
        max(variant.price) AS highest,
        -- The price before belongs to the cheapest variant, and only when it was higher.
        (array_agg(
            CASE WHEN variant.compare_at_price > variant.price THEN variant.compare_at_price END
            ORDER BY variant.price, variant.position, variant.id
        ) FILTER (WHERE variant.id IS NOT NULL))[1] AS compare_at_price,
        sum({kits.AVAILABLE}) AS available,
        bool_or({kits.AVAILABLE} <= level.low_at) AS is_low
    FROM shop_product AS product
    LEFT JOIN shop_variant AS variant
        ON variant.product_id = product.id AND variant.is_active
    LEFT JOIN shop_stocklevel AS level ON level.variant_id = variant.id
    WHERE product.id = ANY(%(ids)s)
    GROUP BY product.id
) AS offer
WHERE product.id = offer.product_id
"""  # noqa: S608


def _refresh_search(product_ids: list) -> None:
    products = (
        Product.objects.filter(pk__in=product_ids)
        .select_related("category", "organization")
        .prefetch_related("benefits", "variants")
        .defer("search", "name_search")
        .order_by("pk")
    )
    rows: dict[Organization, list[tuple]] = {}
    for product in products:
        variants = [variant for variant in product.variants.all() if variant.is_active]
        benefits = " ".join(benefit.name for benefit in product.benefits.all())
        options = " ".join({f"{variant.name} {variant.label}" for variant in variants})
        by_weight = (
            product.name,
            " ".join(variant.sku for variant in variants),
            f"{product.category.name} {benefits} {options}",
            f"{product.summary} {product.ingredients} {product.certifications}",
            f"{product.description} {product.how_to_use} {product.tips}",
        )
        # Cut into words as a search is, so that both sides always agree.
        folded = (" ".join(text.words(found)) for found in by_weight)
        rows.setdefault(product.organization, []).append((product.pk, *folded))
    for organization, found in rows.items():
        columns = list(zip(*found, strict=True))
        search.learn(organization, [*columns[1], *columns[3]])
        configuration = search.CONFIGURATIONS[organization.language]
        with connection.cursor() as cursor:
            cursor.execute(
                _REFRESH_SEARCH,
                {
                    "configuration": configuration,
                    **{
                        name: list(column)
                        for name, column in zip(("ids", *"asbcd"), columns, strict=True)
                    },
                },
            )


_REFRESH_SEARCH = """
UPDATE shop_product AS product SET name_search = found.words, search = found.words
    || setweight(to_tsvector(%(configuration)s::regconfig, found.c), 'C')
    || setweight(to_tsvector(%(configuration)s::regconfig, found.d), 'D')
FROM (
    SELECT given.id, given.c, given.d,
        setweight(to_tsvector(%(configuration)s::regconfig, given.a), 'A')
        || setweight(to_tsvector('simple', given.skus), 'A')
        || setweight(to_tsvector(%(configuration)s::regconfig, given.b), 'B') AS words
    FROM unnest(
        %(ids)s::uuid[], %(a)s::text[], %(s)s::text[], %(b)s::text[], %(c)s::text[], %(d)s::text[]
    ) AS given (id, a, skus, b, c, d)
) AS found
WHERE product.id = found.id
"""


def propose_slug(product: Product) -> str:
    """Give an address for a product that no other product of its organization has."""
    taken = Product.objects.exclude(pk=product.pk).values_list("slug", flat=True)
    base = text.free_slug(product.name, taken=set())
    return text.free_slug(product.name, taken=set(taken.filter(slug__startswith=base)))


def propose_sku(variant: Variant) -> str:
    """Give a SKU made of the product's and the variant's names that no other variant has."""
    base = sku_start(variant.product.name, variant.label)
    taken = Variant.objects.exclude(pk=variant.pk).filter(sku__istartswith=base)
    known = {sku.upper() for sku in taken.values_list("sku", flat=True)}
    sku, number = base, 2
    while sku in known:
        sku, number = f"{base}-{number}", number + 1
    return sku


def sku_start(name: str, label: str) -> str:
    """Give how the SKU of a variant begins that nobody has given one."""
    named = text.free_slug(f"{name} {label}", taken=set())
    return "-".join(part[:4] for part in named.split("-"))[:32].strip("-").upper()


@transaction.atomic
def remove_variant(variant: Variant) -> None:
    """Delete a variant that never moved; one with history is refused and can only be retired."""
    if variant.movements.exists():
        raise StillUsed(
            _("%(name)s has history and cannot be deleted. Retire it instead.") % {"name": variant}
        )
    _require_in_no_kit(KitPart.objects.filter(part=variant))
    product_id = variant.product_id
    try:
        variant.delete()
    except (ProtectedError, RestrictedError) as error:
        # Ordered, or part of something: it never needed to move for that.
        raise StillUsed(
            _("%(name)s is in use and cannot be deleted. Retire it instead.") % {"name": variant}
        ) from error
    refresh([product_id])


@transaction.atomic
def retire_variant(variant: Variant) -> None:
    """Take a variant out of the shop and keep its history."""
    Variant.objects.filter(pk=variant.pk).update(is_active=False)
    refresh([variant.product_id])


@transaction.atomic
def move_category(category: Category, *, by: int) -> Category:
    """Put a category so many places further on its own shelf; at the end it stays."""
    # The organization's row, so that two people who move at once do so one after the other.
    Organization.objects.select_for_update(no_key=True).get(pk=category.organization_id)
    shelf = list(
        Category.objects.filter(parent=category.parent_id).order_by(*Category._meta.ordering)
    )
    place = next(number for number, one in enumerate(shelf) if one.pk == category.pk)
    moved = shelf.pop(place)
    shelf.insert(max(0, place + by), moved)
    others = [(position, one) for position, one in enumerate(shelf) if one.position != position]
    for position, one in others:
        one.position = position
    if others:
        Category.objects.bulk_update([one for _place, one in others], ["position"], batch_size=500)
        page_cache.invalidate(category.organization_id)
    return moved


@transaction.atomic
def remove_category(category: Category) -> None:
    """Delete a category that holds nothing."""
    if category.products.exists() or category.children.exists():
        raise StillUsed(_("Move what is inside %(name)s first.") % {"name": category})
    organization_id = category.organization_id
    category.delete()
    page_cache.invalidate(organization_id)


@transaction.atomic
def remove_product(product: Product) -> None:
    """Delete a product none of whose variants ever moved; its pictures' files go as well."""
    if StockMovement.objects.filter(variant__product=product).exists():
        raise StillUsed(
            _("%(name)s has history and cannot be deleted. Hide it instead.") % {"name": product}
        )
    _require_in_no_kit(KitPart.objects.filter(part__product=product))
    organization_id = product.organization_id
    for picture in product.pictures.all():
        pictures.remove(picture)
    try:
        product.delete()
    except (ProtectedError, RestrictedError) as error:
        raise StillUsed(
            _("%(name)s is in use and cannot be deleted. Hide it instead.") % {"name": product}
        ) from error
    page_cache.invalidate(organization_id)


def _require_in_no_kit(inside) -> None:
    row = inside.select_related("kit", "part").first()
    if row is not None:
        raise StillUsed(
            _("%(name)s lies in the kit %(kit)s. Take it out there first.")
            % {"name": row.part, "kit": row.kit}
        )
