"""Carriers of a shop: their keys and settings, whether they answer, and what their words mean."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists
from django.http import Http404, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from config.lib import money
from config.lib.errors import ProviderError, ProviderRefused
from shop.admin.accounts import AccountAdmin, AccountForm
from shop.admin.look import here
from shop.admin.site import site
from shop.models import AuditEntry

from .. import asking, carriers
from ..carriers import states
from ..models import CarrierAccount, Origin

_LONGEST_PROBLEM = 200


class AnswersFilter(admin.SimpleListFilter):
    title = _("last answer")
    parameter_name = "answers"

    def lookups(self, request, model_admin):
        return [("no", _("A problem"))]

    def queryset(self, request, queryset):
        return self.pick(queryset) if self.value() == "no" else queryset

    @staticmethod
    def pick(accounts):
        """Give the accounts in use whose last call failed."""
        return accounts.filter(is_active=True).exclude(problem="")


class CarrierAccountForm(AccountForm):
    adapters = carriers.CARRIERS


@admin.register(CarrierAccount, site=site)
class CarrierAccountAdmin(AccountAdmin):
    form = CarrierAccountForm
    about = ("name", ("is_live", "is_active"), ("is_quoted", "position"))
    list_display = ["name", "provider", "mode", "state", "is_quoted", "is_active"]
    list_filter = ["provider", "is_active", AnswersFilter, "is_live", "is_quoted"]
    readonly_fields = [
        *AccountAdmin.readonly_fields,
        "abilities",
        "coverage",
        "last_answer",
        "balance_label",
    ]
    change_form_template = "admin/logistics/carrieraccount_form.html"
    change_list_template = "admin/logistics/carrieraccount_list.html"

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("palabras/", view(self.words_view), name=self.page_address("words")),
            path(
                "<path:object_id>/comprobar/",
                view(self.check_view),
                name=self.page_address("check"),
            ),
            *super().get_urls(),
        ]

    def get_fieldsets(self, request, obj=None):
        sets = super().get_fieldsets(request, obj)
        if obj is None:
            return sets
        told = ["last_answer", "abilities", "coverage"]
        if carriers.get(obj.provider).has_wallet:
            told.insert(1, "balance_label")
        return [*sets, (gettext("What this carrier can do"), {"fields": told})]

    def has_webhook(self, account):
        return carriers.get(account.provider).has_notices

    def problems_of(self, account):
        found = super().problems_of(account)
        # A list asks once for all of its rows.
        has_origin = getattr(account, "has_origin", None)
        if not (_origins().exists() if has_origin is None else has_origin):
            found.append(gettext("Nobody can come for parcels yet: add a place of dispatch."))
        return found

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(has_origin=Exists(_origins()))

    def told_of(self, account):
        return self.problems_of(account) or list(filter(None, [_last_problem(account)]))

    # --- What is told of an account -----------------------------------------------------------

    @display(description=_("last answer"))
    def last_answer(self, account):
        if not account.problem:
            return gettext("No problem is known.")
        since = ""
        if account.problem_at:
            moment = timezone.localtime(account.problem_at)
            since = date_format(moment, "SHORT_DATETIME_FORMAT")
        return format_html('<span class="field-error">{}</span> {}', _last_problem(account), since)

    @display(description=_("balance"))
    def balance_label(self, account):
        return "—" if account.balance is None else money.label(account.balance, here().currency)

    @display(description=_("it can"))
    def abilities(self, account):
        carrier = carriers.get(account.provider)
        known = [
            (carrier.has_quotes, gettext("give prices")),
            (carrier.takes_cash, gettext("collect cash at the door")),
            (carrier.has_pickups, gettext("come for parcels")),
            (carrier.can_cancel, gettext("cancel a shipment")),
            (carrier.has_incidents, gettext("take answers to incidents")),
            (carrier.has_notices, gettext("tell news by itself")),
        ]
        return " · ".join(words for can, words in known if can)

    @display(description=_("coverage"))
    def coverage(self, account):
        return format_html(
            "{} <a href='{}'>{}</a>",
            gettext(
                "The carrier says for each town whether it goes there. Where it does not, buyers "
                "are offered only what else goes there."
            ),
            reverse("admin:logistics_ratetable_try"),
            gettext("What would a buyer pay?"),
        )

    # --- Asking the carrier -------------------------------------------------------------------

    def check_view(self, request, object_id):
        """Ask the carrier whether the keys work, and keep what it says."""
        account = self.get_object(request, object_id)
        if account is None:
            raise Http404
        if not self.has_change_permission(request, account):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        # Keys of the wrong kind never leave this machine.
        found = list(carriers.get(account.provider).problems(account))
        if not found:
            problem = _answer_of(account)
            self._keep(request, account, problem)
            found = [problem] if problem else self.problems_of(account)
            if not problem:
                messages.success(request, gettext("The carrier answers, and the keys work."))
        for one in found:
            messages.error(request, one)
        return HttpResponseRedirect(self.address_of(account))

    @transaction.atomic
    def _keep(self, request, account, problem: str) -> None:
        if problem == account.problem:
            return
        before, account.problem = account.problem, problem
        account.problem_at = timezone.now() if problem else None
        account.save(update_fields=["problem", "problem_at"])
        self.record(
            request,
            AuditEntry.Action.CHANGED,
            account,
            before={"problem": before},
            after={"problem": problem},
        )

    # --- What words mean ----------------------------------------------------------------------

    def words_view(self, request):
        """Show how each carrier's words become our states."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        known = dict(CarrierAccount.Provider.choices)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("What carriers' words mean"),
            "carriers": [
                {"name": known[code], "words": [(word, state.label) for word, state in rows]}
                for code, rows in states.table()
                if code in known and code != CarrierAccount.Provider.PRACTICE
            ],
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/logistics/carrieraccount_words.html", context)


def _last_problem(account: CarrierAccount) -> str:
    return account.problem.removeprefix(asking.OURS)


def _origins():
    return Origin.objects.filter(is_active=True)


def _answer_of(account: CarrierAccount) -> str:
    """Ask the carrier, and say why it does not work; nothing when it does."""
    try:
        carriers.get(account.provider).check(account)
    except ProviderRefused as error:
        if error.status in (401, 403):
            return gettext("The carrier does not know these keys in this mode.")
        told = {"reason": str(error)}
        return (gettext("The carrier refuses: %(reason)s") % told)[:_LONGEST_PROBLEM]
    except ProviderError:
        return gettext("The carrier does not answer now. Try again later.")
    return ""
