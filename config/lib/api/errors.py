"""Every error of the API in one shape: {"code", "message", "fields"}."""

import logging

from django.core.exceptions import PermissionDenied
from django.db import DataError, IntegrityError
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework_simplejwt.exceptions import TokenError

from config.lib.errors import DomainError

logger = logging.getLogger(__name__)


class ChangedMeanwhile(exceptions.APIException):
    """The row is no longer as the client last read it."""

    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_code = "changed_meanwhile"

    def __init__(self):
        super().__init__(_("Somebody changed this meanwhile. Read it again, then repeat."))


class TooLarge(exceptions.APIException):
    """The body is larger than any the API takes."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"

    def __init__(self):
        super().__init__(_("The body of this request is too large."))


def answer(error: Exception, context: dict) -> Response | None:
    """Turn what went wrong into an answer; what we did not foresee is left for the log."""
    if isinstance(error, DomainError):
        return _response(status.HTTP_409_CONFLICT, error.code, str(error))
    if isinstance(error, TokenError):
        return _response(status.HTTP_401_UNAUTHORIZED, "token_not_valid", _token_message())
    if isinstance(error, DataError):
        # A value that passed every check and that PostgreSQL still cannot hold.
        logger.warning("The database refused a value", exc_info=error)
        message = _("A value of this request cannot be stored.")
        return _response(status.HTTP_400_BAD_REQUEST, "invalid", message)
    if isinstance(error, IntegrityError):
        logger.warning("The database refused a row", exc_info=error)
        message = _("Somebody changed something related meanwhile. Read it again, then repeat.")
        return _response(status.HTTP_409_CONFLICT, "conflict", message)
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if not isinstance(error, exceptions.APIException):
        return None
    return _from_api_exception(error)


def _from_api_exception(error: exceptions.APIException) -> Response:
    if isinstance(error, exceptions.ValidationError):
        return _invalid(error)
    code, message = _words(error)
    response = _response(error.status_code, code, message)
    if getattr(error, "auth_header", None):
        response["WWW-Authenticate"] = error.auth_header
    if getattr(error, "wait", None):
        response["Retry-After"] = str(int(error.wait))
    return response


def _words(error: exceptions.APIException) -> tuple[str, str]:
    """Give code and message of an error that concerns no field."""
    if isinstance(error, exceptions.ParseError):
        return error.default_code, _("The body of this request is not valid.")
    if isinstance(error.detail, dict):
        # Only the token library answers in a dictionary, and in English.
        return str(error.detail.get("code", "token_not_valid")), _token_message()
    return error.detail.code, str(error.detail)


def _token_message() -> str:
    return _("This token is not valid here or no longer. Ask for a new one.")


def _invalid(error: exceptions.ValidationError) -> Response:
    """Say for each field what is wrong with it; what concerns no field becomes the message."""
    fields = {}
    _flatten(error.detail, "", fields)
    general = fields.pop("", None)
    code = general["code"] if general else "invalid"
    message = general["message"] if general else _("Correct the fields that are named here.")
    return _response(error.status_code, code, message, fields)


def _flatten(detail, path: str, fields: dict) -> None:
    """Give every message under its dotted path, as "tags.3"; several of one field as one text."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            is_general = name == api_settings.NON_FIELD_ERRORS_KEY
            _flatten(inner, path if is_general else f"{path}.{name}".strip("."), fields)
    elif isinstance(detail, list):
        for place, inner in enumerate(detail):
            is_text = isinstance(inner, str)
            _flatten(inner, path if is_text else f"{path}.{place}".strip("."), fields)
    elif path in fields:
        fields[path]["message"] += f" {detail}"
    else:
        fields[path] = {"code": detail.code, "message": str(detail)}


def _response(status_code: int, code: str, message: str, fields: dict | None = None) -> Response:
    return Response({"code": code, "message": message, "fields": fields or {}}, status=status_code)
