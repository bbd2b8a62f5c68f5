"""What lies in a kit: on the page of its variant, with what can be sold while it is typed."""

from uuid import UUID

from django import forms
from django.forms.models import BaseInlineFormSet
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from config.lib.errors import DomainError

from .. import kit_making, kits
from ..kit_making import Recipe
from ..models import AuditEntry, KitPart, Variant
from ..models.kits import MOST_OF_A_PART
from .base import RowForm, RowInline

_OWN, _PARTS = Variant.KitStock.OWN, Variant.KitStock.PARTS


class PartChoice(forms.ModelChoiceField):
    def label_from_instance(self, variant):
        return variant.full_label


class KitPartFormSet(BaseInlineFormSet):
    """The parts of a kit, checked together with the rule that the page chooses."""

    def clean(self):
        super().clean()
        if any(self.errors):
            return
        keys = [values["part"].pk for values in self._kept()]
        if len(set(keys)) < len(keys):
            raise forms.ValidationError(_("The same part stands here twice: write how many."))
        try:
            kit_making.require(self.instance, self.recipe())
        except DomainError as error:
            raise forms.ValidationError(str(error)) from error

    def _kept(self) -> list[dict]:
        forms_ = [form for form in self.forms if form not in self.deleted_forms]
        return [form.cleaned_data for form in forms_ if form.cleaned_data.get("part")]

    def recipe(self) -> Recipe:
        parts = {values["part"].pk: values["quantity"] for values in self._kept()}
        return Recipe(self.instance.kit_stock, parts)


class KitPartInline(RowInline):
    model = KitPart
    form = RowForm
    formset = KitPartFormSet
    fk_name = "kit"
    fields = ["part", "quantity", "left"]
    readonly_fields = ["left"]
    autocomplete_fields = ["part"]
    hide_title = True
    extra = 0

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "part":
            kwargs["form_class"] = PartChoice
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("part__product", "part__stock")

    def left(self, row):
        """Say how many of the part are left."""
        level = getattr(row.part, "stock", None) if row and row.part_id else None
        return level.available if level else "—"

    left.short_description = gettext_lazy("available")


def save(admin, request, formset, kit: Variant) -> None:
    """Make the kit what the page says, and write down who did it."""
    before = _written(kit)
    kit_making.declare(kit, formset.recipe())
    # Django tells its own log from these; ours is the entry below.
    formset.new_objects, formset.changed_objects, formset.deleted_objects = [], [], []
    admin.record(request, AuditEntry.Action.CHANGED, kit, before=before, after=_written(kit))


def _written(kit: Variant) -> dict:
    rows = KitPart.objects.filter(kit=kit).select_related("part").order_by("position", "pk")
    return {"parts": [f"{row.quantity} × {row.part.sku}" for row in rows]}


# --- What can be sold now -------------------------------------------------------------------------


def figure(kit: Variant) -> str:
    """Give the place of the figure, which static/js/admin-kit.js keeps up to date."""
    recipe = Recipe(kit.kit_stock, dict(kit.parts.values_list("part", "quantity")))
    address = reverse("admin:shop_variant_kit_figure", args=[kit.pk])
    return format_html(
        '<output data-kit-figure="{}" aria-live="polite">{}</output>', address, words(kit, recipe)
    )


def figure_view(admin, request, object_id):
    """Say what could be sold of a kit as it is being typed."""
    kit = admin.get_object(request, object_id)
    if kit is None:
        raise Http404
    rule = request.GET.get("kit_stock", "")
    parts = zip(request.GET.getlist("part"), request.GET.getlist("quantity"), strict=False)
    recipe = Recipe(rule if rule in Variant.KitStock.values else "", dict(_read(parts)))
    return HttpResponse(words(kit, recipe), content_type="text/plain; charset=utf-8")


def _read(parts):
    for key, typed in parts:
        number = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) <= 2 else 0
        try:
            key = UUID(key)
        except ValueError:
            continue
        if 1 <= number <= MOST_OF_A_PART:
            yield key, number


def words(kit: Variant, recipe: Recipe) -> str:
    """Say how many of a kit can be sold now, and which part is the first to run out."""
    if recipe.kit_stock != _PARTS:
        level = getattr(kit, "stock", None)
        left, first = (level.available if level else 0), None
    else:
        rows = kits.with_available(Variant.objects.filter(pk__in=recipe.parts)).select_related(
            "product"
        )
        suffices = [
            (row.available // recipe.parts[row.pk] if row.is_active else 0, row.sku, row)
            for row in rows
        ]
        if not suffices:
            return _("Say what lies in the kit.")
        left, _sku, first = min(suffices)
    said = ngettext("%(left)d can be sold now.", "%(left)d can be sold now.", left) % {"left": left}
    if first is None:
        return said
    return f"{said} " + _("The first part to run out: %(part)s.") % {"part": first.full_label}
