"""Work of logistics that can wait or be repeated; the sweeper finds what was forgotten."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from celery import shared_task
from django.db import transaction
from django.utils import timezone, translation
from django_scopes import scope, scopes_disabled
from kombu.exceptions import OperationalError

from shop.models import Organization

from . import booking, pickup_asking
from .models import Pickup, Shipment

logger = logging.getLogger(__name__)

# So many rows at most are queued by one round of a sweeper; the rest by the next.
_ROUND = 500
# What is due later than that is left to the sweeper.
_SOON = timedelta(seconds=45)


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
    if due_at is not None and due_at - now <= _SOON:
        arguments = {"organization_id": organization_id, "shipment_id": shipment_id}
        _queue(carry_on, due_at - now, arguments)


def hurry(shipment: Shipment) -> None:
    """Have the next step taken right after the commit; without a broker it only waits."""
    arguments = {
        "organization_id": str(shipment.organization_id),
        "shipment_id": str(shipment.pk),
    }
    transaction.on_commit(lambda: _queue(carry_on, timedelta(0), arguments))


def _queue(task, pause: timedelta, arguments: dict[str, str]) -> None:
    try:
        task.apply_async(kwargs=arguments, countdown=pause.total_seconds() or None)
    except OperationalError:
        logger.warning("The work of a shipment could not be announced", exc_info=True)


@shared_task(ignore_result=True)
def ask_for_pickup(*, organization_id: str, pickup_id: str) -> None:
    """Ask a carrier to come."""
    with inside(organization_id):
        pickup_asking.carry_on(pickup_id, now=timezone.now())


def hurry_pickup(pickup: Pickup, *, pause: timedelta = timedelta(0)) -> None:
    """Have a visit asked for soon after the commit; without a broker it only waits."""
    arguments = {"organization_id": str(pickup.organization_id), "pickup_id": str(pickup.pk)}
    transaction.on_commit(lambda: _queue(ask_for_pickup, pause, arguments))


@shared_task(ignore_result=True)
def sweep() -> None:
    """Queue every shipment with a step that is due, and every visit to ask for."""
    now = timezone.now()
    for key, organization_id in _due(Shipment, now=now):
        carry_on.delay(organization_id=organization_id, shipment_id=key)
    for key, organization_id in _due(Pickup, now=now):
        ask_for_pickup.delay(organization_id=organization_id, pickup_id=key)


def _due(model, *, now: datetime) -> list[tuple[str, str]]:
    # Across organizations, keys only: each task opens its own scope.
    with scopes_disabled():
        rows = model.objects.filter(due_at__lte=now).order_by("due_at")
        return [
            (str(key), str(organization_id))
            for key, organization_id in rows.values_list("pk", "organization")[:_ROUND]
        ]
