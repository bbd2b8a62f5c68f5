"""What is alike in the ways to pay that no gateway knows: only staff see the money."""

from collections.abc import Mapping
from datetime import datetime
from typing import NoReturn

from config.lib.errors import BadSignature, ProviderRefused

from ..models import GatewayTransaction, PaymentAccount, PaymentAttempt, Refund
from .base import Notice, PaymentProvider, RefundReport, Report, Started


class ByHand(PaymentProvider):
    """Money that people hand over and people count."""

    can_be_asked = False
    has_page = False

    def start(self, attempt: PaymentAttempt, *, return_url: str, now: datetime) -> Started:
        return Started(url=return_url)

    def reports(self, attempt: PaymentAttempt) -> list[Report]:
        return []

    def refund_method(self, transaction: GatewayTransaction, amount: int) -> Refund.Method:
        return Refund.Method.MANUAL

    def refund(self, refund: Refund) -> RefundReport:
        self._refuse()

    def refund_state(self, refund: Refund) -> RefundReport:
        self._refuse()

    def read_notice(
        self, account: PaymentAccount, headers: Mapping[str, str], body: bytes
    ) -> Notice:
        raise BadSignature("Nobody sends notices of it.")

    def _refuse(self) -> NoReturn:
        raise ProviderRefused("Money is given back by hand.", code="by_hand")
