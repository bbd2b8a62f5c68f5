"""What the practice carrier does on its side: drives nothing, and says how it went."""

import secrets
from datetime import datetime, timedelta

from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from uuid_utils.compat import uuid7

from config.lib.errors import ProviderRefused

from . import addresses
from .models import CarrierAccount, PracticeParcel, Shipment
from .models.shipments import ENDED, MOVING, State


class Choice(models.TextChoices):
    """What a person who plays the carrier may do with a parcel."""

    NEXT = "next", gettext_lazy("Next step")
    ARRIVE = "arrive", gettext_lazy("To the door")
    INCIDENT = "incident", gettext_lazy("Nobody at home")
    COME_BACK = "come_back", gettext_lazy("Send it back")


_WAY = [
    State.LABEL_READY,
    State.PICKED_UP,
    State.IN_TRANSIT,
    State.OUT_FOR_DELIVERY,
    State.DELIVERED,
]


def accept(shipment: Shipment, *, now: datetime) -> PracticeParcel:
    """Take a shipment into the books; asked twice, there are two."""
    receiver, sender = addresses.recipient(shipment), addresses.sender(shipment)
    parcel = PracticeParcel(
        account=shipment.account,
        code=shipment.code,
        number=f"99{secrets.randbelow(10**9):09d}",
        recipient=receiver.name[:120],
        origin=sender.municipality[:80],
        destination=receiver.municipality[:80],
        cash=shipment.cash_to_collect,
        created_at=now,
    )
    _say(parcel, State.LABEL_READY, at=now)
    parcel.save(force_insert=True)
    return parcel


def find(account: CarrierAccount, code: str) -> PracticeParcel | None:
    """Give the parcel that the shop calls so, unless it was cancelled."""
    found = PracticeParcel.objects.filter(account=account, code=code).order_by("id")
    return next((parcel for parcel in found if parcel.state != State.CANCELLED), None)


@transaction.atomic
def cancel(parcel_id: str, *, now: datetime) -> None:
    """Drop a parcel that nobody drives yet."""
    parcel = _locked(parcel_id)
    if parcel.state == State.CANCELLED:
        return
    if parcel.state != State.LABEL_READY:
        raise ProviderRefused(_("The parcel is on its way already."), code="too_late")
    _say(parcel, State.CANCELLED, at=now)
    parcel.due_at = None
    parcel.save(update_fields=["news", "due_at"])


@transaction.atomic
def fetch(parcel_ids: list[str], *, now: datetime, minutes: int) -> None:
    """Come for parcels: from then on they go on by themselves, when minutes are given."""
    for key in sorted(parcel_ids):
        parcel = _locked(key)
        if minutes and parcel.state == State.LABEL_READY:
            parcel.due_at = now + timedelta(minutes=minutes)
            parcel.save(update_fields=["due_at"])


@transaction.atomic
def press(parcel_id: str, choice: str, *, now: datetime, minutes: int = 0) -> PracticeParcel:
    """Do what a person chose; what has ended stays as it is."""
    parcel = _locked(parcel_id)
    if parcel.state in ENDED:
        return parcel
    if choice == Choice.INCIDENT:
        _say(parcel, State.INCIDENT, at=now)
        parcel.incident = {
            "id": uuid7().hex,
            "at": now.isoformat(),
            "is_open": True,
            "reply": "",
        }
    elif choice == Choice.COME_BACK:
        is_coming = parcel.state == State.RETURNING
        _close(parcel)
        _say(parcel, State.RETURNED if is_coming else State.RETURNING, at=now)
    else:
        _close(parcel)
        _go_on(parcel, at=now)
        while choice == Choice.ARRIVE and parcel.state not in ENDED:
            _go_on(parcel, at=now)
    _plan(parcel, now=now, minutes=minutes)
    parcel.save(update_fields=["news", "incident", "due_at"])
    return parcel


@transaction.atomic
def walk(parcel_id: str, *, now: datetime, minutes: int) -> PracticeParcel:
    """Let a parcel take the steps that it took by itself since the last look."""
    parcel = _locked(parcel_id)
    if parcel.due_at is None or parcel.due_at > now:
        return parcel
    while parcel.due_at is not None and parcel.due_at <= now:
        at = parcel.due_at
        _go_on(parcel, at=at)
        _plan(parcel, now=at, minutes=minutes)
    parcel.save(update_fields=["news", "due_at"])
    return parcel


@transaction.atomic
def answer(parcel_id: str, incident_id: str, reply: str, *, now: datetime, minutes: int) -> None:
    """Do what the shop says to an incident; said twice, it is done once."""
    parcel = _locked(parcel_id)
    incident = parcel.incident
    if incident is None or incident["id"] != incident_id:
        raise ProviderRefused(_("There is no such incident."), code="unknown")
    if not incident["is_open"]:
        return
    incident["reply"] = reply
    _close(parcel)
    _say(parcel, State.RETURNING if reply == "return" else State.OUT_FOR_DELIVERY, at=now)
    _plan(parcel, now=now, minutes=minutes)
    parcel.save(update_fields=["news", "incident", "due_at"])


# --- Parts ----------------------------------------------------------------------------------------


def _go_on(parcel: PracticeParcel, *, at: datetime) -> None:
    """Take the next step of the way a parcel is on."""
    state = parcel.state
    if state == State.RETURNING:
        following = State.RETURNED
    elif state == State.INCIDENT:
        following = State.OUT_FOR_DELIVERY
    else:
        following = _WAY[_WAY.index(state) + 1]
    _say(parcel, following, at=at)


def _plan(parcel: PracticeParcel, *, now: datetime, minutes: int) -> None:
    """Set when it goes on by itself: not while an incident waits, nor after the end."""
    moves = parcel.state in MOVING and parcel.state != State.INCIDENT
    parcel.due_at = now + timedelta(minutes=minutes) if minutes and moves else None


def _close(parcel: PracticeParcel) -> None:
    if parcel.incident:
        parcel.incident = {**parcel.incident, "is_open": False}


def _say(parcel: PracticeParcel, state: State, *, at: datetime) -> None:
    far = (State.OUT_FOR_DELIVERY, State.DELIVERED, State.INCIDENT)
    told = {
        "state": str(state),
        # Of two things in one moment the later one is told later.
        "at": (at + timedelta(milliseconds=len(parcel.news))).isoformat(),
        "description": _words(state),
        "place": parcel.destination if state in far else parcel.origin,
    }
    parcel.news = [*parcel.news, told]


def _words(state: State) -> str:
    return {
        State.LABEL_READY: _("The carrier waits for the parcel"),
        State.PICKED_UP: _("The parcel was picked up"),
        State.IN_TRANSIT: _("The parcel travels to its town"),
        State.OUT_FOR_DELIVERY: _("The parcel is with the courier"),
        State.INCIDENT: _("Nobody was at home"),
        State.RETURNING: _("The parcel comes back"),
        State.DELIVERED: _("The parcel was delivered"),
        State.RETURNED: _("The parcel is back with its sender"),
        State.CANCELLED: _("The parcel was cancelled"),
    }[state]


def _locked(parcel_id: str) -> PracticeParcel:
    rows = PracticeParcel.objects.select_for_update(no_key=True, of=("self",))
    parcel = rows.filter(pk=parcel_id).first()
    if parcel is None:
        raise ProviderRefused(_("There is no such parcel."), code="unknown")
    return parcel
