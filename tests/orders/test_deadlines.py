from datetime import UTC, date, datetime

import pytest

from orders import deadlines
from orders.models import Order
from shop.models import Organization

BOGOTA = Organization(timezone="America/Bogota")


@pytest.mark.parametrize(
    ("delivered_on", "last_day"),
    [
        (date(2026, 10, 8), date(2026, 10, 16)),  # 12 October is a holiday
        (date(2026, 10, 10), date(2026, 10, 19)),  # a Saturday
        (date(2026, 7, 8), date(2026, 7, 16)),  # 13 July, a holiday since 2026
        (date(2026, 12, 4), date(2026, 12, 14)),  # 8 December
        (date(2027, 3, 24), date(2027, 4, 2)),  # Holy Week
    ],
)
def test_a_buyer_may_withdraw_for_five_business_days(delivered_on, last_day):
    assert deadlines.withdrawal_until(delivered_on) == last_day


def test_money_is_due_in_fifteen_calendar_days():
    assert deadlines.refund_due(date(2026, 12, 20)) == date(2027, 1, 4)


@pytest.mark.parametrize(
    ("now", "left"),
    [
        (datetime(2026, 10, 13, 4, 59, tzinfo=UTC), 4),  # still the 12th in Bogotá
        (datetime(2026, 10, 13, 5, 0, tzinfo=UTC), 3),
        (datetime(2026, 10, 17, 4, 59, tzinfo=UTC), 0),
        (datetime(2026, 10, 17, 5, 0, tzinfo=UTC), -1),
    ],
)
def test_days_begin_where_the_shop_is(now, left):
    assert deadlines.days_left(BOGOTA, date(2026, 10, 16), now=now) == left


def test_delivery_late_in_the_evening_counts_for_the_day_of_the_shop():
    # 22:30 of Thursday the 8th in Bogotá, already Friday in UTC.
    order = Order(organization=BOGOTA, delivered_at=datetime(2026, 10, 9, 3, 30, tzinfo=UTC))

    assert deadlines.withdrawal_ends(order) == date(2026, 10, 16)
    assert deadlines.may_withdraw(order, now=datetime(2026, 10, 17, 4, 59, tzinfo=UTC))
    assert not deadlines.may_withdraw(order, now=datetime(2026, 10, 17, 5, 0, tzinfo=UTC))


def test_an_order_not_delivered_has_no_last_day_and_may_be_withdrawn_from():
    order = Order(organization=BOGOTA)

    assert deadlines.withdrawal_ends(order) is None
    assert deadlines.may_withdraw(order, now=datetime(2030, 1, 1, tzinfo=UTC))
