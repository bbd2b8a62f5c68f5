"""Work of orders that can wait or be repeated: each task does one operation.

What must not be lost is a row first and a task second; the sweepers at the end find whatever a
killed worker, a full queue or a restarted broker forgot.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from celery import shared_task
from django.utils import timezone, translation
from django_scopes import scope, scopes_disabled

from config.lib.errors import ProviderRefused, ProviderUnavailable
from shop import catalogue, stock
from shop.models import Organization

from . import cart, charging, confirmation, expiry, following, mail_tasks, offers, refunds
from .models import OfferAnswer, Order, OrderEvent, PaymentAttempt, Refund, StaffMail

logger = logging.getLogger(__name__)

# So many rows at most are queued by one round of a sweeper; the rest by the next.
_ROUND = 500
# A mail that nobody tried for so long was forgotten.
_FORGOTTEN = timedelta(minutes=2)


@contextmanager
def _inside(organization_id: str) -> Iterator[Organization]:
    """Open the scope and the language of an organization."""
    organization = Organization.objects.get(pk=organization_id)
    with scope(organization=organization), translation.override(organization.language):
        yield organization


@shared_task
def ask_attempt(*, organization_id: str, attempt_id: str) -> None:
    """Ask the gateway how a payment stands, and settle what it says."""
    with _inside(organization_id):
        attempt = PaymentAttempt.objects.select_related(
            "account__organization", "order", "method"
        ).get(pk=attempt_id)
        try:
            charging.carry_on(attempt, now=timezone.now())
        except (ProviderUnavailable, ProviderRefused):
            # The next time is already planned.
            logger.warning("A gateway could not be asked", exc_info=True)


@shared_task
def expire_order(*, organization_id: str, order_id: str) -> None:
    """End an order whose time is over."""
    with _inside(organization_id):
        expiry.expire(order_id, now=timezone.now())


@shared_task
def end_offer(*, organization_id: str, answer_id: str) -> None:
    """Take out of an order what was added to it and not paid in time."""
    with _inside(organization_id):
        offers.end(answer_id, now=timezone.now())


@shared_task
def carry_out_refund(*, organization_id: str, refund_id: str) -> None:
    """Ask the gateway to give money back, or how that stands."""
    with _inside(organization_id):
        refunds.carry_out(refund_id, now=timezone.now())


@shared_task
def check_stock(*, organization_id: str) -> None:
    """Prove that an organization's stock adds up, and that its lists say so."""
    with _inside(organization_id) as organization:
        catalogue.heal_listing(organization)
        found = stock.check(organization, now=timezone.now())
        if found.differences:
            logger.error("Stock does not add up for %d variants", len(found.differences))


@shared_task
def forget_carts(*, organization_id: str) -> None:
    """Drop an organization's old carts, and what was typed for them."""
    with _inside(organization_id):
        cart.forget_old(now=timezone.now())


@shared_task
def count_orders(*, organization_id: str) -> None:
    """Correct how many orders each customer of an organization has."""
    with _inside(organization_id) as organization:
        confirmation.count_again(organization, now=timezone.now())


@shared_task
def follow_shipment(*, organization_id: str, shipment_id: str) -> None:
    """Let the orders in a shipment take the steps that it reports."""
    with _inside(organization_id):
        following.follow(shipment_id, now=timezone.now())


# --- Sweepers -------------------------------------------------------------------------------------


@shared_task
def sweep() -> None:
    """Queue what is due: payments to ask about, orders and offers to end, refunds, mails."""
    now = timezone.now()
    # Across organizations, keys only: each task opens its own scope.
    with scopes_disabled():
        attempts = _keys(
            PaymentAttempt.objects.filter(ask_at__lte=now).order_by("ask_at"), "order__organization"
        )
        orders = _keys(
            Order.objects.filter(status=Order.Status.PENDING, expires_at__lte=now).order_by(
                "expires_at"
            ),
            "organization",
        )
        answers = _keys(
            OfferAnswer.objects.filter(pay_until__lte=now).order_by("pay_until"),
            "order__organization",
        )
        due = _keys(
            Refund.objects.filter(ask_at__lte=now).order_by("ask_at"), "order__organization"
        )
        mails = _keys(
            OrderEvent.objects.filter(
                mail=OrderEvent.Mail.QUEUED, at__lte=now - _FORGOTTEN
            ).order_by("at"),
            "order__organization",
        )
        staff_mails = _keys(
            StaffMail.objects.filter(
                mail=OrderEvent.Mail.QUEUED, at__lte=now - _FORGOTTEN
            ).order_by("at"),
            "event__order__organization",
        )
        moved = _pairs(following.forgotten(now=now), "shipment", "order__organization")
    for key, organization_id in attempts:
        ask_attempt.delay(organization_id=organization_id, attempt_id=key)
    for key, organization_id in orders:
        expire_order.delay(organization_id=organization_id, order_id=key)
    for key, organization_id in answers:
        end_offer.delay(organization_id=organization_id, answer_id=key)
    for key, organization_id in due:
        carry_out_refund.delay(organization_id=organization_id, refund_id=key)
    for key, organization_id in mails:
        mail_tasks.send.delay(organization_id=organization_id, event_id=key)
    for key, organization_id in staff_mails:
        mail_tasks.send_to_staff.delay(organization_id=organization_id, mail_id=key)
    for key, organization_id in moved:
        follow_shipment.delay(organization_id=organization_id, shipment_id=key)


def _keys(rows, path: str) -> list[tuple[str, str]]:
    return _pairs(rows, "pk", path)


def _pairs(rows, key: str, path: str) -> list[tuple[str, str]]:
    return [
        (str(found), str(organization_id))
        for found, organization_id in rows.values_list(key, path)[:_ROUND]
    ]


@shared_task
def check_every_stock() -> None:
    """Queue what every night proves, corrects and forgets, for each organization."""
    for key in Organization.objects.filter(is_active=True).values_list("pk", flat=True):
        check_stock.delay(organization_id=str(key))
        count_orders.delay(organization_id=str(key))
        forget_carts.delay(organization_id=str(key))
