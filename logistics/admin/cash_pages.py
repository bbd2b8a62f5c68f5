"""Pages about cash on delivery: a new statement, what is missing, the report."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget

from config.lib import money, spreadsheets
from config.lib.errors import DomainError
from config.lib.fields import validate_paragraph
from shop.admin import overview
from shop.admin.moments import short_moment
from shop.admin.overview import Waiting

from .. import addresses, cash, cash_report, wallets
from ..models import CarrierAccount, CashStatement, Shipment

# So many rows stand on one page.
PAGE = 100
_WEEKS = (4, 12, 26, 52)
_CHANGE = "logistics.change_cashstatement"


class StatementForm(forms.Form):
    account = forms.ModelChoiceField(
        label=_("carrier"),
        queryset=None,
        required=False,
        empty_label=_("Any carrier"),
        widget=UnfoldAdminSelectWidget,
    )
    file = forms.FileField(
        label=_("file"),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx", "class": "import-file"}),
    )

    def __init__(self, *args):
        super().__init__(*args)
        self.fields["account"].queryset = CarrierAccount.objects.order_by("position", "id")


class NoteForm(forms.Form):
    note = forms.CharField(max_length=500, validators=[validate_paragraph])


class CashPages:
    """Pages beside the list of statements, and what all of them share."""

    def get_urls(self):
        def page(route, view, name):
            view = self.admin_site.admin_view(view)
            return path(route, view, name=f"logistics_cashstatement_{name}")

        return [
            page("importar/", self.give_view, "give"),
            page("faltantes/", self.missing_view, "missing"),
            page("informe/", self.report_view, "report"),
            *super().get_urls(),
        ]

    # --- A new one ------------------------------------------------------------------------------

    def give_view(self, request):
        """Take a carrier's file, and lead to what came of it."""
        self._require_change(request)
        form = StatementForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            file = form.cleaned_data["file"]
            try:
                statement, is_new = cash.take_in(
                    request.organization,
                    file.name,
                    file.file,
                    account=form.cleaned_data["account"],
                    now=timezone.now(),
                    actor=request.user,
                )
            except DomainError as error:
                form.add_error("file", str(error))
            else:
                if is_new:
                    messages.success(request, gettext("The statement is compared."))
                else:
                    messages.info(request, gettext("This file was imported before."))
                return HttpResponseRedirect(self._address(statement))
        title = gettext("Import a cash statement")
        return self._page(request, "cash_give", title, None, {"form": form})

    # --- What is missing, and the report --------------------------------------------------------

    def missing_view(self, request):
        """List what should have been paid by now; close one with a note."""
        self._require_view(request)
        organization, now = request.organization, timezone.now()
        if request.method == "POST":
            self._require_change(request)
            self._write_off(request)
            return HttpResponseRedirect(request.path)
        rows = cash.missing(organization, now=now).select_related("account")
        after = request.GET.get("after", "")
        if after:
            last = one(Shipment.objects, after)
            rows = rows.filter(
                Q(delivered_at__gt=last.delivered_at)
                | Q(delivered_at=last.delivered_at, pk__gt=last.pk)
            )
        shown = list(rows[: PAGE + 1])
        context = {
            "days": cash.PATIENCE.days,
            "rows": [
                {
                    "shipment": row,
                    "carrier": row.account or row.carrier_name,
                    "who": addresses.recipient(row).name,
                    "expected": money.label(row.cash_to_collect, row.currency),
                    "delivered": short_moment(row.delivered_at),
                    "late": (now - row.delivered_at).days,
                }
                for row in shown[:PAGE]
            ],
            "next": shown[PAGE - 1].pk if len(shown) > PAGE else None,
            "may_change": self._may_change(request),
        }
        return self._page(request, "cash_missing", gettext("Cash that is missing"), None, context)

    def _write_off(self, request) -> None:
        shipment = one(cash.unpaid(request.organization), request.POST.get("shipment"))
        form = NoteForm(request.POST)
        if not form.is_valid():
            messages.error(request, gettext("Write a note that says what you found out."))
            return
        self._do(
            request,
            lambda now: cash.write_off(
                shipment, form.cleaned_data["note"], now=now, actor=request.user
            ),
            gettext("It is closed."),
        )

    def report_view(self, request):
        """Show the cash by carrier and week, or give it as a spreadsheet."""
        self._require_view(request)
        organization = request.organization
        asked = request.GET.get("weeks", "")
        weeks = int(asked) if asked in map(str, _WEEKS) else 12
        found = cash_report.report(organization, weeks=weeks, now=timezone.now())
        if request.GET.get("kind") == "csv":
            lines = cash_report.as_csv(organization, found)
            return spreadsheets.attachment(lines, name=gettext("cash-on-delivery"), kind="csv")
        currency = organization.currency
        context = {
            "periods": [
                {"weeks": each, "url": f"?weeks={each}", "is_chosen": each == weeks}
                for each in _WEEKS
            ],
            "csv_url": f"?weeks={weeks}&kind=csv",
            "rows": [_report_row(row, currency) for row in found.rows],
            "total": _report_row(found.total, currency),
            "days": cash.PATIENCE.days,
        }
        title = gettext("Cash on delivery by carrier and week")
        return self._page(request, "cash_report", title, None, context)

    # --- Shared ---------------------------------------------------------------------------------

    def _do(self, request, deed, done: str) -> None:
        try:
            deed(timezone.now())
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, done)

    def _page(self, request, template, title, row, context):
        shared = {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "original": row,
            "media": self.media,
        }
        name = f"admin/logistics/{template}.html"
        return TemplateResponse(request, name, {**shared, **context})

    def _statement(self, request, object_id) -> CashStatement:
        statement = self.get_object(request, object_id)
        if statement is None:
            raise Http404
        self._require_view(request)
        return statement

    def _address(self, statement) -> str:
        return reverse("admin:logistics_cashstatement_change", args=[statement.pk])

    def _may_change(self, request) -> bool:
        return request.user.has_perm(_CHANGE)

    def _require_change(self, request) -> None:
        if not self._may_change(request):
            raise PermissionDenied

    def _require_view(self, request) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied


def one(rows, key):
    """Give the row of this key, or 404, whatever a stranger sends as a key."""
    try:
        return get_object_or_404(rows, pk=key)
    except (ValidationError, ValueError):
        raise Http404 from None


def _report_row(row: cash_report.Row, currency: str) -> dict:
    names = ("expected", "collected", "fees", "paid", "awaited", "missing")
    return {
        "carrier": row.carrier,
        "week": day(row.week) if row.week else "",
        "shipments": row.shipments,
        "missing_count": row.missing_count,
        **{name: money.label(getattr(row, name), currency) for name in names},
    }


def day(on) -> str:
    return date_format(on, "SHORT_DATE_FORMAT")


def waiting(request) -> list[Waiting]:
    """Put what is missing on the first page, and wallets that are nearly empty."""
    found = []
    if request.user.has_perm("logistics.view_cashstatement"):
        found.append(
            Waiting(
                gettext("Cash that carriers owe"),
                cash.missing(request.organization, now=timezone.now()),
                reverse("admin:logistics_cashstatement_missing"),
                "payments",
                is_urgent=True,
            )
        )
    if request.user.has_perm("logistics.view_carrieraccount"):
        found.append(
            Waiting(
                gettext("Wallets to top up"),
                wallets.low(request.organization),
                reverse("admin:logistics_carrieraccount_changelist"),
                "account_balance_wallet",
                is_urgent=True,
            )
        )
    return found


overview.add(waiting=waiting)
