"""Work about stock that can wait."""

from celery import shared_task
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from . import low_stock
from .models import Organization


@shared_task(ignore_result=True, acks_late=True)
def tell_low_stock(*, organization_id: str) -> None:
    """Write to those who look after an organization's stock about what ran low."""
    organization = Organization.objects.get(pk=organization_id)
    with scope(organization=organization):
        low_stock.tell(organization, now=timezone.now())


@shared_task
def sweep_low_stock() -> None:
    """Queue every organization with something to tell."""
    # Across organizations, keys only: each task opens its own scope.
    with scopes_disabled():
        keys = set(low_stock.to_tell(now=timezone.now()).values_list("organization", flat=True))
    for key in keys:
        tell_low_stock.delay(organization_id=str(key))
