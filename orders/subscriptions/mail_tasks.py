"""Mails about subscriptions: a row first, a task second, and a sweeper for the forgotten."""

from celery import shared_task
from django_scopes import scope

from shop.models import Organization

from . import mails


@shared_task(acks_late=True)
def send(*, organization_id: str, event_id: str) -> None:
    """Send the mail that an event of a subscription asks for."""
    with scope(organization=Organization.objects.get(pk=organization_id)):
        mails.send(event_id)
