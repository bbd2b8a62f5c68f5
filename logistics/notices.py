"""Notices of carriers, worked off: each a reason to ask how its shipment stands, never the truth.

A claim is a lease, so that a killed worker's notice comes due again. What is asked counts among the
calls that the carrier bears.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from config.lib.errors import ProviderRefused, ProviderUnavailable

from . import carriers, polling
from .carriers.base import Notice
from .models import CarrierAccount, CarrierNotice, Shipment

# So many are taken by one claim.
ROUND = 200
_LEASE = timedelta(minutes=2)
_TRY_AFTER = [timedelta(seconds=seconds) for seconds in (20, 60, 300, 1800)]
_MOST_TRIES = len(_TRY_AFTER) + 1
# Until the carrier bears another call.
_PAUSE = timedelta(seconds=30)


def keep(account: CarrierAccount, notice: Notice, *, now: datetime) -> bool:
    """Keep a notice once; say whether there is something to ask."""
    is_ours = bool(notice.tracking_number or notice.carrier_id)
    row = CarrierNotice(
        account=account,
        event_id=notice.event_id[:200],
        kind=notice.kind[:80],
        tracking_number=notice.tracking_number[:60],
        carrier_id=notice.carrier_id[:120],
        payload=notice.payload,
        received_at=now,
        handled_at=None if is_ours else now,
        try_at=now,
    )
    CarrierNotice.objects.bulk_create([row], batch_size=1, ignore_conflicts=True)
    return is_ours


@transaction.atomic
def claim(*, now: datetime) -> list[tuple[UUID, UUID]]:
    """Take what is due, so that nobody else takes it: notice and organization."""
    due = CarrierNotice.objects.filter(handled_at__isnull=True, error="", try_at__lte=now)
    taken = list(
        due.select_for_update(no_key=True, skip_locked=True, of=("self",))
        .order_by("try_at")
        .values_list("pk", "account__organization")[:ROUND]
    )
    CarrierNotice.objects.filter(pk__in=[key for key, _organization in taken]).update(
        tries=F("tries") + 1, try_at=now + _LEASE
    )
    return taken


def handle(notice_id: UUID, *, now: datetime) -> None:
    """Ask the carrier how the shipment of a notice stands, and take in what it says."""
    waiting = CarrierNotice.objects.filter(pk=notice_id, handled_at__isnull=True, error="")
    notice = waiting.select_related("account__organization").first()
    if notice is None:
        return
    account = notice.account
    shipment = _shipment_of(notice)
    if shipment is None:
        # Somebody else's, made in the carrier's own panel: there is nothing to do.
        waiting.update(handled_at=now)
        return
    if not polling.take_call(account, carriers.get(account.provider), now=now):
        waiting.update(try_at=now + _PAUSE, tries=F("tries") - 1)
        return
    shipment.account = account
    try:
        polling.look_at(shipment, now=now)
    except ProviderUnavailable:
        if notice.tries >= _MOST_TRIES:
            # The shipment has its own time to be asked about; the notice only hurried.
            waiting.update(error=_("The carrier does not answer."))
        else:
            waiting.update(try_at=now + _TRY_AFTER[max(notice.tries, 1) - 1])
    except ProviderRefused as error:
        waiting.update(error=str(error)[:300] or _("The carrier refuses to answer."))
    else:
        waiting.update(handled_at=now)


def _shipment_of(notice: CarrierNotice) -> Shipment | None:
    shipments = Shipment.objects.filter(account=notice.account_id)
    if notice.tracking_number:
        found = shipments.filter(tracking_number=notice.tracking_number).first()
        if found is not None:
            return found
    return shipments.filter(carrier_id=notice.carrier_id).first() if notice.carrier_id else None
