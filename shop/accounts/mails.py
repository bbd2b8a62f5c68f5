"""Mails about an account, and what allauth calls them."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from .. import mails
from ..models import Membership, Organization, User

# allauth's names on the left, ours (files in templates/emails/) on the right.
NAMES = {
    "account/email/email_confirmation": "confirm_address",
    "account/email/email_confirmation_signup": "confirm_address",
    "account/email/account_already_exists": "account_exists",
}
# Changes that their owner hears of: one mail with one sentence each.
NOTICES = {
    "account/email/password_changed": _("The password of your account was changed."),
    "account/email/password_set": _("Your account now has a password."),
    "account/email/password_reset": _("The password of your account was changed by a reset link."),
    "account/email/email_changed": _("Your account now signs in with another e-mail address."),
    "account/email/email_deleted": _("An e-mail address was removed from your account."),
    "mfa/email/totp_activated": _("Your account now asks for a code when signing in."),
    "mfa/email/totp_deactivated": _("Your account no longer asks for a code when signing in."),
    "mfa/email/recovery_codes_generated": _("Your account has new recovery codes."),
}


def of_allauth(organization: Organization, prefix: str, *, to: str, context: dict):
    """Give our mail for one that allauth wants to send."""
    if prefix in NOTICES:
        return mails.compose(
            organization, "security_notice", to=to, context={**context, "what": NOTICES[prefix]}
        )
    return mails.compose(organization, NAMES[prefix], to=to, context=context)


def send_sign_in_link(organization: Organization, user: User, *, url: str, minutes: int) -> None:
    """Send the link that signs this person in once."""
    context = {"user": user, "url": url, "minutes": minutes}
    mails.compose(organization, "sign_in_link", to=user.email, context=context).send()


def send_password_reset(organization: Organization, user: User, *, url: str) -> None:
    """Send the link that lets this person choose another password."""
    context = {"user": user, "password_reset_url": url}
    mails.compose(organization, "password_reset", to=user.email, context=context).send()


def send_unknown_account(organization: Organization, email: str, *, base_url: str) -> None:
    """Tell an address that somebody wrote down that there is no account under it."""
    context = {"signup_url": base_url + reverse("account_signup")}
    mails.compose(organization, "unknown_account", to=email, context=context).send()


def send_invitation(request, membership: Membership, *, base_url: str = "") -> None:
    """Tell a person who was given a role where and how to sign in."""
    path = reverse("account_sign_in_link")
    context = {
        "membership": membership,
        "user": membership.user,
        "invited_by": request.user,
        "url": f"{base_url}{path}" if base_url else request.build_absolute_uri(path),
    }
    mails.compose(
        membership.organization, "invitation", to=membership.user.email, context=context
    ).send()
