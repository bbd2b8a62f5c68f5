"""Counting the shelves: begin, scan or type, look at the differences, apply them once."""

from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from config.lib.errors import DomainError

from .. import search, stock_counts
from ..models import StockCount, StockCountLine
from . import overview
from .base import RowAdmin, RowForm, of_found_products
from .catalogue import CategoryChoice
from .overview import Waiting
from .site import site

Status = StockCount.Status
_ON_PAGE = 50
_LAST = 5
_LONGEST_SKU = 60
_NAMED = ("sku", "name", "option1", "option2", "product__name")


class CountForm(RowForm):
    def clean(self):
        values = super().clean()
        is_category = values.get("scope") == StockCount.Scope.CATEGORY
        if is_category and not values.get("category"):
            self.add_error("category", gettext("Choose the category that is counted."))
        if not is_category:
            values["category"] = None
        return values


@admin.register(StockCount, site=site)
class StockCountAdmin(RowAdmin):
    pages = ("changelist", "add", "change", "history")
    form = CountForm
    list_display = ["name", "scope", "state", "person", "begun", "closed_by"]
    list_display_links = ["name"]
    list_filter = ["status"]
    list_select_related = ["person", "closed_by"]
    search_fields = ["name"]
    ordering = ["-id"]
    fields = ["name", "scope", "category"]

    def get_urls(self):
        step = path(
            "<path:object_id>/paso/",
            self.admin_site.admin_view(self.step_view),
            name=self.page_address("step"),
        )
        return [step, *super().get_urls()]

    def has_change_permission(self, request, obj=None):
        # Looking and counting share a page; its steps ask again.
        return False

    def get_changeform_initial_data(self, request):
        day = date_format(timezone.localdate(), "DATE_FORMAT")
        return {"name": gettext("Count of %(day)s") % {"day": day}}

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "category":
            kwargs["form_class"] = CategoryChoice
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @display(description=_("state"), label={"open": "info", "applied": "success", "discarded": ""})
    def state(self, count):
        return count.status, count.get_status_display()

    @display(description=_("begun"), ordering="created_at")
    def begun(self, count):
        return overview.ago(count.created_at)

    def save_model(self, request, obj, form, change):
        obj.person = request.user
        super().save_model(request, obj, form, change)
        stock_counts.fill(obj)

    def response_add(self, request, obj, post_url_continue=None):
        return HttpResponseRedirect(_page(obj))

    # --- One count ----------------------------------------------------------------------------

    def change_view(self, request, object_id, form_url="", extra_context=None):
        count = self._count(request, object_id)
        context = {**self._shared(request, count), **_listed(request, count), **_scanned(count)}
        return TemplateResponse(request, "admin/shop/stock_count.html", context)

    def step_view(self, request, object_id):
        """Do what a button or a scanner says, and go back to where it was said."""
        count = self._count(request, object_id)
        back = HttpResponseRedirect(f"{_page(count)}?{_seen(request.POST)}")
        if request.method != "POST":
            return back
        if not _may_count(request):
            raise PermissionDenied
        if request.POST.get("do") == "scan":
            return self._scan(request, count, back)
        try:
            match request.POST.get("do"):
                case "write":
                    _write(request, count)
                case "rest":
                    stock_counts.rest_is_nothing(count, person=request.user)
                case "apply":
                    _apply(request, count)
                case "discard":
                    stock_counts.discard(count, person=request.user, now=timezone.now())
                    messages.success(request, gettext("The count is thrown away."))
        except DomainError as error:
            messages.error(request, str(error))
        return back

    def _scan(self, request, count, back):
        """Count what was scanned: a script asks for its part of the page, a form for all of it."""
        refusal, line = "", None
        try:
            pieces = _pieces(request.POST.get("pieces") or "1")
            sku = request.POST.get("sku", "")[:_LONGEST_SKU]
            line = stock_counts.scan(count, sku, pieces=pieces, person=request.user)
        except DomainError as error:
            refusal = str(error)
        if not request.headers.get("X-Part"):
            if refusal:
                messages.error(request, refusal)
            return back
        context = {**self._shared(request, count), **_scanned(count, line), "refusal": refusal}
        return TemplateResponse(request, "admin/shop/_count_scanned.html", context)

    def _count(self, request, object_id) -> StockCount:
        count = self.get_object(request, object_id)
        if count is None or not self.has_view_permission(request, count):
            raise Http404
        return count

    def _shared(self, request, count) -> dict:
        return {
            **self.admin_site.each_context(request),
            "title": count.name,
            "count": count,
            "may_count": count.is_open and _may_count(request),
            "opts": self.opts,
            "original": count,
            "media": self.media,
            "step_address": reverse(f"admin:{self.page_address('step')}", args=[count.pk]),
        }


def _may_count(request) -> bool:
    return request.user.has_perm("shop.change_stockcount")


def _page(count: StockCount) -> str:
    return reverse("admin:shop_stockcount_change", args=[count.pk])


# --- What was typed -------------------------------------------------------------------------------


class NotPieces(DomainError):
    code = "not_pieces"


def _pieces(typed: str) -> int:
    typed = typed.strip()
    if not (typed.isascii() and typed.isdecimal() and len(typed) < 8):
        raise NotPieces(gettext("“%(text)s” is not a number of pieces.") % {"text": typed[:20]})
    return int(typed)


def _write(request, count: StockCount) -> None:
    """Write the numbers of the list that were changed, and say which ones could not be."""
    typed = {}
    for name, value in list(request.POST.items())[: 3 * _ON_PAGE]:
        if not name.startswith("line-"):
            continue
        seen = request.POST.get(f"was-{name.removeprefix('line-')}", "")
        try:
            key = UUID(name.removeprefix("line-"))
            typed[key] = tuple(_pieces(one) if one.strip() else None for one in (seen, value))
        except ValueError:
            continue
        except NotPieces as error:
            messages.error(request, str(error))
    for line in stock_counts.write(count, typed, person=request.user):
        told = gettext("Somebody counted %(name)s meanwhile: %(counted)s. Look at it again.")
        counted = "—" if line.counted is None else line.counted
        messages.error(request, told % {"name": line.variant, "counted": counted})


def _apply(request, count: StockCount) -> None:
    done = stock_counts.apply(count, person=request.user, now=timezone.now())
    if done.corrected:
        told = ngettext(
            "%(count)d shelf was corrected.", "%(count)d shelves were corrected.", done.corrected
        )
        messages.success(request, told % {"count": done.corrected})
    elif not done.held:
        messages.success(request, gettext("Everything lies where it should: nothing was moved."))
    if done.held:
        told = ngettext(
            "%(count)d product stays as it is: more of it is promised to orders than was counted. "
            "Change those orders, then apply again.",
            "%(count)d products stay as they are: more of them is promised to orders than was "
            "counted. Change those orders, then apply again.",
            done.held,
        )
        messages.warning(request, told % {"count": done.held})


# --- What the page shows --------------------------------------------------------------------------

_LISTS = {
    "left": _("To count"),
    "differences": pgettext_lazy("stock count", "Differences"),
    "all": pgettext_lazy("stock count", "All"),
}


@dataclass(frozen=True)
class Tab:
    name: str
    label: str
    url: str
    is_chosen: bool


def _seen(asked) -> str:
    """Give which part of the list is looked at, as an address says it."""
    kept = {name: asked.get(name, "")[:_LONGEST_SKU] for name in ("show", "q", "after")}
    return urlencode({name: value for name, value in kept.items() if value})


def _listed(request, count: StockCount) -> dict:
    """Give a page of the list that is asked for."""
    usual = "left" if count.is_open and count.scope != StockCount.Scope.SCANNED else "all"
    usual = usual if count.is_open else "differences"
    shown = request.GET.get("show")
    shown = shown if shown in _LISTS else usual
    asked, after = (
        request.GET.get(name, "").replace("\x00", "")[:_LONGEST_SKU] for name in ("q", "after")
    )
    lines = _lines(count, shown, asked)
    page = list(
        lines.filter(variant__sku__gt=after)[: _ON_PAGE + 1] if after else lines[: _ON_PAGE + 1]
    )
    more = len(page) > _ON_PAGE
    page = page[:_ON_PAGE]
    query = {"show": shown, **({"q": asked} if asked else {})}
    later = urlencode({**query, "after": page[-1].variant.sku}) if more else ""
    return {
        "tabs": [
            Tab(name, label, f"?{urlencode({**query, 'show': name})}", name == shown)
            for name, label in _LISTS.items()
        ],
        "shown": shown,
        "asked": asked,
        "after": after,
        "lines": page,
        "later": f"?{later}" if later else "",
        "first": f"?{urlencode(query)}" if after else "",
        "totals": stock_counts.totals(count) if shown == "differences" else None,
    }


def _lines(count: StockCount, shown: str, asked: str):
    """Give the lines of a list in the order of their SKUs, with only what their row shows."""
    lines = StockCountLine.objects.filter(count=count).order_by("variant__sku", "pk")
    lines = lines.select_related("variant__product").only(
        "counted", "expected", "counted_at", "moved", *(f"variant__{name}" for name in _NAMED)
    )
    match shown:
        case "left":
            lines = lines.filter(counted=None)
        case "differences":
            lines = stock_counts.differing(lines)
    words = search.query_words(asked)
    if words:
        found = of_found_products("variant__product_id", words)
        lines = lines.filter(Q(found) | Q(variant__sku__istartswith=asked.strip()))
    return lines


def _scanned(count: StockCount, line: StockCountLine | None = None) -> dict:
    """Give how far a count is, and what was counted last."""
    last = StockCountLine.objects.filter(count=count, counted__isnull=False)
    return {
        "progress": stock_counts.progress(count),
        "line": line,
        "last": last.select_related("variant__product")
        .only("counted", "counted_at", *(f"variant__{name}" for name in _NAMED))
        .order_by("-counted_at", "-pk")[:_LAST]
        if count.is_open
        else [],
        "refusal": "",
    }


def waiting(request) -> list[Waiting]:
    """Give the counts that nobody has ended."""
    if not request.user.has_perm("shop.change_stockcount"):
        return []
    return [
        Waiting(
            gettext("Counts to finish"),
            StockCount.objects.filter(status=Status.OPEN),
            f"{reverse('admin:shop_stockcount_changelist')}?status__exact=open",
            "barcode_scanner",
            is_quiet=True,
        )
    ]


overview.add(waiting=waiting)
