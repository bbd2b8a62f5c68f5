"""Answers by e-mail to what strangers ask: known or unknown, the request itself costs the same."""

from collections.abc import Iterator
from contextlib import contextmanager

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from celery import shared_task
from django.urls import reverse
from django.utils import translation
from django_scopes import scope

from ..models import Organization, User
from . import mails, one_time

LINK = "sign-in-link"
LINK_MINUTES = 15


@shared_task
def answer_link_request(
    *, organization_id: str, email: str, base_url: str, language: str, next_url: str
) -> None:
    """Send a sign-in link to an account, or the news that there is none.

    The link belongs to the organization it was asked at, and dies with the password it stands for.
    """
    with _speaking(organization_id, language) as organization:
        user = _account(email)
        if user is None:
            mails.send_unknown_account(organization, email, base_url=base_url)
            return
        payload = {
            "user": str(user.pk),
            "email": user.email,
            "password": user.get_session_auth_hash(),
            "next": next_url,
        }
        token = one_time.issue(LINK, organization, payload, seconds=LINK_MINUTES * 60)
        url = base_url + reverse("account_sign_in_link_use", args=[token])
        mails.send_sign_in_link(organization, user, url=url, minutes=LINK_MINUTES)


@shared_task
def answer_reset_request(*, organization_id: str, email: str, base_url: str, language: str) -> None:
    """Send a link for a new password to an account, or the news that there is none."""
    with _speaking(organization_id, language) as organization:
        user = _account(email)
        if user is None:
            mails.send_unknown_account(organization, email, base_url=base_url)
            return
        key = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
        url = base_url + reverse("account_reset_password_from_key", kwargs=key)
        mails.send_password_reset(organization, user, url=url)


@contextmanager
def _speaking(organization_id: str, language: str) -> Iterator[Organization]:
    organization = Organization.objects.get(pk=organization_id)
    with scope(organization=organization), translation.override(language):
        yield organization


def _account(email: str) -> User | None:
    """Give who signs in with this address: one that is still to be confirmed proves nothing."""
    return User.objects.filter(email=User.objects.clean_email(email), is_active=True).first()
