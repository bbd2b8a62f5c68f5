"""What keeps parcels from arriving ("novedades"), and what the shop says to it in time.

Carriers that list incidents tell their own; of the others the word "incident" in the tracking opens
one that a person answers by phone. An answer is saved first and sent by a worker.
"""

from dataclasses import asdict
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from config.lib.errors import DomainError, ProviderRefused, ProviderUnavailable
from shop import audit
from shop.models import AuditEntry, User

from . import carriers, journey
from .carriers.base import IncidentReport, PossibleReply, Reply
from .models import CarrierAccount, Incident, Shipment
from .models.shipments import State
from .signals import incident_opened
from .text import one_line

# Carriers send a parcel back when nobody answers for about two days.
_TO_ANSWER = timedelta(hours=48)
_ASK_EVERY = timedelta(minutes=15)
# What was told before the last look may have changed since.
_LOOK_BACK = timedelta(days=20)
_LEASE = timedelta(minutes=2)
_AGAIN = [timedelta(minutes=minutes) for minutes in (1, 3, 10, 30, 120)]
_OPEN = (Incident.State.OPEN, Incident.State.SENDING, Incident.State.FAILED)


class NotAnswerable(DomainError):
    code = "not_answerable"


class AlreadyAnswered(NotAnswerable):
    """Somebody else was faster; nothing was changed."""

    code = "already_answered"


class ReplyIncomplete(DomainError):
    """Something that this answer needs is not there; `field` names it."""

    code = "reply_incomplete"

    def __init__(self, message: str, *, field: str):
        super().__init__(message)
        self.field = field


# --- Hearing of them ------------------------------------------------------------------------------


def due(*, now: datetime) -> list[tuple[object, object]]:
    """Give (organization, account) keys of the carriers that are asked for incidents now."""
    listing = [code for code, carrier in carriers.CARRIERS.items() if carrier.has_incidents]
    accounts = CarrierAccount.objects.filter(is_active=True, provider__in=listing)
    is_due = Q(incidents_at=None) | Q(incidents_at__lte=now)
    return list(accounts.filter(is_due).values_list("organization", "pk"))


def ask(account: CarrierAccount, *, now: datetime) -> int:
    """Ask a carrier for its incidents, unless somebody else just did; give how many it told."""
    is_due = Q(incidents_at=None) | Q(incidents_at__lte=now)
    later = now + _ASK_EVERY
    if not CarrierAccount.objects.filter(is_due, pk=account.pk).update(incidents_at=later):
        return 0
    told = carriers.get(account.provider).incidents(account, since=now - _LOOK_BACK)
    for report in told:
        take_in(account, report, now=now)
    return len(told)


@transaction.atomic
def take_in(account: CarrierAccount, report: IncidentReport, *, now: datetime) -> Incident | None:
    """Keep what a carrier tells of an incident, once; None when the shipment is none of ours."""
    shipment = _shipment_of(account, report)
    if shipment is None:
        return None
    shipment = journey.locked(shipment.pk)
    incident = shipment.incidents.filter(carrier_id=report.carrier_id).first()
    is_new = incident is None
    if is_new:
        incident = Incident(
            shipment=shipment,
            carrier_id=report.carrier_id[:120],
            happened_at=report.happened_at,
            answer_by=report.happened_at + _TO_ANSWER,
        )
    incident.code = report.code[:40]
    incident.description = one_line(report.description, 300) or _("The carrier does not say why.")
    incident.raw_state = report.raw_state[:40]
    incident.possible_replies = [asdict(one) for one in report.possible_replies]
    if not report.is_open and incident.state in _OPEN:
        incident.state, incident.closed_at, incident.due_at = Incident.State.CLOSED, now, None
    incident.save()
    if incident.state == Incident.State.OPEN:
        # One that the tracking had told of before is the same.
        shipment.incidents.filter(state=Incident.State.OPEN, carrier_id__startswith=_OURS).update(
            state=Incident.State.CLOSED, closed_at=now
        )
        journey.move_to(shipment, State.INCIDENT, at=report.happened_at, now=now)
        if is_new:
            _tell(incident, shipment)
    return incident


def follow(shipment: Shipment, *, now: datetime) -> None:
    """Open or close incidents as the way of a shipment says; callers hold its lock."""
    still_open = shipment.incidents.filter(state__in=_OPEN)
    if shipment.state != State.INCIDENT:
        still_open.update(state=Incident.State.CLOSED, closed_at=now, due_at=None)
        return
    key = f"{_OURS}{shipment.state_at.isoformat()}"
    # Whoever lists its incidents tells this one with the answers it takes.
    lists_them = not shipment.is_ours and carriers.get(shipment.account.provider).has_incidents
    if lists_them or still_open.exists() or shipment.incidents.filter(carrier_id=key).exists():
        return
    event = shipment.events.filter(state=State.INCIDENT).order_by("-at", "-id").first()
    words = (event.description or event.raw_state) if event else ""
    incident = Incident.objects.create(
        shipment=shipment,
        carrier_id=key,
        description=words or _("The carrier does not say why."),
        happened_at=shipment.state_at,
        answer_by=shipment.state_at + _TO_ANSWER,
    )
    _tell(incident, shipment)


# What the tracking told of has no id at the carrier; ours begins so.
_OURS = "tracking "


def _shipment_of(account: CarrierAccount, report: IncidentReport) -> Shipment | None:
    rows = Shipment.objects.filter(account=account)
    found = None
    if report.shipment_carrier_id:
        found = rows.filter(carrier_id=report.shipment_carrier_id).first()
    if found is None and report.tracking_number:
        found = rows.filter(tracking_number=report.tracking_number).first()
    return found


def _tell(incident: Incident, shipment: Shipment) -> None:
    news = {
        "incident_id": incident.pk,
        "shipment_id": shipment.pk,
        "organization_id": shipment.organization_id,
    }
    transaction.on_commit(lambda: incident_opened.send(sender=Incident, **news))


# --- Answering them -------------------------------------------------------------------------------


def replies_to(incident: Incident) -> list[PossibleReply]:
    """Give the answers that its carrier takes; none where a person has to call it."""
    return [
        PossibleReply(type=one["type"], label=one["label"], fields=tuple(one["fields"]))
        for one in incident.possible_replies
    ]


@transaction.atomic
def answer(incident: Incident, reply: Reply, *, now: datetime, actor: User) -> Incident:
    """Save the answer of the shop; the carrier hears of it after the commit."""
    incident = _locked(incident.pk)
    if incident.state not in (Incident.State.OPEN, Incident.State.FAILED):
        raise AlreadyAnswered(
            _("This incident is already “%(state)s”: somebody else was faster.")
            % {"state": incident.get_state_display()}
        )
    offered = {one.type: one for one in replies_to(incident)}
    if offered and reply.type not in offered:
        raise NotAnswerable(_("The carrier does not take this answer."))
    _require_fields(reply, offered[reply.type].fields if offered else ("notes",), now=now)
    before = {"state": incident.get_state_display()}
    incident.reply = {
        **asdict(reply),
        "delivery_date": reply.delivery_date.isoformat() if reply.delivery_date else "",
    }
    incident.answered_by, incident.answered_at, incident.error = actor, now, ""
    if offered:
        incident.state, incident.due_at, incident.tries = Incident.State.SENDING, now, 0
    else:
        incident.state = Incident.State.ANSWERED
    incident.save()
    audit.record(
        incident.shipment.organization,
        actor,
        AuditEntry.Action.CHANGED,
        incident,
        before=before,
        after={"state": incident.get_state_display(), "reply": incident.reply},
    )
    return incident


def _require_fields(reply: Reply, fields: tuple[str, ...], *, now: datetime) -> None:
    for name in fields:
        if not getattr(reply, name):
            raise ReplyIncomplete(_("This answer needs it. Write it."), field=name)
    if reply.delivery_date and reply.delivery_date < now.date():
        raise ReplyIncomplete(_("Choose a day that is still to come."), field="delivery_date")


def send(incident_id, *, now: datetime) -> None:
    """Tell the carrier the answer of the shop; safe to repeat."""
    incident = _claim(incident_id, now=now)
    if incident is None:
        return
    kept = incident.reply
    reply = Reply(
        type=kept["type"],
        notes=kept["notes"],
        delivery_date=date.fromisoformat(kept["delivery_date"]) if kept["delivery_date"] else None,
        address=kept["address"],
        collection_point_id=kept["collection_point_id"],
    )
    carrier = carriers.get(incident.shipment.account.provider)
    try:
        carrier.reply(incident, reply)
    except ProviderUnavailable:
        later = _AGAIN[min(incident.tries, len(_AGAIN)) - 1]
        _after_sending(incident, due_at=now + later)
    except ProviderRefused as error:
        _after_sending(incident, state=Incident.State.FAILED, error=str(error)[:300], due_at=None)
    else:
        _after_sending(incident, state=Incident.State.ANSWERED, due_at=None)


def _claim(incident_id, *, now: datetime) -> Incident | None:
    """Take an answer to send it; nobody else sends it meanwhile."""
    mine = Incident.objects.filter(
        pk=incident_id, state=Incident.State.SENDING, due_at__lte=now
    ).update(due_at=now + _LEASE, tries=F("tries") + 1)
    return _rows().get(pk=incident_id) if mine else None


def _after_sending(incident: Incident, **fields) -> None:
    Incident.objects.filter(pk=incident.pk, state=Incident.State.SENDING).update(**fields)


def _rows():
    return Incident.objects.select_related("shipment__account", "shipment__organization")


def _locked(incident_id) -> Incident:
    return _rows().select_for_update(no_key=True, of=("self",)).get(pk=incident_id)
