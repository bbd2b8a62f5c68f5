"""What the front of the shop shows: its blocks, in their order."""

from collections.abc import Callable
from datetime import datetime

from django.utils.translation import gettext as _

from config.lib import text

from .. import addresses, pages
from ..front import USUAL_BLOCKS
from ..models import Organization, Product
from ..pictures import rendition
from . import browsing, cards, posts, shelves, surroundings
from .browsing import Selection

_NOTHING = {
    "title": "",
    "text": "",
    "link_label": "",
    "link_address": "",
    "picture": None,
    "source": "featured",
    "category": "",
    "products": [],
    "post_kind": "",
    "most": 4,
}


def context(organization: Organization, front: dict, *, now: datetime) -> dict:
    """Give the blocks that have something to show, each with the template that shows it."""
    blocks = []
    for block in front["blocks"] or USUAL_BLOCKS:
        whole = {**_NOTHING, **block}
        shown = _BLOCKS[block["kind"]](organization, whole, now)
        if shown is not None:
            is_first = not any(other["is_hero"] for other in blocks)
            blocks.append(
                {
                    **shown,
                    "template": f"shop/blocks/{block['kind']}.html",
                    "place": len(blocks) + 1,
                    "is_hero": block["kind"] == "hero",
                    "is_title": block["kind"] == "hero" and is_first,
                }
            )
    return {
        "page_description": organization.tagline,
        "banners": surroundings.banners(front, "home", now=now, most=2),
        "blocks": blocks,
        "has_title": any(block["is_title"] for block in blocks),
    }


def _hero(organization: Organization, block: dict, _now: datetime) -> dict:
    return {
        "title": block["title"] or organization.tagline or organization.name,
        "text": block["text"] or organization.hero_text,
        "picture": rendition(block["picture"] or organization.hero),
        "url": block["link_address"] or addresses.PRODUCTS,
        "label": block["link_label"] or _("See the products"),
    }


def _text(_organization: Organization, block: dict, _now: datetime) -> dict | None:
    picture = rendition(block["picture"])
    if not (block["title"] or block["text"] or picture):
        return None
    return {
        "title": block["title"],
        "text_html": text.to_html(block["text"]),
        "picture": picture,
        "url": block["link_address"],
        "label": block["link_label"] or _("See more"),
    }


def _products(organization: Organization, block: dict, now: datetime) -> dict | None:
    source, size = block["source"], block["most"]
    kept = shelves.of(organization)
    shelf = next((one for one in kept.by_id.values() if str(one.id) == block["category"]), None)
    if source == "chosen":
        rows = _chosen(block["products"], now=now)
    elif source == "category" and shelf is None:
        rows = []
    else:
        selection = {
            "offers": Selection(only_offers=True, only_available=True),
            "featured": Selection(only_featured=True),
            "category": Selection(shelf=shelf),
        }.get(source, Selection())
        rows = browsing.page(organization, selection, size=size, now=now).rows
        if source == "featured" and not rows:
            rows = browsing.page(organization, Selection(), size=size, now=now).rows
    if not rows:
        return None
    title, label, url = {
        "featured": (_("Chosen by us"), _("See everything"), addresses.PRODUCTS),
        "newest": (_("New"), _("See everything"), addresses.PRODUCTS),
        "offers": (
            _("Offers"),
            _("All offers"),
            addresses.with_query(addresses.PRODUCTS, [("oferta", "1")]),
        ),
        "category": ((shelf.label, _("See everything"), shelf.url) if shelf else ("", "", "")),
        "chosen": (_("Chosen by us"), _("See everything"), addresses.PRODUCTS),
    }[source]
    return {
        "title": block["title"] or title,
        "cards": cards.html(rows[:size], currency=organization.currency, now=now, eager=0),
        "url": block["link_address"] or url,
        "label": block["link_label"] or label,
    }


def _chosen(keys: list[str], *, now: datetime) -> list[dict]:
    """Give products in the order in which they were chosen, in one query."""
    columns = browsing.COLUMNS.split(", ")
    rows = Product.objects.visible(now).filter(pk__in=keys).values(*columns)
    by_key = {str(row["id"]): row for row in rows}
    return [by_key[key] for key in keys if key in by_key]


def _categories(organization: Organization, block: dict, _now: datetime) -> dict | None:
    top = shelves.of(organization).top
    if not top:
        return None
    return {
        "title": block["title"] or _("Shop by category"),
        "categories": [
            {
                "label": shelf.label,
                "url": shelf.url,
                "description": shelf.description,
                "picture": rendition(shelf.picture),
            }
            for shelf in top
        ],
    }


def _benefits(organization: Organization, block: dict, _now: datetime) -> dict | None:
    benefits = shelves.of(organization).benefits
    if not benefits:
        return None
    return {
        "title": block["title"] or _("What do you need today?"),
        "benefits": [
            {"label": label, "url": addresses.with_query(addresses.PRODUCTS, [("beneficio", slug)])}
            for slug, label in benefits.items()
        ],
    }


def _posts(_organization: Organization, block: dict, now: datetime) -> dict | None:
    rows = posts.newest(block["post_kind"], now=now, most=block["most"])
    if not rows:
        return None
    is_ritual = block["post_kind"] == "ritual"
    return {
        "title": block["title"] or (_("Rituals") if is_ritual else _("To read")),
        "cards": posts.cards(rows),
        "url": block["link_address"] or (addresses.RITUALS if is_ritual else addresses.BLOG),
        "label": block["link_label"]
        or (_("All rituals") if is_ritual else _("Everything to read")),
    }


def _quote(_organization: Organization, block: dict, _now: datetime) -> dict | None:
    if not block["text"]:
        return None
    return {
        "title": block["title"],
        "text": block["text"],
        "picture": rendition(block["picture"]),
    }


def _trust(organization: Organization, _block: dict, _now: datetime) -> dict:
    links = {link["slug"]: link["url"] for link in pages.links(organization)}
    return {
        "page_urls": {
            "delivery": links.get("envios"),
            "returns": links.get("cambios"),
            "privacy": links.get("datos"),
        }
    }


_BLOCKS: dict[str, Callable[[Organization, dict, datetime], dict | None]] = {
    "hero": _hero,
    "text": _text,
    "products": _products,
    "categories": _categories,
    "benefits": _benefits,
    "posts": _posts,
    "quote": _quote,
    "trust": _trust,
}
