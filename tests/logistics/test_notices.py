"""Notices of carriers: kept once at the common address, and only ever a reason to ask."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from config.lib import memory
from logistics import carriers, notice_tasks, notices
from logistics.models import CarrierNotice, Shipment
from logistics.models.shipments import State
from tests import make
from tests.logistics.carriers import rows, stub_envia
from tests.orders.payments import stub


@pytest.fixture
def envia(settings):
    with stub.running(stub_envia.EnviaStub()) as carrier:
        carrier.use_in(settings)
        yield carrier


@pytest.fixture
def shipment(organization, envia):
    """A shipment with a label at Envia, in transit there and not yet here."""
    account = make.carrier_account(
        "envia", secrets=dict(stub_envia.SECRETS), settings=dict(stub_envia.SETTINGS)
    )
    made = rows.shipment(account, service="coordinadora:ground", state="label_ready")
    created = carriers.get("envia").create(made)
    made.tracking_number = made.carrier_id = created.tracking_number
    made.progress = created.progress
    made.save()
    envia.move(made.tracking_number, "En tránsito", at=timezone.now().isoformat())
    return made


def bring(shipment, headers, body, *, provider="envia", account=None):
    account = account or shipment.account
    return Client().post(
        f"/api/webhooks/{provider}/{account.pk}/",
        body,
        content_type="application/json",
        headers=headers,
    )


def state_of(shipment) -> str:
    return Shipment.objects.get(pk=shipment.pk).state


def test_a_notice_is_kept_once_and_the_carrier_is_asked_and_believed(envia, shipment):
    # It claims what is not true; what counts is what Envia answers when asked.
    headers, body = envia.notice(shipment.tracking_number)
    for _time in range(3):
        answer = bring(shipment, headers, body)
        assert (answer.status_code, answer.json()) == (200, {})

    kept = CarrierNotice.objects.get()
    assert (kept.event_id, kept.tries, kept.error) == ("ev-1", 1, "")
    assert kept.handled_at is not None
    assert state_of(shipment) == State.IN_TRANSIT
    assert [step for step, _body in envia.sent].count("generaltrack") == 1


def test_nobody_else_finds_the_door(envia, shipment):
    headers, body = envia.notice(shipment.tracking_number)
    elsewhere = make.carrier_account("coordinadora")

    assert bring(shipment, {}, body).status_code == 403
    assert bring(shipment, headers, b"\xff").status_code == 403
    assert bring(shipment, headers, b"[" * 200_000).status_code == 403
    assert bring(shipment, headers, body, account=elsewhere).status_code == 404
    assert bring(shipment, headers, body, provider="venndelo").status_code == 404
    shipment.account.is_active = False
    shipment.account.save()
    memory.clear_all()
    assert bring(shipment, headers, body).status_code == 404
    big = json.dumps({"data": {"x": "y" * 300_000}}).encode()
    assert bring(shipment, headers, big).status_code == 413
    assert not CarrierNotice.objects.exists()


def test_what_is_about_nothing_of_ours_is_kept_and_asks_nobody(envia, shipment):
    bring(shipment, *envia.notice("999"))

    assert CarrierNotice.objects.get().handled_at is not None
    assert "generaltrack" not in [step for step, _body in envia.sent]


def test_a_carrier_that_is_down_is_asked_again_and_a_killed_worker_loses_nothing(envia, shipment):
    envia.fault = "error"
    bring(shipment, *envia.notice(shipment.tracking_number))
    kept = CarrierNotice.objects.get()
    assert (kept.handled_at, kept.error) == (None, "")

    now = timezone.now() + timedelta(minutes=5)
    # Somebody takes it and is killed: while the lease runs nobody else takes it.
    assert [key for key, _organization in notices.claim(now=now)] == [kept.pk]
    assert notices.claim(now=now) == []
    assert len(notices.claim(now=now + timedelta(minutes=3))) == 1

    envia.fault = ""
    notice_tasks.handle(organization_id=str(kept.account.organization_id), notice_id=str(kept.pk))
    assert CarrierNotice.objects.get().handled_at is not None
    assert state_of(shipment) == State.IN_TRANSIT


def test_notices_ask_no_more_often_than_the_carrier_bears(envia, shipment, monkeypatch):
    monkeypatch.setattr(carriers.get("envia"), "calls_a_minute", 2)
    for number in range(5):
        bring(shipment, *envia.notice(shipment.tracking_number, event_id=f"ev-{number}"))

    assert [step for step, _body in envia.sent].count("generaltrack") <= 2
    waiting = CarrierNotice.objects.filter(handled_at=None)
    assert {(one.tries, one.error) for one in waiting} == {(0, "")}
