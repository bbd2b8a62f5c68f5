"""Pictures of an import: fetched from strangers' servers in the background, each address once.

Only the guarded helper (config/lib/http.py) goes out: it refuses private, loopback and link-local
addresses, also behind names and redirects. What fails is told and holds nothing up.
"""

import io
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from PIL import Image

from config.lib import http
from config.lib.errors import DomainError, ProviderRefused, ProviderUnavailable

from .. import catalogue, pictures
from ..models import ImportFault, ImportPicture, Organization, Variant
from .tables import Table

Status = ImportPicture.Status
_AT_ONCE = 6
_MOST_TRIES = 4
_REDIRECTS = 3
# Whoever claimed a picture and does not come back by then was killed.
_LEASE = timedelta(minutes=5)


class Failed(Exception):
    """A picture that asking again would not bring."""

    def __init__(self, reason: str):
        self.reason = reason
        super().__init__(reason)


def fetch(organization: Organization, *, seconds: float = 25) -> None:
    """Fetch pictures that are due, for so long at most; the sweeper comes again for the rest."""
    end = time.monotonic() + seconds
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        while time.monotonic() < end and (claimed := _claim(organization)):
            by_address: dict[str, list[ImportPicture]] = {}
            for row in claimed:
                by_address.setdefault(row.address, []).append(row)
            # Nothing in the threads but waiting for others: rows are read and written here.
            asked = [
                (rows, _known(organization, address) or pool.submit(_download, address))
                for address, rows in by_address.items()
            ]
            for rows, answer in asked:
                _settle(rows, answer)


@transaction.atomic
def _claim(organization: Organization) -> list[ImportPicture]:
    """Take some that are due, with all others of the same addresses."""
    now = timezone.now()
    due = ImportPicture.objects.filter(
        organization=organization, status=Status.WAITING, due_at__lte=now
    ).select_for_update(skip_locked=True, no_key=True, of=("self",))
    addresses = {row.address for row in due.order_by("id")[:_AT_ONCE]}
    rows = list(due.filter(address__in=addresses).order_by("id")) if addresses else []
    for row in rows:
        row.tries += 1
        row.due_at = now + _LEASE
    ImportPicture.objects.bulk_update(rows, ["tries", "due_at"], batch_size=500)
    return rows


def _known(organization: Organization, address: str) -> Image.Image | None:
    """Give a picture that was fetched from this address before."""
    row = (
        ImportPicture.objects.filter(
            organization=organization, address=address, status=Status.DONE, picture__isnull=False
        )
        .select_related("picture")
        .first()
    )
    if row is None:
        return None
    try:
        with default_storage.open(f"{row.picture.key}/{row.picture.widths[-1]}.webp") as file:
            return pictures.read(file)
    except (FileNotFoundError, DomainError):
        return None


def _download(address: str) -> Image.Image:
    """Give the picture at an address, or raise."""
    try:
        answer = _exchange(address)
        http.require_good(answer)
    except ProviderRefused as refused:
        is_private = refused.code == "private_address"
        raise Failed("picture_private" if is_private else "picture_refused") from None
    except ProviderUnavailable as error:
        # A good answer that was too long.
        if 200 <= error.status < 300:
            raise Failed("picture_bad") from None
        raise
    try:
        return pictures.read(io.BytesIO(answer.body))
    except DomainError:
        raise Failed("picture_bad") from None


def _exchange(address: str) -> http.Answer:
    options = {
        "headers": {"Accept": "image/*"},
        "largest": pictures.LARGEST_FILE,
        "redirects": _REDIRECTS,
    }
    try:
        return http.exchange("GET", address, **options)
    except ProviderRefused as refused:
        # Old tables name addresses without encryption, of servers that have it long since.
        if refused.code != "not_https" or not address.startswith("http://"):
            raise
        return http.exchange("GET", f"https://{address.removeprefix('http://')}", **options)


def _settle(rows: list[ImportPicture], answer) -> None:
    """Give the picture to every product that asked for it, or write down why there is none."""
    now = timezone.now()
    try:
        image = answer if isinstance(answer, Image.Image) else answer.result()
    except ProviderUnavailable:
        for row in rows:
            _later(row, now)
    except Failed as failed:
        for row in rows:
            _fail(row, failed.reason)
    else:
        for row in rows:
            _attach(row, image)


def _later(row: ImportPicture, now: datetime) -> None:
    if row.tries >= _MOST_TRIES:
        _fail(row, "picture_unreachable")
        return
    pause = timedelta(minutes=2**row.tries)
    ImportPicture.objects.filter(pk=row.pk, status=Status.WAITING).update(due_at=now + pause)


@transaction.atomic
def _fail(row: ImportPicture, reason: str) -> None:
    failed = ImportPicture.objects.filter(pk=row.pk, status=Status.WAITING).update(
        status=Status.FAILED, reason=reason, due_at=None
    )
    if failed:
        one = row.product_import
        ImportFault.objects.create(
            product_import=one,
            line=row.line,
            column=Table(one).heading("pictures"),
            reason=reason,
        )


def _attach(row: ImportPicture, image: Image.Image) -> None:
    made = None
    try:
        with transaction.atomic():
            # Asked again: an undo may have taken it back meanwhile.
            held = (
                ImportPicture.objects.select_for_update(no_key=True, of=("self",))
                .select_related("product__organization")
                .filter(pk=row.pk, status=Status.WAITING)
                .first()
            )
            if held is None:
                return
            made = pictures.add_image(held.product, image, description=held.description)
            made.position = held.position
            made.save(update_fields=["position"])
            held.status, held.picture, held.due_at = Status.DONE, made, None
            held.save(update_fields=["status", "picture", "due_at"])
            Variant.objects.filter(pk__in=held.variant_keys, product=held.product).update(
                picture=made
            )
            catalogue.refresh_listing([held.product_id])
    except BaseException:
        if made is not None:
            pictures.delete_files(made.key, made.widths)
        raise
