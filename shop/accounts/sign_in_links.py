"""Signing in by a link sent by e-mail, without a password."""

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.internal.flows.manage_email import sync_user_email_address
from allauth.account.models import EmailAddress, Login
from allauth.core import ratelimit
from django.db import transaction
from django.http import HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from config.lib.errors import DomainError

from ..models import User
from . import one_time, tasks


class TooManyLinks(DomainError):
    code = "too_many_links"


def ask(request, email: str, *, next_url: str = "") -> None:
    """Have a link sent to this address if it is an account's; nothing tells the caller whether."""
    organization = request.organization
    if not ratelimit.consume(request, action="sign_in_link", key=f"{organization.pk}|{email}"):
        raise TooManyLinks(_("You asked for several links. Use the last one, or wait an hour."))
    tasks.answer_link_request.delay(
        organization_id=str(organization.pk),
        email=email,
        base_url=request.build_absolute_uri("/").rstrip("/"),
        language=get_language(),
        next_url=next_url,
    )


def is_good(request, token: str) -> bool:
    """Say whether the link still works; looking does not use it up."""
    return _user_of(one_time.look(tasks.LINK, request.organization, token)) is not None


def use(request, token: str) -> HttpResponse | None:
    """Sign in whoever the link was sent to; None when it no longer works.

    allauth's steps follow as after a password: a second factor is still asked for.
    """
    payload = one_time.redeem(tasks.LINK, request.organization, token)
    user = _user_of(payload)
    if user is None:
        return None
    if request.user.is_authenticated:
        get_adapter().logout(request)
    _prove_address(request, user)
    record_authentication(request, user, method="sign_in_link", email=user.email)
    login = Login(user=user, email=user.email, redirect_url=payload["next"] or None)
    return perform_login(request, login)


def _user_of(payload: dict | None) -> User | None:
    if payload is None:
        return None
    user = User.objects.filter(pk=payload["user"], email=payload["email"], is_active=True).first()
    current = user is not None and user.get_session_auth_hash() == payload["password"]
    return user if current else None


@transaction.atomic
def _prove_address(request, user: User) -> None:
    """Mark the address as proved: the link arrived there."""
    sync_user_email_address(user)
    address = EmailAddress.objects.get(user=user, email=user.email)
    if address.verified:
        return
    if user.has_usable_password():
        # Chosen by somebody who had not proved to own this address: perhaps not its owner.
        user.set_unusable_password()
        user.save(update_fields=["password"])
    get_adapter().confirm_email(request, address)
