"""What the practice gateway does on its side: it stands where a real one has its own machines."""

import hmac
import json
from datetime import datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from config.lib.errors import ProviderRefused

from ..models import PaymentAccount, PaymentAttempt, PracticeCard, PracticePayment

SIGNATURE_HEADER = "X-Practice-Signature"
# How long "answer late" lets the shop wait.
LATE = timedelta(seconds=20)


class Choice(models.TextChoices):
    """What a person on the gateway's page may do."""

    APPROVE = "approve", _("Approve")
    DECLINE = "decline", _("Decline")
    PENDING = "pending", _("Leave pending")
    LATE = "late", _("Answer late")
    TWICE = "twice", _("Answer twice")


_STATUS = {
    Choice.APPROVE: "approved",
    Choice.DECLINE: "declined",
    Choice.PENDING: "pending",
    Choice.LATE: "pending",
    Choice.TWICE: "approved",
}


def open_payment(attempt: PaymentAttempt, *, return_url: str) -> PracticePayment:
    """Open a payment; asked again for the same reference, give the one that is open."""
    payment, _is_new = PracticePayment.objects.get_or_create(
        reference=attempt.reference,
        defaults={
            "account": attempt.account,
            "amount": attempt.amount,
            "currency": attempt.currency,
            "return_url": return_url,
            "keeps_card": attempt.keeps_method,
        },
    )
    return payment


@transaction.atomic
def decide(
    reference: str, choice: str, *, now: datetime, card: str = PracticeCard.Number.APPROVES
) -> str:
    """Do what the person chose, and give the id of the transaction it concerns.

    A pending transaction gets its answer, a declined payment another transaction; an approved one
    stays as it is. `card` is kept when the buyer allowed it.
    """
    payment = _locked(reference)
    last = payment.transactions[-1] if payment.transactions else None
    if last and _status(last, now) == "approved":
        return last["id"]
    if last is None or last["status"] != "pending":
        last = {"id": f"practice-{uuid7().hex}"}
        payment.transactions.append(last)
    last["status"] = _STATUS[Choice(choice)]
    last["approves_at"] = (now + LATE).isoformat() if choice == Choice.LATE else ""
    if payment.keeps_card and choice != Choice.DECLINE:
        payment.card = PracticeCard.objects.create(account_id=payment.account_id, number=card)
    payment.save(update_fields=["transactions", "card"])
    return last["id"]


@transaction.atomic
def charge(attempt: PaymentAttempt, card_id: str) -> str:
    """Charge a card that is kept, once for each reference, and give the transaction's id."""
    card = PracticeCard.objects.filter(pk=card_id, account=attempt.account).first()
    if card is None or card.is_removed:
        raise ProviderRefused("The practice gateway keeps no such card.", code="no_card")
    payment = _locked(open_payment(attempt, return_url="").reference)
    if not payment.transactions:
        is_good = card.number == PracticeCard.Number.APPROVES
        payment.transactions = [
            {
                "id": f"practice-{uuid7().hex}",
                "status": "approved" if is_good else "declined",
                "approves_at": "",
            }
        ]
        payment.card = card
        payment.save(update_fields=["transactions", "card"])
    return payment.transactions[0]["id"]


def kept_card(reference: str) -> PracticeCard | None:
    """Give the card that was kept with this payment."""
    return PracticeCard.objects.filter(payments__reference=reference, is_removed=False).first()


def forget_card(card_id: str) -> None:
    """Keep a card no more."""
    PracticeCard.objects.filter(pk=card_id).update(is_removed=True)


@transaction.atomic
def give_back(reference: str, transaction_id: str, amount: int, *, key: str) -> None:
    """Return money of an approved transaction; the same key returns it once."""
    payment = _locked(reference)
    if key in payment.refunds:
        return
    status = next((_status(t, timezone.now()) for t in _of(payment, transaction_id)), "")
    if status != "approved" or amount + sum(payment.refunds.values()) > payment.amount:
        raise ProviderRefused("The practice gateway holds no such money.", code="no_money")
    payment.refunds[key] = amount
    payment.save(update_fields=["refunds"])


def was_given_back(reference: str, *, key: str) -> bool:
    """Say whether the refund of this key was done."""
    return PracticePayment.objects.filter(reference=reference, refunds__has_key=key).exists()


def transactions(reference: str, *, now: datetime) -> list[dict]:
    """Give the books: every transaction of a payment as it stands now."""
    payment = PracticePayment.objects.filter(reference=reference).first()
    return [] if payment is None else [_told(payment, entry, now) for entry in payment.transactions]


def notice(reference: str, transaction_id: str, *, now: datetime) -> tuple[dict, bytes]:
    """Write the signed notice about a transaction as it stands now: headers and body."""
    payment = PracticePayment.objects.select_related("account").get(reference=reference)
    entry = _told(payment, next(iter(_of(payment, transaction_id))), now)
    event = {
        "id": f"{entry['id']}:{entry['status']}:{entry['refunded']}",
        "type": "payment.updated",
        "data": entry,
        "is_live": False,
    }
    body = json.dumps(event, ensure_ascii=False).encode()
    return {SIGNATURE_HEADER: signature(payment.account, body)}, body


def signature(account: PaymentAccount, body: bytes) -> str:
    """Sign a notice as the gateway does, with a secret that belongs to this account alone."""
    secret = salted_hmac("kaiu.practice", str(account.pk), secret=settings.SECRET_KEY).digest()
    return hmac.new(secret, body, sha256).hexdigest()


def _locked(reference: str) -> PracticePayment:
    rows = PracticePayment.objects.select_for_update(no_key=True, of=("self",))
    return rows.get(reference=reference)


def _of(payment: PracticePayment, transaction_id: str) -> list[dict]:
    return [entry for entry in payment.transactions if entry["id"] == transaction_id]


def _status(entry: dict, now: datetime) -> str:
    if entry["approves_at"] and datetime.fromisoformat(entry["approves_at"]) <= now:
        return "approved"
    return entry["status"]


def _told(payment: PracticePayment, entry: dict, now: datetime) -> dict:
    status = _status(entry, now)
    refunded = sum(payment.refunds.values()) if status == "approved" else 0
    return {
        "id": entry["id"],
        "reference": payment.reference,
        "merchant": str(payment.account_id),
        "status": "refunded" if refunded == payment.amount else status,
        "amount": payment.amount,
        "currency": payment.currency,
        "refunded": refunded,
    }
