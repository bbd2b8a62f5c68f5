"""Works off the kept notices of gateways: whoever wakes it, every waiting one is taken once."""

from celery import shared_task
from django.utils import timezone, translation
from django_scopes import scope, scopes_disabled

from shop.models import Organization

from . import events


@shared_task
def sweep() -> None:
    """Claim the notices that wait, and queue each."""
    # Across organizations, keys only: each task opens its own scope.
    with scopes_disabled():
        claimed = events.claim(now=timezone.now())
    for event_id, organization_id, request_id in claimed:
        handle.apply_async(
            kwargs={"organization_id": str(organization_id), "event_id": str(event_id)},
            # What is done about a notice belongs to the request that brought it.
            headers={"request_id": request_id} if request_id else {},
        )
    if len(claimed) == events.ROUND:
        sweep.delay()


@shared_task
def handle(*, organization_id: str, event_id: str) -> None:
    """Ask the gateway about one notice."""
    organization = Organization.objects.get(pk=organization_id)
    with scope(organization=organization), translation.override(organization.language):
        events.handle(event_id, now=timezone.now())
