"""The signed name that opens a subscription to whoever has its mails."""

from shop.models import Organization

from ..models import Subscription
from ..tokens import read_key, sign_key

_PURPOSE = "subscription"


def of(subscription: Subscription) -> str:
    """Give the token of a subscription's page, /suscripciones/<token>/."""
    return sign_key(subscription.organization, _PURPOSE, subscription.pk)


def subscription_of(organization: Organization, token: str, rows) -> Subscription | None:
    """Give the subscription that this token opens here, or None."""
    key = read_key(organization, _PURPOSE, token)
    return None if key is None else rows.filter(pk=key).first()
