"""The practice gateway: a page of ours where a person plays the bank, in test mode only."""

import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urljoin

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.lib.accounts import Setting
from config.lib.errors import BadSignature, ProviderRefused

from ..models import GatewayTransaction, PaymentAccount, PaymentAttempt, Refund, SavedMethod
from ..practice import gateway
from .base import (
    Kept,
    Notice,
    PaymentProvider,
    Purchase,
    RefundReport,
    Report,
    Started,
    header,
)

_STATUS = {
    "pending": GatewayTransaction.Status.PENDING,
    "approved": GatewayTransaction.Status.APPROVED,
    "declined": GatewayTransaction.Status.DECLINED,
    "refunded": GatewayTransaction.Status.REFUNDED,
}


class Practice(PaymentProvider):
    """Speaks with orders/practice/gateway.py as the others speak with machines far away."""

    code = "practice"
    can_keep = True
    settings = (
        Setting("minutes_to_pay", gettext_lazy("Minutes to pay"), kind="number", default=30),
    )

    def problems(self, account: PaymentAccount) -> list[str]:
        if account.is_live or account.organization.is_live:
            return [_("The practice gateway works in test mode only.")]
        return []

    def refusal(self, account: PaymentAccount, purchase: Purchase) -> str:
        return " ".join(self.problems(account))

    def merchant(self, account: PaymentAccount) -> str:
        return str(account.pk)

    def minutes_to_pay(self, account: PaymentAccount) -> int:
        return int(self.value(account, "minutes_to_pay"))

    def start(self, attempt: PaymentAttempt, *, return_url: str, now: datetime) -> Started:
        if self.problems(attempt.account):
            raise ProviderRefused("The practice gateway works in test mode only.", code="live")
        payment = gateway.open_payment(attempt, return_url=return_url)
        page = reverse("practice_payment", args=[payment.reference])
        return Started(url=urljoin(return_url, page))

    def reports(self, attempt: PaymentAttempt) -> list[Report]:
        return [
            Report(
                transaction_id=entry["id"],
                reference=entry["reference"],
                status=_STATUS[entry["status"]],
                amount=entry["amount"],
                currency=entry["currency"],
                is_live=False,
                merchant=entry["merchant"],
                refunded=entry["refunded"],
                method="PRACTICE",
            )
            for entry in gateway.transactions(attempt.reference, now=timezone.now())
        ]

    def kept(self, attempt: PaymentAttempt) -> Kept | None:
        card = gateway.kept_card(attempt.reference)
        return card and Kept(secrets={"card": str(card.pk)}, label=f"Visa •••• {card.number}")

    def charge(self, attempt: PaymentAttempt) -> str:
        if self.problems(attempt.account):
            raise ProviderRefused("The practice gateway works in test mode only.", code="live")
        return gateway.charge(attempt, attempt.method.secrets["card"])

    def forget(self, method: SavedMethod) -> None:
        gateway.forget_card(method.secrets["card"])

    def refund_method(self, transaction: GatewayTransaction, amount: int) -> Refund.Method:
        return Refund.Method.GATEWAY

    def refund(self, refund: Refund) -> RefundReport:
        paid = refund.transaction
        gateway.give_back(paid.reference, paid.gateway_id, refund.amount, key=str(refund.pk))
        return self.refund_state(refund)

    def refund_state(self, refund: Refund) -> RefundReport:
        key = str(refund.pk)
        if gateway.was_given_back(refund.transaction.reference, key=key):
            return RefundReport(status=Refund.Status.DONE, gateway_id=key)
        return RefundReport(status=Refund.Status.REQUESTED)

    def read_notice(
        self, account: PaymentAccount, headers: Mapping[str, str], body: bytes
    ) -> Notice:
        told = header(headers, gateway.SIGNATURE_HEADER)
        if not hmac.compare_digest(gateway.signature(account, body).encode(), told.encode()):
            raise BadSignature("The notice is not of the practice gateway.")
        event = json.loads(body)
        return Notice(
            event_id=event["id"],
            kind=event["type"],
            payload=event,
            reference=event["data"]["reference"],
            transaction_id=event["data"]["id"],
        )
