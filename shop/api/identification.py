"""Who asks the API, and the question that is put to the table of roles.

Apart from the views, because the settings name these classes and DRF reads them first.
"""

from django.utils.translation import gettext as _
from rest_framework import authentication
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import InvalidToken

ORGANIZATION_CLAIM = "organization"
SECOND_FACTOR_CLAIM = "second_factor"


class TokenAuthentication(JWTAuthentication):
    """A token counts only at the organization that gave it out."""

    def authenticate(self, request):
        found = super().authenticate(request)
        if found is not None and found[1].get(ORGANIZATION_CLAIM) != str(request.organization.pk):
            raise InvalidToken
        return found


class SessionAuthentication(authentication.SessionAuthentication):
    """The session of the shop or the admin, with its CSRF token on every write."""

    def enforce_csrf(self, request):
        try:
            super().enforce_csrf(request)
        except PermissionDenied as error:
            message = _("Send the CSRF token of this session in the header X-CSRFToken.")
            raise PermissionDenied(message, code="csrf_failed") from error


class RolePermission(BasePermission):
    """Asks the one table of roles for the permission that a view names for what is wanted.

    A view names `model`, and for anything but the plain verbs `permissions` by action. With
    `is_public` anyone may read (and sees what a shopper may see).
    """

    def has_permission(self, request, view) -> bool:
        if view.is_public and request.method in SAFE_METHODS:
            return True
        return request.user.is_authenticated and request.user.has_perm(view.permission)
