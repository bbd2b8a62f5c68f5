"""Mails by which the shop itself hears of orders: of a new one, and of what needs a person.

Whom to write to stands in the settings of the shop; what people of the shop did themselves is no
news. The row is the queue, as for the mails to buyers (see mails.py).
"""

from datetime import datetime

from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils import timezone, translation

from config.lib import mail, money
from shop import mails as shop_mails
from shop import organizations
from shop.models import Organization

from . import mails, order_summary, timeline_words
from .models import OrderEvent, StaffMail

_Kind = OrderEvent.Kind
# What is written about, and which setting says to whom.
_SETTINGS = {
    _Kind.CONFIRMED: "orders_mailed_to",
    _Kind.PROOF_RECEIVED: "problems_mailed_to",
    _Kind.CONCERN: "problems_mailed_to",
    _Kind.REFUND_FAILED: "problems_mailed_to",
    _Kind.RETURN_REQUESTED: "problems_mailed_to",
    _Kind.HELD_UP: "problems_mailed_to",
}


def queue(event: OrderEvent) -> StaffMail | None:
    """Keep that the shop is to be written to about an event, when somebody wants to hear of it."""
    is_news = event.kind in _SETTINGS and event.actor_id is None
    if not is_news or not _readers(event.order.organization, event.kind):
        return None
    return StaffMail.objects.create(event=event, at=event.at)


def send(key, *, now: datetime | None = None) -> None:
    """Send one of these mails, once."""
    rows = StaffMail.objects.select_related("event__order__organization")
    mails.deliver(rows, key, compose, now=now or timezone.now())


def compose(row: StaffMail, *, now: datetime) -> EmailMultiAlternatives:
    """Write the mail in the language and the time of the shop."""
    event, order = row.event, row.event.order
    organization = order.organization
    with translation.override(organization.language), timezone.override(organization.timezone):
        path = reverse("admin:orders_order_change", args=[order.pk])
        message = shop_mails.compose(
            organization,
            "staff_order",
            to="",
            context={
                "order": order,
                "is_new": event.kind == _Kind.CONFIRMED,
                "words": timeline_words.words(event),
                "total": money.label(order.total, order.currency),
                "url": organizations.base_url(organization) + path,
                **order_summary.context(order),
            },
        )
    # Nobody any more, when the setting was emptied meanwhile: then nothing is sent.
    message.to = _readers(organization, event.kind)
    host = organizations.main_host(organization) or "localhost"
    message.extra_headers["Message-ID"] = f"<{row.pk.hex}@{host}>"
    return message


def _readers(organization: Organization, kind: str) -> list[str]:
    return mail.addresses_in(getattr(organization, _SETTINGS[kind]))
