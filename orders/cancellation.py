"""Ending an order before it leaves: what it took goes back, what was paid is given back."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from config.lib.errors import DomainError
from shop import stock
from shop.models import User

from . import parcels, refunds, timeline, vouchers
from .models import Order, OrderEvent, PaymentAttempt, Refund
from .signals import order_moved


class TooLate(DomainError):
    code = "too_late"


@transaction.atomic
def cancel(
    order: Order,
    reason: str,
    *,
    now: datetime,
    actor: User | None = None,
    by: str = "",
    note: str = "",
) -> Order:
    """Cancel an order, restore its stock and start the refund of what was paid, once."""
    order = Order.objects.select_for_update(no_key=True, of=("self",)).get(pk=order.pk)
    if order.status == Order.Status.CANCELLED:
        return order
    if not order.is_before_shipping or parcels.has_left(order):
        raise TooLate(
            _("Order %(order)s has already left. It can only be returned.") % {"order": order}
        )
    apply(order, reason, now=now, actor=actor, by=by, note=note)
    # What is on its way back already needs no second wish.
    if left := refunds.refundable(order):
        refunds.request(
            order,
            left,
            reason=Refund.Reason.CANCELLED,
            now=now,
            actor=actor,
        )
    return order


def apply(
    order: Order,
    reason: str,
    *,
    now: datetime,
    actor: User | None = None,
    by: str = "",
    note: str = "",
) -> None:
    """Take the step itself; callers hold the order's lock and look after the money."""
    before = order.status
    order.move_to(Order.Status.CANCELLED)
    order.cancel_reason, order.cancelled_at, order.expires_at = reason, now, None
    order.save(
        update_fields=["status", "cancel_reason", "cancelled_at", "expires_at", "changed_at"]
    )
    # Whoever is asked next about these closes their pages first (see paying.ask).
    order.attempts.filter(
        status__in=[PaymentAttempt.Status.STARTED, PaymentAttempt.Status.PENDING]
    ).update(status=PaymentAttempt.Status.EXPIRED, ask_at=now)
    vouchers.give_back(order, now=now)
    parcels.take_back(order, now=now, actor=actor)
    timeline.record(
        order,
        OrderEvent.Kind.CANCELLED,
        now=now,
        actor=actor,
        actor_label=by,
        before=before,
        after=order.status,
        data={"reason": reason},
        note=note,
        is_public=True,
        mail=True,
    )
    if order.source == Order.Source.REPEAT:
        order_moved.send(sender=Order, order=order, attempt=None, now=now)
    # Stock rows last: others want them too.
    stock.release(order.pk)
    stock.take_back(order.pk, reference=order.label, person=actor)
