"""Catalogues from spreadsheets: give a file, look at what would change, start, correct, undo."""

from datetime import timedelta

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from config.lib import money, spreadsheets
from config.lib.errors import DomainError

from .. import imports
from ..imports import previewing
from ..models import ImportPicture, Product, ProductImport, Variant
from . import overview
from .base import RowAdmin, count_to
from .overview import Waiting
from .site import site

Status = ProductImport.Status
_TONES = {
    Status.READING: "info",
    Status.READY: "warning",
    Status.RUNNING: "info",
    Status.DONE: "success",
    Status.FAILED: "danger",
    Status.UNDOING: "info",
    Status.UNDONE: "",
}
# So many products of a preview and errors of a result stand on one page.
_SHOWN = 20
_FAULTS = 50
# A workbook is made in memory; lines are sent as they come.
_MOST_IN_WORKBOOK = 10_000
# The rows of an import with errors are kept so long (imports/tasks.py).
_LATELY = timedelta(days=14)


class ImportForm(forms.Form):
    file = forms.FileField(
        label=_("file"),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx", "class": "import-file"}),
    )


class StateFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return [
            ("errors", _("With errors")),
            ("ready", _("Waits for your word")),
            ("working", _("Working")),
        ]

    def queryset(self, request, queryset):
        return self.pick(queryset, self.value())

    @staticmethod
    def pick(found, value):
        """Give the imports of this choice."""
        match value:
            case "errors":
                # What was forgotten is no work any more: its rows are gone by then.
                faulty = found.filter(status=Status.DONE, faulty__gt=0)
                recent = faulty | found.filter(status=Status.FAILED)
                return recent.filter(created_at__gte=timezone.now() - _LATELY)
            case "ready":
                return found.filter(status=Status.READY)
            case "working":
                return found.filter(status__in=ProductImport.AT_WORK)
        return found


@admin.register(ProductImport, site=site)
class ProductImportAdmin(RowAdmin):
    pages = ("changelist", "add", "change")
    list_display = ["name", "when", "person", "state", "added", "changed", "unchanged", "errors"]
    list_display_links = ["name"]
    list_filter = [StateFilter]
    list_select_related = ["person"]
    search_fields = ["name"]
    search_help_text = _("Name of the file")
    ordering = ["-id"]
    list_before_template = "admin/shop/_import_list_head.html"

    def get_urls(self):
        def page(route, view, name):
            return path(route, self.admin_site.admin_view(view), name=self.page_address(name))

        return [
            page("plantilla/", self.template_view, "template"),
            page("productos/", self.export_view, "export"),
            page("<path:object_id>/avance/", self.progress_view, "progress"),
            page("<path:object_id>/paso/", self.step_view, "step"),
            page("<path:object_id>/deshacer/", self.undo_view, "undo"),
            page("<path:object_id>/errores.csv", self.errors_view, "errors"),
            *super().get_urls(),
        ]

    def has_change_permission(self, request, obj=None):
        # Looking and deciding share a page; its buttons ask again.
        return False

    @display(description=_("given"), ordering="created_at")
    def when(self, one):
        return overview.ago(one.created_at)

    @display(description=_("state"), label=_TONES)
    def state(self, one):
        return one.status, one.get_status_display()

    @display(description=_("with errors"), label={"some": "danger"})
    def errors(self, one):
        return ("some", one.faulty) if one.faulty else None

    def changelist_view(self, request, extra_context=None):
        may_import = request.user.has_perm("shop.add_productimport")
        context = {"title": gettext("Imports"), "may_import": may_import}
        return super().changelist_view(request, {**context, **(extra_context or {})})

    # --- Giving a file ------------------------------------------------------------------------

    def add_view(self, request, form_url="", extra_context=None):
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = ImportForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            file = form.cleaned_data["file"]
            try:
                one = imports.receive(
                    request.organization, request.user, name=file.name[-200:], file=file.file
                )
            except DomainError as error:
                form.add_error("file", str(error))
            else:
                return HttpResponseRedirect(_page(one))
        context = {"title": gettext("Import products"), "form": form}
        return self._answer(request, "admin/shop/import_file.html", context)

    def template_view(self, request):
        kind = _kind(request)
        content = imports.template(request.organization, kind=kind)
        return spreadsheets.attachment(content, kind=kind, name=gettext("product-template"))

    def export_view(self, request):
        """Give the products of the list as it is filtered, in the columns of the template."""
        kind = _kind(request)
        query = request.GET.copy()
        query.pop("kind", None)
        request.GET = query
        products = self.admin_site.get_model_admin(Product)
        found = products.get_changelist_instance(request).get_queryset(request)
        if kind == "xlsx" and count_to(found, _MOST_IN_WORKBOOK) > _MOST_IN_WORKBOOK:
            messages.error(
                request,
                gettext("A workbook holds %(most)s products at most. Take the text file (.csv).")
                % {"most": _MOST_IN_WORKBOOK},
            )
            return HttpResponseRedirect(
                f"{reverse('admin:shop_product_changelist')}?{query.urlencode()}"
            )
        keys = Product.objects.filter(pk__in=found.order_by().values("pk"))
        content = imports.export(request.organization, keys, kind=kind)
        day = timezone.localdate().isoformat()
        word = gettext("products")
        return spreadsheets.attachment(content, kind=kind, name=f"{word}-{day}")

    # --- One import ---------------------------------------------------------------------------

    def change_view(self, request, object_id, form_url="", extra_context=None):
        one = self._import(request, object_id)
        context = {
            "title": one.name,
            "one": one,
            "may_decide": _may_decide(request),
            **_state(one),
        }
        if one.status == Status.READY:
            context |= _looked_at(one, start=_number(request.GET.get("from")))
        elif not one.is_at_work:
            context |= _result(one, start=_number(request.GET.get("from")))
        return self._answer(request, "admin/shop/import.html", context)

    def progress_view(self, request, object_id):
        """Give the part that shows how far it is; at its end the page is asked for anew."""
        one = self._import(request, object_id)
        answer = TemplateResponse(request, "admin/shop/_import_progress.html", _state(one))
        if not one.is_at_work:
            answer["HX-Refresh"] = "true"
        return answer

    def step_view(self, request, object_id):
        """Do what a button says: count with a rate, start, stop, or forget the file."""
        one = self._import(request, object_id)
        if request.method != "POST":
            return HttpResponseRedirect(_page(one))
        if not _may_decide(request):
            raise PermissionDenied
        try:
            match request.POST.get("do"):
                case "choose":
                    _choose(one, request.POST)
                case "start":
                    imports.start(one, person=request.user, now=timezone.now())
                case "stop":
                    imports.stop(one, person=request.user)
                case "discard":
                    imports.discard(one)
                    messages.success(request, gettext("The file is forgotten."))
                    return HttpResponseRedirect(reverse(f"admin:{self.page_address('changelist')}"))
        except DomainError as error:
            messages.error(request, str(error))
        return HttpResponseRedirect(_page(one))

    def undo_view(self, request, object_id):
        """Ask once more, then take everything back."""
        one = self._import(request, object_id)
        if not _may_decide(request):
            raise PermissionDenied
        if not one.is_undoable:
            return HttpResponseRedirect(_page(one))
        if request.method == "POST":
            try:
                imports.undo(one, person=request.user, now=timezone.now())
            except DomainError as error:
                messages.error(request, str(error))
            return HttpResponseRedirect(_page(one))
        context = {"title": gettext("Undo the import"), "one": one, "back": _page(one)}
        return self._answer(request, "admin/shop/import_undo.html", context)

    def errors_view(self, request, object_id):
        one = self._import(request, object_id)
        name = slugify(one.name.rpartition(".")[0]) or "import"
        word = gettext("errors")
        content = imports.error_file(one)
        return spreadsheets.attachment(content, kind="csv", name=f"{name}-{word}")

    def _import(self, request, object_id) -> ProductImport:
        one = self.get_object(request, object_id)
        if one is None:
            raise Http404
        return one

    def _answer(self, request, template, context):
        shared = {**self.admin_site.each_context(request), "opts": self.opts, "media": self.media}
        return TemplateResponse(request, template, {**shared, **context})


def _may_decide(request) -> bool:
    return request.user.has_perm("shop.change_productimport")


def _page(one: ProductImport) -> str:
    return reverse("admin:shop_productimport_change", args=[one.pk])


def _kind(request) -> str:
    return "xlsx" if request.GET.get("kind") == "xlsx" else "csv"


def _number(typed: str | None) -> int:
    typed = typed or ""
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 8 else 0


def _choose(one: ProductImport, posted) -> None:
    rates = {code: posted.get(f"rate-{code}", "") for code in previewing.foreign(one) if code}
    imports.choose(one, rates=rates, currency=posted.get("currency"))


# --- What the page of one import shows ------------------------------------------------------------


def _state(one: ProductImport) -> dict:
    """Give where an import stands, in words and as a bar."""
    return {
        "one": one,
        "tone": _TONES[one.status],
        "share": f"{one.progress}%",
        "progress_address": reverse("admin:shop_productimport_progress", args=[one.pk]),
        "why": imports.words(one),
    }


def _looked_at(one: ProductImport, *, start: int) -> dict:
    """Give what would happen: columns, currencies, and some products before and after."""
    preview = imports.preview(one, most=_SHOWN, start=start)
    return {
        "preview": preview,
        "foreign": [
            {"code": code, "count": count, "rate": one.rates.get(code, "")}
            for code, count in preview.foreign.items()
        ],
        "needs_currency": "" in one.currencies and "" in preview.foreign,
        "currencies": list(money.CURRENCIES),
        "may_start": bool(one.added or one.changed),
        "to_write": one.added + one.changed,
        **_places(one.total, start, _SHOWN),
    }


def _result(one: ProductImport, *, start: int) -> dict:
    """Give what came of it: errors by line, pictures that did not come, and what was kept."""
    pictures = one.pictures.all()
    failed = pictures.filter(status=ImportPicture.Status.FAILED)
    count = one.faults.count()
    return {
        "faults": [
            {"line": fault.line, "column": fault.column, "words": imports.words(fault)}
            for fault in one.faults.order_by("line", "id")[start : start + _FAULTS]
        ],
        "fault_count": count,
        "has_rows": one.lines.exists(),
        "failed_pictures": [
            {"line": one.line, "address": one.address, "words": imports.words(one)}
            for one in failed.order_by("line", "pk")[:_FAULTS]
        ],
        "waiting_pictures": pictures.filter(status=ImportPicture.Status.WAITING).count(),
        "kept": [
            {"name": change.name, "kept": [_kept(*one) for one in change.kept]}
            for change in one.changes.exclude(kept=[]).order_by("id")[:_FAULTS]
        ],
        **_places(count, start, _FAULTS),
    }


def _kept(sku: str, name: str) -> str:
    """Say what an undo left as it is."""
    told = {
        "retired": gettext("hidden instead of removed, because it was sold or moved since"),
        "stock": gettext("its stock was moved since"),
    }.get(name)
    if told is None:
        fields = {field.name: field for model in (Product, Variant) for field in model._meta.fields}
        label = fields[name].verbose_name if name in fields else name
        told = gettext("somebody changed “%(field)s” since") % {"field": label}
    return f"{sku}: {told}" if sku else told


def _places(whole: int, start: int, most: int) -> dict:
    """Give the addresses of the pages before and after."""
    return {
        "earlier": f"?from={max(0, start - most)}" if start else "",
        "later": f"?from={start + most}" if start + most < whole else "",
    }


# --- The first page -------------------------------------------------------------------------------


def waiting(request) -> list[Waiting]:
    """Give the imports that wait for somebody."""
    if not request.user.has_perm("shop.change_productimport"):
        return []
    address = reverse("admin:shop_productimport_changelist")
    return [
        Waiting(
            gettext("Imports with errors"),
            StateFilter.pick(ProductImport.objects.all(), "errors"),
            f"{address}?state=errors",
            "rule",
            is_urgent=True,
        ),
        Waiting(
            gettext("Imports to start"),
            StateFilter.pick(ProductImport.objects.all(), "ready"),
            f"{address}?state=ready",
            "upload_file",
        ),
    ]


overview.add(waiting=waiting)
