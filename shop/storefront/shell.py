"""What stands around every page: head, header and footer, made once for each shop and language."""

from datetime import datetime

from django.conf import settings
from django.http import HttpResponse
from django.template.loader import get_template, render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext as _

from config.lib.memory import Memory
from config.lib.skeletons import Skeleton

from .. import addresses, branding, front, opening_hours, pages
from ..models import Organization
from . import seo, surroundings

_parts = Memory(seconds=2)
_crumb = Skeleton("components/crumb.html")
_crumbs = Skeleton("components/crumbs.html")


def context(request) -> dict:
    """Give every template the parts around the page (a context processor)."""
    organization = getattr(request, "organization", None)
    if organization is None:
        return {}
    return around(organization) | {"canonical_url": ""}


def around(organization: Organization) -> dict:
    """Give the ready parts of a shop's pages in the language of this request."""
    now = timezone.now()
    # With the minute: what is planned for a minute is not behind it.
    key = (organization.pk, get_language(), int(now.timestamp()) // 60)
    return _parts.get(
        key, lambda _key: render(organization, front.published(organization), now=now)
    )


def render(organization: Organization, shown_front: dict, *, now: datetime) -> dict:
    """Write the parts around a page with these menus and banners (see front.py)."""
    language = get_language()
    menus = {
        part: surroundings.menu(organization, shown_front, part, now=now)
        for part in ("header", "footer")
    }
    usual = [] if all(menus.values()) else surroundings.usual_menu(organization, now=now)
    shown = {
        "organization": describe(organization),
        "language": language,
        "banner_html": surroundings.banners(shown_front, "top", now=now),
        "pages": pages.links(organization),
        "languages": [
            {
                "code": code,
                "label": get_language_info(code)["name_local"].capitalize(),
                "url": f"/idioma/{code}/",
                "is_current": code == language,
            }
            for code, _name in settings.LANGUAGES
        ],
        "brand_css_url": branding.stylesheet_url(organization),
    }
    return {
        "organization": shown["organization"],
        "shop_name": organization.name,
        "language": language,
        **{
            f"{part}_html": render_to_string(
                f"components/{part}.html", {**shown, "categories": menus.get(part) or usual}
            )
            for part in ("head", "header", "footer")
        },
    }


def describe(organization: Organization) -> dict:
    """Give what templates show of an organization."""
    fields = ("name", "slug", "tagline", "legal_name", "tax_id", "address_line", "city", "email")
    whatsapp = organization.whatsapp
    return {
        **{field: getattr(organization, field) for field in fields},
        "is_live": organization.is_live,
        "brand_colour": organization.brand_colour,
        "logo_url": branding.logo_url(organization),
        "icon_url": branding.icon_url(organization, "32"),
        "touch_icon_url": branding.icon_url(organization, "180"),
        "phone": organization.phone.as_national if organization.phone else "",
        "hours": opening_hours.lines(organization),
        "phone_url": f"tel:{organization.phone}" if organization.phone else "",
        "whatsapp": whatsapp.as_national if whatsapp else "",
        "whatsapp_url": (
            addresses.whatsapp(
                str(whatsapp),
                _("Hello, I have a question about %(shop)s.") % {"shop": organization},
            )
            if whatsapp
            else ""
        ),
    }


def breadcrumbs(trail: list[tuple[str, str]]) -> SafeString:
    """Write the way to a page, given as labels and addresses."""
    return _crumbs.fill(
        {"crumbs": _crumb.join({"label": label, "url": url} for label, url in trail)}
    )


def shared_page(
    request,
    template: str | Skeleton,
    context: dict,
    *,
    path: str,
    structured=(),
    parts: dict | None = None,
) -> HttpResponse:
    """Render a page that is the same for every visitor, from a template or a skeleton.

    It gets no request and no context processor, so that nothing of one visitor can slip into it.
    """
    values = {
        **(parts or around(request.organization)),
        "page_title": request.organization.name,
        "page_description": "",
        # What is tried out is no shop yet: search engines keep what they once found.
        "robots": "" if request.organization.is_live else "noindex",
        "canonical_url": seo.absolute(request, path),
        "structured_data": seo.script(structured),
        **context,
    }
    if "social_picture_url" not in values:
        values["social_picture_url"] = seo.social_picture(request)
    if isinstance(template, Skeleton):
        # A skeleton takes text alone; the organization's facts are in the parts around the page.
        del values["organization"]
        return HttpResponse(template.fill(values))
    return HttpResponse(get_template(template).render(values))
