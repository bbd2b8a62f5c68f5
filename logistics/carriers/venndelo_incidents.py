"""Venndelo's "novedades": what keeps a parcel from arriving, and what a shop may answer."""

from datetime import datetime, timedelta
from urllib.parse import quote

from django.utils import timezone
from django.utils.translation import gettext as _

from config.lib.errors import ProviderRefused

from ..models import CarrierAccount, Incident
from .base import CollectionPoint, IncidentReport, PossibleReply, Reply
from .venndelo_calls import ask, moment, pages, unreadable, written

_MOST_PAGES = 20
# They are listed by the day they were created, and change for so long.
_LIFE = timedelta(days=15)
# Whoever answered waits; an answer that was refused, or could not be passed on, is awaited again.
_ANSWERED = {"TRANSMITTING", "REPLIED", "APPROVED"}
_FIELDS = ("notes", "delivery_date", "address", "collection_point_id")


def incidents(account: CarrierAccount, *, since: datetime) -> list[IncidentReport]:
    """Give every incident that may have changed since then."""
    found = []
    for items, _has_more in pages(
        account,
        "shipping/exceptions",
        most=_MOST_PAGES,
        created_min=written(since - _LIFE),
        created_max=written(timezone.now() + timedelta(hours=1)),
    ):
        found += [_report(item) for item in items if item.get("id")]
    return found


def reply(incident: Incident, reply: Reply) -> None:
    """Answer an incident; one that was answered before stays so."""
    account = incident.shipment.account
    path = f"shipping/exceptions/{quote(incident.carrier_id, safe='')}"
    if not reply.type.isdecimal():
        raise ProviderRefused(_("Venndelo does not know this answer."), code="reply")
    wish = {"type_id": int(reply.type), "notes": reply.notes}
    if reply.delivery_date:
        wish["delivery_date"] = reply.delivery_date.isoformat()
    for name in ("address", "collection_point_id"):
        if value := getattr(reply, name):
            wish[name] = value
    try:
        ask(account, "POST", f"{path}/resolve", json=wish)
    except ProviderRefused:
        if _word(ask(account, "GET", path)) not in _ANSWERED:
            raise


def collection_points(incident: Incident) -> list[CollectionPoint]:
    """Give where the buyer may fetch the parcel."""
    told = ask(
        incident.shipment.account,
        "POST",
        "shipping/collection-points-by-shipping-exception",
        json={"shipping_exception_id": incident.carrier_id},
    )
    items = told.get("items")
    if not isinstance(items, list):
        raise unreadable()
    return [
        CollectionPoint(
            id=str(item["id"]),
            name=str(item.get("name") or ""),
            address=", ".join(filter(None, (item.get("address"), item.get("city_name")))),
        )
        for item in items
        if isinstance(item, dict) and item.get("id")
    ]


def _report(item: dict) -> IncidentReport:
    replies = item.get("possible_replies")
    return IncidentReport(
        carrier_id=str(item["id"])[:120],
        shipment_carrier_id=str(item.get("order_id") or ""),
        tracking_number=str(item.get("tracking_number") or ""),
        description=str(item.get("description") or item.get("code") or "")[:300],
        happened_at=moment(item.get("created_at")) or timezone.now(),
        code=str(item.get("code") or "")[:40],
        raw_state=_word(item)[:40],
        is_open=_word(item) not in _ANSWERED,
        possible_replies=tuple(
            _possible(each)
            for each in (replies if isinstance(replies, list) else [])
            if isinstance(each, dict) and each.get("type_id") is not None
        ),
    )


def _possible(told: dict) -> PossibleReply:
    fields = told.get("fields")
    names = [
        field.get("name")
        for field in (fields if isinstance(fields, list) else [])
        if isinstance(field, dict)
    ]
    return PossibleReply(
        type=str(told["type_id"]),
        label=str(told.get("description") or told["type_id"]),
        # Notes are always taken.
        fields=tuple(name for name in _FIELDS if name == "notes" or name in names),
    )


def _word(item: dict) -> str:
    return str(item.get("status") or "")
