"""Pictures: checked by content, re-encoded to WebP without metadata, and given to pages."""

import io
import json
import warnings
from dataclasses import dataclass
from functools import cache
from typing import BinaryIO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from config.lib.errors import DomainError
from config.lib.fields import uuid7

from .models import Organization, Picture, Product

WIDTHS = (320, 640, 1280)
LARGEST_FILE = 10 * 1024 * 1024
# 50 megapixels: more than any phone's photograph that a shop needs, less than a memory bomb.
LARGEST_AREA = 50_000_000
# No photograph of a product is that many times longer than wide, and no page could show it.
THINNEST = 20
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")


class BadPicture(DomainError):
    code = "bad_picture"


@dataclass(frozen=True)
class Rendition:
    """A picture as a page needs it."""

    src: str
    srcset: str
    width: int
    height: int
    alt: str


def read(file: BinaryIO) -> Image.Image:
    """Give the picture in an uploaded file, upright and in RGB, or raise BadPicture."""
    content = file.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise BadPicture(_("This picture is larger than 10 MB. Choose a smaller one."))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(content), formats=_FORMATS)
            if picture.width * picture.height > LARGEST_AREA:
                raise BadPicture(_("This picture has too many pixels. Choose a smaller one."))
            picture.load()
            picture = ImageOps.exif_transpose(picture)
    except BadPicture:
        raise
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise BadPicture(_("This picture has too many pixels. Choose a smaller one.")) from error
    # Pillow raises whatever its decoders raise; any of it means: not a picture we can use.
    except Exception as error:
        raise BadPicture(
            _("This file is not a picture we can read. Use JPEG, PNG, WebP or GIF.")
        ) from error
    if min(picture.size) < 8:
        raise BadPicture(_("This picture is too small."))
    if max(picture.size) > THINNEST * min(picture.size):
        raise BadPicture(_("This picture is too long and thin. Cut out the part that matters."))
    has_alpha = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
    return picture.convert("RGBA" if has_alpha else "RGB")


def save(picture: Image.Image, organization: Organization, *, description: str = "") -> dict:
    """Store the picture in each width up to its own, and give what a row keeps of it.

    That is its folder ("key"), the widths, width and height of the largest, and "alt".
    """
    key = f"pictures/{organization.slug}/{uuid7().hex}"
    widths = sorted({min(width, picture.width) for width in WIDTHS})
    for width in widths:
        height = max(1, round(picture.height * width / picture.width))
        # A new image, so that nothing of the original's metadata comes along.
        resized = picture.resize((width, height), Image.Resampling.LANCZOS)
        resized.info.clear()
        content = io.BytesIO()
        resized.save(content, "WEBP", quality=82, method=4)
        default_storage.save(f"{key}/{width}.webp", ContentFile(content.getvalue()))
    return {
        "key": key,
        "widths": widths,
        "width": widths[-1],
        "height": height,
        "alt": description,
    }


@transaction.atomic
def add(product: Product, file: BinaryIO, *, description: str = "") -> Picture:
    """Check an uploaded picture and add it to the product's gallery."""
    return add_image(product, read(file), description=description)


def add_image(product: Product, image: Image.Image, *, description: str = "") -> Picture:
    """Add a picture that was already read to the product's gallery."""
    kept = save(image, product.organization, description=description)
    last = product.pictures.aggregate(last=Max("position"))["last"]
    return Picture.objects.create(
        product=product,
        key=kept["key"],
        widths=kept["widths"],
        width=kept["width"],
        height=kept["height"],
        description=description,
        position=0 if last is None else last + 1,
    )


def delete_files(key: str, widths: list[int]) -> None:
    """Remove a picture's files; a missing file is no error."""
    for width in widths:
        default_storage.delete(f"{key}/{width}.webp")


def replace(kept: dict | None, image: Image.Image, organization: Organization) -> dict:
    """Store a picture in place of another one, whose files go once the change is committed."""
    if kept:
        transaction.on_commit(lambda: delete_files(kept["key"], kept["widths"]))
    return save(image, organization)


@transaction.atomic
def remove(picture: Picture) -> None:
    """Take a picture out of its gallery; its files go once that is committed."""
    key, widths = picture.key, picture.widths
    picture.delete()
    transaction.on_commit(lambda: delete_files(key, widths))


@cache
def _media() -> str:
    return default_storage.url("x")[:-1]


def rendition(cover: dict | str | None, *, alt: str = "") -> Rendition | None:
    """Give a picture from what a product keeps of it ("cover"), or None."""
    if not cover:
        return None
    if isinstance(cover, str):
        cover = json.loads(cover)
    base = f"{_media()}{cover['key']}/"
    widths = cover["widths"]
    return Rendition(
        src=f"{base}{widths[min(1, len(widths) - 1)]}.webp",
        srcset=", ".join(f"{base}{width}.webp {width}w" for width in widths),
        width=cover["width"],
        height=cover["height"],
        alt=cover.get("alt") or alt,
    )
