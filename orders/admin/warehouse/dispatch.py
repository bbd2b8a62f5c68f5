"""Handing over: every label is scanned as it leaves, then shop and carrier sign the list."""

from collections import Counter
from datetime import date, datetime, time

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from config.lib.errors import DomainError
from logistics import addresses, loading
from logistics.models import Shipment
from shop import postal
from shop.admin.site import site

from .. import order_page
from . import printing

_SHOWN = 12


def page(request):
    """Show what left today, or note what was scanned."""
    told = None
    if request.method == "POST":
        if not request.user.has_perm("logistics.change_shipment"):
            raise PermissionDenied
        told = _scan(request)
        if "part" not in request.GET and not (told and told["is_wrong"]):
            if told:
                messages.success(request, told["words"])
            return HttpResponseRedirect(request.path)
    shown = _shown(request, told)
    if "part" in request.GET:
        answer = TemplateResponse(request, "admin/orders/warehouse/_dispatch.html", shown)
    else:
        context = {**site.each_context(request), "title": _("Hand over"), **shown}
        answer = TemplateResponse(request, "admin/orders/warehouse/dispatch.html", context)
    answer["Cache-Control"] = "private, no-store"
    return answer


def _scan(request) -> dict | None:
    typed = request.POST.get("code", "").replace("\x00", "").strip()
    if not typed:
        return None
    try:
        loaded = loading.load(typed, now=timezone.now(), actor=request.user)
    except DomainError as error:
        return {"is_wrong": True, "words": str(error)}
    return {"is_wrong": False, "words": loading.words(loaded)}


def _shown(request, told: dict | None) -> dict:
    today = timezone.localdate()
    left = list(
        _left_on(today)
        .only("code", "carrier_name", "tracking_number", "recipient", "handed_over_at")
        .order_by("-handed_over_at", "-id")[: printing.MOST]
    )
    carriers = Counter(shipment.carrier_name for shipment in left)
    waiting = Shipment.objects.filter(state="label_ready").order_by()
    list_address = reverse("admin:warehouse-handover")
    return {
        "address": reverse("admin:warehouse-dispatch"),
        "told": told,
        "may_change": request.user.has_perm("logistics.change_shipment"),
        "waiting": waiting[: printing.MOST].count(),
        "waiting_url": f"{reverse('admin:warehouse')}?cola=entregar",
        "carriers": [
            {
                "name": name,
                "count": count,
                "url": f"{list_address}?{urlencode({'transportadora': name, 'dia': today})}",
            }
            for name, count in sorted(carriers.items())
        ],
        "rows": [_row(shipment) for shipment in left[:_SHOWN]],
        "more": max(0, len(left) - _SHOWN),
    }


def _row(shipment: Shipment) -> dict:
    return {
        "code": shipment.code,
        "url": reverse("admin:logistics_shipment_change", args=[shipment.pk]),
        "carrier": f"{shipment.carrier_name} {shipment.tracking_number}".strip(),
        "name": Truncator(addresses.recipient(shipment).name).chars(40),
        "place": postal.town(shipment.recipient),
        "when": order_page.short_moment(shipment.handed_over_at),
    }


def handover_list(request):
    """Give the list to sign of what one carrier took on one day."""
    carrier = request.GET.get("transportadora", "").replace("\x00", "")[:60]
    try:
        on = date.fromisoformat(request.GET.get("dia", ""))
    except ValueError:
        on = timezone.localdate()
    found = _left_on(on).filter(carrier_name=carrier)
    answer = printing.handover_list(request, found.values("pk"), on=on)
    if answer is None:
        messages.warning(request, _("Nothing was handed over to this carrier on this day."))
        return HttpResponseRedirect(reverse("admin:warehouse-dispatch"))
    return answer


def _left_on(day: date):
    """Give what was handed over on this day of the shop."""
    begins = timezone.make_aware(datetime.combine(day, time.min))
    ends = timezone.make_aware(datetime.combine(day, time.max))
    # What left on that day stands since then where it stands now, or has come further.
    return Shipment.objects.filter(
        state_at__gte=begins, handed_over_at__range=(begins, ends)
    ).exclude(state="cancelled")
