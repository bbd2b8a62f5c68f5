"""Statements of carriers' cash, each by what is to be done about it."""

from django.contrib import admin, messages
from django.db.models import Count, OuterRef, Q, Subquery
from django.http import HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.decorators import display

from config.lib import money
from shop.admin.base import ReadOnlyAdmin
from shop.admin.moments import short_moment
from shop.admin.site import site

from .. import addresses, cash
from ..models import CashLine, CashStatement
from .cash_pages import PAGE, CashPages, NoteForm, day, one

Result = CashLine.Result
_OPEN = ~Q(result=Result.MATCHED) & Q(settled_at=None)
_TO_DO = {
    Result.DIFFERENT: _(
        "Ask the carrier for the difference, or close it with a note that says why."
    ),
    Result.UNKNOWN: _(
        "No shipment has this guide. Correct the guide of the shipment, undo this statement and "
        "import it again; or close it with a note."
    ),
    Result.ALREADY_PAID: _(
        "It was paid before and is not counted twice. Tell the carrier, and close it with a note."
    ),
    Result.NOT_DELIVERED: _(
        "The carrier paid for a parcel that it has not told delivered. It counts by itself once "
        "it has; close it with a note if you know that it arrived."
    ),
}
_TONES = {
    Result.MATCHED: "success",
    Result.DIFFERENT: "warning",
    Result.UNKNOWN: "danger",
    Result.ALREADY_PAID: "info",
    Result.NOT_DELIVERED: "warning",
}


class KindFilter(admin.SimpleListFilter):
    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request, model_admin):
        return [("hand", _("Written by hand"))]

    def queryset(self, request, queryset):
        return queryset.filter(is_by_hand=self.value() == "hand")


@admin.register(CashStatement, site=site)
class CashStatementAdmin(CashPages, ReadOnlyAdmin):
    change_list_template = "admin/logistics/cash_list.html"
    list_display = ["when", "told", "carrier", "lines_label", "paid_label", "open_label"]
    list_display_links = ["when", "told"]
    list_filter = [KindFilter]
    list_select_related = ["account"]
    search_fields = ["name"]
    search_help_text = _("Name of the file")
    ordering = ["-id"]

    def get_queryset(self, request):
        lines = CashLine.objects.filter(_OPEN, statement=OuterRef("pk")).order_by()
        counted = lines.values("statement").annotate(count=Count("pk")).values("count")
        return super().get_queryset(request).annotate(open_count=Subquery(counted))

    def get_urls(self):
        def page(route, view, name):
            return path(route, self.admin_site.admin_view(view), name=f"{prefix}_{name}")

        prefix = "logistics_cashstatement"
        return [
            page("<path:object_id>/cerrar/", require_POST(self.settle_view), "settle"),
            page("<path:object_id>/deshacer/", require_POST(self.undo_view), "undo"),
            *super().get_urls(),
        ]

    # --- The list -------------------------------------------------------------------------------

    @display(description=_("imported"), ordering="id")
    def when(self, statement):
        return short_moment(statement.imported_at)

    @display(description=_("file"))
    def told(self, statement):
        return str(statement)

    @display(description=_("carrier"))
    def carrier(self, statement):
        return statement.account or "—"

    @display(description=_("lines"))
    def lines_label(self, statement):
        return statement.line_count

    @display(description=_("paid over"))
    def paid_label(self, statement):
        return money.label(statement.paid, statement.currency)

    @display(
        description=_("to look at"), label={"undone": "info", "open": "warning", "": "success"}
    )
    def open_label(self, statement):
        if statement.undone_at:
            return "undone", gettext("Undone")
        if statement.open_count:
            return "open", str(statement.open_count)
        return "", gettext("Nothing")

    # --- One statement --------------------------------------------------------------------------

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """Show a statement by what is to be done."""
        statement = self._statement(request, object_id)
        lines = statement.lines.all()
        counts = dict(lines.order_by().values_list("result").annotate(Count("pk")))
        open_count = lines.filter(_OPEN).count()
        asked = request.GET.get("result", "")
        result = asked if asked in counts else "" if open_count else next(iter(counts), "")
        chosen = lines.filter(result=result) if result else lines.filter(_OPEN)
        after = request.GET.get("after", "")
        if after.isdecimal() and len(after) < 9:
            chosen = chosen.filter(row__gt=int(after))
        shown = list(chosen.select_related("shipment", "settled_by").order_by("row")[: PAGE + 1])
        context = {
            "statement": statement,
            "imported": short_moment(statement.imported_at),
            "undone": short_moment(statement.undone_at) if statement.undone_at else "",
            "figures": _sums(statement),
            "tabs": [
                {"name": "", "label": gettext("To look at"), "count": open_count},
                *(
                    {"name": one.value, "label": one.label, "count": counts[one.value]}
                    for one in Result
                    if one.value in counts
                ),
            ],
            "result": result,
            "lines": [self._line(line, statement) for line in shown[:PAGE]],
            "next_row": shown[PAGE - 1].row if len(shown) > PAGE else None,
            "may_change": self._may_change(request) and not statement.undone_at,
            "may_undo": not (statement.is_by_hand and statement.collected),
        }
        return self._page(request, "cash_statement", gettext("Cash statement"), statement, context)

    def _line(self, line: CashLine, statement: CashStatement) -> dict:
        def amount(number):
            return money.label(number, statement.currency)

        shipment = line.shipment
        return {
            "line": line,
            "tone": _TONES[line.result],
            "to_do": _TO_DO.get(line.result, "") if line.needs_person else "",
            "who": addresses.recipient(shipment).name if shipment else "",
            "order": shipment.reference if shipment else "",
            "expected": amount(line.expected) if shipment else "—",
            "collected": amount(line.collected),
            "difference": amount(line.difference) if shipment and line.difference else "",
            "fee": amount(line.fee),
            "paid": amount(line.paid),
            "paid_on": day(line.paid_on) if line.paid_on else "",
            "settled": short_moment(line.settled_at) if line.settled_at else "",
        }

    def settle_view(self, request, object_id):
        """Close one line with a note."""
        statement = self._statement(request, object_id)
        self._require_change(request)
        line = one(statement.lines, request.POST.get("line"))
        form = NoteForm(request.POST)
        if not form.is_valid():
            messages.error(request, gettext("Write a note that says what you found out."))
        else:
            self._do(
                request,
                lambda now: cash.settle(
                    line, form.cleaned_data["note"], now=now, actor=request.user
                ),
                gettext("It is closed."),
            )
        return HttpResponseRedirect(self._address(statement))

    def undo_view(self, request, object_id):
        """Take a statement back."""
        statement = self._statement(request, object_id)
        self._require_change(request)
        self._do(
            request,
            lambda now: cash.undo(statement, now=now, actor=request.user),
            gettext("The statement counts no more. Its file can be imported again."),
        )
        return HttpResponseRedirect(self._address(statement))


def _sums(statement: CashStatement) -> list[tuple]:
    amounts = (
        (_("Collected"), statement.collected),
        (_("Fees"), statement.fees),
        (_("Paid over"), statement.paid),
    )
    return [(label, money.label(amount, statement.currency)) for label, amount in amounts]
