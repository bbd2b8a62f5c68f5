"""The list of orders with its queues, and the page of one order with all that may be done."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from config.lib.errors import DomainError
from shop.admin import saved_views
from shop.admin.base import ReadOnlyAdmin
from shop.admin.site import site

from .. import document_views, timeline
from ..models import Order, OrderLine
from . import (
    board_page,
    bulk_pages,
    editing_page,
    exporting,
    finding,
    invoice_pages,
    order_filters,
    order_page,
    queues,
    sight,
    steps,
)
from .warehouse import packing as packing_screen

_MONEY_COLUMNS = {"status_label", "payment_label", "total_label"}


@admin.register(Order, site=site)
class OrderAdmin(ReadOnlyAdmin):
    list_display = [
        "label",
        "placed",
        "who",
        "place",
        "pieces",
        "status_label",
        "goods_label",
        "payment_label",
        "total_label",
    ]
    list_display_links = ["label"]
    list_filter = order_filters.ALL
    search_fields = ["number"]
    search_help_text = _("Number, name, phone, e-mail, document or tracking number")
    ordering = ["-number"]
    sortable_by = ["label", "placed"]
    actions = ["prepare", "ready", "ship", "print_slips"]
    list_before_template = "admin/orders/_order_list_head.html"
    list_fullwidth = True

    # --- Addresses ----------------------------------------------------------------------------

    def get_urls(self):
        def page(route, view, name):
            return path(route, self.admin_site.admin_view(view), name=self.page_address(name))

        return [
            page("exportar/", self.export_view, "export"),
            page("tablero/", self.board_view, "board"),
            page("<path:object_id>/paso/", self.step_view, "step"),
            page("<path:object_id>/correo/", self.mail_view, "mail"),
            page("<path:object_id>/editar/", self.edit_view, "edit"),
            page("<path:object_id>/facturas/", self.invoices_view, "invoices"),
            page("<path:object_id>/recibo.pdf", self.invoice_view, "invoice"),
            page("<path:object_id>/empaque.pdf", self.packing_view, "packing"),
            page("<path:object_id>/empacar/", self.pack_view, "pack"),
            *super().get_urls(),
        ]

    def _order(self, request, object_id) -> Order:
        order = self.get_object(request, object_id)
        if order is None:
            raise Http404
        return order_page.rows().get(pk=order.pk)

    # --- The list -----------------------------------------------------------------------------

    def get_queryset(self, request):
        orders = super().get_queryset(request)
        if not request.resolver_match.url_name.endswith("_changelist"):
            return orders
        # Not summed in the database: the bounded count of the list would sum them as well.
        lines = OrderLine.objects.only("order", "quantity").order_by()
        return orders.prefetch_related(Prefetch("lines", queryset=lines))

    def get_list_display(self, request):
        hidden = {"goods_label"} if sight.sees_money(request) else _MONEY_COLUMNS
        return [name for name in self.list_display if name not in hidden]

    def get_list_filter(self, request):
        if sight.sees_money(request):
            return order_filters.ALL
        return [one for one in order_filters.ALL if one not in order_filters.ABOUT_MONEY]

    def lookup_allowed(self, lookup, value, request):
        # Django lets any column be asked for in the address, and so a total be guessed.
        return self.knows_parameter(request, lookup)

    def get_search_results(self, request, queryset, search_term):
        return finding.find(queryset, search_term), False

    def get_actions(self, request):
        actions = super().get_actions(request)
        if not request.user.has_perm("orders.change_fulfilment"):
            for name in ("prepare", "ready", "ship"):
                actions.pop(name, None)
        return actions

    def changelist_view(self, request, extra_context=None):
        if not self.has_view_permission(request):
            raise PermissionDenied
        with_money = sight.sees_money(request)
        asked = request.GET.get("queue", "")
        if asked and asked not in {queue.name for queue in queues.seen(with_money=with_money)}:
            # Somebody else's queue, or none: their own work instead of a list of everything.
            return HttpResponseRedirect(f"{request.path}?queue={queues.DEFAULT}")
        context = {
            "title": gettext("Orders"),
            "tabs": queues.tabs(asked, with_money=with_money),
            "export_address": reverse(f"admin:{self.page_address('export')}"),
            "may_draft": request.user.has_perm("orders.add_cart"),
            **(extra_context or {}),
        }
        return super().changelist_view(request, context)

    @display(description=_("number"), ordering="number")
    def label(self, order):
        mark = format_html(' <span class="order-test">{}</span>', gettext("test"))
        return format_html("{}{}", order.label, mark if order.is_test else "")

    @display(description=_("placed"), ordering="placed_at")
    def placed(self, order):
        return order_page.short_moment(order.placed_at)

    @display(description=_("customer"))
    def who(self, order):
        return Truncator(order.name).chars(40)

    @display(description=_("goes to"))
    def place(self, order):
        return gettext("In the shop") if order.is_pickup else order.delivery.get("municipality", "")

    @display(description=_("pieces"))
    def pieces(self, order):
        return sum(line.quantity for line in order.lines.all())

    @display(description=_("status"), label=sight.STATUS_TONES)
    def status_label(self, order):
        if order.concern:
            return Order.Status.CANCELLED.value, gettext("To decide")
        return order.status, sight.status_words(order, with_money=True)

    @display(description=_("status"), label=sight.STATUS_TONES)
    def goods_label(self, order):
        return order.status, sight.status_words(order, with_money=False)

    @display(description=_("payment"), label=sight.PAYMENT_TONES)
    def payment_label(self, order):
        return order.payment, order.get_payment_display()

    @display(description=_("total"))
    def total_label(self, order):
        return sight.amount(order.total, order.currency)

    # --- Many at once -------------------------------------------------------------------------

    @action(description=_("Start to prepare"))
    def prepare(self, request, queryset):
        return bulk_pages.answer(request, queryset, "prepare", self)

    @action(description=_("Packed and ready"))
    def ready(self, request, queryset):
        return bulk_pages.answer(request, queryset, "ready", self)

    @action(description=_("Dispatch"))
    def ship(self, request, queryset):
        return bulk_pages.answer(request, queryset, "ship", self)

    @action(description=_("Print packing slips"))
    def print_slips(self, request, queryset):
        return bulk_pages.print_slips(request, queryset, self)

    def export_view(self, request):
        """Give the list as it is filtered now, as a file."""
        kind = request.GET.get("kind", "csv")
        query = request.GET.copy()
        query.pop("kind", None)
        request.GET = query
        orders = self.get_changelist_instance(request).get_queryset(request)
        return exporting.response(
            orders,
            kind=kind,
            organization=request.organization,
            with_money=sight.sees_money(request),
        )

    def board_view(self, request):
        return board_page.page(request, self.admin_site)

    # --- One order ----------------------------------------------------------------------------

    def change_view(self, request, object_id, form_url="", extra_context=None):
        if not self.has_view_permission(request):
            raise PermissionDenied
        order = self._order(request, object_id)
        if request.method != "GET":
            return HttpResponseRedirect(request.path)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Order %(order)s") % {"order": order},
            "opts": self.opts,
            "original": order,
            "media": self.media,
            "note_form": steps.NOTE.form(order=order),
            **order_page.context(request, order),
        }
        return TemplateResponse(request, "admin/orders/order.html", context)

    def step_view(self, request, object_id):
        """Show what a step will do, or do it."""
        order = self._order(request, object_id)
        address = sight.order_address(order.pk)
        step = steps.BY_NAME.get(request.POST.get("step") or request.GET.get("step", ""))
        if step is None:
            return HttpResponseRedirect(address)
        if not request.user.has_perm(step.permission):
            raise PermissionDenied
        if not step.is_offered(order):
            messages.error(request, _stale(order, request))
            return HttpResponseRedirect(address)
        is_sent = request.method == "POST"
        form = step.form(request.POST if is_sent else None, order=order)
        if is_sent and form.is_valid():
            try:
                told = step.run(order, form.cleaned_data, now=timezone.now(), actor=request.user)
            except DomainError as error:
                if step.is_direct or not form.fields:
                    messages.error(request, str(error))
                    return HttpResponseRedirect(address)
                form.add_error(None, str(error))
            else:
                messages.success(request, told or str(step.done))
                return HttpResponseRedirect(address)
        context = {
            **self.admin_site.each_context(request),
            "title": step.label,
            "opts": self.opts,
            "original": order,
            "order": order,
            "order_address": address,
            "step": step,
            "form": form,
            "lead": step.lead(order, with_money=sight.sees_money(request)),
            "media": self.media + form.media,
        }
        return TemplateResponse(request, "admin/orders/step.html", context)

    def mail_view(self, request, object_id):
        """Send the mail about an event once more."""
        order = self._order(request, object_id)
        if request.method != "POST":
            return HttpResponseRedirect(sight.order_address(order.pk))
        if not request.user.has_perm("orders.change_order"):
            raise PermissionDenied
        key = saved_views.key_of(request.POST.get("event", ""))
        event = sight.events(order, with_money=sight.sees_money(request)).filter(pk=key).first()
        if event is None:
            raise Http404
        if timeline.send_again(event, actor=request.user):
            messages.success(request, gettext("The mail is sent again."))
        return HttpResponseRedirect(sight.order_address(order.pk))

    def edit_view(self, request, object_id):
        """Change an order before it is prepared."""
        order = self._order(request, object_id)
        if not (request.user.has_perm("orders.change_order") and sight.sees_money(request)):
            raise PermissionDenied
        return editing_page.page(request, order, self)

    def invoices_view(self, request, object_id):
        """Write down an electronic document of an order."""
        order = self._order(request, object_id)
        if not request.user.has_perm("orders.change_invoice"):
            raise PermissionDenied
        return invoice_pages.page(request, order, self)

    def invoice_view(self, request, object_id):
        return document_views.invoice_view(request, pk=self._order(request, object_id).pk)

    def pack_view(self, request, object_id):
        return packing_screen.page(request, self._order(request, object_id))

    def packing_view(self, request, object_id):
        return document_views.packing_slip_view(request, pk=self._order(request, object_id).pk)


def _stale(order: Order, request) -> str:
    return gettext("Order %(order)s is “%(status)s” now: somebody else was faster.") % {
        "order": order,
        "status": sight.status_words(order, with_money=sight.sees_money(request)),
    }
