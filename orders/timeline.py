"""What happened to an order, written in the transaction in which it happens."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from config.lib import live
from shop import audit
from shop.models import AuditEntry, User

from . import mail_tasks, staff_mails
from .models import Order, OrderEvent

# Who acts when no person does.
BUYER, GATEWAY, CARRIER, CLOCK = "buyer", "gateway", "carrier", "clock"


def board_group(organization_id: UUID) -> str:
    """Give the group in which the open boards of an organization listen (board.py)."""
    return f"board.{organization_id.hex}"


_Kind = OrderEvent.Kind
_TOLD_OTHERWISE = (_Kind.PLACED, _Kind.PAYMENT_DECLINED)


def record(
    order: Order,
    kind: str,
    *,
    now: datetime,
    actor: User | None = None,
    actor_label: str = "",
    before: str = "",
    after: str = "",
    data: dict | None = None,
    note: str = "",
    is_public: bool = False,
    mail: bool = False,
) -> OrderEvent:
    """Write one event; with `mail` the buyer is told of it, once, after the commit."""
    event = OrderEvent(
        order=order,
        kind=kind,
        before=before,
        after=after,
        data=data or {},
        note=note,
        is_public=is_public,
        actor=actor,
        actor_label=actor_label or str(actor or ""),
        mail=OrderEvent.Mail.QUEUED if mail and _may_mail(order, kind) else OrderEvent.Mail.NONE,
        at=now,
    )
    event.save(force_insert=True)
    if actor is not None:
        _audit(order, event)
    live.tell(board_group(order.organization_id))
    if event.mail:
        mail_tasks.hurry(organization_id=order.organization_id, event_id=event.pk)
    if (row := staff_mails.queue(event)) is not None:
        mail_tasks.tell_staff(organization_id=order.organization_id, mail_id=row.pk)
    return event


def _audit(order: Order, event: OrderEvent) -> None:
    """List what a person of the shop did beside everything else that staff did."""
    with translation.override(order.organization.language):
        after = {"event": str(event.get_kind_display()), "status": event.after}
    is_new = event.kind == _Kind.PLACED
    audit.record(
        order.organization,
        event.actor,
        AuditEntry.Action.ADDED if is_new else AuditEntry.Action.CHANGED,
        order,
        before={} if is_new else {"status": event.before},
        after=after,
    )


def _may_mail(order: Order, kind: str) -> bool:
    # Of a renewal the subscription itself tells, with what one may do about it.
    is_told_there = order.source == Order.Source.REPEAT and (
        kind in _TOLD_OTHERWISE
        or (kind == _Kind.CANCELLED and order.cancel_reason == Order.Cancelled.EXPIRED)
    )
    return bool(order.email) and not is_told_there


@transaction.atomic
def send_again(event: OrderEvent, *, actor: User) -> bool:
    """Have the mail about an event sent once more; say whether there is one to send."""
    finished = [OrderEvent.Mail.SENT, OrderEvent.Mail.FAILED]
    queued = OrderEvent.objects.filter(pk=event.pk, mail__in=finished).update(
        mail=OrderEvent.Mail.QUEUED, mail_error="", mail_tried_at=None
    )
    if queued:
        audit.record(
            event.order.organization,
            actor,
            AuditEntry.Action.CHANGED,
            event.order,
            after={"event": _("The mail is sent again.")},
        )
        mail_tasks.hurry(organization_id=event.order.organization_id, event_id=event.pk)
    return bool(queued)
