"""How an order stands, in the words its buyer needs: what happened, and what to do now."""

from dataclasses import dataclass
from datetime import datetime

from django.db import models
from django.db.models import prefetch_related_objects
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from config.lib import money

from . import deadlines, payments
from .models import GatewayTransaction, OfferAnswer, Order, PaymentAttempt, Refund

_Status = Order.Status
_Concern = Order.Concern


class Tone(models.TextChoices):
    """How a headline looks: something to do, something to wait for, good or bad news."""

    DO = "do"
    WAIT = "wait"
    GOOD = "good"
    BAD = "bad"


@dataclass(frozen=True)
class Headline:
    """What matters now, and whether a page that shows it should look again soon."""

    tone: Tone
    title: str
    text: str = ""
    # Something outside answers any moment: the page asks every few seconds.
    is_live: bool = False


class State:
    """An order with its newest attempt to pay, looked at in one moment."""

    def __init__(self, order: Order, *, now: datetime, is_asking: bool = False):
        self.order, self.now = order, now
        # The buyer came back from the payment page a moment ago.
        self.is_asking = is_asking

    @cached_property
    def attempt(self) -> PaymentAttempt | None:
        """The newest try to pay; its transactions tell why it was declined."""
        # Of a payment that was only opened nothing is known yet.
        newest = self.order.attempts.select_related("account").first()
        if newest is not None and newest.status != PaymentAttempt.Status.STARTED:
            prefetch_related_objects([newest], "transactions")
        return newest

    @cached_property
    def is_over(self) -> bool:
        """Whether the time to pay has passed, noticed by the sweeper or not."""
        return self.order.expires_at is not None and self.order.expires_at <= self.now

    @cached_property
    def waits_for_word(self) -> bool:
        return self.order.waits_for_word

    @cached_property
    def has_proof(self) -> bool:
        attempt = self.attempt
        return (
            attempt is not None
            and attempt.proof_at is not None
            and attempt.status in (PaymentAttempt.Status.STARTED, PaymentAttempt.Status.PENDING)
        )

    @cached_property
    def is_doubtful(self) -> bool:
        """Whether money came that a person has to look at before anybody pays again."""
        return self.order.concern == _Concern.MISMATCH

    @cached_property
    def may_pay(self) -> bool:
        """Whether a payment may be opened now."""
        order = self.order
        is_waiting = order.status in (_Status.PENDING, _Status.CONFIRMED)
        return bool(is_waiting and order.due_now) and not self.is_over and not self.is_doubtful

    @cached_property
    def added(self) -> OfferAnswer | None:
        """What the buyer added to a paid order and has not paid yet, if anything."""
        order = self.order
        if order.status != _Status.CONFIRMED or not order.due_now:
            return None
        waiting = OfferAnswer.objects.filter(order=order, pay_until__isnull=False)
        return waiting.select_related("variant__product").first()

    @cached_property
    def waits_until(self) -> datetime | None:
        """Until when the order waits for its buyer, if it ends or changes by itself then."""
        return self.added.pay_until if self.added else self.order.expires_at

    @cached_property
    def is_in_progress(self) -> bool:
        """Whether a bank was asked to pay and has not answered."""
        return self.attempt is not None and self.attempt.status == PaymentAttempt.Status.PENDING

    @cached_property
    def is_bank_asked(self) -> bool:
        """Whether a bank may be paying at this moment, so that nothing is dropped meanwhile."""
        is_declined = (
            self.attempt is not None and self.attempt.status == PaymentAttempt.Status.DECLINED
        )
        return self.is_in_progress or (self.is_asking and self.may_pay and not is_declined)

    @cached_property
    def may_cancel(self) -> bool:
        """Whether the buyer may still drop the order: the shop has no work with it yet."""
        has_begun = self.order.status not in (_Status.PENDING, _Status.CONFIRMED)
        return not (has_begun or self.is_bank_asked)

    @cached_property
    def may_change(self) -> bool:
        """Whether the buyer may drop the order and take what was in it into a new cart."""
        order = self.order
        # What a subscription brings is changed there, where it keeps its price.
        is_waiting = order.status == _Status.PENDING and not order.paid
        may = is_waiting and order.source != Order.Source.REPEAT
        return may and not (self.is_bank_asked or self.has_proof or self.is_doubtful)

    @property
    def declined_because(self) -> str:
        """Why the newest attempt was declined, as the gateway worded it."""
        declined = (GatewayTransaction.Status.DECLINED, GatewayTransaction.Status.FAILED)
        told = [row for row in self.attempt.transactions.all() if row.status in declined]
        return told[0].message if told else ""

    @cached_property
    def headline(self) -> Headline:
        """What to tell the buyer first."""
        return _HEADLINES[self.order.status](self)

    @cached_property
    def is_final(self) -> bool:
        """Whether nothing will happen by itself any more."""
        order = self.order
        if order.status == _Status.CANCELLED:
            return not order.net_paid
        return order.status in (_Status.DELIVERED, _Status.RETURNED)

    def amount(self, value: int) -> str:
        return money.label(value, self.order.currency)


# --- Waiting --------------------------------------------------------------------------------------


def _pending(state: State) -> Headline:
    if state.is_doubtful:
        return Headline(
            Tone.WAIT,
            _("We are checking your payment"),
            _(
                "A payment arrived that does not match this order. The shop was told and writes "
                "to you. Please do not pay again."
            ),
        )
    if state.has_proof:
        return Headline(
            Tone.WAIT,
            _("We are checking your transfer"),
            _("We have your receipt. As soon as we see the money, your order goes on."),
        )
    if state.is_over:
        return Headline(
            Tone.WAIT,
            _("The time is over"),
            _("We look one last time whether a payment arrived. This page tells you."),
            is_live=True,
        )
    if state.waits_for_word:
        return _to_confirm(state)
    return _to_pay(state)


def _to_confirm(state: State) -> Headline:
    order = state.order
    if order.email:
        how = _("We sent a link to %(email)s: open it and press the button.") % {
            "email": order.email
        }
    else:
        how = _("The shop calls you to confirm it.")
    return Headline(Tone.DO, _("Confirm your order"), how)


def _to_pay(state: State) -> Headline:
    order, attempt = state.order, state.attempt
    if state.is_in_progress:
        return Headline(
            Tone.WAIT,
            _("We are waiting for the bank"),
            _(
                "Your payment is in progress. Some banks take a few minutes. You need not pay "
                "again: this page tells you as soon as there is an answer."
            ),
            is_live=True,
        )
    if attempt is not None and attempt.status == PaymentAttempt.Status.DECLINED:
        return _declined(state)
    if state.is_asking:
        return Headline(
            Tone.WAIT,
            _("We are asking the bank"),
            _("We want to know from the bank itself how your payment stands. One moment."),
            is_live=True,
        )
    if order.paid:
        return Headline(
            Tone.DO,
            _("%(amount)s are still missing") % {"amount": state.amount(order.due_now)},
            _("We received %(amount)s. Pay the rest and your order goes on.")
            % {"amount": state.amount(order.net_paid)},
        )
    if order.account is not None and order.account.provider == "transfer":
        return Headline(
            Tone.DO,
            _("Transfer %(amount)s") % {"amount": state.amount(order.due_now)},
            _("Send the money to the account below, then upload the receipt."),
        )
    if order.is_cash_on_delivery:
        return Headline(
            Tone.DO,
            _("Pay the deposit of %(amount)s") % {"amount": state.amount(order.due_now)},
            _("The rest you pay when your order arrives."),
        )
    has_page = attempt is not None and payments.get(attempt.account.provider).has_page
    return Headline(
        Tone.DO,
        _("Your order waits for its payment"),
        _("If you have already paid, this page tells you as soon as the bank says so.")
        if has_page
        else _("Your products are kept for you until then."),
        is_live=has_page,
    )


def _declined(state: State) -> Headline:
    reason = state.declined_because.strip().rstrip(".")
    why = _("The bank says: %(reason)s.") % {"reason": reason} if reason else ""
    again = _("Try again, or choose another way to pay: your products are still kept for you.")
    return Headline(
        Tone.BAD, _("Your payment was declined"), f"{why} {again}".strip(), is_live=True
    )


# --- Firm -----------------------------------------------------------------------------------------


def _confirmed(state: State) -> Headline:
    order = state.order
    if order.due_now:
        if state.is_in_progress or state.is_asking:
            return _to_pay(state)
        if state.added:
            return _to_pay_added(state)
        return Headline(
            Tone.DO,
            _("%(amount)s are still missing") % {"amount": state.amount(order.due_now)},
            _("Your order was changed. Pay the difference and we go on with it."),
        )
    if order.is_cash_on_delivery:
        return Headline(Tone.GOOD, _("Your order is confirmed"), _on_delivery(state))
    if not order.total:
        return Headline(Tone.GOOD, _("Your order is confirmed"), _("There is nothing to pay."))
    return Headline(
        Tone.GOOD,
        _("Thank you, your payment arrived"),
        _("We prepare your order and tell you when it leaves."),
    )


def _to_pay_added(state: State) -> Headline:
    return Headline(
        Tone.DO,
        _("%(amount)s for what you added") % {"amount": state.amount(state.order.due_now)},
        _(
            "%(name)s waits for its payment. Without it your order goes on as you paid it, and "
            "nothing else changes."
        )
        % {"name": state.added.variant.product.name},
    )


def _on_delivery(state: State) -> str:
    if not state.order.outstanding:
        return ""
    return _("You pay %(amount)s when it arrives.") % {
        "amount": state.amount(state.order.outstanding)
    }


def _preparing(state: State) -> Headline:
    order = state.order
    if order.is_pickup and order.status == _Status.READY_TO_SHIP:
        return Headline(
            Tone.DO, _("Your order is ready to be picked up"), _("Bring the number of your order.")
        )
    if order.status == _Status.PROCESSING:
        return Headline(Tone.GOOD, _("We are preparing your order"), _on_cash(state))
    return Headline(Tone.GOOD, _("Your order is packed"), _on_cash(state))


def _on_cash(state: State) -> str:
    return _on_delivery(state) if state.order.is_cash_on_delivery else ""


def _shipped(state: State) -> Headline:
    if state.order.is_pickup:
        return Headline(Tone.GOOD, _("You picked your order up"))
    return Headline(Tone.GOOD, _("Your order is on its way"), _on_cash(state))


def _delivered(state: State) -> Headline:
    title = (
        _("You picked your order up") if state.order.is_pickup else _("Your order was delivered")
    )
    text = ""
    if deadlines.may_withdraw(state.order, now=state.now):
        text = _("We hope you enjoy it.")
    return Headline(Tone.GOOD, title, text)


def _returned(state: State) -> Headline:
    return Headline(Tone.GOOD, _("Your order came back to us"), _money_back(state))


# --- Ended ----------------------------------------------------------------------------------------


def _cancelled(state: State) -> Headline:
    order = state.order
    if order.concern in (_Concern.PAID_WITHOUT_STOCK, _Concern.PAID_AFTER_CANCEL):
        return Headline(
            Tone.WAIT,
            _("Your payment arrived late"),
            _(
                "This order was already cancelled when %(amount)s arrived. The shop was told: it "
                "sends your order or gives the money back, and writes to you."
            )
            % {"amount": state.amount(order.net_paid)},
        )
    reason = Order.Cancelled
    title = {
        reason.EXPIRED: _("Your order was not paid in time"),
        reason.NOT_CONFIRMED: _("Your order was not confirmed in time"),
        reason.REVERSED: _("The payment was reversed"),
    }.get(order.cancel_reason, _("Your order is cancelled"))
    told = _money_back(state)
    if not told and not order.paid:
        told = _("Nothing was charged. You can order the same again.")
    return Headline(Tone.BAD, title, told)


def _money_back(state: State) -> str:
    """Say what is given back and by when, or what was."""
    order = state.order
    waiting = [row for row in order.refunds.all() if row.status != Refund.Status.DONE]
    on_its_way = [row for row in waiting if row.status != Refund.Status.FAILED]
    if on_its_way:
        return _("We give back %(amount)s, by %(day)s at the latest.") % {
            "amount": state.amount(sum(row.amount for row in on_its_way)),
            "day": deadlines.written(max(row.due_on for row in on_its_way)),
        }
    if order.refunded:
        return _("We gave back %(amount)s.") % {"amount": state.amount(order.refunded)}
    return ""


_HEADLINES = {
    _Status.PENDING: _pending,
    _Status.CONFIRMED: _confirmed,
    _Status.PROCESSING: _preparing,
    _Status.READY_TO_SHIP: _preparing,
    _Status.PICKUP_REQUESTED: _preparing,
    _Status.SHIPPED: _shipped,
    _Status.DELIVERED: _delivered,
    _Status.CANCELLED: _cancelled,
    _Status.RETURNED: _returned,
}
