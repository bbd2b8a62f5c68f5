from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from logistics.models import Incident
from logistics.models.shipments import State
from tests import make
from tests.shop.admin.back_office import client_of

REPLIES = [
    {"type": "1", "label": "Intentar de nuevo", "fields": ["notes"]},
    {"type": "3", "label": "Entregar otro día", "fields": ["delivery_date"]},
]


def incident(*, replies=(), **fields) -> Incident:
    now = timezone.now()
    shipment = fields.pop("shipment", None) or make.shipment(
        state=State.INCIDENT, account=make.carrier_account(), tracking_number="56800000001"
    )
    fields = {
        "description": "Nadie en casa",
        "carrier_id": "N-1",
        "answer_by": now + timedelta(hours=30),
        "happened_at": now,
        "possible_replies": list(replies),
        **fields,
    }
    return Incident.objects.create(shipment=shipment, **fields)


def page(one: Incident) -> str:
    return reverse("admin:logistics_incident_change", args=[one.pk])


def test_the_most_urgent_stands_first_and_the_number_of_queries_does_not_grow(
    organization, django_assert_max_num_queries
):
    client = client_of("warehouse")
    address = reverse("admin:logistics_incident_changelist")
    incident(description="Mañana")
    client.get(address)
    incident(description="Ya casi", answer_by=timezone.now() + timedelta(hours=2))
    incident(description="Vencida", answer_by=timezone.now() - timedelta(hours=2))

    with django_assert_max_num_queries(9):
        text = client.get(address).content.decode()

    assert text.index("Vencida") < text.index("Ya casi") < text.index("Mañana")


def test_the_warehouse_answers_and_is_told_what_is_missing(organization):
    client = client_of("warehouse")
    found = incident(replies=REPLIES)

    refused = client.post(page(found), {"type": "3", "delivery_date": ""})
    assert "field-error" in refused.content.decode()
    found.refresh_from_db()
    assert found.state == Incident.State.OPEN

    day = (timezone.now() + timedelta(days=2)).date()
    client.post(page(found), {"type": "3", "delivery_date": day.isoformat()})
    found.refresh_from_db()
    assert (found.state, found.reply["delivery_date"]) == ("sending", day.isoformat())
    assert client.get(page(found)).context["form"] is None


def test_where_the_carrier_takes_no_answers_what_was_agreed_is_written_down(organization):
    found = incident()

    client_of("warehouse").post(page(found), {"notes": "Llamé: mañana a las 3"})

    found.refresh_from_db()
    assert (found.state, found.reply["notes"]) == ("answered", "Llamé: mañana a las 3")


def test_who_only_looks_cannot_answer(organization):
    found = incident()

    assert client_of("viewer").get(page(found)).context["form"] is None
    client_of("viewer").post(page(found), {"notes": "x"})

    found.refresh_from_db()
    assert found.state == Incident.State.OPEN


@pytest.mark.parametrize("text", ["<b>Robo</b>", "Dirección “errada” & otra"])
def test_a_carriers_words_are_shown_as_text(organization, text):
    found = incident(description=text)

    shown = client_of("warehouse").get(page(found)).content.decode()

    assert "<b>Robo" not in shown
