"""What carriers told by themselves, and what became of it."""

import json

from django.contrib import admin
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from shop.admin.base import ReadOnlyAdmin
from shop.admin.site import site

from ..models import CarrierNotice


@admin.register(CarrierNotice, site=site)
class CarrierNoticeAdmin(ReadOnlyAdmin):
    list_display = ["received", "account", "kind", "tracking_number", "state", "tries"]
    list_filter = ["account"]
    list_select_related = ["account"]
    search_fields = ["tracking_number"]
    search_help_text = _("Tracking number, or the carrier's id")
    ordering = ["-id"]
    fields = [
        "account",
        "kind",
        "event_id",
        "tracking_number",
        "received_at",
        "handled_at",
        "tries",
        "error",
        "payload_label",
    ]
    readonly_fields = ["payload_label"]

    def get_search_results(self, request, queryset, search_term):
        typed = search_term.strip()
        if not typed:
            return queryset, False
        # Whole numbers only, which an index finds.
        return queryset.filter(tracking_number=typed) | queryset.filter(event_id=typed), False

    @display(description=_("received"))
    def received(self, notice):
        return date_format(timezone.localtime(notice.received_at), "SHORT_DATETIME_FORMAT")

    @display(
        description=_("state"), label={"error": "danger", "waiting": "info", "done": "success"}
    )
    def state(self, notice):
        if notice.error:
            return "error", notice.error[:60]
        if notice.handled_at is None:
            return "waiting", gettext("Waiting")
        return "done", gettext("Handled")

    @display(description=_("payload"))
    def payload_label(self, notice):
        text = json.dumps(notice.payload, ensure_ascii=False, indent=2)
        return format_html('<pre class="long-code">{}</pre>', text[:20_000])
