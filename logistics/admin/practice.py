"""The page on which staff play the practice carrier, in test mode only."""

from datetime import datetime

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin

from config.lib import money
from shop import audit
from shop.admin.site import site
from shop.models import AuditEntry

from .. import carriers, incidents, practice, tracking
from ..carriers.practice import Practice, incident_of, tracked
from ..models import PracticeParcel, Shipment
from ..models.shipments import ENDED, MOVING, State

_SHOWN = 60


@admin.register(PracticeParcel, site=site)
class PracticeParcelAdmin(ModelAdmin):
    """One page: the newest parcels, and what may happen to each."""

    # Of the usual ones none: its list is the page itself.
    pages = ()

    def get_urls(self):
        view = self.admin_site.admin_view(self.depot_view)
        return [path("practica/", view, name="logistics_practiceparcel_changelist")]

    def depot_view(self, request):
        if request.organization.is_live:
            raise Http404
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            return self._press(request)
        parcels = list(PracticeParcel.objects.select_related("account")[:_SHOWN])
        context = {
            **self.admin_site.each_context(request),
            "title": _("Practice carrier"),
            "parcels": [_shown(parcel, request.organization) for parcel in parcels],
            "may_press": self.has_change_permission(request),
            "opts": self.opts,
            "media": self.media,
        }
        return TemplateResponse(request, "admin/logistics/practice.html", context)

    def _press(self, request):
        if not self.has_change_permission(request):
            raise PermissionDenied
        choice = request.POST.get("choice", "")
        if choice not in practice.Choice.values:
            return HttpResponseBadRequest()
        try:
            parcel = get_object_or_404(PracticeParcel, pk=request.POST.get("parcel", ""))
        except (ValueError, TypeError) as error:
            raise Http404 from error
        before, now = parcel.state, timezone.now()
        carrier = carriers.get(Practice.code)
        minutes = carrier.minutes(parcel.account)
        with transaction.atomic():
            parcel = practice.press(parcel.pk, choice, now=now, minutes=minutes)
            audit.record(
                request.organization,
                request.user,
                AuditEntry.Action.CHANGED,
                parcel,
                before={"state": str(before.label)},
                after={"state": str(parcel.state.label)},
            )
        _tell(parcel, now=now)
        told = {"parcel": parcel, "state": parcel.state.label}
        messages.success(request, _("%(parcel)s: %(state)s.") % told)
        return HttpResponseRedirect(reverse("admin:logistics_practiceparcel_changelist"))


def _tell(parcel: PracticeParcel, *, now) -> None:
    """Bring the news to the shop at once, as a carrier's notice would."""
    shipment = Shipment.objects.filter(account=parcel.account, carrier_id=str(parcel.pk)).first()
    if shipment is None:
        return
    tracking.take_in(shipment, tracked(parcel), now=now)
    if parcel.incident:
        incidents.take_in(parcel.account, incident_of(parcel), now=now)


def _shown(parcel: PracticeParcel, organization) -> dict:
    return {
        "parcel": parcel,
        "state": parcel.state.label,
        "since": timezone.localtime(_moment(parcel)),
        "words": parcel.news[-1]["description"],
        "cash": money.label(parcel.cash, organization.currency) if parcel.cash else "",
        "choices": _choices(parcel),
        "has_ended": parcel.state in ENDED,
    }


def _moment(parcel: PracticeParcel):
    return datetime.fromisoformat(parcel.news[-1]["at"])


def _choices(parcel: PracticeParcel) -> list[practice.Choice]:
    """Give what may happen next: nobody comes back who never left."""
    choice, state = practice.Choice, parcel.state
    if state in ENDED:
        return []
    if state == State.RETURNING:
        return [choice.COME_BACK]
    found = [choice.NEXT, choice.ARRIVE]
    if state in MOVING:
        found += [choice.INCIDENT] if state != State.INCIDENT else []
        found.append(choice.COME_BACK)
    return found
