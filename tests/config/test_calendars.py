from datetime import date

import pytest

from config.lib import calendars


@pytest.mark.parametrize(("year", "days"), [(2025, 17), (2026, 19), (2027, 19)])
def test_the_rules_give_the_listed_holidays(year, days):
    listed = calendars.holidays(year)

    assert len(listed) == days
    assert calendars.by_rule(year) == listed


@pytest.mark.parametrize(
    ("day", "is_holiday"),
    [
        (date(2024, 3, 28), True),  # Holy Thursday
        (date(2024, 5, 13), True),  # Ascension
        (date(2025, 7, 14), False),  # The Virgin of Chiquinquirá came in 2026
        (date(2028, 7, 10), True),
        (date(2028, 4, 13), True),
        (date(2030, 5, 1), True),
        (date(2030, 5, 2), False),
    ],
)
def test_other_years_follow_the_rules(day, is_holiday):
    assert (day in calendars.holidays(day.year)) is is_holiday


@pytest.mark.parametrize(
    ("day", "counts"),
    [
        (date(2026, 10, 9), True),  # Friday
        (date(2026, 10, 10), False),  # Saturday
        (date(2026, 10, 11), False),  # Sunday
        (date(2026, 10, 12), False),  # Monday, a holiday
        (date(2026, 10, 13), True),
    ],
)
def test_saturdays_sundays_and_holidays_do_not_count(day, counts):
    assert calendars.is_business_day(day) is counts


def test_business_days_are_counted_from_the_next_day_and_over_new_year():
    assert calendars.add_business_days(date(2026, 10, 9), 0) == date(2026, 10, 9)
    assert calendars.add_business_days(date(2026, 10, 9), 1) == date(2026, 10, 13)
    assert calendars.add_business_days(date(2026, 12, 30), 2) == date(2027, 1, 4)
