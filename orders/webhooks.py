"""Where gateways bring their notices: checked, kept once, answered in milliseconds."""

import logging
from collections.abc import Mapping
from datetime import datetime

import redis
from django.core.cache import cache
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from kombu.exceptions import OperationalError
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import AllowAny
from rest_framework.response import Response

from config.lib.api.errors import TooLarge
from config.lib.api.views import ApiView
from config.lib.errors import BadSignature

from . import events, payments, webhook_tasks
from .models import PaymentAccount

logger = logging.getLogger(__name__)

_LARGEST_NOTICE = 256 * 1024


def receive(
    account: PaymentAccount, headers: Mapping[str, str], body: bytes, *, now: datetime
) -> None:
    """Check a notice over its raw body and keep it once, or raise BadSignature.

    Called outside of a transaction: what it stores is worked off at once.
    """
    try:
        notice = payments.get(account.provider).read_notice(account, headers, body)
    except (ValueError, RecursionError) as error:
        # Some signatures can only be checked after the body was read as JSON.
        raise BadSignature("The notice cannot be read.") from error
    if events.keep(account, notice, now=now):
        wake()


def wake() -> None:
    """Have the kept notices worked off now; without a broker the next sweep finds them."""
    try:
        # A task in the queue costs more than all the rest of a webhook: many notices share one.
        if cache.add(webhook_tasks.AWAKE, 1, timeout=webhook_tasks.AWAKE_SECONDS):
            webhook_tasks.sweep.apply_async(retry=False)
    except (redis.RedisError, OperationalError):
        logger.exception("Kept notices could not be announced")


class WebhookView(ApiView):
    """The door of one payment account: no session, no CSRF, only a signature opens it.

    It counts nobody's requests, so that no real notice is lost; a false one costs one query.
    """

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = ()

    @extend_schema(
        request=OpenApiTypes.OBJECT,
        responses=OpenApiTypes.OBJECT,
        auth=[],
        operation_id="webhook_receive",
    )
    def post(self, request, provider, account_id):
        """Take a signed notice of a gateway, in the gateway's own words."""
        # The server hands over no more bytes than the request announced.
        if int(request.META.get("CONTENT_LENGTH") or 0) > _LARGEST_NOTICE:
            raise TooLarge
        account = self._account(request.organization, provider, account_id)
        try:
            receive(account, request.headers, request.body, now=timezone.now())
        except BadSignature:
            # Whatever it says is a stranger's word: none of it reaches the log.
            logger.warning("A notice was refused")
            message = _("The signature does not fit.")
            raise PermissionDenied(message, code="bad_signature") from None
        return Response({})

    def _account(self, organization, provider, account_id) -> PaymentAccount:
        """Give the account of this shop at this address; any other does not exist."""
        account = PaymentAccount.objects.filter(
            pk=account_id, provider=provider, is_active=True
        ).first()
        if account is None or provider not in payments.PROVIDERS:
            raise Http404
        account.organization = organization
        return account
