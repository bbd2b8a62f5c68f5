"""What a person may see of orders: the warehouse packs them and sees no money, in no word."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.lib import money

from .. import warehouse
from ..models import Order, OrderEvent

# What happened to the goods; everything else on a timeline is about money.
_GOODS = [
    kind
    for kind in OrderEvent.Kind
    if not kind.startswith(
        ("payment_", "link_", "refund", "proof_", "paid", "invoice_", "concern", "decided")
    )
]

STATUS_TONES = {
    "pending": "warning",
    "confirmed": "primary",
    "processing": "primary",
    "ready_to_ship": "info",
    "pickup_requested": "info",
    "shipped": "info",
    "delivered": "success",
    "cancelled": "danger",
    "returned": "danger",
}
PAYMENT_TONES = {
    "unpaid": "warning",
    "partly_paid": "warning",
    "paid": "success",
    "partly_refunded": "info",
    "refunded": "info",
}
# Columns of the order that say what it costs or how it is paid.
MONEY_FIELDS = {
    "subtotal",
    "discount",
    "shipping",
    "cash_fee",
    "tax",
    "total",
    "due_first",
    "paid",
    "refunded",
    "payment",
    "payment_method",
    "account",
    "voucher_code",
    "paid_at",
    "concern",
    "cancel_reason",
    "expires_at",
}


def sees_money(request) -> bool:
    """Say whether this person may see amounts and how an order is paid."""
    return request.user.has_perm("orders.view_payment")


def status_words(order: Order, *, with_money: bool) -> str:
    """Say where an order stands; that it waits for money is said only to who may know."""
    if order.status == Order.Status.PENDING and not with_money:
        return _("Not confirmed yet")
    return order.status_label


def status_choices(*, with_money: bool) -> list[tuple[str, str]]:
    return [
        (value, gettext_lazy("Not confirmed yet"))
        if value == Order.Status.PENDING and not with_money
        else (value, label)
        for value, label in Order.Status.choices
    ]


def events(order: Order, *, with_money: bool):
    """Give the timeline as far as this person may read it, the newest first."""
    return shown_events(order.events.select_related("actor"), with_money=with_money)


def shown_events(found, *, with_money: bool):
    """Leave what this person may read."""
    return found if with_money else found.filter(kind__in=_GOODS)


def amount(number: int, currency: str) -> str:
    return money.label(number, currency)


def order_address(order_id) -> str:
    return reverse("admin:orders_order_change", args=[order_id])


def payment_word(payment: str) -> str:
    """Say in a word what the warehouse may know of the money."""
    return {warehouse.PAID: _("Paid"), warehouse.COLLECT: _("To collect")}[payment]
