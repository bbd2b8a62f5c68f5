"""What happened to a subscription, written in the transaction in which it happens."""

from datetime import datetime

from django.db import transaction
from kombu.exceptions import OperationalError

from shop.models import User

from ..models import OrderEvent, Subscription, SubscriptionEvent, SubscriptionPeriod
from . import mail_tasks


def record(
    subscription: Subscription,
    kind: str,
    *,
    now: datetime,
    period: SubscriptionPeriod | None = None,
    actor: User | None = None,
    by: str = "",
    data: dict | None = None,
    mail: bool = True,
) -> SubscriptionEvent:
    """Write one event; with `mail` its owner is told of it, once, after the commit."""
    event = SubscriptionEvent.objects.create(
        subscription=subscription,
        period=period,
        kind=kind,
        data=data or {},
        actor=actor,
        actor_label=by or str(actor or ""),
        mail=OrderEvent.Mail.QUEUED if mail and subscription.email else OrderEvent.Mail.NONE,
        at=now,
    )
    if event.mail:
        transaction.on_commit(lambda: _hurry(event))
    return event


def _hurry(event: SubscriptionEvent) -> None:
    try:
        mail_tasks.send.delay(
            organization_id=str(event.subscription.organization_id), event_id=str(event.pk)
        )
    except OperationalError:
        return  # The sweeper finds it.
