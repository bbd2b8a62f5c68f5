"""Coordinadora: what its SOAP services are sent, what is read of them, and what is never read."""

from datetime import UTC, datetime

import pytest
from django.utils import translation

from config.lib.errors import ProviderRefused, ProviderUnavailable
from logistics import carriers
from logistics.carriers import soap
from logistics.carriers.base import Box, NotSearchable, Place
from logistics.models.shipments import State

from . import rows, stub_coordinadora

CARRIER = carriers.get("coordinadora")


def created(account, **fields):
    shipment = rows.shipment(account, **{"service": "1", **fields})
    made = CARRIER.create(shipment)
    shipment.carrier_id, shipment.tracking_number = made.carrier_id, made.tracking_number
    return shipment


def test_a_price_is_asked_by_code_and_weight_and_read_to_the_centavo(
    coordinadora, coordinadora_account
):
    wish = rows.wish(boxes=(Box(580, 20, 12, 16), Box(2_345, 30, 30, 30)))

    [option] = CARRIER.quote(coordinadora_account, wish, seconds=3)

    assert (option.cost, option.days_min, option.days_max) == (1_120_050, 2, 2)
    assert (option.service, option.allows_cash) == ("1", False)
    _operation, values = coordinadora.sent[-1]
    assert (values["origen"], values["destino"]) == ("11001000", "05001000")
    assert (values["valoracion"], values["nit"], values["div"]) == ("49900", "900123456", "01")
    # The last of two; the first weighs a kilo, which is the least.
    assert (values["peso"], values["alto"]) == ("2.35", "30")


def test_a_town_that_is_not_in_its_list_is_no_coverage_and_other_refusals_are_told(
    coordinadora, coordinadora_account
):
    far = rows.wish(destination=Place("91001", "Leticia", "91", "Amazonas"))
    assert CARRIER.quote(coordinadora_account, far, seconds=3) == []

    coordinadora_account.secrets["api_key"] = "another"
    with pytest.raises(ProviderRefused, match="usuario o clave"):
        CARRIER.quote(coordinadora_account, rows.wish(), seconds=3)


def test_a_guide_is_made_with_both_addresses_and_the_cash_to_collect(
    coordinadora, coordinadora_account
):
    shipment = created(coordinadora_account, cash_to_collect=6_104_790)

    assert shipment.tracking_number == "98462130001"
    _operation, values = coordinadora.sent[-1]
    assert (values["referencia"], values["estado"]) == (shipment.code, "IMPRESO")
    assert values["nombre_destinatario"] == "Ana María Ruiz"
    assert values["direccion_destinatario"] == "Carrera 43A # 1-50, apto 301"
    assert (values["telefono_remitente"], values["ciudad_remitente"]) == ("3001112233", "11001000")
    assert (values["valor"], values["forma_pago"]) == ("61047.9", "1")
    # What is sent of the password is its hash.
    assert stub_coordinadora.SECRETS["password"] not in str(coordinadora.sent)
    assert CARRIER.label(shipment).pdf == stub_coordinadora.PDF


def test_a_guide_is_found_by_our_code_and_never_said_to_be_missing(
    coordinadora, coordinadora_account
):
    shipment = created(coordinadora_account)
    assert CARRIER.find(shipment).tracking_number == shipment.tracking_number

    coordinadora.tells_references = False
    with pytest.raises(NotSearchable):
        CARRIER.find(shipment)


def test_states_are_read_by_their_words_and_unknown_ones_kept(coordinadora, coordinadora_account):
    shipment, unknown = created(coordinadora_account), rows.shipment(coordinadora_account)
    unknown.tracking_number = "1"
    coordinadora.move(shipment.tracking_number, "EN REPARTO", "22/11/2026", "09:15")
    coordinadora.move(shipment.tracking_number, "Algo nunca visto", "2026-11-23", "10:00:00")

    told = CARRIER.track(coordinadora_account, [shipment, unknown])

    assert set(told) == {shipment.pk}
    states = [(one.raw_state, one.state) for one in told[shipment.pk].news]
    assert states == [
        ("A RECIBIR POR COORDINADORA", State.LABEL_READY),
        ("EN REPARTO", State.OUT_FOR_DELIVERY),
        ("Algo nunca visto", None),
    ]
    assert told[shipment.pk].news[1].at == datetime(2026, 11, 22, 14, 15, tzinfo=UTC)


def test_a_guide_that_is_gone_is_not_cancelled_in_silence(coordinadora, coordinadora_account):
    shipment = created(coordinadora_account)
    shipment.tracking_number = "999"

    with pytest.raises(ProviderRefused, match="no existe"):
        CARRIER.cancel(shipment)


def test_no_key_leaves_without_encryption_or_a_tunnel_of_our_own(
    coordinadora, coordinadora_account, settings
):
    settings.HTTP_PRIVATE_HOSTS = []
    heard = len(coordinadora.heard)

    with translation.override("en"):
        [problem] = CARRIER.problems(coordinadora_account)
        assert "without encryption" in problem
        with pytest.raises(ProviderRefused, match="without encryption"):
            CARRIER.check(coordinadora_account)
    assert len(coordinadora.heard) == heard


BOMB = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>
<E:Envelope xmlns:E="http://schemas.xmlsoap.org/soap/envelope/"><E:Body><r><x>&b;</x></r></E:Body>
</E:Envelope>"""


def test_a_document_with_a_type_is_not_read(coordinadora, coordinadora_account):
    answer = coordinadora.answer

    def poisoned(request):
        response = answer(request)
        response.body = BOMB
        return response

    coordinadora.answer = poisoned

    with pytest.raises(ProviderUnavailable):
        CARRIER.check(coordinadora_account)


def test_what_people_typed_stays_text_in_the_message():
    values = {"nombre": "<b>Ana</b> & \x00Cía", "detalle": {"item": [1, 2]}}

    message = soap.written("Op", values, namespace="urn:x").decode()

    assert "<nombre>&lt;b&gt;Ana&lt;/b&gt; &amp; Cía</nombre>" in message
    assert "<detalle><item>1</item><item>2</item></detalle>" in message
