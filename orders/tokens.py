"""Signed names by which a stranger may hold an order, a cart or a promise of confirmation.

A number, a key or an e-mail address alone opens nothing; each kind of token opens one thing, in
one organization.
"""

from uuid import UUID

from django.core import signing

from shop.models import Organization

from .models import Order


def _signer(organization: Organization, purpose: str) -> signing.Signer:
    return signing.Signer(salt=f"kaiu.{purpose}:{organization.pk}")


def sign_key(organization: Organization, purpose: str, key: UUID) -> str:
    """Give a token that names this key for one purpose in one organization."""
    return _signer(organization, purpose).sign(key.hex).replace(":", "-")


def read_key(organization: Organization, purpose: str, token: str) -> UUID | None:
    """Give the key that a token names for this purpose here, or None."""
    # A signature may hold dashes of its own; the key never does.
    key, _dash, signature = token.partition("-")
    try:
        return UUID(_signer(organization, purpose).unsign(f"{key}:{signature}"))
    except (signing.BadSignature, ValueError):
        return None


def for_order(order: Order) -> str:
    """Give the token of the order's page, /pedidos/<token>/."""
    return sign_key(order.organization, "order", order.pk)


def order_of(organization: Organization, token: str, queryset=None) -> Order | None:
    """Give the order that this token opens here, or None."""
    key = read_key(organization, "order", token)
    orders = Order.objects.all() if queryset is None else queryset
    return None if key is None else orders.filter(pk=key).first()


def for_confirmation(order: Order) -> str:
    """Give the token that only the buyer's mailbox (or phone) receives."""
    return sign_key(order.organization, "confirmation", order.pk)


def confirms(order: Order, token: str) -> bool:
    """Say whether this token confirms this order."""
    return read_key(order.organization, "confirmation", token) == order.pk


def for_cart(organization: Organization, cart_id: UUID, *, purpose: str = "cart") -> str:
    """Give a token of a cart: of the cookie ("cart"), a form ("checkout") or a link ("restore")."""
    return sign_key(organization, purpose, cart_id)


def cart_of(organization: Organization, token: str, *, purpose: str = "cart") -> UUID | None:
    """Give the key of the cart that this token names, or None."""
    return read_key(organization, purpose, token)
