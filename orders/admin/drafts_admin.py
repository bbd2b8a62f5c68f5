"""Orders made by staff for a customer: products, address, delivery, a way to pay, then a link."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminEmailInputWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from config.lib import money
from config.lib.errors import DomainError
from config.lib.fields import validate_paragraph
from logistics import places as known_places
from logistics import quotes
from shop import documents as identity
from shop.accounts.forms import PhoneField
from shop.admin.base import RowAdmin, RowForm
from shop.admin.site import site
from shop.models.customers import DocumentType

from .. import checkout, contents, drafts, paying, pricing, vouchers
from ..models import Cart, PaymentAccount
from ..payments.base import Purchase
from . import baskets, order_page, sight


class StartForm(RowForm):
    """Who the order is for; nobody yet for somebody new."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["customer"].required = False
        self.fields["customer"].help_text = _("Leave it empty for somebody new.")


class DraftForm(baskets.AddressForm):
    """Everything about an order but its products; only placing it asks for all of it."""

    name = baskets.line_field(_("name"))
    email = forms.EmailField(
        label=_("e-mail"), required=False, max_length=254, widget=UnfoldAdminEmailInputWidget
    )
    phone = PhoneField(label=_("phone"), required=False, widget=UnfoldAdminTextInputWidget)
    document_type = forms.ChoiceField(
        label=_("document type"),
        required=False,
        choices=[("", "—"), *DocumentType.choices],
        widget=UnfoldAdminSelectWidget,
    )
    document_number = baskets.line_field(_("document number"), longest=20)
    voucher = baskets.line_field(_("voucher"), longest=40)
    order_notes = forms.CharField(
        label=_("notes of the buyer"),
        required=False,
        max_length=500,
        validators=[validate_paragraph],
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
    )
    CONTACT = ("name", "email", "phone", "document_type", "document_number")
    ADDRESS = ("recipient", "place", "line", "complement", "neighbourhood", "notes")
    EXTRAS = ("voucher", "order_notes")

    def __init__(self, *args, is_placed=False, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("name", "place") if is_placed else ():
            self.fields[name].required = True

    def clean(self):
        values = super().clean()
        kind, number = values.get("document_type"), values.get("document_number")
        if bool(kind) != bool(number):
            self.add_error("document_number", gettext("Write the type and the number, or neither."))
        elif kind:
            try:
                values["document_number"] = identity.clean(kind, number)
            except forms.ValidationError as error:
                self.add_error("document_number", error)
        return values

    def contact(self) -> checkout.Contact:
        values = self.cleaned_data
        return checkout.Contact(
            name=values["name"],
            email=values["email"],
            phone=str(values["phone"] or ""),
            document_type=values["document_type"],
            document_number=values["document_number"],
        )


@admin.register(Cart, site=site)
class DraftAdmin(RowAdmin):
    pages = ("changelist", "add", "change")
    form = StartForm
    fields = ["customer"]
    autocomplete_fields = ["customer"]
    list_display = ["who", "pieces", "prepared_by", "changed"]
    list_display_links = ["who"]
    list_select_related = ["customer", "prepared_by"]
    list_filter = [("prepared_by", admin.RelatedOnlyFieldListFilter)]
    search_fields = ["draft__name", "customer__name"]
    search_help_text = _("Name of the customer")
    ordering = ["-id"]

    def get_queryset(self, request):
        return self.pick(super().get_queryset(request)).prefetch_related("lines")

    @staticmethod
    def pick(carts):
        """Give those that somebody of the shop prepares."""
        return carts.filter(prepared_by__isnull=False, ordered_at__isnull=True)

    def changelist_view(self, request, extra_context=None):
        context = {"title": gettext("Drafts"), **(extra_context or {})}
        return super().changelist_view(request, context)

    @display(description=_("customer"))
    def who(self, cart):
        return cart.draft.get("name") or str(cart.customer or gettext("Somebody new"))

    @display(description=_("pieces"))
    def pieces(self, cart):
        return sum(line.quantity for line in cart.lines.all())

    @display(description=_("changed"))
    def changed(self, cart):
        return order_page.short_moment(cart.changed_at)

    def add_view(self, request, form_url="", extra_context=None):
        context = {"title": gettext("New order"), "show_save_and_add_another": False}
        return super().add_view(request, form_url, {**context, **(extra_context or {})})

    def save_model(self, request, obj, form, change):
        customer = form.cleaned_data["customer"]
        made = drafts.start(request.organization, actor=request.user, customer=customer)
        obj.__dict__.update(made.__dict__)

    def log_addition(self, request, obj, message):
        """A draft is nothing yet: the order that it becomes tells who made it."""

    def response_add(self, request, obj, post_url_continue=None):
        return HttpResponseRedirect(_address(obj))

    def change_view(self, request, object_id, form_url="", extra_context=None):
        cart = self.get_object(request, object_id)
        if cart is None:
            raise Http404
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            if not self.has_change_permission(request):
                raise PermissionDenied
            return self._changed(request, cart)
        return self._page(request, cart, DraftForm(initial=cart.draft))

    def _changed(self, request, cart):
        """Keep what was typed, whatever it was, then do what the button says."""
        deed = request.POST.get("do", "save")
        form = DraftForm(request.POST, is_placed=deed == "place")
        problem = ""
        try:
            if deed == "discard":
                drafts.discard(cart)
                messages.success(request, gettext("The draft is thrown away."))
                return HttpResponseRedirect(reverse("admin:orders_order_changelist"))
            details = {
                name: request.POST.get(name, "")[:500]
                for name in [*form.fields, "delivery_code", "account"]
            }
            cart = drafts.change(
                cart,
                quantities=baskets.quantities(request.POST),
                details=details,
                voucher_code=request.POST.get("voucher", ""),
            )
            if deed == "place" and form.is_valid():
                return self._placed(request, cart, form)
            if deed == "save" and form.is_valid():
                return HttpResponseRedirect(_address(cart))
        except checkout.LinesRefused as error:
            problem = f"{error} {' · '.join(error.problems.values())}"
        except (DomainError, forms.ValidationError) as error:
            problem = " ".join(getattr(error, "messages", [str(error)]))
        return self._page(request, cart, form, problem=problem)

    def _placed(self, request, cart, form):
        seen = request.POST.get("seen_total", "")
        order = drafts.place(
            cart,
            contact=form.contact(),
            municipality=form.municipality,
            address=form.address(),
            delivery_code=request.POST.get("delivery_code", ""),
            account=_chosen_account(request.organization, request.POST.get("account", "")),
            notes=form.cleaned_data["order_notes"],
            now=timezone.now(),
            actor=request.user,
            seen_total=int(seen) if seen.isascii() and seen.isdecimal() else None,
        )
        told = gettext("Order %(order)s is placed. Send the buyer their link.") % {"order": order}
        messages.success(request, told)
        return HttpResponseRedirect(sight.order_address(order.pk))

    def _page(self, request, cart, form, *, problem=""):
        typed = request.POST.get("product", "")
        found = contents.of(request.organization, cart.pk, now=timezone.now())
        kept = [item.variant_id for item in found.items]
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("New order"),
            "opts": self.opts,
            "cart": cart,
            "form": form,
            "groups": [
                (title, [form[name] for name in names])
                for title, names in (
                    (gettext("Customer"), form.CONTACT),
                    (gettext("Address"), form.ADDRESS),
                    (gettext("More"), form.EXTRAS),
                )
            ],
            "problem": problem,
            "lines": [_line(item, request.organization.currency) for item in found.items],
            "typed": typed,
            "found": baskets.find_variants(typed, besides=kept),
            "places": known_places.suggestions(),
            "media": self.media + form.media,
            **_summary(request.organization, cart, found, form),
        }
        return TemplateResponse(request, "admin/orders/draft.html", context)


def _address(cart) -> str:
    return reverse("admin:orders_cart_change", args=[cart.pk])


def _line(item, currency: str) -> dict:
    return {
        "key": item.variant_id,
        "name": f"{item.name} {item.label}".strip(),
        "sku": item.sku,
        "price": money.label(item.unit_price, currency),
        "quantity": item.quantity,
        "left": item.available,
        "problem": item.problem(),
    }


def _chosen_account(organization, typed: str) -> PaymentAccount | None:
    known = {str(account.pk): account for account in paying.accounts(organization)}
    return known.get(typed)


def _summary(organization, cart, found, form) -> dict:
    """Give ways of delivery and to pay for what is typed so far, and what it would cost."""
    municipality = _place_of(form)
    if municipality is None or not found:
        return {"options": [], "accounts": [], "sums": []}
    currency = organization.currency
    voucher, refusal = _voucher(organization, cart, found)
    basket = checkout.basket_of(organization, found, voucher)
    chosen_code = cart.draft.get("delivery_code") or ""
    offered, nowhere = quotes.choices(municipality, basket, chosen=chosen_code)
    quote = next(
        (one for one in offered if one.code == chosen_code),
        offered[0] if offered else None,
    )
    known = paying.accounts(organization)
    chosen = next((one for one in known if str(one.pk) == cart.draft.get("account")), None)
    chosen = chosen or (known[0] if known else None)
    is_cash = chosen is not None and chosen.provider == PaymentAccount.Provider.CASH
    price = pricing.price(
        found.items,
        currency=currency,
        voucher=voucher,
        quote=quote,
        cash_on_delivery=is_cash,
    )
    purchase = Purchase(
        total=price.total,
        currency=currency,
        municipality_code=municipality.code,
        allows_cash_on_delivery=bool(quote and quote.allows_cash_on_delivery),
        customer=cart.customer,
    )
    rows = [
        (gettext("Subtotal"), price.subtotal),
        (gettext("Discount"), -price.discount),
        (gettext("Delivery"), price.shipping),
        (gettext("Paying on delivery"), price.cash_fee),
        (gettext("Total"), price.total),
    ]
    return {
        "options": [
            {
                "code": one.code,
                "label": f"{one.label} · {money.label(one.cost, currency)} · {one.days_label}",
                "is_chosen": quote is not None and one.code == quote.code,
            }
            for one in offered
        ],
        "accounts": [
            {
                "key": choice.account.pk,
                "label": f"{choice.account} ({choice.refusal})"
                if choice.refusal
                else str(choice.account),
                "is_chosen": chosen is not None and choice.account.pk == chosen.pk,
                "is_refused": bool(choice.refusal),
            }
            for choice in paying.choices(organization, purchase)
        ],
        "sums": [(name, money.label(amount, currency)) for name, amount in rows if amount],
        "seen_total": price.total,
        "voucher_refusal": refusal,
        "nowhere": _nowhere(nowhere),
    }


def _nowhere(refusal: quotes.NotDelivered | None) -> str:
    """Say why nothing brings it there, with what staff can do about it."""
    if type(refusal) is quotes.NotDelivered:
        return gettext("Nothing of yours goes there with this weight and value.")
    if isinstance(refusal, quotes.NoOrigin):
        return gettext("Say from where you send: carriers give prices only then.")
    return str(refusal or "")


def _voucher(organization, cart, found):
    """Give the voucher as far as it may be used, or why it may not."""
    if not cart.voucher_code:
        return None, ""
    try:
        voucher = vouchers.usable(
            cart.voucher_code,
            subtotal=found.subtotal,
            currency=organization.currency,
            now=timezone.now(),
            customer=cart.customer,
        )
    except vouchers.VoucherRefused as error:
        return None, str(error)
    return voucher, ""


def _place_of(form):
    """Give the place that is typed, also in a form that was only filled from the draft."""
    if form.is_bound:
        form.is_valid()
        return getattr(form, "municipality", None)
    filled = DraftForm(form.initial)
    filled.is_valid()
    return getattr(filled, "municipality", None)
