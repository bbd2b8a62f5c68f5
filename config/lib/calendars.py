"""Working days in Colombia (Ley 51 of 1983, Ley 2578 of 2026): the law counts in them."""

from datetime import date, timedelta
from functools import lru_cache

_DAY = timedelta(days=1)
_MONDAY, _SATURDAY = 0, 5

# The years that shops work in, as data: a court or a new law may change a single day of one.
_LISTED = {
    2025: (
        "01-01 01-06 03-24 04-17 04-18 05-01 06-02 06-23 06-30 07-20 08-07 08-18 10-13 11-03 11-17 "
        "12-08 12-25"
    ),
    2026: (
        "01-01 01-12 03-23 04-02 04-03 05-01 05-18 06-08 06-15 06-29 07-13 07-20 08-07 08-17 10-12 "
        "11-02 11-16 12-08 12-25"
    ),
    2027: (
        "01-01 01-11 03-22 03-25 03-26 05-01 05-10 05-31 06-07 07-05 07-12 07-20 08-07 08-16 10-18 "
        "11-01 11-15 12-08 12-25"
    ),
}
_FIXED = ((1, 1), (5, 1), (7, 20), (8, 7), (12, 8), (12, 25))
# Kept on the Monday that follows, unless they fall on one.
_MOVED = ((1, 6), (3, 19), (6, 29), (8, 15), (10, 12), (11, 1), (11, 11))
# The Virgin of Chiquinquirá, moved like the others.
_MOVED_SINCE_2026 = (7, 9)
# Holy Thursday and Friday, Ascension, Corpus Christi, Sacred Heart: days after Easter Sunday.
_AFTER_EASTER = (-3, -2, 43, 64, 71)


@lru_cache(maxsize=64)
def holidays(year: int) -> frozenset[date]:
    """Give the public holidays of a year: as listed, else as the rules have them."""
    if year not in _LISTED:
        return by_rule(year)
    return frozenset(date.fromisoformat(f"{year}-{day}") for day in _LISTED[year].split())


def by_rule(year: int) -> frozenset[date]:
    """Give the public holidays of a year as the laws in force today compute them."""
    moved = [*_MOVED, _MOVED_SINCE_2026] if year >= 2026 else _MOVED
    easter = _easter(year)
    return frozenset(
        [date(year, month, day) for month, day in _FIXED]
        + [_next_monday(date(year, month, day)) for month, day in moved]
        + [easter + days * _DAY for days in _AFTER_EASTER]
    )


def is_business_day(day: date) -> bool:
    """Say whether the day counts: no Saturday, no Sunday, no holiday."""
    return day.weekday() < _SATURDAY and day not in holidays(day.year)


def add_business_days(day: date, count: int) -> date:
    """Give the last of so many business days that follow a day, which itself does not count."""
    while count > 0:
        day += _DAY
        count -= is_business_day(day)
    return day


def _next_monday(day: date) -> date:
    return day + (_MONDAY - day.weekday()) % 7 * _DAY


def _easter(year: int) -> date:
    """Give Easter Sunday of the Gregorian calendar (the method of Meeus, Jones and Butcher)."""
    century, rest = divmod(year, 100)
    golden = year % 19
    leap_centuries, century_rest = divmod(century, 4)
    moon_shift = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leap_centuries - moon_shift + 15) % 30
    leap_years, year_rest = divmod(rest, 4)
    weekday = (32 + 2 * century_rest + 2 * leap_years - epact - year_rest) % 7
    correction = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * correction + 114, 31)
    return date(year, month, day + 1)
