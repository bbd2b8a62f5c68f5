"""The second factor of people who could do the most harm: owners and administrators.

In a live organization neither admin nor console nor API opens for them before they have set one up
and used it in this session; operators of the installation are held to the same.
"""

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.http import JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from ..models import Membership, Organization, User
from ..roles import Role

REQUIRED_OF = {Role.OWNER, Role.ADMIN}
_PAGES = ("/admin/", "/consola/")
_API = "/api/"
# What a person needs before they have a second factor, or to leave.
_OPEN = ("/admin/login/", "/admin/logout/", "/admin/jsi18n/", "/api/schema/", "/api/docs/")


def is_set(user: User) -> bool:
    """Say whether this person signs in with a code as well."""
    return get_adapter().is_mfa_enabled(user, [Authenticator.Type.TOTP])


def is_required(user: User, membership: Membership | None, organization: Organization) -> bool:
    """Say whether the back-office of this organization asks this person for a second factor."""
    if not organization.is_live:
        return False
    return user.is_superuser or (membership is not None and membership.role in REQUIRED_OF)


def is_missing(user: User, membership: Membership | None, organization: Organization) -> bool:
    """Say whether this person must set up a second factor before working here."""
    return is_required(user, membership, organization) and not is_set(user)


def was_used(request) -> bool:
    """Say whether the person of this session showed their second factor in it."""
    records = get_authentication_records(request, request.user)
    return any(record.get("method") == "mfa" for record in records)


class SecondFactorMiddleware:
    """Send owners and administrators to their second factor before the back-office opens."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self._refusal(request) or self.get_response(request)

    def _refusal(self, request):
        path = request.path
        if not path.startswith((*_PAGES, _API)) or path.startswith(_OPEN):
            return None
        # A token's owner is not known yet: the API asks is_missing() itself.
        if request.organization is None or not request.user.is_authenticated:
            return None
        if not is_required(request.user, request.membership, request.organization):
            return None
        if is_set(request.user):
            if was_used(request):
                return None
            address, words = "mfa_reauthenticate", _("Enter the code of your authenticator app.")
        else:
            address = "mfa_activate_totp"
            words = _("Set up a second step first: owners and administrators need it.")
        if path.startswith(_API):
            problem = {"code": "second_factor_required", "message": words, "fields": {}}
            return JsonResponse(problem, status=403)
        messages.info(request, words)
        return redirect(f"{reverse(address)}?{urlencode({'next': request.get_full_path()})}")
