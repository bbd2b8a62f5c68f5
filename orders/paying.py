"""Trying to pay: which ways are offered, opening a payment, asking how it stands."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from config.lib.errors import DomainError, ProviderRefused, ProviderUnavailable
from config.lib.memory import Memory
from shop import stock
from shop.models import Organization

from . import agreement, payments, settlement, timeline
from .models import KeepingConsent, Order, OrderEvent, PaymentAccount, PaymentAttempt, SavedMethod
from .payments.base import Purchase

# When a gateway is asked by itself after a payment was opened: soon, then ever less often.
_ASK_SOONEST, _ASK_RAREST = timedelta(minutes=2), timedelta(hours=1)
_ASK_FOR = timedelta(hours=48)
# A gateway that does not answer is asked for longer.
_SILENT_FOR = timedelta(days=7)
# Declined on the gateway's own page, the buyer may try there again for so long.
_TRIES_AGAIN_FOR = timedelta(hours=1)
_PENDING = PaymentAttempt.Status.PENDING
_accounts = Memory(seconds=2)
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"


class NothingToPay(DomainError):
    code = "nothing_to_pay"


class InProgress(DomainError):
    """A saved card is being charged for this order: nobody pays it twice meanwhile."""

    code = "payment_in_progress"


class GatewaySilent(DomainError):
    """The gateway did not answer; the order is safe and can be paid again or otherwise."""

    code = "gateway_silent"


@dataclass(frozen=True)
class Choice:
    """A way to pay as the checkout shows it; one with a refusal cannot be chosen."""

    account: PaymentAccount
    refusal: str = ""


def accounts(organization: Organization) -> list[PaymentAccount]:
    """Give the active ways to pay of this shop and its mode, in the merchant's order.

    Every step of a checkout asks; a process remembers the answer for two seconds.
    """
    key = (organization.pk, organization.is_live)
    found = _accounts.get(key, lambda _key: _read_accounts(organization))
    return list(found)


def _read_accounts(organization: Organization) -> list[PaymentAccount]:
    found = list(PaymentAccount.objects.filter(is_active=True, is_live=organization.is_live))
    for account in found:
        account.organization = organization
    return found


def choices(organization: Organization, purchase: Purchase) -> list[Choice]:
    """Give every way to pay, those that are not possible with the reason."""
    return [
        Choice(account, payments.refusal(account, purchase)) for account in accounts(organization)
    ]


def start(
    order: Order, *, return_url: str, now: datetime, account: PaymentAccount | None = None
) -> PaymentAttempt:
    """Open a payment for what is due now, and give the attempt with the page to go to.

    A firm order owes something only after it was changed (editing.py); its stock is taken already.
    Asked again while the page is still open, it gives the same one. Another account than the
    order's changes how it is paid (never to or from cash on delivery, which costs otherwise).
    """
    attempt = _open_attempt(order, account, now=now)
    provider = payments.get(attempt.account.provider)
    if attempt.url or not provider.has_page:
        return attempt
    try:
        started = provider.start(attempt, return_url=return_url, now=now)
    except (ProviderUnavailable, ProviderRefused) as error:
        raise GatewaySilent(
            _("The payment page does not answer now. Try again, or pay in another way.")
        ) from error
    with transaction.atomic():
        # Nobody can have paid before the page was opened: only now is there something to ask about.
        attempt.url, attempt.gateway_id = started.url, started.gateway_id
        attempt.ask_at = now + _ASK_SOONEST if provider.can_be_asked else None
        opened = PaymentAttempt.objects.filter(pk=attempt.pk, url="").update(
            url=attempt.url, gateway_id=attempt.gateway_id, ask_at=attempt.ask_at
        )
        if opened:
            _tell_start(attempt, now=now)
    return attempt


def _tell_start(attempt: PaymentAttempt, *, now: datetime) -> None:
    timeline.record(
        attempt.order,
        OrderEvent.Kind.PAYMENT_STARTED,
        now=now,
        actor_label=timeline.BUYER,
        data={
            "method": str(attempt.method or attempt.account),
            "amount": attempt.amount,
            "currency": attempt.currency,
        },
    )


def first_attempt(order: Order, account: PaymentAccount) -> PaymentAttempt | None:
    """Save the first try to pay an order together with the order; `start` opens its page.

    None for an order that is not paid before it is prepared.
    """
    if not (order.due_first and payments.get(account.provider).takes_money_first):
        return None
    if order.source == Order.Source.REPEAT:
        # Its card is charged (charging.py), and only when that fails somebody opens a page.
        return None
    attempt = _attempt(order, account, 1, until=order.expires_at, now=order.placed_at)
    attempt.save(force_insert=True)
    return attempt


def _attempt(order, account, number: int, *, until, now: datetime) -> PaymentAttempt:
    return PaymentAttempt(
        order=order,
        account=account,
        reference=_reference(order, number),
        amount=order.due_now,
        currency=order.currency,
        expires_at=until,
        created_at=now,
    )


@transaction.atomic
def open_charge(order: Order, method: SavedMethod, *, now: datetime) -> PaymentAttempt:
    """Save the intention to charge a saved card for what is due; one in progress is given again.

    It counts as in progress from its first moment: nobody knows any more whether a gateway that
    does not answer has heard of it.
    """
    return _open_attempt(order, method.account, now=now, method=method)


@transaction.atomic
def _open_attempt(
    order: Order,
    account: PaymentAccount | None,
    *,
    now: datetime,
    method: SavedMethod | None = None,
) -> PaymentAttempt:
    """Save the intention before anybody outside hears of it."""
    order = (
        Order.objects.select_for_update(no_key=True, of=("self",))
        .select_related("organization", "account")
        .get(pk=order.pk)
    )
    agreement.require(order)
    is_waiting = order.status == Order.Status.PENDING
    if not (is_waiting or order.status == Order.Status.CONFIRMED) or not order.due_now:
        raise NothingToPay(_("There is nothing to pay for order %(order)s now.") % {"order": order})
    if order.expires_at and order.expires_at <= now:
        raise NothingToPay(_("The time to pay order %(order)s is over.") % {"order": order})
    account = account or order.account
    if account is None:
        raise NothingToPay(_("Choose how you want to pay."))
    provider = payments.get(account.provider)
    if not provider.takes_money_first:
        raise NothingToPay(_("Choose how you want to pay the deposit."))
    account.organization = order.organization
    tried = list(order.attempts.all())
    charged = next((one for one in tried if one.charge_at and one.status == _PENDING), None)
    if charged is not None:
        if method is None:
            raise InProgress(
                _("A payment of order %(order)s is in progress. Wait until it ended.")
                % {"order": order}
            )
        return charged
    if method is not None:
        return _open_charge(order, method, tried, now=now)
    for opened in tried:
        is_open = opened.status == PaymentAttempt.Status.STARTED and opened.expires_at > now
        if is_open and opened.account_id == account.pk and opened.amount == order.due_now:
            opened.account, opened.order = account, order
            return opened
    until = now + timedelta(minutes=provider.minutes_to_pay(account))
    if is_waiting:
        # Who starts to pay gets the time that this way of paying takes, once more at most.
        until = max(order.expires_at or now, min(until, order.placed_at + _ASK_FOR * 3))
    _change_way(order, account, until=until if is_waiting else order.expires_at)
    attempt = _attempt(order, account, len(tried) + 1, until=until or order.expires_at, now=now)
    allowed = KeepingConsent.objects.filter(order=order)
    attempt.keeps_method = provider.can_keep and allowed.exists()
    attempt.save(force_insert=True)
    if not provider.has_page:
        _tell_start(attempt, now=now)
    return attempt


def _open_charge(order: Order, method: SavedMethod, tried, *, now: datetime) -> PaymentAttempt:
    # Pages that are still open somewhere: nobody shall pay there as well.
    order.attempts.filter(status=PaymentAttempt.Status.STARTED).update(
        status=PaymentAttempt.Status.EXPIRED, ask_at=now
    )
    attempt = _attempt(order, method.account, len(tried) + 1, until=order.expires_at, now=now)
    attempt.method, attempt.status = method, _PENDING
    allowed = KeepingConsent.objects.filter(order=order, done_at=None)
    attempt.keeps_method = allowed.exists()
    attempt.charge_at, attempt.ask_at = now, now + _ASK_SOONEST
    attempt.save(force_insert=True)
    _tell_start(attempt, now=now)
    return attempt


def _change_way(order: Order, account: PaymentAccount, *, until: datetime | None) -> None:
    """Keep how an order is paid and how long it waits, where that is new."""
    before = order.account_id, order.expires_at
    if not order.is_cash_on_delivery:
        order.account, order.payment_method = account, account.provider
    order.expires_at = until
    if (order.account_id, order.expires_at) == before:
        return
    order.save(update_fields=["account", "payment_method", "expires_at", "changed_at"])
    if until is not None and order.status == Order.Status.PENDING:
        stock.extend(order.pk, until=until)


def _reference(order: Order, number: int) -> str:
    """Give a name that no payment of any shop ever had and nobody can guess."""
    chance = "".join(secrets.choice(_LETTERS) for _letter in range(10))
    return f"{order.number}-{number}-{chance}"


def ask(attempt: PaymentAttempt, *, now: datetime) -> int:
    """Ask the gateway how every transaction of this attempt stands, and settle each.

    The page of an attempt that ended is closed first, so that nobody pays for nothing. Gives how
    many transactions the gateway knows. ProviderUnavailable and ProviderRefused go on to the
    caller; the next time to ask is set before anybody is asked.
    """
    provider = payments.get(attempt.account.provider)
    if not provider.can_be_asked:
        PaymentAttempt.objects.filter(pk=attempt.pk).update(ask_at=None)
        return 0
    planned = _plan_next(attempt, now=now)
    if attempt.status == PaymentAttempt.Status.EXPIRED:
        provider.close(attempt)
    reports = provider.reports(attempt)
    for report in reports:
        settlement.settle(attempt.account, report, now=now)
    _stop_asking(attempt, planned, now=now)
    return len(reports)


def _plan_next(attempt: PaymentAttempt, *, now: datetime) -> datetime | None:
    """Say when to ask next, ever less often; whoever dies or hears nothing leaves it planned."""
    age = now - attempt.created_at
    # By its age, and not by how often it was asked: buyers who look at their order ask as well.
    pause = min(max(age, _ASK_SOONEST), _ASK_RAREST)
    planned = now + pause if age < _SILENT_FOR else None
    PaymentAttempt.objects.filter(pk=attempt.pk).update(asked=F("asked") + 1, ask_at=planned)
    return planned


def _stop_asking(attempt: PaymentAttempt, planned: datetime | None, *, now: datetime) -> None:
    """After an answer: ask no more about what ended, or is two days old."""
    is_open = attempt.status in (PaymentAttempt.Status.STARTED, PaymentAttempt.Status.PENDING)
    if now - attempt.created_at >= (_ASK_FOR if is_open else _TRIES_AGAIN_FOR):
        # Unless somebody wishes it to be asked about once more by now (cancellation.py).
        PaymentAttempt.objects.filter(pk=attempt.pk, ask_at=planned).update(ask_at=None)
