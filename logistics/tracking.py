"""What carriers report of shipments on their way: kept once, and put in order by their own clock.

The state of a shipment is worked out anew from everything that was ever said of it, so that news
may come late, twice, in any order and from several sides, and always end in the same state.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction
from uuid_utils.compat import uuid7

from . import incidents
from .carriers.base import News, Tracked
from .journey import move_to
from .models import Shipment, TrackingEvent
from .models.shipments import BEFORE_CARRIER, ENDED, RANK, State
from .text import one_line

# What takes a parcel off its way, at any time before it ended.
_ASIDE = (State.INCIDENT, State.RETURNING)
_MOST_CHARACTERS = {"raw_state": 120, "description": 300, "place": 120}


@transaction.atomic
def take_in(shipment: Shipment, tracked: Tracked, *, now: datetime) -> Shipment:
    """Keep what a carrier said of a shipment and bring it up to date; asked twice, once."""
    shipment = Shipment.objects.select_for_update(no_key=True, of=("self",)).get(pk=shipment.pk)
    keep(shipment, tracked.news, now=now)
    _copy_facts(shipment, tracked)
    recount(shipment, now=now)
    return shipment


def those_with_news(shipments: Iterable[Shipment], told: Mapping[object, Tracked]) -> set:
    """Give the keys of those of which something is told that was not known before."""
    known = set(
        TrackingEvent.objects.filter(shipment__in=list(told)).values_list("shipment", "fingerprint")
    )
    return {
        one.pk
        for one in shipments
        if one.pk in told
        and (
            _new_facts(one, told[one.pk])
            or any((one.pk, _fingerprint(news)) not in known for news in told[one.pk].news)
        )
    }


def keep(shipment: Shipment, news: Iterable[News], *, now: datetime) -> None:
    """Keep each thing that was said, once however often it is told."""
    rows = [
        TrackingEvent(
            id=uuid7(),
            shipment=shipment,
            state=one.state or "",
            raw_state=one.raw_state[: _MOST_CHARACTERS["raw_state"]],
            description=one_line(one.description, _MOST_CHARACTERS["description"]),
            place=one_line(one.place, _MOST_CHARACTERS["place"]),
            at=one.at,
            received_at=now,
            fingerprint=_fingerprint(one),
        )
        for one in news
    ]
    TrackingEvent.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)


def recount(shipment: Shipment, *, now: datetime) -> None:
    """Work out where a shipment stands from all that was said of it; callers hold its lock."""
    events = list(shipment.events.order_by("at", "id").values_list("state", "raw_state", "at"))
    if not events or shipment.state in BEFORE_CARRIER:
        # What was never created cannot travel: the number belongs to somebody else.
        return
    state, since = end_of((state, at) for state, _raw, at in events if state)
    last_state, last_raw, _at = events[-1]
    shipment.raw_state = last_raw
    shipment.is_raw_state_unknown = not last_state
    shipment.save(update_fields=["raw_state", "is_raw_state_unknown"])
    if state is not None and move_to(shipment, state, at=since, now=now):
        incidents.follow(shipment, now=now)


def end_of(events: Iterable[tuple[str, datetime]]) -> tuple[State | None, datetime | None]:
    """Give where a way ends and since when, of its states by the carrier's clock, oldest first.

    It leads forwards. An incident or a return takes the parcel aside; after an incident it goes on
    from where it was.
    """
    state = since = None
    # Where it stood before it was taken aside.
    before = -1
    for word, at in events:
        coming = State(word)
        if state is None:
            state, since = coming, at
        elif state in ENDED:
            # What was delivered may still come back; nothing else follows an end.
            if state == State.DELIVERED and coming == State.RETURNED:
                state, since = coming, at
        elif coming in _ASIDE:
            if coming != state and state != State.RETURNING:
                before = RANK[state] if state not in _ASIDE else before
                state, since = coming, at
        elif state == State.INCIDENT:
            if RANK[coming] >= before:
                state, since = coming, at
        elif RANK[coming] > RANK[state]:
            state, since = coming, at
    return state, since


def _copy_facts(shipment: Shipment, tracked: Tracked) -> None:
    """Take over what a carrier says beside the way; what it does not say stays."""
    changed = _new_facts(shipment, tracked)
    for name, value in changed.items():
        setattr(shipment, name, value)
    if changed:
        shipment.save(update_fields=list(changed))


def _new_facts(shipment: Shipment, tracked: Tracked) -> dict[str, object]:
    told = {
        "tracking_number": tracked.tracking_number,
        "tracking_url": tracked.tracking_url,
        "promised_on": tracked.promised_on,
        "cost": tracked.cost,
    }
    return {
        name: value
        for name, value in told.items()
        if value not in (None, "") and value != getattr(shipment, name)
    }


def _fingerprint(news: News) -> str:
    told = "\n".join((news.raw_state, news.at.isoformat(), news.description, news.place))
    return hashlib.sha256(told.encode()).hexdigest()
