from uuid import uuid4

from config.lib import counting


def test_a_rate_is_a_number_and_seconds():
    assert counting.rate("120/m") == (120, 60)


def test_who_asks_too_often_waits_and_nobody_else():
    key = f"counted:{uuid4()}"

    waits = [counting.wait(key, "3/d") for _time in range(5)]

    assert waits[:3] == [0, 0, 0]
    assert all(0 < wait <= 86_400 for wait in waits[3:])
    assert counting.wait(f"{key}:other", "3/d") == 0
