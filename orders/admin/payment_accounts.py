"""Ways to pay that a shop offers: what each needs, and whether it can work. Keys go in only."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from config.lib.accounts import Setting
from config.lib.fields import validate_line, validate_paragraph
from shop import audit, places
from shop.admin.base import RowAdmin, RowForm
from shop.admin.fields import PriceField
from shop.admin.look import here
from shop.admin.site import site
from shop.models import AuditEntry, Municipality

from .. import payments
from ..models import PaymentAccount

_PREFIX = "setting_"
_HIGHEST_NUMBER = 1_000_000


class MunicipalitiesField(forms.CharField):
    """Municipalities as people write them, one a line; kept by their codes."""

    widget = UnfoldAdminTextareaWidget(attrs={"rows": 3})

    def prepare_value(self, value):
        if isinstance(value, str) or not value:
            return value or ""
        found = Municipality.objects.filter(code__in=value).select_related("department")
        return "\n".join(places.label(municipality) for municipality in found)

    def to_python(self, value):
        codes = []
        for line in (super().to_python(value) or "").splitlines():
            if not line.strip():
                continue
            municipality = places.meant(line)
            if municipality is None:
                near = " · ".join(places.label(one) for one in places.find(line, limit=4))
                raise forms.ValidationError(
                    gettext("Which one is “%(typed)s”? %(places)s")
                    % {"typed": line.strip()[:60], "places": near}
                )
            codes.append(municipality.code)
        return sorted(set(codes))


def field_of(setting: Setting, *, is_kept: bool) -> forms.Field:
    """Give the field by which a shop writes this setting; a secret is never written back."""
    options = {"label": setting.label, "help_text": setting.help, "required": False}
    if setting.is_secret:
        kept = _("Kept. Write a new one to replace it.") if is_kept else setting.help
        return forms.CharField(
            max_length=500,
            validators=[validate_line],
            widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
            **{**options, "help_text": kept},
        )
    match setting.kind:
        case "paragraph":
            return forms.CharField(
                max_length=2_000,
                validators=[validate_paragraph],
                widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
                **options,
            )
        case "number" | "percent":
            return forms.IntegerField(
                min_value=0,
                max_value=100 if setting.kind == "percent" else _HIGHEST_NUMBER,
                widget=UnfoldAdminIntegerFieldWidget,
                **options,
            )
        case "money":
            return PriceField(**options)
        case "yes_no":
            return forms.BooleanField(widget=UnfoldBooleanSwitchWidget, **options)
        case "municipalities":
            return MunicipalitiesField(**options)
    return forms.CharField(
        max_length=200, validators=[validate_line], widget=UnfoldAdminTextInputWidget, **options
    )


class PaymentAccountForm(RowForm):
    """The fields of an account, and one for each setting of its provider."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        account = self.instance
        self.settings = ()
        if account._state.adding:
            if "is_live" in self.fields:
                self.fields["is_live"].initial = here().is_live
            if "provider" in self.fields:
                known = dict(PaymentAccount.Provider.choices)
                self.fields["provider"].choices = [
                    (code, known[code]) for code in payments.PROVIDERS if code in known
                ]
            return
        provider = payments.get(account.provider)
        self.settings = provider.settings
        for setting in self.settings:
            name = _PREFIX + setting.name
            is_kept = bool(account.secrets.get(setting.name))
            self.fields[name] = field_of(setting, is_kept=is_kept)
            if not setting.is_secret:
                self.fields[name].initial = provider.value(account, setting.name)
                self.fields[name].show_hidden_initial = True

    def save(self, commit=True):
        account = super().save(commit=False)
        kept, secrets = dict(account.settings), dict(account.secrets)
        for setting in self.settings:
            value = self.cleaned_data.get(_PREFIX + setting.name)
            if not setting.is_secret:
                kept[setting.name] = value
            elif value:
                # Nothing typed keeps the key that is there.
                secrets[setting.name] = value.strip()
        account.settings = {name: value for name, value in kept.items() if value not in (None, "")}
        # For the audit, which tells that a key was replaced and never what it is.
        account.new_keys = [
            str(one.label)
            for one in self.settings
            if secrets.get(one.name) != account.secrets.get(one.name)
        ]
        account.secrets = secrets
        if commit:
            account.save()
        return account


@admin.register(PaymentAccount, site=site)
class PaymentAccountAdmin(RowAdmin):
    pages = ("changelist", "add", "change", "history")
    form = PaymentAccountForm
    list_display = ["name", "provider", "mode", "state", "is_active"]
    list_filter = ["provider", "is_active", "is_live"]
    search_fields = ["name"]
    ordering = ["position", "id"]
    readonly_fields = ["provider", "state", "webhook_address"]
    change_form_template = "admin/orders/paymentaccount_form.html"

    def get_urls(self):
        return [
            path(
                "<path:object_id>/comprobar/",
                self.admin_site.admin_view(self.check_view),
                name=self.page_address("check"),
            ),
            *super().get_urls(),
        ]

    def get_readonly_fields(self, request, obj=None):
        return super().get_readonly_fields(request, obj) if obj else []

    def get_fieldsets(self, request, obj=None):
        about = ["name", "description", ("is_live", "is_active", "position")]
        if obj is None:
            return [(None, {"fields": ["provider", *about]})]
        own = [_PREFIX + one.name for one in payments.get(obj.provider).settings]
        sets = [(None, {"fields": ["provider", *about, "state"]})]
        if own and self.has_change_permission(request, obj):
            sets.append((gettext("Keys and settings"), {"fields": own}))
        if payments.get(obj.provider).can_be_asked:
            sets.append((gettext("For the gateway"), {"fields": ["webhook_address"]}))
        return sets

    def get_form(self, request, obj=None, change=False, **kwargs):
        # The settings are no columns: the form makes their fields itself.
        kwargs["fields"] = ["name", "description", "is_live", "is_active", "position"]
        if obj is None:
            kwargs["fields"].insert(0, "provider")
        return super().get_form(request, obj, change=change, **kwargs)

    def log_change(self, request, obj, message):
        after = audit.snapshot(obj)
        if obj.new_keys:
            after["secrets"] = obj.new_keys
        self.record(request, AuditEntry.Action.CHANGED, obj, before=obj.audit_before, after=after)

    def response_add(self, request, obj, post_url_continue=None):
        messages.info(request, gettext("Now write the keys and settings."))
        return HttpResponseRedirect(self._address(obj))

    def response_change(self, request, obj):
        for problem in problems_of(obj):
            messages.warning(request, problem)
        return super().response_change(request, obj)

    @display(description=_("mode"), label={"live": "success", "test": "warning"})
    def mode(self, account):
        return ("live", gettext("Live")) if account.is_live else ("test", gettext("Test"))

    @display(description=_("works"))
    def state(self, account):
        found = problems_of(account)
        if not found:
            return gettext("Ready")
        return format_html_join(
            " ", '<span class="field-error">{}</span>', ([one] for one in found)
        )

    @display(description=_("webhook address"))
    def webhook_address(self, account):
        address = f"/api/webhooks/{account.provider}/{account.pk}/"
        return format_html('<code class="long-code">{}{}</code>', self._host, address)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        self._host = request.build_absolute_uri("/").rstrip("/")
        return super().change_view(request, object_id, form_url, extra_context)

    def check_view(self, request, object_id):
        """Say whether the account has all it needs and fits the shop's mode."""
        account = self.get_object(request, object_id)
        if account is None:
            raise Http404
        if not self.has_view_permission(request, account):
            raise PermissionDenied
        found = problems_of(account)
        for problem in found:
            messages.error(request, problem)
        if not found:
            messages.success(request, gettext("Nothing is missing: buyers can pay this way."))
        return HttpResponseRedirect(self._address(account))

    def _address(self, account) -> str:
        return reverse(f"admin:{self.page_address('change')}", args=[account.pk])


def problems_of(account: PaymentAccount) -> list[str]:
    """Say everything that keeps buyers from paying this way."""
    found = list(payments.get(account.provider).problems(account))
    if account.is_live and not here().is_live:
        found.append(gettext("Live keys wait until the shop leaves its test mode."))
    elif here().is_live and not account.is_live:
        found.append(gettext("The shop is live: a test account takes no money and is not offered."))
    return found
