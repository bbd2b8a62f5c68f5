"""What a person decides about an order that no rule could: see Order.Concern.

A decision is made once: who comes second is told so, and nothing is given back twice.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from config.lib.errors import DomainError
from shop.models import User

from . import refunds, settlement, timeline
from .models import Order, OrderEvent, Refund


class NothingToDecide(DomainError):
    code = "nothing_to_decide"


class StillNoStock(DomainError):
    code = "still_no_stock"


# Paid too late: the order can still become what it was meant to be.
REVIVABLE = (Order.Concern.PAID_WITHOUT_STOCK, Order.Concern.PAID_AFTER_CANCEL)


def excess(order: Order) -> int:
    """Give what the shop holds of the buyer's money and has no right to keep."""
    owed = 0 if order.status == Order.Status.CANCELLED else order.total
    return max(0, refunds.refundable(order) - owed)


@transaction.atomic
def revive(order: Order, *, now: datetime, actor: User) -> Order:
    """Make an order firm that was paid too late, now that there is stock again."""
    order = _undecided(order)
    concern = order.concern
    if concern not in REVIVABLE or order.status != Order.Status.CANCELLED or order.due_now:
        raise NothingToDecide(_("Order %(order)s cannot be taken up again.") % {"order": order})
    if not settlement.revive(order, now=now):
        raise StillNoStock(
            _("There is still not enough stock for order %(order)s.") % {"order": order}
        )
    return _decided(order, concern, "revived", now=now, actor=actor)


@transaction.atomic
def give_back(order: Order, *, now: datetime, actor: User, note: str = "") -> Order:
    """Give back everything that the shop holds without a right to it."""
    order = _undecided(order)
    amount = excess(order)
    if not amount:
        raise NothingToDecide(
            _("There is no money of order %(order)s to give back.") % {"order": order}
        )
    reason = (
        Refund.Reason.CANCELLED
        if order.status == Order.Status.CANCELLED
        else Refund.Reason.OVERPAID
    )
    refunds.request(order, amount, reason=reason, now=now, note=note[:200], actor=actor)
    return _decided(order, order.concern, "refunded", now=now, actor=actor, note=note)


@transaction.atomic
def handled(order: Order, *, note: str, now: datetime, actor: User) -> Order:
    """Note how a person settled it elsewhere; the order goes on as it stands."""
    if not note.strip():
        raise NothingToDecide(_("Write what was decided."))
    order = _undecided(order)
    return _decided(order, order.concern, "handled", now=now, actor=actor, note=note.strip())


def _undecided(order: Order) -> Order:
    order = (
        Order.objects.select_for_update(no_key=True, of=("self",))
        .select_related("organization")
        .get(pk=order.pk)
    )
    if not order.concern:
        raise NothingToDecide(
            _("Somebody already decided about order %(order)s.") % {"order": order}
        )
    return order


def _decided(order: Order, concern: str, how: str, *, now, actor, note="") -> Order:
    order.concern = Order.Concern.NONE
    order.save(update_fields=["concern", "changed_at"])
    timeline.record(
        order,
        OrderEvent.Kind.DECIDED,
        now=now,
        actor=actor,
        data={"concern": concern, "how": how},
        note=note,
    )
    return order
