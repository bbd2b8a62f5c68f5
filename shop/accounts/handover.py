"""One sign-in for a person who works in several organizations."""

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import (
    get_authentication_records,
    perform_login,
    record_authentication,
)
from allauth.account.models import Login
from django.http import HttpResponse
from django.urls import reverse

from .. import organizations
from ..models import Membership, Organization, User
from . import one_time

_PURPOSE = "handover"
_SECONDS = 60


def start(request, membership: Membership) -> str | None:
    """Give the address where the person of this session goes on in another organization.

    None when that organization has no address, or when they never worked there.
    """
    if membership.user_id != request.user.pk:
        return None
    target = membership.organization
    host = organizations.main_host(target)
    if host is None:
        return None
    user = request.user
    methods = [record["method"] for record in get_authentication_records(request, user)]
    payload = {
        "user": str(user.pk),
        "password": user.get_session_auth_hash(),
        # As strong as this sign-in, and no stronger: without it the other side asks for the code.
        "second_factor": "mfa" in methods,
    }
    token = one_time.issue(_PURPOSE, target, payload, seconds=_SECONDS)
    port = request.get_port()
    port = "" if port in ("80", "443") else f":{port}"
    return f"{request.scheme}://{host}{port}{reverse('account_handover', args=[token])}"


def person(request, token: str) -> User | None:
    """Give who would sign in here with this token, without using it up."""
    return _user_of(request.organization, one_time.look(_PURPOSE, request.organization, token))


def finish(request, token: str) -> HttpResponse | None:
    """Sign in the person who was sent here; None when the token no longer works."""
    payload = one_time.redeem(_PURPOSE, request.organization, token)
    user = _user_of(request.organization, payload)
    if user is None:
        return None
    if request.user.is_authenticated:
        get_adapter().logout(request)
    record_authentication(request, user, method="handover")
    login = Login(user=user, email=user.email)
    if payload["second_factor"]:
        record_authentication(request, user, method="mfa", type="handover")
        login.state["stages"] = {"mfa_authenticate": {"handled": True}}
    return perform_login(request, login)


def _user_of(organization: Organization, payload: dict | None) -> User | None:
    if payload is None:
        return None
    user = User.objects.filter(pk=payload["user"]).first()
    if user is None or user.get_session_auth_hash() != payload["password"]:
        return None
    # Asked again here: the membership may have ended a moment ago.
    return user if organizations.membership_at(organization, user) else None
