"""Where gateways bring their notices: checked, kept once, answered in milliseconds."""

import logging
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from celery import current_app
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from kombu.exceptions import OperationalError
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import AllowAny
from rest_framework.views import APIView

from config.lib import metrics
from config.lib.api.errors import TooLarge
from config.lib.bell import Bell
from config.lib.errors import BadSignature
from config.lib.memory import Memory
from shop.models import Organization

from . import events, payments, webhook_tasks
from .models import PaymentAccount

logger = logging.getLogger(__name__)

_LARGEST_NOTICE = 256 * 1024
# Asked for at every notice, and it changes rarely; what a key opens is only a reason to ask.
_accounts = Memory(seconds=2)


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
    """Have the kept notices worked off now."""
    if current_app.conf.task_always_eager:
        _announce()
    else:
        # Queueing a task costs as much as the rest of a webhook: many notices share one, and no
        # gateway waits for a broker that is slow or down.
        _bell.ring()


def _announce() -> None:
    try:
        # One that nobody took is overtaken by the periodic ones.
        webhook_tasks.sweep.apply_async(expires=30, retry=False)
    except OperationalError:
        logger.exception("Kept notices could not be announced")


_bell = Bell(_announce, seconds=0.2)


class WebhookView(APIView):
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
        account = _accounts.get((request.organization, provider, account_id), _active)
        if account is None:
            raise Http404
        try:
            receive(account, request.headers, request.body, now=timezone.now())
        except BadSignature:
            metrics.count("kaiu_webhooks", sender=provider, outcome="refused")
            # Whatever it says is a stranger's word: none of it reaches the log.
            logger.warning("A notice was refused")
            message = _("The signature does not fit.")
            raise PermissionDenied(message, code="bad_signature") from None
        metrics.count("kaiu_webhooks", sender=provider, outcome="kept")
        return HttpResponse("{}", content_type="application/json")


def _active(address: tuple[Organization, str, UUID]) -> PaymentAccount | None:
    """Give the account of this shop at this address; any other does not exist."""
    organization, provider, key = address
    if provider not in payments.PROVIDERS:
        return None
    accounts = PaymentAccount.objects.filter(organization=organization, is_active=True)
    account = accounts.filter(pk=key, provider=provider).first()
    if account is not None:
        account.organization = organization
    return account
