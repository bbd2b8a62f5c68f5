"""What the front of the shop shows."""

from datetime import datetime

from django.utils.translation import gettext as _

from .. import addresses, pages
from ..models import Organization
from ..pictures import rendition
from . import browsing, cards, shelves
from .browsing import Selection

_FEATURED, _OFFERS = 8, 4


def context(organization: Organization, *, now: datetime) -> dict:
    """Give the hero, the shelves, what the shop chose to show and what is on offer."""
    kept = shelves.of(organization)
    featured = (
        browsing.page(organization, Selection(only_featured=True), size=_FEATURED, now=now).rows
        or browsing.page(organization, Selection(), size=_FEATURED, now=now).rows
    )
    offers = browsing.page(
        organization, Selection(only_offers=True, only_available=True), size=_OFFERS, now=now
    ).rows
    currency = organization.currency
    links = {link["slug"]: link["url"] for link in pages.links(organization)}
    return {
        "page_description": organization.tagline,
        "hero": {
            "title": organization.tagline or organization.name,
            "text": organization.hero_text,
            "picture": rendition(organization.hero),
            "url": addresses.PRODUCTS,
            "label": _("See the products"),
        },
        "categories": [
            {
                "label": shelf.label,
                "url": shelf.url,
                "description": shelf.description,
                "picture": rendition(shelf.picture),
            }
            for shelf in kept.top
        ],
        "featured": cards.html(featured, currency=currency, now=now, eager=0),
        "offers": cards.html(offers, currency=currency, now=now, eager=0),
        "offers_url": addresses.with_query(addresses.PRODUCTS, [("oferta", "1")]),
        "benefits": [
            {"label": label, "url": addresses.with_query(addresses.PRODUCTS, [("beneficio", slug)])}
            for slug, label in kept.benefits.items()
        ],
        "page_urls": {
            "delivery": links.get("envios"),
            "returns": links.get("cambios"),
            "privacy": links.get("datos"),
        },
    }
