"""Keeping a buyer's card, with their permission, and letting it go again.

The permission is a row of the order. Once the order is paid the gateway is asked for the card; a
worker that is killed meanwhile leaves a row that comes due again.
"""

import json
import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from config.lib.errors import ProviderRefused, ProviderUnavailable
from shop.models import Customer

from .. import payments, timeline
from ..models import (
    KeepingConsent,
    Order,
    OrderEvent,
    PaymentAccount,
    PaymentAttempt,
    SavedMethod,
    Subscription,
    SubscriptionEvent,
    SubscriptionPlan,
)
from ..payments.base import Kept
from . import beginning, history

logger = logging.getLogger(__name__)

# The version of the words to which a buyer says yes (templates/orders/_checkout_payment.html).
VERSION = "2026-11"
_LEASE = timedelta(minutes=2)
_AGAIN = timedelta(minutes=15)
_MUCH_LATER = timedelta(days=1)
_Attempt = PaymentAttempt.Status


def keepers() -> list[str]:
    """Give the kinds of payment that can keep a card."""
    return [code for code, provider in payments.PROVIDERS.items() if provider.can_keep]


@transaction.atomic
def allow(
    order: Order,
    *,
    plan: SubscriptionPlan | None = None,
    address: str | None,
    now: datetime,
) -> KeepingConsent:
    """Note that the buyer lets the gateway keep the card they pay this order with."""
    consent, _is_new = KeepingConsent.objects.get_or_create(
        order=order,
        defaults={"plan": plan, "given_at": now, "version": VERSION, "address": address},
    )
    started = order.attempts.filter(status=_Attempt.STARTED, keeps_method=False)
    # A page that was opened without permission keeps nothing: the next one is another.
    started.exclude(url="").update(status=_Attempt.EXPIRED, ask_at=now)
    started.filter(url="", account__provider__in=keepers()).update(keeps_method=True)
    return consent


def follow(consent_id, *, now: datetime) -> SavedMethod | None:
    """Keep the card of an order that was paid with permission, and begin what rests on it; once."""
    consent = _claim(consent_id, now=now)
    if consent is None:
        return None
    paid = consent.order.attempts.filter(status=_Attempt.APPROVED, keeps_method=True)
    attempt = paid.select_related("account__organization", "method").first()
    if attempt is None:
        # Not paid, or paid otherwise: it comes due again when there is news.
        KeepingConsent.objects.filter(pk=consent.pk, done_at=None).update(try_at=None)
        return None
    method = attempt.method
    if method is None:
        try:
            kept = payments.get(attempt.account.provider).kept(attempt)
        except (ProviderUnavailable, ProviderRefused):
            logger.warning("A gateway could not be asked for a card", exc_info=True)
            KeepingConsent.objects.filter(pk=consent.pk).update(try_at=now + _AGAIN)
            return None
        method = remember(consent, attempt.account, kept, now=now) if kept else None
    _finish(consent, method, now=now)
    return method


def _claim(consent_id, *, now: datetime) -> KeepingConsent | None:
    due = KeepingConsent.objects.filter(pk=consent_id, done_at=None, try_at__lte=now)
    if not due.update(try_at=now + _LEASE):
        return None
    return KeepingConsent.objects.select_related("order__organization", "order__customer").get(
        pk=consent_id
    )


def remember(
    consent: KeepingConsent, account: PaymentAccount, kept: Kept, *, now: datetime
) -> SavedMethod:
    """Give the row of a card that a gateway keeps; one row, however often it is told."""
    written = json.dumps(kept.secrets, sort_keys=True)
    fingerprint = salted_hmac("kaiu.saved-method", written, algorithm="sha256").hexdigest()
    method, _is_new = SavedMethod.objects.get_or_create(
        account=account,
        fingerprint=fingerprint,
        defaults={
            "customer_id": consent.order.customer_id,
            "secrets": kept.secrets,
            "label": kept.label,
            "expires_on": kept.expires_on,
            "consented_at": consent.given_at,
            "consent_version": consent.version,
            "consented_from": consent.address,
        },
    )
    return method


@transaction.atomic
def _finish(consent: KeepingConsent, method: SavedMethod | None, *, now: datetime) -> None:
    if not KeepingConsent.objects.filter(pk=consent.pk, done_at=None).update(done_at=now):
        return
    order = consent.order
    if method is None:
        note = _("The gateway kept no card, so nothing will be renewed by itself.")
        timeline.record(
            order, OrderEvent.Kind.NOTE, now=now, actor_label=timeline.GATEWAY, note=note
        )
        return
    if order.source == Order.Source.REPEAT:
        # A renewal that was paid by hand, with the card to be used from now on.
        for subscription in Subscription.objects.filter(periods__order=order):
            use(subscription, method, now=now)
    elif consent.plan_id:
        beginning.begin(consent, method, now=now)


@transaction.atomic
def use(subscription: Subscription, method: SavedMethod, *, now: datetime, by: str = "") -> None:
    """Charge this card from the next renewal on."""
    others = Subscription.objects.filter(pk=subscription.pk).exclude(method=method)
    changed = others.filter(customer_id=method.customer_id).update(
        method=method, account=method.account_id
    )
    if changed:
        history.record(
            subscription,
            SubscriptionEvent.Kind.CHANGED,
            now=now,
            by=by or timeline.BUYER,
            data={"card": method.label},
            mail=False,
        )


# --- Letting go -----------------------------------------------------------------------------------


def of_customer(customer: Customer) -> list[SavedMethod]:
    """Give the cards that a customer may pay with, the newest first."""
    return [
        method
        for method in SavedMethod.objects.filter(
            customer=customer,
            status=SavedMethod.Status.ACTIVE,
            account__is_active=True,
            account__is_live=customer.organization.is_live,
        ).select_related("account")
        if not is_over(method, now=timezone.now())
    ]


def is_over(method: SavedMethod, *, now: datetime) -> bool:
    """Say whether a card has passed its last day."""
    return method.expires_on is not None and method.expires_on < timezone.localdate(now)


@transaction.atomic
def remove(method: SavedMethod, *, now: datetime) -> bool:
    """Take a card away from its owner's account at once; its gateway is told afterwards."""
    removed = SavedMethod.objects.filter(pk=method.pk, status=SavedMethod.Status.ACTIVE).update(
        status=SavedMethod.Status.REMOVED, removed_at=now, forget_at=now
    )
    if removed:
        for subscription in Subscription.objects.filter(method=method):
            Subscription.objects.filter(pk=subscription.pk).update(method=None)
            history.record(
                subscription,
                SubscriptionEvent.Kind.CHANGED,
                now=now,
                by=timeline.BUYER,
                data={"card": ""},
                mail=False,
            )
    return bool(removed)


def forget(method_id, *, now: datetime) -> None:
    """Let the gateway forget a card that was removed; safe to repeat."""
    due = SavedMethod.objects.filter(pk=method_id, forget_at__lte=now)
    if not due.update(forget_at=now + _LEASE):
        return
    method = SavedMethod.objects.select_related("account__organization").get(pk=method_id)
    if method.attempts.filter(status=_Attempt.PENDING).exists():
        # Its last charge is still asked about by that name.
        later = now + _AGAIN
    else:
        try:
            payments.get(method.account.provider).forget(method)
        except ProviderUnavailable:
            later = now + _AGAIN
        except ProviderRefused:
            logger.warning("A gateway would not forget a card", exc_info=True)
            later = now + _MUCH_LATER
        else:
            SavedMethod.objects.filter(pk=method.pk).update(forget_at=None, secrets={})
            return
    SavedMethod.objects.filter(pk=method.pk).update(forget_at=later)
