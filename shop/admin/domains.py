"""Host names of every organization, for operators."""

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.http import Http404, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext

from config.lib import memory

from ..models import Domain
from .base import RowAdmin, RowForm
from .site import site


class DomainForm(RowForm):
    def clean(self):
        values = super().clean()
        others = Domain.objects.filter(
            organization=values.get("organization"), is_primary=True
        ).exclude(pk=self.instance.pk)
        if values.get("is_primary") and others.exists():
            self.add_error("is_primary", gettext("This organization already has a primary domain."))
        return values


@admin.register(Domain, site=site)
class DomainAdmin(RowAdmin):
    form = DomainForm
    list_display = ["host", "organization", "is_primary", "verified_at"]
    list_filter = ["is_primary"]
    list_select_related = ["organization"]
    search_fields = ["host", "organization__name"]
    autocomplete_fields = ["organization"]
    readonly_fields = ["verified_at"]
    fields = ["organization", "host", "is_primary", "verified_at"]
    change_form_template = "admin/shop/domain_form.html"

    def get_urls(self):
        return [
            path(
                "<path:object_id>/verificar/",
                self.admin_site.admin_view(self.verify_view),
                name=self.page_address("verify"),
            ),
            *super().get_urls(),
        ]

    def save_model(self, request, obj, form, change):
        if change and "host" in form.changed_data:
            # Another name is another thing to prove.
            obj.verified_at = None
        super().save_model(request, obj, form, change)
        transaction.on_commit(memory.clear_all)

    def delete_model(self, request, obj):
        super().delete_model(request, obj)
        transaction.on_commit(memory.clear_all)

    def verify_view(self, request, object_id):
        domain = self.get_object(request, object_id)
        if domain is None:
            raise Http404
        if request.method == "POST":
            self.change(request, domain, verified_at=timezone.now())
            transaction.on_commit(memory.clear_all)
            messages.success(request, gettext("%(host)s is verified.") % {"host": domain})
            return HttpResponseRedirect(reverse(f"admin:{self.page_address('changelist')}"))
        return self.form_page(
            request,
            forms.Form(),
            title=gettext("Verify the domain"),
            subtitle=gettext("Confirm that %(host)s belongs to %(organization)s.")
            % {"host": domain, "organization": domain.organization},
            button=gettext("It belongs to them"),
            row=domain,
        )
