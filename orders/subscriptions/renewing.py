"""Renewing a subscription: announced, ordered, charged; once each period, whoever is killed when.

`advance` reads where the current period stands and takes the one step that is due:

    planned   not announced        -> announced by mail, with its day and its amount
    planned   announced and due    -> ordered (its cart becomes at most one order), or skipped
    ordered   to be charged        -> charged, once: a try is taken before anybody is called
    ordered   declined             -> grace: charged again after 1, 3 and 5 days
    grace     its order expired    -> unpaid, and the subscription pauses
    any       its order is paid    -> paid, and the next period is planned

Every step is claimed by one conditional update, and rows are taken in one order everywhere: order,
period, subscription. So the sweeper, a task, a webhook and a person may all call it at once.
"""

from datetime import datetime, timedelta

from django.db import transaction

from config.lib.errors import DomainError, ProviderRefused, ProviderUnavailable
from logistics.quotes import CarriersSilent, NotDelivered, PriceGone
from shop import stock

from .. import charging, checkout, contents, expiry, paying, payments, timeline
from ..models import (
    Cart,
    CartLine,
    Order,
    PaymentAttempt,
    Subscription,
    SubscriptionEvent,
    SubscriptionPeriod,
)
from . import history, pace, terms

_Status = Subscription.Status
_Period = SubscriptionPeriod.Status
_Reason = SubscriptionPeriod.Reason
_Kind = SubscriptionEvent.Kind
_Attempt = PaymentAttempt.Status

# When to look again at a payment that a gateway has not answered.
_SOON = timedelta(minutes=2)
_LATER = timedelta(minutes=15)
# So long a renewal waits for carriers that do not say what its delivery costs.
_PATIENCE = timedelta(days=1)
# However late the clock comes, a retry never follows the one before at once.
_APART = timedelta(hours=12)


def advance(subscription_id, *, now: datetime) -> None:
    """Take the step that is due in a subscription's life; asked twice, it is taken once."""
    subscription = terms.rows().filter(pk=subscription_id).first()
    if subscription is None:
        return
    period = current(subscription)
    if period.status == _Period.PLANNED:
        if not subscription.is_alive:
            return _wait(subscription, None)
        period = _renew(subscription, period, now=now)
    if period.status in SubscriptionPeriod.OPEN:
        _collect(subscription, period, now=now)


def current(subscription: Subscription) -> SubscriptionPeriod:
    """Give the period that is next or under way; its row is the claim on it."""
    period, _is_new = SubscriptionPeriod.objects.get_or_create(
        subscription=subscription,
        number=subscription.number + 1,
        defaults={
            "due_on": subscription.next_on,
            "renew_at": pace.moment(subscription.organization, subscription.next_on),
        },
    )
    return period


def _wait(subscription: Subscription, until: datetime | None) -> None:
    Subscription.objects.filter(pk=subscription.pk).update(act_at=until)


# --- Announcing and ordering ----------------------------------------------------------------------


def _renew(subscription, period, *, now: datetime) -> SubscriptionPeriod:
    due_at = period.renew_at - pace.NOTICE if period.told_at is None else period.renew_at
    if now < due_at:
        _wait(subscription, due_at)
    elif _is_silent(subscription, now=now) and now < due_at + _PATIENCE:
        _wait(subscription, now + _LATER)
    elif period.told_at is None:
        announce(subscription, period, now=now)
    else:
        try:
            _order(subscription, period, now=now)
        except PriceGone:
            _wait(subscription, now + _SOON)
        except DomainError as error:
            close(period, _Period.SKIPPED, reason=_reason(error), now=now)
    return SubscriptionPeriod.objects.get(pk=period.pk)


def _is_silent(subscription, *, now: datetime) -> bool:
    """Ask what delivery costs; say whether those who would know do not answer now."""
    return isinstance(terms.prepare(subscription, now=now), CarriersSilent)


def announce(subscription, period, *, now: datetime, is_wish: bool = False) -> None:
    """Tell the owner the day and the amount of the next renewal, once.

    By the clock it comes never sooner than so long after; a day that the owner chose stays.
    """
    total, problem = terms.estimate(subscription, now=now)
    renew_at = period.renew_at if is_wish else max(period.renew_at, now + pace.NOTICE)
    with transaction.atomic():
        told = SubscriptionPeriod.objects.filter(
            pk=period.pk, status=_Period.PLANNED, told_at=period.told_at
        ).update(told_at=now, told_total=total, renew_at=renew_at)
        if not told:
            return
        _wait(subscription, renew_at)
        history.record(
            subscription,
            _Kind.ANNOUNCED,
            now=now,
            period=period,
            by=timeline.CLOCK,
            data={
                "on": pace.today(subscription.organization, now=renew_at).isoformat(),
                "amount": total,
                "problem": problem,
            },
        )


@transaction.atomic
def _order(subscription, period, *, now: datetime) -> None:
    """Place the period's order at today's prices and plan its charge, or announce it anew."""
    cart_id = _cart(subscription, period)
    found = contents.of(subscription.organization, cart_id, now=now)
    wish = terms.wish(subscription, found)
    if _held(cart_id):
        price, _quote = checkout.price_of(subscription.organization, found, wish)
        most = period.told_total * (100 + subscription.plan.rise_percent) // 100
        if price.total > most and found.can_be_bought:
            return announce(subscription, period, now=now)
    order = checkout.place(
        subscription.organization, cart_id, wish, now=now, customer=subscription.customer
    )
    taken = SubscriptionPeriod.objects.filter(pk=period.pk, order=None, status=_Period.PLANNED)
    if not (taken.update(order=order, status=_Period.ORDERED, try_at=now) and _goes_on(period)):
        # Skipped, paused or ended since we looked: then there is no order. (One that somebody else
        # placed for this period was not written here, and stays.)
        transaction.set_rollback(True)
        return None
    # It waits, with its stock, until the last try is over.
    order.expires_at = order.placed_at + pace.GRACE
    order.save(update_fields=["expires_at", "changed_at"])
    stock.extend(order.pk, until=order.expires_at)
    return _wait(subscription, now + _SOON)


def _cart(subscription, period):
    """Give the period's cart, filled with what the subscription holds now."""
    if period.cart_id is None:
        cart = Cart.objects.create(
            organization=subscription.organization, draft={"period": period.pk.hex}
        )
        if not SubscriptionPeriod.objects.filter(pk=period.pk, cart=None).update(cart=cart):
            cart.delete()
            period.refresh_from_db(fields=["cart"])
        else:
            period.cart = cart
    if _held(period.cart_id):
        CartLine.objects.filter(cart=period.cart_id).delete()
        CartLine.objects.bulk_create(
            [
                CartLine(
                    cart_id=period.cart_id,
                    variant=line.variant,
                    quantity=line.quantity,
                    seen_price=line.variant.price,
                )
                for line in subscription.lines.select_related("variant")
            ],
            batch_size=200,
        )
    return period.cart_id


def _held(cart_id) -> bool:
    """Lock a cart, and say whether it is no order yet; who comes second waits, and finds it one."""
    carts = Cart.objects.select_for_update(no_key=True)
    return carts.filter(pk=cart_id, ordered_at=None).first() is not None


def _reason(error: DomainError) -> str:
    """Say in a word why a period could not be ordered."""
    if isinstance(error, checkout.LinesRefused):
        return _Reason.STOCK if error.is_only_stock else _Reason.WITHDRAWN
    return _Reason.PLACE if isinstance(error, NotDelivered) else _Reason.REFUSED


# --- Charging -------------------------------------------------------------------------------------


def _collect(subscription, period, *, now: datetime) -> None:
    """Charge what is due to be charged, and follow what became of the order."""
    order = Order.objects.get(pk=period.order_id)
    is_waiting = order.status == Order.Status.PENDING and order.due_now and not order.concern
    if is_waiting and subscription.is_alive and period.try_at and period.try_at <= now:
        if period.tries > len(pace.RETRY_AFTER):
            expiry.expire(order.pk, now=now)
        elif period.tries and not _knows_all(order, now=now):
            return _wait(subscription, now + _LATER)
        else:
            _charge(subscription, period, now=now)
    else:
        attempt = _charged(order)
        if attempt is not None:
            charging.charge(attempt, now=now)
    return follow(subscription, period, now=now)


def _knows_all(order: Order, *, now: datetime) -> bool:
    """Ask about every payment that somebody may have made by hand; say whether all is known."""
    opened = order.attempts.filter(status__in=[_Attempt.STARTED, _Attempt.PENDING])
    for attempt in opened.select_related("account__organization", "order", "method"):
        if not payments.get(attempt.account.provider).can_be_asked:
            continue
        try:
            paying.ask(attempt, now=now)
        except (ProviderUnavailable, ProviderRefused):
            return False
    return not order.attempts.filter(status=_Attempt.PENDING).exists()


def _charge(subscription, period, *, now: datetime) -> None:
    try:
        attempt = _take_try(subscription, period, now=now)
    except DomainError:
        return  # Paid, ended or being paid otherwise, between our look and our lock.
    if attempt is not None:
        charging.charge(attempt, now=now)


@transaction.atomic
def _take_try(subscription, period, *, now: datetime) -> PaymentAttempt | None:
    """Take the try that is due, and open its charge; None when it is taken or there is no card."""
    order = Order.objects.select_for_update(no_key=True, of=("self",)).get(pk=period.order_id)
    taken = SubscriptionPeriod.objects.filter(
        pk=period.pk, status__in=SubscriptionPeriod.OPEN, tries=period.tries, try_at__lte=now
    ).update(tries=period.tries + 1, try_at=None)
    if taken and not _goes_on(period):
        transaction.set_rollback(True)
        return None
    method = subscription.method
    if not taken or method is None or not method.is_active:
        return None
    return paying.open_charge(order, method, now=now)


def _goes_on(period) -> bool:
    """Ask again whether the owner still wants it, behind the period's lock, which changes take."""
    alive = Subscription.objects.filter(pk=period.subscription_id, status__in=Subscription.ALIVE)
    return alive.exists()


def _charged(order: Order) -> PaymentAttempt | None:
    """Give the charge of an order that is in progress."""
    charges = order.attempts.filter(status=_Attempt.PENDING, charge_at__isnull=False)
    return charges.select_related("account__organization", "order", "method").first()


# --- What became of it ----------------------------------------------------------------------------


def follow(subscription, period, *, now: datetime) -> None:
    """Bring a period to where its order stands."""
    order = Order.objects.get(pk=period.order_id)
    if order.status == Order.Status.CANCELLED:
        if order.cancel_reason == Order.Cancelled.EXPIRED:
            close(period, _Period.UNPAID, now=now)
        else:
            close(period, _Period.SKIPPED, reason=_Reason.CANCELLED, now=now)
    elif order.status != Order.Status.PENDING:
        close(period, _Period.PAID, now=now)
    elif _charged(order) is not None:
        _wait(subscription, now + _SOON)
    else:
        _into_grace(subscription, period, order, now=now)


@transaction.atomic
def _into_grace(subscription, period, order: Order, *, now: datetime) -> None:
    """Plan the next try of a charge that failed, and tell the owner how to pay by hand; once."""
    period = SubscriptionPeriod.objects.get(pk=period.pk)
    if not subscription.is_alive:
        # Nobody charges it any more; its owner may still pay.
        return _wait(subscription, max(order.expires_at or now, now + _LATER))
    if period.try_at is not None or not period.tries:
        is_planned = period.try_at is not None and period.try_at > now
        return _wait(subscription, period.try_at if is_planned else now + _SOON)
    is_last = period.tries > len(pace.RETRY_AFTER)
    again_at = order.expires_at or now
    if not is_last:
        again_at = max(order.placed_at + pace.RETRY_AFTER[period.tries - 1], now + _APART)
    planned = SubscriptionPeriod.objects.filter(
        pk=period.pk, status__in=SubscriptionPeriod.OPEN, tries=period.tries, try_at=None
    ).update(status=_Period.GRACE, try_at=again_at)
    if not planned:
        return None
    Subscription.objects.filter(pk=subscription.pk, status=_Status.ACTIVE).update(
        status=_Status.GRACE
    )
    _wait(subscription, again_at)
    history.record(
        subscription,
        _Kind.DECLINED,
        now=now,
        period=period,
        by=timeline.GATEWAY,
        data={
            "order": order.number,
            "amount": order.due_now,
            "again_at": "" if is_last else again_at.isoformat(),
            "until": order.expires_at.isoformat() if order.expires_at else "",
            "card": subscription.method.label if subscription.method else "",
        },
    )
    return None


_AFTER = {
    _Period.PAID: _Kind.RENEWED,
    _Period.SKIPPED: _Kind.SKIPPED,
    _Period.UNPAID: _Kind.UNPAID,
}


@transaction.atomic
def close(
    period: SubscriptionPeriod,
    status: str,
    *,
    now: datetime,
    reason: str = "",
    actor=None,
    by: str = timeline.CLOCK,
) -> bool:
    """End a period, plan the next one, and say whether it was still to be ended."""
    ended = SubscriptionPeriod.objects.filter(
        pk=period.pk, status__in=(_Period.PLANNED, *SubscriptionPeriod.OPEN)
    ).update(status=status, reason=reason, try_at=None)
    if not ended:
        return False
    subscription = (
        Subscription.objects.select_for_update(no_key=True, of=("self",))
        .select_related("organization")
        .get(pk=period.subscription_id)
    )
    if subscription.status == _Status.GRACE:
        subscription.status = _Status.PAUSED if status == _Period.UNPAID else _Status.ACTIVE
    elif subscription.status == _Status.ACTIVE and status == _Period.UNPAID:
        subscription.status = _Status.PAUSED
    subscription.number = period.number
    subscription.next_on = pace.next_day(
        period.due_on,
        every=subscription.every,
        unit=subscription.unit,
        today=pace.today(subscription.organization, now=now),
    )
    plan_next(subscription)
    subscription.save(update_fields=["status", "number", "next_on", "act_at"])
    history.record(
        subscription,
        _AFTER[status],
        now=now,
        period=period,
        actor=actor,
        by="" if actor else by,
        data={"reason": reason, "order": period.order.number if period.order else None},
        # Of a payment the order itself tells.
        mail=status != _Period.PAID,
    )
    return True


def plan_next(subscription: Subscription) -> None:
    """Set when the clock has to do with a subscription next; callers save it."""
    due = pace.moment(subscription.organization, subscription.next_on)
    subscription.act_at = due - pace.NOTICE if subscription.is_alive else None
