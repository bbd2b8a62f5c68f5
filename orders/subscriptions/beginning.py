"""How a subscription begins: with an ordinary order that was paid with a card to be kept."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from config.lib.memory import Memory
from shop.models import Customer, Municipality, Organization

from .. import checkout, timeline
from ..models import (
    KeepingConsent,
    Order,
    SavedMethod,
    Subscription,
    SubscriptionEvent,
    SubscriptionLine,
    SubscriptionPlan,
)
from . import history, pace


@dataclass(frozen=True)
class Offer:
    """A plan, and which of the things in a cart it covers."""

    plan: SubscriptionPlan
    covered: frozenset


_plans = Memory(seconds=2)
_ADDRESS = ("line", "complement", "neighbourhood", "postal_code", "notes", "recipient", "phone")


def offered(organization: Organization, variant_ids) -> list[Offer]:
    """Give the plans by which at least one of these variants can come again.

    Every step of a checkout asks; a process remembers the plans for two seconds.
    """
    wanted = frozenset(variant_ids)
    found = []
    for plan, variants in _plans.get(organization.pk, _read_plans):
        if covered := variants & wanted:
            found.append(Offer(plan, covered))
    return found


def _read_plans(organization_id) -> list[tuple[SubscriptionPlan, frozenset]]:
    plans = SubscriptionPlan.objects.filter(is_active=True).prefetch_related("variants")
    return [(plan, frozenset(one.pk for one in plan.variants.all())) for plan in plans]


@transaction.atomic
def begin(consent: KeepingConsent, method: SavedMethod, *, now: datetime) -> Subscription | None:
    """Begin what an order was the first delivery of; asked twice, it begins once."""
    order, plan = consent.order, consent.plan
    lines = list(order.lines.filter(variant__in=plan.variants.all()))
    if not lines or not order.email:
        return None
    subscription, is_new = Subscription.objects.get_or_create(
        first_order=order, defaults=_terms(order, plan, method, consent, now=now)
    )
    if not is_new:
        return subscription
    SubscriptionLine.objects.bulk_create(
        [
            SubscriptionLine(
                subscription=subscription, variant_id=line.variant_id, quantity=line.quantity
            )
            for line in lines
        ],
        batch_size=200,
    )
    history.record(subscription, SubscriptionEvent.Kind.BEGUN, now=now, by=timeline.BUYER)
    return subscription


def _terms(order: Order, plan: SubscriptionPlan, method, consent, *, now: datetime) -> dict:
    organization = order.organization
    next_on = pace.next_day(
        pace.today(organization, now=order.placed_at),
        every=plan.every,
        unit=plan.unit,
        today=pace.today(organization, now=now),
    )
    return {
        "organization": organization,
        "customer_id": order.customer_id,
        "plan": plan,
        "every": plan.every,
        "unit": plan.unit,
        "percent": plan.percent,
        "method": method,
        "account_id": method.account_id,
        "name": order.name,
        "email": order.email,
        "phone": order.phone,
        "document_type": order.document_type,
        "document_number": order.document_number,
        "language": order.language,
        "municipality": Municipality.objects.get(code=order.delivery["municipality_code"]),
        "address": {name: order.delivery.get(name, "") for name in _ADDRESS},
        "delivery_code": order.delivery_code,
        "billing": order.billing,
        "terms_version": order.terms_version,
        "agreed_at": order.terms_accepted_at or consent.given_at,
        "agreed_from": order.accepted_from,
        "next_on": next_on,
        "act_at": pace.moment(organization, next_on) - pace.NOTICE,
        "began_at": now,
    }


def place(
    organization: Organization,
    cart_id,
    wish: checkout.Wish,
    *,
    keep,
    now: datetime,
    customer: Customer | None = None,
) -> Order:
    """Place an order of the checkout, together with what its buyer allows for later.

    `keep` notes it (keeping.allow), or is None; so none of the two is ever lost without the other.
    """
    if keep is None:
        return checkout.place(organization, cart_id, wish, now=now, customer=customer)
    with transaction.atomic():
        order = checkout.place(organization, cart_id, wish, now=now, customer=customer)
        keep(order)
    return order
