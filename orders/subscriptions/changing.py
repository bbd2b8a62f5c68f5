"""What an owner (or staff for them) may want of a subscription: other things, days, places, an end.

What is under way (an order that waits for its payment) is not changed by it: the next one is.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from config.lib.errors import DomainError
from shop.models import Municipality, User

from .. import cancellation, timeline
from ..models import (
    Order,
    PaymentAttempt,
    SavedMethod,
    Subscription,
    SubscriptionEvent,
    SubscriptionLine,
    SubscriptionPeriod,
)
from . import history, keeping, pace, renewing, terms

_Status = Subscription.Status
_Period = SubscriptionPeriod.Status
_Kind = SubscriptionEvent.Kind
# So far ahead a next delivery may be put off.
LATEST = timedelta(days=180)


class CannotChange(DomainError):
    code = "cannot_change"


@transaction.atomic
def pause(
    subscription: Subscription, *, now: datetime, actor: User | None = None, by: str = ""
) -> None:
    """Order nothing more until its owner wants it again."""
    held = _held(subscription)
    if held.status == _Status.PAUSED:
        return
    if not held.is_alive:
        raise _over()
    _become(held, _Status.PAUSED)
    history.record(held, _Kind.PAUSED, now=now, actor=actor, by=by)


@transaction.atomic
def resume(
    subscription: Subscription, *, now: datetime, actor: User | None = None, by: str = ""
) -> None:
    """Go on: the next order comes on its day, or as soon as it can be announced."""
    held = _held(subscription)
    if held.is_alive:
        return
    if held.status == _Status.CANCELLED:
        raise _over()
    today = pace.today(held.organization, now=now)
    held.next_on = max(held.next_on, today + pace.NOTICE)
    held.status = _Status.ACTIVE
    renewing.plan_next(held)
    held.save(update_fields=["status", "next_on", "act_at"])
    _plan_anew(held)
    history.record(held, _Kind.RESUMED, now=now, actor=actor, by=by)


def cancel(
    subscription: Subscription, *, now: datetime, actor: User | None = None, by: str = ""
) -> None:
    """End it for good; an order that nobody has paid ends with it."""
    with transaction.atomic():
        held = _held(subscription)
        if held.status == _Status.CANCELLED:
            return
        held.ended_at = now
        _become(held, _Status.CANCELLED)
        history.record(held, _Kind.CANCELLED, now=now, actor=actor, by=by)
    _drop_order(subscription, now=now, actor=actor)


def skip(
    subscription: Subscription, *, now: datetime, actor: User | None = None, by: str = ""
) -> None:
    """Leave out the next delivery; one that waits for its payment is dropped."""
    subscription = terms.rows().get(pk=subscription.pk)
    if not subscription.is_alive:
        raise _over()
    period = renewing.current(subscription)
    if period.status == _Period.PLANNED:
        reason = SubscriptionPeriod.Reason.WISH
        renewing.close(period, _Period.SKIPPED, reason=reason, now=now, actor=actor, by=by)
        return
    _drop_order(subscription, now=now, actor=actor)
    renewing.advance(subscription.pk, now=now)


def move(subscription: Subscription, day: date, *, now: datetime, by: str = "") -> None:
    """Let the next delivery be ordered on another day; its amount is announced at once."""
    today = pace.today(subscription.organization, now=now)
    if not today < day <= today + LATEST:
        raise CannotChange(_("Choose a day from tomorrow on, within the next six months."))
    with transaction.atomic():
        _require_planned(subscription)
        held = _held(subscription)
        if held.status == _Status.CANCELLED:
            raise _over()
        held.next_on = day
        renewing.plan_next(held)
        held.save(update_fields=["next_on", "act_at"])
        _plan_anew(held)
        _note(held, {"on": day.isoformat()}, now=now, by=by)
    if held.is_alive and held.act_at <= now:
        subscription = terms.rows().get(pk=subscription.pk)
        period = renewing.current(subscription)
        terms.prepare(subscription, now=now)
        renewing.announce(subscription, period, now=now, is_wish=True)


@transaction.atomic
def set_quantities(
    subscription: Subscription, wanted: Mapping[UUID, int], *, now: datetime, by: str = ""
) -> None:
    """Set how many of each line come; none of one takes it out, but not of the last."""
    held = _held(subscription)
    lines = {line.pk: line for line in held.lines.all()}
    kept = {key: wanted.get(key, line.quantity) for key, line in lines.items()}
    if held.status == _Status.CANCELLED:
        raise _over()
    if not any(kept.values()):
        raise CannotChange(_("Keep at least one product, or cancel the subscription."))
    changed = False
    for key, quantity in kept.items():
        if quantity == lines[key].quantity:
            continue
        changed = True
        if quantity:
            SubscriptionLine.objects.filter(pk=key).update(quantity=quantity)
        else:
            SubscriptionLine.objects.filter(pk=key).delete()
    if changed:
        _announce_again(held, now=now)
        _note(held, {"quantities": True}, now=now, by=by)


@transaction.atomic
def set_address(
    subscription: Subscription,
    municipality: Municipality,
    address: dict,
    *,
    now: datetime,
    by: str = "",
) -> None:
    """Send the next deliveries elsewhere."""
    held = _held(subscription)
    if held.status == _Status.CANCELLED:
        raise _over()
    held.municipality, held.address = municipality, address
    held.save(update_fields=["municipality", "address"])
    _announce_again(held, now=now)
    _note(held, {"place": municipality.name}, now=now, by=by)


def set_card(
    subscription: Subscription, method: SavedMethod, *, now: datetime, by: str = ""
) -> None:
    """Charge another of the owner's cards from now on."""
    if not method.is_active or method.customer_id != subscription.customer_id:
        raise CannotChange(_("This card is not there any more."))
    keeping.use(subscription, method, now=now, by=by)


# --- Rows -----------------------------------------------------------------------------------------


def _held(subscription: Subscription) -> Subscription:
    """Lock a subscription, and before it what is not over of it: in the order of renewing.py."""
    list(
        SubscriptionPeriod.objects.select_for_update(no_key=True, of=("self",)).filter(
            subscription=subscription, status__in=(_Period.PLANNED, *SubscriptionPeriod.OPEN)
        )
    )
    return (
        Subscription.objects.select_for_update(no_key=True, of=("self",))
        .select_related("organization")
        .get(pk=subscription.pk)
    )


def _over() -> CannotChange:
    return CannotChange(_("This subscription has ended. You can begin a new one in the shop."))


def _become(held: Subscription, status: str) -> None:
    held.status, held.act_at = status, None
    held.save(update_fields=["status", "act_at", "ended_at"])


def _periods(held: Subscription):
    """Give the planned next period; where it exists it was announced or is about to be."""
    return SubscriptionPeriod.objects.filter(
        subscription=held, number=held.number + 1, status=_Period.PLANNED
    )


def _require_planned(subscription: Subscription) -> None:
    if subscription.periods.filter(status__in=SubscriptionPeriod.OPEN).exists():
        raise CannotChange(_("An order of it waits for its payment. Pay or skip that one first."))


def _plan_anew(held: Subscription) -> None:
    """Let the next period follow the day that the subscription has now, not announced yet."""
    _periods(held).update(
        due_on=held.next_on,
        renew_at=pace.moment(held.organization, held.next_on),
        told_at=None,
        told_total=0,
    )


def _announce_again(held: Subscription, *, now: datetime) -> None:
    """What was announced holds no more: the clock tells the new amount, at once when it is time."""
    if held.is_alive and _periods(held).update(told_at=None, told_total=0):
        Subscription.objects.filter(pk=held.pk).update(act_at=now)


def _note(held: Subscription, data: dict, *, now: datetime, by: str) -> None:
    history.record(held, _Kind.CHANGED, now=now, by=by or timeline.BUYER, data=data, mail=False)


def _drop_order(subscription: Subscription, *, now: datetime, actor: User | None) -> None:
    """Cancel the order that waits for its payment, unless a bank was asked for it already."""
    period = (
        subscription.periods.filter(status__in=SubscriptionPeriod.OPEN)
        .select_related("order")
        .first()
    )
    if period is None or period.order.status != Order.Status.PENDING:
        return
    with transaction.atomic():
        order = Order.objects.select_for_update(no_key=True, of=("self",)).get(pk=period.order_id)
        asked = order.attempts.filter(status=PaymentAttempt.Status.PENDING).exists()
        if order.status == Order.Status.PENDING and not asked:
            reason = Order.Cancelled.BY_SHOP if actor else Order.Cancelled.BY_BUYER
            by = "" if actor else timeline.BUYER
            cancellation.cancel(order, reason, now=now, actor=actor, by=by)
