"""What a buyer agreed to, provable later: version, time, address (Ley 1581 of 2012, Ley 1480).

An order of the checkout is placed with its agreement. One that staff made waits for the buyer's:
nobody consents for somebody else, so nothing is paid or confirmed before.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from config.lib.errors import DomainError
from shop import pages
from shop.models import Consent

from . import timeline
from .models import Order, OrderEvent


class TermsNotAccepted(DomainError):
    code = "terms_not_accepted"


def require_current(version: str) -> None:
    """Refuse an agreement to other terms than those of today."""
    if version != pages.VERSIONS[pages.TERMS]:
        raise TermsNotAccepted(_("Accept the terms of sale to place your order."))


def require(order: Order) -> None:
    """Refuse to go on with an order whose buyer has not accepted the terms."""
    if order.needs_agreement:
        raise TermsNotAccepted(_("The buyer has to accept the terms of sale first."))


def record(order: Order, *, wants_news: bool = False, now: datetime) -> None:
    """Keep the consents that an order rests on; marketing is one apart."""
    purposes = {
        Consent.Purpose.TERMS: order.terms_version,
        Consent.Purpose.PRIVACY: pages.VERSIONS[pages.PRIVACY],
    }
    if wants_news:
        purposes[Consent.Purpose.MARKETING] = pages.VERSIONS[pages.PRIVACY]
    Consent._base_manager.bulk_create(
        Consent(
            customer=order.customer,
            purpose=purpose,
            version=version,
            granted_at=now,
            address=order.accepted_from,
            source=order.source,
        )
        for purpose, version in purposes.items()
    )


@transaction.atomic
def accept(order: Order, *, version: str, address: str | None, now: datetime) -> Order:
    """Let the buyer of an order that staff made accept the terms, once."""
    require_current(version)
    order = (
        Order.objects.select_for_update(no_key=True, of=("self",))
        .select_related("customer")
        .get(pk=order.pk)
    )
    if not order.needs_agreement:
        return order
    order.terms_version, order.terms_accepted_at, order.accepted_from = version, now, address
    order.save(update_fields=["terms_version", "terms_accepted_at", "accepted_from", "changed_at"])
    record(order, now=now)
    timeline.record(
        order,
        OrderEvent.Kind.AGREED,
        now=now,
        actor_label=timeline.BUYER,
        data={"version": version},
        is_public=True,
    )
    return order
