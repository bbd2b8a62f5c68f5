"""The buyer's answer to what is offered right after buying."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from config.lib.errors import DomainError

from .. import offers, paying, tokens
from ..models import Offer, Order, PaymentAttempt
from .order_views import with_order


@with_order
@require_POST
def order_offer(request, order, pk):
    """Add what is offered to the order, or note that it is not wanted."""
    offer = get_object_or_404(Offer.objects.select_related("variant__product"), pk=pk)
    now = timezone.now()
    if request.POST.get("answer") != "add":
        offers.decline(order, offer, now=now)
        return _to_order(order)
    try:
        answer = offers.accept(order, offer, now=now, seen_price=_seen(request))
    except DomainError as error:
        messages.error(request, str(error))
        return _to_order(order)
    return _go_on(request, order, answer)


@with_order
@require_POST
def order_leave_out(request, order):
    """Take out again what was added and is not paid."""
    try:
        offers.leave_out(order, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    return _to_order(order)


def _seen(request):
    seen = request.POST.get("seen", "")
    return int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 16 else None


def _go_on(request, order, answer):
    """Lead to the payment of the difference, by the means that paid the order."""
    order = Order.objects.select_related("organization", "account").get(pk=order.pk)
    if answer.pay_until is None or not order.due_now:
        messages.success(request, _("It is in your order."))
        return _to_order(order)
    paid = order.attempts.filter(status=PaymentAttempt.Status.APPROVED).select_related("account")
    account = paid[0].account if paid else order.account
    if account is None or not account.is_active:
        return _to_order(order)
    back = request.build_absolute_uri(
        reverse("orders:order-return", args=[tokens.for_order(order)])
    )
    try:
        attempt = paying.start(order, return_url=back, now=timezone.now(), account=account)
    except DomainError as error:
        messages.error(request, str(error))
        return _to_order(order)
    return redirect(attempt.url) if attempt.url else _to_order(order)


def _to_order(order):
    return redirect("orders:order-detail", tokens.for_order(order))
