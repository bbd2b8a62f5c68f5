"""Every way to pay, by its code: callers write payments.get(account.provider).start(attempt)."""

from django.utils.translation import gettext as _

from ..models import PaymentAccount
from .base import PaymentProvider, Purchase
from .cash import CashOnDelivery
from .practice import Practice
from .stripe_checkout import StripeCheckout
from .transfer import Transfer
from .wompi import Wompi

PROVIDERS: dict[str, PaymentProvider] = {
    provider.code: provider
    for provider in (Wompi(), StripeCheckout(), Transfer(), CashOnDelivery(), Practice())
}


def get(code: str) -> PaymentProvider:
    """Give the provider of this code, or raise KeyError."""
    return PROVIDERS[code]


def refusal(account: PaymentAccount, purchase: Purchase) -> str:
    """Say why this purchase cannot be paid by this account, in words for the buyer, or nothing."""
    provider = get(account.provider)
    is_misplaced = account.is_live != account.organization.is_live
    if not account.is_active or is_misplaced or provider.problems(account):
        return _("This way to pay is not available now. Choose another one.")
    return provider.refusal(account, purchase)
