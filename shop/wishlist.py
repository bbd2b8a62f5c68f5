"""What somebody keeps for later: on the device of a stranger, in rows for who has an account.

Newest first everywhere. The device's list is a signed cookie, so that looking around writes no
rows; at sign-in it is joined to the account's and leaves the device.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from uuid import UUID

from django.core import signing
from django.db import transaction
from django.utils.translation import gettext as _

from config.lib.errors import DomainError

from .models import Customer, Organization, Product, WishlistLine

# As many as a cookie holds.
MOST = 60
_KEY_BYTES = 16


class WishlistFull(DomainError):
    code = "wishlist_full"


def full() -> WishlistFull:
    return WishlistFull(
        _("Your favourites hold %(most)d products, the most they can. Take one out first.")
        % {"most": MOST}
    )


# --- On the device --------------------------------------------------------------------------------


def written(organization: Organization, keys: Iterable[UUID]) -> str:
    """Write a list as a device keeps it."""
    packed = urlsafe_b64encode(b"".join(key.bytes for key in keys)).decode().rstrip("=")
    return _signer(organization).sign(packed)


def read(organization: Organization, token: str) -> list[UUID]:
    """Read a device's list; one that we did not write is empty."""
    try:
        packed = _signer(organization).unsign(token)
        raw = urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
    except (signing.BadSignature, ValueError):
        return []
    pieces = range(0, len(raw) - len(raw) % _KEY_BYTES, _KEY_BYTES)
    return [UUID(bytes=raw[at : at + _KEY_BYTES]) for at in pieces][:MOST]


def _signer(organization: Organization) -> signing.Signer:
    return signing.Signer(salt=f"kaiu.wishes:{organization.pk}")


# --- Of an account --------------------------------------------------------------------------------


def of(customer: Customer) -> list[UUID]:
    """Give what a customer keeps."""
    lines = WishlistLine.objects.filter(customer=customer).order_by("-pk")
    return list(lines.values_list("product", flat=True)[:MOST])


def add(customer: Customer, product: Product) -> None:
    """Keep a product for a customer, once."""
    join(customer, [product.pk], is_strict=True)


def remove(customer: Customer, product_id: UUID) -> None:
    """Let go of a product; one that is not kept stays so."""
    WishlistLine.objects.filter(customer=customer, product=product_id).delete()


@transaction.atomic
def join(customer: Customer, keys: Iterable[UUID], *, is_strict: bool = False) -> None:
    """Keep also these, given newest first; what finds no place any more is left out.

    With `is_strict` a list without a place for them is refused (WishlistFull).
    """
    # Two devices that sign in at once take turns, so that together they stay below the most.
    Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
    kept = set(WishlistLine.objects.filter(customer=customer).values_list("product", flat=True))
    known = set(Product.objects.filter(pk__in=list(keys)).values_list("pk", flat=True))
    new = [key for key in keys if key in known and key not in kept]
    if is_strict and len(kept) + len(new) > MOST:
        raise full()
    # Oldest first, so that the newest row is the newest wish.
    rows = [
        WishlistLine(customer=customer, product_id=key)
        for key in reversed(new[: max(0, MOST - len(kept))])
    ]
    WishlistLine.objects.bulk_create(rows, ignore_conflicts=True, batch_size=MOST)
