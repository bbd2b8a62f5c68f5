"""Customers: who they are on each channel, where they live, what they agreed to."""

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from .. import customers
from ..models import Address, Consent, Customer, CustomerIdentity
from ..models.customers import CUSTOMER_WORDS
from . import quick_find
from .base import ReadOnlyInline, RowAdmin, RowForm
from .fields import WordsField
from .site import site

_LONGEST = 100
_MOST_OWNERS = 50


class CustomerForm(RowForm):
    tags = WordsField(label=_("tags"), required=False, help_text=_("Separated by commas."))

    def clean(self):
        values = super().clean()
        if values.get("document_number") and not values.get("document_type"):
            self.add_error("document_type", forms.ValidationError(_("Choose the document type.")))
        return values


class IdentityInline(ReadOnlyInline):
    model = CustomerIdentity
    fields = ["kind", "value", "verified_at"]
    tab = True


class AddressInline(ReadOnlyInline):
    model = Address
    fields = ["recipient", "phone", "line", "complement", "municipality", "is_default"]
    tab = True

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("municipality__department")


class ConsentInline(ReadOnlyInline):
    model = Consent
    fields = ["purpose", "version", "granted_at", "withdrawn_at", "source"]
    tab = True


@admin.register(Customer, site=site)
class CustomerAdmin(RowAdmin):
    pages = ("changelist", "add", "change", "history")
    form = CustomerForm
    inlines = [IdentityInline, AddressInline, ConsentInline]
    list_display = [
        "reference",
        "name",
        "email",
        "phone",
        "status_label",
        "order_count",
        "last_order_at",
    ]
    list_display_links = ["reference", "name"]
    list_filter = ["status"]
    search_fields = ["name"]
    search_help_text = _("Name, e-mail, phone, reference or document")
    ordering = ["-id"]
    readonly_fields = ["reference", "user", "order_count", "last_order_at", "created_at"]
    fieldsets = [
        (None, {"fields": ["name", ("email", "phone"), ("document_type", "document_number")]}),
        (_("What we know"), {"fields": ["status", "tags", "source", "notes"]}),
        (
            _("History"),
            {"fields": [("reference", "user"), ("order_count", "last_order_at", "created_at")]},
        ),
    ]
    add_fieldsets = fieldsets[:2]

    def get_search_results(self, request, queryset, search_term):
        words = quick_find.words_of(search_term[:_LONGEST])
        if not words:
            return queryset, False
        if "@" in search_term:
            # An address may also be one that they proved to be theirs, and no longer write with.
            known = CustomerIdentity.objects.filter(value__iexact=search_term.strip())
            customers_of = list(known.values_list("customer_id", flat=True)[:_MOST_OWNERS])
            if customers_of:
                return queryset.filter(pk__in=customers_of), False
        queryset = queryset.annotate(words=CUSTOMER_WORDS)
        for word in words:
            queryset = queryset.filter(words__contains=word)
        return queryset, False

    @display(
        description=_("status"),
        label={"active": "success", "suspended": "warning", "banned": "danger"},
    )
    def status_label(self, customer):
        return customer.status, customer.get_status_display()

    def save_model(self, request, obj, form, change):
        if not change:
            made = customers.create(request.organization, **form.cleaned_data)
            # The form's row becomes the one that the operation made, with its reference.
            obj.__dict__.update(made.__dict__)
            return
        super().save_model(request, obj, form, change)
        remember_identities(obj)


def remember_identities(customer) -> None:
    """Let a customer be found by the e-mail and phone that staff wrote down; unproved, both."""
    for kind, value in (
        (CustomerIdentity.Kind.EMAIL, customer.email.lower()),
        (CustomerIdentity.Kind.PHONE, str(customer.phone or "")),
    ):
        if value:
            CustomerIdentity.objects.get_or_create(
                organization=customer.organization, customer=customer, kind=kind, value=value
            )
