"""Money that goes back: a request with a legal deadline first, the gateway or a person second.

An order never says "refunded" because a call was accepted: only what the gateway reports, or what
a person proved, counts (see settlement.recount).
"""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F, Sum
from django.utils.translation import gettext as _

from config.lib import money
from config.lib.errors import DomainError, ProviderRefused, ProviderUnavailable
from shop import audit
from shop.models import AuditEntry, User

from . import deadlines, ledger, payments, timeline
from .models import GatewayTransaction, Order, OrderEvent, Refund
from .payments.base import RefundReport

_ASK_AFTER = [timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 60, 240)]
# After so many tries without an answer a person takes over.
_MOST_TRIES = 12
_WAITING = (Refund.Status.REQUESTED, Refund.Status.ASKED)


class TooMuch(DomainError):
    code = "refund_too_much"


class NotByHand(DomainError):
    code = "not_by_hand"


def refundable(order: Order) -> int:
    """Give what may still be given back: what is held, less what is already on its way."""
    on_its_way = order.refunds.filter(status__in=_WAITING).aggregate(sum=Sum("amount"))["sum"] or 0
    return order.net_paid - on_its_way


@transaction.atomic
def request(
    order: Order,
    amount: int,
    *,
    reason: str,
    now: datetime,
    note: str = "",
    due_on: date | None = None,
    actor: User | None = None,
) -> list[Refund]:
    """Start giving back so much of an order: one row for each transaction it comes from."""
    order = Order.objects.select_for_update(no_key=True, of=("self",)).get(pk=order.pk)
    most = refundable(order)
    if not 0 < amount <= most:
        raise TooMuch(
            _("Between nothing and %(most)s can be given back of this order.")
            % {"most": money.label(most, order.currency)}
        )
    made = [
        Refund.objects.create(
            order=order,
            transaction=told,
            amount=part,
            method=method,
            reason=reason,
            note=note,
            due_on=due_on or deadlines.refund_due(deadlines.day_of(order.organization, now)),
            requested_by=actor,
            requested_at=now,
            ask_at=None if method == Refund.Method.MANUAL else now,
        )
        for told, part, method in _parts(order, amount)
    ]
    timeline.record(
        order,
        OrderEvent.Kind.REFUND_REQUESTED,
        now=now,
        actor=actor,
        data={
            "amount": amount,
            "currency": order.currency,
            "due_on": made[0].due_on.isoformat(),
        },
        is_public=True,
        mail=True,
    )
    return made


def _parts(order: Order, amount: int):
    """Cut an amount over the transactions that still hold money, the newest first."""
    taken = GatewayTransaction.objects.filter(
        attempt__order=order, status=GatewayTransaction.Status.APPROVED, problem=""
    ).select_related("account")
    for told in taken:
        on_its_way = told.refunds.exclude(status=Refund.Status.FAILED).aggregate(sum=Sum("amount"))[
            "sum"
        ]
        # A refund that is done is in both figures.
        part = min(amount, told.amount - max(told.refunded, on_its_way or 0))
        if part <= 0:
            continue
        method = payments.get(told.account.provider).refund_method(told, part)
        yield told if method != Refund.Method.MANUAL else None, part, method
        amount -= part
        if not amount:
            return
    yield None, amount, Refund.Method.MANUAL


def carry_out(refund_id, *, now: datetime) -> None:
    """Ask the gateway for a refund, or how one stands that it accepted; safe to repeat.

    A try is counted before anybody is asked, so that a later one knows that an earlier one may
    have been heard although its answer was lost.
    """
    refund = _claim(refund_id, now=now)
    if refund is None:
        return
    try:
        report = _ask(refund)
    except ProviderUnavailable:
        if refund.asked >= _MOST_TRIES:
            # It may have been heard: a person looks there before sending money.
            words = _("The gateway does not answer. Look in its panel before you send the money.")
            _hand_over(refund.pk, words, now=now)
        return
    except ProviderRefused as error:
        _hand_over(refund.pk, str(error), now=now)
        return
    if report.status == Refund.Status.DONE:
        _finish(refund.pk, now=now, gateway_id=report.gateway_id)
    elif report.status == Refund.Status.FAILED:
        _hand_over(refund.pk, report.message, now=now)
    else:
        Refund.objects.filter(pk=refund.pk, status__in=_WAITING).update(
            status=Refund.Status.ASKED, gateway_id=report.gateway_id or refund.gateway_id
        )


def _ask(refund: Refund) -> RefundReport:
    provider = payments.get(refund.transaction.account.provider)
    if refund.status == Refund.Status.ASKED:
        return provider.refund_state(refund)
    try:
        return provider.refund(refund)
    except ProviderRefused:
        if refund.asked == 1:
            raise
        # "No" to a repeated wish may mean that the first one is being carried out: only the
        # gateway's own word decides, or a person would send the money a second time.
        report = provider.refund_state(refund)
        if report.status == Refund.Status.REQUESTED:
            raise
        return report


def _claim(refund_id, *, now: datetime) -> Refund | None:
    """Take a refund to ask for it, and plan the next look; nobody else asks meanwhile."""
    refund = (
        Refund.objects.filter(pk=refund_id, status__in=_WAITING, ask_at__lte=now)
        .select_related("transaction__account__organization", "transaction__attempt", "order")
        .first()
    )
    if refund is None:
        return None
    later = now + _ASK_AFTER[min(refund.asked, len(_ASK_AFTER) - 1)]
    taken = Refund.objects.filter(pk=refund.pk, asked=refund.asked, status__in=_WAITING).update(
        asked=F("asked") + 1, ask_at=later
    )
    refund.asked += 1
    return refund if taken else None


@transaction.atomic
def _finish(refund_id, *, now, gateway_id="", proof="", actor=None) -> Refund:
    """Mark a refund as done, once, and count the order's money anew."""
    order = _locked_order(refund_id)
    refund = Refund.objects.get(pk=refund_id)
    if refund.status == Refund.Status.DONE:
        return refund
    if actor is not None:
        before = {"status": refund.status, "proof": refund.proof}
        after = {"status": Refund.Status.DONE, "proof": proof}
        changed = AuditEntry.Action.CHANGED
        audit.record(order.organization, actor, changed, refund, before=before, after=after)
    refund.status, refund.done_at, refund.done_by = Refund.Status.DONE, now, actor
    refund.gateway_id, refund.proof = gateway_id or refund.gateway_id, proof
    refund.ask_at, refund.error = None, ""
    refund.save()
    ledger.recount(order, now=now)
    return refund


@transaction.atomic
def _hand_over(refund_id, error: str, *, now: datetime) -> None:
    """Give a refund that the gateway cannot make to a person, with the reason."""
    order = _locked_order(refund_id)
    changed = Refund.objects.filter(pk=refund_id, status__in=_WAITING).update(
        method=Refund.Method.MANUAL,
        status=Refund.Status.REQUESTED,
        transaction=None,
        ask_at=None,
        error=error[:300],
    )
    if changed:
        timeline.record(
            order,
            OrderEvent.Kind.REFUND_FAILED,
            now=now,
            actor_label=timeline.GATEWAY,
            data={"error": error[:200]},
        )


def done_by_hand(refund: Refund, *, proof: str, now: datetime, actor: User) -> Refund:
    """Record that a person sent the money, with what the bank printed as proof."""
    if refund.method != Refund.Method.MANUAL:
        raise NotByHand(_("The gateway makes this refund. Wait for its answer."))
    if not proof.strip():
        raise NotByHand(_("Write the number that the bank gave to the transfer."))
    return _finish(refund.pk, now=now, proof=proof.strip(), actor=actor)


def _locked_order(refund_id) -> Order:
    return Order.objects.select_for_update(no_key=True, of=("self",)).get(refunds=refund_id)
