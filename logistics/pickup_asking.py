"""Asking a carrier to come, once: who did not hear the answer leaves it to a person."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from config.lib.errors import ProviderRefused

from . import carriers, journey
from .carriers.base import Carrier
from .models import CarrierAccount, Pickup, Shipment
from .models.shipments import State

logger = logging.getLogger(__name__)

# Longer than the call takes: who was killed in its midst is noticed after this.
_LEASE = timedelta(minutes=2)


def carry_on(pickup_id, *, now: datetime) -> None:
    """Ask for a visit that is due, once."""
    claimed = _claim(pickup_id, now=now)
    if claimed is None:
        return
    pickup, shipments = claimed
    try:
        report = carrier_of(pickup.account).pick_up(pickup, shipments)
    except ProviderRefused as error:
        end(pickup, Pickup.State.REFUSED, error=str(error))
    except Exception as error:
        # Whatever went wrong: the carrier may have heard us.
        logger.warning("A pick-up was not answered: %s", type(error).__name__, exc_info=True)
        end(pickup, Pickup.State.UNCERTAIN, error=_doubt())
    else:
        end(
            pickup,
            Pickup.State.REQUESTED,
            carrier_reference=report.carrier_reference[:120],
            cost=report.cost,
        )


def _doubt() -> str:
    return _("The carrier did not answer. Look in its panel whether it comes.")


@transaction.atomic
def _claim(pickup_id, *, now: datetime) -> tuple[Pickup, list[Shipment]] | None:
    """Take a visit to ask for it; one that somebody was killed over is left to a person."""
    pickup = (
        Pickup.objects.filter(pk=pickup_id, state=Pickup.State.PENDING, due_at__lte=now)
        .select_related("organization", "account", "origin")
        .first()
    )
    if pickup is None:
        return None
    # Who joins holds this lock too: nobody is left behind.
    lock(pickup.account_id)
    waiting = Pickup.objects.filter(pk=pickup.pk, state=Pickup.State.PENDING, due_at__lte=now)
    if waiting.filter(asked_at__isnull=False).update(
        state=Pickup.State.UNCERTAIN, due_at=None, error=_doubt()
    ):
        return None
    shipments = list(
        Shipment.objects.filter(
            pickup=pickup, state=State.LABEL_READY, cancel_wanted_at=None
        ).prefetch_related("parcels")
    )
    if not shipments:
        waiting.update(state=Pickup.State.CANCELLED, due_at=None)
        return None
    if not waiting.update(asked_at=now, due_at=now + _LEASE, tries=pickup.tries + 1):
        return None
    pickup.asked_at = now
    return pickup, shipments


@transaction.atomic
def end(pickup: Pickup, state: str, *, error: str = "", **fields) -> None:
    """Write down what became of a visit, unless a person was faster, and tell who follows."""
    asked = Pickup.objects.filter(
        pk=pickup.pk,
        state__in=(Pickup.State.PENDING, Pickup.State.UNCERTAIN, Pickup.State.REFUSED),
    )
    if asked.update(state=state, due_at=None, error=error[:300], **fields):
        for shipment in Shipment.objects.filter(pickup=pickup):
            journey.tell(shipment)


def lock(account_id) -> None:
    """Let one at a time change the visits of an account."""
    list(CarrierAccount.objects.select_for_update(no_key=True).filter(pk=account_id).values("pk"))


def carrier_of(account: CarrierAccount) -> Carrier:
    return carriers.get(account.provider)
