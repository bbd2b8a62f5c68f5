"""Mails about orders: a row first, a task second, and a sweeper for the forgotten."""

import logging
from uuid import UUID

from celery import shared_task
from django.db import transaction
from django_scopes import scope
from kombu.exceptions import OperationalError

from shop.models import Organization

from . import mails, staff_mails

logger = logging.getLogger(__name__)


@shared_task(ignore_result=True, acks_late=True)
def send(*, organization_id: str, event_id: str) -> None:
    """Send the mail that an event of an order asks for."""
    organization = Organization.objects.get(pk=organization_id)
    with scope(organization=organization):
        mails.send(event_id)


@shared_task(ignore_result=True, acks_late=True)
def send_to_staff(*, organization_id: str, mail_id: str) -> None:
    """Send a mail by which the shop hears of an order."""
    organization = Organization.objects.get(pk=organization_id)
    with scope(organization=organization):
        staff_mails.send(mail_id)


def hurry(*, organization_id: UUID, event_id: UUID) -> None:
    """Have the mail of an event sent right after the commit; without a broker it only waits."""
    _soon(send, organization_id=str(organization_id), event_id=str(event_id))


def tell_staff(*, organization_id: UUID, mail_id: UUID) -> None:
    """Have a mail to the shop sent right after the commit; without a broker it only waits."""
    _soon(send_to_staff, organization_id=str(organization_id), mail_id=str(mail_id))


def _soon(task, **arguments: str) -> None:
    def queue() -> None:
        try:
            task.delay(**arguments)
        except OperationalError:
            # What was committed is done, whoever asked for it: the sweeper finds the mail.
            logger.warning("A mail could not be announced", exc_info=True)

    transaction.on_commit(queue)
