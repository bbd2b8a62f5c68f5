"""How the demo sends with the practice carrier: each step at the time of its tale."""

from logistics import booking, incidents, pickup_asking, pickups, practice, tracking
from logistics.carriers.practice import incident_of, tracked
from logistics.models import CarrierAccount, PracticeParcel, Shipment
from logistics.models.shipments import State
from shop.roles import Role

from .. import following, parcels
from .telling import Tale

NEXT, INCIDENT = practice.Choice.NEXT, practice.Choice.INCIDENT


def is_possible(tale: Tale) -> bool:
    """Say whether an order of this shop can travel with the practice carrier."""
    return bool(tale.quote.carrier) and _account() is not None


def label(tale: Tale) -> None:
    """Decide to send the order, and have its label."""
    actor = tale.shop.person(Role.WAREHOUSE)
    shipment = parcels.plan(
        tale.order, account=_account(), service="normal", now=tale.now, actor=actor
    )
    # The carrier has it since then, and is found there: it would date a new one today.
    practice.accept(shipment, now=tale.now)
    Shipment.objects.filter(pk=shipment.pk).update(asked_at=tale.now)
    while _shipment(tale).state != State.LABEL_READY:
        booking.carry_on(shipment.pk, now=tale.now)
    _follow(tale)


def call(tale: Tale) -> None:
    """Have the carrier come."""
    actor = tale.shop.person(Role.WAREHOUSE)
    (visit,) = pickups.request([_shipment(tale)], on=tale.now.date(), now=tale.now, actor=actor)
    pickup_asking.carry_on(visit.pk, now=tale.now + pickups.GATHERS)
    _follow(tale)


def press(tale: Tale, choice: str) -> None:
    """Let the parcel go on as the practice carrier's buttons do."""
    shipment = _shipment(tale)
    parcel = PracticeParcel.objects.get(pk=shipment.carrier_id)
    parcel = practice.press(parcel.pk, choice, now=tale.now)
    tracking.take_in(shipment, tracked(parcel), now=tale.now)
    if parcel.incident:
        incidents.take_in(parcel.account, incident_of(parcel), now=tale.now)
    _follow(tale)


def _account() -> CarrierAccount | None:
    provider = CarrierAccount.Provider.PRACTICE
    return CarrierAccount.objects.filter(is_demo=True, provider=provider).first()


def _shipment(tale: Tale) -> Shipment:
    return parcels.live(tale.order)[0]


def _follow(tale: Tale) -> None:
    following.follow(_shipment(tale).pk, now=tale.now)
    tale.read_again()
