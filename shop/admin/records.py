"""What staff did, as it was written down."""

from datetime import timedelta
from itertools import chain

from django.contrib import admin
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from config.lib import spreadsheets

from .. import roles
from ..models import AuditEntry, Membership
from .base import ReadOnlyAdmin
from .site import site

_LONGEST_VALUE = 300
_MOST_PEOPLE = 100
# A workbook is made in memory; lines are sent as they come.
_MOST_IN_WORKBOOK = 10_000
_MOST = 100_000
_CHUNK = 1_000
# Where a deed came from, as people call it.
SOURCES = {
    "admin": _("Back-office"),
    "api": _("API"),
    "import": _("Import"),
    "sign-in": _("Sign-in"),
}

# What a file of the audit holds, in this order.
_COLUMNS = [
    gettext_noop("when"),
    gettext_noop("who"),
    gettext_noop("action"),
    gettext_noop("kind of row"),
    gettext_noop("row"),
    gettext_noop("from"),
    gettext_noop("changes"),
]


class PersonFilter(admin.SimpleListFilter):
    title = _("person")
    parameter_name = "person"

    def lookups(self, request, model_admin):
        team = Membership.objects.select_related("user").order_by("user__name", "user__email")
        return [(str(one.user_id), str(one.user)) for one in team[:_MOST_PEOPLE]]

    def queryset(self, request, queryset):
        known = {key for key, _name in self.lookup_choices}
        return queryset.filter(actor=self.value()) if self.value() in known else queryset


class KindFilter(admin.SimpleListFilter):
    title = _("kind of row")
    parameter_name = "rows"

    def lookups(self, request, model_admin):
        kinds = {
            model._meta.model_name: str(model._meta.verbose_name)
            for model in model_admin.admin_site._registry
        }
        return sorted(kinds.items(), key=lambda kind: kind[1].casefold())

    def queryset(self, request, queryset):
        return queryset.filter(model=self.value()) if self.value() else queryset


class SinceFilter(admin.SimpleListFilter):
    title = _("when")
    parameter_name = "days"

    def lookups(self, request, model_admin):
        return [("1", _("Today")), ("7", _("The last 7 days")), ("30", _("The last 30 days"))]

    def queryset(self, request, queryset):
        if self.value() not in ("1", "7", "30"):
            return queryset
        midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
        return queryset.filter(at__gte=midnight - timedelta(days=int(self.value()) - 1))


class SourceFilter(admin.SimpleListFilter):
    title = _("from")
    parameter_name = "source"

    def lookups(self, request, model_admin):
        return list(SOURCES.items())

    def queryset(self, request, queryset):
        return queryset.filter(source=self.value()) if self.value() else queryset


def shown(value) -> str:
    """Write a value of an audit entry for people."""
    if value is None or value == "":
        return "—"
    text = str(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"


@admin.register(AuditEntry, site=site)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ["at", "actor_label", "action_label", "kind", "row_link", "source_label"]
    list_display_links = ["at"]
    list_filter = [PersonFilter, KindFilter, "action", SinceFilter, SourceFilter]
    search_fields = ["row_label"]
    search_help_text = _("Row or person")
    ordering = ["-id"]
    fields = [
        "at",
        "actor_label",
        "action",
        "kind",
        "row_link",
        "source_label",
        "changes_shown",
    ]
    readonly_fields = fields

    def get_urls(self):
        export = path(
            "exportar/",
            self.admin_site.admin_view(self.export_view),
            name=self.page_address("export"),
        )
        return [export, *super().get_urls()]

    def changelist_view(self, request, extra_context=None):
        context = {"download": f"admin:{self.page_address('export')}", **(extra_context or {})}
        return super().changelist_view(request, context)

    def export_view(self, request):
        """Give the list as it is filtered now, as a file."""
        query = request.GET.copy()
        kind = query.pop("kind", ["csv"])[-1]
        request.GET = query
        entries = self.get_changelist_instance(request).get_queryset(request)
        headers = [capfirst(gettext(name)) for name in _COLUMNS]
        if kind == "xlsx":
            rows = (self._row(entry) for entry in entries[:_MOST_IN_WORKBOOK])
            content = spreadsheets.xlsx(gettext("Audit"), headers, rows)
        else:
            kind = "csv"
            found = entries[:_MOST].iterator(chunk_size=_CHUNK)
            rows = (self._row(entry) for entry in found)
            content = spreadsheets.csv_later(
                chain([headers], rows), organization=request.organization
            )
        word = gettext("audit")
        name = f"{word}-{timezone.localdate():%Y-%m-%d}"
        return spreadsheets.attachment(content, name=name, kind=kind)

    def _row(self, entry) -> list[str]:
        changes = "\n".join(
            f"{name}: {shown(before)} → {shown(after)}"
            for name, before, after in entry.changes_in_words()
        )
        return [
            timezone.localtime(entry.at).strftime("%Y-%m-%d %H:%M"),
            entry.actor_label,
            entry.get_action_display(),
            self.kind(entry),
            entry.row_label,
            self.source_label(entry),
            changes,
        ]

    def get_search_results(self, request, queryset, search_term):
        typed = search_term.strip()
        if not typed:
            return queryset, False
        by_row = queryset.filter(row_label__icontains=typed)
        return by_row | queryset.filter(actor_label__icontains=typed), False

    @display(
        description=_("action"),
        label={"added": "success", "changed": "info", "deleted": "danger", "signed_in": ""},
    )
    def action_label(self, entry):
        return entry.action, entry.get_action_display()

    @display(description=_("kind of row"))
    def kind(self, entry):
        model = self._model_of(entry)
        return model._meta.verbose_name if model else entry.model

    def _model_of(self, entry):
        for model in self.admin_site._registry:
            if model._meta.model_name == entry.model:
                return model
        return None

    @display(description=_("row"))
    def row_link(self, entry):
        model = self._model_of(entry)
        if model is None or not entry.row_id or entry.action == AuditEntry.Action.DELETED:
            return entry.row_label or "—"
        options = model._meta
        shown = "change" in self.admin_site._registry[model].pages
        if not shown or f"{options.app_label}.view_{options.model_name}" in roles.OPERATOR_ONLY:
            return entry.row_label
        address = reverse(
            f"admin:{options.app_label}_{options.model_name}_change", args=[entry.row_id]
        )
        return format_html('<a href="{}">{}</a>', address, entry.row_label)

    @display(description=_("from"), ordering="source")
    def source_label(self, entry):
        return SOURCES.get(entry.source, entry.source)

    @display(description=_("changes"))
    def changes_shown(self, entry):
        rows = format_html_join(
            "",
            "<tr><th>{}</th><td>{}</td><td>{}</td></tr>",
            (
                (name, shown(before), shown(after))
                for name, before, after in entry.changes_in_words()
            ),
        )
        return format_html(
            '<table class="changes"><thead><tr><th>{}</th><th>{}</th><th>{}</th></tr></thead>'
            "<tbody>{}</tbody></table>",
            _("field"),
            _("before"),
            _("after"),
            rows,
        )
