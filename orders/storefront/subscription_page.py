"""What the pages of a subscription show its owner."""

from datetime import datetime, timedelta

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from config.lib import money
from config.lib.fields import validate_line
from shop import places
from shop.models import Customer, Municipality

from .. import tokens as order_tokens
from ..models import Order, Subscription, SubscriptionPeriod
from ..models.carts import MOST_OF_ONE
from ..subscriptions import changing, keeping, pace, terms, tokens, words

_NEWEST = 20


class AddressForm(forms.Form):
    """Where the next deliveries go."""

    recipient = forms.CharField(label=_("Who receives it"), max_length=120)
    place = forms.CharField(
        label=_("City or municipality"),
        max_length=120,
        help_text=_("For example Cali, or La Unión, Nariño."),
    )
    line = forms.CharField(label=_("Address"), max_length=160)
    complement = forms.CharField(label=_("Apartment, office, tower"), max_length=80, required=False)
    neighbourhood = forms.CharField(label=_("Neighbourhood"), max_length=80, required=False)
    notes = forms.CharField(label=_("Notes for the courier"), max_length=200, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.validators.append(validate_line)

    def clean_place(self) -> Municipality:
        found = places.meant(self.cleaned_data["place"])
        if found is None:
            raise forms.ValidationError(_("Write it with its department: Cali, Valle."))
        return found

    def address(self, subscription: Subscription) -> dict:
        """Give the address as it is kept; what is not asked for here stays."""
        typed = {name: value for name, value in self.cleaned_data.items() if name != "place"}
        return {**subscription.address, **typed}


def address_form(subscription: Subscription, data=None) -> AddressForm:
    known = {
        **subscription.address,
        "place": places.label(subscription.municipality),
        "recipient": subscription.address.get("recipient") or subscription.name,
    }
    return AddressForm(data, initial=known)


def context(subscription: Subscription, *, now: datetime, form: AddressForm | None = None) -> dict:
    """Give everything that a subscription's page prints."""
    organization = subscription.organization
    currency = organization.currency
    total, problem = ("", "")
    if subscription.is_alive:
        terms.prepare(subscription, now=now)
        amount, problem = terms.estimate(subscription, now=now)
        total = money.label(amount, currency) if amount else ""
    today = pace.today(organization, now=now)
    found = terms.things(subscription, now=now)
    return {
        "subscription": subscription,
        "token": tokens.of(subscription),
        "change_url": reverse("orders:subscription-change", args=[tokens.of(subscription)]),
        "total": total,
        "problem": problem,
        "lines": [
            {
                "key": item.line_id.hex,
                "name": item.name,
                "label": item.label,
                "quantity": item.quantity,
                "price": money.label(item.unit_price, currency),
                "problem": item.problem(),
            }
            for item in found.items
        ],
        "most": MOST_OF_ONE,
        "cards": keeping.of_customer(subscription.customer),
        "earliest": (today + timedelta(days=1)).isoformat(),
        "latest": (today + changing.LATEST).isoformat(),
        "waiting": _waiting(subscription),
        "form": form or address_form(subscription),
        "is_place_open": bool(form and form.errors),
        "events": [
            {"at": event.at, "words": words.words(event, currency=currency)}
            for event in subscription.events.all()[:_NEWEST]
        ],
        "robots": "noindex, nofollow",
    }


def _waiting(subscription: Subscription) -> dict | None:
    """Give the order of it that waits for its payment, with the way there."""
    period = (
        subscription.periods.filter(status__in=SubscriptionPeriod.OPEN)
        .select_related("order")
        .first()
    )
    if period is None or period.order.status != Order.Status.PENDING:
        return None
    order = period.order
    order.organization = subscription.organization
    return {
        "order": order,
        "amount": money.label(order.due_now, order.currency),
        "url": reverse("orders:order-detail", args=[order_tokens.for_order(order)]),
    }


def rows(customer: Customer) -> list[dict]:
    """Give a customer's subscriptions for the list in their account."""
    found = Subscription.objects.filter(customer=customer).prefetch_related(
        "lines__variant__product"
    )
    listed = []
    for subscription in found:
        subscription.organization = customer.organization
        names = [
            f"{line.quantity} × {line.variant.product.name}" for line in subscription.lines.all()
        ]
        listed.append(
            {
                "subscription": subscription,
                "names": ", ".join(names),
                "url": reverse("orders:subscription-detail", args=[tokens.of(subscription)]),
            }
        )
    return listed
