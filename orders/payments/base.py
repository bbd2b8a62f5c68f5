"""What every way to pay promises, in our words."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from config.lib.accounts import Configured
from config.lib.errors import ProviderRefused
from shop.models import Customer

from ..models import GatewayTransaction, PaymentAccount, PaymentAttempt, Refund, SavedMethod


@dataclass(frozen=True)
class Purchase:
    """What decides whether a way to pay is offered. Amounts in minor units."""

    total: int
    currency: str
    municipality_code: str
    allows_cash_on_delivery: bool
    customer: Customer | None = None


@dataclass(frozen=True)
class Started:
    """A payment that was opened: where the buyer goes, and the gateway's name of it if any."""

    url: str
    gateway_id: str = ""


@dataclass(frozen=True)
class Report:
    """What a gateway says of one transaction, in our words.

    `merchant` is empty when the gateway does not say; then the key that answered is the proof.
    """

    transaction_id: str
    reference: str
    status: GatewayTransaction.Status
    amount: int
    currency: str
    is_live: bool
    merchant: str = ""
    refunded: int = 0
    method: str = ""
    message: str = ""


@dataclass(frozen=True)
class Kept:
    """A means to pay that a gateway keeps: what it calls it, and what a buyer knows it by."""

    secrets: dict = field(repr=False)
    label: str
    expires_on: date | None = None


@dataclass(frozen=True)
class RefundReport:
    """How a refund stands at the gateway."""

    status: Refund.Status
    gateway_id: str = ""
    message: str = ""


@dataclass(frozen=True)
class Notice:
    """A webhook whose signature was checked. Without reference it is about nothing of ours."""

    event_id: str
    kind: str
    payload: dict = field(repr=False)
    reference: str = ""
    transaction_id: str = ""


class PaymentProvider(Configured, ABC):
    """Raises ProviderUnavailable or ProviderRefused, never its own errors, and saves no rows."""

    code: str
    # Whether there is somebody to ask how a payment stands; otherwise only staff can say.
    can_be_asked = True
    # Whether the buyer leaves for another page to pay.
    has_page = True
    # Whether money can be sent by it before the goods are; cash is only taken at the door.
    takes_money_first = True
    # Whether it keeps a card for later, with its owner's permission, and charges it without them.
    can_keep = False

    @abstractmethod
    def problems(self, account: PaymentAccount) -> list[str]:
        """Say what is missing or wrong in the account's keys (test and live mixed, a key twice)."""

    def refusal(self, account: PaymentAccount, purchase: Purchase) -> str:
        """Say why this purchase cannot be paid so, in words for the buyer; empty when it can."""
        return ""

    def merchant(self, account: PaymentAccount) -> str:
        """Give the name by which reports call this account; empty when they name none."""
        return ""

    def instructions(self, account: PaymentAccount) -> list[tuple[str, str]]:
        """Give what the buyer must know to pay without a page, as labels and values."""
        return []

    @abstractmethod
    def minutes_to_pay(self, account: PaymentAccount) -> int:
        """Give how long an order waits for its payment, and its stock with it."""

    def due_first(self, account: PaymentAccount, total: int) -> int:
        """Give what must be paid before the shop starts: everything, or only a deposit."""
        return total

    @abstractmethod
    def start(self, attempt: PaymentAttempt, *, return_url: str, now: datetime) -> Started:
        """Open a payment and give the page to send the buyer to.

        `return_url` is absolute and without query; asked twice for one attempt, one payment opens.
        """

    def close(self, attempt: PaymentAttempt) -> None:
        """Shut the payment's page when the gateway can; what was paid before stays paid."""
        return None

    @abstractmethod
    def reports(self, attempt: PaymentAttempt) -> list[Report]:
        """Ask how every transaction under this attempt stands now; none yet gives an empty list."""

    def kept(self, attempt: PaymentAttempt) -> Kept | None:
        """Give what the gateway keeps of a payment that allowed it; None when it keeps nothing."""
        return None

    def charge(self, attempt: PaymentAttempt) -> str:
        """Charge the attempt's saved means without its owner, and give the gateway's id, if any.

        Asked twice for one attempt, it charges once. What became of it only `reports` says: a
        decline is an answer there and no error here. ProviderRefused says that nothing was tried.
        """
        raise ProviderRefused("Nothing can be charged by this way to pay", code="not_kept")

    def forget(self, method: SavedMethod) -> None:
        """Let the gateway forget a saved means; one that it does not know any more is forgotten."""
        return None

    @abstractmethod
    def refund_method(self, transaction: GatewayTransaction, amount: int) -> Refund.Method:
        """Say how so much of this transaction can be given back."""

    @abstractmethod
    def refund(self, refund: Refund) -> RefundReport:
        """Give money back by the gateway; the same refund never pays out twice."""

    @abstractmethod
    def refund_state(self, refund: Refund) -> RefundReport:
        """Ask how a refund stands that was asked for, also when its answer was lost.

        Status.REQUESTED says that the gateway knows nothing of it: it may be asked for again.
        """

    @abstractmethod
    def read_notice(
        self, account: PaymentAccount, headers: Mapping[str, str], body: bytes
    ) -> Notice:
        """Check a webhook's signature over the raw body and read it, or raise BadSignature."""


def header(headers: Mapping[str, str], name: str) -> str:
    """Give a header whatever the case of its name, or nothing."""
    wanted = name.lower()
    return next((value for key, value in headers.items() if key.lower() == wanted), "")
