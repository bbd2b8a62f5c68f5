"""The money that a shop left with its carriers: looked at by the clock, and told when it runs low.

A carrier with a wallet makes no labels once that is empty.
"""

import logging
from datetime import datetime, timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils import translation

from config.lib import mail, money
from config.lib.errors import ProviderRefused, ProviderUnavailable
from shop import mails, organizations
from shop.models import Membership, Organization
from shop.roles import AREAS, Level, Role

from . import carriers
from .models import CarrierAccount

logger = logging.getLogger(__name__)

LOOK_EVERY = timedelta(hours=1)


def due(*, now: datetime) -> list[tuple[object, object]]:
    """Give (organization, account) keys of the wallets that are looked at now."""
    with_wallet = [code for code, carrier in carriers.CARRIERS.items() if carrier.has_wallet]
    rows = CarrierAccount.objects.filter(
        Q(wallet_asked_at=None) | Q(wallet_asked_at__lte=now - LOOK_EVERY),
        provider__in=with_wallet,
        is_active=True,
    )
    return list(rows.values_list("organization", "pk"))


def look(account: CarrierAccount, *, now: datetime) -> None:
    """Ask how much is left, and tell staff once for each time that it falls too low."""
    CarrierAccount.objects.filter(pk=account.pk).update(wallet_asked_at=now)
    try:
        balance = carriers.get(account.provider).balance(account)
    except (ProviderUnavailable, ProviderRefused):
        # Asked again at the next round; what is known stays.
        logger.warning("A carrier's wallet could not be looked at", exc_info=True)
        return
    account.balance, account.balance_at = balance, now
    account.save(update_fields=["balance", "balance_at"])
    if not is_low(account):
        CarrierAccount.objects.filter(pk=account.pk).update(low_told_at=None)
        return
    # Whoever claims it first writes the mail; one that could not be sent is tried at the next look.
    mine = CarrierAccount.objects.filter(pk=account.pk, low_told_at=None).update(low_told_at=now)
    if mine and not _tell(account):
        CarrierAccount.objects.filter(pk=account.pk).update(low_told_at=None)


def is_low(account: CarrierAccount) -> bool:
    """Say whether less is left than the shop wants to be warned of."""
    if account.balance is None:
        return False
    return account.balance < int(carriers.get(account.provider).value(account, "warn_under") or 0)


def low(organization: Organization):
    """Give the accounts of which somebody has to top up the wallet."""
    known = CarrierAccount.objects.filter(
        organization=organization, is_active=True, balance__isnull=False
    )
    return known.filter(pk__in=[account.pk for account in known if is_low(account)])


def _tell(account: CarrierAccount) -> bool:
    organization = account.organization
    addresses = _recipients(organization)
    if not addresses:
        return True
    base = organizations.base_url(organization)
    address = reverse("admin:logistics_carrieraccount_change", args=[account.pk])
    with translation.override(organization.language):
        message = mails.compose(
            organization,
            "wallet_low",
            to=addresses[0],
            context={
                "account": account,
                "balance": money.label(account.balance, organization.currency),
                "url": f"{base}{address}",
            },
        )
    message.to = addresses
    try:
        mail.send_now(message)
    except mail.UNREACHABLE as error:
        logger.warning("A mail about a wallet could not be sent: %s", type(error).__name__)
        return False
    except mail.REFUSED:
        logger.warning("A mail about a wallet was refused")
    return True


def _recipients(organization: Organization) -> list[str]:
    """Give the addresses of who looks after the carriers, and of who hears of problems."""
    keepers = (
        Membership.objects.filter(
            organization=organization,
            role__in=[role for role in Role if AREAS["carrier setup"][role] >= Level.CHANGE],
            is_active=True,
            user__is_active=True,
        )
        .order_by("pk")
        .values_list("user__email", flat=True)
    )
    return list(dict.fromkeys([*keepers, *mail.addresses_in(organization.problems_mailed_to)]))
