"""Returns: asked for, accepted, received, looked at, paid back; each step where it is due."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextareaWidget

from config.lib import money
from config.lib.errors import DomainError
from config.lib.fields import validate_paragraph
from shop.admin.base import ReadOnlyAdmin
from shop.admin.fields import PriceField
from shop.admin.site import site

from .. import returned, returns
from ..models import ReturnRequest
from . import order_page, sight
from .refunds_admin import order_link

_Status = ReturnRequest.Status
_TONES = {
    "requested": "warning",
    "accepted": "info",
    "received": "info",
    "inspected": "primary",
    "closed": "success",
    "rejected": "danger",
}


class WorkFilter(admin.SimpleListFilter):
    title = _("work")
    parameter_name = "work"

    def lookups(self, request, model_admin):
        return [("open", _("Not finished"))]

    def queryset(self, request, queryset):
        if self.value() != "open":
            return queryset
        return queryset.exclude(status__in=[_Status.CLOSED, _Status.REJECTED])


class _Form(forms.Form):
    """A step of a return, checked against it."""

    def __init__(self, data=None, *, found: ReturnRequest):
        self.found = found
        super().__init__(data)


class _AnswerForm(_Form):
    answer = forms.CharField(
        label=_("answer to the buyer"),
        max_length=1_000,
        validators=[validate_paragraph],
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )


class _CountForm(_Form):
    """How many came back good, and how many are lost."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for row in self.found.lines.all():
            name = f"{row.line.name} {row.line.label}".strip()
            for kind, label, initial in (
                ("good", _("%(name)s: good to sell again"), row.quantity),
                ("lost", _("%(name)s: lost"), 0),
            ):
                self.fields[f"{kind}-{row.line_id}"] = forms.IntegerField(
                    label=label % {"name": name},
                    min_value=0,
                    max_value=row.quantity,
                    initial=initial,
                    required=False,
                    widget=UnfoldAdminIntegerFieldWidget,
                )

    def counted(self, kind: str) -> dict:
        return {
            row.line_id: self.cleaned_data.get(f"{kind}-{row.line_id}") or 0
            for row in self.found.lines.all()
        }


class _CloseForm(_Form):
    amount = PriceField(label=_("amount to give back"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["amount"] = returned.owed_for(self.found)


def _accept(found, form, **who):
    returns.accept(found, **who)


def _reject(found, form, **who):
    returns.reject(found, answer=form.cleaned_data["answer"], **who)


def _receive(found, form, **who):
    returns.receive(found, **who)


def _inspect(found, form, **who):
    returns.inspect(found, restocked=form.counted("good"), written_off=form.counted("lost"), **who)


def _close(found, form, **who):
    returns.close(found, amount=form.cleaned_data["amount"], **who)


_ORDER, _GOODS, _MONEY = (
    "orders.change_order",
    "orders.change_fulfilment",
    "orders.change_payment",
)
# name: label, what it leads to, permission, form, operation, whether it is the usual next step.
_STEPS = {
    "accept": (_("Accept"), _Status.ACCEPTED, _ORDER, _Form, _accept, True),
    "receive": (_("It arrived"), _Status.RECEIVED, _GOODS, _Form, _receive, True),
    "inspect": (_("Inspect"), _Status.INSPECTED, _GOODS, _CountForm, _inspect, True),
    "close": (_("Close and give back"), _Status.CLOSED, _MONEY, _CloseForm, _close, True),
    "reject": (_("Refuse"), _Status.REJECTED, _ORDER, _AnswerForm, _reject, False),
}


@admin.register(ReturnRequest, site=site)
class ReturnRequestAdmin(ReadOnlyAdmin):
    list_display = ["label", "asked_on", "order_link", "who", "kind_label", "state", "due"]
    list_filter = [WorkFilter, "status", "kind"]
    list_select_related = ["order__organization"]
    search_fields = ["number"]
    search_help_text = _("Number of the return or of the order")
    ordering = ["-number"]

    def get_urls(self):
        return [
            path(
                "<path:object_id>/paso/",
                self.admin_site.admin_view(self.step_view),
                name=self.page_address("step"),
            ),
            *super().get_urls(),
        ]

    def get_search_results(self, request, queryset, search_term):
        typed = search_term.strip().upper().removeprefix("D-")
        digits = typed.lstrip("#")
        if not typed:
            return queryset, False
        if not (digits.isascii() and digits.isdecimal() and len(digits) <= 18):
            return queryset.none(), False
        if typed.startswith("#"):
            return queryset.filter(order__number=int(digits)), False
        return queryset.filter(number=int(digits)) | queryset.filter(
            order__number=int(digits)
        ), False

    @display(description=_("return"))
    def label(self, found):
        return str(found)

    @display(description=_("requested"))
    def asked_on(self, found):
        return order_page.short_moment(found.requested_at)

    @display(description=_("order"))
    def order_link(self, found):
        return order_link(found.order)

    @display(description=_("customer"))
    def who(self, found):
        return found.order.name

    @display(description=_("kind"))
    def kind_label(self, found):
        return found.get_kind_display()

    @display(description=_("status"), label=_TONES)
    def state(self, found):
        return found.status, found.get_status_display()

    @display(description=_("money due on"))
    def due(self, found):
        is_open = found.pay_until and found.status not in (_Status.CLOSED, _Status.REJECTED)
        return date_format(found.pay_until, "SHORT_DATE_FORMAT") if is_open else "—"

    def get_list_display(self, request):
        shown = super().get_list_display(request)
        return shown if sight.sees_money(request) else [one for one in shown if one != "due"]

    def lookup_allowed(self, lookup, value, request):
        return lookup in {"work", "status__exact", "kind__exact"}

    def _found(self, request, object_id) -> ReturnRequest:
        if self.get_object(request, object_id) is None:
            raise Http404
        rows = ReturnRequest.objects.select_related("order__organization", "refund", "requested_by")
        return rows.prefetch_related("lines__line").get(pk=object_id)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = self._found(request, object_id)
        if request.method != "GET":
            return HttpResponseRedirect(request.path)
        with_money = sight.sees_money(request)
        currency = found.order.currency
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Return %(return)s") % {"return": found},
            "opts": self.opts,
            "original": found,
            "found": found,
            "order_address": sight.order_address(found.order_id),
            "with_money": with_money,
            "tone": _TONES[found.status],
            "asked": order_page.short_moment(found.requested_at),
            "steps": [
                {"name": name, "label": step[0], "is_main": step[5]}
                for name, step in _STEPS.items()
                if step[1] in ReturnRequest.NEXT[found.status] and request.user.has_perm(step[2])
            ],
            "step_address": reverse(f"admin:{self.page_address('step')}", args=[found.pk]),
            "ask_until": date_format(found.ask_until, "DATE_FORMAT") if found.ask_until else "",
            "media": self.media,
        }
        if with_money:
            context["pay_until"] = (
                date_format(found.pay_until, "DATE_FORMAT") if found.pay_until else ""
            )
            context["refund"] = money.label(found.refund.amount, currency) if found.refund else ""
            context["refund_status"] = found.refund.get_status_display() if found.refund else ""
        return TemplateResponse(request, "admin/orders/return.html", context)

    def step_view(self, request, object_id):
        """Show what a step asks, or do it."""
        found = self._found(request, object_id)
        address = reverse(f"admin:{self.page_address('change')}", args=[found.pk])
        name = request.POST.get("step") or request.GET.get("step", "")
        if name not in _STEPS:
            return HttpResponseRedirect(address)
        label, status, permission, form_class, operation, is_main = _STEPS[name]
        if not request.user.has_perm(permission):
            raise PermissionDenied
        if status not in ReturnRequest.NEXT[found.status]:
            messages.error(
                request,
                gettext("Return %(return)s is “%(status)s” now: somebody else was faster.")
                % {"return": found, "status": found.get_status_display()},
            )
            return HttpResponseRedirect(address)
        is_sent = request.method == "POST"
        form = form_class(request.POST if is_sent else None, found=found)
        if is_sent and form.is_valid():
            try:
                operation(found, form, now=timezone.now(), actor=request.user)
            except DomainError as error:
                form.add_error(None, str(error))
            else:
                found.refresh_from_db()
                messages.success(
                    request,
                    gettext("Return %(return)s: %(status)s.")
                    % {"return": found, "status": found.get_status_display()},
                )
                return HttpResponseRedirect(address)
        context = {
            **self.admin_site.each_context(request),
            "title": label,
            "opts": self.opts,
            "original": found,
            "order": found,
            "order_address": address,
            "step": {"name": name, "label": label, "is_danger": not is_main},
            "form": form,
            "lead": [],
            "media": self.media + form.media,
        }
        return TemplateResponse(request, "admin/orders/step.html", context)
