"""Work of logistics that can wait or be repeated; the sweeper finds what was forgotten."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from celery import shared_task
from django.db import transaction
from django.utils import timezone, translation
from django_scopes import scope, scopes_disabled
from kombu.exceptions import OperationalError

from shop.models import Organization

from . import booking
from .models import Shipment

logger = logging.getLogger(__name__)

# So many rows at most are queued by one round of a sweeper; the rest by the next.
_ROUND = 500
# What is due later than that is left to the sweeper.
_SOON = 45


@contextmanager
def inside(organization_id: str) -> Iterator[Organization]:
    """Open the scope and the language of an organization."""
    organization = Organization.objects.get(pk=organization_id)
    with scope(organization=organization), translation.override(organization.language):
        yield organization


@shared_task(ignore_result=True)
def carry_on(*, organization_id: str, shipment_id: str) -> None:
    """Take every step of a shipment that is due."""
    with inside(organization_id):
        due_at = now = timezone.now()
        while due_at is not None and due_at <= now:
            now = timezone.now()
            due_at = booking.carry_on(shipment_id, now=now)
    if due_at is not None:
        _later(due_at - now, organization_id=organization_id, shipment_id=shipment_id)


def _later(pause, **arguments: str) -> None:
    if pause.total_seconds() > _SOON:
        return
    try:
        carry_on.apply_async(kwargs=arguments, countdown=pause.total_seconds())
    except OperationalError:
        logger.warning("The next step of a shipment could not be announced", exc_info=True)


def hurry(shipment: Shipment) -> None:
    """Have the next step taken right after the commit; without a broker it only waits."""
    arguments = {
        "organization_id": str(shipment.organization_id),
        "shipment_id": str(shipment.pk),
    }

    def queue() -> None:
        try:
            carry_on.delay(**arguments)
        except OperationalError:
            logger.warning("A shipment could not be announced", exc_info=True)

    transaction.on_commit(queue)


@shared_task(ignore_result=True)
def sweep() -> None:
    """Queue every shipment with a step that is due."""
    for key, organization_id in _due(Shipment, now=timezone.now()):
        carry_on.delay(organization_id=organization_id, shipment_id=key)


def _due(model, *, now: datetime) -> list[tuple[str, str]]:
    # Across organizations, keys only: each task opens its own scope.
    with scopes_disabled():
        rows = model.objects.filter(due_at__lte=now).order_by("due_at")
        return [
            (str(key), str(organization_id))
            for key, organization_id in rows.values_list("pk", "organization")[:_ROUND]
        ]
