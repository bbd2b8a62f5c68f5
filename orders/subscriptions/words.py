"""What happened to a subscription, as people read it."""

from datetime import date, datetime

from django.utils.translation import gettext as _

from config.lib import money

from .. import deadlines
from ..models import SubscriptionEvent, SubscriptionPeriod

_Kind = SubscriptionEvent.Kind
_Reason = SubscriptionPeriod.Reason


def words(event: SubscriptionEvent, *, currency: str) -> str:
    """Say in one sentence what happened."""
    data = event.data
    amount = money.label(data.get("amount") or 0, currency)
    return {
        _Kind.BEGUN: lambda: _("The subscription began."),
        _Kind.ANNOUNCED: lambda: _announced(data, amount),
        _Kind.RENEWED: lambda: _("Order #%(number)s is paid.") % {"number": data.get("order")},
        _Kind.DECLINED: lambda: _declined(data),
        _Kind.SKIPPED: lambda: skipped(data.get("reason", "")),
        _Kind.UNPAID: lambda: _("The order was not paid in time. The subscription is paused."),
        _Kind.PAUSED: lambda: _("The subscription is paused."),
        _Kind.RESUMED: lambda: _("The subscription goes on."),
        _Kind.CANCELLED: lambda: _("The subscription is cancelled."),
        _Kind.CHANGED: lambda: _changed(data),
    }[SubscriptionEvent.Kind(event.kind)]()


def _announced(data: dict, amount: str) -> str:
    day = deadlines.written(date.fromisoformat(data["on"]))
    if data.get("problem"):
        return _("The next order on %(day)s was announced, with a problem: %(problem)s.") % {
            "day": day,
            "problem": data["problem"].rstrip("."),
        }
    return _("The next order on %(day)s was announced: %(amount)s.") % {
        "day": day,
        "amount": amount,
    }


def _declined(data: dict) -> str:
    if not data.get("card"):
        return _("Order #%(number)s has no card to be charged.") % {"number": data.get("order")}
    return _("%(card)s was declined for order #%(number)s.") % {
        "card": data["card"],
        "number": data.get("order"),
    }


def skipped(reason: str) -> str:
    """Say why a delivery was left out."""
    return {
        _Reason.WISH: _("A delivery was skipped, as wished."),
        _Reason.STOCK: _("A delivery was skipped: it is sold out."),
        _Reason.WITHDRAWN: _("A delivery was skipped: a product is no longer sold."),
        _Reason.PLACE: _("A delivery was skipped: the shop does not deliver there any more."),
        _Reason.CANCELLED: _("A delivery was skipped: its order was cancelled."),
    }.get(reason, _("A delivery was skipped: it could not be ordered."))


def _changed(data: dict) -> str:
    if "on" in data:
        day = deadlines.written(date.fromisoformat(data["on"]))
        return _("The next order was moved to %(day)s.") % {"day": day}
    if "place" in data:
        return _("The address changed: %(place)s.") % {"place": data["place"]}
    if data.get("card"):
        return _("From now on %(card)s is charged.") % {"card": data["card"]}
    if "card" in data:
        return _("Its card was removed.")
    return _("The quantities changed.")


def moment(written: str, *, now: datetime) -> str:
    """Write a moment that an event carries."""
    return deadlines.written_moment(datetime.fromisoformat(written), now=now) if written else ""
