"""Orders in quick find: by number, name, phone, e-mail, document or tracking number."""

from django.utils.translation import gettext as _

from shop.admin import quick_find
from shop.admin.quick_find import Found, Group

from ..models import Order, OrderShipment
from . import order_page, sight
from .finding import is_number


def found(request, typed: str) -> Group | None:
    """Give the orders that are meant, the newest first; nothing of their money."""
    if not request.user.has_perm("orders.view_order"):
        return None
    rows = quick_find.in_order(
        Order.objects.only("number", "name", "status", "placed_at", "organization"), _keys(typed)
    )
    with_money = sight.sees_money(request)
    shown = [
        Found(
            f"{order.label} · {order.name}",
            " · ".join(
                [
                    str(sight.status_words(order, with_money=with_money)),
                    order_page.short_moment(order.placed_at),
                ]
            ),
            sight.order_address(order.pk),
        )
        for order in rows
    ]
    more = quick_find.list_address("orders_order", typed)
    return Group(_("Orders"), "receipt_long", shown, more)


def _keys(typed: str) -> list:
    number = typed.removeprefix("#").strip()
    if is_number(number):
        exact = list(Order.objects.filter(number=int(number)).values_list("pk", flat=True))
        if exact:
            return exact
    if typed.startswith("#"):
        return []
    parcels = OrderShipment.objects.filter(tracking_number__in={typed, typed.upper()})
    sent = list(parcels.values_list("order_id", flat=True)[: quick_find.MOST])
    if sent:
        return sent
    if bought := quick_find.newest_of_address("orders_order", typed, newest="number"):
        return bought
    words = quick_find.words_of(typed)
    condition, parameters = quick_find.words_condition("search", words)
    return quick_find.newest_keys(
        "orders_order",
        condition,
        parameters,
        newest="number",
        can_index=quick_find.can_index(words),
    )


quick_find.add(found)
