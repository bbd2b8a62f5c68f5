"""Stripe's events: signed over the raw bytes and the moment they were sent."""

import hmac
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import sha256

from config.lib.errors import BadSignature

from .base import Notice, header

# How old a delivery may be, and how far our clocks may stand apart.
TOLERANCE = 300
_AHEAD = 30


def read(
    headers: Mapping[str, str], body: bytes, *, secrets: Iterable[str], now: datetime
) -> tuple[Notice, bool]:
    """Check an event and read it, with whether it is live; or raise BadSignature."""
    # The library's own check lets a moment in the future pass, and none at all with tolerance 0.
    sent_at, signatures = _parts(header(headers, "Stripe-Signature"))
    expected = [sign(body, secret=secret, sent_at=sent_at).encode() for secret in secrets if secret]
    is_signed = any(
        hmac.compare_digest(one, told.encode()) for one in expected for told in signatures
    )
    if not is_signed:
        raise BadSignature("No signature fits.")
    age = now.timestamp() - int(sent_at)
    if not -_AHEAD <= age <= TOLERANCE:
        raise BadSignature("The event was not sent now.")
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        raise BadSignature("The event is not JSON.") from None
    return _notice(event), event.get("livemode") is True


def sign(body: bytes, *, secret: str, sent_at: str) -> str:
    """Compute the signature of a body sent at a moment, the secret taken whole."""
    return hmac.new(secret.encode(), sent_at.encode() + b"." + body, sha256).hexdigest()


def _parts(told: str) -> tuple[str, list[str]]:
    """Give the moment and every signature of the kind we know."""
    pairs = [part.partition("=")[::2] for part in told.split(",")]
    moments = [value for name, value in pairs if name.strip() == "t"]
    # Two moments would let one be signed and the other be fresh.
    if len(moments) != 1 or not (moments[0].isascii() and moments[0].isdigit()):
        raise BadSignature("The signature names no moment.")
    return moments[0], [value for name, value in pairs if name.strip() == "v1"]


def _notice(event) -> Notice:
    try:
        kind, event_id, about = event["type"], event["id"], event["data"]["object"]
        metadata = about.get("metadata") or {}
        named = about.get("client_reference_id") or metadata.get("reference")
    except (TypeError, KeyError, AttributeError):
        raise BadSignature("The event cannot be read.") from None
    # A session and an intent name the intent; a charge, a refund and a dispute belong to one.
    is_intent = about.get("object") == "payment_intent"
    intent = about.get("id") if is_intent else about.get("payment_intent")
    kept = {name: value for name, value in about.items() if name != "client_secret"}
    return Notice(
        event_id=str(event_id)[:200],
        kind=str(kind)[:80],
        payload={**event, "data": {**event["data"], "object": kept}},
        reference=str(named or "")[:120],
        transaction_id=str(intent)[:120] if isinstance(intent, str) else "",
    )
