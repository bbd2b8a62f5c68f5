"""When a subscription comes: its days, and the hour at which a day begins for the clock."""

import calendar
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from shop.models import Organization

from .. import deadlines
from ..models.subscriptions import Unit

# Every renewal is announced so long before, with its day and its amount.
NOTICE = timedelta(days=3)
# A declined card is charged again so long after the first time; the order waits until the end.
RETRY_AFTER = (timedelta(days=1), timedelta(days=3), timedelta(days=5))
GRACE = timedelta(days=6)
# Nobody is charged at night.
_HOUR = time(9)


def following(day: date, *, every: int, unit: str) -> date:
    """Give the day so many weeks or months later; in a shorter month its last one."""
    if unit == Unit.WEEK:
        return day + timedelta(weeks=every)
    month = day.month - 1 + every
    year, month = day.year + month // 12, month % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def next_day(day: date, *, every: int, unit: str, today: date) -> date:
    """Give the first day of the rhythm that still lies ahead: what was missed is not caught up."""
    found = following(day, every=every, unit=unit)
    while found <= today:
        found = following(found, every=every, unit=unit)
    return found


def moment(organization: Organization, day: date) -> datetime:
    """Give when a day's renewal is due, where the shop is."""
    return datetime.combine(day, _HOUR, tzinfo=ZoneInfo(organization.timezone))


def today(organization: Organization, *, now: datetime) -> date:
    return deadlines.day_of(organization, now)
