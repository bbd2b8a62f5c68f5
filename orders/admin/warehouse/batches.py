"""Many orders sent at once: what is asked before, how far it is, and what failed."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from logistics.models import CarrierAccount
from shop.admin.base import ReadOnlyAdmin
from shop.admin.site import site

from ... import batches, warehouse
from ...models import BatchItem, Order, ShipmentBatch
from .. import order_page, sight
from . import printing


class AgainForm(forms.Form):
    """Who carries what failed."""

    account = forms.ModelChoiceField(
        CarrierAccount._base_manager.none(),
        label=_("Carrier"),
        required=False,
        empty_label=_("As each buyer chose"),
    )

    def __init__(self, *args, organization, **kwargs):
        super().__init__(*args, **kwargs)
        active = CarrierAccount.objects.filter(is_active=True, is_live=organization.is_live)
        self.fields["account"].queryset = active.order_by("position", "id")


class SendForm(AgainForm):
    """Who carries the chosen orders, and whether they are asked to come."""

    wants_pickup = forms.BooleanField(
        label=_("Request pick-up when the labels are ready"), required=False, initial=True
    )


def ask(request, keys):
    """Show what will be sent, and begin once that is confirmed."""
    if not request.user.has_perm("logistics.change_shipment"):
        raise PermissionDenied
    orders = list(
        Order.objects.filter(pk__in=keys)
        .only("number", "name", "delivery", "delivery_label", "is_pickup", "organization")
        .order_by("number")
    )
    if not orders:
        return None
    is_sent = "confirmed" in request.POST
    form = SendForm(request.POST if is_sent else None, organization=request.organization)
    if is_sent and form.is_valid():
        batch = batches.begin(
            request.organization,
            orders,
            **form.cleaned_data,
            now=timezone.now(),
            actor=request.user,
        )
        return HttpResponseRedirect(address(batch))
    context = {
        **site.each_context(request),
        "title": gettext("Label and request pick-up"),
        "orders": orders,
        "form": form,
        "back": f"{reverse('admin:warehouse')}?cola={request.POST.get('cola', '')}",
        "bucket": request.POST.get("cola", ""),
    }
    return TemplateResponse(request, "admin/orders/warehouse/send.html", context)


def address(batch: ShipmentBatch) -> str:
    return reverse("admin:orders_shipmentbatch_change", args=[batch.pk])


class WorkFilter(admin.SimpleListFilter):
    title = _("work")
    parameter_name = "work"

    def lookups(self, request, model_admin):
        return [("open", _("Not finished"))]

    def queryset(self, request, queryset):
        return queryset.filter(finished_at=None) if self.value() == "open" else queryset


@admin.register(ShipmentBatch, site=site)
class ShipmentBatchAdmin(ReadOnlyAdmin):
    list_display = ["begun", "person", "orders", "ended"]
    list_display_links = ["begun"]
    list_select_related = ["person"]
    ordering = ["-id"]
    sortable_by = []
    list_filter = [WorkFilter]
    search_fields = ["items__order__number"]
    search_help_text = _("Number of an order")

    def get_search_results(self, request, queryset, search_term):
        typed = search_term.strip().lstrip("#")
        if not typed:
            return queryset, False
        if not (typed.isascii() and typed.isdecimal() and len(typed) <= 18):
            return queryset.none(), False
        found = BatchItem.objects.filter(order__number=int(typed)).values("batch")
        return queryset.filter(pk__in=found), False

    def get_urls(self):
        labels = path(
            "<path:object_id>/rotulos.pdf",
            self.admin_site.admin_view(self.labels_view),
            name=self.page_address("labels"),
        )
        return [labels, *super().get_urls()]

    def get_queryset(self, request):
        found = super().get_queryset(request)
        return found.prefetch_related("items") if _is_list(request) else found

    @display(description=_("begun"))
    def begun(self, batch):
        return order_page.short_moment(batch.created_at)

    @display(description=_("orders"))
    def orders(self, batch):
        return len(batch.items.all())

    @display(description=_("finished"))
    def ended(self, batch):
        return order_page.short_moment(batch.finished_at) if batch.finished_at else ""

    def change_view(self, request, object_id, form_url="", extra_context=None):
        if not self.has_view_permission(request):
            raise PermissionDenied
        batch = self._batch(request, object_id)
        if request.method == "POST":
            return self._again(request, batch)
        shown = progress(batch)
        if "part" in request.GET:
            return TemplateResponse(request, "admin/orders/warehouse/_batch.html", shown)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Labels of %(when)s")
            % {"when": order_page.short_moment(batch.created_at)},
            "opts": self.opts,
            "original": batch,
            "form": AgainForm(organization=request.organization),
            **shown,
            "back": reverse("admin:warehouse"),
            "may_change": request.user.has_perm("logistics.change_shipment"),
        }
        return TemplateResponse(request, "admin/orders/warehouse/batch.html", context)

    def _batch(self, request, object_id) -> ShipmentBatch:
        found = self.get_object(request, object_id)
        if found is None:
            raise Http404
        return found

    def _again(self, request, batch):
        if not request.user.has_perm("logistics.change_shipment"):
            raise PermissionDenied
        form = AgainForm(request.POST, organization=request.organization)
        account = form.cleaned_data["account"] if form.is_valid() else None
        tried = batches.retry(batch, account=account, now=timezone.now(), actor=request.user)
        if tried:
            told = ngettext("%(count)d is tried again.", "%(count)d are tried again.", tried)
            messages.success(request, told % {"count": tried})
        return HttpResponseRedirect(address(batch))

    def labels_view(self, request, object_id):
        batch = self._batch(request, object_id)
        keys = batch.items.filter(shipment__isnull=False).values("shipment")
        answer = printing.labels(request, keys, name=gettext("labels"))
        if answer is None:
            messages.warning(request, gettext("No label is ready yet."))
            return HttpResponseRedirect(address(batch))
        return answer


def progress(batch: ShipmentBatch) -> dict:
    """Give how far a batch is, order by order."""
    items = list(
        batch.items.select_related("shipment__pickup__account", "order").order_by("order__number")
    )
    visits = {item.shipment.pickup for item in items if item.shipment and item.shipment.pickup_id}
    # What somebody has to look at stands first.
    rows = sorted((_row(item) for item in items), key=lambda row: _ORDER.index(row["state"]))
    counted = {state: sum(row["state"] == state for row in rows) for state in _WORDS}
    ended = counted["done"] + counted["failed"]
    return {
        "batch": batch,
        "rows": rows,
        "all": len(rows),
        "done": counted["done"],
        "failed": counted["failed"],
        "ended": ended,
        "is_at_work": ended < len(rows),
        "visits": [
            f"{visit} · {visit.get_state_display()}"
            for visit in sorted(visits, key=lambda visit: str(visit.pk))
        ],
        "share": f"{100 * ended // len(rows) if rows else 100}%",
        "part_address": f"{address(batch)}?part=1",
        "labels_address": reverse("admin:orders_shipmentbatch_labels", args=[batch.pk]),
    }


_WORDS = {
    "waiting": _("In the queue"),
    "working": _("The carrier is asked"),
    "done": _("Label ready"),
    "failed": _("Did not work"),
}
_ORDER = ["failed", "working", "waiting", "done"]
_TONES = {"waiting": "", "working": "primary", "done": "success", "failed": "danger"}


def _row(item) -> dict:
    found = batches.standing(item)
    shipment = item.shipment
    return {
        "label": item.order.label,
        "name": item.order.name,
        "url": (
            reverse("admin:logistics_shipment_change", args=[shipment.pk])
            if shipment
            else sight.order_address(item.order_id)
        ),
        "code": shipment.code if shipment else "",
        "carrier": f"{shipment.carrier_name} {shipment.tracking_number}" if shipment else "",
        "state": found.state,
        "words": _WORDS[found.state],
        "tone": _TONES[found.state],
        "why": found.why,
        "payment": warehouse.payment_of(item.order),
    }


def _is_list(request) -> bool:
    return request.resolver_match.url_name.endswith("_changelist")
