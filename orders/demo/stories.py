"""What became of each order of the demo: the stories that orders.csv names."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial

from shop.roles import Role

from .. import cancellation, cash, confirmation, expiry, fulfilment, returns
from ..models import Invoice, Order, PaymentAccount, PracticeCard
from ..practice import gateway
from ..subscriptions import renewing
from . import sending
from .telling import Story, Tale

# --- Parts of stories -----------------------------------------------------------------------------


def _paid(tale: Tale) -> Story:
    """Order and pay; cash is promised, and paid at the end."""
    tale.place()
    method = tale.row["payment"]
    if method == PaymentAccount.Provider.PRACTICE:
        yield tale.after(minutes=2)
        attempt = tale.open_payment()
        yield tale.after(minutes=1)
        tale.choose(attempt, gateway.Choice.APPROVE)
    elif method == PaymentAccount.Provider.TRANSFER:
        yield tale.after(minutes=90)
        tale.send_proof()
        yield tale.at_work(minutes=40)
        tale.find_transfer()
    else:
        yield tale.after(minutes=20)
        confirmation.confirm_by_word(tale.order, now=tale.now)


def _sent(tale: Tale) -> Story:
    yield tale.at_work(hours=3)
    tale.work(fulfilment.prepare)
    yield tale.at_work(minutes=50)
    tale.work(fulfilment.ready)
    if tale.quote.carrier:
        yield tale.at_work(minutes=30)
        tale.work(fulfilment.request_pickup)
    yield tale.at_work(hours=4)
    tale.ship()


def _delivered(tale: Tale) -> Story:
    yield from _paid(tale)
    yield from _sent(tale)
    if not tale.order.is_pickup:
        yield tale.at_work(days=(tale.quote.days_max or 1) * 0.8)
    tale.work(fulfilment.deliver)
    if tale.order.is_cash_on_delivery:
        yield tale.at_work(days=6)
        cash.collect(tale.order, now=tale.now, actor=tale.shop.person(Role.MANAGER))


def _invoiced(tale: Tale) -> Story:
    """Delivered, with an invoice in the buyer's name."""
    yield from _delivered(tale)
    yield tale.after(minutes=3)
    tale.document(Invoice.Kind.INVOICE, prefix="SETP")


def _up_to(last: str, *pressed: str) -> Callable[[Tale], Story]:
    """Make the story of a paid order that stands at this step; weekends do not matter.

    Where the shop has a carrier to practise with, that takes it, and goes on as is pressed then.
    """

    def story(tale: Tale) -> Story:
        yield from _paid(tale)
        yield tale.after(hours=1)
        tale.work(fulfilment.prepare)
        steps = _by_carrier(pressed) if sending.is_possible(tale) else _by_hand(tale)
        for step in steps[: _STEPS.get(last)]:
            yield tale.after(hours=1.5)
            step(tale)

    return story


def _lately(choice: str, *, hours: float) -> Callable[[Tale], Story]:
    """Make the story of a parcel that travelled, and of which this was told so long ago."""

    def story(tale: Tale) -> Story:
        yield from _up_to(Order.Status.SHIPPED, sending.NEXT, sending.NEXT)(tale)
        if sending.is_possible(tale):
            yield max(tale.after(hours=1), tale.shop.now - timedelta(hours=hours))
            sending.press(tale, choice)

    return story


# So many steps after the order is being prepared; all of them until it is on its way.
_STEPS = {
    Order.Status.PROCESSING: 0,
    Order.Status.READY_TO_SHIP: 1,
    Order.Status.PICKUP_REQUESTED: 2,
}


def _by_hand(tale: Tale) -> list[Callable[[Tale], None]]:
    steps = [partial(Tale.work, step=fulfilment.ready)]
    if tale.quote.carrier:
        steps.append(partial(Tale.work, step=fulfilment.request_pickup))
    return [*steps, Tale.ship]


def _by_carrier(pressed: Sequence[str]) -> list[Callable[[Tale], None]]:
    return [
        sending.label,
        sending.call,
        *(partial(sending.press, choice=choice) for choice in pressed),
    ]


# --- Orders that end otherwise --------------------------------------------------------------------


def _unpaid(tale: Tale) -> Story:
    tale.place()
    if tale.row["payment"] == PaymentAccount.Provider.PRACTICE:
        yield tale.after(minutes=2)
        tale.open_payment()


def _expired(tale: Tale) -> Story:
    """Nobody pays, or answers for cash on delivery, until the time is over."""
    yield from _unpaid(tale)
    tale.read_again()
    yield tale.order.expires_at + timedelta(minutes=1)
    expiry.expire(tale.order.pk, now=tale.now)


def _declined(tale: Tale) -> Story:
    tale.place()
    yield tale.after(minutes=2)
    attempt = tale.open_payment()
    yield tale.after(minutes=1)
    tale.choose(attempt, gateway.Choice.DECLINE)
    yield tale.order.expires_at + timedelta(minutes=1)
    expiry.expire(tale.order.pk, now=tale.now)


def _retried(tale: Tale) -> Story:
    """Declined at first, and paid at the second try."""
    tale.place()
    for choice in (gateway.Choice.DECLINE, gateway.Choice.APPROVE):
        yield tale.after(minutes=2)
        attempt = tale.open_payment()
        yield tale.after(minutes=1)
        tale.choose(attempt, choice)
    yield from _sent(tale)
    yield tale.at_work(days=3)
    tale.work(fulfilment.deliver)


def _waiting_for_proof(tale: Tale) -> Story:
    tale.place()
    yield tale.after(hours=2)
    tale.send_proof()


def _cancelled_by_buyer(tale: Tale) -> Story:
    yield from _paid(tale)
    yield tale.after(hours=2)
    tale.cancel()
    yield tale.after(minutes=3)
    tale.pay_back()


def _cancelled_by_shop(tale: Tale) -> Story:
    yield from _paid(tale)
    yield tale.at_work(hours=5)
    cancellation.cancel(
        tale.order,
        Order.Cancelled.BY_SHOP,
        now=tale.now,
        actor=tale.shop.person(Role.SUPPORT),
        note="El cliente escribió: pidió el tono equivocado y vuelve a comprar.",
    )
    yield tale.after(minutes=3)
    tale.pay_back()


def _unavailable(tale: Tale) -> Story:
    """Cancelled by the shop, whose refund by transfer nobody made in time."""
    yield from _paid(tale)
    yield tale.after(hours=20)
    cancellation.cancel(
        tale.order,
        Order.Cancelled.BY_SHOP,
        now=tale.now,
        actor=tale.shop.person(Role.MANAGER),
        note="La última caja llegó golpeada; el cliente prefiere la devolución del dinero.",
    )


def _refused(tale: Tale) -> Story:
    """Sent, and nobody at home three times."""
    yield from _paid(tale)
    yield from _sent(tale)
    yield tale.at_work(days=6)
    made = fulfilment.come_back(tale.order, now=tale.now, actor=tale.shop.person(Role.WAREHOUSE))
    yield tale.at_work(hours=2)
    returns.close(made, now=tale.now, actor=tale.shop.person(Role.MANAGER))


def _returned(
    tale: Tale,
    *,
    pieces: int | None = None,
    begin: Callable[[Tale], Story] = _delivered,
) -> Story:
    """Withdrawn from in time, taken back, and paid back."""
    yield from begin(tale)
    yield tale.after(days=1)
    made = tale.ask_to_return(pieces=pieces, reason="No es lo que esperaba.")
    manager, warehouse = tale.shop.person(Role.MANAGER), tale.shop.person(Role.WAREHOUSE)
    yield tale.at_work(hours=4)
    returns.accept(made, now=tale.now, actor=manager)
    yield tale.at_work(days=3)
    returns.receive(made, now=tale.now, actor=warehouse)
    yield tale.at_work(hours=2)
    came = {line.line_id: line.quantity for line in made.lines.all()}
    returns.inspect(made, restocked=came, written_off={}, now=tale.now, actor=warehouse)
    yield tale.at_work(hours=1)
    returns.close(made, now=tale.now, actor=manager)
    yield tale.after(minutes=2)
    tale.pay_back()


def _return_requested(tale: Tale) -> Story:
    yield from _up_to(Order.Status.SHIPPED, *[sending.NEXT] * 4)(tale)
    if tale.order.status == Order.Status.SHIPPED:
        yield tale.after(days=3)
        tale.work(fulfilment.deliver)
    yield tale.after(days=1)
    tale.ask_to_return(pieces=None, reason="Me equivoqué de set: quería el de aromas.")


def _credited(tale: Tale) -> Story:
    """A part came back, and a credit note says so to the DIAN."""
    yield from _returned(tale, pieces=1, begin=_invoiced)
    yield tale.after(minutes=3)
    sale = tale.order.invoices.get()
    tale.document(Invoice.Kind.CREDIT_NOTE, prefix="NC", corrects=sale)


def _paid_too_late(tale: Tale) -> Story:
    """The bank answers a day after the order expired, and somebody else has the goods."""
    tale.place()
    yield tale.after(minutes=2)
    attempt = tale.open_payment()
    yield tale.order.expires_at + timedelta(minutes=40)
    expiry.expire(tale.order.pk, now=tale.now)
    yield tale.after(days=1)
    tale.choose(attempt, gateway.Choice.APPROVE)


def _paid_twice(tale: Tale) -> Story:
    """Paid by transfer, and again on the gateway's page that was still open."""
    tale.place()
    yield tale.after(minutes=3)
    attempt = tale.open_payment()
    yield tale.after(minutes=30)
    tale.open_payment(PaymentAccount.Provider.TRANSFER)
    tale.read_again()
    tale.send_proof()
    yield tale.at_work(hours=2)
    tale.find_transfer()
    yield tale.after(hours=1)
    tale.choose(attempt, gateway.Choice.APPROVE)


def _subscribed(card: str):
    """Delivered, and ordered again every month, as far as the card lets it."""

    def story(tale: Tale) -> Story:
        yield from _delivered(tale)
        yield tale.after(hours=1)
        subscription = tale.subscribe(card)
        while subscription.act_at is not None:
            yield max(subscription.act_at, tale.now + timedelta(minutes=1))
            renewing.advance(subscription.pk, now=tale.now)
            subscription.refresh_from_db()

    return story


STORIES = {
    "subscribed": _subscribed(PracticeCard.Number.APPROVES),
    "subscribed-declined": _subscribed(PracticeCard.Number.DECLINES_LATER),
    "delivered": _delivered,
    "invoiced": _invoiced,
    "shipped": _up_to(Order.Status.SHIPPED, sending.NEXT, sending.NEXT),
    "at-the-door": _lately(sending.NEXT, hours=2),
    "held-up": _lately(sending.INCIDENT, hours=5),
    "pickup_requested": _up_to(Order.Status.PICKUP_REQUESTED),
    "ready_to_ship": _up_to(Order.Status.READY_TO_SHIP),
    "processing": _up_to(Order.Status.PROCESSING),
    "confirmed": _paid,
    "unpaid": _unpaid,
    "unanswered": _unpaid,
    "proof": _waiting_for_proof,
    "expired": _expired,
    "unconfirmed": _expired,
    "declined": _declined,
    "retried": _retried,
    "cancelled-by-buyer": _cancelled_by_buyer,
    "cancelled": _cancelled_by_shop,
    "unavailable": _unavailable,
    "refused": _refused,
    "returned": _returned,
    "credited": _credited,
    "return-requested": _return_requested,
    "paid-too-late": _paid_too_late,
    "paid-twice": _paid_twice,
}
