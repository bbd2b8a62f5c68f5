"""Having a carrier come: one visit for all that is ready at one place on one day.

A visit is a row first and asked for once, for a second one may be paid: when the answer is lost, a
person looks at the carrier's panel (see pickup_asking.py).
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from shop import audit
from shop.models import AuditEntry, User

from . import journey, tasks
from .journey import AlreadyThere, NotPossible
from .models import Pickup, Shipment
from .models.shipments import WAITING, State
from .pickup_asking import carrier_of, end, lock

# What is chosen one after the other within this time is asked for together.
GATHERS = timedelta(seconds=5)
_ALIVE = (
    Pickup.State.PENDING,
    Pickup.State.UNCERTAIN,
    Pickup.State.REQUESTED,
    Pickup.State.DONE,
)


def why_not(shipment: Shipment) -> str:
    """Say why nobody can be asked to come for a shipment; nothing when somebody can."""
    if shipment.is_ours or not carrier_of(shipment.account).has_pickups:
        return _("%(carrier)s is not asked to come: bring it there.") % {
            "carrier": shipment.carrier_name
        }
    if shipment.state != State.LABEL_READY or shipment.cancel_wanted_at:
        return _("The label of shipment %(code)s is not ready.") % {"code": shipment.code}
    return ""


def request(
    shipments: Iterable[Shipment], *, on: date, now: datetime, actor: User | None = None
) -> list[Pickup]:
    """Have carriers come on this day for these, and give their visits.

    What a carrier comes for already stays with that visit.
    """
    visits: dict[tuple, list[Shipment]] = {}
    for shipment in shipments:
        visits.setdefault((shipment.account_id, shipment.origin_id), []).append(shipment)
    made = {}
    # Always in the same order, so that two people cannot wait for each other.
    for key in sorted(visits, key=str):
        for pickup in _request(visits[key], on=on, now=now, actor=actor):
            made[pickup.pk] = pickup
    return list(made.values())


@transaction.atomic
def _request(shipments: Sequence[Shipment], *, on, now, actor) -> list[Pickup]:
    first = shipments[0]
    if first.account_id is not None:
        lock(first.account_id)
    rows = [journey.locked(key) for key in sorted(shipment.pk for shipment in shipments)]
    made, joining = [], []
    for row in rows:
        if row.pickup is not None and row.pickup.state in _ALIVE:
            made.append(row.pickup)
            continue
        reason = why_not(row)
        if reason:
            raise NotPossible(reason)
        joining.append(row.pk)
    if joining:
        pickup = _visit(rows[0], on=on, now=now, actor=actor)
        Shipment.objects.filter(pk__in=joining).update(pickup=pickup)
        made.append(pickup)
    return made


def _visit(shipment: Shipment, *, on: date, now: datetime, actor: User | None) -> Pickup:
    """Give the visit of that day that was not asked for yet, or the next one."""
    visits = Pickup.objects.filter(account=shipment.account_id, origin=shipment.origin_id, on=on)
    last = visits.order_by("-round").first()
    if last is not None and last.state == Pickup.State.PENDING and last.asked_at is None:
        return last
    pickup = Pickup(
        organization=shipment.organization,
        account=shipment.account,
        origin=shipment.origin,
        on=on,
        round=last.round + 1 if last else 1,
        due_at=now + GATHERS,
        requested_by=actor,
    )
    pickup.save(force_insert=True)
    if actor is not None:
        after = {"on": on, "carrier": str(shipment.account)}
        added = AuditEntry.Action.ADDED
        audit.record(shipment.organization, actor, added, pickup, after=after)
    tasks.hurry_pickup(pickup, pause=GATHERS)
    return pickup


# --- What people say ------------------------------------------------------------------------------


@transaction.atomic
def confirmed(pickup: Pickup, *, now: datetime, actor: User, carrier_reference: str = "") -> Pickup:
    """Take the word of a person who saw in the carrier's panel that it comes."""
    row = _doubtful(pickup)
    before = row.state
    end(row, Pickup.State.REQUESTED, carrier_reference=carrier_reference.strip()[:120])
    return _changed(row, before, actor)


@transaction.atomic
def ask_again(pickup: Pickup, *, now: datetime, actor: User) -> Pickup:
    """Ask once more: a person saw that the carrier does not come, or mended why it refused."""
    row = _doubtful(pickup)
    before = row.state
    row.state, row.asked_at, row.due_at, row.error = Pickup.State.PENDING, None, now, ""
    row.save(update_fields=["state", "asked_at", "due_at", "error"])
    tasks.hurry_pickup(row)
    return _changed(row, before, actor)


@transaction.atomic
def cancel(pickup: Pickup, *, now: datetime, actor: User) -> Pickup:
    """Drop a visit, whoever called it off there: what waits for it may be called for anew."""
    row = _locked(pickup)
    before = row.state
    if row.state in (Pickup.State.DONE, Pickup.State.CANCELLED):
        raise AlreadyThere(_("This pick-up is over."))
    if row.state == Pickup.State.PENDING and row.asked_at:
        raise NotPossible(_("The carrier is being asked at this moment. Wait for its answer."))
    row.state, row.due_at = Pickup.State.CANCELLED, None
    row.save(update_fields=["state", "due_at"])
    Shipment.objects.filter(pickup=row, state__in=WAITING).update(pickup=None)
    return _changed(row, before, actor)


@transaction.atomic
def done(pickup: Pickup, *, now: datetime, actor: User) -> Pickup:
    """Note that the carrier came and took everything that waited for it."""
    row = _locked(pickup)
    before = row.state
    if row.state not in (Pickup.State.REQUESTED, Pickup.State.UNCERTAIN):
        raise AlreadyThere(_("This pick-up is over."))
    for shipment in Shipment.objects.filter(pickup=row, state__in=WAITING).order_by("pk"):
        journey.move_to(shipment, State.PICKED_UP, at=now, now=now, actor=actor)
    row.state, row.due_at, row.error = Pickup.State.DONE, None, ""
    row.save(update_fields=["state", "due_at", "error"])
    return _changed(row, before, actor)


def _doubtful(pickup: Pickup) -> Pickup:
    row = _locked(pickup)
    if row.state not in (Pickup.State.UNCERTAIN, Pickup.State.REFUSED):
        raise AlreadyThere(_("Somebody else already saw to this pick-up."))
    return row


def _changed(row: Pickup, before: str, actor: User) -> Pickup:
    row.refresh_from_db()
    audit.record(
        row.organization,
        actor,
        AuditEntry.Action.CHANGED,
        row,
        before={"state": str(Pickup.State(before).label)},
        after={"state": str(row.get_state_display())},
    )
    return row


def _locked(pickup: Pickup) -> Pickup:
    lock(pickup.account_id)
    return Pickup.objects.select_related("organization", "account", "origin").get(pk=pickup.pk)
