"""A carrier is asked to come once for all that is ready at one place on one day."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from django_scopes import scope

from logistics import carriers, pickup_asking, pickups, shipments, tasks
from logistics.carriers.practice import Practice
from logistics.models import Pickup, Shipment
from shop import roles
from tests import make
from tests.shop import places

NOW = timezone.now()


class Loses(Practice):
    """Hears every wish, and its answer never comes back."""

    def __init__(self):
        self.heard = []

    def pick_up(self, pickup, shipments):
        self.heard.append({shipment.code for shipment in shipments})
        raise TimeoutError


class Counts(Loses):
    """Says yes, and notes what it was asked."""

    def pick_up(self, pickup, shipments):
        self.heard.append({shipment.code for shipment in shipments})
        return Practice.pick_up(self, pickup, [])


@pytest.fixture
def counts(monkeypatch):
    carrier = Counts()
    monkeypatch.setitem(carriers.CARRIERS, "practice", carrier)
    return carrier


@pytest.fixture
def ready(organization):
    account, origin = make.carrier_account(), make.origin()
    return [make.shipment(account=account, origin=origin) for _number in range(3)]


def ask(*chosen) -> list[Pickup]:
    return pickups.request(chosen, on=NOW.date(), now=NOW, actor=make.member(roles.Role.WAREHOUSE))


def later(**ago):
    return NOW + timedelta(minutes=1, **ago)


def test_what_is_ready_goes_with_one_visit_that_is_asked_for_once(ready, counts):
    (pickup,) = ask(*ready[:2])
    # Chosen right after: it goes with the same visit.
    assert ask(ready[2]) == ask(ready[0]) == [pickup]

    for _time in range(2):
        pickup_asking.carry_on(pickup.pk, now=later())

    pickup.refresh_from_db()
    assert counts.heard == [{one.code for one in ready}]
    assert (pickup.state, pickup.due_at, pickup.carrier_reference[:3]) == ("requested", None, "PR-")

    other = make.shipment(account=pickup.account, origin=pickup.origin)
    (second,) = ask(other)
    assert (second.round, second.on) == (2, pickup.on)


def test_a_visit_whose_answer_was_lost_is_left_to_a_person(ready, monkeypatch):
    carrier = Loses()
    monkeypatch.setitem(carriers.CARRIERS, "practice", carrier)
    (pickup,) = ask(*ready)
    for _time in range(3):
        pickup_asking.carry_on(pickup.pk, now=later(hours=1))
    tasks.sweep()

    pickup.refresh_from_db()
    assert (pickup.state, pickup.due_at, len(carrier.heard)) == ("uncertain", None, 1)
    actor = make.member(roles.Role.WAREHOUSE)
    pickups.confirmed(pickup, carrier_reference="R-1", now=NOW, actor=actor)
    pickup.refresh_from_db()
    assert (pickup.state, pickup.carrier_reference) == ("requested", "R-1")


def test_a_worker_killed_while_it_asked_leaves_the_visit_to_a_person(ready, counts):
    (pickup,) = ask(*ready)
    Pickup.objects.update(asked_at=NOW)

    pickup_asking.carry_on(pickup.pk, now=later(hours=1))

    pickup.refresh_from_db()
    assert (pickup.state, counts.heard) == ("uncertain", [])
    pickups.ask_again(pickup, now=NOW, actor=make.member(roles.Role.WAREHOUSE))
    pickup_asking.carry_on(pickup.pk, now=later())
    assert len(counts.heard) == 1


def test_only_what_is_ready_is_fetched(ready, counts):
    (pickup,) = ask(*ready)
    shipments.cancel(ready[0], now=NOW)
    with pytest.raises(pickups.NotPossible):
        ask(make.shipment(account=pickup.account, origin=pickup.origin, state="created"))
    with pytest.raises(pickups.NotPossible):
        ask(make.shipment())

    pickup_asking.carry_on(pickup.pk, now=later())

    assert counts.heard == [{one.code for one in ready[1:]}]


def test_when_the_carrier_came_everything_has_left(ready, counts):
    (pickup,) = ask(*ready)
    pickup_asking.carry_on(pickup.pk, now=later())

    pickups.done(pickup, now=NOW, actor=make.member(roles.Role.WAREHOUSE))

    assert set(Shipment.objects.values_list("state", flat=True)) == {"picked_up"}
    with pytest.raises(pickups.AlreadyThere):
        pickups.done(pickup, now=NOW, actor=make.member(roles.Role.WAREHOUSE))


@pytest.mark.django_db(transaction=True)
def test_two_people_at_once_ask_for_one_visit(counts):
    places.reload()
    shop = make.organization()
    with scope(organization=shop):
        account, origin = make.carrier_account(), make.origin()
        chosen = [make.shipment(account=account, origin=origin) for _number in range(2)]
        actor, start = make.member(roles.Role.WAREHOUSE), threading.Barrier(2)

        def press(one):
            with scope(organization=shop):
                start.wait()
                (made,) = pickups.request([one], on=NOW.date(), now=NOW, actor=actor)
                pickup_asking.carry_on(made.pk, now=later())
            connection.close()

        people = [threading.Thread(target=press, args=(one,)) for one in chosen]
        for person in people:
            person.start()
        for person in people:
            person.join()

        asked = [code for codes in counts.heard for code in codes]
        assert sorted(asked) == sorted(one.code for one in chosen)
        visits = Pickup.objects.values_list("round", "state")
        assert sorted(visits) == [(n, "requested") for n in range(1, len(visits) + 1)]
