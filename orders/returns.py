"""Goods that come back: asked for, accepted, received, looked at, and paid back.

Every step locks the order first and reads again, so that two people cannot take one twice.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from config.lib.errors import DomainError
from shop import kits, sequences, stock
from shop.models import StockMovement, User

from . import deadlines, refunds, returned, timeline
from .models import Order, OrderEvent, OrderLine, Refund, ReturnLine, ReturnRequest

_Kind, _Status = ReturnRequest.Kind, ReturnRequest.Status
_REFUND_REASONS = {
    _Kind.WITHDRAWAL: Refund.Reason.WITHDRAWAL,
    _Kind.WARRANTY: Refund.Reason.WARRANTY,
    _Kind.OTHER: Refund.Reason.OTHER,
}


class ReturnRefused(DomainError):
    code = "return_refused"


class NotSent(ReturnRefused):
    code = "not_sent"


class TooLateToWithdraw(ReturnRefused):
    code = "too_late_to_withdraw"


class CannotBeReturned(ReturnRefused):
    code = "cannot_be_returned"


class TooMany(ReturnRefused):
    code = "too_many"


class AlreadyInspected(ReturnRefused):
    code = "already_inspected"


class WithdrawalInFull(ReturnRefused):
    code = "withdrawal_in_full"


# --- Steps ----------------------------------------------------------------------------------------


@transaction.atomic
def request(
    order: Order,
    *,
    kind: str,
    quantities: Mapping[UUID, int],
    reason: str = "",
    refund_to: str = "",
    now: datetime,
    actor: User | None = None,
    even_if_late: bool = False,
) -> ReturnRequest:
    """Ask to give back so many of each line; the same wish, not yet answered, is one wish.

    Without `actor` the buyer asks. Only staff may let a withdrawal pass after its last day.
    """
    order = _lock(order.pk)
    quantities = {key: quantity for key, quantity in quantities.items() if quantity}
    same = _same_wish(order, kind, quantities)
    if same is not None:
        return same
    if order.status not in (Order.Status.SHIPPED, Order.Status.DELIVERED):
        raise NotSent(_("Only an order that was sent can be returned."))
    lines = _require_lines(order, kind, quantities)
    is_withdrawal = kind == _Kind.WITHDRAWAL
    is_waived = even_if_late and actor is not None
    if is_withdrawal and not is_waived and not deadlines.may_withdraw(order, now=now):
        raise TooLateToWithdraw(_("The time to withdraw from this purchase is over."))
    today = deadlines.day_of(order.organization, now)
    made = ReturnRequest(
        organization=order.organization,
        order=order,
        kind=kind,
        reason=reason,
        refund_to=refund_to,
        ask_until=deadlines.withdrawal_ends(order) if is_withdrawal else None,
        pay_until=deadlines.refund_due(today) if is_withdrawal else None,
        requested_by=actor,
        requested_at=now,
    )
    made.clean_fields(exclude=["number", "organization", "order", "requested_by", "refund"])
    made.number = sequences.next_number(order.organization, "return")
    made.save(force_insert=True)
    ReturnLine.objects.bulk_create(
        ReturnLine(request=made, line=line, quantity=quantities[line.pk]) for line in lines
    )
    _record(
        made, OrderEvent.Kind.RETURN_REQUESTED, now=now, actor=actor, by=timeline.BUYER, mail=True
    )
    return made


@transaction.atomic
def accept(
    return_request: ReturnRequest, *, now: datetime, actor: User | None = None
) -> ReturnRequest:
    """Let the goods come back."""
    found = _locked(return_request)
    if found.status != _Status.ACCEPTED:
        _step(found, _Status.ACCEPTED, now=now, actor=actor, mail=True)
    return found


@transaction.atomic
def reject(
    return_request: ReturnRequest, *, answer: str, now: datetime, actor: User | None = None
) -> ReturnRequest:
    """Refuse a return with an answer that the buyer reads; what it announced is free again."""
    if not answer.strip():
        raise ReturnRefused(_("Write the buyer why the return is refused."))
    found = _locked(return_request)
    if found.status != _Status.REJECTED:
        found.answer = answer.strip()
        _step(found, _Status.REJECTED, "answer", now=now, actor=actor, mail=True)
    return found


@transaction.atomic
def receive(
    return_request: ReturnRequest, *, now: datetime, actor: User | None = None
) -> ReturnRequest:
    """Note that the parcel arrived; nobody has looked into it yet."""
    found = _locked(return_request)
    if found.received_at is None:
        found.received_at = now
        _step(found, _Status.RECEIVED, "received_at", now=now, actor=actor)
    return found


@transaction.atomic
def inspect(
    return_request: ReturnRequest,
    *,
    restocked: Mapping[UUID, int],
    written_off: Mapping[UUID, int],
    now: datetime,
    actor: User | None = None,
) -> ReturnRequest:
    """Say by line of the order what is good to sell again and what is lost; stock comes back once.

    What is in neither did not come.
    """
    found = _locked(return_request)
    lines = list(found.lines.select_related("line"))
    _require_counts(lines, restocked, written_off)
    if found.status in returned.CAME:
        _require_same(found, lines, restocked, written_off)
        return found
    for line in lines:
        line.restocked = restocked.get(line.line_id, 0)
        line.written_off = written_off.get(line.line_id, 0)
    ReturnLine.objects.bulk_update(lines, ["restocked", "written_off"])
    _step(found, _Status.INSPECTED, now=now, actor=actor)
    if returned.is_whole(found.order):
        _return_order(found, now=now, actor=actor)
    # Stock rows last: others want them too.
    stock.restock(
        kits.taken((line.line, line.restocked) for line in lines),
        reason=StockMovement.Reason.RETURNED,
        reference=f"{found.order} {found}",
        person=actor,
    )
    return found


@transaction.atomic
def close(
    return_request: ReturnRequest,
    *,
    now: datetime,
    actor: User | None = None,
    amount: int | None = None,
) -> ReturnRequest:
    """End a return and start its refund: what the goods cost, or another amount when agreed.

    A withdrawal gives back all of it (Ley 1480 of 2011, art. 47).
    """
    found = _locked(return_request)
    if found.status == _Status.CLOSED:
        return found
    owed = returned.owed_for(found)
    if amount is not None and found.kind == _Kind.WITHDRAWAL and amount < owed:
        raise WithdrawalInFull(_("A withdrawal gives back everything that was paid."))
    amount = owed if amount is None else amount
    found.closed_at = now
    if found.pay_until is None:
        found.pay_until = deadlines.refund_due(deadlines.day_of(found.order.organization, now))
    if amount:
        # Several transactions may have paid the order; the first part stands for all of them.
        found.refund = refunds.request(
            found.order,
            amount,
            reason=_REFUND_REASONS[found.kind],
            note=f"{found} {found.refund_to}".strip()[:200],
            due_on=found.pay_until,
            actor=actor,
            now=now,
        )[0]
    _step(
        found,
        _Status.CLOSED,
        *("closed_at", "pay_until", "refund"),
        now=now,
        actor=actor,
        data={"amount": amount, "currency": found.order.currency},
    )
    return found


# --- Parts of the steps ---------------------------------------------------------------------------


def _lock(order_id: UUID) -> Order:
    return (
        Order.objects.select_for_update(no_key=True, of=("self",))
        .select_related("organization")
        .get(pk=order_id)
    )


def _locked(return_request: ReturnRequest) -> ReturnRequest:
    """Give the return as it stands now, its order locked."""
    order = _lock(return_request.order_id)
    found = ReturnRequest.objects.get(pk=return_request.pk)
    found.order = order
    return found


def _step(found: ReturnRequest, status: str, *fields: str, now, actor, mail=False, data=None):
    before = found.status
    found.move_to(status)
    found.save(update_fields=["status", *fields])
    _record(
        found,
        OrderEvent.Kind.RETURN_CHANGED,
        now=now,
        actor=actor,
        mail=mail,
        data={"before": before, "after": status, **(data or {})},
    )


def _record(found: ReturnRequest, kind: str, *, now, actor, by="", mail=False, data=None):
    timeline.record(
        found.order,
        kind,
        now=now,
        actor=actor,
        actor_label="" if actor else by,
        data={"return": str(found), "kind": found.kind, **(data or {})},
        note=found.answer,
        is_public=True,
        mail=mail,
    )


def _return_order(found: ReturnRequest, *, now, actor):
    order = found.order
    before = order.status
    order.move_to(Order.Status.RETURNED)
    order.save(update_fields=["status", "changed_at"])
    timeline.record(
        order,
        OrderEvent.Kind.RETURNED,
        now=now,
        actor=actor,
        before=before,
        after=order.status,
        data={"return": str(found)},
        is_public=True,
        mail=True,
    )


def _same_wish(order: Order, kind: str, quantities: Mapping[UUID, int]) -> ReturnRequest | None:
    waiting = order.returns.filter(kind=kind, status=_Status.REQUESTED).prefetch_related("lines")
    for found in waiting:
        if {row.line_id: row.quantity for row in found.lines.all()} == quantities:
            return found
    return None


def _require_lines(order: Order, kind: str, quantities: Mapping[UUID, int]) -> list[OrderLine]:
    """Give the lines that are meant, or say what is wrong with the wish."""
    known = {found.line.pk: found for found in returned.returnable(order)}
    if not quantities or not quantities.keys() <= known.keys():
        raise CannotBeReturned(_("Choose what you want to return from this order."))
    for key, quantity in quantities.items():
        found = known[key]
        if kind == _Kind.WITHDRAWAL and found.refusal:
            raise CannotBeReturned(
                _("%(name)s cannot be returned: %(reason)s")
                % {"name": found.line.name, "reason": found.refusal}
            )
        if not 1 <= quantity <= found.left:
            raise TooMany(
                _("Of %(name)s, at most %(left)d can be returned.")
                % {"name": found.line.name, "left": found.left}
            )
    return [known[key].line for key in quantities]


def _require_counts(lines: list[ReturnLine], restocked, written_off) -> None:
    announced = {row.line_id: row.quantity for row in lines}
    counted = 0
    for key in restocked.keys() | written_off.keys():
        good, lost = restocked.get(key, 0), written_off.get(key, 0)
        if good < 0 or lost < 0 or good + lost > announced.get(key, 0):
            raise TooMany(_("More was counted than was announced to come back."))
        counted += good + lost
    if not counted:
        raise ReturnRefused(_("Count what came back: good to sell again, or lost."))


def _require_same(found: ReturnRequest, lines: list[ReturnLine], restocked, written_off) -> None:
    """Let the same count pass as one; another count of what is already in stock is refused."""
    for row in lines:
        counted = restocked.get(row.line_id, 0), written_off.get(row.line_id, 0)
        if counted != (row.restocked, row.written_off):
            raise AlreadyInspected(
                _("%(return)s was already inspected with another count.") % {"return": found}
            )
