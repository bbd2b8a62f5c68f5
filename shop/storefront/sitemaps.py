"""Which addresses search engines may show: each visible page of the shop exactly once.

Products come in parts of 5,000 by key, hidden ones left out of their part, so that a part costs
the same wherever it lies and its first key stays its name.
"""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID
from xml.sax.saxutils import escape

from django.db import connection
from django.db.models import F, Max, OuterRef, Subquery
from django.db.models.functions import Coalesce, Greatest
from django_scopes import get_scope

from .. import addresses, pages
from ..models import Organization, Post, Product, Variant
from . import shelves

PART_SIZE = 5_000
_MOST_POSTS = 10_000
_XMLNS = "http://www.sitemaps.org/schemas/sitemap/0.9"
# Lists in another order or with filters, and what belongs to one person.
_NOT_FOR_ROBOTS = (
    "/admin/",
    "/api/",
    "/avisos/",
    "/buscar/",
    "/carrito/",
    "/checkout/",
    "/consola/",
    "/cuenta/",
    "/favoritos/",
    "/idioma/",
    "/pedidos/",
    "/simulador/",
    "/vista/",
    "/visitante/",
    "/vista-previa/",
    *(f"/*{mark}{name}=" for name in (
        "beneficio", "categoria", "disponible", "max", "min", "oferta", "orden",
    ) for mark in "?&"),
)  # fmt: skip


def robots(organization: Organization, sitemap_url: str) -> str:
    """Write robots.txt: a shop in test mode is shown by nobody."""
    if not organization.is_live:
        return "User-agent: *\nDisallow: /\n"
    refused = "".join(f"Disallow: {path}\n" for path in _NOT_FOR_ROBOTS)
    return f"User-agent: *\n{refused}\nSitemap: {sitemap_url}\n"


def index(organization: Organization, origin: str) -> str:
    """Write the list of parts."""
    parts = [(f"{origin}/sitemap-{name}.xml", None) for name in ("paginas", "blog")]
    parts += [
        (f"{origin}{part_path(first)}", changed_at)
        for first, changed_at in _product_parts(organization)
    ]
    return _written("sitemapindex", "sitemap", parts)


def part_path(first: UUID) -> str:
    """Give the address of the part that begins at this product."""
    return f"/sitemap-productos-{first}.xml"


def fixed_pages(organization: Organization, origin: str) -> str:
    """Write the part with the home page, the shelves and the pages of words."""
    entries = [(addresses.HOME, None), (addresses.PRODUCTS, None)]
    entries += [(shelf.url, None) for shelf in shelves.of(organization).by_slug.values()]
    entries += [(page.url, page.since) for page in pages.PAGES]
    return _written("urlset", "url", ((origin + path, changed) for path, changed in entries))


def posts(organization: Organization, origin: str, *, now: datetime) -> str:
    """Write the part with the articles and rituals that a visitor may read now."""
    rows = Post.objects.visible(now).filter(organization=organization)
    rows = rows.order_by("-published_at", "-id")[:_MOST_POSTS]
    entries = [(addresses.BLOG, None), (addresses.RITUALS, None)] if rows else []
    entries += [
        (addresses.post(kind, slug), max(published_at, changed_at))
        for kind, slug, published_at, changed_at in rows.values_list(
            "kind", "slug", "published_at", "changed_at"
        )
    ]
    return _written("urlset", "url", ((origin + path, changed) for path, changed in entries))


def products(organization: Organization, origin: str, *, first: UUID, now: datetime) -> str:
    """Write the part that begins at this product: those of its 5,000 keys that are visible."""
    rows = Product.objects.filter(organization=organization, pk__gte=first).order_by("pk")
    last = rows.values_list("pk", flat=True)[PART_SIZE - 1 : PART_SIZE].first()
    if last is not None:
        rows = rows.filter(pk__lte=last)
    variant_changed_at = Subquery(
        Variant.objects.filter(product=OuterRef("pk"))
        .order_by()
        .values("product")
        .annotate(last=Max("changed_at"))
        .values("last")
    )
    shown = rows.visible(now).annotate(
        last_change=Greatest(
            "published_at", "changed_at", Coalesce(variant_changed_at, F("changed_at"))
        )
    )
    entries = shown.values_list("slug", "last_change")
    return _written(
        "urlset", "url", ((origin + addresses.product(slug), changed) for slug, changed in entries)
    )


def _product_parts(organization: Organization) -> list[tuple[UUID, datetime]]:
    """Give the first key of every part, and when something in the part last changed."""
    if get_scope().get("organization") != organization:
        raise ValueError("The parts of another organization were asked for.")
    with connection.cursor() as database:
        database.execute(_PARTS, {"organization": organization.pk, "size": PART_SIZE})
        return database.fetchall()


_PARTS = """
SELECT (array_agg(id ORDER BY place) FILTER (WHERE place %% %(size)s = 1 OR %(size)s = 1))[1],
       max(changed_at)
FROM (
    SELECT product.id, row_number() OVER (ORDER BY product.id) AS place,
           greatest(
               least(product.published_at, now()), product.changed_at, variant.changed_at
           ) AS changed_at
    FROM shop_product AS product
    LEFT JOIN (
        SELECT product_id, max(changed_at) AS changed_at
        FROM shop_variant WHERE organization_id = %(organization)s GROUP BY product_id
    ) AS variant ON variant.product_id = product.id
    WHERE product.organization_id = %(organization)s
) AS placed
GROUP BY (place - 1) / %(size)s
ORDER BY 1
"""


def _written(root: str, entry: str, entries: Iterable[tuple[str, date | None]]) -> str:
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<{root} xmlns="{_XMLNS}">']
    for address, changed in entries:
        lastmod = f"<lastmod>{changed.isoformat(**_seconds(changed))}</lastmod>" if changed else ""
        lines.append(f"<{entry}><loc>{escape(address)}</loc>{lastmod}</{entry}>")
    return "\n".join([*lines, f"</{root}>", ""])


def _seconds(changed: date) -> dict:
    return {"timespec": "seconds"} if isinstance(changed, datetime) else {}
