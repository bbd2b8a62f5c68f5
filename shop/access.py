"""Asks the table of roles before any view runs: an address without a row answers nobody."""

import logging

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.urls import ResolverMatch

from . import roles
from .roles import Access, Who

logger = logging.getLogger(__name__)

_OPEN = {Who.EVERYONE, Who.API}


def address_of(match: ResolverMatch) -> str:
    """Give the name under which an address stands in the table: its view's, or its route."""
    return match.view_name if match.url_name else match.route


def allows(access: Access, user) -> bool:
    """Say whether a signed-in person may call an address with this access."""
    if access.who is Who.OPERATOR:
        return user.is_active and user.is_superuser
    if access.who is Who.STAFF and not user.is_staff:
        return False
    return not access.permission or user.has_perm(access.permission)


class AccessMiddleware:
    """Refuse what the table does not allow, in one place for every view."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        address = address_of(request.resolver_match)
        access = roles.access_of(address)
        if access is None:
            logger.error("An address has no row in the table of roles: %s", address)
            raise Http404
        # Looked at first, so that a public page never touches the session.
        if access.who in _OPEN:
            return None
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if allows(access, request.user):
            return None
        # To strangers the back-office does not exist; a colleague is told that it is not for them.
        if access.who is not Who.SIGNED_IN and not request.user.is_staff:
            raise Http404
        raise PermissionDenied
