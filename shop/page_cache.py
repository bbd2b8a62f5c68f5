"""Whole pages that anonymous visitors share, kept in Valkey.

A page is kept under its address, language and view together with the version of the shop it was
made from. Every change of the catalogue raises the version after its commit, so that one round
trip brings page and version, and a page of another version is no longer used.
"""

import gzip
import hashlib
import json
import logging
import time

import redis
from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.db import transaction
from django.http import HttpResponse

from config.lib import valkey

from . import organizations
from .middleware import HOSTLESS

logger = logging.getLogger(__name__)

VIEW_COOKIE = "kaiu_view"
_LONGEST_ADDRESS = 500
_LARGEST_PAGE = 512 * 1024


def _version_key(organization_id) -> str:
    # The braces put an organization's keys on one node of a cluster, so that one call reads both.
    return valkey.key(f"{{{organization_id}}}:version")


def invalidate(organization_id) -> None:
    """Stop using every kept page of this organization, once the transaction has committed."""
    transaction.on_commit(lambda: raise_version(organization_id))


def raise_version(organization_id) -> None:
    """Stop using every kept page of this organization, now."""
    try:
        valkey.opened().incr(_version_key(organization_id))
    except redis.RedisError:
        logger.exception("The version of a shop could not be raised")


def share(response: HttpResponse) -> HttpResponse:
    """Mark a page as the same for every anonymous visitor; views call it, nothing else does."""
    response.is_shared = True
    return response


class PageCacheMiddleware:
    """Answer from the kept pages, and keep those that a view marked as shared."""

    def __init__(self, get_response):
        if not settings.PAGE_CACHE:
            raise MiddlewareNotUsed("PAGE_CACHE is off.")
        self.get_response = get_response

    def __call__(self, request):
        organization = _organization_of_shareable(request)
        if organization is None:
            return self.get_response(request)
        key = _page_key(request, organization)
        version, kept = _read(organization.pk, key)
        if kept is None:
            response = self.get_response(request)
            if response.status_code != 200 or not getattr(response, "is_shared", False):
                return response
            kept = _pack(request, response)
            # Without a version (Valkey is down) the page is shown and not kept.
            if version is not None:
                _keep(key, version, kept)
        return _answer(request, kept)


def _organization_of_shareable(request):
    """Give the organization when the request may be answered by a shared page, else None."""
    if request.method not in ("GET", "HEAD") or request.path in HOSTLESS:
        return None
    if len(request.META.get("QUERY_STRING", "")) > _LONGEST_ADDRESS:
        return None
    return organizations.at_host(organizations.host_of(request))


def _page_key(request, organization) -> str:
    cookies = request.COOKIES
    parts = (
        organizations.host_of(request),
        request.META.get("SERVER_PORT", ""),
        request.path,
        request.META.get("QUERY_STRING", ""),
        _one_of(("es", "en"), cookies.get(settings.LANGUAGE_COOKIE_NAME)),
        _one_of(("list",), cookies.get(VIEW_COOKIE)),
        "gzip" if _accepts_gzip(request) else "",
    )
    digest = hashlib.blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()
    return valkey.key(f"{{{organization.pk}}}:page:{digest}")


def _one_of(known: tuple[str, ...], value: str | None) -> str:
    """Drop cookie values that no page of ours sets, so that they cannot fill the cache."""
    return value if value in known else ""


def _accepts_gzip(request) -> bool:
    return "gzip" in request.META.get("HTTP_ACCEPT_ENCODING", "")


def _read(organization_id, key: str) -> tuple[bytes | None, bytes | None]:
    """Give the version to keep a page under, and the page when it is of that version."""
    try:
        number, kept = valkey.opened().mget(_version_key(organization_id), key)
    except redis.RedisError:
        logger.exception("Kept pages could not be read")
        return None, None
    version = b"%s:%d" % (number or b"0", time.time() // settings.PAGE_SECONDS)
    if kept is not None:
        made_from, _newline, page = kept.partition(b"\n")
        if made_from == version:
            return version, page
    return version, None


def _keep(key: str, version: bytes, page: bytes) -> None:
    if len(page) > _LARGEST_PAGE:
        return
    try:
        valkey.opened().set(key, version + b"\n" + page, ex=settings.PAGE_SECONDS)
    except redis.RedisError:
        logger.exception("A page could not be kept")


def _pack(request, response) -> bytes:
    """Write headers and body as one value; the body compressed when the browser can read that."""
    body = response.content
    headers = {name: value for name, value in response.items() if name != "Content-Length"}
    headers["Cache-Control"] = "no-cache"
    headers["Vary"] = "Accept-Encoding, Cookie"
    headers["ETag"] = f'W/"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    if _accepts_gzip(request):
        # Nothing in a shared page is secret, so compressing it tells an attacker nothing.
        body = gzip.compress(body, compresslevel=5, mtime=0)
        headers["Content-Encoding"] = "gzip"
    headers["Content-Length"] = str(len(body))
    return json.dumps(headers).encode() + b"\n" + body


def _answer(request, page: bytes) -> HttpResponse:
    written, _newline, body = page.partition(b"\n")
    headers = json.loads(written)
    if request.META.get("HTTP_IF_NONE_MATCH") == headers["ETag"]:
        del headers["Content-Length"], headers["Content-Type"]
        return HttpResponse(status=304, headers=headers)
    return HttpResponse(body, headers=headers)
