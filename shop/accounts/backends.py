"""Checks of a password, wherever it is typed."""

from allauth.account.auth_backends import AuthenticationBackend

from . import lockout


class PasswordBackend(AuthenticationBackend):
    """Signs in by e-mail and password, and tells the lock-out when the password was right."""

    def authenticate(self, request, **credentials):
        user = super().authenticate(request, **credentials)
        if user is not None and request is not None:
            lockout.forgive(request, credentials.get("email") or "")
        return user
