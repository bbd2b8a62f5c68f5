"""What orders put on the first page: the work that waits, the newest, and what happened to them."""

from django.urls import reverse
from django.utils.translation import gettext as _

from shop.admin import overview
from shop.admin.overview import News, Panel, Step, Waiting
from shop.models import StockCheck, StockLevel

from .. import timeline_words
from ..models import Cart, GatewayEvent, Order, OrderEvent, PaymentAccount, Refund
from . import order_filters, queues, sight
from .drafts_admin import DraftAdmin
from .order_page import short_moment
from .refunds_admin import DueFilter, HandledFilter

_ICONS = {
    "waiting": "hourglass_empty",
    "confirm": "task_alt",
    "prepare": "package_2",
    "ready": "local_shipping",
    "decide": "priority_high",
    "returns": "assignment_return",
}
_NEWEST = 6
# What happened is looked for at so many of the newest orders.
_LOOKED_AT = 60
_MOST_NEWS = 8
# A shop with so many orders needs no guide any more.
_AT_HOME = 10


def waiting(request) -> list[Waiting]:
    """Give the queues of work, drafts, and what went wrong with money, mails and stock."""
    if not request.user.has_perm("orders.view_order"):
        return []
    orders = reverse("admin:orders_order_changelist")
    with_money = sight.sees_money(request)
    found = [
        Waiting(
            str(queue.label),
            queue.pick(Order.objects.all()),
            f"{orders}?queue={queue.name}",
            _ICONS[queue.name],
            is_urgent=queue.name == "decide",
            is_quiet=queue.name == "waiting",
        )
        for queue in queues.seen(with_money=with_money)
    ]
    if request.user.has_perm("orders.change_order"):
        found.append(
            Waiting(
                _("Mails not delivered"),
                order_filters.MailFilter.pick(Order.objects.all(), with_money=with_money),
                f"{orders}?mail=failed",
                "unsubscribe",
                is_urgent=True,
            )
        )
    if request.user.has_perm("orders.view_cart"):
        drafts = reverse("admin:orders_cart_changelist")
        found.append(
            Waiting(
                _("Order drafts"),
                DraftAdmin.pick(Cart.objects.all()),
                drafts,
                "edit_note",
                is_quiet=True,
            )
        )
    return [*found, *_about_money(request), *_about_stock(request)]


def _about_money(request) -> list[Waiting]:
    if not sight.sees_money(request):
        return []
    refunds = reverse("admin:orders_refund_changelist")
    notices = reverse("admin:orders_gatewayevent_changelist")
    return [
        Waiting(
            _("Refunds overdue"),
            DueFilter.pick(Refund.objects.all(), "late"),
            f"{refunds}?due=late",
            "alarm",
            is_urgent=True,
        ),
        Waiting(
            _("Refunds to transfer by hand"),
            DueFilter.pick(Refund.objects.all(), "hand"),
            f"{refunds}?due=hand",
            "currency_exchange",
        ),
        Waiting(
            _("Notices of payments with an error"),
            HandledFilter.pick(GatewayEvent.objects.all(), "error"),
            f"{notices}?state=error",
            "sync_problem",
            is_urgent=True,
        ),
    ]


def _about_stock(request) -> list[Waiting]:
    """Give the last nightly proof, when it found that something does not add up."""
    if not request.user.has_perm("shop.view_stockcheck"):
        return []
    last = StockCheck.objects.order_by("-id").values_list("pk", "differences").first()
    if last is None or not last[1]:
        return []
    key, differences = last
    wrong = [one["variant"] for one in differences]
    label = _("Stock that does not add up")
    address = reverse("admin:shop_stockcheck_change", args=[key])
    return [
        Waiting(
            label, StockLevel.objects.filter(variant__in=wrong), address, "rule", is_urgent=True
        )
    ]


def is_settled() -> bool:
    """Say whether the shop has so many orders that it needs no guide any more."""
    return Order.objects.order_by("-placed_at")[:_AT_HOME].count() == _AT_HOME


def steps(request) -> list[Step]:
    """Give what a new shop needs to be paid, and the order that proves that all works."""
    found = []
    if request.user.has_perm("orders.change_paymentaccount"):
        found.append(
            Step(
                _("Choose how you are paid"),
                _("A gateway, a bank transfer, or cash on delivery."),
                reverse("admin:orders_paymentaccount_add"),
                "account_balance",
                PaymentAccount.objects.filter(is_active=True),
            )
        )
    if request.user.has_perm("orders.change_order"):
        found.append(
            Step(
                _("Buy something yourself"),
                _("As a customer would: you see what they see, and what arrives here."),
                reverse("shop:home"),
                "shopping_bag",
                Order.objects.all(),
                is_extra=True,
            )
        )
    return found


def panels(request) -> list[Panel]:
    """Give the newest orders."""
    if not request.user.has_perm("orders.view_order"):
        return []
    with_money = sight.sees_money(request)
    fields = ["number", "name", "status", "is_test", "placed_at"]
    fields += ["total", "currency", "payment_method"] if with_money else []
    rows = [
        {
            "order": order,
            "url": sight.order_address(order.pk),
            "status": sight.status_words(order, with_money=with_money),
            "tone": sight.STATUS_TONES[order.status],
            "total": sight.amount(order.total, order.currency) if with_money else "",
            "when": short_moment(order.placed_at),
        }
        for order in Order.objects.only(*fields).order_by("-placed_at")[:_NEWEST]
    ]
    values = {"rows": rows, "url": reverse("admin:orders_order_changelist")}
    return [Panel("admin/orders/_newest_orders.html", values)] if rows else []


def news(request) -> list[News]:
    """Give what happened last to the newest orders."""
    if not request.user.has_perm("orders.view_order"):
        return []
    with_money = sight.sees_money(request)
    newest = Order.objects.order_by("-placed_at").values_list("pk", flat=True)[:_LOOKED_AT]
    events = (
        sight.shown_events(OrderEvent.objects.all(), with_money=with_money)
        .filter(order__in=list(newest))
        .select_related("order")
        .order_by("-at", "-id")[:_MOST_NEWS]
    )
    return [
        News(
            at=event.at,
            who=timeline_words.actor(event),
            words=timeline_words.words(event, with_money=with_money),
            about=event.order.label,
            url=sight.order_address(event.order_id),
        )
        for event in events
    ]


overview.add(waiting=waiting, steps=steps, panels=panels, news=news, is_settled=is_settled)
