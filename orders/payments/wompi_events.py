"""Wompi's events: a digest of the values that the event itself lists, in its order.

It protects nothing else: an event is a reason to ask, never the truth.
"""

import hmac
import json
from collections.abc import Mapping
from hashlib import sha256

from config.lib.errors import BadSignature

from .base import Notice, header

# The rest of what an event says of a buyer describes a browser and a device.
_KEPT_OF_A_BUYER = ("full_name", "phone_number", "legal_id", "legal_id_type")


def read(headers: Mapping[str, str], body: bytes, *, secret: str, environment: str) -> Notice:
    """Check an event of this environment and read it, or raise BadSignature."""
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        raise BadSignature("The event is not JSON.") from None
    if not isinstance(event, dict) or not isinstance(event.get("data"), dict):
        raise BadSignature("The event has no data.")
    computed = checksum(event, secret=secret)
    told = [event["signature"].get("checksum")]
    if in_header := header(headers, "X-Event-Checksum"):
        told.append(in_header)
    if not all(_is_same(computed, one) for one in told):
        raise BadSignature("The checksum is another one.")
    if event.get("environment") != environment:
        raise BadSignature("The event is of another environment.")
    return _notice(event)


def checksum(event: dict, *, secret: str) -> str:
    """Compute what an event's checksum must be, from the properties that it lists."""
    signature = event.get("signature")
    properties = signature.get("properties") if isinstance(signature, dict) else None
    # An empty list would vouch for nothing but a time.
    if not isinstance(properties, list) or not properties:
        raise BadSignature("The event lists nothing that it vouches for.")
    values = [_text(_value(event["data"], path)) for path in properties]
    timestamp = event.get("timestamp")
    if timestamp is None:
        timestamp = signature.get("timestamp")
    if timestamp is None:
        raise BadSignature("The event has no time.")
    return sha256("".join([*values, _text(timestamp), secret]).encode()).hexdigest()


def _value(data: dict, path):
    found = data
    for name in path.split(".") if isinstance(path, str) else [None]:
        if not isinstance(found, dict) or name not in found:
            raise BadSignature("The event vouches for something that it does not hold.")
        found = found[name]
    return found


def _text(value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, int | float | str):
        return str(value)
    raise BadSignature("The event vouches for something that is no value.")


def _is_same(computed: str, told) -> bool:
    if not isinstance(told, str):
        return False
    # Wompi's page prints capitals, its machines send small letters.
    return hmac.compare_digest(computed.encode(), told.lower().encode())


def _notice(event: dict) -> Notice:
    kind = str(event.get("event") or "")[:80]
    subject = next((value for value in event["data"].values() if isinstance(value, dict)), {})
    stamp = event.get("timestamp") or event["signature"].get("timestamp")
    parts = (kind, subject.get("id"), subject.get("status"), stamp)
    about = event["data"].get("transaction")
    is_ours = kind == "transaction.updated" and isinstance(about, dict)
    return Notice(
        # No id is sent: what tells two events apart is whom they concern, how, and when.
        event_id=sha256(json.dumps(parts, default=str).encode()).hexdigest(),
        kind=kind,
        payload=_without_device(event),
        reference=str(about.get("reference") or "")[:120] if is_ours else "",
        transaction_id=str(about.get("id") or "")[:120] if is_ours else "",
    )


def _without_device(event: dict) -> dict:
    """Give the event as it may be kept: without browser, device and card token."""
    about = event["data"].get("transaction")
    if not isinstance(about, dict):
        return event
    about = {name: value for name, value in about.items() if name not in ("ip", "session_id")}
    if isinstance(about.get("customer_data"), dict):
        buyer = about["customer_data"]
        about["customer_data"] = {name: buyer[name] for name in _KEPT_OF_A_BUYER if name in buyer}
    if isinstance(about.get("payment_method"), dict):
        about["payment_method"] = {
            name: value for name, value in about["payment_method"].items() if name != "token"
        }
    return {**event, "data": {**event["data"], "transaction": about}}
