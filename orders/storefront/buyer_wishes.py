"""What a buyer may still want of an order: drop it, change it, buy the same again."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from config.lib.errors import DomainError
from shop import postal

from .. import cancellation, timeline
from ..models import Cart, CartLine, Order
from ..order_state import State
from .checkout_form import draft_of

# From then on the shop has work with it, and a person decides.
MAY_CANCEL = (Order.Status.PENDING, Order.Status.CONFIRMED)


class TooLateToChange(DomainError):
    code = "too_late_to_change"


@transaction.atomic
def cancel(order: Order, *, now: datetime) -> Order:
    """Cancel an order that the shop has not begun to prepare; asked twice, it is cancelled once."""
    order = _locked(order)
    if order.status == Order.Status.CANCELLED:
        return order
    if order.status not in MAY_CANCEL:
        raise TooLateToChange(
            _("The shop is already preparing order %(order)s. Write to it to cancel.")
            % {"order": order}
        )
    return cancellation.cancel(order, Order.Cancelled.BY_BUYER, now=now, by=timeline.BUYER)


@transaction.atomic
def change(order: Order, *, now: datetime) -> UUID:
    """Drop an order that nobody paid, and give a new cart with what was in it."""
    order = _locked(order)
    if not State(order, now=now).may_change:
        raise TooLateToChange(
            _("Order %(order)s can no longer be changed here. Write to the shop.")
            % {"order": order}
        )
    cancellation.cancel(order, Order.Cancelled.BY_BUYER, now=now, by=timeline.BUYER)
    return again(order)


@transaction.atomic
def again(order: Order) -> UUID:
    """Give a new cart with what was in an order; a price that changed since is explained there."""
    cart = Cart.objects.create(organization=order.organization, voucher_code=order.voucher_code)
    CartLine.objects.bulk_create(
        CartLine(
            cart=cart,
            variant_id=line.variant_id,
            quantity=line.quantity,
            seen_price=line.unit_price,
        )
        for line in order.lines.all()
    )
    return cart.pk


def typed(order: Order) -> dict[str, str]:
    """Give what was typed for an order, so that nothing has to be typed twice."""
    there = order.delivery
    draft = {
        "name": order.name,
        "email": order.email,
        "phone": str(order.phone or ""),
        "document_type": order.document_type,
        "document_number": order.document_number,
        "place": postal.town(there),
        "municipality": there.get("municipality_code", ""),
        **{name: there.get(name, "") for name in ("line", "complement", "neighbourhood")},
        "address_notes": there.get("notes", ""),
        "notes": order.notes,
    }
    if there.get("recipient", order.name) != order.name:
        draft |= {"recipient": there["recipient"], "recipient_phone": there.get("phone", "")}
    return draft_of(draft)


def _locked(order: Order) -> Order:
    return (
        Order.objects.select_for_update(no_key=True, of=("self",))
        .select_related("organization", "account")
        .get(pk=order.pk)
    )
