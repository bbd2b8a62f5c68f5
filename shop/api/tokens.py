"""Tokens for programs: given for a password, and for a code where a second factor is set up."""

from allauth.account.models import EmailAddress
from allauth.mfa.base.forms import AuthenticateForm
from django.contrib.auth import authenticate
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import (
    APIException,
    AuthenticationFailed,
    ErrorDetail,
    ValidationError,
)
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework_simplejwt.exceptions import InvalidToken
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.tokens import RefreshToken
from rest_framework_simplejwt.utils import get_md5_hash_password

from config.lib.api.serializers import StrictSerializer
from config.lib.api.throttles import TokenThrottle
from config.lib.api.views import ApiView

from ..accounts import joining, second_factor
from ..models import User
from .identification import ORGANIZATION_CLAIM, SECOND_FACTOR_CLAIM


class LockedOut(APIException):
    """Too many wrong passwords: nobody looks at another one for a while."""

    status_code = status.HTTP_429_TOO_MANY_REQUESTS
    default_code = "locked_out"

    def __init__(self):
        super().__init__(_("Too many wrong tries. Wait a while before the next one."))


class SignInSerializer(StrictSerializer):
    """Who asks for a token."""

    email = serializers.EmailField(max_length=254)
    password = serializers.CharField(max_length=1024, trim_whitespace=False)
    code = serializers.CharField(
        max_length=20,
        required=False,
        help_text="Of the second factor, when the account has one; a recovery code also works.",
    )


class TokensSerializer(serializers.Serializer):
    """A token for some minutes, and one that renews it for some days."""

    access = serializers.CharField()
    refresh = serializers.CharField()


class RefreshSerializer(StrictSerializer):
    """The token that renews."""

    refresh = serializers.CharField(max_length=4096)


class AccessSerializer(serializers.Serializer):
    """A token for some minutes."""

    access = serializers.CharField()


class TokenView(ApiView):
    """Answers without looking at cookies or tokens, and never from a cache."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = (TokenThrottle,)

    def get_authenticate_header(self, request):
        return 'Bearer realm="api"'

    def finalize_response(self, request, response, *args, **kwargs):
        response["Cache-Control"] = "no-store"
        return super().finalize_response(request, response, *args, **kwargs)


class SignInView(TokenView):
    @extend_schema(
        request=SignInSerializer, responses=TokensSerializer, operation_id="token_create"
    )
    def post(self, request):
        """Give tokens for this organization: send them as `Authorization: Bearer <access>`."""
        serializer = SignInSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        user = _with_password(request._request, **serializer.validated_data)
        refresh = RefreshToken.for_user(user)
        refresh[ORGANIZATION_CLAIM] = str(request.organization.pk)
        # Without a code nobody with a second factor comes this far.
        refresh[SECOND_FACTOR_CLAIM] = second_factor.is_set(user)
        joining.note_work(request.organization, user)
        return Response({"access": str(refresh.access_token), "refresh": str(refresh)})


class RefreshView(TokenView):
    @extend_schema(
        request=RefreshSerializer, responses=AccessSerializer, operation_id="token_refresh_create"
    )
    def post(self, request):
        """Give a new access token; none after a change of password or an end of the account."""
        serializer = RefreshSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        refresh = RefreshToken(serializer.validated_data["refresh"])
        user = User.objects.filter(pk=refresh.payload.get(api_settings.USER_ID_CLAIM)).first()
        still_good = (
            user is not None
            and user.is_active
            and refresh.get(ORGANIZATION_CLAIM) == str(request.organization.pk)
            and refresh.get(api_settings.REVOKE_TOKEN_CLAIM) == get_md5_hash_password(user.password)
            # Given for the password alone, before the second factor was set up.
            and (refresh.get(SECOND_FACTOR_CLAIM) or not second_factor.is_set(user))
        )
        if not still_good:
            raise InvalidToken
        return Response({"access": str(refresh.access_token)})


def _with_password(request, *, email: str, password: str, code: str = "") -> User:
    """Give the person with this password and code; every wrong try gets the same answer."""
    user = authenticate(request, email=User.objects.clean_email(email), password=password)
    if user is None:
        if getattr(request, "axes_locked_out", False):
            raise LockedOut
        raise AuthenticationFailed(_("The e-mail or the password is wrong."), code="wrong_password")
    if EmailAddress.objects.filter(user=user, email=user.email, verified=False).exists():
        message = _("Confirm your e-mail address first: follow the link we sent.")
        raise AuthenticationFailed(message, code="email_not_confirmed")
    if second_factor.is_set(user):
        _require_code(user, code)
    return user


def _require_code(user: User, code: str) -> None:
    """Ask for the second factor in allauth's words, with its limit of tries."""
    if not code:
        message = _("This account has a second factor: send its code as well.")
        raise AuthenticationFailed(message, code="code_required")
    form = AuthenticateForm(data={"code": code}, user=user)
    if not form.is_valid():
        problems = [
            ErrorDetail(error.messages[0], code=error.code or "wrong_code")
            for error in form.errors.as_data()["code"]
        ]
        raise ValidationError({"code": problems})
    # Not form.save(): it would open a session.
    form.authenticator.record_usage()
