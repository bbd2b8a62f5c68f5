"""What every page of the back-office shares: its organization, its audit, its bounds."""

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import IntegrityError, connection, transaction
from django.db.models import BooleanField, F, Func, Q, UUIDField, Value
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django_scopes import get_scope
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display

from config.lib.errors import DomainError

from .. import audit, search
from ..models import AuditEntry, Product
from . import rows
from .saved_views import SavedViewsMixin
from .seen import SeenForm

# Counting every row of a large catalogue costs more than the page itself.
MOST_COUNTED = 5_000
_MOST_HISTORY = 200


def count_to(queryset, most: int) -> int:
    """Count the rows, but no further than one past this number."""
    # Of the keys alone: what a list adds to each row is not worked out to count them.
    return queryset.order_by().values("pk")[: most + 1].count()


class _Among(Func):
    """Whether a value is one of those in an array."""

    arg_joiner = " = ANY("
    template = "%(expressions)s)"
    output_field = BooleanField()


def of_found_products(key: str, words: list[str]) -> Func:
    """Give the condition that this key is one of a product that holds these words.

    Asked apart and bounded as the count of a list is: in one question the database would look at
    every row of the list, in its order, and read the words of its product.
    """
    wanted = search.query(words, language=get_scope()["organization"].language)
    found = Product.objects.filter(search=wanted).order_by().values_list("pk", flat=True)
    # As one array: thousands of values would take longer to send than to find.
    keys = Value(list(found[:MOST_COUNTED]), output_field=ArrayField(UUIDField()))
    return _Among(F(key), keys)


class BoundedPaginator(Paginator):
    """Pages as far as rows are counted; a search leads to what lies beyond."""

    @cached_property
    def count(self):
        return min(count_to(self.object_list, MOST_COUNTED), MOST_COUNTED)


class RowForm(SeenForm):
    """A form whose row belongs to the organization before anything is checked.

    Its admin names the fields: a form with a scoped relation cannot be built outside a scope.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.label = capfirst(field.label)
        if self.organization is not None and self.instance._state.adding:
            self.instance.organization = self.organization

    # Set by RowAdmin.get_form for models with such a field.
    organization = None
    # Fields that are unique in an organization, with what to say beside the field.
    unique_here: dict[str, str] = {}

    def clean(self):
        cleaned = super().clean()
        for name, message in self.unique_here.items():
            value = cleaned.get(name)
            others = type(self.instance).objects.exclude(pk=self.instance.pk)
            if value and others.filter(**{name: value}).exists():
                self.add_error(name, ValidationError(message, code="unique"))
        return cleaned


class SafeQueryMixin:
    """Keeps what nobody types, but a stranger may send, away from the database."""

    def changelist_view(self, request, extra_context=None):
        hidden = any("\x00" in part for pair in request.GET.items() for part in pair)
        if hidden or not self._may_read_selection(request):
            return HttpResponseRedirect(f"{request.path}?e=1")
        return super().changelist_view(request, extra_context)

    def _may_read_selection(self, request):
        selected = request.POST.getlist(admin.helpers.ACTION_CHECKBOX_NAME)
        try:
            for value in selected:
                self.model._meta.pk.to_python(value)
        except ValidationError:
            return False
        return True


class RowAdmin(SafeQueryMixin, SavedViewsMixin, ModelAdmin):
    """Base of every admin: scoped rows, one audit entry a write, bounded lists."""

    form = RowForm
    paginator = BoundedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    list_max_show_all = 0
    list_filter_sheet = True
    compressed_fields = True
    # Rows that the table of roles lets nobody add or delete have no such page either.
    pages = ("changelist", "add", "change", "history", "delete")

    # --- Addresses and rights -----------------------------------------------------------------

    def get_urls(self):
        left_out = {"changelist", "add", "change", "history", "delete"} - set(self.pages)
        names = {f"{self.opts.app_label}_{self.opts.model_name}_{page}" for page in left_out}
        # An address without a name is Django's old form of the change page.
        return [url for url in super().get_urls() if url.name and url.name not in names]

    def has_add_permission(self, request):
        return "add" in self.pages and super().has_add_permission(request)

    def has_delete_permission(self, request, obj=None):
        return "delete" in self.pages and super().has_delete_permission(request, obj)

    def get_actions(self, request):
        actions = super().get_actions(request)
        # Deleting many rows at once skips the rules of a row.
        actions.pop("delete_selected", None)
        return actions

    def get_changelist_instance(self, request):
        changelist = super().get_changelist_instance(request)
        if not (changelist.query or changelist.has_active_filters):
            # Nothing is left out, so unfold need not offer to show everything.
            changelist.full_result_count = changelist.result_count
        return changelist

    @display(description="")
    def action_checkbox(self, obj):
        return rows.checkbox(obj.pk)

    def _get_obj_does_not_exist_redirect(self, request, opts, object_id):
        raise Http404

    # --- The row and its organization ---------------------------------------------------------

    def get_object(self, request, object_id, from_field=None):
        row = super().get_object(request, object_id, from_field)
        if row is not None and request.method == "POST":
            row.audit_before = audit.snapshot(row)
        return row

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        if _has_organization(self.model):
            form.organization = request.organization
        return form

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        # Two people may take the same address at once; the second look shows the clash in the form.
        for _attempt in range(2):
            try:
                return super().changeform_view(request, object_id, form_url, extra_context)
            except DomainError as error:
                messages.error(request, str(error))
                return HttpResponseRedirect(request.get_full_path())
            except IntegrityError:
                for file in request.FILES.values():
                    file.seek(0)
        messages.error(request, _("Someone changed the same row at this moment. Try again."))
        return HttpResponseRedirect(request.get_full_path())

    def _changeform_view(self, request, object_id, form_url, extra_context):
        # Inside the transaction of the page: what its form compares stays true until it commits.
        if request.method == "POST" and object_id is not None:
            self.lock(unquote(object_id))
        return super()._changeform_view(request, object_id, form_url, extra_context)

    def lock(self, key: str) -> None:
        """Let nobody else change this row until the transaction ends; parents come first."""
        hold(self.model, pk=key)

    def delete_view(self, request, object_id, extra_context=None):
        try:
            return super().delete_view(request, object_id, extra_context)
        except DomainError as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(request.path.removesuffix("delete/") + "change/")

    # --- Audit --------------------------------------------------------------------------------

    def record(self, request, action, row, *, before=None, after=None):
        """Write down what this person did to a row."""
        audit.record(
            organization_of(row, request), request.user, action, row, before=before, after=after
        )

    @transaction.atomic
    def change(self, request, row, **values):
        """Set these fields of a row outside its form, and write it down."""
        before = audit.snapshot(row)
        for name, value in values.items():
            setattr(row, name, value)
        row.save(update_fields=list(values))
        after = audit.snapshot(row)
        self.record(request, AuditEntry.Action.CHANGED, row, before=before, after=after)

    def log_addition(self, request, obj, message):
        self.record(request, AuditEntry.Action.ADDED, obj, after=audit.snapshot(obj))

    def log_change(self, request, obj, message):
        before, after = getattr(obj, "audit_before", {}), audit.snapshot(obj)
        self.record(request, AuditEntry.Action.CHANGED, obj, before=before, after=after)

    def log_deletions(self, request, queryset):
        for row in queryset:
            self.record(request, AuditEntry.Action.DELETED, row, before=audit.snapshot(row))

    def save_formset(self, request, form, formset, change):
        touched = [inline.instance for inline in formset.initial_forms if inline.has_changed()]
        stored = formset.model._default_manager.filter(pk__in=[row.pk for row in touched])
        before = {row.pk: audit.snapshot(row) for row in stored}
        for inline in formset.deleted_forms:
            # Before it is gone, while it still has its key.
            if inline.instance.pk in before:
                self.log_deletions(request, [inline.instance])
        super().save_formset(request, form, formset, change)
        for row in formset.new_objects:
            self.record(request, AuditEntry.Action.ADDED, row, after=audit.snapshot(row))
        for row, _fields in formset.changed_objects:
            after = audit.snapshot(row)
            self.record(
                request, AuditEntry.Action.CHANGED, row, before=before.get(row.pk), after=after
            )

    def history_view(self, request, object_id, extra_context=None):
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        entries = AuditEntry.objects.filter(
            model=self.opts.model_name, row_id=str(row.pk)
        ).select_related("actor")[:_MOST_HISTORY]
        context = {
            **self.admin_site.each_context(request),
            "title": _("History"),
            "subtitle": str(row),
            "entries": entries,
            "opts": self.opts,
            "original": row,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/shop/history.html", context)

    # --- Pages of our own ---------------------------------------------------------------------

    def form_page(self, request, form, *, title, subtitle="", button, row=None):
        """Show a small form of its own on a page of the back-office."""
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "subtitle": subtitle,
            "form": form,
            "button": button,
            "opts": self.opts,
            "original": row,
            "media": self.media + form.media,
        }
        return TemplateResponse(request, "admin/shop/form_page.html", context)


class ReadOnlyAdmin(RowAdmin):
    """An admin that only shows; what may be done has buttons of its own."""

    pages = ("changelist", "change")

    def has_change_permission(self, request, obj=None):
        return False


class RowInline(TabularInline):
    """Rows of another model on the page of the row they belong to."""

    form = RowForm
    extra = 0

    def get_formset(self, request, obj=None, **kwargs):
        formset = super().get_formset(request, obj, **kwargs)
        if _has_organization(self.model):
            formset.form.organization = request.organization
        return formset

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        if request.method == "POST" and connection.in_atomic_block:
            # After their parent, which the page locked first.
            rows = rows.select_for_update(no_key=True, of=("self",))
        return rows


class ReadOnlyInline(RowInline):
    """Rows that are shown and never edited here."""

    can_delete = False
    show_change_link = False

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def get_queryset(self, request):
        # Nobody changes these, so nobody waits for them.
        return super(RowInline, self).get_queryset(request)


def hold(model, *wanted: Q, **fields) -> None:
    """Lock the rows of a model in the order of their keys until the transaction ends."""
    try:
        rows = model._default_manager.filter(*wanted, **fields).order_by("pk")
        list(rows.select_for_update(no_key=True, of=("self",)).values_list("pk"))
    except (ValidationError, ValueError):
        # A key that is none: the page answers that there is no such row.
        return


def _has_organization(model) -> bool:
    return any(field.name == "organization" for field in model._meta.concrete_fields)


def organization_of(row, request):
    """Give the organization in whose audit a deed on this row belongs."""
    if row._meta.model_name == "organization":
        return row
    return getattr(row, "organization", None) or request.organization
