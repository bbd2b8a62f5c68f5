"""Orders that staff make for a customer who wrote or called; the buyer pays by their own link.

A draft is a cart with `prepared_by`. Placing it is the checkout's own operation, so that prices,
stock, vouchers and ways to pay are checked as for everybody. Nobody accepts the terms for somebody
else: such an order names the version of its terms and no address they were accepted from, and no
consent is recorded. The buyer accepts them by paying (or confirming) on the page behind the link.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from config.lib.errors import DomainError
from shop import pages, stock
from shop.models import Address, Customer, Municipality, Organization, User, Variant

from . import checkout, vouchers
from .models import Cart, CartLine, Order, PaymentAccount
from .models.carts import MOST_OF_ONE

# A link by chat is not opened within the minutes of a checkout.
TIME_TO_PAY = timedelta(hours=48)
MOST_LINES = 100


class DraftGone(DomainError):
    code = "draft_gone"


class NotReady(DomainError):
    """Something is missing before the draft can become an order."""

    code = "not_ready"


def open_drafts():
    """Give the drafts that are not placed yet."""
    return Cart.objects.filter(prepared_by__isnull=False, ordered_at__isnull=True)


@transaction.atomic
def start(organization: Organization, *, actor: User, customer: Customer | None = None) -> Cart:
    """Begin an order for a customer, or for somebody whom the shop does not know yet."""
    return Cart.objects.create(
        organization=organization,
        customer=customer,
        prepared_by=actor,
        draft=_known_of(customer) if customer else {},
    )


@transaction.atomic
def change(
    cart: Cart,
    *,
    quantities: Mapping[UUID, int] | None = None,
    details: dict | None = None,
    voucher_code: str | None = None,
) -> Cart:
    """Write down what the order shall be: how many of each variant, and everything typed."""
    cart = _locked(cart)
    if quantities:
        _set(cart, quantities)
    if details is not None:
        cart.draft = details
    if voucher_code is not None:
        cart.voucher_code = vouchers.clean_code(voucher_code)
    cart.save(update_fields=["draft", "voucher_code", "changed_at"])
    return cart


def place(
    cart: Cart,
    *,
    contact: checkout.Contact,
    municipality: Municipality,
    address: dict,
    delivery_code: str,
    account: PaymentAccount | None,
    now: datetime,
    actor: User,
    notes: str = "",
    seen_total: int | None = None,
) -> Order:
    """Make an order of a draft, once; its stock is kept until the buyer had time to pay."""
    if not (contact.email or contact.phone):
        raise NotReady(_("Write the buyer's e-mail or phone: the link to pay has to reach them."))
    wish = checkout.Wish(
        contact=contact,
        municipality=municipality,
        address=address,
        delivery_code=delivery_code,
        account=account,
        terms_version=pages.VERSIONS[pages.TERMS],
        notes=notes,
        language=cart.organization.language,
        source=Order.Source.STAFF,
        seen_total=seen_total,
    )
    checkout.prepare(cart.organization, cart.pk, wish, now=now, customer=cart.customer)
    return _place(cart, wish, now=now, actor=actor)


@transaction.atomic
def _place(cart: Cart, wish: checkout.Wish, *, now: datetime, actor: User) -> Order:
    order = checkout.place(
        cart.organization, cart.pk, wish, now=now, customer=cart.customer, actor=actor
    )
    if order.status == Order.Status.PENDING and order.expires_at:
        order.expires_at = max(order.expires_at, order.placed_at + TIME_TO_PAY)
        order.save(update_fields=["expires_at", "changed_at"])
        stock.extend(order.pk, until=order.expires_at)
    return order


@transaction.atomic
def discard(cart: Cart) -> None:
    """Throw a draft away."""
    _locked(cart).delete()


# --- Parts ----------------------------------------------------------------------------------------


def _locked(cart: Cart) -> Cart:
    found = (
        open_drafts()
        .select_for_update(no_key=True, of=("self",))
        .select_related("organization")
        .filter(pk=cart.pk)
        .first()
    )
    if found is None:
        raise DraftGone(_("This draft was placed or thrown away by somebody else."))
    return found


def _set(cart: Cart, quantities: Mapping[UUID, int]) -> None:
    if not all(0 <= quantity <= MOST_OF_ONE for quantity in quantities.values()):
        raise NotReady(_("Order between 1 and %(most)d of each product.") % {"most": MOST_OF_ONE})
    cart.lines.filter(variant__in=quantities).delete()
    wanted = {key: quantity for key, quantity in quantities.items() if quantity}
    variants = Variant.objects.filter(pk__in=wanted, is_active=True, product__is_active=True)
    if cart.lines.count() + len(wanted) > MOST_LINES:
        raise NotReady(_("An order holds up to %(most)d products.") % {"most": MOST_LINES})
    CartLine.objects.bulk_create(
        CartLine(cart=cart, variant=variant, quantity=wanted[variant.pk], seen_price=variant.price)
        for variant in variants.order_by("pk")
    )


def _known_of(customer: Customer) -> dict:
    """Give what a form is filled with for a customer: contact, and the address they use most."""
    known = {
        "name": customer.name,
        "email": customer.email,
        "phone": str(customer.phone or ""),
        "document_type": customer.document_type,
        "document_number": customer.document_number,
    }
    address = (
        Address.objects.filter(customer=customer)
        .select_related("municipality__department")
        .order_by("-is_default", "-pk")
        .first()
    )
    if address:
        place = address.municipality
        known |= {
            "recipient": address.recipient,
            "place": place.full_name,
            "line": address.line,
            "complement": address.complement,
            "neighbourhood": address.neighbourhood,
            "notes": address.notes,
        }
    return known
