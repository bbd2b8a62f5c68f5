"""Cash on delivery after the delivery: what the carrier still owes, and what it paid over.

The courier takes the buyer's money; until it reaches the shop, the carrier owes it.
"""

import secrets
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from config.lib import money
from config.lib.errors import DomainError
from logistics import cash as expected_cash
from logistics.models import Shipment
from logistics.models.shipments import State
from shop.models import User

from . import settlement, timeline
from .models import GatewayTransaction, Order, OrderEvent, PaymentAccount, PaymentAttempt
from .payments.base import Report

_WITH_THE_CARRIER = (Order.Status.SHIPPED, Order.Status.DELIVERED)


class NothingOwed(DomainError):
    code = "nothing_owed"


class AlreadyCollected(DomainError):
    code = "already_collected"


def owed(order: Order) -> int:
    """Give what the carrier took, or will take, and has not paid over."""
    is_out = order.is_cash_on_delivery and order.status in _WITH_THE_CARRIER
    return order.outstanding if is_out else 0


def owing():
    """Give the delivered orders whose cash has not arrived, the oldest first."""
    return Order.objects.filter(
        payment_method=PaymentAccount.Provider.CASH,
        status=Order.Status.DELIVERED,
        total__gt=F("paid") - F("refunded"),
    ).order_by("delivered_at", "id")


@transaction.atomic
def collect(
    order: Order,
    *,
    now: datetime,
    actor: User,
    amount: int | None = None,
    reference: str = "",
) -> GatewayTransaction:
    """Record cash that reached the shop, once: all that is owed, or the amount that came.

    `reference` names the carrier's payment, when it comes in more than one.
    """
    told, is_new = record(order, now=now, actor=actor, amount=amount, reference=reference)
    if is_new:
        # The statements of carriers count it once, whoever was first.
        shipments = Shipment.objects.filter(order_shipments__order=order).exclude(
            state__in=(State.CANCELLED, State.RETURNED)
        )
        expected_cash.note_by_hand(shipments.order_by("id"), told.amount, now=now, actor=actor)
    return told


@transaction.atomic
def record(
    order: Order,
    *,
    now: datetime,
    actor: User | None,
    amount: int | None = None,
    reference: str = "",
) -> tuple[GatewayTransaction, bool]:
    """Record cash as `collect` does, for whoever knows it from a carrier's statement."""
    order = (
        Order.objects.select_for_update(no_key=True, of=("self",))
        .select_related("account")
        .get(pk=order.pk)
    )
    account = order.account
    if account is None or account.provider != PaymentAccount.Provider.CASH:
        raise NothingOwed(_("Order %(order)s is not paid on delivery.") % {"order": order})
    # One order, one name: the same cash cannot be counted twice.
    name = name_of(order, reference)
    told = GatewayTransaction.objects.filter(account=account, gateway_id=name).first()
    if told is not None:
        if amount in (None, told.amount):
            return told, False
        raise AlreadyCollected(
            _("Another amount was recorded for this payment. Write the carrier's reference.")
        )
    most = owed(order)
    amount = most if amount is None else amount
    if not 0 < amount <= most:
        raise NothingOwed(
            _("The carrier owes %(most)s for order %(order)s.")
            % {"most": money.label(most, order.currency), "order": order}
        )
    return _settle(order, account, name, amount, now=now, actor=actor), True


def name_of(order: Order, reference: str) -> str:
    """Give the one name of this cash among all transactions."""
    reference = " ".join(reference.split()).upper()[:60]
    return "-".join(filter(None, ["cash", str(order.number), reference]))


def _settle(order, account, name: str, amount: int, *, now, actor) -> GatewayTransaction:
    attempt = PaymentAttempt.objects.create(
        order=order,
        account=account,
        reference=f"{order.number}-cash-{secrets.token_hex(6)}",
        amount=amount,
        currency=order.currency,
        created_at=now,
    )
    timeline.record(
        order,
        OrderEvent.Kind.NOTE,
        now=now,
        actor=actor,
        data={"cash": name, "amount": amount, "currency": order.currency},
    )
    return settlement.settle(
        account,
        Report(
            transaction_id=name,
            reference=attempt.reference,
            status=GatewayTransaction.Status.APPROVED,
            amount=amount,
            currency=order.currency,
            is_live=account.is_live,
            method=str(account),
        ),
        now=now,
    )
