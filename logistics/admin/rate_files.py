"""Rates of a table as a spreadsheet: give a file, look at what would change, apply it."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.text import slugify
from django.utils.translation import gettext, ngettext, pgettext
from django.utils.translation import gettext_lazy as _

from config.lib import money, spreadsheets
from config.lib.errors import DomainError

from .. import places, rate_changes, rate_exports, rate_sheets
from ..models import Rate, RateTable
from ..rate_changes import Plan
from ..rate_sheets import Sheet

# So many of each kind stand on the page that shows what would change.
_SHOWN = 50


class FileForm(forms.Form):
    file = forms.FileField(
        label=_("file"),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx", "class": "import-file"}),
    )


class RateFilesMixin:
    """Pages of a rate table that bring its rates in and out as a spreadsheet."""

    def get_urls(self):
        def page(route, view, name):
            return path(route, self.admin_site.admin_view(view), name=self.page_address(name))

        return [
            page("plantilla/", self.template_view, "template"),
            page("<path:object_id>/exportar/", self.export_view, "export"),
            page("<path:object_id>/importar/", self.import_view, "import"),
            *super().get_urls(),
        ]

    def template_view(self, request):
        kind = _kind(request)
        content = rate_exports.template(request.organization, kind=kind)
        return spreadsheets.attachment(content, kind=kind, name=gettext("rates-template"))

    def export_view(self, request, object_id):
        table, kind = self._table(request, object_id), _kind(request)
        content = rate_exports.export(request.organization, table, kind=kind)
        name = slugify(table.name) or gettext("rates")
        day = timezone.localdate().isoformat()
        return spreadsheets.attachment(content, kind=kind, name=f"{name}-{day}")

    def import_view(self, request, object_id):
        """Take a file, show what it would change, and once that is confirmed apply it."""
        table = self._table(request, object_id)
        if not self.has_change_permission(request, table):
            raise PermissionDenied
        if request.method == "POST" and "sheet" in request.POST:
            return self._apply(request, table)
        form = FileForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            file = form.cleaned_data["file"]
            try:
                sheet = rate_sheets.opened(file.name, file.file)
            except DomainError as error:
                form.add_error("file", str(error))
            else:
                return self._preview(request, table, sheet)
        return self._file_page(request, table, {"form": form})

    def _apply(self, request, table):
        try:
            sheet = Sheet.unpacked(request.POST["sheet"], table)
        except DomainError as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(request.path)
        try:
            plan = rate_changes.apply(
                table, sheet, seen=request.POST.get("seen", ""), person=request.user
            )
        except DomainError as error:
            messages.error(request, str(error))
            return self._preview(request, table, sheet)
        count = len(plan.added) + len(plan.changed) + len(plan.removed)
        if count:
            told = ngettext("%(count)d rate changed.", "%(count)d rates changed.", count)
            messages.success(request, told % {"count": count})
        else:
            messages.info(request, gettext("Everything in this file is in the table already."))
        return HttpResponseRedirect(self._page(table))

    def _preview(self, request, table, sheet):
        plan = rate_changes.compare(table, sheet)
        return self._file_page(request, table, _shown(plan, table, sheet))

    def _file_page(self, request, table, context):
        shared = {
            **self.admin_site.each_context(request),
            "title": gettext("Rates as a file"),
            "subtitle": table.name,
            "table": table,
            "page": self._page(table),
            "opts": self.opts,
            "original": table,
            "media": self.media,
        }
        return TemplateResponse(request, "admin/logistics/rate_file.html", {**shared, **context})

    def _table(self, request, object_id) -> RateTable:
        table = self.get_object(request, object_id)
        if table is None or not self.has_view_permission(request, table):
            raise Http404
        return table

    def _page(self, table) -> str:
        return reverse(f"admin:{self.page_address('change')}", args=[table.pk])


def _kind(request) -> str:
    return "xlsx" if request.GET.get("kind") == "xlsx" else "csv"


# --- What the page shows --------------------------------------------------------------------------


def _shown(plan: Plan, table: RateTable, sheet: Sheet) -> dict:
    """Give what a file would do, in words, and the file itself for the button that does it."""
    currency = table.organization.currency
    may_apply = plan.has_changes and not plan.faults
    return {
        "sheet_name": sheet.name,
        "counts": [
            ("added", pgettext("rates", "New"), len(plan.added)),
            ("changed", pgettext("rates", "Change"), len(plan.changed)),
            ("removed", pgettext("rates", "Go"), len(plan.removed)),
            ("same", pgettext("rates", "Stay as they are"), plan.unchanged),
        ],
        "fault_count": len(plan.faults),
        "faults": plan.faults[:_SHOWN],
        "more_faults": max(0, len(plan.faults) - _SHOWN),
        "changes": [
            {
                "case": _case(change.rate, currency),
                "values": [
                    (
                        Rate._meta.get_field(name).verbose_name,
                        _words(name, before, currency),
                        _words(name, getattr(change.rate, name), currency),
                    )
                    for name, before in change.before.items()
                    if before != getattr(change.rate, name)
                ],
            }
            for change in plan.changed[:_SHOWN]
        ],
        "more_changes": max(0, len(plan.changed) - _SHOWN),
        "added": [_line(rate, currency) for rate in plan.added[:_SHOWN]],
        "more_added": max(0, len(plan.added) - _SHOWN),
        "removed": [_line(rate, currency) for rate in plan.removed[:_SHOWN]],
        "more_removed": max(0, len(plan.removed) - _SHOWN),
        "packed": sheet.packed(table) if may_apply else "",
        "seen": plan.seen,
    }


def _line(rate: Rate, currency: str) -> dict:
    price = _words("price", rate.price, currency) if rate.is_covered else gettext("Not delivered")
    return {"case": _case(rate, currency), "price": price}


def _case(rate: Rate, currency: str) -> str:
    """Say which case a rate is: its place, its weight, its order value."""
    parts = [places.label(rate.department, rate.municipality) or str(rate)]
    if rate.heaviest_grams is not None:
        grams = number_format(rate.heaviest_grams, force_grouping=True)
        parts.append(gettext("up to %(grams)s g") % {"grams": grams})
    if rate.lowest_order_value:
        value = money.label(rate.lowest_order_value, currency)
        parts.append(gettext("orders from %(value)s") % {"value": value})
    return " · ".join(parts)


def _words(name: str, value, currency: str) -> str:
    if value is None:
        return "—"
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    return money.label(value, currency) if name in rate_sheets.MONEY else str(value)
