"""Our page for a card that Wompi keeps: the browser sends the card to Wompi, and us its token."""

from urllib.parse import urlsplit

from csp.decorators import csp_update
from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from config.lib import money
from config.lib.errors import DomainError, ProviderRefused, ProviderUnavailable

from .. import charging, payments, tokens
from ..models import KeepingConsent, PaymentAccount, PaymentAttempt
from ..order_state import State
from ..subscriptions import keeping
from .order_views import with_order

_LONGEST_TOKEN = 4_000


def _gateways() -> list[str]:
    """Give the origins to which this one page may speak: Wompi's, of tests and live."""
    addresses = settings.GATEWAY_ADDRESSES["wompi"]
    found = (urlsplit(addresses[name]) for name in ("test", "live"))
    return sorted({f"{one.scheme}://{one.netloc}" for one in found})


def _open_to_gateway(view):
    """Let the page's script speak to the gateway, which no other page may."""

    def page(request, *args, **kwargs):
        return csp_update({"connect-src": _gateways()})(view)(request, *args, **kwargs)

    return page


@_open_to_gateway
@with_order
@require_http_methods(["GET", "HEAD", "POST"])
def order_card(request, order):
    """Ask for the card and for what Wompi wants accepted, then keep it and charge it."""
    attempt = _attempt(order)
    state = State(order, now=timezone.now())
    if attempt is None or not state.may_pay:
        return _to_order(order)
    if request.method == "POST":
        return _keep(request, order, attempt)
    provider = payments.get(attempt.account.provider)
    try:
        agreements = provider.agreements(attempt.account)
    except (ProviderUnavailable, ProviderRefused):
        messages.error(request, _("The payment page does not answer now. Try again later."))
        return _to_order(order)
    context = {
        "order": order,
        "amount": money.label(attempt.amount, attempt.currency),
        "agreements": agreements,
        "public_key": provider.merchant(attempt.account),
        "tokens_url": provider.token_address(attempt.account),
        "order_url": f"/pedidos/{tokens.for_order(order)}/",
        "robots": "noindex, nofollow",
    }
    return render(request, "orders/card.html", context)


def _attempt(order) -> PaymentAttempt | None:
    """Give the payment for which this page was opened, while it is open."""
    return (
        order.attempts.filter(
            status=PaymentAttempt.Status.STARTED,
            keeps_method=True,
            account__provider=PaymentAccount.Provider.WOMPI,
        )
        .select_related("account__organization", "order")
        .first()
    )


def _keep(request, order, attempt):
    """Keep the card of a token, and pay this order with it."""
    consent = KeepingConsent.objects.filter(order=order).select_related("order").first()
    token = request.POST.get("token", "")[:_LONGEST_TOKEN]
    accepted = {
        name: request.POST.get(name, "")[:_LONGEST_TOKEN]
        for name in ("acceptance_token", "accept_personal_auth")
    }
    if consent is None or not token or not all(accepted.values()):
        messages.error(request, _("Fill in the card, and accept both documents."))
        return redirect(request.path)
    now = timezone.now()
    try:
        kept = payments.get(attempt.account.provider).keep(attempt, token, accepted)
    except ProviderRefused:
        messages.error(request, _("This card was not accepted. Check it, or use another one."))
        return redirect(request.path)
    except ProviderUnavailable:
        messages.error(request, _("The payment page does not answer now. Try again later."))
        return redirect(request.path)
    method = keeping.remember(consent, attempt.account, kept, now=now)
    try:
        charging.pay(order, method, now=now)
    except DomainError as error:
        messages.error(request, str(error))
    return _to_order(order)


def _to_order(order):
    return redirect("orders:order-detail", tokens.for_order(order))
