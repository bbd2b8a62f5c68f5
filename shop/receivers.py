"""What the shop does when other parts report news."""

from allauth.account.internal.flows.login import record_authentication
from allauth.account.signals import email_confirmed
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver

from .accounts import joining


@receiver(user_logged_in, dispatch_uid="shop.welcome")
def welcome(sender, request, user, **kwargs):
    """Make whoever signs in a customer of this shop, and note when they work here."""
    organization = getattr(request, "organization", None)
    if organization is not None:
        joining.welcome(organization, user)
        joining.note_work(organization, user)


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
