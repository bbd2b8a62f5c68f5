"""Steps about the money of an order: what arrived, what goes back, what a person decides."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.lib import money

from .. import cash, decisions, proofs, refunds, tasks, timeline
from ..models import Order, OrderEvent, Refund
from . import step_forms
from .step import Step, going_back, outstanding

_Status = Order.Status


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
        return [outstanding(order)]

    def run(self, order, values, *, now, actor):
        cash.collect(
            order, amount=values["amount"], reference=values["reference"], now=now, actor=actor
        )


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
        return [going_back(decisions.excess(order), order)]

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


def _is_proven(order: Order) -> bool:
    """Say whether the buyer sent a receipt of the transfer that is looked for."""
    attempt = step_forms.open_transfer(order)
    return attempt is not None and attempt.proof_at is not None
