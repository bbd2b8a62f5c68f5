"""The board of the warehouse: what stands where, and who has it in hand."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import CharField, F, Prefetch, Q, Value
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.lib import live
from config.lib.errors import DomainError
from shop.models import User

from . import timeline
from .models import Order, OrderLine

# More cards in one column are a list.
MOST = 40
_Status = Order.Status
_FIRM = (_Status.CONFIRMED, _Status.PROCESSING)
_READY = (_Status.READY_TO_SHIP, _Status.PICKUP_REQUESTED)
# Where it says something that somebody has an order in hand.
_AT_WORK = (*_FIRM, *_READY)
_BLOCKED = ~Q(concern="") | Q(due_first__gt=F("paid") - F("refunded"))


class InOtherHands(DomainError):
    code = "in_other_hands"


@dataclass(frozen=True)
class Column:
    """One column of the board: what stands in it, and the step that leads there."""

    name: str
    label: object
    pick: Callable
    # The name of a step (admin/steps.py) by which a card comes here.
    step: str = ""


def _problems(orders, *, with_money: bool):
    # What has to be decided is about money; that work must wait is not.
    blocked = Q(status__in=_FIRM) & _BLOCKED
    return orders.filter(blocked | ~Q(concern="") if with_money else blocked)


def _at(*statuses: str):
    return lambda orders, with_money: orders.filter(status__in=statuses).exclude(
        Q(status__in=_FIRM) & _BLOCKED
    )


COLUMNS = [
    Column("problems", gettext_lazy("Problems"), _problems),
    Column("prepare", gettext_lazy("To prepare"), _at(_Status.CONFIRMED)),
    Column("packing", gettext_lazy("Being prepared"), _at(_Status.PROCESSING), "prepare"),
    Column("ready", gettext_lazy("Ready to leave"), _at(*_READY), "ready"),
    Column("sent", gettext_lazy("On its way"), _at(_Status.SHIPPED), "ship"),
]


def cards(*, with_money: bool) -> dict[str, list[Order]]:
    """Give the orders of each column, what waits longest first, in a fixed number of queries."""
    picked = [
        column.pick(Order.objects.order_by(), with_money=with_money)
        .annotate(column=Value(column.name, output_field=CharField()))
        .values_list("column", "pk")
        .order_by("-number" if column.name == "sent" else "number")[: MOST + 1]
        for column in COLUMNS
    ]
    places = list(picked[0].union(*picked[1:], all=True))
    lines = OrderLine.objects.only("order", "quantity", "name", "label").order_by("position")
    orders = (
        Order.objects.select_related("claimed_by", "organization")
        .prefetch_related(Prefetch("lines", queryset=lines))
        .in_bulk([key for _column, key in places])
    )
    found: dict[str, list[Order]] = {column.name: [] for column in COLUMNS}
    for name, key in places:
        if key in orders:
            found[name].append(orders[key])
    for name, shown in found.items():
        shown.sort(key=lambda order: order.number, reverse=name == "sent")
    return found


@transaction.atomic
def claim(order: Order, *, actor: User, now: datetime) -> None:
    """Say that this person has the order in hand; the first one who says so has it."""
    mine = Order.objects.filter(pk=order.pk, status__in=_AT_WORK)
    if not mine.filter(claimed_by=None).update(claimed_by=actor, claimed_at=now):
        order = Order.objects.select_related("claimed_by").get(pk=order.pk)
        if order.claimed_by_id == actor.pk:
            return
        if order.claimed_by is None:
            raise InOtherHands(
                _("Order %(order)s is “%(status)s” now: nobody prepares it any more.")
                % {"order": order, "status": order.get_status_display()}
            )
        raise InOtherHands(
            _("%(person)s has order %(order)s in hand already.")
            % {"person": order.claimed_by, "order": order}
        )
    live.tell(timeline.board_group(order.organization_id))


@transaction.atomic
def let_go(order: Order, *, by: User | None) -> bool:
    """Put an order back on the table, as who was seen to have it; say whether they still had it."""
    held = Order.objects.filter(pk=order.pk, claimed_by=by)
    is_free = bool(held.update(claimed_by=None, claimed_at=None))
    if is_free:
        live.tell(timeline.board_group(order.organization_id))
    return is_free
