"""Mails to buyers about their orders: one for each event that asks for it, sent once.

The event's row is the queue. A worker claims it before it sends, so that two of them send one mail;
a mail service that does not answer is tried again by the sweeper, ever less often, for a day.
"""

import logging
from collections.abc import Callable
from datetime import date, datetime, timedelta

from django.core.mail import EmailMultiAlternatives
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from config.lib import mail, money
from shop import mails as shop_mails
from shop import organizations
from shop.models.customers import DocumentType

from . import deadlines, order_summary, payments, timeline_words, tokens
from .models import Order, OrderEvent, OrderShipment, Subscription
from .order_state import State

logger = logging.getLogger(__name__)

_Kind = OrderEvent.Kind
# The mail of each event: three files in templates/emails/.
_NAMES = {
    _Kind.PLACED: "order_received",
    _Kind.LINK_SENT: "order_link",
    _Kind.PAYMENT_DECLINED: "order_declined",
    _Kind.CONFIRMED: "order_confirmed",
    _Kind.READY_TO_SHIP: "order_packed",
    _Kind.PICKUP_REQUESTED: "order_packed",
    _Kind.SHIPPED: "order_shipped",
    _Kind.DELIVERED: "order_delivered",
    _Kind.CANCELLED: "order_cancelled",
    _Kind.REFUND_REQUESTED: "order_refund_started",
    _Kind.REFUNDED: "order_refunded",
    _Kind.RETURN_REQUESTED: "order_return_requested",
    _Kind.RETURN_CHANGED: "order_return_answered",
}
_OTHERWISE = "order_news"
# After each failure the pause doubles, and a day later nobody waits for the mail any more. Whoever
# tried may also have been killed: then a mail that was late already must not wait as long again.
_PAUSE, _LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
PATIENCE = timedelta(hours=24)


def send(event_id, *, now: datetime | None = None) -> None:
    """Send the mail that an event asks for, once."""
    events = OrderEvent.objects.select_related(
        "order__organization", "order__account", "order__customer"
    )
    deliver(events, event_id, compose, now=now or timezone.now())


def deliver(
    events: QuerySet,
    event_id,
    write: Callable[..., EmailMultiAlternatives],
    *,
    now: datetime,
) -> None:
    """Send the mail of an event of any kind, as `write` composes it, once."""
    event = _claim(events, event_id, now=now)
    if event is None:
        return
    try:
        mail.send_now(write(event, now=now))
    except mail.REFUSED:
        _end(event, OrderEvent.Mail.FAILED, error=_("The mail service refused this address."))
    except mail.UNREACHABLE as error:
        logger.warning("A mail about an order could not be sent: %s", type(error).__name__)
        is_over = now >= event.at + PATIENCE
        status = OrderEvent.Mail.FAILED if is_over else OrderEvent.Mail.QUEUED
        _end(event, status, error=_("The mail service did not answer."))
    else:
        _end(event, OrderEvent.Mail.SENT, sent_at=now)


def _claim(events: QuerySet, event_id, *, now: datetime):
    """Take a mail to send it; None when it is sent, or somebody else is at it."""
    event = events.filter(pk=event_id, mail=OrderEvent.Mail.QUEUED).first()
    if event is None:
        return None
    tried = event.mail_tried_at
    if tried is not None and now < tried + min(max(_PAUSE, tried - event.at), _LONGEST_PAUSE):
        return None
    taken = (
        type(event)
        .objects.filter(pk=event.pk, mail=OrderEvent.Mail.QUEUED, mail_tried_at=tried)
        .update(mail_tried_at=now)
    )
    return event if taken else None


def _end(event, status: str, *, error: str = "", sent_at=None) -> None:
    type(event).objects.filter(pk=event.pk).update(
        mail=status, mail_error=error[:200], mail_sent_at=sent_at
    )


# --- What it says ---------------------------------------------------------------------------------


def compose(event: OrderEvent, *, now: datetime) -> EmailMultiAlternatives:
    """Write the mail of an event of an order."""
    return write(event, event.order, _NAMES.get(event.kind, _OTHERWISE), _context, now=now)


def write(
    event, about: Order | Subscription, name: str, context: Callable[..., dict], *, now: datetime
) -> EmailMultiAlternatives:
    """Write the mail of an event in the buyer's language and the shop's time."""
    organization = about.organization
    with translation.override(about.language), timezone.override(organization.timezone):
        message = shop_mails.compose(
            organization, name, to=about.email, context=context(event, now=now)
        )
    host = organizations.main_host(organization) or "localhost"
    # Sent twice by a worker that was killed in between, mailboxes show it once.
    message.extra_headers["Message-ID"] = f"<{event.pk.hex}@{host}>"
    return message


def _context(event: OrderEvent, *, now: datetime) -> dict:
    order = event.order
    state = State(order, now=now)
    url = _url(order, "order-detail")
    data = event.data
    return {
        "order": order,
        "name": called(order),
        "words": timeline_words.words(event),
        "note": event.note if event.kind == _Kind.RETURN_CHANGED else "",
        "headline": state.headline,
        "todo": _todo(state),
        "amount": money.label(data["amount"], order.currency) if "amount" in data else "",
        "due_on": deadlines.written(date.fromisoformat(data["due_on"])) if "due_on" in data else "",
        "until": _until(state),
        "instructions": _instructions(state),
        "due_now": money.label(order.due_now, order.currency),
        "outstanding": money.label(order.outstanding, order.currency),
        "shipment": _shipment(event),
        "withdrawal": _withdrawal(state) if event.kind == _Kind.DELIVERED else "",
        "url": url,
        **_button(event, state, url),
        **order_summary.context(order),
    }


def _shipment(event: OrderEvent) -> OrderShipment | None:
    """Give the parcel of which a mail tells: of several, the one that left then."""
    if event.kind != _Kind.SHIPPED:
        return None
    left = event.order.shipments.filter(shipped_at__isnull=False)
    number = event.data.get("tracking_number", "")
    return left.filter(tracking_number=number).first() or left.first()


def called(buyer: Order | Subscription) -> str:
    """Give how a mail calls its reader: a person by the first name, a company by the whole one."""
    if buyer.document_type == DocumentType.NIT:
        # A sentence goes on, or ends, behind it.
        return buyer.name.rstrip(".")
    return buyer.name.split(" ")[0]


def _todo(state: State) -> str:
    """Say what a waiting order waits for; nothing when it does not."""
    order = state.order
    if order.due_now and order.status == Order.Status.CONFIRMED:
        return _("Pay the difference, so that we can go on with it.")
    if order.status != Order.Status.PENDING:
        return ""
    if state.waits_for_word:
        amount = money.label(order.outstanding, order.currency)
        return _("Confirm it with the button below. You pay %(amount)s when it arrives.") % {
            "amount": amount
        }
    if _instructions(state):
        return _("Transfer the money to the account below, then send us the receipt.")
    if state.may_pay and _has_to_act(state):
        return _("Pay it now, so that we can prepare it.")
    return _("We write to you as soon as we know that it is paid.")


def _until(state: State) -> str:
    order = state.order
    if not order.expires_at or not _has_to_act(state):
        return ""
    return deadlines.written_moment(order.expires_at, now=state.now)


def _has_to_act(state: State) -> bool:
    early = (Order.Status.PENDING, Order.Status.CONFIRMED)
    is_waiting = state.order.status in early and not state.is_over
    return is_waiting and not (state.has_proof or state.is_in_progress)


def _button(event: OrderEvent, state: State, url: str) -> dict:
    """Give the one thing to press: what the order waits for, else its page."""
    order = state.order
    if event.kind == _Kind.SHIPPED:
        shipment = _shipment(event)
        if shipment is not None and shipment.tracking_url:
            return {"button": _("Follow the parcel"), "button_url": shipment.tracking_url}
    if state.waits_for_word and not state.is_over:
        confirm = _url(order, "order-confirm", tokens.for_confirmation(order))
        return {"button": _("Confirm the order"), "button_url": confirm}
    if state.may_pay and _has_to_act(state):
        if _instructions(state):
            return {"button": _("Send the receipt"), "button_url": url}
        amount = money.label(order.due_now, order.currency)
        return {"button": _("Pay %(amount)s") % {"amount": amount}, "button_url": url}
    return {"button": _("See the order"), "button_url": url}


def _instructions(state: State) -> list[tuple[str, str]]:
    """Give where to transfer the money, when that is how the order is paid."""
    account = state.order.account
    if account is None or not state.may_pay or state.has_proof:
        return []
    return payments.get(account.provider).instructions(account)


def _withdrawal(state: State) -> str:
    until = deadlines.withdrawal_ends(state.order)
    return deadlines.written(until) if until else ""


def _url(order: Order, name: str, *more: str) -> str:
    path = reverse(f"orders:{name}", args=[tokens.for_order(order), *more])
    return organizations.base_url(order.organization) + path
