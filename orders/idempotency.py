"""Requests of the API that are safe to send again: the same key gives the same answer.

The answer is stored in the transaction of the work, so that a killed request leaves neither. Only
what was done is stored: after a refusal nothing was, and the same key may try again.
"""

import hashlib
import json
import re
from datetime import datetime, timedelta
from functools import wraps

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import status
from rest_framework.exceptions import APIException, ErrorDetail, ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder

from config.lib import visitor

from .models import IdempotentRequest

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
KEPT_FOR = timedelta(hours=48)
# Long enough that nobody guesses another's, as a UUID is.
_KEY = re.compile(r"[!-~]{16,100}")
_KEPT_HEADERS = ("ETag", "Location")


class KeyReused(APIException):
    """The key was used for another request."""

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_code = "idempotency_key_reused"

    def __init__(self):
        super().__init__(_("This key was already used for another request. Choose a new one."))


class InProgress(APIException):
    """The first request with this key is not answered yet."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "idempotency_in_progress"
    wait = 1

    def __init__(self):
        super().__init__(_("The same request is being worked on. Ask again in a moment."))


def idempotent(handler=None, *, is_required: bool = False, is_repeatable: bool = False):
    """Let a handler of the API do its work once for each key of its caller.

    `is_repeatable` says that the work itself gives the same when it is done again and talks with
    others, for which no transaction may wait: only its answer is stored, after it.
    """
    if handler is None:
        return lambda found: idempotent(found, is_required=is_required, is_repeatable=is_repeatable)

    @wraps(handler)
    def answer(view, request, *args, **kwargs):
        key = _key(request, is_required=is_required)
        if not key:
            return handler(view, request, *args, **kwargs)
        identity = {
            "organization": request.organization,
            "caller": _caller(view, request),
            "key": key,
        }
        digest = _digest(request)
        if is_repeatable:
            kept = _kept(identity, digest)
            return kept or _keep(identity, digest, handler(view, request, *args, **kwargs))
        with transaction.atomic():
            _take_turn(identity)
            kept = _kept(identity, digest)
            return kept or _keep(identity, digest, handler(view, request, *args, **kwargs))

    answer.is_idempotent = True
    answer.needs_key = is_required
    return answer


def forget(*, now: datetime) -> int:
    """Drop the answers that nobody will ask for again."""
    dropped, _by_model = IdempotentRequest.objects.filter(created_at__lt=now - KEPT_FOR).delete()
    return dropped


def _key(request, *, is_required: bool) -> str:
    key = request.headers.get(HEADER, "")
    if not key and not is_required:
        return ""
    if not _KEY.fullmatch(key):
        message = _("Send a key of 16 to 100 letters and digits, such as a UUID.")
        problem = ErrorDetail(message, code="invalid" if key else "required")
        raise ValidationError({HEADER: [problem]})
    return key


def _caller(view, request) -> str:
    """Say whose key it is: nobody is ever given the answer of somebody else."""
    if request.user.is_authenticated:
        return f"user:{request.user.pk}"
    return view.holder() or f"network:{visitor.network(request)}"


def _digest(request) -> str:
    wanted = [request.method, request.get_full_path(), request.data]
    written = json.dumps(wanted, cls=JSONEncoder, sort_keys=True).encode()
    return hashlib.sha256(written).hexdigest()


def _take_turn(identity: dict) -> None:
    """Hold the key until the transaction ends; a second request with it is told to wait."""
    name = f"{identity['organization'].pk}:{identity['caller']}:{identity['key']}"
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s::bigint)", [number])
        if not cursor.fetchone()[0]:
            raise InProgress


def _kept(identity: dict, digest: str) -> Response | None:
    kept = IdempotentRequest.objects.filter(
        **identity, created_at__gte=timezone.now() - KEPT_FOR
    ).first()
    if kept is None:
        return None
    if kept.digest != digest:
        raise KeyReused
    return Response(kept.body, status=kept.status, headers={**kept.headers, REPLAYED: "true"})


def _keep(identity: dict, digest: str, response: Response) -> Response:
    """Store what was done and how it was answered; of two that did it, the first one's answer."""
    body = response.data and json.loads(JSONRenderer().render(response.data))
    row = IdempotentRequest(
        **identity,
        digest=digest,
        status=response.status_code,
        headers={name: response[name] for name in _KEPT_HEADERS if name in response},
        body=body,
        created_at=timezone.now(),
    )
    IdempotentRequest.objects.filter(**identity, created_at__lt=timezone.now() - KEPT_FOR).delete()
    IdempotentRequest.objects.bulk_create([row], ignore_conflicts=True)
    return response
