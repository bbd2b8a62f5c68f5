"""The pages of subscriptions and saved cards: by a mail's link, and in the account."""

from datetime import date
from functools import wraps

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from config.lib.errors import DomainError
from shop.accounts.views import account_page

from .. import cart, timeline
from ..models import SavedMethod
from ..subscriptions import changing, keeping, terms, tokens
from . import subscription_page
from .order_views import PRIVATE


def with_subscription(view):
    """Open the page to whoever holds the subscription's token; to others it does not exist."""

    @wraps(view)
    def page(request, token):
        subscription = tokens.subscription_of(request.organization, token, terms.rows())
        if subscription is None:
            raise Http404
        answer = view(request, subscription)
        for name, value in PRIVATE.items():
            answer[name] = value
        return answer

    return page


@with_subscription
@require_safe
def subscription_detail(request, subscription):
    return _show(request, subscription)


def _show(request, subscription, *, form=None, status=200):
    context = subscription_page.context(subscription, now=timezone.now(), form=form)
    return render(request, "orders/subscription.html", context, status=status)


@with_subscription
@require_POST
def subscription_change(request, subscription):
    """Do what the pressed button says."""
    step = _STEPS.get(request.POST.get("step", ""))
    if step is None:
        return _back(subscription)
    try:
        answer = step(request, subscription, timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
        return _back(subscription)
    return answer or _back(subscription)


def _back(subscription):
    return redirect("orders:subscription-detail", tokens.of(subscription))


def _pause(request, subscription, now):
    changing.pause(subscription, now=now, by=timeline.BUYER)
    messages.success(request, _("It is paused. Nothing more is ordered until you go on."))


def _resume(request, subscription, now):
    changing.resume(subscription, now=now, by=timeline.BUYER)
    messages.success(request, _("It goes on."))


def _skip(request, subscription, now):
    changing.skip(subscription, now=now, by=timeline.BUYER)
    messages.success(request, _("This delivery is skipped."))


def _cancel(request, subscription, now):
    changing.cancel(subscription, now=now, by=timeline.BUYER)
    messages.success(request, _("The subscription is cancelled. Nothing more is charged."))


def _move(request, subscription, now):
    try:
        day = date.fromisoformat(request.POST.get("day", ""))
    except ValueError:
        raise changing.CannotChange(_("Choose a day.")) from None
    changing.move(subscription, day, now=now)
    messages.success(request, _("The day is changed."))


def _set_quantities(request, subscription, now):
    wanted = {}
    for line in subscription.lines.all():
        typed = request.POST.get(f"quantity-{line.pk.hex}")
        if typed is not None:
            wanted[line.pk] = 0 if typed.strip() == "0" else cart.read_quantity(typed)
    changing.set_quantities(subscription, wanted, now=now)
    messages.success(request, _("The quantities are changed."))


def _set_address(request, subscription, now):
    form = subscription_page.address_form(subscription, request.POST)
    if not form.is_valid():
        return _show(request, subscription, form=form, status=422)
    municipality = form.cleaned_data["place"]
    changing.set_address(subscription, municipality, form.address(subscription), now=now)
    messages.success(request, _("The address is changed."))
    return None


def _set_card(request, subscription, now):
    cards = keeping.of_customer(subscription.customer)
    card = next((one for one in cards if one.pk.hex == request.POST.get("card")), None)
    if card is None:
        raise changing.CannotChange(_("Choose one of the saved cards."))
    changing.set_card(subscription, card, now=now)
    messages.success(request, _("From now on this card is charged."))


_STEPS = {
    "pause": _pause,
    "resume": _resume,
    "skip": _skip,
    "cancel": _cancel,
    "day": _move,
    "quantities": _set_quantities,
    "address": _set_address,
    "card": _set_card,
}


# --- In the account -------------------------------------------------------------------------------


@account_page
@require_safe
def subscription_list(request, customer):
    context = {
        "subscriptions": subscription_page.rows(customer),
        "cards": keeping.of_customer(customer),
    }
    return render(request, "orders/subscription_list.html", context)


@account_page
@require_POST
def card_remove(request, customer, pk):
    card = get_object_or_404(
        SavedMethod, pk=pk, customer=customer, status=SavedMethod.Status.ACTIVE
    )
    keeping.remove(card, now=timezone.now())
    messages.success(request, _("The card is removed."))
    return redirect("orders:subscription-list")
