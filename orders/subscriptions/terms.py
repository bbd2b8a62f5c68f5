"""What a renewal is ordered with: who, where, how, and what it would cost today."""

from datetime import datetime

from django.utils.translation import gettext as _

from config.lib.errors import DomainError
from logistics import quotes
from logistics.quotes import NotDelivered

from .. import checkout, contents, paying
from ..contents import Contents
from ..models import Order, PaymentAccount, Subscription


def rows():
    """Give subscriptions with what renewing them needs of other rows."""
    return Subscription.objects.select_related(
        "organization",
        "customer__organization",
        "plan",
        "account__organization",
        "method__account",
        "municipality__department",
    )


def wish(subscription: Subscription, found: Contents) -> checkout.Wish:
    """Give what the owner decided once for all deliveries."""
    return checkout.Wish(
        contact=checkout.Contact(
            name=subscription.name,
            email=subscription.email,
            phone=str(subscription.phone or ""),
            document_type=subscription.document_type,
            document_number=subscription.document_number,
        ),
        municipality=subscription.municipality,
        address=subscription.address,
        delivery_code=_delivery_code(subscription, found),
        account=_account(subscription),
        terms_version=subscription.terms_version,
        accepted_from=subscription.agreed_from,
        billing=subscription.billing,
        language=subscription.language,
        source=Order.Source.REPEAT,
        percent_off=subscription.percent,
        agreed_at=subscription.agreed_at,
    )


def _delivery_code(subscription: Subscription, found: Contents) -> str:
    """Give the way that was chosen; when it is offered no more, the cheapest to the door.

    Nobody is asked: see `prepare`.
    """
    basket = _basket(subscription, found)
    offered = quotes.known_for(subscription.municipality, basket, chosen=subscription.delivery_code)
    if any(quote.code == subscription.delivery_code for quote in offered):
        return subscription.delivery_code
    to_the_door = (quote.code for quote in offered if not quote.is_pickup)
    return next(to_the_door, subscription.delivery_code)


def _basket(subscription: Subscription, found: Contents) -> quotes.Basket:
    return checkout.basket_of(subscription.organization, found, percent_off=subscription.percent)


def prepare(subscription: Subscription, *, now: datetime) -> NotDelivered | None:
    """Ask outside carriers what a renewal may cost, before any transaction; say why none goes."""
    found = _sold(things(subscription, now=now))
    if not found:
        return None
    _offered, refusal = quotes.choices(
        subscription.municipality,
        _basket(subscription, found),
        chosen=subscription.delivery_code,
    )
    return refusal


def _account(subscription: Subscription) -> PaymentAccount | None:
    """Give by whom it is paid; when the shop closed that account, by another that takes cards."""
    if subscription.account.is_active:
        return subscription.account
    others = (
        account
        for account in paying.accounts(subscription.organization)
        if account.provider != PaymentAccount.Provider.CASH
    )
    return next(others, subscription.account)


def estimate(subscription: Subscription, *, now: datetime) -> tuple[int, str]:
    """Say what the next renewal would cost today, or why it could not be ordered.

    It asks nobody outside: `prepare` does so before.
    """
    found = things(subscription, now=now)
    problems = [f"{item.name}: {item.problem()}" for item in found.items if item.is_short]
    sold = _sold(found)
    if not sold:
        return 0, " · ".join(problems) or _("Nothing of it is sold any more.")
    try:
        price, _quote = checkout.price_of(subscription.organization, sold, wish(subscription, sold))
    except DomainError as error:
        return 0, str(error)
    return price.total, " · ".join(problems)


def _sold(found: Contents) -> Contents:
    return Contents(tuple(item for item in found.items if item.is_sold))


def things(subscription: Subscription, *, now: datetime) -> Contents:
    """Give what a subscription holds, as the catalogue has it now."""
    return contents.of_subscription(subscription.organization, subscription.pk, now=now)
