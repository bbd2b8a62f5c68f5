"""Where a shipment stands, and what may follow: the only place that changes its state."""

from datetime import datetime

from django.db import transaction

from config.lib.errors import DomainError
from shop import audit
from shop.models import AuditEntry, User

from .models import Shipment
from .models.shipments import ENDED, MOVING, RANK, WAITING, State
from .signals import shipment_changed

# News that are later by the carrier's clock may lead here, and from an incident on again.
_SETBACKS = (State.INCIDENT, State.RETURNING)
_AFTER_INCIDENT = (State.PICKED_UP, State.IN_TRANSIT, State.OUT_FOR_DELIVERY)
_DATES = {
    State.DELIVERED: "delivered_at",
    State.RETURNED: "returned_at",
    State.CANCELLED: "cancelled_at",
}


class NotPossible(DomainError):
    """The shipment does not stand where this could be done."""

    code = "not_possible"


class AlreadyThere(NotPossible):
    """Somebody else was faster; nothing was changed."""

    code = "already_there"


class TooLate(NotPossible):
    code = "too_late"


def may_follow(shipment: Shipment, state: str, *, at: datetime) -> bool:
    """Say whether news of this state, of that time, lead on from where the shipment stands.

    Nothing goes backwards, except into an incident or back to us, and on after an incident.
    """
    before = shipment.state
    if state == before or before in (State.RETURNED, State.CANCELLED):
        return False
    if state == State.CANCELLED:
        return before not in ENDED
    if state in _SETBACKS and RANK[state] < RANK[before]:
        # A parcel that was given back to us has no incident any more.
        return before != State.RETURNING and at > shipment.state_at
    if before == State.INCIDENT and state in _AFTER_INCIDENT:
        return at > shipment.state_at
    return RANK[state] >= RANK[before]


@transaction.atomic
def move_to(
    shipment: Shipment, state: str, *, at: datetime, now: datetime, actor: User | None = None
) -> bool:
    """Bring a shipment into another state, if that leads on; say whether it did.

    `at` is the time of the news by whoever tells them. The row is locked and read again, and the
    object in hand follows it, except for what the caller changed there and did not save.
    """
    row = locked(shipment.pk)
    moved = may_follow(row, state, at=at)
    if moved:
        before = row.state
        _write_state(row, State(state), at=at)
        if actor is not None:
            audit.record(
                row.organization,
                actor,
                AuditEntry.Action.CHANGED,
                row,
                before={"state": str(State(before).label)},
                after={"state": str(State(state).label)},
            )
        tell(row)
    for name in _WRITTEN:
        setattr(shipment, name, getattr(row, name))
    return moved


_WRITTEN = ("state", "state_at", "handed_over_at", "due_at", "track_at", *_DATES.values())


def _write_state(row: Shipment, state: State, *, at: datetime) -> None:
    row.state, row.state_at = state, at
    if state in _DATES:
        setattr(row, _DATES[state], at)
    if row.handed_over_at is None and state in (*MOVING, State.DELIVERED, State.RETURNED):
        row.handed_over_at = at
    if state in WAITING and not row.is_ours and row.track_at is None:
        row.track_at = at
    if state in ENDED:
        row.track_at = None
    if state in (*MOVING, *ENDED):
        # Nothing is left to create, to print or to take back.
        row.due_at, row.cancel_wanted_at = None, None
    row.save(update_fields=[*_WRITTEN, "cancel_wanted_at"])


def tell(shipment: Shipment) -> None:
    """Report the news after the commit."""
    news = {"shipment_id": shipment.pk, "organization_id": shipment.organization_id}
    transaction.on_commit(lambda: shipment_changed.send(sender=Shipment, **news))


def locked(shipment_id) -> Shipment:
    """Give a shipment as it stands now; nobody else changes it until the transaction ends."""
    rows = Shipment.objects.select_for_update(no_key=True, of=("self",))
    return rows.select_related("organization", "account", "origin").get(pk=shipment_id)
