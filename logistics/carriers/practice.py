"""The practice carrier: a page of ours where a person plays the courier, in test mode only."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import ceil

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.lib.accounts import Setting
from config.lib.errors import ProviderRefused

from .. import practice
from ..models import CarrierAccount, Incident, Pickup, PracticeParcel, Shipment
from ..models.shipments import State
from .base import (
    Carrier,
    Created,
    IncidentReport,
    LabelReport,
    News,
    Option,
    PickupReport,
    PossibleReply,
    Reply,
    Tracked,
    Wish,
)
from .states import state_of

_DAYS = timedelta(days=3)
# What is asked for beside the weight, in minor units: fast ones cost half as much again.
_CASH_PERCENT, _LEAST_CASH_FEE = 3, 350_000


class Practice(Carrier):
    """Speaks with logistics/practice.py as the others speak with machines far away."""

    code = "practice"
    takes_cash = True
    has_pickups = True
    has_incidents = True
    tracked_at_once = 200
    calls_a_minute = 600
    settings = (
        Setting("first_kilo", gettext_lazy("First kilo"), kind="money", default=950_000),
        Setting("each_kilo", gettext_lazy("Each further kilo"), kind="money", default=250_000),
        Setting(
            "minutes",
            gettext_lazy("Minutes from step to step"),
            help=gettext_lazy("0: a parcel goes on only when somebody presses a button."),
            kind="number",
            default=0,
        ),
        Setting(
            "uncovered",
            gettext_lazy("Does not deliver to"),
            help=gettext_lazy("To practise what happens then."),
            kind="municipalities",
            default=(),
        ),
    )

    def problems(self, account: CarrierAccount) -> list[str]:
        if account.is_live or account.organization.is_live:
            return [_("The practice carrier works in test mode only.")]
        return []

    def check(self, account: CarrierAccount) -> None:
        for problem in self.problems(account):
            raise ProviderRefused(problem, code="live")

    # --- Prices -------------------------------------------------------------------------------

    def quote(self, account: CarrierAccount, wish: Wish, *, seconds: float) -> list[Option]:
        self.check(account)
        if wish.destination.municipality_code in self.value(account, "uncovered"):
            return []
        cost = self._cost(account, sum(box.weight_grams for box in wish.boxes))
        fee = max(_LEAST_CASH_FEE, wish.value * _CASH_PERCENT // 100 // 5000 * 5000)
        common = {"carrier": account.name, "allows_cash": True, "cash_fee": fee}
        return [
            Option("normal", account.name, cost=cost, days_min=2, days_max=4, **common),
            Option(
                "rapido",
                _("%(carrier)s, fast") % {"carrier": account.name},
                cost=cost * 3 // 2 // 5000 * 5000,
                days_min=1,
                days_max=2,
                **common,
            ),
        ]

    def _cost(self, account: CarrierAccount, grams: int) -> int:
        further = max(0, ceil(grams / 1000) - 1)
        return self.value(account, "first_kilo") + further * self.value(account, "each_kilo")

    # --- Creating -----------------------------------------------------------------------------

    def find(self, shipment: Shipment) -> Created | None:
        parcel = practice.find(shipment.account, shipment.code)
        return parcel and self._created(shipment, parcel)

    def create(self, shipment: Shipment) -> Created:
        self.check(shipment.account)
        town = shipment.recipient.get("municipality_code", "")
        if town in self.value(shipment.account, "uncovered"):
            raise ProviderRefused(
                _("%(carrier)s does not deliver to %(town)s.")
                % {"carrier": shipment.account, "town": shipment.recipient.get("municipality")},
                code="no_coverage",
            )
        return self._created(shipment, practice.accept(shipment, now=timezone.now()))

    def _created(self, shipment: Shipment, parcel: PracticeParcel) -> Created:
        grams = sum(box.weight_grams for box in shipment.parcels.all())
        return Created(
            carrier_id=str(parcel.pk),
            tracking_number=parcel.number,
            cost=self._cost(shipment.account, grams),
        )

    def label(self, shipment: Shipment) -> LabelReport:
        return LabelReport(has_none=True)

    def cancel(self, shipment: Shipment) -> None:
        practice.cancel(shipment.carrier_id, now=timezone.now())

    def pick_up(self, pickup: Pickup, shipments: Sequence[Shipment]) -> PickupReport:
        keys = [shipment.carrier_id for shipment in shipments]
        practice.fetch(keys, now=timezone.now(), minutes=self.minutes(pickup.account))
        return PickupReport(carrier_reference=f"PR-{pickup.on:%m%d}-{pickup.round}")

    def minutes(self, account: CarrierAccount) -> int:
        """Give after how many minutes a parcel goes on by itself; 0: never."""
        return int(self.value(account, "minutes") or 0)

    # --- Following ----------------------------------------------------------------------------

    def track(
        self, account: CarrierAccount, shipments: Sequence[Shipment]
    ) -> dict[object, Tracked]:
        now, minutes = timezone.now(), self.minutes(account)
        wanted = {shipment.carrier_id: shipment for shipment in shipments}
        parcels = PracticeParcel.objects.filter(account=account, pk__in=list(wanted))
        found = {}
        for parcel in parcels:
            if parcel.due_at is not None and parcel.due_at <= now:
                parcel = practice.walk(str(parcel.pk), now=now, minutes=minutes)
            found[wanted[str(parcel.pk)].pk] = tracked(parcel)
        return found

    # --- Incidents ----------------------------------------------------------------------------

    def incidents(self, account: CarrierAccount, *, since: datetime) -> list[IncidentReport]:
        parcels = PracticeParcel.objects.filter(account=account, incident__isnull=False)
        reports = [incident_of(parcel) for parcel in parcels.order_by("-id")[:500]]
        return [report for report in reports if report.is_open or report.happened_at >= since]

    def reply(self, incident: Incident, reply: Reply) -> None:
        shipment = incident.shipment
        practice.answer(
            shipment.carrier_id,
            incident.carrier_id,
            reply.type,
            now=timezone.now(),
            minutes=self.minutes(shipment.account),
        )


def tracked(parcel: PracticeParcel) -> Tracked:
    """Give everything that was told of a parcel."""
    return Tracked(
        news=tuple(
            News(
                raw_state=told["state"],
                state=state_of(Practice.code, told["state"]),
                at=datetime.fromisoformat(told["at"]),
                description=told["description"],
                place=told["place"],
            )
            for told in parcel.news
        ),
        tracking_number=parcel.number,
        promised_on=(parcel.created_at + _DAYS).date(),
    )


def incident_of(parcel: PracticeParcel) -> IncidentReport:
    incident = parcel.incident
    return IncidentReport(
        carrier_id=incident["id"],
        shipment_carrier_id=str(parcel.pk),
        tracking_number=parcel.number,
        description=_("Nobody was at home"),
        happened_at=datetime.fromisoformat(incident["at"]),
        code="NADIE",
        raw_state=State.INCIDENT,
        is_open=incident["is_open"],
        possible_replies=(
            PossibleReply("again", _("Try again"), ("notes", "delivery_date")),
            PossibleReply("address", _("Bring it to another address"), ("address", "notes")),
            PossibleReply("return", _("Send it back"), ()),
        ),
    )
