"""Where carriers bring their notices: kept once, answered in milliseconds."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema

from config.lib.api.webhooks import Alarm, Door
from config.lib.errors import BadSignature
from config.lib.memory import Memory
from shop.models import Organization

from . import carriers, notice_tasks, notices
from .models import CarrierAccount

# Asked for at every notice, and it changes rarely; what a key opens is only a reason to ask.
_accounts = Memory(seconds=2)
_alarm = Alarm(notice_tasks.sweep)


def receive(
    account: CarrierAccount, headers: Mapping[str, str], body: bytes, *, now: datetime
) -> None:
    """Check a notice and keep it once, or raise BadSignature."""
    try:
        notice = carriers.get(account.provider).read_notice(account, headers, body)
    except (ValueError, RecursionError) as error:
        raise BadSignature("The notice cannot be read.") from error
    if notices.keep(account, notice, now=now):
        _alarm.wake()


def senders() -> list[str]:
    """Give the codes of the carriers that bring notices."""
    return [code for code, carrier in carriers.CARRIERS.items() if carrier.has_notices]


class CarrierWebhookView(Door):
    """The door of one carrier account."""

    @extend_schema(
        request=OpenApiTypes.OBJECT,
        responses=OpenApiTypes.OBJECT,
        auth=[],
        operation_id="carrier_webhook_receive",
    )
    def post(self, request, provider, account_id):
        """Take a notice of a carrier, in the carrier's own words."""
        address = request.organization, provider, account_id
        return self.take(
            request, provider, find=lambda: _accounts.get(address, _active), receive=receive
        )


def _active(address: tuple[Organization, str, UUID]) -> CarrierAccount | None:
    """Give the account of this shop at this address; any other does not exist."""
    organization, provider, key = address
    accounts = CarrierAccount.objects.filter(organization=organization, is_active=True)
    account = accounts.filter(pk=key, provider=provider).first()
    if account is not None:
        account.organization = organization
    return account
