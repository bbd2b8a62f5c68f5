"""What is done with the chosen rows of a bucket; whoever chose none hears so."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from config.lib.errors import DomainError
from logistics import pickups, shipments
from logistics.models import Shipment
from shop.admin import saved_views

from ... import batches as all_batches
from ... import documents, parcels
from ...models import Order
from .. import order_page
from . import batches, printing


@require_POST
def page(request):
    """Do one thing with the chosen rows."""
    deed = _DEEDS.get(request.POST.get("deed", ""))
    bucket = request.POST.get("cola", "")
    back = f"{reverse('admin:warehouse')}?{urlencode({'cola': bucket})}"
    if deed is None:
        return HttpResponseRedirect(back)
    typed = request.POST.getlist("chosen")[: printing.MOST]
    keys = [key for key in map(saved_views.key_of, typed) if key]
    answer = deed(request, keys) if keys else None
    if answer is None:
        messages.warning(request, _("Choose at least one row first."))
    return answer or HttpResponseRedirect(back)


def _pick(request, keys):
    numbers = Order.objects.filter(pk__in=keys).order_by("number").values_list("number", flat=True)
    chosen = ",".join(map(str, numbers))
    return chosen and HttpResponseRedirect(f"{reverse('admin:warehouse-pick')}?pedidos={chosen}")


def _slips(request, keys):
    orders = list(order_page.rows().filter(pk__in=keys).order_by("number"))
    return printing.pdf(documents.packing_slips(orders), _("packing")) if orders else None


def _labels(request, keys):
    return printing.labels(request, keys, name=_("labels"))


def _again(request, keys):
    """Try what was refused or did not answer once more."""
    done = _each(request, keys, shipments.try_again)
    told = ngettext("%(count)d is tried again.", "%(count)d are tried again.", done)
    return _back(request, "rotulo", done and told % {"count": done})


def _hand_over(request, keys):
    """Note that the carrier took these, without scanning them."""
    done = _each(request, keys, shipments.hand_over)
    told = ngettext("%(count)d was handed over.", "%(count)d were handed over.", done)
    return _back(request, "entregar", done and told % {"count": done})


def _call(request, keys):
    """Have the carriers come for these; who cannot be asked is named."""
    if not request.user.has_perm("logistics.change_shipment"):
        raise PermissionDenied
    now, called = timezone.now(), []
    rows = Shipment.objects.select_related("account", "origin", "pickup").filter(pk__in=keys)
    for shipment in rows.order_by("pk"):
        reason = pickups.why_not(shipment)
        if reason:
            messages.warning(request, reason)
        else:
            called.append(shipment)
    try:
        day = all_batches.visit_day(called, now=now)
        visits = pickups.request(called, on=day, now=now, actor=request.user)
    except DomainError as error:
        messages.error(request, str(error))
        visits = []
    for visit in visits:
        messages.success(request, _("%(visit)s: the carrier is asked to come.") % {"visit": visit})
    return _back(request, "entregar", "")


def _together(request, keys):
    """Send orders of one buyer to one address in one shipment, as the first was to be sent."""
    if not request.user.has_perm("logistics.change_shipment"):
        raise PermissionDenied
    orders = list(Order.objects.filter(pk__in=keys).order_by("number"))
    if not orders:
        return None
    try:
        choice = parcels.chosen(orders[0])
        made = parcels.combine(
            orders,
            account=choice.account,
            service=choice.service,
            carrier_name=choice.carrier_name,
            now=timezone.now(),
            actor=request.user,
        )
    except DomainError as error:
        messages.error(request, str(error))
        return _back(request, request.POST.get("cola", ""), "")
    return HttpResponseRedirect(reverse("admin:logistics_shipment_change", args=[made.pk]))


def _each(request, keys, deed) -> int:
    """Do it with each shipment, name those with which it failed, and count the others."""
    if not request.user.has_perm("logistics.change_shipment"):
        raise PermissionDenied
    done = 0
    for shipment in Shipment.objects.filter(pk__in=keys).order_by("pk"):
        try:
            deed(shipment, now=timezone.now(), actor=request.user)
        except DomainError as error:
            messages.warning(request, f"{shipment.code}: {error}")
        else:
            done += 1
    return done


def _back(request, bucket: str, told: str):
    if told:
        messages.success(request, told)
    return HttpResponseRedirect(f"{reverse('admin:warehouse')}?cola={bucket}")


_DEEDS = {
    "pick": _pick,
    "slips": _slips,
    "send": batches.ask,
    "again": _again,
    "hand-over": _hand_over,
    "call": _call,
    "together": _together,
    "labels": _labels,
    "list": printing.handover_list,
}
