"""Work of tracking that can wait or be repeated; the sweeper finds what is due."""

import logging

from celery import shared_task
from django.utils import timezone
from django_scopes import scopes_disabled

from config.lib.errors import ProviderRefused, ProviderUnavailable

from . import incidents, polling
from .models import CarrierAccount, Incident
from .tasks import inside

logger = logging.getLogger(__name__)

# What nobody took so long is found again by a later sweep.
_SECONDS = 60
_ROUND = 500


@shared_task(ignore_result=True)
def look_after(*, organization_id: str, account_id: str) -> None:
    """Ask a carrier about the shipments that are due."""
    with inside(organization_id):
        polling.look_after(_account(account_id), now=timezone.now())


@shared_task(ignore_result=True)
def ask_for_incidents(*, organization_id: str, account_id: str) -> None:
    """Ask a carrier what keeps parcels from arriving."""
    with inside(organization_id):
        try:
            incidents.ask(_account(account_id), now=timezone.now())
        except (ProviderUnavailable, ProviderRefused):
            # The next time is already planned.
            logger.warning("A carrier could not be asked for incidents", exc_info=True)


@shared_task(ignore_result=True)
def send_answer(*, organization_id: str, incident_id: str) -> None:
    """Tell a carrier the shop's answer to an incident."""
    with inside(organization_id):
        incidents.send(incident_id, now=timezone.now())


@shared_task(ignore_result=True)
def sweep() -> None:
    """Queue the accounts whose shipments are due, those asked for incidents, and answers."""
    now = timezone.now()
    # Across organizations, keys only: each task opens its own scope.
    with scopes_disabled():
        followed, asked = polling.due(now=now), incidents.due(now=now)
        answers = list(
            Incident.objects.filter(due_at__lte=now)
            .order_by("due_at")
            .values_list("shipment__organization", "pk")[:_ROUND]
        )
    for task, key, rows in (
        (look_after, "account_id", followed),
        (ask_for_incidents, "account_id", asked),
        (send_answer, "incident_id", answers),
    ):
        for organization, row in rows:
            values = {"organization_id": str(organization), key: str(row)}
            task.apply_async(kwargs=values, expires=_SECONDS)


def _account(key: str) -> CarrierAccount:
    return CarrierAccount.objects.select_related("organization").get(pk=key)
