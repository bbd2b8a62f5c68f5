"""Looks after shipments on their way: each at its time, and never more often than a carrier bears.

A claim is a lease: a worker that is killed leaves shipments that come due again. Calls are spaced
by a mark on the account's row, so that any number of workers together keep within its limit.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce, Greatest

from config.lib.errors import ProviderRefused, ProviderUnavailable

from . import carriers, tracking
from .carriers.base import Carrier
from .models import CarrierAccount, Shipment
from .models.shipments import ENDED, State

_LEASE = timedelta(minutes=5)
_MINUTE = timedelta(minutes=1)
# How long after it left a shipment is looked after how often; slower with age.
_PACES = (
    (timedelta(days=2), timedelta(minutes=15)),
    (timedelta(days=5), timedelta(minutes=45)),
    (timedelta(days=12), timedelta(hours=2)),
    (timedelta(days=30), timedelta(hours=6)),
)
_SLOWEST = timedelta(days=1)
# What nobody picked up yet has no news to tell; what is held up is waited for.
_BEFORE_PICKUP = timedelta(hours=1)
_HELD_UP = timedelta(minutes=30)
# Without an answer: ever less often.
_AGAIN = [timedelta(minutes=minutes) for minutes in (5, 15, 45, 120, 360)]
_REFUSED = timedelta(hours=1)
# Of the calls a carrier bears in a minute, so many may come at once; the others are spaced.
_AT_ONCE = 4
# A little slower than would just do, so that what is due never piles up.
_ROOM = 1.2


def due(*, now: datetime) -> list[tuple[object, object]]:
    """Give (organization, account) keys of the accounts with shipments to look after."""
    found = Shipment.objects.filter(track_at__lte=now, account__is_active=True)
    return list(found.order_by().values_list("organization", "account").distinct())


def look_after(account: CarrierAccount, *, now: datetime) -> int:
    """Ask about all shipments of an account that are due, as far as its calls reach now.

    Gives how many were asked about. What is left stays due.
    """
    carrier = carriers.get(account.provider)
    pace = widened(carrier, open_count=_open(account).count())
    asked = 0
    while True:
        shipments = _claim(account, most=carrier.tracked_at_once, now=now)
        if not shipments:
            return asked
        if not take_call(account, carrier, now=now):
            _give_back(shipments, now=now)
            return asked
        asked += len(shipments)
        if not _ask(carrier, account, shipments, pace=pace, now=now):
            return asked


def look_at(shipment: Shipment, *, now: datetime) -> None:
    """Ask about one shipment at once, because somebody said that there is news of it.

    ProviderUnavailable and ProviderRefused reach the caller; its own time to be asked stays.
    """
    account = shipment.account
    tracked = carriers.get(account.provider).track(account, [shipment]).get(shipment.pk)
    if tracked is not None:
        tracking.take_in(shipment, tracked, now=now)


def interval(shipment: Shipment, *, now: datetime) -> timedelta:
    """Give how long to wait before the next look."""
    if shipment.state in (State.CREATED, State.LABEL_READY):
        return _BEFORE_PICKUP
    if shipment.state == State.INCIDENT:
        return _HELD_UP
    age = now - (shipment.handed_over_at or shipment.created_at)
    return next((pace for most, pace in _PACES if age < most), _SLOWEST)


def widened(carrier: Carrier, *, open_count: int) -> timedelta:
    """Give the shortest time in which a carrier can be asked about so many shipments."""
    calls = -(-open_count // carrier.tracked_at_once)
    return calls * _spacing(carrier) * _ROOM


def take_call(account: CarrierAccount, carrier: Carrier, *, now: datetime) -> bool:
    """Take the right to one call; at most `calls_a_minute` are given in any minute."""
    spacing = _spacing(carrier)
    room = (_burst(carrier) - 1) * spacing
    free = Q(calls_until=None) | Q(calls_until__lte=now + room)
    since = Greatest(Coalesce(F("calls_until"), Value(now)), Value(now))
    accounts = CarrierAccount.objects.filter(free, pk=account.pk)
    return bool(accounts.update(calls_until=since + spacing))


def _burst(carrier: Carrier) -> int:
    return max(1, carrier.calls_a_minute // _AT_ONCE)


def _spacing(carrier: Carrier) -> timedelta:
    # A burst and the calls spaced after it lie within one minute together.
    return _MINUTE / max(1, carrier.calls_a_minute - _burst(carrier) + 1)


def _open(account: CarrierAccount):
    return Shipment.objects.filter(account=account, track_at__isnull=False)


@transaction.atomic
def _claim(account: CarrierAccount, *, most: int, now: datetime) -> list[Shipment]:
    """Take shipments that are due, so that nobody else asks about them meanwhile."""
    found = list(
        Shipment.objects.filter(account=account, track_at__lte=now)
        .select_for_update(no_key=True, skip_locked=True, of=("self",))
        .order_by("track_at")[:most]
    )
    Shipment.objects.filter(pk__in=[one.pk for one in found]).update(
        track_at=now + _LEASE, track_tries=F("track_tries") + 1
    )
    for shipment in found:
        shipment.account = account
        shipment.track_tries += 1
    return found


def _give_back(shipments: Sequence[Shipment], *, now: datetime) -> None:
    Shipment.objects.filter(pk__in=[one.pk for one in shipments]).update(
        track_at=now, track_tries=F("track_tries") - 1
    )


def _ask(carrier, account, shipments, *, pace: timedelta, now: datetime) -> bool:
    """Ask about these and plan their next look; say whether the carrier can be asked for more."""
    keys = [one.pk for one in shipments]
    try:
        found = carrier.track(account, shipments)
    except ProviderUnavailable:
        for shipment in shipments:
            later = _AGAIN[min(shipment.track_tries, len(_AGAIN)) - 1]
            Shipment.objects.filter(pk=shipment.pk).update(track_at=now + max(later, pace))
        # The others are not asked about now: they would only wait as well.
        _open(account).filter(track_at__lte=now).update(track_at=now + _AGAIN[0])
        return False
    except ProviderRefused as error:
        Shipment.objects.filter(pk__in=keys).update(track_at=now + max(_REFUSED, pace))
        CarrierAccount.objects.filter(pk=account.pk).update(
            problem=str(error)[:200], problem_at=now
        )
        return False
    with_news = tracking.those_with_news(shipments, found)
    planned = defaultdict(list)
    for shipment in shipments:
        if shipment.pk in with_news:
            shipment = tracking.take_in(shipment, found[shipment.pk], now=now)
        is_over = shipment.state in ENDED
        next_at = None if is_over else now + max(interval(shipment, now=now), pace)
        planned[next_at].append(shipment.pk)
    for next_at, keys in planned.items():
        Shipment.objects.filter(pk__in=keys).update(track_at=next_at, track_tries=0, tracked_at=now)
    return True
