"""What Envia.com tells of parcels: when it is asked, and by itself."""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from config.lib.errors import BadSignature

from ..models import Shipment
from . import envia_wire as wire
from .base import News, Notice, Tracked, header
from .states import state_of

# Times carry no zone; carriers of Colombia write their own (inferred).
_ZONE = ZoneInfo("America/Bogota")
_SIGNATURE = re.compile(r"v1=([0-9a-f]{64})", re.I)


def tracked(entry: dict, shipment: Shipment) -> Tracked:
    """Read what is said of one shipment; what cannot be read of it is left out."""
    history = entry.get("eventHistory")
    told = [_news(event) for event in history if isinstance(event, dict)] if history else []
    news = sorted(filter(None, told), key=lambda one: one.at)
    now = wire.line(entry.get("status"), 120)
    state = state_of("envia", now)
    if now and (not news or (state is not None and all(one.state != state for one in news))):
        # The state itself has no time: it is as old as the newest event, or as the shipment.
        at = news[-1].at if news else shipment.created_at
        news.append(News(raw_state=now, state=state, at=at))
    return Tracked(
        news=tuple(news),
        tracking_url=wire.address(entry.get("trackUrl")),
        promised_on=_day(entry.get("estimatedDelivery")),
    )


def _news(event: dict) -> News | None:
    # Sources name the fields of an event differently.
    at = _moment(event.get("timestamp") or event.get("date") or event.get("datetime"))
    words = wire.line(event.get("description") or event.get("event"), 300)
    word = wire.line(event.get("status"), 120) or words[:120]
    if at is None or not word:
        return None
    return News(
        raw_state=word,
        state=state_of("envia", word),
        at=at,
        description=words,
        place=wire.line(event.get("location"), 120),
    )


def notice(headers: Mapping[str, str], body: bytes, *, secret: str) -> Notice:
    """Read a notice, which is a reason to ask and no more.

    What Envia signs is in no source: a signature that does not fit our guess proves nothing, so it
    is written down and not refused. What opens this door is its address, which nobody can guess.
    """
    signature = _SIGNATURE.fullmatch(header(headers, "X-Webhook-Signature").strip())
    event_id = header(headers, "X-Webhook-Id").strip()
    if signature is None or not event_id:
        raise BadSignature("The notice is not signed.")
    told = json.loads(body)
    data = told.get("data") if isinstance(told, dict) else None
    if not isinstance(data, dict):
        raise BadSignature("The notice cannot be read.")
    signed = header(headers, "X-Webhook-Timestamp").encode() + b"." + body
    guess = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    fits = bool(secret) and hmac.compare_digest(guess, signature[1].lower())
    return Notice(
        event_id=event_id[:200],
        kind=wire.line(told.get("type"), 80),
        payload={**told, "signature_fits": fits},
        tracking_number=wire.line(data.get("tracking_number"), 60),
    )


def _moment(text: object) -> datetime | None:
    try:
        read = datetime.fromisoformat(str(text or "").strip())
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=_ZONE)


def _day(text: object) -> date | None:
    found = re.match(r"\d{4}-\d\d-\d\d", str(text or "").strip())
    try:
        return date.fromisoformat(found[0]) if found else None
    except ValueError:
        return None
