"""Prices in a list: typed for many rows, shown before they count, then written together.

Nothing is kept between the pages: each carries what was seen and what is wanted (seen.py), so that
whoever comes second is told here as well.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.forms.models import modelform_factory
from django.http import HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminSelectWidget

from config.lib import money

from .. import audit, catalogue
from ..models import Product, Variant
from .base import hold
from .look import here

# More rows in one go are a matter for a spreadsheet.
MOST = 500
# From here on a change is marked: it may be a slip of the finger.
LARGE = 30
FIELDS = ["price", "compare_at_price", "is_active"]
_PREFIX = "form"
_STEPS = {1: (1, 5, 10, 50, 100), 100: (100, 1_000, 5_000, 10_000, 50_000, 100_000)}


@dataclass(frozen=True)
class Line:
    """One row of the page before the change: what stands, and what would."""

    form: forms.ModelForm
    price: str
    new_price: str
    percent: int | None
    before: str
    new_before: str
    is_active: bool
    new_is_active: bool

    @property
    def variant(self) -> Variant:
        return self.form.instance

    @property
    def sign(self) -> str:
        return "+" if (self.percent or 0) > 0 else ""

    @property
    def is_large(self) -> bool:
        return self.percent is not None and abs(self.percent) >= LARGE


class RaiseForm(forms.Form):
    """By how much the prices of the chosen rows change."""

    percent = forms.DecimalField(
        label=_("percent"),
        min_value=-90,
        max_value=500,
        max_digits=5,
        decimal_places=2,
        widget=UnfoldAdminDecimalFieldWidget,
        help_text=_("10 raises the prices, -10 lowers them."),
    )
    step = forms.TypedChoiceField(
        label=_("round to"), coerce=int, widget=UnfoldAdminSelectWidget, choices=()
    )
    before = forms.ChoiceField(
        label=_("price before"),
        widget=UnfoldAdminSelectWidget,
        choices=[
            ("keep", _("Stays as it is")),
            ("now", _("The price of today: a discount is shown")),
            ("none", _("None: no discount is shown")),
        ],
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        currency = here().currency
        steps = _STEPS[money.smallest(currency)]
        self.fields["step"].choices = [(step, money.label(step, currency)) for step in steps]
        self.fields["step"].initial = steps[-3]

    def wanted(self, variant: Variant) -> dict:
        """Give what the fields of this variant would hold."""
        values, step = self.cleaned_data, self.cleaned_data["step"]
        exact = Decimal(variant.price) * (100 + values["percent"]) / 100
        price = int((exact / step).quantize(Decimal(1), ROUND_HALF_UP)) * step
        before = {"keep": variant.compare_at_price, "now": variant.price, "none": None}
        return {
            # What costs something never becomes free by rounding.
            "price": max(price, step) if variant.price else 0,
            "compare_at_price": before[values["before"]],
            "is_active": variant.is_active,
        }


class PriceSheetMixin:
    """Lets prices, prices before and "active" be typed in a list of variants."""

    list_editable = FIELDS
    sheet_form = None

    def get_changelist_form(self, request, **kwargs):
        return modelform_factory(Variant, form=self.sheet_form, fields=FIELDS)

    def changelist_view(self, request, extra_context=None):
        if request.method == "POST" and "_save" in request.POST:
            if not self.has_change_permission(request):
                raise PermissionDenied
            return self.sheet_view(request)
        return super().changelist_view(request, extra_context)

    def sheet_view(self, request):
        """Show what would change; once that is confirmed, write it."""
        try:
            wanted = _changed_rows(self._sheet(request, request.POST))
        except ValidationError:
            messages.error(request, gettext("The list was sent incompletely. Try again."))
            return HttpResponseRedirect(request.get_full_path())
        if not wanted:
            messages.info(request, gettext("Nothing was changed."))
            return HttpResponseRedirect(request.get_full_path())
        if not request.POST.get("confirmed"):
            return self.preview(request, wanted)
        with transaction.atomic():
            sheet = self._sheet(request, wanted, is_locked=True)
            if sheet.is_valid():
                count = self._write(request, sheet)
                told = ngettext("%(count)d variant changed.", "%(count)d variants changed.", count)
                messages.success(request, told % {"count": count})
                return HttpResponseRedirect(request.get_full_path())
        return self._sheet_page(request, sheet)

    def preview(self, request, wanted: QueryDict):
        return self._sheet_page(request, self._sheet(request, wanted))

    def _sheet(self, request, data: QueryDict, *, is_locked: bool = False):
        """Give the rows that were sent, as one formset; locked, parents first."""
        keys = [
            Variant._meta.pk.to_python(key)
            for key in self._get_edited_object_pks(_Sent(data), _PREFIX)
        ]
        if len(keys) > MOST:
            raise ValidationError("Too many rows.")
        rows = self.get_queryset(request).filter(pk__in=keys).order_by("pk")
        if is_locked:
            hold(Product, variants__in=keys)
            rows = rows.select_for_update(no_key=True, of=("self",))
        sheet = self.get_changelist_formset(request)(data, queryset=rows, prefix=_PREFIX)
        if not sheet.management_form.is_valid():
            raise ValidationError("No rows.")
        if any(form.instance._state.adding for form in sheet.forms):
            raise ValidationError("A row that is not here.")
        for row in sheet.get_queryset():
            row.audit_before = audit.snapshot(row)
        return sheet

    def _write(self, request, sheet) -> int:
        changed = [form for form in sheet.forms if form.has_changed()]
        for form in changed:
            form.instance.save(update_fields=[*FIELDS, "changed_at"])
            self.log_change(request, form.instance, "")
        products = {form.instance.product_id for form in changed}
        if any("is_active" in form.changed_data for form in changed):
            catalogue.refresh(products)
        else:
            catalogue.refresh_listing(products)
        return len(changed)

    def _sheet_page(self, request, sheet):
        is_valid = sheet.is_valid()
        lines = [_line(form, is_valid=is_valid) for form in sheet.forms]
        largest = max(lines, key=lambda line: abs(line.percent or 0))
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Change prices"),
            "opts": self.opts,
            "media": self.media,
            "sheet": sheet,
            "sent": [(name, value) for name in sheet.data for value in sheet.data.getlist(name)],
            "lines": lines,
            "is_valid": is_valid,
            "largest": largest if largest.percent else None,
            "address": f"{self._list_address()}?{request.GET.urlencode()}",
        }
        return TemplateResponse(request, "admin/shop/price_sheet.html", context)

    def _list_address(self) -> str:
        return reverse(f"admin:{self.page_address('changelist')}")

    # --- Many at once -------------------------------------------------------------------------

    def raise_view(self, request, variants):
        """Ask by how much the prices of these variants change, then show what that means."""
        keys = list(variants.values_list("pk", flat=True)[: MOST + 1])
        if len(keys) > MOST:
            messages.error(
                request,
                gettext("Choose up to %(most)d variants, or use a spreadsheet.") % {"most": MOST},
            )
            return None
        form = RaiseForm(request.POST if "percent" in request.POST else None)
        if form.is_valid():
            rows = self.get_queryset(request).filter(pk__in=keys).order_by("pk")
            return self.preview(request, _sent_for(rows, form, self.get_changelist_form(request)))
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Change prices"),
            "subtitle": ngettext(
                "The price of %(count)d variant.", "The prices of %(count)d variants.", len(keys)
            )
            % {"count": len(keys)},
            "form": form,
            "opts": self.opts,
            "media": self.media,
            "address": self._list_address(),
            "checkbox": ACTION_CHECKBOX_NAME,
            "keys": keys,
        }
        return TemplateResponse(request, "admin/shop/raise_prices.html", context)


class _Sent:
    """What Django's reader of edited rows wants of a request."""

    def __init__(self, data: QueryDict):
        self.POST = data


def _changed_rows(sheet) -> QueryDict | None:
    """Give what was sent of the rows in which somebody typed something else than they saw."""
    changed = [form for form in sheet.forms if form.has_changed()]
    if not changed:
        return None
    data = _empty(len(changed))
    for number, form in enumerate(changed):
        for start in ("", "initial-"):
            old, new = f"{start}{form.prefix}-", f"{start}{_PREFIX}-{number}-"
            for name in sheet.data:
                if name.startswith(old):
                    data.setlist(new + name.removeprefix(old), sheet.data.getlist(name))
    return data


def _sent_for(rows, raising: RaiseForm, form_class) -> QueryDict:
    """Give what a person would send who typed the new prices of these rows by hand."""
    data = _empty(len(rows))
    for number, row in enumerate(rows):
        fields, wanted = form_class(instance=row).fields, raising.wanted(row)
        data[f"{_PREFIX}-{number}-id"] = str(row.pk)
        for name in FIELDS:
            seen = fields[name].prepare_value(getattr(row, name))
            data[f"initial-{_PREFIX}-{number}-{name}"] = "" if seen is None else str(seen)
            typed = fields[name].prepare_value(wanted[name])
            if isinstance(wanted[name], bool):
                data.setlist(f"{_PREFIX}-{number}-{name}", ["on"] if typed else [])
            else:
                data[f"{_PREFIX}-{number}-{name}"] = "" if typed is None else str(typed)
    return data


def _empty(count: int) -> QueryDict:
    data = QueryDict(mutable=True)
    data[f"{_PREFIX}-TOTAL_FORMS"] = data[f"{_PREFIX}-INITIAL_FORMS"] = str(count)
    return data


def _line(form, *, is_valid: bool) -> Line:
    before = form.instance.audit_before
    new = form.cleaned_data if is_valid else {}
    price, new_price = before["price"], new.get("price")
    percent = None
    if price and new_price is not None and price != new_price:
        percent = round((new_price - price) * 100 / price)
    return Line(
        form=form,
        price=_label(price),
        new_price=_label(new_price),
        percent=percent,
        before=_label(before["compare_at_price"]),
        new_before=_label(new.get("compare_at_price")),
        is_active=before["is_active"],
        new_is_active=new.get("is_active", before["is_active"]),
    )


def _label(amount: int | None) -> str:
    return "—" if amount is None else money.label(amount, here().currency)
