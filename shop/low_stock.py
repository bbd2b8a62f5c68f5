"""Whom to write to when something runs low: once for each fall, in one mail for all of them.

The database opens an alert when what can be sold falls to the low mark, and closes it when it rises
above (LowStockAlert). Here the open ones are told, a little later: what comes back within minutes,
because a payment was declined, is no news.
"""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import translation

from config.lib import mail

from . import mails, organizations
from .models import LowStockAlert, Membership, Organization, StockLevel
from .roles import AREAS, Level, Role

logger = logging.getLogger(__name__)

# A fall that lasts so long is told.
CALM = timedelta(minutes=10)
# A mail that could not be sent is tried again after so long.
_PAUSE = timedelta(minutes=10)
# One mail tells so many at most; the rest comes with the next.
_ROUND = 500
# So many are written out in the mail; the list in the back-office has them all.
_WRITTEN = 30


def to_tell(*, now: datetime) -> QuerySet[LowStockAlert]:
    """Give the alerts that somebody should be written about."""
    return LowStockAlert.objects.filter(
        Q(tried_at__isnull=True) | Q(tried_at__lte=now - _PAUSE),
        told_at__isnull=True,
        refilled_at__isnull=True,
        fell_at__lte=now - CALM,
    )


def recipients(organization: Organization) -> list[str]:
    """Give the addresses of who looks after the stock and wants to hear of it, or of problems."""
    roles = [role for role in Role if AREAS["stock"][role] >= Level.CHANGE]
    keepers = (
        Membership.objects.filter(
            organization=organization,
            role__in=roles,
            is_active=True,
            hears_of_low_stock=True,
            user__is_active=True,
        )
        .order_by("pk")
        .values_list("user__email", flat=True)
    )
    return list(dict.fromkeys([*keepers, *mail.addresses_in(organization.problems_mailed_to)]))


def tell(organization: Organization, *, now: datetime) -> int:
    """Write one mail about all that fell; give how many alerts were told."""
    claimed = _claim(now=now)
    if not claimed:
        return 0
    levels = list(
        StockLevel.objects.filter(
            variant__low_stock_alerts__in=claimed,
            variant__is_active=True,
            variant__product__is_active=True,
        )
        .select_related("variant__product")
        .order_by("variant__product__name", "variant__position", "pk")
    )
    addresses = recipients(organization)
    if levels and addresses:
        try:
            mail.send_now(_compose(organization, levels, addresses, first=claimed[0]))
        except mail.UNREACHABLE as error:
            logger.warning("A mail about low stock could not be sent: %s", type(error).__name__)
            return 0
        except mail.REFUSED:
            logger.warning("A mail about low stock was refused")
    return LowStockAlert.objects.filter(pk__in=claimed).update(told_at=now)


@transaction.atomic
def _claim(*, now: datetime) -> list:
    """Take the alerts to tell, but none that another worker holds or a refill just closes."""
    free = to_tell(now=now).order_by("fell_at", "pk").select_for_update(skip_locked=True)
    keys = list(free.values_list("pk", flat=True)[:_ROUND])
    LowStockAlert.objects.filter(pk__in=keys).update(tried_at=now)
    return keys


def _compose(organization: Organization, levels: list[StockLevel], addresses: list[str], *, first):
    base = organizations.base_url(organization)
    with translation.override(organization.language):
        message = mails.compose(
            organization,
            "low_stock",
            to=addresses[0],
            context={
                "levels": levels[:_WRITTEN],
                "count": len(levels),
                "more": max(0, len(levels) - _WRITTEN),
                "url": f"{base}{reverse('admin:shop_stocklevel_changelist')}?stock=restock",
            },
        )
    message.to = addresses
    # Sent twice by a worker that was killed in between, mailboxes show it once.
    message.extra_headers["Message-ID"] = f"<low-{first.hex}@{base.rpartition('/')[2]}>"
    return message
