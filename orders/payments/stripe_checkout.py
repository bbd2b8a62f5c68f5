"""Stripe: a Checkout Session for each attempt, asked for with its payment; refunds by our key."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import stripe
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.lib import http, money
from config.lib.accounts import Setting
from config.lib.errors import BadSignature, ProviderRefused, ProviderUnavailable

from ..models import GatewayTransaction, PaymentAccount, PaymentAttempt, Refund, SavedMethod
from . import stripe_events, stripe_words
from .base import Kept, Notice, PaymentProvider, Purchase, RefundReport, Report, Started

# It would write an id beside the home directory and send it along.
stripe.enable_telemetry = False

# What Stripe answers when the bank says no to a charge without its buyer.
_DECLINED = 402
_CLOCKS_APART = timedelta(minutes=10)
# Of the tests, and live; a restricted key does as well as a secret one.
_PREFIXES = (("sk_test_", "rk_test_"), ("sk_live_", "rk_live_"))


class StripeCheckout(PaymentProvider):
    """Amounts are in the minor unit of the currency, also those in pesos."""

    code = "stripe"
    can_keep = True
    settings = (
        Setting(
            "secret_key",
            gettext_lazy("Secret key"),
            help="sk_… / rk_…",
            is_secret=True,
            is_required=True,
        ),
        Setting(
            "webhook_secrets",
            gettext_lazy("Webhook secrets"),
            help=gettext_lazy("whsec_…, one in each line; several while you change it."),
            kind="paragraph",
            is_secret=True,
            is_required=True,
        ),
        Setting("minutes_to_pay", gettext_lazy("Minutes to pay"), kind="number", default=60),
        Setting("lowest", gettext_lazy("From an order of"), kind="money", default=250_000),
        Setting("highest", gettext_lazy("Up to an order of"), kind="money"),
    )

    # --- Offering and starting ------------------------------------------------------------------

    def problems(self, account: PaymentAccount) -> list[str]:
        found = [self._key_problem(account)]
        secrets = self._webhook_secrets(account)
        if not secrets:
            found.append(_("Fill in “%(field)s”.") % {"field": self.settings[1].label})
        if any(not secret.startswith("whsec_") for secret in secrets):
            found.append(_("Every webhook secret begins with whsec_."))
        return [problem for problem in found if problem]

    def _key_problem(self, account: PaymentAccount) -> str:
        key = str(self.value(account, "secret_key"))
        wanted, other = _PREFIXES[:: -1 if account.is_live else 1]
        words = {"field": self.settings[0].label, "prefix": wanted[0]}
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
        lowest, highest = self.value(account, "lowest"), self.value(account, "highest")
        if purchase.total < lowest:
            return _("Paying so is possible from %(amount)s.") % {
                "amount": money.label(lowest, purchase.currency)
            }
        if highest and purchase.total > highest:
            return _("Paying so is possible up to %(amount)s.") % {
                "amount": money.label(highest, purchase.currency)
            }
        return ""

    def minutes_to_pay(self, account: PaymentAccount) -> int:
        return int(self.value(account, "minutes_to_pay"))

    def start(self, attempt: PaymentAttempt, *, return_url: str, now: datetime) -> Started:
        if self.problems(attempt.account):
            raise ProviderRefused("The keys of this Stripe account are not right", code="keys")
        # The same words for the same attempt, always: Stripe answers a repeat with the first one.
        session = self._call(
            attempt.account,
            lambda client: client.v1.checkout.sessions.create(
                stripe_words.session(attempt, return_url),
                {"idempotency_key": f"checkout:{attempt.pk}"},
            ),
        )
        if not session.get("url"):
            raise ProviderRefused("This Stripe session is closed", code="closed")
        return Started(url=session["url"], gateway_id=session["id"])

    def close(self, attempt: PaymentAttempt) -> None:
        if not attempt.gateway_id:
            return
        try:
            self._call(
                attempt.account,
                lambda client: client.v1.checkout.sessions.expire(attempt.gateway_id),
            )
        except ProviderRefused:
            return  # It is complete or expired: nothing is open.

    # --- Asking -----------------------------------------------------------------------------------

    def reports(self, attempt: PaymentAttempt) -> list[Report]:
        if attempt.charge_at:
            return self._charges(attempt)
        if not attempt.gateway_id:
            # Its page was never shown to anybody, so nobody can have paid there.
            return []
        session = self._call(
            attempt.account,
            lambda client: client.v1.checkout.sessions.retrieve(
                attempt.gateway_id, {"expand": ["payment_intent.latest_charge"]}
            ),
        )
        try:
            intent = session["payment_intent"]
            named = session["client_reference_id"] or ""
            return [stripe_words.report(intent, named)] if intent else []
        except (KeyError, TypeError, AttributeError):
            raise ProviderUnavailable("Stripe answered a session that cannot be read") from None

    # --- Cards that are kept ----------------------------------------------------------------------

    def kept(self, attempt: PaymentAttempt) -> Kept | None:
        if not attempt.gateway_id:
            return None
        session = self._call(
            attempt.account,
            lambda client: client.v1.checkout.sessions.retrieve(
                attempt.gateway_id, {"expand": ["payment_intent.payment_method"]}
            ),
        )
        intent = session.get("payment_intent") or {}
        method, customer = intent.get("payment_method"), intent.get("customer")
        # Only a method that belongs to a customer can be charged again.
        return stripe_words.kept(method, customer) if method and customer else None

    def charge(self, attempt: PaymentAttempt) -> str:
        order, saved = attempt.order, attempt.method.secrets
        metadata = {"reference": attempt.reference, "order": str(order.number)}
        wish = {
            "amount": attempt.amount,
            "currency": attempt.currency.lower(),
            "customer": saved["customer"],
            "payment_method": saved["method"],
            # The buyer is not here and can confirm nothing: what asks for that is declined.
            "off_session": True,
            "confirm": True,
            # Inferred from the library's own words: without it a return address would be asked for.
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
            "metadata": metadata,
        }
        options = {"idempotency_key": f"charge:{attempt.pk}"}
        try:
            intent = self._call(
                attempt.account, lambda client: client.v1.payment_intents.create(wish, options)
            )
        except ProviderRefused as error:
            if error.status != _DECLINED:
                raise
            # The bank said no; which payment that was, the list of the customer's payments says.
            return ""
        return intent["id"]

    def _charges(self, attempt: PaymentAttempt) -> list[Report]:
        """Give the payment of a charge; one whose answer was lost is found by our reference."""
        if attempt.gateway_id:
            intent = self._call(
                attempt.account,
                lambda client: client.v1.payment_intents.retrieve(
                    attempt.gateway_id, {"expand": ["latest_charge"]}
                ),
            )
            return self._read_charges([intent], attempt)
        if attempt.method is None or not attempt.method.secrets:
            raise ProviderRefused("This card is not kept any more", code="not_kept")
        wish = {
            "customer": attempt.method.secrets["customer"],
            # Stripe's clock may be behind ours.
            "created": {"gte": int((attempt.created_at - _CLOCKS_APART).timestamp())},
            "limit": 100,
            "expand": ["data.latest_charge"],
        }
        told = self._call(attempt.account, lambda client: client.v1.payment_intents.list(wish))
        return self._read_charges(told.get("data"), attempt)

    def _read_charges(self, intents, attempt: PaymentAttempt) -> list[Report]:
        try:
            return [
                stripe_words.report(intent, attempt.reference)
                for intent in intents
                if (intent["metadata"] or {}).get("reference") == attempt.reference
            ]
        except (KeyError, TypeError, AttributeError):
            raise ProviderUnavailable("Stripe answered payments that cannot be read") from None

    def forget(self, method: SavedMethod) -> None:
        try:
            self._call(
                method.account,
                lambda client: client.v1.payment_methods.detach(method.secrets["method"]),
            )
        except ProviderRefused as error:
            # Unknown, or detached before (400, inferred): there is nothing left to forget.
            if error.status not in (400, 404):
                raise

    # --- Giving back ------------------------------------------------------------------------------

    def refund_method(self, transaction: GatewayTransaction, amount: int) -> Refund.Method:
        return Refund.Method.GATEWAY

    def refund(self, refund: Refund) -> RefundReport:
        # Stripe forgets keys after a day, but never a refund: one that is there is not repeated.
        known = self.refund_state(refund)
        if known.status != Refund.Status.REQUESTED:
            return known
        paid = refund.transaction
        wish = {
            "payment_intent": paid.gateway_id,
            "amount": refund.amount,
            "reason": "requested_by_customer",
            "metadata": {"refund": str(refund.pk), "reference": paid.reference},
        }
        options = {"idempotency_key": f"refund:{refund.pk}"}
        return stripe_words.refund_report(
            self._call(paid.account, lambda client: client.v1.refunds.create(wish, options))
        )

    def refund_state(self, refund: Refund) -> RefundReport:
        paid = refund.transaction
        wish = {"payment_intent": paid.gateway_id, "limit": 100}
        told = self._call(paid.account, lambda client: client.v1.refunds.list(wish))
        for entry in told.get("data", []):
            if (entry.get("metadata") or {}).get("refund") == str(refund.pk):
                return stripe_words.refund_report(entry)
        return RefundReport(Refund.Status.REQUESTED)

    # --- Listening --------------------------------------------------------------------------------

    def read_notice(
        self, account: PaymentAccount, headers: Mapping[str, str], body: bytes
    ) -> Notice:
        notice, is_live = stripe_events.read(
            headers, body, secrets=self._webhook_secrets(account), now=timezone.now()
        )
        if is_live != account.is_live:
            raise BadSignature("The event is of another environment.")
        return notice

    # --- Calling ----------------------------------------------------------------------------------

    def _webhook_secrets(self, account: PaymentAccount) -> list[str]:
        return str(self.value(account, "webhook_secrets")).split()

    def _call(self, account: PaymentAccount, call) -> dict:
        """Make one call and give its answer as a dictionary; Stripe's errors become ours."""
        # A key of the other environment never leaves this machine.
        if self._key_problem(account):
            raise ProviderRefused("The key of this Stripe account is not right", code="keys")
        client = stripe.StripeClient(
            str(self.value(account, "secret_key")),
            # Whoever calls tries again when there is time, and not while a person waits.
            max_network_retries=0,
            base_addresses={
                "api": settings.GATEWAY_ADDRESSES["stripe"]["live" if account.is_live else "test"]
            },
            http_client=_Transport(),
        )
        try:
            answer = call(client)
        except stripe.APIError as error:
            raise ProviderUnavailable(
                "Stripe's answer cannot be read", status=error.http_status or 0
            ) from None
        except stripe.StripeError as error:
            # Its message may quote what was sent.
            code = error.code or (error.error.type if error.error else "") or ""
            message = f"Stripe answered {error.http_status} {code}"
            raise ProviderRefused(message, status=error.http_status or 0, code=code) from None
        return answer.to_dict()


class _Transport(stripe.HTTPClient):
    """Stripe's library, calling as everything here calls outside services."""

    name = "kaiu"

    def request(self, method, url, headers, post_data=None, *, _usage=None):
        answer = http.exchange(method.upper(), url, headers=headers, body=post_data)
        # 409: another call with the same key is still being answered.
        if answer.status >= 500 or answer.status in (409, 429):
            raise ProviderUnavailable(f"Stripe answered {answer.status}", status=answer.status)
        return answer.body, answer.status, answer.headers

    def close(self):
        """Nothing stays open between calls."""
