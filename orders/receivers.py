"""What buying does when other parts report news."""

import logging

from django.contrib.auth.signals import user_logged_in
from django.db import transaction
from django.dispatch import receiver
from django.utils import timezone

from shop import customers

from . import cart, tokens, visitor_cart

logger = logging.getLogger(__name__)


@receiver(user_logged_in, dispatch_uid="orders.merge_cart")
def merge_cart(sender, request, user, **kwargs):
    """Keep what somebody chose before signing in; no cart is worth a failed sign-in."""
    organization = getattr(request, "organization", None)
    token = request.COOKIES.get(visitor_cart.COOKIE, "") if request is not None else ""
    if organization is None or not token:
        return
    try:
        with transaction.atomic():
            cart_id = tokens.cart_of(organization, token)
            if cart_id is not None:
                customer = customers.of_user(organization, user)
                cart.merge(organization, cart_id, customer, now=timezone.now())
    except Exception:
        logger.exception("The cart of a visitor who signed in could not be kept")
