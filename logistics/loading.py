"""Handing over by scanning: the code of each box says what leaves, and nothing leaves twice."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.lib.errors import DomainError
from shop import audit
from shop.models import AuditEntry, User

from . import codes, journey, shipments
from .models import Shipment
from .models.shipments import WAITING, State


class UnknownCode(DomainError):
    code = "unknown_code"


class LoadedAlready(journey.AlreadyThere):
    code = "loaded_already"


@dataclass(frozen=True)
class Loaded:
    """What was scanned: its shipment, and how many of its boxes are still missing."""

    shipment: Shipment
    left: int = 0


@transaction.atomic
def load(scanned: str, *, now: datetime, actor: User) -> Loaded:
    """Note that a box leaves, by our code or the carrier's number; with the last one all of it.

    A carrier's number stands for all boxes, for its people count those themselves.
    """
    found, position = _meant(scanned)
    row = journey.locked(found.pk)
    boxes = list(row.parcels.all())
    if position is not None and len(boxes) > 1:
        box = next((one for one in boxes if one.position == position), None)
        if box is None:
            raise UnknownCode(_unknown(scanned))
        if box.loaded_at:
            raise LoadedAlready(
                _("Parcel %(number)d of shipment %(code)s was scanned already.")
                % {"number": position, "code": row.code}
            )
        left = sum(1 for one in boxes if one.loaded_at is None) - 1
        if left and row.state in WAITING and not row.cancel_wanted_at:
            row.parcels.filter(pk=box.pk).update(loaded_at=now)
            audit.record(
                row.organization,
                actor,
                AuditEntry.Action.CHANGED,
                row,
                before={"loaded": ""},
                after={"loaded": codes.of_box(row, box, boxes)},
            )
            return Loaded(row, left)
    row = shipments.hand_over(row, now=now, actor=actor)
    row.parcels.filter(loaded_at=None).update(loaded_at=now)
    return Loaded(row)


def words(loaded: Loaded) -> str:
    """Say what was scanned and what is still missing of it."""
    shipment = loaded.shipment
    if loaded.left:
        return ngettext(
            "%(code)s: %(left)d parcel is still missing",
            "%(code)s: %(left)d parcels are still missing",
            loaded.left,
        ) % {"code": shipment.code, "left": loaded.left}
    return _("%(code)s handed over to %(carrier)s") % {
        "code": shipment.code,
        "carrier": shipment.carrier_name,
    }


def _meant(scanned: str) -> tuple[Shipment, int | None]:
    """Give the shipment that a text means, and the number of its box; raise UnknownCode."""
    whole = " ".join(scanned.split())[:80]
    code, position = codes.read(whole)
    for text, box in ((whole, None), (code, position)):
        named = {text, text.upper()}
        numbered = Shipment.objects.filter(tracking_number__in=named).order_by("-id")
        found = list(Shipment.objects.filter(code__in=named)[:2]) or list(numbered[:9])
        # A number that was taken back may have been given again.
        alive = [one for one in found if one.state != State.CANCELLED] or found[:1]
        if len(alive) > 1:
            raise UnknownCode(
                _("Several shipments have the number %(code)s. Scan our own code instead.")
                % {"code": text}
            )
        if alive:
            return alive[0], box
    raise UnknownCode(_unknown(scanned))


def _unknown(scanned: str) -> str:
    return _("No shipment has the code %(code)s.") % {"code": scanned.strip()[:60]}
