"""An order becomes firm: its stock leaves the shelf and the shop starts to work.

What makes it firm is money (settlement.py), the buyer's word (cash on delivery), or a person of
the shop who spoke with the buyer.
"""

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from config.lib.errors import DomainError
from shop import stock
from shop.models import Customer, Organization, User

from . import agreement, timeline
from .models import Order, OrderEvent


class NotWaiting(DomainError):
    code = "not_waiting"


def confirm(order: Order, *, now: datetime, actor: User | None = None, by: str = "") -> None:
    """Make a waiting order firm; callers hold its lock and saw that nothing is due any more."""
    before = order.status
    order.move_to(Order.Status.CONFIRMED)
    order.confirmed_at, order.expires_at, order.cancel_reason = now, None, ""
    order.save(
        update_fields=["status", "confirmed_at", "expires_at", "cancel_reason", "changed_at"]
    )
    stock.use(order.pk, reference=order.label, person=actor)
    # Not under the order's lock: joining two customers takes the customer first. What is lost when
    # the process ends here, `count_again` finds.
    transaction.on_commit(lambda: _count(order.customer_id, now))
    timeline.record(
        order,
        OrderEvent.Kind.CONFIRMED,
        now=now,
        actor=actor,
        actor_label=by,
        before=before,
        after=order.status,
        is_public=True,
        mail=True,
    )


def _count(customer_id, now: datetime) -> None:
    Customer.objects.filter(pk=customer_id).update(
        order_count=F("order_count") + 1, last_order_at=now
    )


def count_again(organization: Organization, *, now: datetime) -> int:
    """Correct how many orders each customer has, where a count was lost; say for how many."""
    with connection.cursor() as cursor:
        # Younger ones may still be counted by whoever confirmed them.
        cursor.execute(_COUNT_AGAIN, [organization.pk, now - timedelta(hours=1)])
        return cursor.rowcount


_COUNT_AGAIN = """
UPDATE shop_customer AS customer
SET order_count = counted.orders,
    last_order_at = greatest(customer.last_order_at, counted.last_at)
FROM (
    SELECT customer_id, count(*) AS orders, max(confirmed_at) AS last_at FROM orders_order
    WHERE organization_id = %s::uuid AND confirmed_at IS NOT NULL
    GROUP BY customer_id HAVING max(confirmed_at) < %s::timestamptz
) AS counted
WHERE customer.id = counted.customer_id AND customer.order_count <> counted.orders
"""


@transaction.atomic
def confirm_by_word(
    order: Order, *, now: datetime, actor: User | None = None, by: str = timeline.BUYER
) -> Order:
    """Take the buyer's word that a cash-on-delivery order is meant; asked twice, it holds once."""
    order = Order.objects.select_for_update(no_key=True).get(pk=order.pk)
    if order.confirmed_at and order.status != Order.Status.CANCELLED:
        return order
    if not order.is_cash_on_delivery or order.status != Order.Status.PENDING:
        raise NotWaiting(
            _("Order %(order)s no longer waits for a confirmation.") % {"order": order}
        )
    if actor is None:
        agreement.require(order)
    if order.due_now:
        raise NotWaiting(_("The deposit of order %(order)s is not paid yet.") % {"order": order})
    confirm(order, now=now, actor=actor, by=by if actor is None else "")
    return order
