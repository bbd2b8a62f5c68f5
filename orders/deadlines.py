"""The days that consumer law counts (Ley 1480 of 2011, changed by Ley 2439 of 2024)."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from config.lib import calendars
from shop.models import Organization

from .models import Order

WITHDRAWAL_BUSINESS_DAYS = 5
REFUND_CALENDAR_DAYS = 15


def day_of(organization: Organization, moment: datetime) -> date:
    """Give the day on which a moment falls where the shop is."""
    return moment.astimezone(ZoneInfo(organization.timezone)).date()


def withdrawal_until(delivered_on: date) -> date:
    """Give the last day on which a buyer may withdraw: the fifth business day after delivery."""
    return calendars.add_business_days(delivered_on, WITHDRAWAL_BUSINESS_DAYS)


def refund_due(exercised_on: date) -> date:
    """Give the last day on which the money of a withdrawal may be given back."""
    return exercised_on + timedelta(days=REFUND_CALENDAR_DAYS)


def days_left(organization: Organization, until: date, *, now: datetime) -> int:
    """Say how many days are left: 0 on the last one, negative when it is past."""
    return (until - day_of(organization, now)).days


def withdrawal_ends(order: Order) -> date | None:
    """Give the last day to withdraw from an order; None while it is not delivered."""
    if order.delivered_at is None:
        return None
    return withdrawal_until(day_of(order.organization, order.delivered_at))


def may_withdraw(order: Order, *, now: datetime) -> bool:
    """Say whether the time to withdraw still runs; before delivery it has not even begun."""
    until = withdrawal_ends(order)
    return until is None or days_left(order.organization, until, now=now) >= 0


def written_moment(at: datetime, *, now: datetime) -> str:
    """Write a last moment as people say it, where the shop is."""
    at = timezone.localtime(at)
    time = date_format(at, "TIME_FORMAT")
    if at.date() == timezone.localtime(now).date():
        return _("today at %(time)s") % {"time": time}
    return _("%(day)s at %(time)s") % {"day": written(at.date()), "time": time}


def written(day: date) -> str:
    """Write a last day as people read it, with its weekday."""
    return date_format(day, r"l j \d\e F" if get_language() == "es" else "l, F j")
