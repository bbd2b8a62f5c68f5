"""Tokens that work once, for a while, in one organization.

They live in the cache and not in a signed text: only a server can promise that a token works once
(django-sesame, the library for sign-in links, keeps that promise by the last sign-in alone, which
any other sign-in breaks).
"""

import hashlib
import secrets

from django.core.cache import cache

from ..models import Organization


def issue(purpose: str, organization: Organization, payload: dict, *, seconds: int) -> str:
    """Give a token that stands for the payload."""
    token = secrets.token_urlsafe(32)
    cache.set(_key(purpose, organization, token), payload, seconds)
    return token


def look(purpose: str, organization: Organization, token: str) -> dict | None:
    """Give what a token stands for, without using it up."""
    return cache.get(_key(purpose, organization, token))


def redeem(purpose: str, organization: Organization, token: str) -> dict | None:
    """Give what a token stands for, to one caller only, ever."""
    key = _key(purpose, organization, token)
    payload = cache.get(key)
    # Of two at once, the one whose deletion deleted something wins.
    return payload if payload is not None and cache.delete(key) else None


def _key(purpose: str, organization: Organization, token: str) -> str:
    # Whoever can read the cache's keys cannot use the tokens.
    digest = hashlib.sha256(token.encode()).hexdigest()
    return f"one-time:{purpose}:{organization.pk}:{digest}"
