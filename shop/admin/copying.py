"""The pages that copy a product or a variant: what differs is asked, the rest is taken over."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import UnfoldAdminTextInputWidget

from config.lib.fields import validate_line

from .. import audit, copying
from ..models import AuditEntry, Product, Variant
from ..models.catalogue import LONGEST_SKU


def _line(label, longest: int, **options) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=longest,
        validators=[validate_line],
        widget=UnfoldAdminTextInputWidget,
        **options,
    )


class ProductCopyForm(forms.Form):
    name = _line(_("name"), 140)

    def __init__(self, *args, row: Product, **kwargs):
        super().__init__(*args, **kwargs)
        self.row = row
        self.fields["name"].initial = gettext("%(name)s (copy)") % {"name": row.name[:120]}

    def copy(self) -> Product:
        return copying.copy_product(self.row, name=self.cleaned_data["name"])


class VariantCopyForm(forms.Form):
    option1 = _line(_("first choice"), 40, required=False)
    option2 = _line(_("second choice"), 40, required=False)
    sku = _line(_("SKU"), LONGEST_SKU, required=False, help_text=_("Empty: made of the names."))

    def __init__(self, *args, row: Variant, **kwargs):
        super().__init__(*args, **kwargs)
        self.row = row
        for name in ("option1", "option2"):
            given = getattr(row.product, f"{name}_name")
            self.fields[name].initial = getattr(row, name)
            self.fields[name].label = given or self.fields[name].label
        if not row.product.option2_name and not row.option2:
            del self.fields["option2"]

    def clean_sku(self):
        sku = self.cleaned_data["sku"]
        if sku and Variant.objects.filter(sku=sku).exists():
            raise forms.ValidationError(gettext("Another variant already has this SKU."))
        return sku

    def clean(self):
        values = super().clean()
        choice = {name: values.get(name, "") for name in ("option1", "option2")}
        others = Variant.objects.filter(product=self.row.product_id, is_active=True, **choice)
        if not self.errors and others.exists():
            self.add_error("option1", gettext("Another variant already stands for this choice."))
        return {**values, **choice}

    def copy(self) -> Variant:
        return copying.copy_variant(self.row, **self.cleaned_data)


class CopyMixin:
    """Puts a button on the page of a row that leads to its copy."""

    actions_detail = ["copy"]
    copy_form: type[forms.Form]

    @action(description=_("Copy"), url_path="copiar", icon="content_copy")
    def copy(self, request, object_id):
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        form = self.copy_form(request.POST or None, row=row)
        if request.method == "POST" and form.is_valid():
            made = form.copy()
            self.record(request, AuditEntry.Action.ADDED, made, after=audit.snapshot(made))
            messages.success(request, gettext("“%(name)s” is made.") % {"name": made})
            page = reverse(f"admin:{self.page_address('change')}", args=[made.pk])
            return HttpResponseRedirect(page)
        return self.form_page(
            request,
            form,
            title=gettext("Copy"),
            subtitle=gettext(
                "Everything that describes “%(name)s” is taken over. Its stock is not."
            )
            % {"name": row},
            button=gettext("Make the copy"),
            row=row,
        )

    def get_actions_detail(self, request, object_id):
        shown = super().get_actions_detail(request, object_id)
        may_add = request.user.has_perm(f"shop.add_{self.opts.model_name}")
        return shown if may_add else [one for one in shown if one.path != "copiar"]
