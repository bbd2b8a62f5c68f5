"""Wompi (Colombia): the hosted page, transactions asked with the private key, signed events."""

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import quote, urljoin

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.lib import http, money
from config.lib.accounts import Setting
from config.lib.errors import BadSignature, ProviderRefused, ProviderUnavailable

from ..models import (
    GatewayTransaction,
    Order,
    PaymentAccount,
    PaymentAttempt,
    Refund,
    SavedMethod,
)
from . import wompi_events, wompi_page
from .base import Kept, Notice, PaymentProvider, Purchase, RefundReport, Report, Started

CURRENCY = "COP"
# Our page for a card that is kept, beside the address to come back to.
CARD_PAGE = "../tarjeta/"
# The documents by the name under which they are accepted, and the one under which Wompi gives them.
_AGREEMENTS = {
    "acceptance_token": "presigned_acceptance",
    "accept_personal_auth": "presigned_personal_data_auth",
}
_INVALID = 422
_STATUS = {
    "PENDING": GatewayTransaction.Status.PENDING,
    "APPROVED": GatewayTransaction.Status.APPROVED,
    "DECLINED": GatewayTransaction.Status.DECLINED,
    "VOIDED": GatewayTransaction.Status.VOIDED,
    "ERROR": GatewayTransaction.Status.FAILED,
}
# What each key begins with: of the sandbox, and live.
_PREFIXES = {
    "public_key": ("pub_test_", "pub_prod_"),
    "private_key": ("prv_test_", "prv_prod_"),
    "integrity_secret": ("test_integrity_", "prod_integrity_"),
    "events_secret": ("test_events_", "prod_events_"),
}
_PAGE_SIZE = 200
_MOST_PAGES = 10
# What an address may hold, here and in browsers; what is only convenient gives way.
_LONGEST_URL = 2_000
# Voids are carried out later, and one that was heard is never asked for again.
_PATIENCE = timedelta(hours=24)


@dataclass(frozen=True)
class Agreement:
    """A document of Wompi's that a buyer accepts: under which name, by which token, where it is."""

    name: str
    token: str
    address: str


class Wompi(PaymentProvider):
    """Every amount is in centavos of a peso; one reference may own several transactions."""

    code = "wompi"
    can_keep = True
    settings = (
        Setting("public_key", gettext_lazy("Public key"), help="pub_…", is_required=True),
        Setting(
            "private_key",
            gettext_lazy("Private key"),
            help="prv_…",
            is_secret=True,
            is_required=True,
        ),
        Setting(
            "integrity_secret",
            gettext_lazy("Integrity secret"),
            help="…_integrity_…",
            is_secret=True,
            is_required=True,
        ),
        Setting(
            "events_secret",
            gettext_lazy("Events secret"),
            help="…_events_…",
            is_secret=True,
            is_required=True,
        ),
        Setting("minutes_to_pay", gettext_lazy("Minutes to pay"), kind="number", default=30),
        Setting("lowest", gettext_lazy("From an order of"), kind="money", default=150_000),
    )

    # --- Offering and starting ------------------------------------------------------------------

    def problems(self, account: PaymentAccount) -> list[str]:
        return [problem for name in _PREFIXES if (problem := self._problem(account, name))]

    def _problem(self, account: PaymentAccount, name: str) -> str:
        setting = next(setting for setting in self.settings if setting.name == name)
        key = str(self.value(account, name))
        wanted, other = _PREFIXES[name][:: -1 if account.is_live else 1]
        words = {"field": setting.label, "prefix": wanted}
        if not key:
            return _("Fill in “%(field)s”.") % words
        if key.startswith(wanted):
            return ""
        if key.startswith(other):
            if account.is_live:
                return _("“%(field)s” is a test key, and this account is live.") % words
            return _("“%(field)s” is a live key, and this account is for tests.") % words
        return _("“%(field)s” begins with %(prefix)s. This looks like another key.") % words

    def refusal(self, account: PaymentAccount, purchase: Purchase) -> str:
        lowest = int(self.value(account, "lowest"))
        if purchase.currency != CURRENCY:
            return _("Wompi takes Colombian pesos only.")
        if purchase.total < lowest:
            amount = money.label(lowest, purchase.currency)
            return _("Paying so is possible from %(amount)s.") % {"amount": amount}
        return ""

    def merchant(self, account: PaymentAccount) -> str:
        return str(self.value(account, "public_key"))

    def minutes_to_pay(self, account: PaymentAccount) -> int:
        return int(self.value(account, "minutes_to_pay"))

    def start(self, attempt: PaymentAttempt, *, return_url: str, now: datetime) -> Started:
        account = attempt.account
        if self.problems(account):
            raise ProviderRefused("The keys of this Wompi account are not right", code="keys")
        if attempt.currency != CURRENCY:
            raise ProviderRefused("Wompi takes Colombian pesos only", code="currency")
        if attempt.keeps_method:
            # Its own page keeps no card: one of ours lets the browser send the card to Wompi.
            return Started(url=urljoin(return_url, CARD_PAGE))
        until = wompi_page.expiration(attempt.expires_at) if attempt.expires_at else ""
        needed = {
            "public-key": self.value(account, "public_key"),
            "currency": attempt.currency,
            "amount-in-cents": attempt.amount,
            "reference": attempt.reference,
            "signature:integrity": wompi_page.integrity(
                attempt.reference,
                attempt.amount,
                attempt.currency,
                until,
                secret=str(self.value(account, "integrity_secret")),
            ),
            "redirect-url": return_url,
            "expiration-time": until,
        }
        page = settings.GATEWAY_ADDRESSES["wompi"]["page"]
        full = f"{page}?{wompi_page.query(needed | wompi_page.optional(attempt))}"
        short = f"{page}?{wompi_page.query(needed)}"
        return Started(url=full if len(full) <= _LONGEST_URL else short)

    # --- Asking -----------------------------------------------------------------------------------

    def reports(self, attempt: PaymentAttempt) -> list[Report]:
        account = attempt.account
        found: list[Report] = []
        for page in range(1, _MOST_PAGES + 1):
            told = self._ask(
                account,
                "GET",
                "transactions",
                parameters={
                    "reference": attempt.reference,
                    "page": page,
                    "page_size": _PAGE_SIZE,
                },
            )
            if not isinstance(told, list):
                raise ProviderUnavailable("Wompi answered no list of transactions")
            found += [_report(account, entry) for entry in told]
            if len(told) < _PAGE_SIZE:
                break
        return found

    # --- Cards that are kept ----------------------------------------------------------------------

    def agreements(self, account: PaymentAccount) -> list[Agreement]:
        """Give the documents that a buyer accepts before Wompi keeps a card, for one hour or so."""
        told = self._data(
            http.ask(
                "GET",
                self._address(account, "merchants/info"),
                headers={"x-merchant-public-key": self.merchant(account)},
            )
        )
        try:
            found = [
                Agreement(name, told[key]["acceptance_token"], told[key]["permalink"])
                for name, key in _AGREEMENTS.items()
            ]
        except (TypeError, KeyError):
            raise ProviderUnavailable("Wompi answered no agreements") from None
        # A link of theirs becomes a link on our page.
        if not all(one.address.startswith("https://") for one in found):
            raise ProviderUnavailable("Wompi answered an agreement without an address")
        return found

    def token_address(self, account: PaymentAccount) -> str:
        """Give where a browser sends a card, past our servers."""
        return self._address(account, "tokens/cards")

    def keep(self, attempt: PaymentAttempt, token: str, accepted: Mapping[str, str]) -> Kept:
        """Let Wompi keep the card of a token, with the tokens of what its owner accepted."""
        told = self._ask(
            attempt.account,
            "POST",
            "payment_sources",
            json={
                "type": "CARD",
                "token": token,
                "customer_email": attempt.order.email,
                **{name: accepted[name] for name in _AGREEMENTS},
            },
        )
        if not isinstance(told, dict) or type(told.get("id")) is not int:
            raise ProviderUnavailable("Wompi answered no payment source")
        if told.get("status") != "AVAILABLE":
            raise ProviderRefused("Wompi did not accept the card", code="not_available")
        return _kept(told)

    def charge(self, attempt: PaymentAttempt) -> str:
        account = attempt.account
        secret = str(self.value(account, "integrity_secret"))
        wish = {
            "amount_in_cents": attempt.amount,
            "currency": attempt.currency,
            "signature": wompi_page.integrity(
                attempt.reference, attempt.amount, attempt.currency, "", secret=secret
            ),
            "customer_email": attempt.order.email,
            "reference": attempt.reference,
            "payment_source_id": attempt.method.secrets["source"],
            # Inferred: a source needs no token and no new acceptance, only in how many parts.
            "payment_method": {"installments": 1},
            "recurrent": attempt.order.source == Order.Source.REPEAT,
        }
        try:
            told = self._ask(account, "POST", "transactions", json=wish)
        except ProviderRefused as error:
            # Our reference is used already: the first time it was heard, and its answer was lost.
            if error.status == _INVALID and self.reports(attempt):
                return ""
            raise
        return str(told.get("id") or "")[:120] if isinstance(told, dict) else ""

    def forget(self, method: SavedMethod) -> None:
        source = method.secrets["source"]
        try:
            self._ask(method.account, "PUT", f"payment_sources/{source}/void")
        except ProviderRefused as error:
            # Unknown, or voided before (422, inferred): there is nothing left to forget.
            if error.status not in (404, _INVALID):
                raise

    # --- Giving back ------------------------------------------------------------------------------

    def refund_method(self, transaction: GatewayTransaction, amount: int) -> Refund.Method:
        """Only cards are voided, and only whole; nothing else can be sent back by Wompi."""
        is_whole = amount == transaction.amount and not transaction.refunded
        is_void = transaction.method == "CARD" and is_whole
        return Refund.Method.VOID if is_void else Refund.Method.MANUAL

    def refund(self, refund: Refund) -> RefundReport:
        paid = refund.transaction
        if self.refund_method(paid, refund.amount) != Refund.Method.VOID:
            raise ProviderRefused("Wompi voids whole card payments only", code="not_voidable")
        if self._is_voided(paid):
            return RefundReport(Refund.Status.DONE, gateway_id=paid.gateway_id)
        answer = http.exchange(
            "POST",
            self._address(paid.account, f"transactions/{quote(paid.gateway_id, safe='')}/void"),
            headers=self._authorization(paid.account),
            json={"amount_in_cents": refund.amount},
        )
        http.require_good(answer)
        # Any good status means "asked for"; what became of it, only the transaction says.
        try:
            if self._is_voided(paid):
                return RefundReport(Refund.Status.DONE, gateway_id=paid.gateway_id)
            told = answer.data()
        except ProviderUnavailable:
            return RefundReport(Refund.Status.ASKED)
        told = told.get("data") if isinstance(told, dict) else None
        if isinstance(told, dict) and told.get("status") in ("ERROR", "DECLINED"):
            message = str(told.get("status_message") or told["status"])
            return RefundReport(Refund.Status.FAILED, message=message[:200])
        return RefundReport(Refund.Status.ASKED)

    def refund_state(self, refund: Refund) -> RefundReport:
        if self._is_voided(refund.transaction):
            return RefundReport(Refund.Status.DONE, gateway_id=refund.transaction.gateway_id)
        if timezone.now() < refund.requested_at + _PATIENCE:
            return RefundReport(Refund.Status.ASKED)
        return RefundReport(Refund.Status.FAILED, message=_("Wompi did not void the payment."))

    def _is_voided(self, paid: GatewayTransaction) -> bool:
        path = f"transactions/{quote(paid.gateway_id, safe='')}"
        report = _report(paid.account, self._ask(paid.account, "GET", path))
        if report.transaction_id != paid.gateway_id:
            raise ProviderUnavailable("Wompi answered another transaction")
        return report.status == GatewayTransaction.Status.VOIDED

    # --- Listening --------------------------------------------------------------------------------

    def read_notice(
        self, account: PaymentAccount, headers: Mapping[str, str], body: bytes
    ) -> Notice:
        secret = str(self.value(account, "events_secret"))
        if self._problem(account, "events_secret"):
            raise BadSignature("This account has no events secret of its kind.")
        return wompi_events.read(
            headers, body, secret=secret, environment="prod" if account.is_live else "test"
        )

    # --- Calling ----------------------------------------------------------------------------------

    def _ask(self, account: PaymentAccount, method: str, path: str, **options):
        return self._data(
            http.ask(
                method,
                self._address(account, path),
                headers=self._authorization(account),
                **options,
            )
        )

    def _data(self, told):
        if not isinstance(told, dict) or "data" not in told:
            raise ProviderUnavailable("Wompi answered without data")
        return told["data"]

    def _address(self, account: PaymentAccount, path: str) -> str:
        addresses = settings.GATEWAY_ADDRESSES["wompi"]
        return f"{addresses['live' if account.is_live else 'test']}/{path}"

    def _authorization(self, account: PaymentAccount) -> dict:
        # A key of the other environment never leaves this machine.
        if self._problem(account, "private_key"):
            raise ProviderRefused("The private key of this Wompi account is not right", code="keys")
        return {"Authorization": f"Bearer {self.value(account, 'private_key')}"}


def _kept(source: dict) -> Kept:
    """Read a payment source; what its public data hold is inferred, and missed when it is not."""
    public = source.get("public_data")
    public = public if isinstance(public, dict) else {}
    brand = str(public.get("brand") or "").title() or _("Card")
    last_four = str(public.get("last_four") or "")[-4:]
    try:
        year, month = int(public["exp_year"]) % 100 + 2000, int(public["exp_month"])
        expires_on = date(year, month, calendar.monthrange(year, month)[1])
    except (KeyError, ValueError, TypeError):
        expires_on = None
    return Kept(
        secrets={"source": source["id"]},
        label=f"{brand} •••• {last_four}" if last_four.isdigit() else brand,
        expires_on=expires_on,
    )


def _report(account: PaymentAccount, entry) -> Report:
    """Read one transaction; what cannot be read is no answer."""
    try:
        amount, currency = entry["amount_in_cents"], entry["currency"]
        transaction_id, reference, status = entry["id"], entry["reference"], entry["status"]
        merchant = (entry.get("merchant") or {}).get("public_key") or ""
    except (TypeError, KeyError, AttributeError):
        raise ProviderUnavailable("Wompi answered a transaction that cannot be read") from None
    is_read = type(amount) is int and all(
        isinstance(text, str) for text in (currency, transaction_id, reference, status, merchant)
    )
    if not is_read or not transaction_id:
        raise ProviderUnavailable("Wompi answered a transaction that cannot be read")
    return Report(
        transaction_id=transaction_id,
        reference=reference,
        # A word that is new to us decides nothing: it waits.
        status=_STATUS.get(status, GatewayTransaction.Status.PENDING),
        amount=amount,
        currency=currency.upper(),
        # The transaction does not say; the key that was answered belongs to one environment.
        is_live=account.is_live,
        merchant=merchant,
        refunded=amount if status == "VOIDED" else 0,
        method=str(entry.get("payment_method_type") or "")[:40],
        message=str(entry.get("status_message") or "")[:200],
    )
