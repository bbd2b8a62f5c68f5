"""The checkout: one page that becomes one order, however often it is sent."""

from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from config.lib import money
from config.lib.errors import DomainError
from config.lib.skeletons import Skeleton
from config.lib.visitor import address as address_of
from logistics.quotes import CarriersSilent, NoOrigin, NotDelivered, PriceGone
from shop import places
from shop.models import Municipality
from shop.storefront.own_pages import from_own_pages

from .. import cart, checkout, tokens
from ..agreement import TermsNotAccepted
from ..subscriptions import beginning, keeping
from . import (
    cart_page,
    cart_views,
    checkout_form,
    checkout_page,
    order_entrance,
    voucher_guesses,
)
from .checkout_form import NEW_ADDRESS, CheckoutForm
from .checkout_page import Typed
from .visitor_cart import Visitor

_page = Skeleton("orders/checkout.html")
# How a script tells the parts of one answer apart.
_part = Skeleton("orders/_checkout_part.html")

_FIELD_OF = {
    checkout.PaymentNotOffered: "account",
    checkout.AddressMissing: "line",
    TermsNotAccepted: "terms",
    NotDelivered: "delivery",
    PriceGone: "delivery",
    CarriersSilent: "delivery",
    NoOrigin: "delivery",
}


class Buying:
    """One request to the checkout: who asks, for which cart, and what they typed so far."""

    def __init__(self, request):
        self.request = request
        self.organization = request.organization
        self.visitor = Visitor(request)
        self.now = timezone.now()
        customer = self.visitor.customer
        self.saved = (
            list(customer.addresses.select_related("municipality__department")) if customer else []
        )

    def look(self):
        """Give the cart as it stands now, read again."""
        return cart_page.look(
            self.organization, self.visitor.cart, now=self.now, customer=self.visitor.customer
        )

    def offer(self, seen, values, municipality):
        return checkout_page.offer(
            self.organization,
            seen,
            municipality=municipality,
            delivery=values.get("delivery") or "",
            account=values.get("account") or "",
            customer=self.visitor.customer,
            plan=values.get("plan") or "",
        )

    def place_of(self, values):
        """Give the place that the fields mean, and those to choose from."""
        saved = next((one for one in self.saved if one.pk.hex == values.get("address")), None)
        if saved:
            return saved.municipality, []
        return checkout_form.find_place(
            *(values.get(name) or "" for name in ("place", "municipality", "department"))
        )

    def first_values(self) -> dict[str, str]:
        """Give what stands in the fields at first: what was typed before, else the account's."""
        draft = self.visitor.cart.draft
        customer = self.visitor.customer
        known = {}
        if customer:
            known = {
                name: str(getattr(customer, name) or "")
                for name in ("name", "email", "phone", "document_type", "document_number")
            }
            known["address"] = self.saved[0].pk.hex if self.saved else NEW_ADDRESS
        return {**known, **{name: str(value) for name, value in draft.items()}}

    def show(self, values, *, errors=None, suggestions=(), place=None, seen=None, status=200):
        """Write the page with these fields, drawn with the prices of this moment."""
        seen = seen or self.look()
        offered = self.offer(seen, values, place)
        typed = Typed(values=values, errors=errors or {}, suggestions=suggestions, saved=self.saved)
        token = tokens.for_cart(self.organization, self.visitor.cart.id, purpose="checkout")
        parts = checkout_page.page_values(
            offered, typed, token=token, wants_news=values.get("marketing") == "on"
        )
        page = cart_views.own_page(self.request, _page, _("Checkout"), parts)
        page.status_code = status
        return page


@from_own_pages
@require_http_methods(["GET", "HEAD", "POST"])
def page(request):
    buying = Buying(request)
    return _send(buying) if request.method == "POST" else _open(buying)


def _open(buying):
    """Show the page of a cart that can be ordered; else lead to where one goes on."""
    if buying.visitor.cart is None:
        order = order_entrance.of_cart(buying.organization, buying.visitor.cookie_id)
        # Who goes back or reloads after ordering finds the order, and no empty form.
        return redirect(order_entrance.page(order)) if order else redirect("orders:cart-detail")
    seen = buying.look()
    if not seen.inside or seen.missing:
        return redirect("orders:cart-detail")
    values = buying.first_values()
    place, suggestions = buying.place_of(values)
    return buying.show(values, suggestions=suggestions, place=place, seen=seen)


@require_safe
def delivery(request):
    """Give the parts that a change of place, delivery or payment draws anew."""
    buying = Buying(request)
    if buying.visitor.cart is None:
        return HttpResponse(status=204)
    names = (*checkout_form.DRAFT, "keep")
    values = {name: request.GET.get(name, "")[:200] for name in names}
    place, suggestions = buying.place_of(values)
    offered = buying.offer(buying.look(), values, place)
    parts = checkout_page.parts(offered, Typed(values=values, suggestions=suggestions))
    written = _part.join({"name": name, "html": html} for name, html in parts.items())
    return cart_views.personal(HttpResponse(written))


def _send(buying):
    """Do what the pressed button says: place the order, or a step on the way to it."""
    request, organization = buying.request, buying.organization
    cart_id = tokens.cart_of(organization, request.POST.get("cart", ""), purpose="checkout")
    # A cart that is still open has no order.
    if cart_id != buying.visitor.cart_id:
        order = order_entrance.of_cart(organization, cart_id)
        if order is not None:
            return _go_to(buying, order)
    if buying.visitor.cart is None:
        messages.error(request, _("This cart is no longer there. Put the products in a new one."))
        return redirect("orders:cart-detail")
    values = _typed(request)
    step = _step(buying, values)
    if step is not None:
        return step
    form = CheckoutForm(values, saved=buying.saved)
    form.is_valid()
    seen = buying.look()
    if not seen.inside:
        return redirect("orders:cart-detail")
    offered = buying.offer(seen, values, form.place_found)
    errors = _errors(buying, form, offered, values, is_same=cart_id == buying.visitor.cart.id)
    if not errors:
        try:
            order = _place(buying, form, offered, values)
        except DomainError as error:
            seen = None
            errors = {_FIELD_OF.get(type(error), ""): str(error)}
        else:
            return _go_to(buying, order)
    _keep_draft(buying, values)
    return buying.show(
        values,
        errors=errors,
        suggestions=form.suggestions,
        place=form.place_found,
        seen=seen,
        status=422,
    )


def _keep_draft(buying, values) -> None:
    """Keep what was typed while it is no order yet; an order holds it all itself."""
    cart.keep_draft(buying.visitor.cart, checkout_form.draft_of(values), now=buying.now)


def _typed(request) -> dict[str, str]:
    """Give the fields as they were sent; a place that was pressed counts as typed."""
    values = {name: value.replace("\x00", "") for name, value in request.POST.items()}
    code = values.pop("choose", "")
    place = code and Municipality.objects.select_related("department").filter(code=code).first()
    if place:
        values |= {"municipality": place.code, "place": places.label(place), "step": "delivery"}
    return values


def _step(buying, values):
    """Answer a button that is not the last one; None when it is."""
    request, visitor, now = buying.request, buying.visitor, buying.now
    step, fault = values.get("step", ""), {}
    if step or values.get("code") or values.get("fix"):
        _keep_draft(buying, values)
    if values.get("code") and step in ("", "voucher"):
        step = "voucher"
    if step == "cart":
        return redirect("orders:cart-detail")
    try:
        if step == "voucher":
            voucher_guesses.use(
                request,
                visitor.cart,
                buying.look().inside,
                code=values.get("code", ""),
                now=now,
                customer=visitor.customer,
            )
        elif step == "no-voucher":
            cart.remove_voucher(visitor.cart, now=now)
        elif values.get("fix"):
            _fix(buying, values["fix"])
        elif step != "delivery":
            return None
    except DomainError as error:
        fault = {"": str(error)}
    buying.visitor = Visitor(request)
    if (step == "voucher" and not fault) or step == "no-voucher" or values.get("fix"):
        return redirect("orders:checkout")
    place, suggestions = buying.place_of(values)
    status = 422 if fault else 200
    return buying.show(values, errors=fault, suggestions=suggestions, place=place, status=status)


def _fix(buying, wanted: str) -> None:
    """Take of a line what is left, or take it out."""
    key, _colon, quantity = wanted.partition(":")
    line_id, cart_id = cart_views.line_id(key), buying.visitor.cart.id
    if quantity == "0":
        cart.remove(buying.organization, cart_id, line_id, now=buying.now)
    else:
        quantity = cart.read_quantity(quantity)
        cart.change(buying.organization, cart_id, line_id, quantity=quantity, now=buying.now)


def _errors(buying, form, offered, values, *, is_same: bool) -> dict[str, str]:
    """Say beside which field something is missing, in the order of the page."""
    if offered.quote is None or not offered.quote.is_pickup:
        form.require_street()
    found = {name: str(words[0]) for name, words in form.errors.items()}
    quote, account = offered.quote, offered.account
    if form.place_found and quote is None:
        gone = _("This way of delivery is no longer offered. Choose another.")
        found["delivery"] = gone if offered.quotes else str(offered.nowhere)
    if quote and not offered.is_free:
        asked = values.get("account") or ""
        if refusal := offered.refusal_of(asked):
            found["account"] = refusal
        elif account is None or asked != account.pk.hex:
            found["account"] = _("Choose how you want to pay.")
    if values.get("plan") and offered.repeat is None:
        found["plan"] = _("This is no longer offered so. Choose again how often you want it.")
    elif offered.repeat and offered.may_keep and values.get("keep") != "on":
        found["keep"] = _("Allow us to charge your card each time, or choose “Only this time”.")
    problems = [item for item in offered.seen.inside.items if item.is_short]
    for item in problems:
        found[f"line-{item.line_id.hex}"] = f"{item.name}: {item.problem()}"
    if offered.seen.missing:
        currency = buying.organization.currency
        minimum = money.label(offered.seen.minimum, currency)
        found[""] = _("The minimum order is %(minimum)s.") % {"minimum": minimum}
    if not is_same and not found:
        found[""] = _("Your cart changed since this page was opened. Check it and confirm again.")
    if not found and not values.get("seen_total", "").isdecimal():
        found[""] = _("This is the total with delivery. Check it and confirm your order.")
    order = [*CheckoutForm.base_fields, "delivery", "account", "plan", "keep"]
    return {name: found[name] for name in sorted(found, key=lambda one: _place_in(order, one))}


def _place_in(order: list[str], name: str) -> int:
    return order.index(name) if name in order else len(order)


def _place(buying, form, offered, values):
    wish = form.wish(
        buying.request,
        delivery_code=offered.quote.code,
        account=None if offered.is_free else offered.account,
        is_pickup=offered.quote.is_pickup,
        seen_total=int(values["seen_total"][:18]),
    )
    return beginning.place(
        buying.organization,
        buying.visitor.cart.id,
        wish,
        keep=_keep(buying, offered) if offered.may_keep and values.get("keep") == "on" else None,
        now=buying.now,
        customer=buying.visitor.customer,
    )


def _keep(buying, offered):
    """Give what notes, with the order, that its card may be kept."""
    return partial(
        keeping.allow,
        plan=offered.repeat and offered.repeat.plan,
        address=address_of(buying.request),
        now=buying.now,
    )


def _go_to(buying, order):
    """Lead to the payment of an order, or to its page when nothing is to be paid there now."""
    url = order_entrance.payment_url(buying.request, order, now=buying.now)
    return buying.visitor.show_count(redirect(url), 0)
