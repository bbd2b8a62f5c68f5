"""Proofs of bank transfers: kept where no address leads, looked at by a person, never believed.

A proof is a picture that anybody can draw. It keeps the order alive while somebody of the shop
looks for the money in the bank account; only their word settles it.
"""

import io
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import BinaryIO
from uuid import uuid4

from django.core.files.base import ContentFile, File
from django.core.files.storage import storages
from django.db import transaction
from django.utils.translation import gettext as _

from config.lib.errors import DomainError
from shop import pictures, stock
from shop.models import User

from . import paying, settlement, timeline
from .models import GatewayTransaction, Order, OrderEvent, PaymentAccount, PaymentAttempt
from .payments.base import Report

LARGEST = 8 * 1024 * 1024
# What a form offers to choose; what a file really is, only its content says.
ACCEPTED = "image/jpeg,image/png,image/webp,application/pdf"
# Enough to read the small print of a photographed receipt.
_WIDEST = 2_000
_PICTURES = ((b"\xff\xd8\xff", 0), (b"\x89PNG\r\n\x1a\n", 0), (b"WEBP", 8))
# Who is told that a proof was not accepted has at least so long to pay.
_AFTER_REJECTION = timedelta(days=1)
_OPEN = (PaymentAttempt.Status.STARTED, PaymentAttempt.Status.PENDING)


class BadProof(DomainError):
    code = "bad_proof"


class NoTransfer(DomainError):
    """This order waits for no transfer."""

    code = "no_transfer"


class AlreadyUsed(DomainError):
    """One transfer pays one order."""

    code = "transfer_already_used"


class AlreadyAccepted(DomainError):
    code = "transfer_already_accepted"


@dataclass(frozen=True)
class Kept:
    """A proof as it is handed out."""

    file: File
    content_type: str
    name: str


# --- The buyer ------------------------------------------------------------------------------------


def receive(order: Order, file: BinaryIO, *, now: datetime) -> PaymentAttempt:
    """Keep the receipt of a transfer and tell the shop; a newer one takes the place of an older."""
    content, ending = _clean(file)
    name = f"proofs/{order.organization_id}/{uuid4().hex}{ending}"
    storage = storages["private"]
    storage.save(name, ContentFile(content))
    try:
        return _attach(order, name, now=now)
    except Exception:
        storage.delete(name)
        raise


@transaction.atomic
def _attach(order: Order, name: str, *, now: datetime) -> PaymentAttempt:
    order = Order.objects.select_for_update(no_key=True, of=("self",)).get(pk=order.pk)
    attempt = _open_attempt(order, now=now)
    before = attempt.proof.name
    if before:
        transaction.on_commit(lambda: storages["private"].delete(before))
    attempt.proof, attempt.proof_at = name, now
    attempt.status = PaymentAttempt.Status.PENDING
    attempt.save(update_fields=["proof", "proof_at", "status"])
    # The page of the order sees that something is new.
    order.save(update_fields=["changed_at"])
    timeline.record(
        order,
        OrderEvent.Kind.PROOF_RECEIVED,
        now=now,
        actor_label=timeline.BUYER,
        data={"amount": attempt.amount, "currency": attempt.currency},
        is_public=True,
    )
    return attempt


def _open_attempt(order: Order, *, now: datetime) -> PaymentAttempt:
    """Give the transfer that the buyer means: the one begun, or a new one."""
    transfers = order.attempts.filter(account__provider=PaymentAccount.Provider.TRANSFER)
    opened = transfers.filter(status__in=_OPEN).first()
    if opened:
        return opened
    last = transfers.select_related("account").first()
    account = last.account if last else order.account
    if account is None or account.provider != PaymentAccount.Provider.TRANSFER:
        raise NoTransfer(_("This order is not paid by bank transfer."))
    return paying.start(order, return_url="", now=now, account=account)


def _clean(file: BinaryIO) -> tuple[bytes, str]:
    """Give what is kept of an uploaded file and how its name ends, whatever the sender says."""
    content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise BadProof(_("This file is larger than 8 MB. Choose a smaller one."))
    if content.startswith(b"%PDF-") and b"%%EOF" in content[-2048:]:
        return content, ".pdf"
    if not any(content.startswith(mark, at) for mark, at in _PICTURES):
        raise BadProof(_("We cannot read this file. Send a picture (JPEG, PNG, WebP) or a PDF."))
    try:
        picture = pictures.read(io.BytesIO(content))
    except pictures.BadPicture as error:
        raise BadProof(
            _("We cannot read this file. Send a picture (JPEG, PNG, WebP) or a PDF.")
        ) from error
    picture.thumbnail((_WIDEST, _WIDEST))
    # Where and with which phone it was taken stays with the buyer.
    picture.info.clear()
    clean = io.BytesIO()
    picture.save(clean, "WEBP", quality=85)
    return clean.getvalue(), ".webp"


def kept(attempt: PaymentAttempt | None) -> Kept | None:
    """Open the proof of an attempt for somebody who may see it; None when there is none."""
    if attempt is None or not attempt.proof:
        return None
    name = attempt.proof.name
    storage = storages["private"]
    if not storage.exists(name):
        return None
    ending = name.rpartition(".")[2]
    content_type = {"pdf": "application/pdf", "webp": "image/webp"}[ending]
    return Kept(storage.open(name), content_type, f"{attempt.reference}.{ending}")


# --- The shop -------------------------------------------------------------------------------------


@transaction.atomic
def accept(
    attempt: PaymentAttempt, *, reference: str, amount: int, actor: User, now: datetime
) -> GatewayTransaction:
    """Take the word of a person who found the transfer in the bank account, once.

    `reference` is what the bank printed, `amount` what arrived: less leaves the rest to be paid.
    """
    reference = " ".join(reference.split()).upper()
    if not reference or len(reference) > 120:
        raise BadProof(_("Write the reference that the bank gave to the transfer."))
    if amount <= 0:
        raise BadProof(_("Write the amount that arrived."))
    order, attempt = _locked(attempt)
    known = GatewayTransaction.objects.filter(account=attempt.account, gateway_id=reference)
    told = known.select_related("attempt__order").first()
    if told is not None and told.attempt_id == attempt.pk:
        return told
    if told is not None:
        raise AlreadyUsed(
            _("The transfer %(reference)s already paid order %(order)s.")
            % {"reference": reference, "order": told.attempt.order if told.attempt else "?"}
        )
    if attempt.status == PaymentAttempt.Status.APPROVED:
        raise AlreadyAccepted(_("Somebody else already accepted this transfer."))
    if attempt.amount != amount:
        # By hand, what arrived is what was meant to be paid.
        attempt.amount = amount
        attempt.save(update_fields=["amount"])
    timeline.record(
        order,
        OrderEvent.Kind.NOTE,
        now=now,
        actor=actor,
        data={"transfer": reference, "amount": amount, "currency": attempt.currency},
    )
    return settlement.settle(
        attempt.account,
        Report(
            transaction_id=reference,
            reference=attempt.reference,
            status=GatewayTransaction.Status.APPROVED,
            amount=amount,
            currency=attempt.currency,
            is_live=attempt.account.is_live,
            method=str(attempt.account),
        ),
        now=now,
    )


@transaction.atomic
def reject(attempt: PaymentAttempt, *, reason: str, actor: User, now: datetime) -> PaymentAttempt:
    """Tell the buyer that the proof shows no payment, and leave them time to pay."""
    order, attempt = _locked(attempt)
    if attempt.status == PaymentAttempt.Status.APPROVED:
        raise AlreadyAccepted(_("Somebody else already accepted this transfer."))
    if attempt.status == PaymentAttempt.Status.DECLINED:
        return attempt
    attempt.status, attempt.proof_at = PaymentAttempt.Status.DECLINED, None
    attempt.save(update_fields=["status", "proof_at"])
    if order.status == Order.Status.PENDING:
        order.expires_at = max(order.expires_at or now, now + _AFTER_REJECTION)
        stock.extend(order.pk, until=order.expires_at)
    order.save(update_fields=["expires_at", "changed_at"])
    timeline.record(
        order,
        OrderEvent.Kind.PAYMENT_DECLINED,
        now=now,
        actor=actor,
        data={
            "amount": attempt.amount,
            "currency": attempt.currency,
            "method": str(attempt.account),
            "message": reason.strip()[:200],
        },
        is_public=True,
        mail=order.status == Order.Status.PENDING,
    )
    return attempt


def _locked(attempt: PaymentAttempt) -> tuple[Order, PaymentAttempt]:
    """Give order and attempt as they stand now, behind the order's lock."""
    order = Order.objects.select_for_update(no_key=True, of=("self",)).get(pk=attempt.order_id)
    attempt = PaymentAttempt.objects.select_related("account").get(pk=attempt.pk)
    if attempt.account.provider != PaymentAccount.Provider.TRANSFER:
        raise NoTransfer(_("This payment is no bank transfer."))
    return order, attempt
