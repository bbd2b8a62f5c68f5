"""Cards of the buyer on the pages of an order: pay with one press, or keep another."""

from django.conf import settings
from django.urls import reverse

from config.lib.visitor import address as address_of
from shop import customers

from .. import payments
from ..models import Order, SavedMethod, Subscription
from ..order_state import State
from ..subscriptions import keeping, tokens


def _is_owner(request, order: Order) -> bool:
    """Say whether who asks is signed in as the order's customer; a token alone is not enough."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES or not request.user.is_authenticated:
        return False
    return customers.of_user(order.organization, request.user).pk == order.customer_id


def context(request, state: State) -> dict:
    """Give the order's subscription, the cards to pay it with, and whether another may be kept."""
    order = state.order
    shown = {"subscription_url": _subscription_url(order)}
    if not state.may_pay or state.has_proof or order.needs_agreement:
        return shown
    is_owner = _is_owner(request, order)
    return shown | {
        "cards": keeping.of_customer(order.customer) if is_owner else [],
        "may_keep": is_owner or order.source == Order.Source.REPEAT,
        "is_renewal": order.source == Order.Source.REPEAT,
    }


def _subscription_url(order: Order) -> str:
    """Give the page of the subscription that an order began or renews; nothing of the others."""
    if order.source == Order.Source.REPEAT:
        found = Subscription.objects.filter(periods__order=order).first()
    elif order.status == Order.Status.PENDING and not order.paid:
        # Nothing begins before its first order is paid.
        found = None
    else:
        found = Subscription.objects.filter(first_order=order).first()
    if found is None:
        return ""
    found.organization = order.organization
    return reverse("orders:subscription-detail", args=[tokens.of(found)])


def chosen(request, order: Order) -> SavedMethod | None:
    """Give the card that the owner pressed, or None."""
    wanted = request.POST.get("card", "")
    if not wanted or not _is_owner(request, order):
        return None
    cards = keeping.of_customer(order.customer)
    return next((card for card in cards if card.pk.hex == wanted), None)


def note_wish(request, order: Order, account, *, now) -> None:
    """Note that the buyer ticked the box beside a payment that can keep its card."""
    may_keep = order.source == Order.Source.REPEAT or _is_owner(request, order)
    wants = request.POST.get("keep") == "on" and payments.get(account.provider).can_keep
    if may_keep and wants:
        keeping.allow(order, address=address_of(request), now=now)
