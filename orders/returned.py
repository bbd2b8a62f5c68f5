"""What of an order came back or is announced to, and how much money that is."""

from dataclasses import dataclass
from uuid import UUID

from config.lib import money

from . import refunds
from .models import Order, OrderLine, ReturnLine, ReturnRequest

_Kind, _Status = ReturnRequest.Kind, ReturnRequest.Status
# From here on it is known what really came; before, it is what was announced.
CAME = (_Status.INSPECTED, _Status.CLOSED)
_ALIVE = [status for status in _Status if status != _Status.REJECTED]


@dataclass(frozen=True)
class Returnable:
    """A line of an order, how much of it may still come back, and why it may not be withdrawn."""

    line: OrderLine
    left: int
    refusal: str


def returnable(order: Order) -> list[Returnable]:
    """Give every line of an order with what may still come back of it."""
    returned = _pieces(order, statuses=_ALIVE)
    return [
        Returnable(line, line.quantity - returned.get(line.pk, 0), line.no_withdrawal_reason)
        for line in order.lines.all()
    ]


def owed_for(return_request: ReturnRequest) -> int:
    """Give what an inspected return gives back: its goods as paid for, as far as money was paid.

    With the last piece of an order, a withdrawal also gives back what delivery cost.
    """
    order = return_request.order
    paid_back = _pieces(order, statuses=[_Status.CLOSED], besides=return_request)
    coming = {row.line_id: _came(row) for row in return_request.lines.all()}
    owed, is_last = 0, True
    for line in order.lines.all():
        before = paid_back.get(line.pk, 0)
        after = before + coming.get(line.pk, 0)
        # As a difference, so that the parts of a line add up to it.
        owed += _worth(line, after, order.currency) - _worth(line, before, order.currency)
        is_last = is_last and after == line.quantity
    if return_request.kind == _Kind.WITHDRAWAL and is_last:
        owed += order.shipping + order.cash_fee
    return min(owed, refunds.refundable(order))


def is_whole(order: Order) -> bool:
    """Say whether every piece of the order came back."""
    came = _pieces(order, statuses=CAME)
    return all(came.get(line.pk, 0) == line.quantity for line in order.lines.all())


def _pieces(order: Order, *, statuses, besides: ReturnRequest | None = None) -> dict[UUID, int]:
    """Give how many pieces of each line stand in returns with these statuses."""
    rows = ReturnLine.objects.filter(request__order=order, request__status__in=statuses)
    if besides is not None:
        rows = rows.exclude(request=besides)
    found = {}
    for row in rows.select_related("request"):
        pieces = _came(row) if row.request.status in CAME else row.quantity
        found[row.line_id] = found.get(row.line_id, 0) + pieces
    return found


def _worth(line: OrderLine, pieces: int, currency: str) -> int:
    """Give what so many pieces of a line cost after discounts, in amounts that people can pay."""
    if pieces == line.quantity:
        return line.total
    step = money.smallest(currency)
    return line.total * pieces // line.quantity // step * step


def _came(row: ReturnLine) -> int:
    return row.restocked + row.written_off
