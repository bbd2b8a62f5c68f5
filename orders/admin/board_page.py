"""The board: a page of cards that people take in hand and move, live where sockets reach.

The part of it that changes is a fragment: whoever hears that something changed, or has no socket
and asks every few seconds, gets it anew. A button and a drag send the same form.
"""

from collections.abc import Iterator

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from config.lib.errors import DomainError
from shop import audit
from shop.admin import saved_views
from shop.models import AuditEntry

from .. import board, fulfilment
from ..models import Order
from . import order_page, sight, steps

_LINES_SHOWN = 3
# What a card's buttons offer; everything else is on the page of its order.
_ON_CARD = ["prepare", "ready", "ship", "hand-over", "deliver"]


def page(request, site):
    """Show the board, or do what a card was asked to."""
    address = reverse("admin:orders_order_board")
    told = ""
    if request.method == "POST":
        if not request.user.has_perm("orders.change_fulfilment"):
            raise PermissionDenied
        try:
            order = _order(request)
            target = _do(request, order)
            if target:
                return _lead(request, target)
        except DomainError as error:
            told = str(error)
        if "part" not in request.GET:
            if told:
                messages.error(request, told)
            return HttpResponseRedirect(address)
    context = {"columns": list(_columns(request)), "address": address, "told": told}
    if "part" in request.GET:
        answer = TemplateResponse(request, "admin/orders/_board.html", context)
    else:
        context |= {
            **site.each_context(request),
            "title": _("Board"),
            "socket": _socket(request),
            "is_fullwidth": "1",
        }
        answer = TemplateResponse(request, "admin/orders/board.html", context)
    answer["Cache-Control"] = "private, no-store"
    return answer


def _order(request) -> Order:
    key = saved_views.key_of(request.POST.get("order", ""))
    order = Order.objects.select_related("organization", "claimed_by").filter(pk=key).first()
    if key is None or order is None:
        raise Http404
    return order


def _do(request, order: Order) -> str:
    """Do one thing with a card; give where to go on when it cannot be done from here."""
    now, actor = timezone.now(), request.user
    deed = request.POST.get("deed", "")
    if deed == "claim":
        _claim(order, actor=actor, now=now)
    elif deed == "let-go":
        _let_go(order, actor=actor)
    else:
        step = _wanted(order, deed, request.POST.get("to", ""))
        if not actor.has_perm(step.permission):
            raise PermissionDenied
        if step.form.base_fields or not step.is_direct:
            return f"{sight.order_address(order.pk).removesuffix('change/')}paso/?step={step.name}"
        step.run(order, {}, now=now, actor=actor)
        if order.claimed_by is None:
            # Whoever begins has it in hand, unless somebody took it at this moment.
            _claim(order, actor=actor, now=now)
    return ""


@transaction.atomic
def _claim(order: Order, *, actor, now) -> None:
    board.claim(order, actor=actor, now=now)
    _audit(order, actor, after=str(actor))


@transaction.atomic
def _let_go(order: Order, *, actor) -> None:
    if board.let_go(order, by=order.claimed_by):
        _audit(order, actor, after="")


def _audit(order: Order, actor, *, after: str) -> None:
    before = str(order.claimed_by or "")
    audit.record(
        order.organization,
        actor,
        AuditEntry.Action.CHANGED,
        order,
        before={"claimed_by": before},
        after={"claimed_by": after},
    )


def _wanted(order: Order, deed: str, to: str) -> steps.Step:
    """Give the step that a button names, or that leads to the column where a card was dropped."""
    names = [deed] if deed in _ON_CARD else []
    if deed == "move":
        names = [column.step for column in board.COLUMNS if column.name == to and column.step]
        names += ["hand-over"] if names == ["ship"] else []
    for name in names:
        if steps.BY_NAME[name].is_offered(order):
            return steps.BY_NAME[name]
    reason = (
        fulfilment.why_not_prepare(order) if order.status in ("confirmed", "processing") else ""
    )
    raise DomainError(
        reason
        or _("Order %(order)s is “%(status)s” and cannot be moved there.")
        % {"order": order, "status": sight.status_words(order, with_money=False)}
    )


def _lead(request, target: str):
    if "part" in request.GET:
        return JsonResponse({"go": target})
    return HttpResponseRedirect(target)


def _columns(request) -> Iterator[dict]:
    with_money = sight.sees_money(request)
    may_move = request.user.has_perm("orders.change_fulfilment")
    found = board.cards(with_money=with_money)
    for column in board.COLUMNS:
        orders = found[column.name]
        yield {
            "name": column.name,
            "label": column.label,
            "count": f"{board.MOST}+" if len(orders) > board.MOST else len(orders),
            "accepts": bool(column.step) and may_move,
            "cards": [
                _card(request, order, column.name, may_move=may_move, with_money=with_money)
                for order in orders[: board.MOST]
            ],
        }


def _card(request, order: Order, column: str, *, may_move: bool, with_money: bool) -> dict:
    lines = list(order.lines.all())
    offered = [steps.BY_NAME[name] for name in _ON_CARD] if may_move else []
    is_mine = order.claimed_by_id == request.user.pk
    return {
        "key": order.pk,
        "label": order.label,
        "url": sight.order_address(order.pk),
        "name": Truncator(order.name).chars(40),
        "place": _("In the shop") if order.is_pickup else order.delivery.get("municipality", ""),
        "since": order_page.short_moment(order.shipped_at or order.confirmed_at or order.placed_at),
        "lines": [f"{line.quantity} × {line.name} {line.label}".strip() for line in lines][
            :_LINES_SHOWN
        ],
        "more": max(0, len(lines) - _LINES_SHOWN),
        "problem": _problem(order, with_money=with_money) if column == "problems" else "",
        "is_test": order.is_test,
        "claimed_by": str(order.claimed_by) if order.claimed_by and column != "sent" else "",
        "is_mine": is_mine,
        "can_claim": may_move and order.claimed_by is None and column not in ("sent", "problems"),
        "can_let_go": may_move and order.claimed_by is not None and column != "sent",
        "steps": [step for step in offered if step.is_offered(order)],
        "is_movable": may_move and column not in ("problems", "sent"),
    }


def _problem(order: Order, *, with_money: bool) -> str:
    if order.concern and with_money:
        return order.get_concern_display()
    return fulfilment.why_not_prepare(order)


def _socket(request) -> str:
    """Give the address of the socket; without servers apart it is this host's own."""
    if settings.SOCKETS_URL:
        host = request.get_host().partition(":")[0]
        return settings.SOCKETS_URL.replace("{host}", host) + "/ws/tablero/"
    return "/ws/tablero/"
