"""What staff did, as it was written down."""

from django.contrib import admin
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from ..models import AuditEntry
from .base import ReadOnlyAdmin
from .site import site

_LONGEST_VALUE = 300


def shown(value) -> str:
    """Write a value of an audit entry for people."""
    if value is None or value == "":
        return "—"
    text = str(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"


@admin.register(AuditEntry, site=site)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ["at", "actor_label", "action_label", "kind", "row_label", "source"]
    list_display_links = ["at"]
    list_filter = ["action", "source"]
    search_fields = ["row_label"]
    search_help_text = _("Row or person")
    ordering = ["-id"]
    fields = ["at", "actor_label", "action", "kind", "row_label", "source", "changes_shown"]
    readonly_fields = fields

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
        for model in self.admin_site._registry:
            if model._meta.model_name == entry.model:
                return model._meta.verbose_name
        return entry.model

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
