"""Offers after the purchase: what is offered to whom, as its buyers see it, and what they said."""

from django.contrib import admin
from django.db.models import Count, Q
from django.http import HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from config.lib import money
from shop.admin.base import ReadOnlyInline, RowAdmin, RowForm
from shop.admin.fields import PriceField
from shop.admin.look import here
from shop.admin.site import site

from .. import offer_card
from ..models import Offer, OfferAnswer
from .refunds_admin import order_link


class OfferForm(RowForm):
    """An offer with amounts as people write them; it must be cheaper than the catalogue."""

    price = PriceField(label=_("offer price"), help_text=_("Below the price in the shop."))
    minimum = PriceField(
        label=_("only to orders from"), required=False, help_text=_("Before the discount.")
    )

    def clean_minimum(self):
        return self.cleaned_data["minimum"] or 0

    def clean(self):
        values = super().clean()
        variant, price = values.get("variant"), values.get("price")
        if variant is not None and price is not None and price >= variant.price:
            self.add_error(
                "price",
                gettext("In the shop it costs %(price)s: an offer costs less.")
                % {"price": money.label(variant.price, here().currency)},
            )
        if values.get("product") and values.get("category"):
            self.add_error("category", gettext("Choose a product or a category, not both."))
        if variant is not None and values.get("product") == variant.product:
            self.add_error("product", gettext("Offer something else than what was just bought."))
        return values


class AnswerInline(ReadOnlyInline):
    model = OfferAnswer
    fields = ["order_link", "status", "price_label", "answered_at", "pay_until"]
    readonly_fields = fields
    per_page = 30
    tab = True

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("order")

    @display(description=_("order"))
    def order_link(self, answer):
        return order_link(answer.order)

    @display(description=_("offer price"))
    def price_label(self, answer):
        return money.label(answer.price, answer.order.currency)


@admin.register(Offer, site=site)
class OfferAdmin(RowAdmin):
    form = OfferForm
    inlines = [AnswerInline]
    list_display = ["what", "price_label", "to_whom", "answers_label", "ends_at", "is_active"]
    list_filter = ["is_active"]
    list_select_related = ["variant__product", "product", "category"]
    search_fields = ["variant__sku", "variant__product__name"]
    search_help_text = _("Name or SKU")
    ordering = ["position", "-id"]
    autocomplete_fields = ["variant", "product", "category"]
    readonly_fields = ["preview"]
    fieldsets = [
        (None, {"fields": ["variant", "price", ("is_active", "position")]}),
        (_("To which orders"), {"fields": ["product", "category", "minimum"]}),
        (_("When"), {"fields": ["starts_at", "ends_at"]}),
        (_("As buyers see it"), {"fields": ["preview"]}),
    ]

    class Media:
        css = {"all": ["css/pages/admin-orders.css"]}

    def get_queryset(self, request):
        said = {
            "accepted": Count("answers", filter=Q(answers__status=OfferAnswer.Status.ACCEPTED)),
            "asked": Count("answers"),
        }
        return super().get_queryset(request).annotate(**said)

    def get_inlines(self, request, obj):
        return super().get_inlines(request, obj) if obj else []

    def get_fieldsets(self, request, obj=None):
        # There is nothing to look at before it is saved.
        return super().get_fieldsets(request, obj) if obj else self.fieldsets[:-1]

    def response_add(self, request, obj, post_url_continue=None):
        """Stay with the new offer, so that whoever made it sees what buyers will."""
        super().response_add(request, obj, post_url_continue)
        return HttpResponseRedirect(reverse("admin:orders_offer_change", args=[obj.pk]))

    @display(description=_("what is offered"))
    def what(self, offer):
        return f"{offer.variant.product.name} {offer.variant.label}".strip()

    @display(description=_("offer price"))
    def price_label(self, offer):
        currency = here().currency
        return gettext("%(price)s instead of %(before)s") % {
            "price": money.label(offer.price, currency),
            "before": money.label(offer.variant.price, currency),
        }

    @display(description=_("to which orders"))
    def to_whom(self, offer):
        told = [str(found) for found in (offer.product, offer.category) if found]
        if offer.minimum:
            label = money.label(offer.minimum, here().currency)
            told.append(gettext("from %(amount)s") % {"amount": label})
        return " · ".join(told) or gettext("Any order")

    @display(description=_("accepted"))
    def answers_label(self, offer):
        return gettext("%(accepted)d of %(asked)d") % {
            "accepted": offer.accepted,
            "asked": offer.asked,
        }

    @display(description=_("preview"))
    def preview(self, offer):
        shown = offer_card.context(offer, here().currency)
        is_cheaper = offer.price < offer.variant.price
        return render_to_string(
            "admin/orders/_offer_preview.html", {"offer": shown, "is_cheaper": is_cheaper}
        )
