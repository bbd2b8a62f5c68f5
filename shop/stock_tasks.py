"""Work about stock that can wait."""

from celery import shared_task
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from . import low_stock, stock_alerts
from .models import Organization, StockAlert


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


@shared_task(ignore_result=True, acks_late=True)
def tell_back_in_stock(*, organization_id: str) -> None:
    """Write to those who wait for what an organization has again."""
    organization = Organization.objects.get(pk=organization_id)
    with scope(organization=organization):
        stock_alerts.tell(organization, now=timezone.now())


@shared_task(ignore_result=True)
def forget_alerts(*, organization_id: str) -> None:
    """Drop the addresses of an organization's alerts that are over."""
    organization = Organization.objects.get(pk=organization_id)
    with scope(organization=organization):
        stock_alerts.forget_old(now=timezone.now())


@shared_task
def sweep_alerts() -> None:
    """Queue every organization that has again what somebody waits for."""
    with scopes_disabled():
        alerts = stock_alerts.due(now=timezone.now()).order_by()
        keys = set(alerts.values_list("variant__organization", flat=True))
    for key in keys:
        tell_back_in_stock.delay(organization_id=str(key))


@shared_task
def forget_every_alert() -> None:
    """Queue every organization with alerts."""
    with scopes_disabled():
        alerts = StockAlert.objects.order_by().values_list("variant__organization", flat=True)
        keys = set(alerts.distinct())
    for key in keys:
        forget_alerts.delay(organization_id=str(key))
