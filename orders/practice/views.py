"""The practice gateway's page, on which a person plays the bank."""

from urllib.parse import urlencode

from django.http import Http404, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from config.lib import money

from ..models import PracticeCard, PracticePayment
from . import gateway, notices


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def payment(request, reference):
    if request.organization.is_live:
        raise Http404
    payment = get_object_or_404(PracticePayment, reference=reference)
    if request.method == "POST":
        return _answer(request, payment)
    told = gateway.transactions(reference, now=timezone.now())
    context = {
        "payment": payment,
        "amount": money.label(payment.amount, payment.currency),
        "choices": gateway.Choice,
        "cards": PracticeCard.Number.choices,
        "last": told[-1] if told else None,
        "is_paid": bool(told) and told[-1]["status"] in ("approved", "refunded"),
    }
    return render(request, "orders/practice_payment.html", context)


def _answer(request, payment):
    choice = request.POST.get("choice", "")
    if choice not in gateway.Choice.values:
        return HttpResponseBadRequest()
    card = request.POST.get("card", PracticeCard.Number.APPROVES)
    if card not in PracticeCard.Number.values:
        return HttpResponseBadRequest()
    transaction_id = gateway.decide(payment.reference, choice, now=timezone.now(), card=card)
    if choice == gateway.Choice.LATE:
        notices.answer_late.apply_async(
            kwargs={
                "organization_id": str(request.organization.pk),
                "reference": payment.reference,
                "transaction_id": transaction_id,
            },
            countdown=gateway.LATE.total_seconds(),
        )
    else:
        times = 2 if choice == gateway.Choice.TWICE else 1
        notices.deliver(payment.reference, transaction_id, times=times)
    return HttpResponseRedirect(f"{payment.return_url}?{urlencode({'id': transaction_id})}")
