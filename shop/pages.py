"""The pages of words that every shop needs: who sells, delivery, returns, privacy, terms.

What the law says comes from our templates, who the merchant is from the organization's row. A
merchant's own words about a subject stand first on its page.
"""

from dataclasses import dataclass
from datetime import date

from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from config.lib import text

from . import addresses, opening_hours
from .models import Organization

ABOUT, DELIVERY, RETURNS, PRIVACY, TERMS = "nosotros", "envios", "cambios", "datos", "terminos"


@dataclass(frozen=True)
class Page:
    """A page of words; one that binds somebody has a version and a first day."""

    slug: str
    label: str
    title: str
    description: str
    template: str
    version: str = ""
    since: date | None = None

    @property
    def url(self) -> str:
        return addresses.page(self.slug)

    @property
    def updated_label(self) -> str:
        if self.since is None:
            return ""
        return _("Version %(version)s, in force since %(date)s") % {
            "version": self.version,
            "date": date_format(self.since, "DATE_FORMAT"),
        }


# Whoever changes the meaning of a text gives its page a new version: consents name it.
_FIRST = {"version": "2026-11", "since": date(2026, 11, 21)}
PAGES = (
    Page(
        ABOUT,
        gettext_lazy("About us"),
        gettext_lazy("About us"),
        gettext_lazy("Who sells in this shop and how to reach us."),
        "about",
    ),
    Page(
        DELIVERY,
        pgettext_lazy("page", "Delivery"),
        pgettext_lazy("page", "Delivery"),
        gettext_lazy("What delivery costs, how long it takes and what to do if it is late."),
        "delivery",
        **_FIRST,
    ),
    Page(
        RETURNS,
        pgettext_lazy("page", "Returns"),
        gettext_lazy("Returns, refunds and warranty"),
        gettext_lazy("How to return a product, get your money back or use the warranty."),
        "returns",
        **_FIRST,
    ),
    Page(
        PRIVACY,
        gettext_lazy("Personal data"),
        gettext_lazy("How we treat your personal data"),
        gettext_lazy("What we do with your data, your rights and how to use them."),
        "privacy",
        **_FIRST,
    ),
    Page(
        TERMS,
        gettext_lazy("Terms of sale"),
        gettext_lazy("Terms of sale"),
        gettext_lazy("The rules of buying in this shop, in plain words."),
        "terms",
        **_FIRST,
    ),
)
# The fields that hold a merchant's own words.
_OWN_WORDS = {
    ABOUT: "about",
    DELIVERY: "delivery_words",
    RETURNS: "returns_words",
    PRIVACY: "privacy_words",
    TERMS: "terms_words",
}
_BY_SLUG = {page.slug: page for page in PAGES}
VERSIONS = {page.slug: page.version for page in PAGES if page.version}


def by_slug(slug: str) -> Page | None:
    """Give the page at this address, or None."""
    return _BY_SLUG.get(slug)


def links(organization: Organization, *, current: str = "") -> list[dict]:
    """Give every page as a link, for header, footer and the side of a page."""
    return [
        {
            "slug": page.slug,
            "label": str(page.label),
            "url": page.url,
            "is_current": page.slug == current,
        }
        for page in PAGES
    ]


def body(page: Page, organization: Organization) -> SafeString:
    """Write the words of a page for this shop, in the language of the request."""
    return SafeString(
        render_to_string(
            f"shop/pages/{page.template}.html",
            {
                "shop": _facts(organization),
                "own_words": _own_words(page, organization),
                "urls": {page.template: page.url for page in PAGES},
                "version": page.version,
            },
        )
    )


def _own_words(page: Page, organization: Organization) -> str:
    return text.to_html(getattr(organization, _OWN_WORDS[page.slug]))


def _facts(organization: Organization) -> dict:
    """Give what the law asks a shop to show of itself; what is missing is an empty text."""
    seller = organization.legal_name or organization.name
    tax_id = organization.tax_id
    whatsapp, phone = organization.whatsapp, organization.phone
    return {
        "name": organization.name,
        "tagline": organization.tagline,
        "seller": seller,
        "identified_seller": f"{seller} (NIT {tax_id})" if tax_id else seller,
        "tax_id": tax_id,
        "place": ", ".join(filter(None, (organization.address_line, organization.city))),
        "email": organization.email,
        "phone": phone.as_national if phone else "",
        "phone_url": f"tel:{phone}" if phone else "",
        "whatsapp": whatsapp.as_national if whatsapp else "",
        "whatsapp_url": f"https://wa.me/{str(whatsapp).lstrip('+')}" if whatsapp else "",
        "can_be_reached": bool(organization.email or phone or whatsapp),
        "currency": organization.currency,
        "hours": opening_hours.lines(organization),
    }
