from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection
from django_scopes import scope

from config.lib.errors import ProviderRefused, ProviderUnavailable
from logistics import carriers, incidents, tracking
from logistics.carriers.base import IncidentReport, News, PossibleReply, Reply, Tracked
from logistics.models import Incident
from logistics.models.shipments import State
from shop.models import AuditEntry
from tests import make
from tests.logistics.test_polling import Reporter

DAY = datetime(2026, 11, 20, 9, tzinfo=UTC)
ANOTHER_DAY = PossibleReply("3", "Entregar otro día", ("delivery_date", "notes"))
TRY = PossibleReply("1", "Intentar de nuevo", ("notes",))
State_ = Incident.State


class Complainer(Reporter):
    """A carrier that lists incidents and hears answers."""

    has_incidents = True

    def __init__(self):
        super().__init__()
        self.listed, self.answers = [], []

    def incidents(self, account, *, since):
        self.asked.append(since)
        return self.listed

    def reply(self, incident, reply):
        if self.error:
            raise self.error
        self.answers.append((incident.carrier_id, reply))


@pytest.fixture
def complainer(monkeypatch):
    # The list of carriers is a table, and the test puts one of its own into it.
    carrier = Complainer()
    monkeypatch.setitem(carriers.CARRIERS, "practice", carrier)
    return carrier


@pytest.fixture
def shipment(organization, complainer):
    make.carrier_account()
    return make.shipment(
        state=State.OUT_FOR_DELIVERY,
        account=make.carrier_account(),
        state_at=DAY,
        tracking_number="56800000001",
    )


def report(shipment, **fields) -> IncidentReport:
    fields = {"possible_replies": (TRY, ANOTHER_DAY), "raw_state": "PENDING", **fields}
    return IncidentReport(
        carrier_id="N-1",
        shipment_carrier_id="",
        tracking_number=shipment.tracking_number,
        description="Nadie en casa",
        happened_at=DAY + timedelta(hours=1),
        **fields,
    )


def opened(shipment, complainer) -> Incident:
    complainer.listed = [report(shipment)]
    incidents.ask(shipment.account, now=DAY + timedelta(hours=2))
    return Incident.objects.get()


def test_an_incident_is_kept_once_and_the_shipment_shows_it(shipment, complainer):
    incident = opened(shipment, complainer)
    incidents.ask(shipment.account, now=DAY + timedelta(hours=3))

    assert Incident.objects.count() == 1
    assert (incident.state, incident.description) == (State_.OPEN, "Nadie en casa")
    assert incident.answer_by == DAY + timedelta(hours=49)
    shipment.refresh_from_db()
    assert shipment.state == State.INCIDENT


def test_a_carrier_is_not_asked_twice_in_a_quarter_of_an_hour(shipment, complainer):
    for minutes in (0, 1, 14, 15):
        incidents.ask(shipment.account, now=DAY + timedelta(minutes=minutes))

    assert len(complainer.asked) == 2


def test_another_shops_shipment_with_the_same_number_hears_nothing(shipment, complainer):
    other = make.organization()
    with scope(organization=other):
        account = make.carrier_account(organization=other)

        assert incidents.take_in(account, report(shipment), now=DAY) is None

    assert not Incident.objects.exists()


def test_an_answer_is_saved_first_and_sent_once(
    shipment, complainer, django_capture_on_commit_callbacks
):
    incident = opened(shipment, complainer)
    actor = make.member("warehouse")
    reply = Reply("3", notes="En la tarde", delivery_date=date(2026, 11, 23))

    incidents.answer(incident, reply, now=DAY, actor=actor)
    complainer.error = ProviderUnavailable("away")
    incidents.send(incident.pk, now=DAY)
    complainer.error = None
    # Not before its time, then once.
    for minutes in (0, 1, 2, 60):
        incidents.send(incident.pk, now=DAY + timedelta(minutes=minutes))

    assert complainer.answers == [("N-1", reply)]
    incident.refresh_from_db()
    assert (incident.state, incident.answered_by) == (State_.ANSWERED, actor)
    assert AuditEntry.objects.filter(row_id=incident.pk, actor=actor).count() == 1


def test_a_refused_answer_comes_back_with_the_reason_and_can_be_given_again(shipment, complainer):
    incident = opened(shipment, complainer)
    actor = make.member("warehouse")
    incidents.answer(incident, Reply("1", notes="Ya hay quien reciba"), now=DAY, actor=actor)
    complainer.error = ProviderRefused("api.example answered 422 too_late")

    incidents.send(incident.pk, now=DAY)

    incident.refresh_from_db()
    assert (incident.state, incident.error) == (State_.FAILED, "api.example answered 422 too_late")
    incidents.answer(incident, Reply("1", notes="Otra vez"), now=DAY, actor=actor)
    incident.refresh_from_db()
    assert (incident.state, incident.error) == (State_.SENDING, "")


@pytest.mark.parametrize(
    ("reply", "field"),
    [
        (Reply("1"), "notes"),
        (Reply("3", notes="Tarde"), "delivery_date"),
        (Reply("3", notes="Tarde", delivery_date=date(2026, 11, 1)), "delivery_date"),
    ],
)
def test_what_an_answer_needs_is_asked_for(shipment, complainer, reply, field):
    incident = opened(shipment, complainer)

    with pytest.raises(incidents.ReplyIncomplete) as refused:
        incidents.answer(incident, reply, now=DAY, actor=make.member("warehouse"))

    assert refused.value.field == field


def test_an_answer_the_carrier_does_not_take_is_refused(shipment, complainer):
    incident = opened(shipment, complainer)

    with pytest.raises(incidents.NotAnswerable):
        incidents.answer(incident, Reply("9", notes="x"), now=DAY, actor=make.member("warehouse"))


def test_the_incident_ends_when_the_parcel_moves_on(shipment, complainer):
    incident = opened(shipment, complainer)

    told = News("DELIVERED", State.DELIVERED, DAY + timedelta(hours=5))
    tracking.take_in(shipment, Tracked((told,)), now=DAY)

    incident.refresh_from_db()
    assert incident.state == State_.CLOSED


def test_of_a_carrier_without_a_list_the_tracking_opens_one_incident(
    shipment, complainer, monkeypatch
):
    monkeypatch.setattr(complainer, "has_incidents", False)
    told = News("NOVEDAD", State.INCIDENT, DAY + timedelta(hours=1), "Dirección errada")

    for _time in range(2):
        tracking.take_in(shipment, Tracked((told,)), now=DAY)

    incident = Incident.objects.get()
    assert (incident.description, incidents.replies_to(incident)) == ("Dirección errada", [])
    # A person called: that is written down, and nobody is sent anything.
    actor = make.member("warehouse")
    incidents.answer(incident, Reply("", notes="Llamé a Ana"), now=DAY, actor=actor)
    incident.refresh_from_db()
    assert incident.state == State_.ANSWERED


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_answer_one_wins_and_the_other_is_told(shipment, complainer):
    incident = opened(shipment, complainer)
    actors = [make.member("warehouse") for _number in range(2)]
    start, told = Barrier(2), []

    def work(actor):
        with scope(organization=shipment.organization):
            try:
                start.wait(timeout=10)
                incidents.answer(incident, Reply("1", notes="Sí"), now=DAY, actor=actor)
                told.append("first")
            except incidents.AlreadyAnswered:
                told.append("late")
            finally:
                connection.close()

    threads = [Thread(target=work, args=[actor]) for actor in actors]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]

    assert sorted(told) == ["first", "late"]
