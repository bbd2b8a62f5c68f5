"""Where gateways bring their notices: checked, kept once, answered in milliseconds."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema

from config.lib.api.webhooks import Alarm, Door
from config.lib.errors import BadSignature
from config.lib.memory import Memory
from shop.models import Organization

from . import events, payments, webhook_tasks
from .models import PaymentAccount

# Asked for at every notice, and it changes rarely; what a key opens is only a reason to ask.
_accounts = Memory(seconds=2)
_alarm = Alarm(webhook_tasks.sweep)


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
    _alarm.wake()


class WebhookView(Door):
    """The door of one payment account."""

    @extend_schema(
        request=OpenApiTypes.OBJECT,
        responses=OpenApiTypes.OBJECT,
        auth=[],
        operation_id="webhook_receive",
    )
    def post(self, request, provider, account_id):
        """Take a signed notice of a gateway, in the gateway's own words."""
        address = request.organization, provider, account_id
        return self.take(
            request, provider, find=lambda: _accounts.get(address, _active), receive=receive
        )


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
