"""Everything that a product's page shows."""

import json
from datetime import datetime
from urllib.parse import quote

from django.utils.html import _json_script_escapes
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.lib import money, text

from . import addresses, browsing, cards, shelves
from .models import Organization, Picture, Product, Variant

# Above this, telling the exact number helps nobody.
_FEW = 5
_RELATED = 4


def visible(organization: Organization, slug: str, *, now: datetime) -> Product | None:
    """Give the product at this address if a shopper may see it now."""
    return (
        Product.objects.visible(now)
        .filter(organization=organization, slug=slug)
        .select_related("category")
        .defer("search", "cover")
        .first()
    )


def context(organization: Organization, product: Product, *, sku: str, now: datetime) -> dict:
    """Give what the page of this product needs, with the variant of this SKU chosen."""
    pictures = [_picture(picture, product) for picture in product.pictures.all()]
    variants = [
        _variant(variant, product, organization)
        for variant in product.variants.filter(is_active=True).select_related("stock")
    ]
    chosen = next((variant for variant in variants if variant["sku"] == sku), None)
    chosen = chosen or next((variant for variant in variants if variant["is_available"]), None)
    chosen = chosen or variants[0]
    # The picture of the chosen variant comes first, so that it shows without JavaScript too.
    pictures.sort(key=lambda picture: picture["id"] != chosen["picture_id"])
    return {
        "product": _described(organization, product, pictures),
        "axes": _axes(product, variants, chosen),
        "chosen": chosen,
        "variants": variants,
        "variants_json": _script_json(variants),
        "whatsapp_url": chosen["whatsapp_url"],
        "notes": _notes(product),
        "related": _related(organization, product, now=now),
    }


def _script_json(value) -> SafeString:
    """Write JSON that cannot end the script element around it."""
    return mark_safe(json.dumps(value).translate(_json_script_escapes))  # noqa: S308


def _picture(picture: Picture, product: Product) -> dict:
    kept = {
        "key": picture.key,
        "widths": picture.widths,
        "width": picture.width,
        "height": picture.height,
        "alt": picture.description,
    }
    shown = cards.picture(kept, alt=product.name)
    return {
        "id": picture.pk.hex,
        "src": shown.src,
        "srcset": shown.srcset,
        "width": shown.width,
        "height": shown.height,
        "alt": shown.alt,
    }


def _variant(variant: Variant, product: Product, organization: Organization) -> dict:
    stock = getattr(variant, "stock", None)
    available = stock.available if stock else 0
    if available <= 0:
        kind, label = "out", _("Sold out")
    elif available <= _FEW:
        kind = "low"
        label = ngettext("Only %(n)s left", "Only %(n)s left", available) % {"n": available}
    else:
        kind, label = "in", _("In stock")
    before = variant.offer_from
    return {
        "sku": variant.sku,
        "label": variant.label,
        "options": [variant.option1, variant.option2][: len(_axis_names(product))],
        "price": variant.price,
        "price_label": money.label(variant.price, organization.currency),
        "compare_at_label": money.label(before, organization.currency) if before else "",
        "stock_label": label,
        "stock_kind": kind,
        "is_available": available > 0,
        "picture_id": variant.picture_id.hex if variant.picture_id else "",
        "whatsapp_url": _whatsapp_url(variant, product, organization, available=available > 0),
    }


def _whatsapp_url(variant, product, organization: Organization, *, available: bool) -> str:
    if not organization.whatsapp:
        return ""
    named = f"{product.name} · {variant.label}" if variant.label else product.name
    asked = (
        _("Hello, I would like to buy %(name)s (%(sku)s).")
        if available
        else _("Hello, when will %(name)s (%(sku)s) be back?")
    )
    return addresses.whatsapp(
        str(organization.whatsapp), asked % {"name": named, "sku": variant.sku}
    )


def _described(organization: Organization, product: Product, pictures: list[dict]) -> dict:
    kept = shelves.of(organization)
    return {
        "name": product.name,
        "summary": product.summary,
        "brand": organization.name,
        "url": addresses.product(product.slug),
        "description_html": text.to_html(product.description),
        "ingredients_html": text.to_html(product.ingredients),
        "how_to_use_html": text.to_html(product.how_to_use),
        "tips_html": text.to_html(product.tips),
        "certifications": [line.strip() for line in product.certifications.splitlines() if line],
        "benefits": [
            {"label": kept.benefits[slug], "url": f"{addresses.PRODUCTS}?beneficio={slug}"}
            for slug in product.benefit_slugs
            if slug in kept.benefits
        ],
        "marketplace_url": product.marketplace_url,
        "pictures": pictures,
    }


def _axis_names(product: Product) -> list[str]:
    return [name for name in (product.option1_name, product.option2_name) if name]


def _axes(product: Product, variants: list[dict], chosen: dict) -> list[dict]:
    """Give each axis with every choice; those that no variant has stay visible, not buyable."""
    by_options = {tuple(variant["options"]): variant for variant in variants}
    axes = []
    for place, name in enumerate(_axis_names(product)):
        choices = []
        for label in dict.fromkeys(variant["options"][place] for variant in variants):
            options = list(chosen["options"])
            options[place] = label
            variant = by_options.get(tuple(options))
            if variant is None:
                note = _("Not available")
            else:
                note = "" if variant["is_available"] else _("Sold out")
            choices.append(
                {
                    "label": label,
                    "url": f"?variante={quote(variant['sku'])}" if variant else "",
                    "is_current": label == chosen["options"][place],
                    "is_possible": variant is not None,
                    "is_available": variant is not None and variant["is_available"],
                    "note": note,
                }
            )
        axes.append({"label": name, "choices": choices})
    return axes


def _notes(product: Product) -> list[str]:
    if product.no_withdrawal_reason:
        return [_("Cannot be returned: %(reason)s") % {"reason": product.no_withdrawal_reason}]
    return [_("You can change your mind within 5 business days of delivery.")]


def _related(organization: Organization, product: Product, *, now: datetime) -> list[dict]:
    """Give the newest others of the same shelf."""
    shelf = shelves.of(organization).by_id.get(product.category_id)
    if shelf is None:
        return []
    selection = browsing.Selection(shelf=shelf)
    page = browsing.page(organization, selection, size=_RELATED + 1, now=now)
    rows = [row for row in page.rows if row["id"] != product.pk][:_RELATED]
    return cards.html(rows, currency=organization.currency, now=now, eager=0)
