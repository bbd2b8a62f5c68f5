"""Mails about a subscription: what happened, what comes, and the links to change it."""

from datetime import date, datetime

from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from config.lib import money
from shop import organizations

from .. import deadlines
from .. import mails as order_mails
from .. import tokens as order_tokens
from ..models import SubscriptionEvent, SubscriptionPeriod
from . import tokens, words

_Kind = SubscriptionEvent.Kind
_Reason = SubscriptionPeriod.Reason


def send(event_id, *, now: datetime | None = None) -> None:
    """Send the mail that an event asks for, once."""
    events = SubscriptionEvent.objects.select_related(
        "subscription__organization", "subscription__method", "period__order"
    )
    order_mails.deliver(events, event_id, compose, now=now or timezone.now())


def compose(event: SubscriptionEvent, *, now: datetime) -> EmailMultiAlternatives:
    """Write the mail of an event of a subscription."""
    return order_mails.write(event, event.subscription, "subscription_news", _context, now=now)


def _context(event: SubscriptionEvent, *, now: datetime) -> dict:
    subscription = event.subscription
    page = _page(subscription)
    subject, paragraphs = _TELLING[SubscriptionEvent.Kind(event.kind)](event, now)
    return {
        "subscription": subscription,
        "name": order_mails.called(subscription),
        "subject": subject,
        "paragraphs": [part for part in paragraphs if part],
        "lines": [
            f"{line.quantity} × {line.variant.product.name} {line.variant.label}".strip()
            for line in subscription.lines.select_related("variant__product")
        ],
        "rhythm": subscription.words,
        "manage_url": page,
        **_button(event, page),
    }


def _button(event: SubscriptionEvent, page: str) -> dict:
    order = event.period.order if event.period else None
    if event.kind == _Kind.DECLINED and order is not None:
        order.organization = event.subscription.organization
        path = reverse("orders:order-detail", args=[order_tokens.for_order(order)])
        amount = money.label(event.data["amount"], order.currency)
        return {
            "button": _("Pay %(amount)s") % {"amount": amount},
            "button_url": organizations.base_url(order.organization) + path,
        }
    labels = {
        _Kind.ANNOUNCED: _("Skip, change or cancel it"),
        _Kind.UNPAID: _("Go on with it"),
        _Kind.PAUSED: _("Go on with it"),
        _Kind.CANCELLED: _("Look at it"),
    }
    return {"button": labels.get(event.kind, _("See your subscription")), "button_url": page}


def _page(subscription) -> str:
    path = reverse("orders:subscription-detail", args=[tokens.of(subscription)])
    return organizations.base_url(subscription.organization) + path


# --- What each one says ---------------------------------------------------------------------------


def _begun(event, now):
    subscription = event.subscription
    return _("Your subscription began"), [
        _("From now on this comes to you %(rhythm)s.") % {"rhythm": subscription.words},
        _("The next order is due on %(day)s. We write to you three days before, with its amount.")
        % {"day": deadlines.written(subscription.next_on)},
        _off(subscription),
        _("You can skip one, pause or cancel at any time, in one press."),
    ]


def _off(subscription) -> str:
    if not subscription.percent:
        return ""
    return _("From the second delivery on you pay %(percent)d %% less for the products.") % {
        "percent": subscription.percent
    }


def _announced(event, now):
    subscription, data = event.subscription, event.data
    day = deadlines.written(date.fromisoformat(data["on"]))
    amount = money.label(data["amount"], subscription.organization.currency)
    subject = _("Your next order is due on %(day)s") % {"day": day}
    if data.get("problem"):
        return subject, [
            _("On %(day)s your next order is due, but something is not right: %(problem)s.")
            % {"day": day, "problem": data["problem"].rstrip(".")},
            _("If that is still so on the day, we skip this delivery and charge nothing."),
        ]
    return subject, [
        _("On %(day)s we order it again for you: %(amount)s with delivery.")
        % {"day": day, "amount": amount},
        _("We charge %(card)s then.") % {"card": subscription.method.label}
        if subscription.method
        else _("There is no card to charge: we send you a link to pay."),
        _("If you do not want it this time, skip it before that day."),
    ]


def _declined(event, now):
    data = event.data
    again = words.moment(data.get("again_at", ""), now=now)
    return _("Your payment did not go through"), [
        _("%(card)s was declined. Nothing was charged.") % {"card": data["card"]}
        if data.get("card")
        else _("Your order is ready to be paid: there is no card that we could charge."),
        _("Pay with the button below, with any card or in another way."),
        _("Otherwise we try the same card again %(moment)s.") % {"moment": again}
        if again and data.get("card")
        else "",
        _("We keep your products until %(moment)s. After that the subscription pauses.")
        % {"moment": words.moment(data.get("until", ""), now=now)},
    ]


def _skipped(event, now):
    subscription = event.subscription
    return _("This delivery is skipped"), [
        words.skipped(event.data.get("reason", "")),
        _("Nothing was charged."),
        _("The next one is due on %(day)s.") % {"day": deadlines.written(subscription.next_on)}
        if subscription.is_alive
        else "",
    ]


def _unpaid(event, now):
    return _("Your subscription is paused"), [
        _("The last order was not paid in time. It is cancelled, and nothing was charged."),
        _("To go on, choose a card or a new day with the button below."),
    ]


def _paused(event, now):
    return _("Your subscription is paused"), [
        _("We order nothing more until you want it again."),
    ]


def _resumed(event, now):
    day = deadlines.written(event.subscription.next_on)
    return _("Your subscription goes on"), [
        _("The next order is due on %(day)s. We write to you before, with its amount.")
        % {"day": day}
    ]


def _cancelled(event, now):
    return _("Your subscription is cancelled"), [
        _("We order and charge nothing more."),
        _("If an order of it is already paid, you still receive it."),
    ]


def _other(event, now):
    told = words.words(event, currency=event.subscription.organization.currency)
    return _("News about your subscription"), [told]


_TELLING = {
    _Kind.BEGUN: _begun,
    _Kind.ANNOUNCED: _announced,
    _Kind.RENEWED: _other,
    _Kind.DECLINED: _declined,
    _Kind.SKIPPED: _skipped,
    _Kind.UNPAID: _unpaid,
    _Kind.PAUSED: _paused,
    _Kind.RESUMED: _resumed,
    _Kind.CANCELLED: _cancelled,
    _Kind.CHANGED: _other,
}
