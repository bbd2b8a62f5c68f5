"""Money to give back, what is overdue first, and what the gateways said and sent."""

import json

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Case, Q, Value, When
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from config.lib.errors import DomainError
from shop.admin.base import ReadOnlyAdmin
from shop.admin.site import site
from shop.models import AuditEntry

from .. import deadlines, events, means, refunds, webhooks
from ..models import GatewayEvent, GatewayTransaction, Refund
from . import order_page, sight, step_forms


class DueFilter(admin.SimpleListFilter):
    title = _("work")
    parameter_name = "due"

    def lookups(self, request, model_admin):
        return [
            ("late", _("Overdue")),
            ("hand", _("To transfer by hand")),
            ("open", _("Not done yet")),
        ]

    def queryset(self, request, queryset):
        return self.pick(queryset, self.value())

    @staticmethod
    def pick(refunds, value):
        """Give the refunds of this choice."""
        waiting = refunds.exclude(status=Refund.Status.DONE)
        match value:
            case "late":
                return waiting.filter(due_on__lt=timezone.localdate())
            case "hand":
                return waiting.filter(method=Refund.Method.MANUAL)
            case "open":
                return waiting
        return refunds


def order_link(order):
    """Lead to the order's page."""
    return format_html('<a href="{}">{}</a>', sight.order_address(order.pk), order)


@admin.register(Refund, site=site)
class RefundAdmin(ReadOnlyAdmin):
    list_display = ["asked_on", "order_link", "amount_label", "how", "why", "state", "due"]
    list_filter = [DueFilter, "status", "method", "reason"]
    list_select_related = ["order__organization"]
    search_fields = ["order__number"]
    search_help_text = _("Number of the order, or of the transfer")
    ordering = ["-id"]
    fields = [
        "order_link",
        "amount_label",
        "status",
        "method",
        "reason",
        "note",
        "due_on",
        "requested_by",
        "requested_at",
        "gateway_id",
        "proof",
        "error",
        "done_by",
        "done_at",
    ]
    readonly_fields = ["order_link", "amount_label"]

    def get_urls(self):
        return [
            path(
                "<path:object_id>/hecho/",
                self.admin_site.admin_view(self.done_view),
                name=self.page_address("done"),
            ),
            *super().get_urls(),
        ]

    def get_ordering(self, request):
        # What is not done stands first, the oldest deadline at the top.
        is_done = Case(When(status=Refund.Status.DONE, then=Value(1)), default=Value(0))
        return [is_done, "due_on", "-id"]

    def get_search_results(self, request, queryset, search_term):
        typed = search_term.strip().lstrip("#")
        if not typed:
            return queryset, False
        wanted = Q(proof=typed) | Q(gateway_id=typed)
        if typed.isascii() and typed.isdecimal() and len(typed) <= 18:
            wanted |= Q(order__number=int(typed))
        return queryset.filter(wanted), False

    @display(description=_("requested"))
    def asked_on(self, refund):
        return order_page.short_moment(refund.requested_at)

    @display(description=_("order"))
    def order_link(self, refund):
        return order_link(refund.order)

    @display(description=_("amount"))
    def amount_label(self, refund):
        return sight.amount(refund.amount, refund.order.currency)

    @display(description=_("how"))
    def how(self, refund):
        return refund.get_method_display()

    @display(description=_("reason"))
    def why(self, refund):
        return refund.get_reason_display()

    @display(
        description=_("status"),
        label={"requested": "warning", "asked": "info", "done": "success", "failed": "danger"},
    )
    def state(self, refund):
        return refund.status, refund.get_status_display()

    @display(description=_("due"), label={"late": "danger", "soon": "warning", "": "info"})
    def due(self, refund):
        if refund.status == Refund.Status.DONE:
            return None
        left = deadlines.days_left(refund.order.organization, refund.due_on, now=timezone.now())
        tone = "late" if left < 0 else "soon" if left <= 3 else ""
        return tone, date_format(refund.due_on, "SHORT_DATE_FORMAT")

    def done_view(self, request, object_id):
        """Write down that a person sent the money."""
        refund = self.get_object(request, object_id)
        if refund is None:
            raise Http404
        if not request.user.has_perm("orders.change_payment"):
            raise PermissionDenied
        order = refund.order
        form = step_forms.ProofForm(request.POST or None, order=order)
        if request.method == "POST" and form.is_valid():
            try:
                refunds.done_by_hand(
                    refund, now=timezone.now(), actor=request.user, **form.cleaned_data
                )
            except DomainError as error:
                form.add_error("proof", str(error))
            else:
                messages.success(request, gettext("The refund is done."))
                return HttpResponseRedirect(sight.order_address(order.pk))
        amount = sight.amount(refund.amount, order.currency)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("The transfer is made"),
            "opts": self.opts,
            "order": order,
            "order_address": sight.order_address(order.pk),
            "step": {"label": gettext("The transfer is made")},
            "form": form,
            "lead": [
                gettext("You sent %(amount)s to the buyer from the shop's bank account.")
                % {"amount": amount},
                *([refund.note] if refund.note else []),
            ],
            "media": self.media + form.media,
        }
        return TemplateResponse(request, "admin/orders/step.html", context)


class StrayFilter(admin.SimpleListFilter):
    title = _("trouble")
    parameter_name = "trouble"

    def lookups(self, request, model_admin):
        return [("stray", _("Names no order of ours")), ("problem", _("Counts for nothing"))]

    def queryset(self, request, queryset):
        match self.value():
            case "stray":
                return queryset.filter(attempt=None)
            case "problem":
                return queryset.exclude(problem="")
        return queryset


@admin.register(GatewayTransaction, site=site)
class GatewayTransactionAdmin(ReadOnlyAdmin):
    list_display = ["seen", "order_link", "account", "amount_label", "state", "means", "trouble"]
    list_filter = [StrayFilter, "status", "account"]
    list_select_related = ["account", "attempt__order"]
    search_fields = ["gateway_id"]
    search_help_text = _("The gateway's id, or our reference")
    ordering = ["-id"]
    fields = [
        "order_link",
        "account",
        "gateway_id",
        "reference",
        "status",
        "amount_label",
        "refunded_label",
        "means",
        "message",
        "problem",
        "seen_at",
        "changed_at",
    ]
    readonly_fields = ["order_link", "amount_label", "refunded_label", "means"]

    @display(description=_("means"))
    def means(self, told):
        return means.words(told.method)

    def get_search_results(self, request, queryset, search_term):
        typed = search_term.strip()
        if not typed:
            return queryset, False
        return queryset.filter(Q(gateway_id=typed) | Q(reference=typed)), False

    @display(description=_("first seen"))
    def seen(self, told):
        return order_page.short_moment(told.seen_at)

    @display(description=_("order"))
    def order_link(self, told):
        return order_link(told.attempt.order) if told.attempt else "—"

    @display(description=_("amount"))
    def amount_label(self, told):
        return sight.amount(told.amount, told.currency)

    @display(description=_("given back"))
    def refunded_label(self, told):
        return sight.amount(told.refunded, told.currency)

    @display(
        description=_("status"),
        label={
            "pending": "info",
            "approved": "success",
            "declined": "warning",
            "failed": "warning",
            "voided": "danger",
            "refunded": "danger",
        },
    )
    def state(self, told):
        return told.status, told.get_status_display()

    @display(description=_("trouble"), label={"problem": "danger"})
    def trouble(self, told):
        return ("problem", told.get_problem_display()) if told.problem else None


class HandledFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return [("error", _("With an error")), ("waiting", _("Waiting")), ("done", _("Handled"))]

    def queryset(self, request, queryset):
        return self.pick(queryset, self.value())

    @staticmethod
    def pick(notices, value):
        """Give the notices of this choice."""
        match value:
            case "error":
                return notices.exclude(error="")
            case "waiting":
                return notices.filter(handled_at=None, error="")
            case "done":
                return notices.exclude(handled_at=None)
        return notices


@admin.register(GatewayEvent, site=site)
class GatewayEventAdmin(ReadOnlyAdmin):
    list_display = ["received", "account", "kind", "reference", "state", "tries"]
    list_filter = [HandledFilter, "account"]
    list_select_related = ["account"]
    search_fields = ["event_id"]
    search_help_text = _("The gateway's id, or our reference")
    ordering = ["-id"]
    fields = [
        "account",
        "kind",
        "event_id",
        "reference",
        "transaction_id",
        "received_at",
        "handled_at",
        "tries",
        "error",
        "payload_label",
    ]
    readonly_fields = ["payload_label"]
    actions = ["handle_again"]
    change_form_template = "admin/orders/gatewayevent_form.html"

    def get_urls(self):
        return [
            path(
                "<path:object_id>/otra-vez/",
                self.admin_site.admin_view(self.again_view),
                name=self.page_address("again"),
            ),
            *super().get_urls(),
        ]

    def get_search_results(self, request, queryset, search_term):
        typed = search_term.strip()
        if not typed:
            return queryset, False
        wanted = Q(event_id=typed) | Q(reference=typed) | Q(transaction_id=typed)
        return queryset.filter(wanted), False

    def get_actions(self, request):
        actions = super().get_actions(request)
        if not request.user.has_perm("orders.change_payment"):
            actions.pop("handle_again", None)
        return actions

    @display(description=_("received"))
    def received(self, event):
        return order_page.short_moment(event.received_at)

    @display(
        description=_("state"), label={"error": "danger", "waiting": "info", "done": "success"}
    )
    def state(self, event):
        if event.error:
            return "error", event.error[:60]
        if event.handled_at is None:
            return "waiting", gettext("Waiting")
        return "done", gettext("Handled")

    @display(description=_("payload"))
    def payload_label(self, event):
        text = json.dumps(event.payload, ensure_ascii=False, indent=2)
        return format_html('<pre class="payload">{}</pre>', text)

    @admin.action(description=_("Handle again"))
    def handle_again(self, request, queryset):
        for event in queryset:
            self._queue_again(request, event)
        webhooks.wake()
        messages.success(request, gettext("The events are handled again in a moment."))

    @transaction.atomic
    def _queue_again(self, request, event):
        now = timezone.now()
        events.handle_again(event, now=now)
        before = {"handled_at": event.handled_at, "error": event.error, "try_at": event.try_at}
        after = {"handled_at": None, "error": "", "try_at": now}
        self.record(request, AuditEntry.Action.CHANGED, event, before=before, after=after)

    def again_view(self, request, object_id):
        """Put one event back into the queue."""
        event = self.get_object(request, object_id)
        if event is None:
            raise Http404
        address = reverse(f"admin:{self.page_address('change')}", args=[event.pk])
        if request.method != "POST":
            return HttpResponseRedirect(address)
        if not request.user.has_perm("orders.change_payment"):
            raise PermissionDenied
        self._queue_again(request, event)
        webhooks.wake()
        messages.success(request, gettext("The event is handled again in a moment."))
        return HttpResponseRedirect(address)
