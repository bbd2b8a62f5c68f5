"""What Stripe is told in its words, and what it answers in ours."""

import calendar
from datetime import UTC, date, timedelta

from django.utils import translation
from django.utils.translation import gettext as _

from ..models import GatewayTransaction, PaymentAttempt, Refund
from .base import Kept, RefundReport, Report

# How long Stripe lets a session live, with time to spare for a second try to open it.
_SHORTEST = timedelta(minutes=35)
_LONGEST = timedelta(hours=23, minutes=55)
_STATUS = {
    "succeeded": GatewayTransaction.Status.APPROVED,
    "processing": GatewayTransaction.Status.PENDING,
    "requires_action": GatewayTransaction.Status.PENDING,
    "requires_confirmation": GatewayTransaction.Status.PENDING,
    "requires_capture": GatewayTransaction.Status.PENDING,
    "canceled": GatewayTransaction.Status.FAILED,
}
_REFUND_STATUS = {
    "pending": Refund.Status.ASKED,
    "requires_action": Refund.Status.ASKED,
    "succeeded": Refund.Status.DONE,
    "failed": Refund.Status.FAILED,
    "canceled": Refund.Status.FAILED,
}


def session(attempt: PaymentAttempt, return_url: str) -> dict:
    """Say what a page shall ask for."""
    order = attempt.order
    metadata = {"reference": attempt.reference, "order": str(order.number)}
    with translation.override(order.language):
        name = _("Order %(number)s") % {"number": order.label}
    asked = attempt.expires_at or attempt.created_at
    until = min(max(asked, attempt.created_at + _SHORTEST), attempt.created_at + _LONGEST)
    session = {
        "mode": "payment",
        # One line, so that what Stripe adds up is what we ask for.
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": attempt.currency.lower(),
                    "unit_amount": attempt.amount,
                    "product_data": {"name": name},
                },
            }
        ],
        "client_reference_id": attempt.reference,
        "metadata": metadata,
        "payment_intent_data": {"metadata": metadata},
        "success_url": f"{return_url}?id={{CHECKOUT_SESSION_ID}}",
        "cancel_url": return_url,
        "expires_at": int(until.astimezone(UTC).timestamp()),
        "locale": order.language,
        "adaptive_pricing": {"enabled": False},
    }
    if order.email:
        session["customer_email"] = order.email
    if attempt.keeps_method:
        # A method that belongs to no customer could not be charged again.
        session["customer_creation"] = "always"
        session["payment_intent_data"]["setup_future_usage"] = "off_session"
    return session


def report(intent: dict, reference: str) -> Report:
    """Read a payment: every try of a buyer in one session is the same one."""
    charge = intent.get("latest_charge") or {}
    failure = intent.get("last_payment_error") or {}
    status = _STATUS.get(intent["status"], GatewayTransaction.Status.PENDING)
    refunded = charge.get("amount_refunded") or 0
    amount = intent["amount"]
    if status == GatewayTransaction.Status.APPROVED:
        amount = intent["amount_received"]
        if refunded and refunded >= amount:
            status = GatewayTransaction.Status.REFUNDED
    elif intent["status"] == "requires_payment_method" and failure:
        status = GatewayTransaction.Status.DECLINED
    return Report(
        transaction_id=intent["id"],
        reference=reference,
        status=status,
        amount=amount,
        currency=intent["currency"].upper(),
        is_live=intent["livemode"],
        refunded=refunded,
        method=str((charge.get("payment_method_details") or {}).get("type") or "")[:40],
        message=str(failure.get("message") or "")[:200],
    )


def kept(method: dict, customer) -> Kept:
    """Read a card that belongs to a customer there."""
    card = method.get("card") or {}
    brand = str(card.get("brand") or method.get("type") or "").replace("_", " ").title()
    expires_on = None
    if card.get("exp_year") and card.get("exp_month"):
        last = calendar.monthrange(card["exp_year"], card["exp_month"])[1]
        expires_on = date(card["exp_year"], card["exp_month"], last)
    return Kept(
        secrets={
            "method": method["id"],
            "customer": customer if isinstance(customer, str) else customer["id"],
        },
        label=f"{brand} •••• {card['last4']}" if card.get("last4") else brand,
        expires_on=expires_on,
    )


def refund_report(told: dict) -> RefundReport:
    """Read how a refund stands."""
    return RefundReport(
        # A word that is new to us decides nothing: it waits.
        status=_REFUND_STATUS.get(told.get("status") or "", Refund.Status.ASKED),
        gateway_id=told["id"],
        message=str(told.get("failure_reason") or "")[:200],
    )
