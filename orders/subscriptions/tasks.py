"""Work of subscriptions that can wait or be repeated, and the sweeper behind it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

from celery import shared_task
from django.db import connection
from django.utils import timezone, translation
from django_scopes import scope, scopes_disabled

from shop.models import Organization

from ..models import KeepingConsent, OrderEvent, SavedMethod, SubscriptionEvent
from . import keeping, mail_tasks, renewing

# So many rows at most are taken by one round; the rest by the next.
_ROUND = 200
# So long a subscription belongs to the worker that claimed it.
_LEASE = timedelta(minutes=10)
_FORGOTTEN = timedelta(minutes=2)

_CLAIM = """
UPDATE orders_subscription SET act_at = %s::timestamptz
WHERE id IN (
    SELECT id FROM orders_subscription WHERE act_at <= %s::timestamptz
    ORDER BY act_at LIMIT %s::integer FOR NO KEY UPDATE SKIP LOCKED
)
RETURNING id, organization_id
"""


@contextmanager
def _inside(organization_id: str) -> Iterator[None]:
    organization = Organization.objects.get(pk=organization_id)
    with (
        scope(organization=organization),
        translation.override(organization.language),
        timezone.override(organization.timezone),
    ):
        yield


@shared_task
def advance(*, organization_id: str, subscription_id: str) -> None:
    """Take the step that is due in a subscription's life."""
    with _inside(organization_id):
        renewing.advance(subscription_id, now=timezone.now())


@shared_task
def follow_consent(*, organization_id: str, consent_id: str) -> None:
    """Keep the card that was allowed to be kept, now that its order is paid."""
    with _inside(organization_id):
        keeping.follow(consent_id, now=timezone.now())


@shared_task
def forget_card(*, organization_id: str, method_id: str) -> None:
    """Let a gateway forget a card that its owner removed."""
    with _inside(organization_id):
        keeping.forget(method_id, now=timezone.now())


@shared_task
def sweep() -> None:
    """Queue what is due: renewals, cards to keep and to forget, forgotten mails."""
    now = timezone.now()
    # Across organizations, keys only: each task opens its own scope.
    with scopes_disabled():
        due = claim(now=now)
        consents = _keys(
            KeepingConsent.objects.filter(done_at=None, try_at__lte=now).order_by("try_at"),
            "order__organization",
        )
        cards = _keys(
            SavedMethod.objects.filter(forget_at__lte=now).order_by("forget_at"),
            "customer__organization",
        )
        mails = _keys(
            SubscriptionEvent.objects.filter(
                mail=OrderEvent.Mail.QUEUED, at__lte=now - _FORGOTTEN
            ).order_by("at"),
            "subscription__organization",
        )
    for key, organization_id in due:
        advance.delay(organization_id=str(organization_id), subscription_id=str(key))
    for key, organization_id in consents:
        follow_consent.delay(organization_id=organization_id, consent_id=key)
    for key, organization_id in cards:
        forget_card.delay(organization_id=organization_id, method_id=key)
    for key, organization_id in mails:
        mail_tasks.send.delay(organization_id=organization_id, event_id=key)


def claim(*, now: datetime) -> list[tuple[UUID, UUID]]:
    """Take the subscriptions with which something is to be done, so that nobody else takes them."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [now + _LEASE, now, _ROUND])
        return cursor.fetchall()


def _keys(rows, path: str) -> list[tuple[str, str]]:
    return [
        (str(key), str(organization_id))
        for key, organization_id in rows.values_list("pk", path)[:_ROUND]
    ]
