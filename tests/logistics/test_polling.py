from collections import Counter
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.utils import timezone
from django_scopes import scope

from config.lib.errors import ProviderRefused, ProviderUnavailable
from logistics import carriers, polling
from logistics.carriers.base import Carrier, News, Tracked
from logistics.models import CarrierAccount, Shipment
from logistics.models.shipments import State
from tests import make

DAY = datetime(2026, 11, 20, 9, tzinfo=UTC)


class Reporter(Carrier):
    """A carrier that says of every shipment what it is told to say."""

    code = "practice"
    calls_a_minute = 40

    def __init__(self):
        self.says = State.IN_TRANSIT
        self.error = None
        self.knows = True
        self.asked = []

    def track(self, account, shipments):
        self.asked.append([one.pk for one in shipments])
        if self.error:
            raise self.error
        if not self.knows:
            return {}
        told = Tracked((News(str(self.says), self.says, DAY),))
        return {one.pk: told for one in shipments}

    def problems(self, account):
        return []

    check = quote = find = create = label = cancel = problems


@pytest.fixture
def reporter(monkeypatch):
    # The list of carriers is a table, and the test puts one of its own into it.
    reporter = Reporter()
    monkeypatch.setitem(carriers.CARRIERS, "practice", reporter)
    return reporter


def on_the_way(account: CarrierAccount, **fields) -> Shipment:
    return make.shipment(
        **{
            "state": State.IN_TRANSIT,
            "account": account,
            "track_at": DAY,
            "created_at": DAY,
            **fields,
        }
    )


def test_what_is_due_is_asked_about_and_planned_anew(organization, reporter):
    account = make.carrier_account()
    due, later = on_the_way(account), on_the_way(account, track_at=DAY + timedelta(minutes=1))
    reporter.says = State.OUT_FOR_DELIVERY

    assert polling.look_after(account, now=DAY) == 1

    due.refresh_from_db()
    assert reporter.asked == [[due.pk]]
    assert due.state == State.OUT_FOR_DELIVERY
    assert (due.track_at, due.tracked_at, due.track_tries) == (DAY + timedelta(minutes=15), DAY, 0)
    later.refresh_from_db()
    assert later.state == State.IN_TRANSIT


def test_what_arrived_is_not_asked_about_again(organization, reporter):
    account = make.carrier_account()
    shipment = on_the_way(account)
    reporter.says = State.DELIVERED

    polling.look_after(account, now=DAY)

    shipment.refresh_from_db()
    assert (shipment.state, shipment.track_at) == (State.DELIVERED, None)


@pytest.mark.parametrize(
    ("days", "state", "minutes"),
    [
        (1, State.IN_TRANSIT, 15),
        (3, State.IN_TRANSIT, 45),
        (8, State.OUT_FOR_DELIVERY, 120),
        (20, State.IN_TRANSIT, 360),
        (90, State.IN_TRANSIT, 24 * 60),
        (20, State.INCIDENT, 30),
        (1, State.LABEL_READY, 60),
    ],
)
def test_the_older_it_is_the_less_often_it_is_looked_after(organization, days, state, minutes):
    shipment = make.shipment(state=state, created_at=DAY - timedelta(days=days))

    assert polling.interval(shipment, now=DAY) == timedelta(minutes=minutes)


def test_a_carrier_that_is_down_is_left_alone_ever_longer(organization, reporter):
    account = make.carrier_account()
    first, second = on_the_way(account), on_the_way(account)
    reporter.error = ProviderUnavailable("api.example is away")

    polling.look_after(account, now=DAY)

    assert len(reporter.asked) == 1
    rows = Shipment.objects.in_bulk([first.pk, second.pk])
    assert {one.track_at for one in rows.values()} == {DAY + timedelta(minutes=5)}
    assert {one.state for one in rows.values()} == {State.IN_TRANSIT}

    reporter.error = None
    later = DAY + timedelta(minutes=5)
    assert polling.look_after(account, now=later) == 2


def test_a_refusal_is_told_at_the_account(organization, reporter):
    account = make.carrier_account()
    shipment = on_the_way(account)
    reporter.error = ProviderRefused("api.example answered 401")

    polling.look_after(account, now=DAY)

    account.refresh_from_db()
    shipment.refresh_from_db()
    assert account.problem == "api.example answered 401"
    assert shipment.track_at == DAY + timedelta(hours=1)


def test_what_the_carrier_does_not_know_keeps_its_state(organization, reporter):
    account = make.carrier_account()
    shipment = on_the_way(account)
    reporter.knows = False

    polling.look_after(account, now=DAY)

    shipment.refresh_from_db()
    assert (shipment.state, shipment.track_at) == (State.IN_TRANSIT, DAY + timedelta(minutes=15))


def test_no_minute_sees_more_calls_than_a_carrier_bears(organization, reporter):
    account = make.carrier_account()
    given = []
    for second in range(240):
        now = DAY + timedelta(seconds=second)
        while polling.take_call(account, reporter, now=now):
            given.append(second)

    most = max(sum(start <= one < start + 60 for one in given) for start in range(181))
    assert most <= reporter.calls_a_minute
    # And it is used: three quarters of it at least, without end.
    assert len(given) >= 4 * reporter.calls_a_minute * 3 // 4


def test_many_open_shipments_are_all_asked_about_within_their_interval(organization, reporter):
    account = make.carrier_account()
    Shipment.objects.bulk_create(
        Shipment(
            organization=organization,
            account=account,
            reference=str(number),
            code=f"{number}-1",
            carrier_name="Coordinadora",
            recipient={},
            state=State.IN_TRANSIT,
            state_at=DAY,
            created_at=DAY,
            track_at=DAY,
        )
        for number in range(120)
    )
    pace = polling.widened(reporter, open_count=120)

    now, calls = DAY, Counter()
    while now < DAY + 2 * pace:
        calls[int((now - DAY) / timedelta(minutes=1))] += polling.look_after(account, now=now)
        now += timedelta(seconds=15)

    assert max(calls.values()) <= reporter.calls_a_minute
    asked = Counter(key for keys in reporter.asked for key in keys)
    assert len(asked) == 120
    assert max(asked.values()) <= 2
    assert Shipment.objects.filter(track_at__lt=now - timedelta(minutes=1)).count() == 0


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_ask_about_one_shipment_at_once(organization, reporter):
    account = make.carrier_account()
    for _number in range(8):
        on_the_way(account, created_at=timezone.now())
    start = Barrier(2)

    def work():
        with scope(organization=organization):
            try:
                start.wait(timeout=10)
                polling.look_after(account, now=DAY)
            finally:
                connection.close()

    threads = [Thread(target=work) for _number in range(2)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]

    asked = [key for keys in reporter.asked for key in keys]
    assert len(asked) == len(set(asked)) == 8
