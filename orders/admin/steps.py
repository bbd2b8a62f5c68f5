"""What may be done with an order where it stands: one class for each button.

A step says whether it is offered, asks what it needs to know, and calls one operation. Whoever
comes second finds it no longer offered, or hears it from the operation.
"""

from abc import ABC, abstractmethod
from datetime import datetime

from django import forms
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from config.lib import money
from shop.models import User

from .. import (
    cancellation,
    cash,
    confirmation,
    decisions,
    fulfilment,
    proofs,
    refunds,
    returned,
    returns,
    tasks,
    timeline,
)
from ..models import Order, OrderEvent, Refund
from . import step_forms

_Status = Order.Status


class Step(ABC):
    """One thing that a person can do with an order."""

    name = ""
    label = ""
    permission = "orders.change_fulfilment"
    form: type[forms.Form] = step_forms.NothingToAsk
    # Done by the button itself; everything else has a page that says what will happen.
    is_direct = False
    is_main = False
    is_danger = False
    done = gettext_lazy("Done.")

    @abstractmethod
    def is_offered(self, order: Order) -> bool:
        """Say whether the order stands where this can be done."""

    def lead(self, order: Order, *, with_money: bool) -> list[str]:
        """Say what will happen, before it does."""
        return []

    @abstractmethod
    def run(self, order: Order, values: dict, *, now: datetime, actor: User) -> str | None:
        """Do it, and give what to tell the person when it is not just `done`."""


class Confirm(Step):
    name = "confirm"
    label = gettext_lazy("Confirm by word")
    permission = "orders.change_order"
    is_main = True
    done = gettext_lazy("The order is confirmed.")

    def is_offered(self, order):
        return order.status == _Status.PENDING and order.is_cash_on_delivery and not order.due_now

    def lead(self, order, *, with_money):
        return [
            _("You spoke with the buyer, and they want this order. Its stock leaves the shelf.")
        ]

    def run(self, order, values, *, now, actor):
        confirmation.confirm_by_word(order, now=now, actor=actor)


class MailLink(Step):
    name = "mail-link"
    label = gettext_lazy("Mail the link to pay")
    permission = "orders.change_order"
    is_direct = True
    done = gettext_lazy("The link is on its way to the buyer.")

    def is_offered(self, order):
        is_early = order.status in (_Status.PENDING, _Status.CONFIRMED)
        return bool(is_early and order.due_now and order.email) and not order.concern

    def run(self, order, values, *, now, actor):
        kind = OrderEvent.Kind.LINK_SENT
        timeline.record(order, kind, now=now, actor=actor, is_public=True, mail=True)


class TransferArrived(Step):
    """One tap for the usual case: all of it came, and the buyer's proof shows where to look."""

    name = "transfer-arrived"
    label = gettext_lazy("The money arrived")
    permission = "orders.change_payment"
    is_direct = is_main = True
    done = gettext_lazy("The transfer is recorded.")

    def is_offered(self, order):
        return _is_proven(order)

    def run(self, order, values, *, now, actor):
        attempt = step_forms.open_transfer(order)
        reference = attempt.reference
        proofs.accept(attempt, reference=reference, amount=attempt.amount, actor=actor, now=now)


class AcceptTransfer(Step):
    name = "accept-transfer"
    label = gettext_lazy("Transfer arrived")
    permission = "orders.change_payment"
    form = step_forms.TransferForm
    done = gettext_lazy("The transfer is recorded.")

    def is_offered(self, order):
        return step_forms.open_transfer(order) is not None

    def lead(self, order, *, with_money):
        attempt = step_forms.open_transfer(order)
        return [
            _("Look into the bank account first: the proof is only a picture."),
            _("%(amount)s are awaited under the reference %(reference)s.")
            % {
                "amount": money.label(attempt.amount, attempt.currency),
                "reference": attempt.reference,
            },
        ]

    def run(self, order, values, *, now, actor):
        attempt = step_forms.open_transfer(order)
        proofs.accept(
            attempt,
            reference=values["reference"],
            amount=values["amount"],
            actor=actor,
            now=now,
        )


class RejectTransfer(Step):
    name = "reject-transfer"
    label = gettext_lazy("Proof not accepted")
    permission = "orders.change_payment"
    form = step_forms.ReasonForm
    done = gettext_lazy("The buyer is told that the proof was not accepted.")

    def is_offered(self, order):
        return _is_proven(order)

    def run(self, order, values, *, now, actor):
        attempt = step_forms.open_transfer(order)
        proofs.reject(attempt, reason=values["reason"], actor=actor, now=now)


class Prepare(Step):
    name = "prepare"
    label = gettext_lazy("Start to prepare")
    is_direct = is_main = True
    done = gettext_lazy("The order is being prepared.")

    def is_offered(self, order):
        return order.status == _Status.CONFIRMED and not fulfilment.why_not_prepare(order)

    def run(self, order, values, *, now, actor):
        fulfilment.prepare(order, now=now, actor=actor)


class Ready(Step):
    name = "ready"
    label = gettext_lazy("Packed and ready")
    is_direct = True
    done = gettext_lazy("The order is ready.")

    def is_offered(self, order):
        is_at_work = order.status in (_Status.CONFIRMED, _Status.PROCESSING)
        return is_at_work and not fulfilment.why_not_prepare(order)

    def run(self, order, values, *, now, actor):
        fulfilment.ready(order, now=now, actor=actor)


class RequestPickup(Step):
    name = "request-pickup"
    label = gettext_lazy("Carrier was called")
    is_direct = True
    done = gettext_lazy("The carrier was asked to come.")

    def is_offered(self, order):
        return order.status == _Status.READY_TO_SHIP and not order.is_pickup

    def run(self, order, values, *, now, actor):
        fulfilment.request_pickup(order, now=now, actor=actor)


class Ship(Step):
    name = "ship"
    label = gettext_lazy("Dispatch")
    form = step_forms.ShipForm
    is_main = True
    done = gettext_lazy("The order is on its way.")

    def is_offered(self, order):
        is_ready = order.status in (_Status.READY_TO_SHIP, _Status.PICKUP_REQUESTED)
        return is_ready and not order.is_pickup

    def lead(self, order, *, with_money):
        return [_("The buyer gets a mail with what you write here.")] if order.email else []

    def run(self, order, values, *, now, actor):
        fulfilment.ship(order, fulfilment.Parcel(**values), now=now, actor=actor)


class HandOver(Step):
    name = "hand-over"
    label = gettext_lazy("Buyer took it")
    is_main = True
    done = gettext_lazy("The order is handed over.")

    def is_offered(self, order):
        is_ready = order.status in (_Status.READY_TO_SHIP, _Status.PICKUP_REQUESTED)
        return is_ready and order.is_pickup

    def lead(self, order, *, with_money):
        told = [_("The buyer stands at the counter and takes the order with them.")]
        if with_money and order.outstanding:
            told.append(_outstanding(order))
        return told

    @transaction.atomic
    def run(self, order, values, *, now, actor):
        fulfilment.ship(order, None, now=now, actor=actor)
        fulfilment.deliver(order, now=now, actor=actor)


class Deliver(Step):
    name = "deliver"
    label = gettext_lazy("It was delivered")
    is_main = True
    done = gettext_lazy("The order is delivered.")

    def is_offered(self, order):
        return order.status == _Status.SHIPPED

    def lead(self, order, *, with_money):
        return [_("The buyer has it. Their days to withdraw are counted from now on.")]

    def run(self, order, values, *, now, actor):
        fulfilment.deliver(order, now=now, actor=actor)


class ComeBack(Step):
    name = "come-back"
    label = gettext_lazy("Came back undelivered")
    form = step_forms.LostForm
    is_danger = True
    done = gettext_lazy("The parcel is taken in as a return. Close it to give the money back.")

    def is_offered(self, order):
        return order.status == _Status.SHIPPED

    def lead(self, order, *, with_money):
        return [_("Nobody accepted the parcel. What is not lost goes back on the shelf.")]

    def run(self, order, values, *, now, actor):
        fulfilment.come_back(order, lost=values["quantities"], now=now, actor=actor)


class Collect(Step):
    name = "collect"
    label = gettext_lazy("Cash arrived")
    permission = "orders.change_payment"
    form = step_forms.CashForm
    is_main = True
    done = gettext_lazy("The cash is recorded.")

    def is_offered(self, order):
        return cash.owed(order) > 0

    def lead(self, order, *, with_money):
        return [_outstanding(order)]

    def run(self, order, values, *, now, actor):
        cash.collect(
            order, amount=values["amount"], reference=values["reference"], now=now, actor=actor
        )


class TakeReturn(Step):
    name = "return"
    label = gettext_lazy("Take a return")
    permission = "orders.change_order"
    form = step_forms.ReturnForm
    done = gettext_lazy("The return is noted.")

    def is_offered(self, order):
        is_out = order.status in (_Status.SHIPPED, _Status.DELIVERED)
        return is_out and any(found.left for found in returned.returnable(order))

    def run(self, order, values, *, now, actor):
        made = returns.request(
            order,
            kind=values["kind"],
            quantities=values["quantities"],
            reason=values["reason"],
            refund_to=values["refund_to"],
            even_if_late=values["even_if_late"],
            now=now,
            actor=actor,
        )
        return _("The return %(return)s is noted.") % {"return": made}


class Refunding(Step):
    name = "refund"
    label = gettext_lazy("Give money back")
    permission = "orders.change_payment"
    form = step_forms.RefundForm
    is_danger = True

    def is_offered(self, order):
        return order.net_paid > 0 and refunds.refundable(order) > 0

    def lead(self, order, *, with_money):
        most = refunds.refundable(order)
        return [
            _("Up to %(most)s can be given back.") % {"most": money.label(most, order.currency)}
        ]

    def run(self, order, values, *, now, actor):
        made = refunds.request(
            order,
            values["amount"],
            reason=values["reason"],
            note=values["note"],
            now=now,
            actor=actor,
        )
        if any(refund.method == Refund.Method.MANUAL for refund in made):
            return _("Send the money by transfer, then write its number beside the refund.")
        return _("The gateway is asked to give the money back.")


class Revive(Step):
    name = "revive"
    label = gettext_lazy("Try the stock again")
    permission = "orders.change_payment"
    is_main = True
    done = gettext_lazy("There is stock: the order is confirmed.")

    def is_offered(self, order):
        is_late = order.concern in decisions.REVIVABLE and order.status == _Status.CANCELLED
        return is_late and not order.due_now

    def lead(self, order, *, with_money):
        return [_("If all of it is in stock, the order is taken up again and confirmed.")]

    def run(self, order, values, *, now, actor):
        decisions.revive(order, now=now, actor=actor)


class GiveBack(Step):
    name = "give-back"
    label = gettext_lazy("Give it back")
    permission = "orders.change_payment"
    form = step_forms.OptionalNoteForm
    is_danger = True
    done = gettext_lazy("The refund is started.")

    def is_offered(self, order):
        return bool(order.concern) and decisions.excess(order) > 0

    def lead(self, order, *, with_money):
        return [_going_back(decisions.excess(order), order)]

    def run(self, order, values, *, now, actor):
        decisions.give_back(order, note=values["note"], now=now, actor=actor)


class Handled(Step):
    name = "handled"
    label = gettext_lazy("Settled otherwise")
    permission = "orders.change_payment"
    form = step_forms.DecisionForm
    done = gettext_lazy("Your decision is noted.")

    def is_offered(self, order):
        return bool(order.concern)

    def lead(self, order, *, with_money):
        return [
            _("The order goes on as it stands. Write what was agreed, for those who ask later.")
        ]

    def run(self, order, values, *, now, actor):
        decisions.handled(order, note=values["note"], now=now, actor=actor)


class Cancel(Step):
    name = "cancel"
    label = gettext_lazy("Cancel order")
    permission = "orders.change_order"
    form = step_forms.CancelForm
    is_danger = True
    done = gettext_lazy("The order is cancelled.")

    def is_offered(self, order):
        return order.is_before_shipping

    def lead(self, order, *, with_money):
        pieces = sum(line.quantity for line in order.lines.all())
        if order.status == _Status.PENDING:
            told = [
                ngettext(
                    "%(count)d piece that is promised can be sold to others again.",
                    "%(count)d pieces that are promised can be sold to others again.",
                    pieces,
                )
                % {"count": pieces}
            ]
        else:
            told = [
                ngettext(
                    "%(count)d piece goes back on the shelf:",
                    "%(count)d pieces go back on the shelf:",
                    pieces,
                )
                % {"count": pieces}
            ]
            told += [
                f"{line.quantity} × {line.name} {line.label}".strip() for line in order.lines.all()
            ]
        left = refunds.refundable(order) if with_money else 0
        if left:
            told.append(_going_back(left, order))
        return told

    def run(self, order, values, *, now, actor):
        cancellation.cancel(order, values["reason"], note=values["note"], now=now, actor=actor)


class Ask(Step):
    name = "ask"
    label = gettext_lazy("Ask the gateway now")
    permission = "orders.change_payment"
    is_direct = True
    done = gettext_lazy("The gateway is asked. Look again in a moment.")

    def is_offered(self, order):
        return bool(step_forms.attempts_to_ask(order))

    def run(self, order, values, *, now, actor):
        for attempt in step_forms.attempts_to_ask(order):
            tasks.ask_attempt.delay(
                organization_id=str(order.organization_id), attempt_id=str(attempt.pk)
            )


class Note(Step):
    name = "note"
    label = gettext_lazy("Write note")
    form = step_forms.NoteForm
    done = gettext_lazy("Your note is kept.")

    def is_offered(self, order):
        return True

    def run(self, order, values, *, now, actor):
        timeline.record(order, OrderEvent.Kind.NOTE, now=now, actor=actor, note=values["note"])


def _is_proven(order: Order) -> bool:
    """Say whether the buyer sent a receipt of the transfer that is looked for."""
    attempt = step_forms.open_transfer(order)
    return attempt is not None and attempt.proof_at is not None


def _going_back(amount: int, order: Order) -> str:
    return _("%(amount)s go back to the buyer.") % {"amount": money.label(amount, order.currency)}


def _outstanding(order: Order) -> str:
    return _("Still to pay: %(amount)s.") % {
        "amount": money.label(order.outstanding, order.currency)
    }


# In the order of the buttons.
STEPS: list[Step] = [
    Revive(),
    GiveBack(),
    Handled(),
    Confirm(),
    MailLink(),
    TransferArrived(),
    AcceptTransfer(),
    RejectTransfer(),
    Prepare(),
    Ready(),
    Ship(),
    HandOver(),
    RequestPickup(),
    Deliver(),
    Collect(),
    ComeBack(),
    TakeReturn(),
    Ask(),
    Refunding(),
    Cancel(),
]
NOTE = Note()
BY_NAME = {step.name: step for step in [*STEPS, NOTE]}
# These belong to what has to be decided, not to the way of the parcel.
DECISIONS = {"revive", "give-back", "handled"}


def offered(order: Order, user: User) -> list[Step]:
    """Give what this person can do with this order now."""
    return [step for step in STEPS if user.has_perm(step.permission) and step.is_offered(order)]
