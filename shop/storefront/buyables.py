"""Products that can be bought from a text: each with its price and stock of this moment."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from django.db.models import Prefetch
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from config.lib import markup, money

from .. import addresses, kits
from ..models import Organization, Product, Variant
from ..pictures import rendition

# A text names this many products at most; more would be a list.
MOST_IN_A_TEXT = 40
_PRODUCT, _PICTURE = {"product", "producto"}, {"picture", "foto"}


@dataclass(frozen=True)
class Choice:
    """One variant as a buyer chooses it."""

    sku: str
    label: str
    price_label: str
    is_available: bool


def choice(variant: Variant, currency: str) -> Choice:
    """Give a variant in words; what can be sold of it is fetched with it (kits.py)."""
    return Choice(
        sku=variant.sku,
        label=variant.label,
        price_label=money.label(variant.price, currency),
        is_available=variant.available > 0,
    )


def named_in(text: str) -> list[str]:
    """Give the addresses of the products that a text names, each once."""
    values = (value for kind, value in markup.marks(text) if kind in _PRODUCT)
    return list(dict.fromkeys(value.partition("/")[0] for value in values))[:MOST_IN_A_TEXT]


def products(slugs: Iterable[str], *, now: datetime) -> dict[str, Product]:
    """Give the visible products at these addresses with their variants, in two queries."""
    slugs = list(slugs)
    if not slugs:
        return {}
    variants = kits.with_available(Variant.objects.filter(is_active=True))
    found = Product.objects.visible(now).filter(slug__in=slugs)
    found = found.only("slug", "name", "summary", "cover", "organization")
    found = found.prefetch_related(Prefetch("variants", variants.order_by("position", "id")))
    return {product.slug: product for product in found}


def body(
    organization: Organization, text: str, pictures: dict[int, dict], *, now: datetime
) -> SafeString:
    """Write a text with its products and pictures in place; what is gone leaves no trace."""
    known = products(named_in(text), now=now)

    def part(kind: str, value: str, alone: bool) -> SafeString:
        if kind in _PICTURE:
            return _figure(pictures, value) if alone else SafeString("")
        slug, _slash, sku = value.partition("/")
        product = known.get(slug) if kind in _PRODUCT else None
        if product is None:
            return SafeString("")
        return _card(organization, product, sku) if alone else _link(product)

    return markup.to_html(text, part)


def _figure(pictures: dict[int, dict], value: str) -> SafeString:
    shown = rendition(pictures.get(int(value))) if value.isdigit() and len(value) < 4 else None
    if shown is None:
        return SafeString("")
    return SafeString(render_to_string("shop/blog/_figure.html", {"picture": shown}))


def _link(product: Product) -> SafeString:
    return format_html('<a href="{}">{}</a>', addresses.product(product.slug), product.name)


def _card(organization: Organization, product: Product, sku: str) -> SafeString:
    choices = [choice(variant, organization.currency) for variant in product.variants.all()]
    if not choices:
        return SafeString("")
    return SafeString(
        render_to_string("shop/blog/_buy_card.html", card(product, choices, chosen_sku=sku))
    )


def card(product: Product, choices: list[Choice], *, chosen_sku: str = "") -> dict:
    """Give what a card shows of a product (templates/shop/blog/_buy_card.html)."""
    buyable = [one for one in choices if one.is_available]
    named = next((one for one in choices if one.sku == chosen_sku), None)
    chosen = named if named in buyable else next(iter(buyable), named or choices[0])
    url = addresses.product(product.slug)
    return {
        "name": product.name,
        "summary": product.summary,
        "url": f"{url}?variante={quote(chosen.sku)}" if len(choices) > 1 else url,
        "picture": rendition(product.cover),
        "choices": choices if len(choices) > 1 else [],
        "chosen": chosen,
        "is_available": bool(buyable),
        "stock_label": _("In stock") if buyable else _("Sold out"),
    }
