"""Wompi's events: the real checksum, and everything that is not it."""

import json
from hashlib import sha256
from pathlib import Path

import pytest

from config.lib.errors import BadSignature
from orders import payments
from orders.payments import wompi_events

from . import rows, wompi_stub

PAYLOADS = Path(__file__).parent / "payloads"
E1 = (PAYLOADS / "wompi_transaction.json").read_bytes()
E4 = (PAYLOADS / "wompi_nequi_token.json").read_bytes()


def read(body, headers=None, *, environment="test", secret=wompi_stub.EVENTS_SECRET):
    if not isinstance(body, bytes):
        body = json.dumps(body).encode()
    return wompi_events.read(headers or {}, body, secret=secret, environment=environment)


def event(**changes) -> dict:
    return {**json.loads(E1), **changes}


def about(**changes) -> dict:
    found = json.loads(E1)
    found["data"]["transaction"].update(changes)
    return found


def vouching(properties, checksum="", **changes) -> dict:
    """Give the event with these properties, signed with our secret unless a checksum is given."""
    found = event(**changes)
    found["signature"] = {"properties": properties}
    found["signature"]["checksum"] = checksum or wompi_events.checksum(
        found, secret=wompi_stub.EVENTS_SECRET
    )
    return found


# --- What passes ----------------------------------------------------------------------------------


def test_e1_is_read():
    notice = read(E1)

    assert notice.kind == "transaction.updated"
    assert notice.reference == "PED-000123"
    assert notice.transaction_id == "15113-1763740800-49201"


@pytest.mark.parametrize(
    ("status", "timestamp", "checksum"),
    [
        (
            "DECLINED",
            1763740800,
            "59257d562df0981f85325c4f5f2f02f287c8e927a306b07968a2a3964fc0c3c8",
        ),
        ("VOIDED", 1763744400, "9c3fa4c68a22b6740a20e26cec34ab2a23da7c685c9db58f0d1b973119983e35"),
    ],
    ids=["E2", "E3"],
)
def test_other_states_have_the_checksums_of_the_vectors(status, timestamp, checksum):
    found = about(status=status)
    found["timestamp"] = timestamp
    found["signature"]["checksum"] = checksum

    assert read(found).transaction_id == "15113-1763740800-49201"


def test_e4_is_kept_and_is_about_nothing_of_ours():
    notice = read(E4)

    assert (notice.kind, notice.reference, notice.transaction_id) == ("nequi_token.updated", "", "")
    assert notice.payload["data"]["nequi_token"]["status"] == "APPROVED"


def test_capitals_and_the_header_pass():
    checksum = json.loads(E1)["signature"]["checksum"]
    found = event()
    found["signature"]["checksum"] = checksum.upper()

    assert read(found, {"x-event-checksum": checksum.upper()}).reference == "PED-000123"


def test_the_properties_are_the_events_own_in_its_own_order():
    found = vouching(["transaction.status", "transaction.reference", "transaction.id"])

    assert read(found).reference == "PED-000123"
    found["data"]["transaction"]["reference"] = "PED-000124"
    with pytest.raises(BadSignature):
        read(found)


def test_a_value_that_is_missing_on_purpose_is_an_empty_text():
    found = vouching(["transaction.id", "transaction.status_message"])

    assert read(found).reference == "PED-000123"
    found["data"]["transaction"]["status_message"] = "None"
    with pytest.raises(BadSignature):
        read(found)


def test_the_time_may_stand_inside_the_signature():
    found = event()
    found["signature"]["timestamp"] = found.pop("timestamp")

    assert read(found).reference == "PED-000123"


def test_the_time_at_the_top_goes_before_the_other():
    found = event()
    found["signature"]["timestamp"] = 1

    assert read(found).reference == "PED-000123"


def test_the_same_news_has_the_same_id_and_other_news_another():
    again = event(sent_at="2025-11-21T16:30:06.000Z")
    voided = vouching(["transaction.id"])
    voided["data"]["transaction"]["status"] = "VOIDED"
    later = vouching(["transaction.id"], timestamp=1763740801)

    assert read(E1).event_id == read(again).event_id
    assert len({read(E1).event_id, read(voided).event_id, read(later).event_id}) == 3


def test_a_changed_reference_passes_the_checksum_so_it_is_only_a_reason_to_ask():
    assert read(about(reference="PED-000999")).reference == "PED-000999"


def test_browser_and_device_are_not_kept():
    found = about(
        customer_data={"full_name": "Ana Ruiz", "device_id": "x", "browser_info": {"a": 1}},
        ip="203.0.113.7",
    )

    kept = read(found).payload["data"]["transaction"]

    assert kept["customer_data"] == {"full_name": "Ana Ruiz"}
    assert "ip" not in kept
    assert "token" not in kept["payment_method"]
    assert kept["payment_method"]["extra"]["last_four"] == "4242"


# --- What does not --------------------------------------------------------------------------------


def without_signature() -> dict:
    found = event()
    del found["signature"]
    return found


REFUSED = {
    "another status": about(status="VOIDED"),
    "another amount": about(amount_in_cents=100),
    "another id": about(id="15113-1763740800-49202"),
    "another time": event(timestamp=1763740801),
    "no time": {name: value for name, value in event().items() if name != "timestamp"},
    "no signature": without_signature(),
    "a signature that is text": event(signature="da42"),
    "no checksum": event(signature={"properties": ["transaction.id"]}),
    "a number for a checksum": event(signature={"properties": ["transaction.id"], "checksum": 7}),
    "other order": event(
        signature={
            "properties": [
                "transaction.status",
                "transaction.id",
                "transaction.amount_in_cents",
            ],
            "checksum": json.loads(E1)["signature"]["checksum"],
        }
    ),
    "no data": event(data=None),
    "another environment": event(environment="prod"),
    "no environment": {name: value for name, value in event().items() if name != "environment"},
    "a list": [1],
    "nothing": b"",
    "cut short": E1[:-20],
    "not text": b"\xff\xfe",
}


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED)
def test_what_is_not_signed_right_is_refused(body):
    with pytest.raises(BadSignature):
        read(body)


@pytest.mark.parametrize(
    ("properties", "text"),
    [
        ([], ""),
        (["transaction.nothing"], ""),
        (["transaction.nothing"], "None"),
        (["transaction.id.x"], ""),
        (["transaction.customer_data"], ""),
        ([7], ""),
        ("", ""),
        (None, ""),
    ],
)
def test_an_event_that_vouches_for_nothing_is_refused_although_its_sum_is_right(properties, text):
    found = event()
    whole = f"{text}{found['timestamp']}{wompi_stub.EVENTS_SECRET}"
    checksum = sha256(whole.encode()).hexdigest()
    found["signature"] = {"properties": properties, "checksum": checksum}

    with pytest.raises(BadSignature):
        read(found)


def test_an_event_without_time_is_refused_although_its_sum_is_right():
    found = event(timestamp=None)
    values = found["data"]["transaction"]
    text = f"{values['id']}{values['status']}{values['amount_in_cents']}"
    whole = f"{text}{wompi_stub.EVENTS_SECRET}"
    found["signature"]["checksum"] = sha256(whole.encode()).hexdigest()

    with pytest.raises(BadSignature):
        read(found)


def test_both_places_of_the_checksum_must_be_right():
    with pytest.raises(BadSignature):
        read(E1, {"X-Event-Checksum": "0" * 64})
    found = event()
    right = found["signature"].pop("checksum")
    with pytest.raises(BadSignature):
        read(found, {"X-Event-Checksum": right})


def test_another_secret_and_none_are_refused(wompi_account):
    with pytest.raises(BadSignature):
        read(E1, secret="test_events_OTHER")
    wompi_account.secrets = {**wompi_stub.SECRETS, "events_secret": ""}
    unsigned = json.loads(E1)
    unsigned["signature"]["checksum"] = wompi_events.checksum(unsigned, secret="")
    with pytest.raises(BadSignature):
        payments.get("wompi").read_notice(wompi_account, {}, json.dumps(unsigned).encode())


def test_the_account_decides_secret_and_environment(wompi, wompi_account):
    attempt = rows.attempt(wompi_account)
    transaction = wompi.pay(attempt.reference, attempt.amount)
    provider = payments.get("wompi")

    notice = provider.read_notice(wompi_account, *wompi.event(transaction))
    assert (notice.reference, notice.transaction_id) == (attempt.reference, transaction["id"])
    with pytest.raises(BadSignature):
        provider.read_notice(wompi_account, *wompi.event(transaction, environment="prod"))
    wompi_account.is_live = True
    with pytest.raises(BadSignature):
        provider.read_notice(wompi_account, *wompi.event(transaction))
