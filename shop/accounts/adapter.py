"""How allauth behaves in a shop: whose mails it sends, whom it lets in, what it says."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.db import transaction
from django.utils.translation import gettext as _

from config.lib import secrecy, visitor

from .. import organizations
from ..models import User
from . import lockout, mails
from .second_factor import REQUIRED_OF


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "too_many_login_attempts": lockout.MESSAGE,
    }

    def render_mail(self, template_prefix, email, context, headers=None):
        return mails.of_allauth(
            self.request.organization, template_prefix, to=email, context=context
        )

    def get_client_ip(self, request):
        return visitor.address(request) or "unknown"

    def pre_authenticate(self, request, **credentials):
        """Count nothing here: the lock-out counts every try, the API's as well."""

    def authentication_failed(self, request, **credentials):
        if getattr(request, "axes_locked_out", False):
            raise self.validation_error("too_many_login_attempts")

    @transaction.atomic
    def confirm_email(self, request, email_address):
        """Refuse an address that another account signs in with, proved or not."""
        others = User.objects.filter(email=email_address.email).exclude(pk=email_address.user_id)
        if others.exists():
            words = _("%(email)s cannot be used: another account signs in with it.")
            messages.error(request, words % {"email": email_address.email})
            return False
        return super().confirm_email(request, email_address)


class SecondFactorAdapter(DefaultMFAAdapter):
    def get_totp_issuer(self):
        return context.request.organization.name

    def encrypt(self, text):
        return secrecy.encrypt(text)

    def decrypt(self, encrypted_text):
        return secrecy.decrypt(encrypted_text)

    def can_delete_authenticator(self, authenticator):
        """Keep the second factor of those whose live shops ask for it."""
        if authenticator.type != Authenticator.Type.TOTP:
            return True
        return not any(
            membership.role in REQUIRED_OF and membership.organization.is_live
            for membership in organizations.of_user(authenticator.user)
        )
