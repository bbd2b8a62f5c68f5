"""One mail to whoever asked for it, when what was sold out can be bought again.

Asking writes a row; who is not signed in with that address confirms it by a signed link first, so
that nobody is written to who did not ask. What can be bought again is found by a sweeper, and the
sale pays nothing for it. A mail is claimed before it is sent, so that nobody gets two: of a worker
killed in that moment one mail is lost, which is the lesser harm.
"""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.core import signing
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from config.lib import counting, mail
from config.lib.errors import DomainError

from . import addresses, kits, mails, organizations
from .models import Customer, Organization, Product, StockAlert, StockLevel, Variant

logger = logging.getLogger(__name__)

# The text that people agree to (consent_words); raise it with every change of its meaning.
CONSENT_VERSION = "2026-11"
# From one network, and to one address: more is nobody's wish.
_ASKED, _WRITTEN = "20/h", "6/h"
# A mail that could not be sent is tried again by the next rounds; so many go out in one.
_ROUND = 200
# What nobody confirmed, and what was told, is not kept.
_KEEP_UNCONFIRMED, _KEEP_TOLD = timedelta(days=7), timedelta(days=90)
CONFIRM, STOP = "alert-confirm", "alert-stop"


class AlertRefused(DomainError):
    code = "alert_refused"


class AvailableNow(AlertRefused):
    """There is nothing to wait for."""

    code = "available_now"


class TooOften(AlertRefused):
    code = "too_often"


def consent_words(organization: Organization) -> str:
    """Give the sentence that people agree to."""
    return _(
        "I agree that %(shop)s keeps my e-mail and writes to me once, when this product is back."
    ) % {"shop": organization.name}


# --- Asking ---------------------------------------------------------------------------------------


def wanted(sku: str) -> Variant:
    """Give the variant that somebody may wait for, or say why not (AlertRefused)."""
    variants = Variant.objects.filter(sku=sku, is_active=True).filter(
        product__in=Product.objects.visible()
    )
    variant = kits.with_available(variants).select_related("product").first()
    if variant is None:
        raise AlertRefused(_("We do not sell this product."))
    if variant.available > 0:
        raise AvailableNow(_("%(name)s can be bought now.") % {"name": variant.product.name})
    return variant


def ask(
    organization: Organization,
    variant: Variant,
    *,
    email: str,
    now: datetime,
    network: str,
    address: str | None = None,
    customer: Customer | None = None,
    is_proved: bool = False,
) -> None:
    """Note that somebody wants to hear of a variant; the answer is the same for every address.

    `is_proved` says that the address is confirmed to be the customer's: then no link is sent.
    """
    if counting.wait(f"alert:{organization.pk}:{network}", _ASKED):
        raise TooOften(_("That was often. Try again in an hour."))
    email = email.strip().lower()
    alert = _note(
        variant,
        email,
        now=now,
        address=address,
        customer=customer if is_proved else None,
        is_proved=is_proved,
    )
    # Whoever types foreign addresses fills nobody's mailbox.
    if not is_proved and not counting.wait(f"alert-mail:{organization.pk}:{email}", _WRITTEN):
        _compose(organization, alert, "alert_confirm").send()


@transaction.atomic
def _note(variant, email, *, now, address, customer, is_proved) -> StockAlert:
    # The list of levels shows how many wait, also for what never had any stock.
    StockLevel.objects.get_or_create(variant=variant)
    alert, is_new = StockAlert.objects.get_or_create(
        variant=variant,
        email=email,
        defaults={
            "customer": customer,
            "language": translation.get_language()[:2],
            "consent_version": CONSENT_VERSION,
            "consented_at": now,
            "address": address,
            "confirmed_at": now if is_proved else None,
        },
    )
    if is_new:
        return alert
    alert = StockAlert.objects.select_for_update(no_key=True, of=("self",)).get(pk=alert.pk)
    if alert.told_at is not None or alert.confirmed_at is None:
        # Told before, or never confirmed: it begins again.
        alert.told_at, alert.consented_at, alert.address = None, now, address
        alert.consent_version = CONSENT_VERSION
        alert.confirmed_at = now if is_proved else None
    alert.customer = customer or alert.customer
    alert.save()
    return alert


# --- Links ----------------------------------------------------------------------------------------


def token(organization: Organization, alert: StockAlert, purpose: str) -> str:
    """Give what a link of a mail holds."""
    return _signer(organization, purpose).sign(alert.pk.hex)


def of_token(organization: Organization, written: str, purpose: str) -> StockAlert | None:
    """Give the alert that a link is about, or None."""
    try:
        key = UUID(_signer(organization, purpose).unsign(written))
    except (signing.BadSignature, ValueError):
        return None
    return StockAlert.objects.select_related("variant__product").filter(pk=key).first()


def _signer(organization: Organization, purpose: str) -> signing.Signer:
    return signing.Signer(salt=f"kaiu.{purpose}:{organization.pk}", sep="~")


def confirm(alert: StockAlert, *, now: datetime) -> None:
    """Take the word of whoever reads the mailbox; pressed twice, it counts once."""
    StockAlert.objects.filter(pk=alert.pk, confirmed_at=None).update(confirmed_at=now)


def stop(alert: StockAlert) -> None:
    """Forget that somebody waits, and their address."""
    StockAlert.objects.filter(pk=alert.pk).delete()


# --- Telling --------------------------------------------------------------------------------------


def waiting() -> QuerySet[StockAlert]:
    """Give the alerts that wait for their product."""
    return StockAlert.objects.filter(confirmed_at__isnull=False, told_at__isnull=True)


def due(*, now: datetime) -> QuerySet[StockAlert]:
    """Give the alerts whose product can be bought now, who asked first before the others."""
    asked = Variant.objects.filter(
        pk__in=waiting().values("variant"),
        is_active=True,
        product__in=Product.objects.visible(now),
    )
    back = kits.with_available(asked).filter(available__gt=0)
    return waiting().filter(variant__in=back.values("pk")).order_by("confirmed_at", "pk")


def tell(organization: Organization, *, now: datetime) -> int:
    """Write to those whose product is back, each once; give how many mails left."""
    told = 0
    alerts = due(now=now).select_related("variant__product")
    for alert in list(alerts[:_ROUND]):
        # The claim: whoever comes second changes no row and sends nothing.
        if not waiting().filter(pk=alert.pk).update(told_at=now):
            continue
        try:
            mail.send_now(_compose(organization, alert, "alert_back"))
        except mail.UNREACHABLE as error:
            logger.warning("A back-in-stock mail could not be sent: %s", type(error).__name__)
            StockAlert.objects.filter(pk=alert.pk, told_at=now).update(told_at=None)
            break
        except mail.REFUSED:
            logger.warning("A back-in-stock mail was refused")
        else:
            told += 1
    return told


def forget_old(*, now: datetime) -> None:
    """Drop what nobody confirmed, and what was told long ago."""
    StockAlert.objects.filter(confirmed_at=None, consented_at__lte=now - _KEEP_UNCONFIRMED).delete()
    StockAlert.objects.filter(told_at__lte=now - _KEEP_TOLD).delete()


def _compose(organization: Organization, alert: StockAlert, name: str):
    base = organizations.base_url(organization)
    variant = alert.variant
    page = addresses.with_query(
        addresses.product(variant.product.slug), [("variante", variant.sku)]
    )
    stop_path = reverse("shop:alert-stop", args=[token(organization, alert, STOP)])
    confirm_path = reverse("shop:alert-confirm", args=[token(organization, alert, CONFIRM)])
    with translation.override(alert.language):
        message = mails.compose(
            organization,
            name,
            to=alert.email,
            context={
                "product": variant.product.name,
                "label": variant.label,
                "url": base + page,
                "confirm_url": base + confirm_path,
                "stop_url": base + stop_path,
            },
        )
    message.extra_headers["List-Unsubscribe"] = f"<{base}{stop_path}>"
    message.extra_headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return message
