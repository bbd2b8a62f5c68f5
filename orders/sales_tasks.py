"""The daily numbers of every shop, kept right by the clock."""

from celery import shared_task
from django.utils import timezone

from . import sales


@shared_task
def refresh_sales() -> None:
    """Count what changed in the last minutes."""
    sales.refresh_all(now=timezone.now())


@shared_task
def heal_sales() -> None:
    """Count the last months again, for what changed without saying so."""
    sales.heal_all(now=timezone.now())
