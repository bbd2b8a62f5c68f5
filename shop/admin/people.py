"""The team: who works here and as what; and, for operators, everybody who may sign in."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminEmailInputWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from config.lib.errors import DomainError
from config.lib.fields import validate_line

from .. import audit, memberships, sockets
from ..accounts import mails
from ..models import AuditEntry, Membership, User
from ..roles import Role
from .base import RowAdmin, RowForm, hold
from .site import site


class InviteForm(forms.Form):
    """Whom to invite, and as what."""

    email = forms.EmailField(label=_("e-mail"), max_length=254, widget=UnfoldAdminEmailInputWidget)
    name = forms.CharField(
        label=_("name"),
        required=False,
        max_length=120,
        validators=[validate_line],
        widget=UnfoldAdminTextInputWidget,
    )
    role = forms.ChoiceField(label=_("role"), widget=UnfoldAdminSelectWidget)

    def __init__(self, *args, giver, **kwargs):
        super().__init__(*args, **kwargs)
        roles = memberships.roles_given_by(giver)
        self.fields["role"].choices = [(role.value, role.label) for role in roles]


class MembershipForm(RowForm):
    # Set by MembershipAdmin.get_form.
    giver = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "role" in self.fields:
            roles = memberships.roles_given_by(self.giver)
            self.fields["role"].choices = [(role.value, role.label) for role in roles]


@admin.register(Membership, site=site)
class MembershipAdmin(RowAdmin):
    """A person is invited, changed and deactivated; what they did stays theirs."""

    pages = ("changelist", "change", "history")
    form = MembershipForm
    list_display = [
        "person",
        "email",
        "role_label",
        "is_active",
        "last_seen_on",
        "invitation",
    ]
    list_display_links = ["person"]
    list_filter = ["role", "is_active"]
    list_select_related = ["user"]
    search_fields = ["user__email", "user__name"]
    readonly_fields = ["user", "email", "invited_at", "last_seen_on"]
    fields = [
        "user",
        "email",
        "role",
        "is_active",
        "hears_of_low_stock",
        "invited_at",
        "last_seen_on",
    ]
    change_list_template = "admin/shop/membership_list.html"

    def get_urls(self):
        invite = path(
            "invitar/",
            self.admin_site.admin_view(self.invite_view),
            name=self.page_address("invite"),
        )
        again = path(
            "<path:object_id>/invitar-otra-vez/",
            self.admin_site.admin_view(self.invite_again_view),
            name=self.page_address("invite_again"),
        )
        return [invite, again, *super().get_urls()]

    def lock(self, key):
        # With every owner, in the order in which memberships.change takes them.
        hold(Membership, Q(pk=key) | Q(role=Role.OWNER))

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("user")

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        form.giver = request.membership
        return form

    def has_change_permission(self, request, obj=None):
        allowed = super().has_change_permission(request, obj)
        # Unfold also asks with a key in place of the row; the operation asks again anyway.
        if allowed and isinstance(obj, Membership):
            return memberships.may_manage(request.membership, obj)
        return allowed

    @display(description=_("person"), ordering="user__name")
    def person(self, membership):
        return str(membership.user)

    @display(description=_("e-mail"), ordering="user__email")
    def email(self, membership):
        return membership.user.email

    @display(description=_("role"), ordering="role", label=True)
    def role_label(self, membership):
        return membership.get_role_display()

    def save_model(self, request, obj, form, change):
        memberships.change(
            obj,
            role=obj.role,
            is_active=obj.is_active,
            hears_of_low_stock=obj.hears_of_low_stock,
            by=request.membership,
        )

    def changelist_view(self, request, extra_context=None):
        may_invite = request.user.has_perm("shop.add_membership")
        return super().changelist_view(request, {"may_invite": may_invite, **(extra_context or {})})

    def invite_view(self, request):
        form = InviteForm(request.POST or None, giver=request.membership)
        if request.method == "POST" and form.is_valid():
            try:
                membership = self._invite(request, form.cleaned_data)
            except DomainError as error:
                form.add_error(None, str(error))
            else:
                mails.send_invitation(request, membership)
                messages.success(
                    request, gettext("%(person)s is invited.") % {"person": membership.user.email}
                )
                return HttpResponseRedirect(reverse(f"admin:{self.page_address('changelist')}"))
        return self.form_page(
            request,
            form,
            title=gettext("Invite someone"),
            subtitle=gettext("They get an e-mail and sign in by a link."),
            button=gettext("Invite"),
        )

    @display(description=_("invitation"))
    def invitation(self, membership):
        if membership.last_seen_on or not membership.is_active:
            return "—"
        address = reverse(f"admin:{self.page_address('invite_again')}", args=[membership.pk])
        return format_html(
            '<a class="button-link" href="{}">{}</a>', address, gettext("Invite again")
        )

    def invite_again_view(self, request, object_id):
        membership = self.get_object(request, object_id)
        if membership is None or membership.last_seen_on or not membership.is_active:
            raise Http404
        if not self.has_change_permission(request, membership):
            raise PermissionDenied
        if request.method == "POST":
            self._note_invitation(request, membership)
            mails.send_invitation(request, membership)
            messages.success(
                request, gettext("%(person)s is invited.") % {"person": membership.user.email}
            )
            return HttpResponseRedirect(reverse(f"admin:{self.page_address('changelist')}"))
        return self.form_page(
            request,
            forms.Form(),
            title=gettext("Invite again"),
            subtitle=gettext("%(person)s did not sign in yet and gets the same e-mail once more.")
            % {"person": membership.user.email},
            button=gettext("Send"),
            row=membership,
        )

    @transaction.atomic
    def _note_invitation(self, request, membership):
        membership.invited_at = timezone.now()
        membership.save(update_fields=["invited_at"])
        # No field of the form, so no snapshot has it.
        after = {"invited_at": membership.invited_at}
        self.record(request, AuditEntry.Action.CHANGED, membership, after=after)

    @transaction.atomic
    def _invite(self, request, values):
        membership = memberships.invite(request.organization, by=request.membership, **values)
        after = audit.snapshot(membership)
        self.record(request, AuditEntry.Action.ADDED, membership, after=after)
        return membership


@admin.register(User, site=site)
class UserAdmin(RowAdmin):
    """Everybody who may sign in anywhere, for operators: to lock out, and to make operators."""

    pages = ("changelist", "change", "history")
    form = RowForm
    list_display = ["email", "name", "is_active", "is_superuser", "last_login"]
    list_filter = ["is_active", "is_superuser"]
    search_fields = ["email"]
    search_help_text = _("The start of an e-mail")
    ordering = ["email"]
    readonly_fields = ["email", "name", "date_joined", "last_login"]
    fields = ["email", "name", "is_active", "is_superuser", "date_joined", "last_login"]

    def get_search_results(self, request, queryset, search_term):
        typed = search_term.strip().lower()
        return (queryset.filter(email__startswith=typed) if typed else queryset), False

    def save_model(self, request, obj, form, change):
        if obj.pk == request.user.pk and not (obj.is_active and obj.is_superuser):
            raise DomainError(gettext("You cannot lock yourself out."))
        super().save_model(request, obj, form, change)
        sockets.look_again(obj.pk)
