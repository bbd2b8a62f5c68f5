"""A carrier hears of each shipment once, whatever is lost on the way and whoever is impatient."""

import threading
from contextlib import nullcontext
from datetime import timedelta

import pytest
from django.core.files.storage import storages
from django.db import connection
from django.utils import timezone, translation
from django_scopes import scope

from logistics import booking, carriers, journey, shipments
from logistics.carriers.base import NotSearchable
from logistics.carriers.venndelo import Venndelo
from logistics.models import Shipment
from logistics.tasks import sweep
from shop import roles
from tests import make
from tests.orders.payments import stub
from tests.shop import places

from . import rows, stub_venndelo

CREATE = "POST orders"


@pytest.fixture
def wish(venndelo_account):
    """A shipment that no carrier heard of yet."""
    now = timezone.now()
    return rows.shipment(venndelo_account, state_at=now, created_at=now, due_at=now)


def go_on(shipment, *, minutes=0, most=9) -> Shipment:
    """Take every step that is due after so many minutes, and give the shipment as it is then."""
    now = timezone.now() + timedelta(minutes=minutes)
    for _step in range(most):
        due_at = booking.carry_on(shipment.pk, now=now)
        if due_at is None or due_at > now:
            break
    return Shipment.objects.get(pk=shipment.pk)


def finish(shipment) -> Shipment:
    """Let time pass until nothing is left to do."""
    now = timezone.now() + timedelta(hours=1)
    while (due_at := booking.carry_on(shipment.pk, now=now)) is not None:
        now = max(now, due_at)
    return Shipment.objects.get(pk=shipment.pk)


def test_a_wish_becomes_a_shipment_with_a_label(venndelo, wish):
    created = go_on(wish)
    assert (created.state, created.carrier_id) == ("created", "9700001")

    ready = finish(wish)

    assert (ready.state, ready.tracking_number) == ("label_ready", "5689700001")
    assert booking.label_of(ready) == stub_venndelo.PDF
    assert ready.label.name == f"labels/{ready.organization_id}/{ready.pk}.pdf"
    assert (ready.due_at, ready.error, venndelo.called(CREATE)) == (None, "", 1)
    storages["private"].delete(ready.label.name)


def test_what_was_lost_on_the_way_is_found_before_anything_is_created(venndelo, wish):
    venndelo.fault = "cut"
    lost = go_on(wish)
    assert (lost.state, lost.carrier_id, len(venndelo.orders)) == ("pending", "", 1)

    venndelo.fault = ""
    # Whoever is impatient waits until the carrier's answer must have come.
    again = shipments.try_again(lost, now=timezone.now())
    assert again.due_at >= lost.asked_at + booking.SETTLES
    assert go_on(lost).state == "pending"
    found = go_on(lost, minutes=3)

    assert (found.carrier_id, venndelo.called(CREATE)) == ("9700001", 1)


def test_a_carrier_that_is_down_is_asked_less_and_less_often_and_then_a_person_looks(
    venndelo, wish
):
    venndelo.fault = "error"
    pauses, now = [], timezone.now()
    while (due_at := booking.carry_on(wish.pk, now=now)) is not None:
        pauses.append(due_at - now)
        now = due_at

    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (timedelta(minutes=2), timedelta(hours=4))
    wish.refresh_from_db()
    assert (wish.state, wish.due_at) == ("refused", None)
    venndelo.fault = ""
    shipments.try_again(wish, now=now)
    assert go_on(wish, minutes=60 * 72).carrier_id
    assert len(venndelo.orders) == 1


def test_what_the_carrier_refuses_is_corrected_and_tried_again(venndelo, wish):
    venndelo.balance = 0
    refused = go_on(wish)
    assert (refused.state, refused.due_at, refused.asked_at) == ("refused", None, None)
    assert refused.error

    venndelo.balance = 500_000
    actor = make.member(roles.Role.WAREHOUSE)
    shipments.correct(refused, now=timezone.now(), actor=actor)

    assert go_on(wish).state == "created"


class Deaf(Venndelo):
    """Cannot be asked whether it heard us."""

    def find(self, shipment):
        raise NotSearchable("There is no list of orders.")


@pytest.fixture
def deaf(monkeypatch):
    monkeypatch.setitem(carriers.CARRIERS, "venndelo", Deaf())


def uncertain(venndelo, wish) -> Shipment:
    venndelo.fault = "cut"
    go_on(wish)
    venndelo.fault = ""
    return go_on(wish, minutes=5)


def test_a_person_finds_what_the_carrier_cannot_be_asked_about(venndelo, wish, deaf):
    doubtful = uncertain(venndelo, wish)
    assert (doubtful.state, doubtful.due_at) == ("uncertain", None)
    with pytest.raises(journey.NotPossible):
        shipments.try_again(doubtful, now=timezone.now())

    shipments.found_it(doubtful, carrier_id="9700001", now=timezone.now())

    assert finish(wish).tracking_number
    assert len(venndelo.orders) == 1


def test_a_person_says_that_it_is_not_there(venndelo, wish, deaf):
    doubtful = uncertain(venndelo, wish)
    venndelo.orders.clear()

    shipments.not_there(doubtful, now=timezone.now())

    assert go_on(wish).state == "created"
    with pytest.raises(journey.AlreadyThere):
        shipments.not_there(doubtful, now=timezone.now())


def test_what_was_wanted_back_is_taken_back_once(venndelo, wish):
    created = go_on(wish)

    shipments.cancel(created, now=timezone.now())
    shipments.cancel(created, now=timezone.now())
    gone = go_on(created)

    assert (gone.state, gone.due_at, gone.track_at) == ("cancelled", None, None)
    assert venndelo.called("POST orders/9700001/cancel") == 1
    assert venndelo.orders["9700001"]["status"] == "CANCELLED"


def test_nobody_is_asked_about_what_nobody_heard_of(venndelo, wish):
    shipments.cancel(wish, now=timezone.now())

    assert go_on(wish).state == "cancelled"
    assert venndelo.heard == []


def test_a_wish_taken_back_while_its_answer_is_lost_is_taken_back_there_too(venndelo, wish):
    venndelo.fault = "cut"
    lost = go_on(wish)
    venndelo.fault = ""

    shipments.cancel(lost, now=timezone.now())
    # Not now: the call may be on its way.
    assert go_on(lost).state == "pending"
    gone = go_on(lost, minutes=5)

    assert gone.state == "cancelled"
    assert [order["status"] for order in venndelo.orders.values()] == ["CANCELLED"]


@translation.override("en")
def test_when_it_is_too_late_staff_are_told_why(venndelo, wish):
    created = go_on(wish)
    venndelo.advance("9700001", "TRANSIT")

    shipments.cancel(created, now=timezone.now())
    stays = go_on(created)

    assert (stays.state, stays.cancel_wanted_at) == ("created", None)
    assert stays.error.startswith("It cannot be cancelled: ")
    journey.move_to(stays, "picked_up", at=timezone.now(), now=timezone.now())
    with pytest.raises(journey.TooLate):
        shipments.cancel(stays, now=timezone.now())


@pytest.mark.parametrize(
    ("before", "news", "after"),
    [
        ("in_transit", "label_ready", "in_transit"),
        ("label_ready", "in_transit", "in_transit"),
        ("out_for_delivery", "incident", "incident"),
        ("incident", "in_transit", "in_transit"),
        ("delivered", "returning", "returning"),
        ("delivered", "out_for_delivery", "delivered"),
        ("returned", "delivered", "returned"),
        ("delivered", "cancelled", "delivered"),
        ("cancelled", "in_transit", "cancelled"),
    ],
)
def test_nothing_goes_backwards_but_into_an_incident_or_back_to_us(
    organization, before, news, after
):
    shipment = make.shipment(state=before)
    now = timezone.now() + timedelta(minutes=1)

    assert journey.move_to(shipment, news, at=now, now=now) == (before != after)

    assert (shipment.state, Shipment.objects.get().state) == (after, after)


def test_late_news_of_an_incident_change_nothing(organization):
    shipment = make.shipment(state="delivered")
    before = shipment.state_at - timedelta(hours=1)

    assert not journey.move_to(shipment, "incident", at=before, now=timezone.now())


def test_the_sweeper_finds_what_was_forgotten(venndelo, wish):
    sweep()

    wish.refresh_from_db()
    assert wish.state == "created"


# --- At once --------------------------------------------------------------------------------------


class Looking(stub_venndelo.VenndeloStub):
    """Lets two look for a shipment at the same moment: both hear that it is not there."""

    def __init__(self):
        super().__init__()
        self.lock, self.one_looks = nullcontext(), threading.Event()
        self.both_look = threading.Barrier(2)

    def _page(self, found, query):
        page = super()._page(found, query)
        self.one_looks.set()
        self.both_look.wait(timeout=5)
        return page


@pytest.mark.django_db(transaction=True)
def test_a_worker_and_an_impatient_person_at_once_create_one(settings):
    places.reload()
    shop = make.organization(is_live=True)
    with scope(organization=shop), stub.running(Looking()) as venndelo:
        venndelo.use_in(settings)
        account = make.carrier_account("venndelo", secrets=stub_venndelo.SECRETS)
        now = timezone.now()
        wish = rows.shipment(account, state_at=now, created_at=now, due_at=now)
        # Its answer was lost on the way there.
        venndelo.fault = "cut"
        booking.carry_on(wish.pk, now=now)
        venndelo.fault, venndelo.orders = "", {}
        later = now + timedelta(minutes=5)

        def work():
            with scope(organization=shop):
                booking.carry_on(wish.pk, now=later)
            connection.close()

        worker = threading.Thread(target=work)
        worker.start()
        assert venndelo.one_looks.wait(timeout=5)
        shipments.try_again(wish, now=later)
        booking.carry_on(wish.pk, now=later)
        worker.join()

        assert len(venndelo.orders) == 1
        assert Shipment.objects.get().carrier_id in venndelo.orders
