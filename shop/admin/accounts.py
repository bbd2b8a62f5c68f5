"""Accounts at outside services: what each needs, and whether it can work. Keys go in only."""

from collections.abc import Mapping

from django import forms
from django.contrib import messages
from django.http import HttpResponseRedirect
from django.urls import reverse
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

from config.lib.accounts import Configured, Setting
from config.lib.fields import validate_line, validate_paragraph

from .. import audit
from ..models import AuditEntry
from .base import RowAdmin, RowForm
from .fields import MunicipalitiesField, PriceField
from .look import here

_PREFIX = "setting_"
_HIGHEST_NUMBER = 1_000_000


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


class AccountForm(RowForm):
    """The fields of an account, and one for each setting of its adapter."""

    # Every adapter by its code, in the order in which they are offered.
    adapters: Mapping[str, Configured] = {}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        account = self.instance
        self.settings = ()
        if account._state.adding:
            if "is_live" in self.fields:
                self.fields["is_live"].initial = here().is_live
            if "provider" in self.fields:
                known = dict(account.Provider.choices)
                self.fields["provider"].choices = [
                    (code, known[code]) for code in self.adapters if code in known
                ]
            return
        adapter = self.adapters[account.provider]
        self.settings = adapter.settings
        for setting in self.settings:
            name = _PREFIX + setting.name
            is_kept = bool(account.secrets.get(setting.name))
            self.fields[name] = field_of(setting, is_kept=is_kept)
            if not setting.is_secret:
                self.fields[name].initial = adapter.value(account, setting.name)
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


class AccountAdmin(RowAdmin):
    """The pages of accounts: first which kind, then its keys and settings."""

    pages = ("changelist", "add", "change", "history")
    list_display = ["name", "provider", "mode", "state", "is_active"]
    list_filter = ["provider", "is_active", "is_live"]
    search_fields = ["name"]
    ordering = ["position", "id"]
    readonly_fields = ["provider", "state", "webhook_address"]
    # The columns that people write, as a page groups them.
    about: tuple = ()

    def problems_of(self, account) -> list[str]:
        """Say everything that keeps an account from being used, without calling anybody."""
        found = list(self.form.adapters[account.provider].problems(account))
        if account.is_live and not here().is_live:
            found.append(gettext("Live keys wait until the shop leaves its test mode."))
        elif here().is_live and not account.is_live:
            found.append(gettext("The shop is live: a test account is not used."))
        return found

    def told_of(self, account) -> list[str]:
        """Say what staff have to know of an account at a glance."""
        return self.problems_of(account)

    def has_webhook(self, account) -> bool:
        """Say whether the service brings notices to us."""
        return False

    def get_readonly_fields(self, request, obj=None):
        return super().get_readonly_fields(request, obj) if obj else []

    def get_fieldsets(self, request, obj=None):
        if obj is None:
            return [(None, {"fields": ["provider", *self.about]})]
        own = [_PREFIX + one.name for one in self.form.adapters[obj.provider].settings]
        sets = [(None, {"fields": ["provider", *self.about, "state"]})]
        if own and self.has_change_permission(request, obj):
            sets.append((gettext("Keys and settings"), {"fields": own}))
        if self.has_webhook(obj):
            sets.append((gettext("For the service"), {"fields": ["webhook_address"]}))
        return sets

    def get_form(self, request, obj=None, change=False, **kwargs):
        # The settings are no columns: the form makes their fields itself.
        kwargs["fields"] = _flat(self.about)
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
        return HttpResponseRedirect(self.address_of(obj))

    def response_change(self, request, obj):
        for problem in self.problems_of(obj):
            messages.warning(request, problem)
        return super().response_change(request, obj)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        self._host = request.build_absolute_uri("/").rstrip("/")
        return super().change_view(request, object_id, form_url, extra_context)

    def address_of(self, account) -> str:
        """Give the address of the account's page."""
        return reverse(f"admin:{self.page_address('change')}", args=[account.pk])

    @display(description=_("mode"), label={"live": "success", "test": "warning"})
    def mode(self, account):
        return ("live", gettext("Live")) if account.is_live else ("test", gettext("Test"))

    @display(description=_("works"))
    def state(self, account):
        found = self.told_of(account)
        if not found:
            return gettext("Ready")
        return format_html_join(
            " ", '<span class="field-error">{}</span>', ([one] for one in found)
        )

    @display(description=_("webhook address"))
    def webhook_address(self, account):
        address = f"/api/webhooks/{account.provider}/{account.pk}/"
        return format_html('<code class="long-code">{}{}</code>', self._host, address)


def _flat(fields) -> list[str]:
    return [
        name for group in fields for name in (group if isinstance(group, tuple | list) else [group])
    ]
