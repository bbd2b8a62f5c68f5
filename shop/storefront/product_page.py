"""Everything that a product's page shows, read in one query and written in one go."""

import json
from datetime import datetime
from urllib.parse import quote

from django.db import connection
from django.utils.html import _json_script_escapes
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_scopes import get_scope

from config.lib import money, text
from config.lib.skeletons import Skeleton

from .. import addresses, kits, stock_alerts
from ..models import Organization
from ..pictures import rendition
from . import browsing, cards, kit_box, shelves

# Above this, telling the exact number helps nobody.
_FEW = 5
_RELATED = 4

_gallery_item = Skeleton("shop/_gallery_item.html")
_thumb = Skeleton("shop/_thumb.html")
_axis = Skeleton("shop/_axis.html")
_axis_choice = Skeleton("shop/_axis_choice.html")
_chip = Skeleton("components/chip.html")
_item = Skeleton("components/item.html")

# By hand, because this page and the lists are what visitors look at all day: the product, its
# variants with their stock, its pictures and what stands beside it are one round trip.
_COLUMNS = (
    "id, category_id, name, slug, summary, description, ingredients, how_to_use, tips, "
    "certifications, marketplace_url, no_withdrawal_reason, option1_name, option2_name, "
    "benefit_slugs"
)
_NAMES = (*_COLUMNS.split(", "), "pictures", "variants", "related")
_PRODUCT = f"""
SELECT {_COLUMNS},
    (SELECT jsonb_agg(jsonb_build_object(
        'id', picture.id, 'key', picture.key, 'widths', picture.widths, 'width', picture.width,
        'height', picture.height, 'alt', picture.description
     ) ORDER BY picture.position, picture.id)
     FROM shop_picture AS picture WHERE picture.product_id = product.id) AS pictures,
    (SELECT jsonb_agg(jsonb_build_object(
        'sku', variant.sku, 'name', variant.name, 'option1', variant.option1,
        'option2', variant.option2, 'price', variant.price,
        'compare_at_price', variant.compare_at_price, 'picture_id', variant.picture_id,
        'available', coalesce({kits.AVAILABLE}, 0), 'kit', {kit_box.INSIDE}
     ) ORDER BY variant.position, variant.id)
     FROM shop_variant AS variant
     LEFT JOIN shop_stocklevel AS level ON level.variant_id = variant.id
     WHERE variant.product_id = product.id AND variant.is_active) AS variants,
    (SELECT jsonb_agg(to_jsonb(other)) FROM (
        SELECT {browsing.COLUMNS} FROM shop_product
        WHERE category_id = product.category_id AND id <> product.id AND {browsing.VISIBLE}
        ORDER BY published_at DESC, id DESC LIMIT {_RELATED}
     ) AS other) AS related
FROM shop_product AS product
WHERE organization_id = %(organization)s AND slug = %(slug)s AND {browsing.VISIBLE}
"""  # noqa: S608 - the condition is a constant of ours


def visible(organization: Organization, slug: str, *, now: datetime) -> dict | None:
    """Give the product at this address, with pictures and variants, if a shopper may see it."""
    if get_scope().get("organization") != organization:
        raise ValueError("A product of another organization was asked for.")
    parameters = {"organization": organization.pk, "slug": slug, "now": now}
    with connection.cursor() as cursor:
        cursor.execute(_PRODUCT, parameters)
        row = cursor.fetchone()
        if row is None:
            return None
    product = dict(zip(_NAMES, row, strict=True))
    for name in ("pictures", "variants", "related"):
        product[name] = json.loads(product[name] or "[]")
    return product if product["variants"] else None


def describe(organization: Organization, product: dict, *, sku: str, origin: str) -> dict:
    """Give the facts of the page: pictures, variants in words, and the one that is chosen.

    `origin` is what the shop's addresses begin with, for messages that leave the page.
    """
    page = origin + addresses.product(product["slug"])
    variants = [_variant(variant, product, organization, page) for variant in product["variants"]]
    chosen = next((variant for variant in variants if variant["sku"] == sku), None)
    chosen = chosen or next((variant for variant in variants if variant["is_available"]), None)
    chosen = chosen or variants[0]
    pictures = [_picture(picture, product) for picture in product["pictures"]]
    # The picture of the chosen variant comes first, so that it shows without JavaScript too.
    pictures.sort(key=lambda picture: picture["id"] != chosen["picture_id"])
    return {
        "product": {
            "name": product["name"],
            "summary": product["summary"],
            "brand": organization.name,
            "url": addresses.product(product["slug"]),
            "is_returnable": not product["no_withdrawal_reason"],
            "description_html": text.to_html(product["description"]),
            "pictures": pictures,
        },
        "variants": variants,
        "chosen": chosen,
    }


def parts(organization: Organization, product: dict, facts: dict, *, now: datetime) -> dict:
    """Give the parts of the page (templates/shop/product.html) as ready text and HTML."""
    chosen, variants, shown = facts["chosen"], facts["variants"], facts["product"]
    pictures = shown["pictures"]
    kept = shelves.of(organization)
    shelf = kept.by_id.get(product["category_id"])
    certifications = [line.strip() for line in product["certifications"].splitlines()]
    return {
        **{name: shown[name] for name in ("name", "summary", "description_html")},
        "shelf_label": shelf.label if shelf else "",
        **{
            f"{name}_html": text.to_html(product[name])
            for name in ("ingredients", "how_to_use", "tips")
        },
        **{
            name: chosen[name]
            for name in (
                "sku",
                "price_label",
                "compare_at_label",
                "stock_label",
                "stock_kind",
                "is_available",
                "whatsapp_url",
            )
        },
        "key": str(product["id"]),
        "email": organization.email,
        "alert_words": stock_alerts.consent_words(organization),
        "marketplace_url": product["marketplace_url"],
        "gallery": _gallery_item.join(
            {**picture, "is_first": place == 0} for place, picture in enumerate(pictures)
        ),
        "thumbs": _thumb.join(
            {**picture, "is_first": place == 0} for place, picture in enumerate(pictures)
        )
        if len(pictures) > 1
        else "",
        "axes": _axes(product, variants, chosen),
        "kit": kit_box.html(organization, product["variants"], chosen=chosen["sku"]),
        "variants_json": _script_json(variants),
        "benefits": _chip.join(
            {
                "label": kept.benefits[slug],
                "url": addresses.with_query(addresses.PRODUCTS, [("beneficio", slug)]),
            }
            for slug in product["benefit_slugs"]
            if slug in kept.benefits
        ),
        "certifications": _item.join(
            {"label": line, "kind": "badge"} for line in certifications if line
        ),
        "notes": _item.join({"label": note, "kind": ""} for note in _notes(product)),
        "related": _related(organization, product, shelf, now=now),
    }


def _script_json(value) -> SafeString:
    """Write JSON that cannot end the script element around it."""
    return mark_safe(json.dumps(value).translate(_json_script_escapes))  # noqa: S308


def _picture(picture: dict, product: dict) -> dict:
    shown = rendition(picture, alt=product["name"])
    return {
        "id": picture["id"].replace("-", ""),
        "src": shown.src,
        "srcset": shown.srcset,
        "width": shown.width,
        "height": shown.height,
        "alt": shown.alt,
    }


def _variant(variant: dict, product: dict, organization: Organization, page: str) -> dict:
    available = variant["available"]
    if available <= 0:
        kind, label = "out", _("Sold out")
    elif available <= _FEW:
        kind = "low"
        label = ngettext("Only %(n)s left", "Only %(n)s left", available) % {"n": available}
    else:
        kind, label = "in", _("In stock")
    options = [variant["option1"], variant["option2"]][: len(_axis_names(product))]
    named = variant["name"] or " · ".join(option for option in options if option)
    before, price = variant["compare_at_price"], variant["price"]
    is_offer = before is not None and before > price
    return {
        "sku": variant["sku"],
        "label": named,
        "options": options,
        "price": price,
        "price_label": money.label(price, organization.currency),
        "compare_at_label": money.label(before, organization.currency) if is_offer else "",
        "stock_label": label,
        "stock_kind": kind,
        "is_available": available > 0,
        "picture_id": (variant["picture_id"] or "").replace("-", ""),
        "whatsapp_url": _whatsapp_url(
            organization,
            is_available=available > 0,
            name=" · ".join(filter(None, (product["name"], named))),
            sku=variant["sku"],
            price=money.label(price, organization.currency),
            url=addresses.with_query(page, [("variante", variant["sku"] if named else "")]),
        ),
    }


def _whatsapp_url(organization: Organization, *, is_available: bool, **names: str) -> str:
    """Give the link to the merchant's own number, with what is wanted, its price and its page."""
    if not organization.whatsapp_number:
        return ""
    asked = (
        _("Hello, I would like to buy %(name)s (%(sku)s) for %(price)s: %(url)s")
        if is_available
        else _("Hello, when will %(name)s (%(sku)s) be back? %(url)s")
    )
    return addresses.whatsapp(organization.whatsapp_number, asked % names)


def _axis_names(product: dict) -> list[str]:
    return [name for name in (product["option1_name"], product["option2_name"]) if name]


def _axes(product: dict, variants: list[dict], chosen: dict) -> SafeString:
    """Give each axis with every choice; those that no variant has stay visible, not buyable."""
    by_options = {tuple(variant["options"]): variant for variant in variants}
    axes = []
    for place, name in enumerate(_axis_names(product)):
        choices = []
        for label in dict.fromkeys(variant["options"][place] for variant in variants):
            options = list(chosen["options"])
            options[place] = label
            variant = by_options.get(tuple(options))
            is_available = variant is not None and variant["is_available"]
            note = _("Sold out") if variant else _("Not available")
            choices.append(
                {
                    "label": label,
                    "url": f"?variante={quote(variant['sku'])}" if variant else "",
                    "is_current": label == chosen["options"][place],
                    "is_possible": variant is not None,
                    "is_available": is_available,
                    "note": "" if is_available else note,
                }
            )
        axes.append({"place": str(place), "label": name, "choices": _axis_choice.join(choices)})
    return _axis.join(axes)


def _notes(product: dict) -> list[str]:
    if product["no_withdrawal_reason"]:
        return [_("Cannot be returned: %(reason)s") % {"reason": product["no_withdrawal_reason"]}]
    return [_("You can change your mind within 5 business days of delivery.")]


def _related(
    organization: Organization, product: dict, shelf: shelves.Shelf | None, *, now: datetime
) -> SafeString:
    """Give the newest others of the shelf; when they are few, also of the shelves beside it."""
    rows = [
        {**row, "published_at": datetime.fromisoformat(row["published_at"])}
        for row in product["related"]
    ]
    if len(rows) < _RELATED and shelf is not None and shelf.parent is not None:
        shown = {product["slug"], *(row["slug"] for row in rows)}
        beside = browsing.Selection(shelf=shelf.parent)
        size = _RELATED + len(shown)
        page = browsing.page(organization, beside, size=size, now=now)
        rows += [row for row in page.rows if row["slug"] not in shown]
    currency = organization.currency
    return cards.html(rows[:_RELATED], currency=currency, now=now, eager=0)
