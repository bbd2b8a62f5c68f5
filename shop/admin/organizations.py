"""The organization's own data and looks; for operators, every organization and domain."""

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.http import Http404, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminColorInputWidget,
    UnfoldAdminEmailInputWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from config.lib import memory
from config.lib.fields import validate_paragraph

from .. import organizations, page_cache, pictures
from ..models import Domain, Organization
from ..models.organizations import validate_host
from .base import RowAdmin, RowForm
from .fields import PictureField, thumbnail
from .site import site

# The zones of the countries we sell in come first; every other one can be typed by an operator.
_ZONES = [
    "America/Bogota",
    "America/Mexico_City",
    "America/Lima",
    "America/Santiago",
    "America/Argentina/Buenos_Aires",
    "America/Guayaquil",
    "America/Caracas",
    "America/Panama",
    "America/New_York",
    "Europe/Madrid",
    "UTC",
]
_PICTURES = {"logo_file": "logo", "icon_file": "icon", "hero_file": "hero"}


class OrganizationForm(RowForm):
    logo_file = PictureField(label=_("new logo"), required=False)
    icon_file = PictureField(
        label=_("new icon"), required=False, help_text=_("Square; shown in the browser's tab.")
    )
    hero_file = PictureField(label=_("new home picture"), required=False)

    class Meta:
        widgets = {
            "brand_colour": UnfoldAdminColorInputWidget,
            "accent_colour": UnfoldAdminColorInputWidget,
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "timezone" in self.fields:
            zones = list(dict.fromkeys([self.instance.timezone, *_ZONES]))
            self.fields["timezone"].widget = UnfoldAdminSelectWidget(
                choices=[(zone, zone.replace("_", " ")) for zone in zones]
            )
        if "about" in self.fields:
            self.fields["about"].validators.append(validate_paragraph)


class NewOrganizationForm(forms.ModelForm):
    """What an operator must say to open an organization."""

    host = forms.CharField(
        label=_("host name"),
        max_length=253,
        validators=[validate_host],
        widget=UnfoldAdminTextInputWidget,
    )
    owner_email = forms.EmailField(label=_("owner's e-mail"), widget=UnfoldAdminEmailInputWidget)

    def clean_host(self):
        host = self.cleaned_data["host"]
        if Domain.objects.filter(host=host).exists():
            raise forms.ValidationError(gettext("Another organization has this host name."))
        return host


@admin.register(Organization, site=site)
class OrganizationAdmin(RowAdmin):
    pages = ("changelist", "add", "change", "history")
    form = OrganizationForm
    list_display = ["name", "slug", "is_live", "state", "created_at", "open_close_link"]
    list_filter = ["is_active", "is_live"]
    search_fields = ["name", "slug"]
    readonly_fields = ["slug", "shown_logo", "shown_icon", "shown_hero", "is_active"]
    fieldsets = [
        (
            None,
            {"fields": [("name", "slug"), "tagline", "hero_text", "about", "industry", "size"]},
        ),
        (_("Mode"), {"fields": [("is_live", "is_active")]}),
        (
            _("Looks"),
            {
                "classes": ["tab"],
                "fields": [
                    ("brand_colour", "accent_colour"),
                    "shown_logo",
                    "logo_file",
                    "shown_icon",
                    "icon_file",
                    "shown_hero",
                    "hero_file",
                ],
            },
        ),
        (
            _("Legal and contact"),
            {
                "classes": ["tab"],
                "fields": [
                    ("legal_name", "tax_id"),
                    ("address_line", "city"),
                    "email",
                    ("phone", "whatsapp"),
                ],
            },
        ),
        (
            _("Place and language"),
            {"classes": ["tab"], "fields": [("language", "timezone", "currency")]},
        ),
    ]
    add_fieldsets = [(None, {"fields": ["name", "slug", "host", "owner_email"]})]

    # --- Whose rows ---------------------------------------------------------------------------

    def get_queryset(self, request):
        every = super().get_queryset(request)
        # Organizations carry no scope: who is no operator sees the one of this host.
        return every if request.user.is_superuser else every.filter(pk=request.organization.pk)

    def get_urls(self):
        return [
            path(
                "<path:object_id>/abrir-cerrar/",
                self.admin_site.admin_view(self.open_close_view),
                name=self.page_address("open_close"),
            ),
            *super().get_urls(),
        ]

    def changelist_view(self, request, extra_context=None):
        if not request.user.is_superuser:
            own = reverse(f"admin:{self.page_address('change')}", args=[request.organization.pk])
            return HttpResponseRedirect(own)
        return super().changelist_view(request, extra_context)

    # --- The form -----------------------------------------------------------------------------

    def get_form(self, request, obj=None, change=False, **kwargs):
        if obj is None:
            kwargs["form"] = NewOrganizationForm
        return super().get_form(request, obj, change=change, **kwargs)

    def get_readonly_fields(self, request, obj=None):
        return self.readonly_fields if obj else []

    def save_model(self, request, obj, form, change):
        if not change:
            made = organizations.create(**form.cleaned_data)
            obj.__dict__.update(made.__dict__)
            return
        for field, name in _PICTURES.items():
            image = form.cleaned_data.get(field)
            if image is not None:
                setattr(obj, name, pictures.replace(getattr(obj, name), image, obj))
        super().save_model(request, obj, form, change)
        self.forget(obj)

    def forget(self, organization):
        """Let every page show the organization as it is now."""
        page_cache.invalidate(organization.pk)
        transaction.on_commit(memory.clear_all)

    @display(description=_("logo"))
    def shown_logo(self, organization):
        return thumbnail(organization.logo, size="large")

    @display(description=_("icon"))
    def shown_icon(self, organization):
        return thumbnail(organization.icon, size="large")

    @display(description=_("home picture"))
    def shown_hero(self, organization):
        return thumbnail(organization.hero, size="large")

    # --- Opening and closing ------------------------------------------------------------------

    @display(description=_("state"), label={"open": "success", "closed": "danger"})
    def state(self, organization):
        return (
            ("open", gettext("Open")) if organization.is_active else ("closed", gettext("Closed"))
        )

    @display(description="")
    def open_close_link(self, organization):
        address = reverse(f"admin:{self.page_address('open_close')}", args=[organization.pk])
        label = gettext("Close the shop") if organization.is_active else gettext("Open the shop")
        return format_html('<a class="button-link" href="{}">{}</a>', address, label)

    def open_close_view(self, request, object_id):
        organization = self.get_object(request, object_id)
        if organization is None:
            raise Http404
        closing = organization.is_active
        if request.method == "POST":
            self.change(request, organization, is_active=not closing)
            self.forget(organization)
            messages.success(
                request,
                (gettext("%(name)s is closed.") if closing else gettext("%(name)s is open."))
                % {"name": organization},
            )
            return HttpResponseRedirect(reverse(f"admin:{self.page_address('changelist')}"))
        return self.form_page(
            request,
            forms.Form(),
            title=gettext("Close the shop") if closing else gettext("Open the shop"),
            subtitle=gettext("%(name)s answers as if it did not exist until it is opened again.")
            % {"name": organization}
            if closing
            else gettext("%(name)s answers again at its addresses.") % {"name": organization},
            button=gettext("Close the shop") if closing else gettext("Open the shop"),
            row=organization,
        )


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
