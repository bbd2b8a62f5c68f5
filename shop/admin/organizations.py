"""The organization's own data and looks; for operators, every organization and domain."""

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_scopes import scope
from unfold.decorators import display

from config.lib import memory

from .. import branding, mails, organizations, page_cache, pictures, readiness
from ..accounts import mails as account_mails
from ..models import Organization
from .base import RowAdmin
from .fields import thumbnail
from .organization_form import PICTURES, WORDS, NewOrganizationForm, OrganizationForm
from .site import site

# What WCAG 2 asks of shapes: a button must stand out from the page.
_VISIBLE = 3


def preview(organization) -> dict:
    """Give what colours.html draws: the colours, and how well each can be seen."""
    brand, accent = branding.brand(organization), branding.accent(organization)
    on_brand = branding.on_colour(brand)
    measured = [
        ("text", gettext("words on the main colour"), brand, on_brand, branding.READABLE),
        ("brand", gettext("main colour on the page"), brand, branding.PAPER, _VISIBLE),
        ("accent", gettext("second colour on the page"), accent, branding.PAPER, _VISIBLE),
    ]
    return {
        "name": organization.name,
        "brand": brand,
        "on_brand": on_brand,
        "accent": accent,
        "on_accent": branding.on_colour(accent),
        "paper": branding.PAPER,
        "samples": [
            {
                "key": key,
                "label": label,
                "contrast": f"{branding.contrast(one, other):.1f} : 1",
                "is_readable": branding.contrast(one, other) >= least,
                "advice": gettext("Hard to see: choose a darker colour."),
            }
            for key, label, one, other, least in measured
        ],
    }


@admin.register(Organization, site=site)
class OrganizationAdmin(RowAdmin):
    pages = ("changelist", "add", "change", "history")
    form = OrganizationForm
    list_display = [
        "name",
        "state",
        "mode",
        "plan",
        "addresses",
        "orders",
        "last_order",
        "staff",
        "size",
        "open_close_link",
    ]
    list_filter = ["is_active", "is_live", "plan"]
    search_fields = ["name", "slug"]
    readonly_fields = [
        "slug",
        "shown_logo",
        "shown_icon",
        "shown_hero",
        "colours",
        "is_active",
        "plan",
        "test_mail",
        "elsewhere",
    ]
    fieldsets = [
        (None, {"fields": ["is_live", ("is_active", "plan"), "elsewhere"]}),
        (
            _("Shop"),
            {
                "classes": ["tab"],
                "fields": [
                    ("name", "slug"),
                    "tagline",
                    "hero_text",
                    "about",
                    ("industry", "size"),
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
            _("Looks"),
            {
                "classes": ["tab"],
                "fields": [
                    ("brand_colour", "accent_colour"),
                    "colours",
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
            _("Opening hours"),
            {"classes": ["tab"], "fields": ["opening_hours", "is_open_on_holidays"]},
        ),
        (_("Selling"), {"classes": ["tab"], "fields": ["minimum_order"]}),
        (
            _("Mails"),
            {
                "classes": ["tab"],
                "fields": [
                    "orders_mailed_to",
                    "problems_mailed_to",
                    "mail_name",
                    "reply_to",
                    "mail_address",
                    "test_mail",
                ],
            },
        ),
        (_("Pages"), {"classes": ["tab"], "fields": list(WORDS)}),
        (
            _("Place and language"),
            {"classes": ["tab"], "fields": ["language", "timezone", "currency"]},
        ),
    ]
    add_fieldsets = [(None, {"fields": ["name", "slug", "host", "owner_email"]})]

    class Media:
        js = ["js/admin-colours.js"]

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
            path(
                "<path:object_id>/correo-de-prueba/",
                self.admin_site.admin_view(self.test_mail_view),
                name=self.page_address("test_mail"),
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
        if obj is None:
            return []
        # Only an operator says what a merchant pays for.
        own = {"plan"} if request.user.is_superuser else set()
        return [field for field in self.readonly_fields if field not in own]

    def get_fieldsets(self, request, obj=None):
        sections = super().get_fieldsets(request, obj)
        if settings.MAIL_SENDER_DOMAINS or obj is None:
            return sections
        return [
            (title, {**rest, "fields": [one for one in rest["fields"] if one != "mail_address"]})
            for title, rest in sections
        ]

    def save_model(self, request, obj, form, change):
        if not change:
            made = organizations.create(**form.cleaned_data)
            obj.__dict__.update(made.__dict__)
            with scope(organization=made):
                owner = made.memberships.select_related("user").get()
                account_mails.send_invitation(request, owner, base_url=organizations.base_url(made))
            return
        for field, name in PICTURES.items():
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

    @display(description=_("contrast"))
    def colours(self, organization):
        return render_to_string("admin/shop/colours.html", preview(organization))

    @display(description=_("also part of the settings"))
    def elsewhere(self, organization):
        links = [
            (gettext("Ready to sell"), "going-live"),
            (gettext("Delivery rates and free delivery"), "logistics_ratetable_changelist"),
            (gettext("Ways to pay"), "orders_paymentaccount_changelist"),
            (gettext("Team, and who gets which mail"), "shop_membership_changelist"),
            (gettext("Home page and menu"), "shop_front_changelist"),
        ]
        rows = ((reverse(f"admin:{name}"), label) for label, name in links)
        return format_html(
            '<span class="elsewhere">{}</span>', format_html_join("", '<a href="{}">{}</a>', rows)
        )

    # --- Mails --------------------------------------------------------------------------------

    @display(description=_("test"))
    def test_mail(self, organization):
        address = reverse(f"admin:{self.page_address('test_mail')}", args=[organization.pk])
        return format_html(
            '<a class="button-link" href="{}">{}</a>', address, gettext("Send me a test mail")
        )

    def test_mail_view(self, request, object_id):
        organization = self.get_object(request, object_id)
        if organization is None:
            raise Http404
        if request.method == "POST":
            mails.compose(
                organization, "test_mail", to=request.user.email, context={"asked_by": request.user}
            ).send()
            messages.success(
                request,
                gettext("A mail is on its way to %(email)s.") % {"email": request.user.email},
            )
            own = reverse(f"admin:{self.page_address('change')}", args=[organization.pk])
            return HttpResponseRedirect(own)
        return self.form_page(
            request,
            forms.Form(),
            title=gettext("Test mail"),
            subtitle=gettext("It goes to %(email)s, from the sender as it is saved.")
            % {"email": request.user.email},
            button=gettext("Send"),
            row=organization,
        )

    # --- The list of operators ----------------------------------------------------------------

    def get_changelist_instance(self, request):
        changelist = super().get_changelist_instance(request)
        shown = list(changelist.result_list)
        prefetch_related_objects(shown, "domains")
        activity = organizations.activity_of(shown, now=timezone.now())
        for organization in shown:
            organization.activity = activity[organization.pk]
        changelist.result_list = shown
        return changelist

    @display(description=_("addresses"))
    def addresses(self, organization):
        links = (
            (f"{organizations.url_at(domain.host)}/", domain.host)
            for domain in organization.domains.all()
            if domain.verified_at
        )
        return format_html_join(format_html("<br>"), '<a href="{}" rel="noopener">{}</a>', links)

    @display(description=_("orders in 30 days"))
    def orders(self, organization):
        return organization.activity.orders

    @display(description=_("last order"))
    def last_order(self, organization):
        return organization.activity.last_order_on

    @display(description=_("team"))
    def staff(self, organization):
        return organization.activity.staff

    # --- Opening and closing ------------------------------------------------------------------

    @display(description=_("mode"), label={"live": "success", "test": "warning"})
    def mode(self, organization):
        return ("live", gettext("Live")) if organization.is_live else ("test", gettext("Test"))

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
            subtitle=_what_follows(organization),
            button=gettext("Close the shop") if closing else gettext("Open the shop"),
            row=organization,
        )


def _what_follows(organization) -> str:
    """Say what closing an open shop means, or opening a closed one that may lack something."""
    name = {"name": organization}
    if organization.is_active:
        return gettext("%(name)s answers as if it did not exist until it is opened again.") % name
    with scope(organization=organization):
        lacking = readiness.missing(organization) if organization.is_live else []
    if not lacking:
        return gettext("%(name)s answers again at its addresses.") % name
    problems = (problem for point in lacking for problem in point.problems)
    first = gettext("%(name)s answers again at its addresses, but cannot sell:") % name
    return " ".join([first, *problems])
