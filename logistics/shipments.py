"""What the shop decides about a shipment: begin, correct, hand over, take back.

The row comes first: here no carrier is called. A task tells it (booking.py), and where a shipment
stands changes in journey.py alone.
"""

from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from shop import audit
from shop.models import AuditEntry, Organization, User

from . import journey, tasks
from .addresses import Party, of_origin
from .booking import SETTLES
from .carriers.base import Box, Content
from .journey import AlreadyThere, NotPossible, TooLate, locked, move_to
from .models import CarrierAccount, Origin, Parcel, Shipment
from .models.shipments import ENDED, MOVING, WAITING, State

_NOT_TYPED = [
    *("organization", "account", "origin", "pickup", "created_by"),
    *("sender", "recipient", "contents"),
]


@dataclass(frozen=True)
class Intention:
    """What is to be sent to whom, before anybody is told of it. Amounts in minor units."""

    code: str
    reference: str
    recipient: Party
    contents: tuple[Content, ...]
    boxes: tuple[Box, ...]
    carrier_name: str
    # Without an account: own couriers, or a number that staff write down.
    account: CarrierAccount | None = None
    origin: Origin | None = None
    service: str = ""
    service_name: str = ""
    declared_value: int = 0
    cash_to_collect: int = 0
    quoted_cost: int | None = None
    currency: str = "COP"
    tracking_number: str = ""
    tracking_url: str = ""
    is_test: bool = False


@transaction.atomic
def begin(
    organization: Organization, wish: Intention, *, now: datetime, actor: User | None = None
) -> Shipment:
    """Write down what is to be sent; a carrier with an account hears of it after the commit."""
    is_ours = wish.account is None
    shipment = Shipment(
        organization=organization,
        account=wish.account,
        origin=wish.origin,
        # Own couriers ask nobody: our label can be printed at once.
        state=State.LABEL_READY if is_ours else State.PENDING,
        state_at=now,
        due_at=None if is_ours else now,
        sender=of_origin(wish.origin).kept() if wish.origin else {},
        recipient=wish.recipient.kept(),
        contents=[asdict(content) for content in wish.contents],
        notes=wish.recipient.notes[:120],
        created_by=actor,
        created_at=now,
        **{name: getattr(wish, name) for name in _COPIED},
    )
    shipment.clean_fields(exclude=_NOT_TYPED)
    shipment.save(force_insert=True)
    Parcel.objects.bulk_create(
        Parcel(shipment=shipment, position=position, **asdict(box))
        for position, box in enumerate(wish.boxes, start=1)
    )
    if actor is not None:
        audit.record(
            organization,
            actor,
            AuditEntry.Action.ADDED,
            shipment,
            after={"code": shipment.code, "carrier_name": shipment.carrier_name},
        )
    if is_ours:
        journey.tell(shipment)
    else:
        tasks.hurry(shipment)
    return shipment


_COPIED = (
    "code",
    "reference",
    "carrier_name",
    "service",
    "service_name",
    "declared_value",
    "cash_to_collect",
    "quoted_cost",
    "currency",
    "tracking_number",
    "tracking_url",
    "is_test",
)


# --- What people of the shop do -------------------------------------------------------------------


@transaction.atomic
def hand_over(shipment: Shipment, *, now: datetime, actor: User | None = None) -> Shipment:
    """Note that the carrier took it, once."""
    row = locked(shipment.pk)
    if row.state == State.CANCELLED:
        raise NotPossible(_("Shipment %(code)s is cancelled.") % {"code": row.code})
    if row.state in (*MOVING, *ENDED):
        raise AlreadyThere(_("Shipment %(code)s has already left.") % {"code": row.code})
    if row.state not in WAITING or row.cancel_wanted_at:
        raise NotPossible(_("Shipment %(code)s is not ready to leave.") % {"code": row.code})
    move_to(row, State.PICKED_UP, at=now, now=now, actor=actor)
    return row


@transaction.atomic
def write_number(
    shipment: Shipment, *, carrier_name: str, tracking_number: str = "", tracking_url: str = ""
) -> Shipment:
    """Note with whom a shipment without an account goes, and the number that somebody gave it."""
    row = locked(shipment.pk)
    if not row.is_ours:
        raise NotPossible(_("The carrier itself gives this shipment its number."))
    row.carrier_name, row.tracking_number = carrier_name, tracking_number
    row.tracking_url = tracking_url
    row.clean_fields(exclude=_NOT_TYPED)
    row.save(update_fields=["carrier_name", "tracking_number", "tracking_url"])
    return row


@transaction.atomic
def report(shipment: Shipment, state: str, *, now: datetime, actor: User | None = None) -> Shipment:
    """Note by hand how a shipment of own couriers goes on: nobody else tells us."""
    row = locked(shipment.pk)
    if not row.is_ours:
        raise NotPossible(_("The carrier itself tells how this shipment goes on."))
    if not move_to(row, state, at=now, now=now, actor=actor):
        raise AlreadyThere(
            _("Shipment %(code)s is already “%(state)s”.")
            % {"code": row.code, "state": row.get_state_display()}
        )
    return row


@transaction.atomic
def cancel(shipment: Shipment, *, now: datetime, actor: User | None = None) -> Shipment:
    """Take a shipment back before anybody drives it; asked again, it changes nothing.

    Where a carrier may know of it, a task asks it, and it is cancelled when that says so.
    """
    row = locked(shipment.pk)
    if row.state == State.CANCELLED or row.cancel_wanted_at:
        return row
    if not row.may_cancel:
        raise TooLate(_("Shipment %(code)s has already left.") % {"code": row.code})
    if row.is_ours or (row.asked_at is None and not row.carrier_id):
        move_to(row, State.CANCELLED, at=now, now=now, actor=actor)
        return row
    row.cancel_wanted_at, row.cancel_asked_at, row.tries, row.error = now, None, 0, ""
    if row.state != State.UNCERTAIN:
        row.due_at = _soonest(row, now=now)
        tasks.hurry(row)
    row.save(update_fields=["cancel_wanted_at", "cancel_asked_at", "tries", "error", "due_at"])
    _audit(row, actor, {"cancel_wanted_at": None}, {"cancel_wanted_at": now})
    return row


@transaction.atomic
def try_again(shipment: Shipment, *, now: datetime, actor: User | None = None) -> Shipment:
    """Let a worker take the next step soon: what was refused or failed may have been mended."""
    row = locked(shipment.pk)
    if row.is_ours or row.state not in (State.PENDING, State.REFUSED, State.CREATED):
        raise NotPossible(_("There is nothing to try again."))
    before = {"error": row.error}
    if row.state == State.REFUSED:
        move_to(row, State.PENDING, at=now, now=now, actor=actor)
    row.tries, row.error = 0, ""
    row.due_at = _soonest(row, now=now)
    row.save(update_fields=["tries", "error", "due_at"])
    _audit(row, actor, before, {"error": ""})
    tasks.hurry(row)
    return row


@transaction.atomic
def correct(
    shipment: Shipment,
    *,
    now: datetime,
    actor: User | None = None,
    recipient: Party | None = None,
    account: CarrierAccount | None = None,
    service: str | None = None,
) -> Shipment:
    """Change address, carrier or service before a carrier has it, and let it be tried again."""
    row = locked(shipment.pk)
    if row.state not in (State.PENDING, State.REFUSED) or row.is_ours:
        raise TooLate(_("Shipment %(code)s can no longer be changed.") % {"code": row.code})
    if row.asked_at:
        raise NotPossible(_("The carrier may already have this shipment. Try again, or cancel it."))
    before = audit.snapshot(row)
    if recipient is not None:
        row.recipient, row.notes = recipient.kept(), recipient.notes[:120]
    if account is not None and account.pk != row.account_id:
        row.account, row.carrier_name, row.quoted_cost = account, account.name, None
    if service is not None:
        row.service, row.service_name = service, ""
    row.clean_fields(exclude=_NOT_TYPED)
    row.save()
    _audit(row, actor, before, audit.snapshot(row))
    return try_again(row, now=now, actor=actor)


@transaction.atomic
def collect(shipment: Shipment, amount: int) -> bool:
    """Change what the courier collects at the door, where no carrier may have heard of it yet.

    Otherwise it stays, and the shipment says that it has to be cancelled and made anew.
    """
    row = locked(shipment.pk)
    is_unheard = row.is_ours and row.state not in MOVING
    is_unheard |= row.state in (State.PENDING, State.REFUSED) and row.asked_at is None
    if is_unheard:
        row.cash_to_collect = amount
        row.save(update_fields=["cash_to_collect"])
        return True
    row.error = _("What it collects was paid meanwhile. Cancel it and send it anew.")
    row.save(update_fields=["error"])
    return False


@transaction.atomic
def found_it(
    shipment: Shipment,
    *,
    now: datetime,
    carrier_id: str = "",
    tracking_number: str = "",
    actor: User | None = None,
) -> Shipment:
    """Take the word of a person who found an uncertain shipment in the carrier's panel."""
    row = _uncertain(shipment)
    carrier_id, tracking_number = carrier_id.strip(), tracking_number.strip()
    if not (carrier_id or tracking_number):
        raise NotPossible(_("Write the number that the carrier gave to the shipment."))
    before = audit.snapshot(row)
    row.carrier_id, row.tracking_number = carrier_id or tracking_number, tracking_number
    row.due_at, row.tries, row.error = now, 0, ""
    row.clean_fields(exclude=_NOT_TYPED)
    row.save(update_fields=["carrier_id", "tracking_number", "due_at", "tries", "error"])
    _audit(row, actor, before, audit.snapshot(row))
    move_to(row, State.CREATED, at=now, now=now, actor=actor)
    tasks.hurry(row)
    return row


@transaction.atomic
def not_there(shipment: Shipment, *, now: datetime, actor: User | None = None) -> Shipment:
    """Take the word of a person that the carrier does not have it: it is created then."""
    row = _uncertain(shipment)
    row.asked_at, row.due_at, row.tries, row.error = None, now, 0, ""
    row.save(update_fields=["asked_at", "due_at", "tries", "error"])
    if row.cancel_wanted_at:
        move_to(row, State.CANCELLED, at=now, now=now, actor=actor)
    else:
        move_to(row, State.PENDING, at=now, now=now, actor=actor)
        tasks.hurry(row)
    return row


@transaction.atomic
def cancelled_there(shipment: Shipment, *, now: datetime, actor: User) -> Shipment:
    """Take the word of a person who cancelled a shipment in the carrier's own panel."""
    row = locked(shipment.pk)
    if not row.may_cancel:
        raise TooLate(_("Shipment %(code)s has already left.") % {"code": row.code})
    move_to(row, State.CANCELLED, at=now, now=now, actor=actor)
    return row


def _soonest(row: Shipment, *, now: datetime) -> datetime:
    """Say when the next step may be: the answer to a call that is on its way is awaited first."""
    if row.asked_at is None or row.carrier_id:
        return now
    return max(now, row.asked_at + SETTLES)


def _uncertain(shipment: Shipment) -> Shipment:
    row = locked(shipment.pk)
    if row.state != State.UNCERTAIN:
        raise AlreadyThere(
            _("Somebody else already looked for shipment %(code)s.") % {"code": row.code}
        )
    return row


def _audit(row: Shipment, actor: User | None, before: dict, after: dict) -> None:
    if actor is not None:
        audit.record(
            row.organization, actor, AuditEntry.Action.CHANGED, row, before=before, after=after
        )
