"""Stock: the numbers are shown, and change only by a movement with its reason and person."""

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Count, OuterRef, Subquery
from django.http import Http404, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from config.lib.errors import DomainError
from config.lib.fields import validate_line

from .. import audit, catalogue, search, stock, stock_alerts
from ..models import AuditEntry, StockLevel, StockMovement
from .base import ReadOnlyAdmin, RowAdmin, RowForm, of_found_products
from .filters import LevelFilter
from .site import site
from .variants import MOST_PIECES

_TO_SHELF = [StockMovement.Reason.RECEIVED, StockMovement.Reason.RETURNED]
_FROM_SHELF = [StockMovement.Reason.DAMAGED]


class MoveForm(forms.Form):
    """What happened on the shelf: how much, and why."""

    reason = forms.ChoiceField(
        label=_("what happened"),
        widget=UnfoldAdminSelectWidget,
        choices=[
            (reason.value, reason.label)
            for reason in (*_TO_SHELF, StockMovement.Reason.COUNTED, *_FROM_SHELF)
        ],
    )
    quantity = forms.IntegerField(
        label=_("how many"),
        min_value=0,
        max_value=MOST_PIECES,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=_("Counted: everything that lies on the shelf now. Else: how many came or went."),
    )
    reference = forms.CharField(
        label=_("reference"),
        required=False,
        max_length=60,
        validators=[validate_line],
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Such as the number of the supplier's invoice."),
    )

    def clean(self):
        values = super().clean()
        counted = values.get("reason") == StockMovement.Reason.COUNTED
        if values.get("quantity") == 0 and not counted:
            self.add_error("quantity", gettext("Write how many came or went."))
        return values

    def move(self, variant, person) -> None:
        """Do what was typed, once it is valid."""
        reason, quantity = self.cleaned_data["reason"], self.cleaned_data["quantity"]
        if reason == StockMovement.Reason.COUNTED:
            stock.count(variant, quantity, person=person)
            return
        stock.move(
            variant,
            -quantity if reason in _FROM_SHELF else quantity,
            reason=reason,
            person=person,
            reference=self.cleaned_data["reference"],
        )


@admin.register(StockLevel, site=site)
class StockLevelAdmin(RowAdmin):
    pages = ("changelist", "change", "history")
    form = RowForm
    list_display = [
        "sku",
        "product_name",
        "on_hand",
        "reserved",
        "available",
        "state",
        "waiting",
        "move_link",
    ]
    list_display_links = ["sku"]
    list_filter = [LevelFilter]
    search_fields = ["variant__sku"]
    search_help_text = _("Product name or SKU")
    ordering = ["variant_id"]
    readonly_fields = ["variant", "on_hand", "reserved", "available"]
    fields = ["variant", "on_hand", "reserved", "available", "low_at"]
    change_form_template = "admin/shop/stocklevel_form.html"

    def get_urls(self):
        return [
            path(
                "<path:object_id>/mover/",
                self.admin_site.admin_view(self.move_view),
                name=self.page_address("move"),
            ),
            *super().get_urls(),
        ]

    def get_queryset(self, request):
        # Of how many people wait, the number alone: their addresses are not the warehouse's.
        waiting = (
            stock_alerts.waiting()
            .filter(variant=OuterRef("pk"))
            .order_by()
            .values("variant")
            .annotate(people=Count("pk"))
        )
        # Long texts of the product would weigh more than the page.
        return (
            super()
            .get_queryset(request)
            .annotate(people=Subquery(waiting.values("people")))
            .select_related("variant__product")
            .only(
                "on_hand",
                "reserved",
                "low_at",
                "is_of_parts",
                *(f"variant__{name}" for name in ("sku", "name", "option1", "option2")),
                "variant__organization",
                "variant__product__name",
            )
        )

    def get_search_results(self, request, queryset, search_term):
        words = search.query_words(search_term)
        if not words:
            return (queryset.none() if search_term.strip() else queryset), False
        return queryset.filter(of_found_products("variant__product_id", words)), False

    @display(description=_("SKU"), ordering="variant__sku")
    def sku(self, level):
        return level.variant.sku

    @display(description=_("product"), ordering="variant__product__name")
    def product_name(self, level):
        return " · ".join(filter(None, (level.variant.product.name, level.variant.label)))

    @display(description=_("available"))
    def available(self, level):
        return level.available

    @display(
        description=_("state"),
        label={"available": "success", "low": "warning", "none": "danger", "parts": "info"},
    )
    def state(self, level):
        if level.is_of_parts:
            return "parts", gettext("That of its parts")
        if level.available <= 0:
            return "none", gettext("Sold out")
        return (
            ("low", gettext("Low stock")) if level.is_low else ("available", gettext("Available"))
        )

    @display(description=_("waited for"))
    def waiting(self, level):
        """Say how many people want a mail when it is back."""
        return level.people or "—"

    @display(description="")
    def move_link(self, level):
        if level.is_of_parts:
            return ""
        address = reverse(f"admin:{self.page_address('move')}", args=[level.pk])
        return format_html('<a class="button-link" href="{}">{}</a>', address, gettext("Move"))

    def get_list_display(self, request):
        shown = super().get_list_display(request)
        if request.user.has_perm("shop.change_stocklevel"):
            return shown
        return [name for name in shown if name != "move_link"]

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        catalogue.refresh_listing([obj.variant.product_id])

    def move_view(self, request, object_id):
        level = self.get_object(request, object_id)
        if level is None:
            raise Http404
        variant = level.variant
        form = MoveForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                self._move(request, level, form)
            except DomainError as error:
                form.add_error("quantity", str(error))
            else:
                messages.success(
                    request, gettext("The stock of %(name)s moved.") % {"name": variant}
                )
                return HttpResponseRedirect(reverse(f"admin:{self.page_address('changelist')}"))
        return self.form_page(
            request,
            form,
            title=gettext("Move stock"),
            subtitle=gettext("%(name)s: %(on_hand)d on the shelf, %(reserved)d of them promised.")
            % {
                "name": self.product_name(level),
                "on_hand": level.on_hand,
                "reserved": level.reserved,
            },
            button=gettext("Save movement"),
            row=level,
        )

    @transaction.atomic
    def _move(self, request, level, form):
        before = audit.snapshot(level)
        form.move(level.variant, request.user)
        level.refresh_from_db()
        after = audit.snapshot(level)
        self.record(request, AuditEntry.Action.CHANGED, level, before=before, after=after)


@admin.register(StockMovement, site=site)
class StockMovementAdmin(ReadOnlyAdmin):
    list_display = ["at", "sku", "quantity", "reason", "person", "reference"]
    list_filter = ["reason"]
    list_select_related = ["variant", "person"]
    search_fields = ["variant__sku", "reference"]
    search_help_text = _("SKU or reference")
    ordering = ["-id"]
    fields = ["at", "variant", "quantity", "reason", "person", "reference"]

    def get_search_results(self, request, queryset, search_term):
        typed = search_term.strip()
        if not typed:
            return queryset, False
        return queryset.filter(variant__sku__iexact=typed) | queryset.filter(reference=typed), False

    @display(description=_("SKU"))
    def sku(self, movement):
        return movement.variant
