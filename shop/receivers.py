"""What the shop does when other parts report news."""

import logging

from allauth.account.internal.flows.login import record_authentication
from allauth.account.signals import email_confirmed
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added
from django.contrib.auth.signals import user_logged_in
from django.db import transaction
from django.dispatch import receiver

from . import wishlist
from .accounts import joining
from .models import StockAlert, WishlistLine
from .signals import customer_joined
from .visitor import WISHES_COOKIE

logger = logging.getLogger(__name__)


@receiver(user_logged_in, dispatch_uid="shop.welcome")
def welcome(sender, request, user, **kwargs):
    """Make whoever signs in a customer of this shop, and note when they work here."""
    organization = getattr(request, "organization", None)
    if organization is not None:
        customer = joining.welcome(organization, user)
        joining.note_work(organization, user)
        _join_wishes(request, organization, customer)


def _join_wishes(request, organization, customer):
    """Put what the device kept into the account's list; no list is worth a failed sign-in."""
    try:
        if token := request.COOKIES.get(WISHES_COOKIE, ""):
            with transaction.atomic():
                wishlist.join(customer, wishlist.read(organization, token))
            request.wishes_joined = True
    except Exception:
        logger.exception("The favourites of a visitor who signed in could not be kept")


@receiver(customer_joined, dispatch_uid="shop.follow_wishes")
def follow_wishes(sender, customer, guest, **kwargs):
    """Give what a guest kept and waits for to the customer they turned out to be."""
    StockAlert.objects.filter(customer=guest).update(customer=customer)
    lines = WishlistLine.objects.filter(customer=guest).order_by("-pk")
    wishlist.join(customer, list(lines.values_list("product", flat=True)))


@receiver(email_confirmed, dispatch_uid="shop.join_guests")
def join_guests(sender, request, email_address, **kwargs):
    """Give a proved address what guests left under it."""
    user = email_address.user
    user.refresh_from_db(fields=["email"])
    joining.welcome(request.organization, user)


@receiver(authenticator_added, dispatch_uid="shop.second_factor_used")
def count_as_used(sender, request, user, authenticator, **kwargs):
    """Let the session that sets up a second factor work on: its code was just checked."""
    if authenticator.type == Authenticator.Type.TOTP:
        record_authentication(request, user, method="mfa", type=authenticator.type)
