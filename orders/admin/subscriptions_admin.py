"""Subscriptions in the back-office: the plans on offer, and each subscription with its story."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from config.lib import money
from config.lib.errors import DomainError
from shop.admin.base import ReadOnlyAdmin, RowAdmin, RowForm
from shop.admin.look import here
from shop.admin.site import site
from shop.models import AuditEntry, Variant

from ..models import Subscription, SubscriptionEvent, SubscriptionPlan
from ..subscriptions import changing, terms, words

_TONES = {
    Subscription.Status.ACTIVE: "success",
    Subscription.Status.GRACE: "warning",
    Subscription.Status.PAUSED: "info",
    Subscription.Status.CANCELLED: "danger",
}
_NEWEST = 100


class PlanForm(RowForm):
    """A plan; which products it covers is chosen among those that are sold."""

    unique_here = {"name": _("Another plan already has this name.")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "variants" in self.fields:
            sold = Variant.objects.select_related("product").order_by("product__name", "position")
            self.fields["variants"].queryset = sold
            self.fields["variants"].label_from_instance = _variant_label


def _variant_label(variant: Variant) -> str:
    return f"{variant.product.name} {variant.label} ({variant.sku})".replace("  ", " ")


@admin.register(SubscriptionPlan, site=site)
class SubscriptionPlanAdmin(RowAdmin):
    pages = ("changelist", "add", "change", "history")
    form = PlanForm
    list_display = ["name", "rhythm", "percent_label", "kept_by", "is_active"]
    list_filter = ["is_active", "unit"]
    search_fields = ["name"]
    filter_horizontal = ["variants"]
    fieldsets = [
        (None, {"fields": ["name", ("every", "unit"), ("percent", "rise_percent"), "is_active"]}),
        (_("Products"), {"fields": ["variants"]}),
    ]

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(kept=Count("subscriptions"))

    @display(description=_("how often"))
    def rhythm(self, plan):
        return plan.words

    @display(description=_("discount"))
    def percent_label(self, plan):
        return f"{plan.percent} %" if plan.percent else "—"

    @display(description=_("subscriptions"))
    def kept_by(self, plan):
        return plan.kept


@admin.register(Subscription, site=site)
class SubscriptionAdmin(ReadOnlyAdmin):
    list_display = ["who", "rhythm", "status_label", "next_on", "card", "began_at"]
    list_display_links = ["who"]
    list_filter = ["status", "plan", "next_on"]
    search_fields = ["name", "email"]
    ordering = ["-id"]
    list_select_related = ["method"]

    def get_urls(self):
        step = path(
            "<path:object_id>/paso/",
            self.admin_site.admin_view(self.step_view),
            name=self.page_address("step"),
        )
        return [step, *super().get_urls()]

    @display(description=_("customer"), ordering="name")
    def who(self, subscription):
        return Truncator(subscription.name).chars(40)

    @display(description=_("how often"))
    def rhythm(self, subscription):
        return subscription.words

    @display(description=_("status"), label=_TONES)
    def status_label(self, subscription):
        return subscription.status, subscription.get_status_display()

    @display(description=_("card"))
    def card(self, subscription):
        return subscription.method.label if subscription.method else "—"

    def _subscription(self, request, object_id) -> Subscription:
        found = self.get_object(request, object_id)
        if found is None:
            raise Http404
        return terms.rows().select_related("first_order").get(pk=found.pk)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        if not self.has_view_permission(request):
            raise PermissionDenied
        subscription = self._subscription(request, object_id)
        if request.method != "GET":
            return HttpResponseRedirect(request.path)
        context = {
            **self.admin_site.each_context(request),
            "title": str(subscription),
            "opts": self.opts,
            "original": subscription,
            "media": self.media,
            **_page(request, subscription),
        }
        return TemplateResponse(request, "admin/orders/subscription.html", context)

    def step_view(self, request, object_id):
        """Pause a subscription, let it go on, skip one delivery or end it, for its owner."""
        subscription = self._subscription(request, object_id)
        address = reverse(f"admin:{self.page_address('change')}", args=[subscription.pk])
        step = _STEPS.get(request.POST.get("step", ""))
        if request.method != "POST" or step is None:
            return HttpResponseRedirect(address)
        if not request.user.has_perm("orders.change_subscription"):
            raise PermissionDenied
        before = {"status": subscription.status, "next_on": subscription.next_on.isoformat()}
        try:
            step(subscription, now=timezone.now(), actor=request.user)
        except DomainError as error:
            messages.error(request, str(error))
        else:
            subscription.refresh_from_db()
            after = {"status": subscription.status, "next_on": subscription.next_on.isoformat()}
            self.record(
                request, AuditEntry.Action.CHANGED, subscription, before=before, after=after
            )
            messages.success(request, gettext("Done. The customer is told by e-mail."))
        return HttpResponseRedirect(address)


_STEPS = {
    "pause": changing.pause,
    "resume": changing.resume,
    "skip": changing.skip,
    "cancel": changing.cancel,
}


def _page(request, subscription: Subscription) -> dict:
    """Give everything that a subscription's page in the back-office prints."""
    currency = here().currency
    now = timezone.now()
    amount, problem = (0, "")
    if subscription.is_alive:
        terms.prepare(subscription, now=now)
        amount, problem = terms.estimate(subscription, now=now)
    events = SubscriptionEvent.objects.filter(subscription=subscription).select_related("actor")
    return {
        "subscription": subscription,
        "total": money.label(amount, currency) if amount else "",
        "problem": problem,
        "lines": [
            f"{item.quantity} × {item.name} {item.label}".strip()
            for item in terms.things(subscription, now=now).items
        ],
        "periods": subscription.periods.select_related("order")[:_NEWEST],
        "events": [
            {
                "at": event.at,
                "words": words.words(event, currency=currency),
                "who": event.actor_label,
                "mail": event.get_mail_display() if event.mail else "",
            }
            for event in events[:_NEWEST]
        ],
        "may_change": request.user.has_perm("orders.change_subscription"),
        "step_url": reverse("admin:orders_subscription_step", args=[subscription.pk]),
    }
