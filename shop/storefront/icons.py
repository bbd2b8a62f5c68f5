"""Icons of a shop, drawn from its own icon or logo, or from its first letter."""

import io
import logging
import unicodedata

from django.conf import settings
from django.core.cache import cache
from django.core.files.storage import default_storage
from PIL import Image, ImageDraw, ImageFont

from .. import branding
from ..models import Organization

logger = logging.getLogger(__name__)

_FONT = settings.BASE_DIR / "static" / "vendor" / "newsreader-5.3.0" / "newsreader-latin.woff2"
_KEPT_FOR = 30 * 24 * 3600
# Drawn larger and scaled down, so that edges are smooth.
_FINER = 4
# A launcher may cut away all but a circle of 80 % of the width: letters stay well inside.
_LETTER, _LETTER_IN_CIRCLE = 0.62, 0.46
_LOGO, _LOGO_IN_CIRCLE = 0.84, 0.56


def png(organization: Organization, name: str) -> bytes:
    """Give an icon as a PNG file, drawn once and then kept for every process."""
    key = f"icon:{organization.pk}:{name}:{branding.icon_version(organization)}"
    kept = cache.get(key)
    if kept is None:
        side, is_full = branding.ICONS[name]
        content = io.BytesIO()
        draw(organization, side, is_full=is_full).save(content, "PNG", optimize=True)
        kept = content.getvalue()
        cache.set(key, kept, _KEPT_FOR)
    return kept


def draw(organization: Organization, side: int, *, is_full: bool) -> Image.Image:
    """Draw an icon; a full one is coloured to its edges, so that it may be cut to any shape."""
    picture = _picture(organization)
    if picture is not None:
        return _framed(picture, side, is_full=is_full)
    return _lettered(organization, side, is_full=is_full)


def _picture(organization: Organization) -> Image.Image | None:
    """Give the merchant's own icon or logo, or None when there is none that can be read."""
    kept = organization.icon or organization.logo
    if not kept:
        return None
    try:
        with default_storage.open(f"{kept['key']}/{max(kept['widths'])}.webp") as file:
            return Image.open(file).convert("RGBA")
    except OSError:
        logger.exception("The icon of a shop could not be read")
        return None


def _framed(picture: Image.Image, side: int, *, is_full: bool) -> Image.Image:
    ground = Image.new("RGBA", (side, side), (*branding.rgb(branding.PAPER), 255 * is_full))
    room = round(side * (_LOGO_IN_CIRCLE if is_full else _LOGO))
    picture = picture.copy()
    picture.thumbnail((room, room), Image.Resampling.LANCZOS)
    place = ((side - picture.width) // 2, (side - picture.height) // 2)
    ground.alpha_composite(picture, place)
    return ground


def _lettered(organization: Organization, side: int, *, is_full: bool) -> Image.Image:
    colour = branding.brand(organization)
    wide = side * _FINER
    image = Image.new("RGBA", (wide, wide), (*branding.rgb(colour), 255 * is_full))
    pen = ImageDraw.Draw(image)
    if not is_full:
        corner = wide * 0.22
        pen.rounded_rectangle((0, 0, wide - 1, wide - 1), corner, fill=branding.rgb(colour))
    font = ImageFont.truetype(_FONT, wide * (_LETTER_IN_CIRCLE if is_full else _LETTER))
    letter = monogram(organization.name)
    left, top, right, bottom = pen.textbbox((0, 0), letter, font=font)
    # By its ink, not by its line: a letter looks centred only so.
    corner = ((wide - left - right) / 2, (wide - top - bottom) / 2)
    pen.text(corner, letter, font=font, fill=branding.rgb(branding.on_colour(colour)))
    return image.resize((side, side), Image.Resampling.LANCZOS)


def monogram(name: str) -> str:
    """Give the first letter or digit of a name that our font can draw."""
    for mark in unicodedata.normalize("NFC", name):
        if mark.isalnum() and ord(mark) < 0x180:
            return mark.upper()
    # Other scripts have no glyph in the font, and an empty box would look broken.
    return "•"
