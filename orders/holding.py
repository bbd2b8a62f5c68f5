"""What keeps the shop from working on an order that is firm."""

from django.utils.translation import gettext as _

from .models import Order


def why_not_prepare(order: Order) -> str:
    """Say why the shop must not start with a confirmed order yet; nothing when it may."""
    if order.due_now:
        # No word of money: the warehouse reads it too.
        return _("Order %(order)s was changed and waits for the buyer.") % {"order": order}
    if order.concern:
        return _("Somebody has to decide about order %(order)s first.") % {"order": order}
    return ""
