"""What search engines and social networks read: true addresses and structured data."""

import html
import json
from collections.abc import Iterable
from urllib.parse import quote, urljoin

from django.conf import settings
from django.utils.html import strip_tags
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import get_language

from config.lib.memory import Memory

from .. import addresses, branding, organizations, pages
from ..models import Domain
from ..pictures import rendition

_primary_hosts = Memory(seconds=2)

# Where a shop with this currency is, for the few facts that differ by country.
_COUNTRIES = {"COP": "CO", "MXN": "MX", "PEN": "PE", "CLP": "CL", "ARS": "AR"}
# In Colombia: five business days, which are never fewer than five days (Ley 1480, art. 47).
_WITHDRAWAL_DAYS = 5
# JSON cannot end the script element around it, nor be mistaken for an entity.
_ESCAPES = {ord(mark): f"\\u{ord(mark):04X}" for mark in "<>&\u2028\u2029"}


def origin(request) -> str:
    """Give scheme and host of the shop's one true address, as "https://tienda.example.com"."""
    # A page with its structured data asks a dozen times.
    if not hasattr(request, "shop_origin"):
        request.shop_origin = _origin(request)
    return request.shop_origin


def _origin(request) -> str:
    asked = organizations.host_of(request)
    host = _primary_hosts.get(request.organization.pk, _primary_host)
    # A shop that answers at a port does so at each of its host names.
    _name, _colon, port = asked.rpartition(":")
    if not (port.isascii() and port.isdigit() and len(port) <= 5):
        port = ""
    host = host or organizations.clean_host(asked)
    return f"{settings.SITE_SCHEME}://{host}{f':{port}' if port else ''}"


def _primary_host(organization_id) -> str:
    primary = Domain.objects.filter(
        organization_id=organization_id, is_primary=True, verified_at__isnull=False
    )
    return primary.values_list("host", flat=True).first() or ""


def absolute(request, path: str) -> str:
    """Give the whole address of a path of this shop; a whole address stays as it is."""
    if path.startswith("/") and not path.startswith("//"):
        return origin(request) + path
    return urljoin(origin(request) + "/", path)


def script(structured: Iterable[dict]) -> str:
    """Write structured data for a script element, whatever merchants typed into it."""
    graph = [data for data in structured if data]
    if not graph:
        return ""
    written = json.dumps(
        {"@context": "https://schema.org", "@graph": graph},
        ensure_ascii=False,
        separators=(",", ":"),
    )
    return SafeString(written.translate(_ESCAPES))


def organization(request) -> dict:
    """Describe the merchant, as the law asks them to show themselves."""
    shop = request.organization
    postal = _filled(
        {
            "@type": "PostalAddress",
            "streetAddress": shop.address_line,
            "addressLocality": shop.city,
            "addressCountry": _COUNTRIES.get(shop.currency, ""),
        }
    )
    return _filled(
        {
            "@type": "OnlineStore",
            "@id": absolute(request, "/#shop"),
            "name": shop.name,
            "legalName": shop.legal_name,
            "taxID": shop.tax_id,
            "description": shop.tagline,
            "url": absolute(request, addresses.HOME),
            "logo": absolute(request, branding.logo_url(shop) or branding.icon_url(shop, "512")),
            "email": shop.email,
            "telephone": str(shop.phone) if shop.phone else "",
            "address": postal if shop.address_line or shop.city else None,
        }
    )


def website(request) -> dict:
    """Describe the site and how it is searched."""
    return {
        "@type": "WebSite",
        "name": request.organization.name,
        "url": absolute(request, addresses.HOME),
        "inLanguage": get_language(),
        "publisher": {"@id": absolute(request, "/#shop")},
        "potentialAction": {
            "@type": "SearchAction",
            "target": {
                "@type": "EntryPoint",
                "urlTemplate": absolute(request, addresses.SEARCH) + "?q={search_term_string}",
            },
            "query-input": "required name=search_term_string",
        },
    }


def breadcrumbs(request, trail: Iterable[tuple[str, str]]) -> dict:
    """Describe the way to a page; its last step, the page itself, needs no address."""
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            _filled(
                {
                    "@type": "ListItem",
                    "position": position,
                    "name": label,
                    "item": absolute(request, url) if url else "",
                }
            )
            for position, (label, url) in enumerate(trail, start=1)
        ],
    }


def product(request, context: dict) -> dict:
    """Describe a product and what each of its variants costs (see product_page.context)."""
    shown = context["product"]
    url = absolute(request, shown["url"])
    offers = [
        _offer(request, variant, shown, several=len(context["variants"]) > 1)
        for variant in context["variants"]
    ]
    shelf = [label for label, address in context.get("breadcrumbs", ()) if address][1:]
    return _filled(
        {
            "@type": "Product",
            "@id": f"{url}#product",
            "name": shown["name"],
            "description": shown["summary"] or _plain(shown["description_html"]),
            "url": url,
            "image": [absolute(request, _largest(picture)) for picture in shown["pictures"]],
            "category": " > ".join(shelf),
            "brand": {"@type": "Brand", "name": shown["brand"]},
            "sku": context["variants"][0]["sku"] if len(offers) == 1 else "",
            "offers": offers[0] if len(offers) == 1 else _aggregate(context["variants"], offers),
        }
    )


def post(request, shown, context: dict) -> dict:
    """Describe an article, or a ritual as a way to do something (see post_page.context)."""
    url = absolute(request, addresses.post(shown.kind, shown.slug))
    cover, author = context["cover"], context["author"]
    told = {
        "@type": "BlogPosting",
        "@id": f"{url}#post",
        "headline": shown.title,
        "description": context["page_description"],
        "url": url,
        "mainEntityOfPage": url,
        "image": [context["social_picture_url"]] if cover else [],
        "datePublished": shown.published_at.isoformat(timespec="seconds"),
        "dateModified": max(shown.published_at, shown.changed_at).isoformat(timespec="seconds"),
        "author": {"@type": "Person", "name": author} if author else {"@id": _shop(request)},
        "publisher": {
            "@type": "Organization",
            "@id": _shop(request),
            "name": request.organization.name,
        },
        "keywords": ", ".join(shown.tags),
        "inLanguage": request.organization.language,
    }
    if not shown.is_ritual or not context["steps"]:
        return _filled(told)
    items = context["ritual"]["items"] if context["ritual"] else []
    return _filled(
        {
            **told,
            "@type": "HowTo",
            "name": shown.title,
            "headline": "",
            "totalTime": f"PT{shown.minutes}M" if shown.minutes else "",
            "supply": [
                {"@type": "HowToSupply", "name": item["name"], "requiredQuantity": item["quantity"]}
                for item in items
            ],
            "step": [
                {"@type": "HowToStep", "position": position, "text": step}
                for position, step in enumerate(context["steps"], start=1)
            ],
        }
    )


def _shop(request) -> str:
    return absolute(request, "/#shop")


def _offer(request, variant: dict, shown: dict, *, several: bool) -> dict:
    url = absolute(request, shown["url"])
    return _filled(
        {
            "@type": "Offer",
            "sku": variant["sku"],
            "name": variant["label"],
            "url": f"{url}?variante={quote(variant['sku'])}" if several else url,
            "price": _decimal(variant["price"]),
            "priceCurrency": request.organization.currency,
            "availability": "https://schema.org/"
            + ("InStock" if variant["is_available"] else "OutOfStock"),
            "itemCondition": "https://schema.org/NewCondition",
            "hasMerchantReturnPolicy": _return_policy(request, shown),
        }
    )


def _aggregate(variants: list[dict], offers: list[dict]) -> dict:
    prices = [variant["price"] for variant in variants]
    return {
        "@type": "AggregateOffer",
        "lowPrice": _decimal(min(prices)),
        "highPrice": _decimal(max(prices)),
        "priceCurrency": offers[0]["priceCurrency"],
        "offerCount": len(offers),
        "offers": offers,
    }


def _return_policy(request, shown: dict) -> dict | None:
    """Say what the law gives a buyer in Colombia; of other countries we know nothing."""
    country = _COUNTRIES.get(request.organization.currency)
    if country != "CO" or "is_returnable" not in shown:
        return None
    policy = {
        "@type": "MerchantReturnPolicy",
        "applicableCountry": country,
        "merchantReturnLink": absolute(request, addresses.page(pages.RETURNS)),
    }
    if not shown["is_returnable"]:
        return policy | {
            "returnPolicyCategory": "https://schema.org/MerchantReturnNotPermitted",
        }
    return policy | {
        "returnPolicyCategory": "https://schema.org/MerchantReturnFiniteReturnWindow",
        "merchantReturnDays": _WITHDRAWAL_DAYS,
        "returnMethod": "https://schema.org/ReturnByMail",
        "returnFees": "https://schema.org/ReturnFeesCustomerResponsibility",
        "refundType": "https://schema.org/FullRefund",
    }


def social_picture(request, pictures: list[dict] = ()) -> str:
    """Give the picture that stands for a page where it is shared, as a whole address."""
    shop = request.organization
    if pictures:
        return absolute(request, _largest(pictures[0]))
    hero = rendition(shop.hero)
    if hero is not None:
        return absolute(request, hero.srcset.rpartition(", ")[2].partition(" ")[0])
    return absolute(request, branding.icon_url(shop, "512"))


def _largest(picture: dict) -> str:
    """Give the widest file of a picture: search engines and cards want no thumbnails."""
    return picture["srcset"].rpartition(", ")[2].partition(" ")[0] or picture["src"]


def _plain(written: str) -> str:
    text = " ".join(html.unescape(strip_tags(written.replace("<", " <"))).split())
    return Truncator(text).chars(500)


def _decimal(amount: int) -> str:
    return f"{amount // 100}.{amount % 100:02d}"


def _filled(data: dict) -> dict:
    """Leave out what the merchant has not filled in."""
    return {name: value for name, value in data.items() if value not in ("", None, [])}
