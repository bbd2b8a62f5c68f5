"""Shipments in the back-office: the list, and the page of one with its boxes and its way."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from config.lib.errors import DomainError
from logistics import addresses
from logistics import places as known_places
from logistics.models import CarrierAccount, Shipment
from logistics.models.shipments import State
from shop import postal
from shop.admin.base import ReadOnlyAdmin
from shop.admin.site import site

from .. import warehouse
from ..models import Order, OrderShipment
from . import finding, order_page, sight
from .warehouse import printing
from .warehouse import shipment_steps as steps

STATE_TONES = {
    State.PENDING: "warning",
    State.UNCERTAIN: "danger",
    State.REFUSED: "danger",
    State.CREATED: "warning",
    State.LABEL_READY: "info",
    State.PICKED_UP: "primary",
    State.IN_TRANSIT: "primary",
    State.OUT_FOR_DELIVERY: "primary",
    State.INCIDENT: "danger",
    State.RETURNING: "danger",
    State.DELIVERED: "success",
    State.RETURNED: "danger",
    State.CANCELLED: "",
}
_MOST_FOUND = 200
_MOST_EVENTS = 100


class StateFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return State.choices

    def queryset(self, request, queryset):
        return queryset.filter(state=self.value()) if self.value() in State.values else queryset


class CarrierFilter(admin.SimpleListFilter):
    title = _("carrier")
    parameter_name = "carrier"

    def lookups(self, request, model_admin):
        accounts = CarrierAccount.objects.order_by("position", "id").values_list("pk", "name")
        return [*((str(key), name) for key, name in accounts), ("own", _("Without account"))]

    def queryset(self, request, queryset):
        known = {key for key, _name in self.lookup_choices}
        if self.value() not in known:
            return queryset
        if self.value() == "own":
            return queryset.filter(account=None)
        return queryset.filter(account=self.value())


class MoneyFilter(admin.SimpleListFilter):
    title = _("payment")
    parameter_name = "payment"

    def lookups(self, request, model_admin):
        return [(one, sight.payment_word(one)) for one in (warehouse.PAID, warehouse.COLLECT)]

    def queryset(self, request, queryset):
        if self.value() == warehouse.COLLECT:
            return queryset.filter(cash_to_collect__gt=0)
        return queryset.filter(cash_to_collect=0) if self.value() == warehouse.PAID else queryset


@admin.register(Shipment, site=site)
class ShipmentAdmin(ReadOnlyAdmin):
    list_display = ["code_label", "who", "place", "carrier", "since", "state_label", "money_label"]
    list_display_links = ["code_label"]
    list_filter = [StateFilter, CarrierFilter, MoneyFilter]
    search_fields = ["code"]
    search_help_text = _("Tracking number, order, name or phone")
    ordering = ["-id"]
    sortable_by = []
    list_fullwidth = True

    def get_urls(self):
        label = path(
            "<path:object_id>/rotulo.pdf",
            self.admin_site.admin_view(self.label_view),
            name=self.page_address("label"),
        )
        step = path(
            "<path:object_id>/paso/",
            self.admin_site.admin_view(self.step_view),
            name=self.page_address("step"),
        )
        return [label, step, *super().get_urls()]

    def lookup_allowed(self, lookup, value, request):
        # Django lets any column be asked for in the address, and so an amount be guessed.
        return self.knows_parameter(request, lookup)

    def get_queryset(self, request):
        return super().get_queryset(request).defer("contents", "sender", "progress")

    def get_search_results(self, request, queryset, search_term):
        typed = search_term.strip().lstrip("#")
        if not typed:
            return queryset, False
        numbered = queryset.filter(
            Q(code=typed) | Q(tracking_number=typed) | Q(reference=typed) | Q(carrier_id=typed)
        )
        if numbered.order_by().exists():
            return numbered, False
        found = finding.find(Order.objects.all(), typed).order_by("-number")
        orders = list(found.values_list("pk", flat=True)[:_MOST_FOUND])
        joined = OrderShipment.objects.filter(order__in=orders, shipment__isnull=False)
        return queryset.filter(pk__in=joined.values("shipment")), False

    def changelist_view(self, request, extra_context=None):
        return super().changelist_view(
            request, {"title": gettext("Shipments"), **(extra_context or {})}
        )

    @display(description=_("shipment"))
    def code_label(self, shipment):
        mark = format_html(' <span class="order-test">{}</span>', gettext("test"))
        return format_html("{}{}", shipment.code, mark if shipment.is_test else "")

    @display(description=_("recipient"))
    def who(self, shipment):
        return Truncator(addresses.recipient(shipment).name).chars(40)

    @display(description=_("goes to"))
    def place(self, shipment):
        return postal.town(shipment.recipient)

    @display(description=_("carrier"))
    def carrier(self, shipment):
        return f"{shipment.carrier_name} {shipment.tracking_number}".strip()

    @display(description=_("since"))
    def since(self, shipment):
        return order_page.short_moment(shipment.state_at)

    @display(description=_("state"), label=STATE_TONES)
    def state_label(self, shipment):
        return shipment.state, shipment.get_state_display()

    @display(description=_("payment"))
    def money_label(self, shipment):
        return sight.payment_word(warehouse.COLLECT if shipment.cash_to_collect else warehouse.PAID)

    # --- One shipment -------------------------------------------------------------------------

    def _shipment(self, request, object_id) -> Shipment:
        found = self.get_object(request, object_id)
        if found is None:
            raise Http404
        return rows().get(pk=found.pk)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        if not self.has_view_permission(request):
            raise PermissionDenied
        shipment = self._shipment(request, object_id)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Shipment %(code)s") % {"code": shipment.code},
            "opts": self.opts,
            "original": shipment,
            "media": self.media,
            **page_of(request, shipment),
        }
        return TemplateResponse(request, "admin/orders/warehouse/shipment.html", context)

    def step_view(self, request, object_id):
        """Show what a step will do, or do it."""
        shipment = self._shipment(request, object_id)
        address = reverse("admin:logistics_shipment_change", args=[shipment.pk])
        step = steps.BY_NAME.get(request.POST.get("step") or request.GET.get("step", ""))
        if step is None:
            return HttpResponseRedirect(address)
        if not step.is_offered(shipment):
            told = gettext("Shipment %(code)s is “%(state)s” now: somebody else was faster.")
            state = shipment.get_state_display()
            messages.error(request, told % {"code": shipment.code, "state": state})
            return HttpResponseRedirect(address)
        form = step.form(request.POST if request.method == "POST" else None, shipment=shipment)
        if request.method == "POST" and form.is_valid():
            try:
                with transaction.atomic():
                    step.run(shipment, form, now=timezone.now(), actor=request.user)
                    if step.name == "number":
                        after = form.cleaned_data
                        self.record(request, "changed", shipment, before={}, after=after)
            except DomainError as error:
                messages.error(request, str(error))
            else:
                messages.success(request, str(step.done))
            return HttpResponseRedirect(address)
        context = {
            **self.admin_site.each_context(request),
            "title": step.label,
            "opts": self.opts,
            "original": shipment,
            "order": shipment,
            "order_address": address,
            "step": step,
            "form": form,
            "lead": [step.lead] if step.lead else [],
            "places": known_places.suggestions() if "municipality_code" in form.fields else [],
            "media": self.media + form.media,
        }
        return TemplateResponse(request, "admin/orders/step.html", context)

    def label_view(self, request, object_id):
        shipment = self._shipment(request, object_id)
        answer = printing.labels(request, [shipment.pk], name=shipment.code)
        if answer is None:
            raise Http404
        return answer


def rows():
    """Give shipments with everything that their page and their labels need."""
    return Shipment.objects.select_related(
        "organization", "account", "origin", "pickup"
    ).prefetch_related("parcels")


def page_of(request, shipment: Shipment) -> dict:
    """Give what the page of a shipment shows; its price only to who may see money."""
    with_money = sight.sees_money(request)
    payment = warehouse.COLLECT if shipment.cash_to_collect else warehouse.PAID
    may_change = request.user.has_perm("logistics.change_shipment")
    joined = (
        OrderShipment.objects.filter(shipment=shipment)
        .select_related("order")
        .prefetch_related("lines__line")
        .order_by("order__number")
    )
    return {
        "shipment": shipment,
        "state": shipment.get_state_display(),
        "state_tone": STATE_TONES[State(shipment.state)],
        "since": order_page.short_moment(shipment.state_at),
        "payment": sight.payment_word(payment),
        "payment_tone": "warning" if shipment.cash_to_collect else "success",
        "orders": [_order(one) for one in joined],
        "recipient": _address(shipment.recipient),
        "sender": _address(shipment.sender) if shipment.sender else [],
        "boxes": [
            {
                "position": box.position,
                "kilos": f"{box.weight_grams / 1000:.2f}".replace(".", ","),
                "size": f"{box.length_cm} × {box.width_cm} × {box.height_cm} cm",
            }
            for box in shipment.parcels.all()
        ],
        "events": [_event(event) for event in shipment.events.all()[:_MOST_EVENTS]],
        "steps": steps.offered(shipment) if may_change else [],
        "step_address": reverse("admin:logistics_shipment_step", args=[shipment.pk]),
        "incidents": [
            {
                "words": str(incident),
                "state": incident.get_state_display(),
                "url": reverse("admin:logistics_incident_change", args=[incident.pk]),
            }
            for incident in shipment.incidents.all()[:_MOST_EVENTS]
        ],
        "label_address": (
            reverse("admin:logistics_shipment_label", args=[shipment.pk])
            if printing.may_print(shipment)
            else ""
        ),
        "costs": _costs(shipment) if with_money else [],
    }


def _address(kept: dict) -> list[str]:
    return postal.place(kept | {"recipient": addresses.read(kept).name})


def _order(one: OrderShipment) -> dict:
    return {
        "label": one.order.label,
        "url": sight.order_address(one.order_id),
        "lines": [
            f"{part.quantity} × {part.line.name} {part.line.label}".strip()
            for part in one.lines.all()
        ],
    }


def _event(event) -> dict:
    state = event.get_state_display() if event.state else ""
    return {
        "words": event.description or state or event.raw_state,
        "state": state,
        "raw": event.raw_state if not event.state else "",
        "place": event.place,
        "when": order_page.short_moment(event.at),
        "at": event.at,
    }


def _costs(shipment: Shipment) -> list[tuple[str, str]]:
    amounts = (
        (gettext("To collect at the door"), shipment.cash_to_collect or None),
        (gettext("Declared value"), shipment.declared_value or None),
        (gettext("Quoted cost"), shipment.quoted_cost),
        (gettext("Cost"), shipment.cost),
    )
    return [
        (name, sight.amount(amount, shipment.currency))
        for name, amount in amounts
        if amount is not None
    ]
