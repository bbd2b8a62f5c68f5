"""What makes a shop look like its merchant: colours, manifest, logo and icons."""

import hashlib
import json
import re

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from . import addresses
from .models import Organization
from .pictures import rendition

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_BRAND, _ACCENT = "#1f3d36", "#b7791f"
# Text on the brand colour: the first that can be read. White or black can on every colour.
_TEXT_COLOURS = ("#fffdf8", "#1d2522", "#ffffff", "#000000")
# What WCAG 2 asks of normal text (level AA).
READABLE = 4.5
# The ground of every page, as in static/css/tokens.css.
PAPER = "#fdfbf6"

# The icons of a shop by name: side in pixels, and whether a launcher may cut them to a circle.
ICONS = {
    "32": (32, False),
    "180": (180, True),
    "192": (192, False),
    "512": (512, False),
    "maskable-512": (512, True),
}


def brand(organization: Organization) -> str:
    """Give the main colour, or ours when the row holds something that is no colour."""
    return _colour(organization.brand_colour, _BRAND)


def accent(organization: Organization) -> str:
    """Give the second colour, or ours when the row holds something that is no colour."""
    return _colour(organization.accent_colour, _ACCENT)


def _colour(value: str, otherwise: str) -> str:
    return value.lower() if _COLOUR.fullmatch(value) else otherwise


def on_colour(colour: str) -> str:
    """Give the colour of text that can be read on this one."""
    return next(text for text in _TEXT_COLOURS if contrast(text, colour) >= READABLE)


def contrast(one: str, other: str) -> float:
    """Give the contrast of two colours by WCAG 2: from 1 (equal) to 21 (black and white)."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def rgb(colour: str) -> tuple[int, int, int]:
    """Give red, green and blue of "#1f3d36"."""
    return tuple(bytes.fromhex(colour[1:]))


def _luminance(colour: str) -> float:
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (value / 255 for value in rgb(colour))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def stylesheet(organization: Organization) -> str:
    """Write the shop's colours as custom properties."""
    main = brand(organization)
    return f":root{{--brand:{main};--on-brand:{on_colour(main)};--accent:{accent(organization)}}}\n"


def stylesheet_url(organization: Organization) -> str:
    """Give the address of the shop's colours; it changes when they do."""
    return f"/marca.css?v={version(stylesheet(organization))}"


def version(*written: str) -> str:
    """Give a short mark that differs when what was written differs."""
    return hashlib.blake2b("\n".join(written).encode(), digest_size=6).hexdigest()


def logo_url(organization: Organization) -> str:
    """Give the address of the shop's logo, or nothing."""
    logo = rendition(organization.logo)
    return logo.src if logo else ""


def icon_version(organization: Organization) -> str:
    """Give a mark of everything that an icon is drawn from."""
    drawn_from = organization.icon or organization.logo or organization.name
    return version(brand(organization), json.dumps(drawn_from, sort_keys=True))


def icon_url(organization: Organization, name: str) -> str:
    """Give the address of an icon; it changes when the icon does."""
    return f"/iconos/{name}.png?v={icon_version(organization)}"


def manifest(organization: Organization) -> dict:
    """Give what a telephone needs to install the shop as an app."""
    return {
        "id": "/",
        "name": organization.name,
        "short_name": _short(organization.name),
        "description": organization.tagline,
        "lang": get_language(),
        "dir": "ltr",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "theme_color": brand(organization),
        "background_color": PAPER,
        "categories": ["shopping"],
        "icons": [
            {
                "src": icon_url(organization, name),
                "sizes": f"{side}x{side}",
                "type": "image/png",
                "purpose": "maskable" if name.startswith("maskable") else "any",
            }
            for name, (side, _is_full) in ICONS.items()
            if side >= 192
        ],
        "shortcuts": [
            {"name": label, "url": url}
            for label, url in (
                (_("All products"), addresses.PRODUCTS),
                (_("On offer"), f"{addresses.PRODUCTS}?oferta=1"),
                (_("My account"), "/cuenta/"),
            )
        ],
    }


def _short(name: str) -> str:
    """Give as many whole words of the name as fit under an icon."""
    short = ""
    for word in name.split():
        longer = f"{short} {word}".strip()
        if len(longer) > 12:
            break
        short = longer
    return short or name[:12]
