"""Wallets of carriers, looked at by the clock."""

from celery import shared_task
from django.utils import timezone
from django_scopes import scopes_disabled

from . import wallets
from .models import CarrierAccount
from .tasks import inside


@shared_task(ignore_result=True)
def look(*, organization_id: str, account_id: str) -> None:
    """Ask one carrier what is left."""
    with inside(organization_id):
        account = CarrierAccount.objects.select_related("organization").get(pk=account_id)
        wallets.look(account, now=timezone.now())


@shared_task(ignore_result=True)
def sweep() -> None:
    """Queue every wallet that was not looked at for a while."""
    # Across organizations, keys only: each task opens its own scope.
    with scopes_disabled():
        found = wallets.due(now=timezone.now())
    for organization_id, account_id in found:
        look.delay(organization_id=str(organization_id), account_id=str(account_id))
