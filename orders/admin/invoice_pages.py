"""Electronic documents of an order: their card on its page, and the form that writes them down."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from config.lib.errors import DomainError
from config.lib.fields import validate_line
from shop.admin import saved_views

from .. import invoice_faults, invoices
from ..models import Invoice, Order
from . import sight
from .step_forms import StepForm

TONES = {"pending": "warning", "accepted": "success", "rejected": "danger", "annulled": "info"}
_Status = Invoice.Status


class _MomentInput(forms.DateTimeInput):
    """The browser's own field for a day and a time."""

    input_type = "datetime-local"

    def __init__(self):
        super().__init__(attrs={"class": "plain-input", "step": "1"}, format="%Y-%m-%dT%H:%M:%S")


def _typed(name: str, **options) -> forms.Field:
    """Give a field with the words of the model; what is typed is checked by the operation."""
    return Invoice._meta.get_field(name).formfield(**options)


class InvoiceForm(StepForm):
    kind = _typed("kind", widget=UnfoldAdminSelectWidget)
    status = _typed("status", widget=UnfoldAdminSelectWidget)
    prefix = _typed("prefix", widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}))
    number = _typed("number", widget=UnfoldAdminIntegerFieldWidget)
    code = _typed(
        "code",
        # As long as a copy out of a PDF, with gaps between its parts.
        max_length=200,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    issued_at = _typed("issued_at", widget=_MomentInput)
    answered_at = _typed(
        "answered_at", label=gettext_lazy("date of the answer"), widget=_MomentInput
    )
    pdf_url = _typed(
        "pdf_url",
        assume_scheme="https",
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "url", "placeholder": "https://"}),
    )
    xml_url = _typed(
        "xml_url",
        assume_scheme="https",
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "url", "placeholder": "https://"}),
    )
    corrects = forms.ModelChoiceField(
        Invoice.objects.none(),
        label=gettext_lazy("document that it corrects"),
        required=False,
        empty_label=gettext_lazy("None: it is no note"),
        help_text=gettext_lazy("Only for a credit note or a debit note."),
        widget=UnfoldAdminSelectWidget,
    )
    error = _typed(
        "error",
        help_text=gettext_lazy("Only when the DIAN rejected it, in its own words."),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
    )

    def __init__(self, data=None, *, order: Order, invoice: Invoice | None = None):
        super().__init__(data, order=order)
        self.invoice = invoice
        sales = order.invoices.filter(kind__in=Invoice.SALES)
        if invoice is None:
            found = [_Status.PENDING, _Status.ACCEPTED, _Status.REJECTED]
            self.initial = _expected(order)
        else:
            found = [invoice.status, *_next_of(invoice)]
            sales = sales.exclude(pk=invoice.pk)
            self.initial = {name: getattr(invoice, name) for name in invoice_faults.WRITTEN}
        self.fields["status"].choices = [(one, _Status(one).label) for one in found]
        self.fields["corrects"].queryset = sales

    def clean(self):
        values = super().clean()
        now = timezone.now()
        for name, sentence in invoices.problems(self.order, self.invoice, values, now=now).items():
            if name not in self.errors:
                self.add_error(name, sentence)
        return values

    # Parts of the page, by subject.

    def what(self):
        return [self[name] for name in ("kind", "corrects", "prefix", "number", "issued_at")]

    def answer(self):
        return [self[name] for name in ("status", "answered_at")]

    def links(self):
        return [self[name] for name in ("pdf_url", "xml_url")]

    def tell(self, error: invoices.BadInvoice) -> None:
        """Put each sentence beside its field."""
        for name, sentence in error.fields.items():
            self.add_error(name, sentence)


class _ReasonForm(forms.Form):
    reason = forms.CharField(max_length=200, validators=[validate_line])


def _expected(order: Order) -> dict:
    """Give what the next document of an order most likely is."""
    standing = invoices.standing(order.invoices.all())
    kind = Invoice.Kind.CREDIT_NOTE if standing else Invoice.Kind.INVOICE
    last = Invoice.objects.filter(kind=kind).order_by("-recorded_at").first()
    return {
        "kind": kind,
        "status": _Status.ACCEPTED,
        "corrects": standing,
        "prefix": last.prefix if last else "",
    }


def _next_of(invoice: Invoice) -> list[str]:
    """Give the steps that may be offered, in the order of the statuses."""
    found = Invoice.NEXT[invoice.status]
    if not invoice_faults.may_annul(invoice):
        found = found - {_Status.ANNULLED}
    return [status for status in _Status if status in found]


# --- The form -------------------------------------------------------------------------------------


def page(request, order: Order, admin):
    """Answer the form of one document: write it down, change it, or take it out."""
    invoice = _asked_for(request, order)
    is_removal = request.method == "POST" and request.POST.get("deed") == "remove"
    is_sent = request.method == "POST" and not is_removal
    form = InvoiceForm(request.POST if is_sent else None, order=order, invoice=invoice)
    problem = ""
    try:
        if is_removal and invoice is not None:
            return _remove(request, order, invoice)
        if is_sent and form.is_valid():
            return _save(request, order, invoice, form.cleaned_data)
    except invoices.BadInvoice as error:
        form.tell(error)
    except DomainError as error:
        problem = str(error)
    except forms.ValidationError:
        problem = _("Write why it is taken out.")
    context = {
        **admin.admin_site.each_context(request),
        "title": str(invoice) if invoice else _("Electronic document"),
        "opts": admin.opts,
        "original": order,
        "order": order,
        "order_address": sight.order_address(order.pk),
        "invoice": invoice,
        "form": form,
        "problem": problem,
        "media": admin.media + form.media,
    }
    return TemplateResponse(request, "admin/orders/invoice.html", context)


def _asked_for(request, order: Order) -> Invoice | None:
    asked = request.GET.get("document")
    if asked is None:
        return None
    invoice = order.invoices.filter(pk=saved_views.key_of(asked)).first()
    if invoice is None:
        raise Http404
    return invoice


def _save(request, order: Order, invoice: Invoice | None, values: dict):
    if invoice is None:
        kept = invoices.record(order, values, now=timezone.now(), actor=request.user)
        told = _("%(document)s is written down.")
    else:
        kept = invoices.change(invoice, values, now=timezone.now(), actor=request.user)
        told = _("%(document)s is changed.")
    messages.success(request, told % {"document": kept})
    return HttpResponseRedirect(sight.order_address(order.pk))


def _remove(request, order: Order, invoice: Invoice):
    form = _ReasonForm(request.POST)
    if not form.is_valid():
        raise forms.ValidationError("")
    reason = form.cleaned_data["reason"]
    invoices.remove(invoice, reason=reason, now=timezone.now(), actor=request.user)
    messages.success(request, _("%(document)s is taken out.") % {"document": invoice})
    return HttpResponseRedirect(sight.order_address(order.pk))


# --- The card -------------------------------------------------------------------------------------


def card(request, order: Order, moment) -> dict:
    """Give what the page of an order shows of its documents; `moment` writes a time."""
    may_write = request.user.has_perm("orders.change_invoice")
    address = reverse("admin:orders_order_invoices", args=[order.pk]) if may_write else ""
    found = order.invoices.select_related("corrects")
    return {
        "papers": [_paper(invoice, address, moment) for invoice in found],
        "new_paper_address": address,
    }


def _paper(invoice: Invoice, address: str, moment) -> dict:
    return {
        "label": invoice.label,
        "kind": invoice.get_kind_display(),
        "status": invoice.get_status_display(),
        "tone": TONES[invoice.status],
        "issued": moment(invoice.issued_at),
        "corrects": invoice.corrects.label if invoice.corrects else "",
        "error": invoice.error if invoice.status == _Status.REJECTED else "",
        "pdf_url": invoice.pdf_url,
        "xml_url": invoice.xml_url,
        "check_url": invoice.check_url,
        "code": invoice.code,
        "code_name": invoice.code_name,
        "change_address": f"{address}?{urlencode({'document': invoice.pk})}" if address else "",
    }
