"""Asking for a mail when a product is back, confirming it, and thinking better of it."""

from allauth.account.models import EmailAddress
from django import forms
from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from config.lib import visitor

from .. import addresses, stock_alerts
from ..models.catalogue import LONGEST_SKU
from ..stock_alerts import AlertRefused
from .own_pages import from_own_pages
from .wisher import Wisher


class AlertForm(forms.Form):
    """Where to write, and that one may; the box is never ticked beforehand."""

    email = forms.EmailField(
        label=gettext_lazy("Your e-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    consent = forms.BooleanField(
        error_messages={"required": gettext_lazy("Tick the box, so that we may write to you.")}
    )


@never_cache
@from_own_pages
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request):
    """Take the wish for a mail; the answer is the same whoever the address belongs to."""
    organization, person = request.organization, Wisher(request).customer
    data = request.POST if request.method == "POST" else request.GET
    sku = data.get("variant", "").replace("\x00", "")[:LONGEST_SKU]
    form = AlertForm(request.POST if request.method == "POST" else None)
    form.fields["consent"].label = stock_alerts.consent_words(organization)
    try:
        variant = stock_alerts.wanted(sku)
        if form.is_valid():
            email = form.cleaned_data["email"]
            is_proved = _is_proved(request, person, email)
            stock_alerts.ask(
                organization,
                variant,
                email=email,
                now=timezone.now(),
                network=visitor.network(request),
                address=visitor.address(request),
                customer=person,
                is_proved=is_proved,
            )
            step = "waiting" if is_proved else "asked"
            return _page(request, step, variant, email=email)
    except AlertRefused as refusal:
        return _page(request, "refused", None, words=str(refusal), status=409)
    return _page(
        request,
        "form",
        variant,
        form=form,
        status=422 if form.is_bound else 200,
    )


def _is_proved(request, person, email: str) -> bool:
    """Say whether the address is the confirmed one of whoever is signed in."""
    if person is None:
        return False
    own = EmailAddress.objects.filter(user=request.user, email__iexact=email, verified=True)
    return own.exists()


@never_cache
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request, token):
    """Confirm an address: by a button, because mail programs open links by themselves."""
    alert = stock_alerts.of_token(request.organization, token, stock_alerts.CONFIRM)
    if alert is None:
        return _page(request, "gone", None, status=410)
    if request.method == "POST":
        stock_alerts.confirm(alert, now=timezone.now())
        return _page(request, "waiting", alert.variant, email=alert.email)
    return _page(request, "confirm", alert.variant, email=alert.email)


@never_cache
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request, token):
    """Forget the wish and the address; also by one click of the mail program."""
    alert = stock_alerts.of_token(request.organization, token, stock_alerts.STOP)
    if alert is None:
        return _page(request, "gone", None, status=410)
    if request.method == "POST":
        stock_alerts.stop(alert)
        return _page(request, "stopped", alert.variant)
    return _page(request, "stop", alert.variant)


def _page(request, step: str, variant, *, status=200, **values):
    if step == "form" and variant is None:
        raise Http404
    context = {
        "step": step,
        "variant": variant,
        "name": " · ".join(filter(None, (variant.product.name, variant.label))) if variant else "",
        "product_url": addresses.product(variant.product.slug) if variant else "",
        "robots": "noindex",
        "page_title": " · ".join((_("When it is back"), request.organization.name)),
        **values,
    }
    answer = render(request, "shop/alert.html", context, status=status)
    answer["Cache-Control"] = "no-store, private"
    return answer
