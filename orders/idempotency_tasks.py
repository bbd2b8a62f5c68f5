"""Clears away the answers of the API that are no longer given again."""

from celery import shared_task
from django.utils import timezone
from django_scopes import scopes_disabled

from . import idempotency


@shared_task
def forget_answers() -> None:
    """Drop old answers of every organization."""
    with scopes_disabled():
        idempotency.forget(now=timezone.now())
