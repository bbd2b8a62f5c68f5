"""The pages of an order: for whoever holds its token, and for the account it belongs to."""

from functools import partial, wraps

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
    require_POST,
    require_safe,
)

from config.lib.errors import DomainError
from config.lib.visitor import address as address_of
from shop.accounts.views import account_page

from .. import (
    agreement,
    cart,
    cart_joining,
    charging,
    confirmation,
    paying,
    proofs,
    returns,
    tokens,
)
from ..models import PaymentAttempt
from ..order_state import State
from . import asking, buyer_wishes, order_list, order_page, saved_cards, tracking
from .order_forms import ProofForm, ReturnForm
from .visitor_cart import Visitor

# No cache keeps it, no search engine lists it, and no other site learns the token in its address.
PRIVATE = {
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow",
}


def with_order(view):
    """Open the page to whoever holds the order's token; to everybody else it does not exist."""

    @wraps(view)
    def page(request, token, **kwargs):
        order = tokens.order_of(request.organization, token, order_page.queryset())
        if order is None:
            raise Http404
        return _private(view(request, order, **kwargs))

    return page


def _private(answer):
    for name, value in PRIVATE.items():
        answer[name] = value
    return answer


# --- Looking --------------------------------------------------------------------------------------


@with_order
@require_safe
def order_detail(request, order):
    return _show(request, order)


def _show(request, order, *, proof_form=None, status=200):
    state = _state(order)
    context = (
        order_page.context(state)
        | saved_cards.context(request, state)
        | {"proof_form": proof_form or ProofForm(), "robots": "noindex, nofollow"}
    )
    return render(request, "orders/order.html", context, status=status)


def _state(order):
    return State(order, now=timezone.now(), is_asking=asking.is_back(order))


@with_order
@require_GET
def order_status(request, order):
    """Give the changing part of the page, or nothing when the asker has what there is."""
    state = _state(order)
    asking.while_waiting(state, now=state.now)
    if request.GET.get("stamp") == order_page.stamp(state):
        return HttpResponse(status=204)
    context = (
        order_page.context(state)
        | saved_cards.context(request, state)
        | {"proof_form": ProofForm()}
    )
    return render(request, "orders/_order.html", context)


@require_safe
def order_track(request):
    """Tell anybody how far an order is, in one word and nothing of whose it is."""
    found = tracking.look(request)
    context = {"found": found, "robots": "noindex, nofollow"}
    answer = render(request, "orders/track.html", context, status=429 if found.wait else 200)
    if found.wait:
        answer["Retry-After"] = str(found.wait)
    return _private(answer)


@account_page
@require_safe
def order_list_view(request, customer):
    context = order_list.page(customer, before=request.GET.get("antes", ""))
    return render(request, "orders/order_list.html", context)


# --- Paying ---------------------------------------------------------------------------------------


@with_order
@require_POST
def order_agree(request, order):
    """Let the buyer accept the terms of an order that staff made for them."""
    if request.POST.get("terms") != "on":
        messages.error(request, _("Accept the terms of sale to go on."))
        return _to_order(order)
    try:
        agreement.accept(
            order,
            version=request.POST.get("terms_version", ""),
            address=address_of(request),
            now=timezone.now(),
        )
    except DomainError as error:
        messages.error(request, str(error))
    return _to_order(order)


@with_order
@require_POST
def order_pay(request, order):
    """Open a payment by the chosen way, and send the buyer to its page when it has one."""
    state = _state(order)
    chosen = [
        one.account
        for one in order_page.choices(order)
        if str(one.account.pk) == request.POST.get("account") and not one.refusal
    ]
    if not state.may_pay:
        messages.info(request, state.headline.title)
        return _to_order(order)
    if card := saved_cards.chosen(request, order):
        return _do(request, order, partial(charging.pay, method=card), "")
    if not chosen:
        messages.error(request, _("Choose how you want to pay."))
        return _to_order(order)
    back = request.build_absolute_uri(reverse("orders:order-return", args=[_token(order)]))
    saved_cards.note_wish(request, order, chosen[0], now=state.now)
    try:
        attempt = paying.start(order, return_url=back, now=state.now, account=chosen[0])
    except DomainError as error:
        messages.error(request, str(error))
        return _to_order(order)
    return redirect(attempt.url) if attempt.url else _to_order(order)


@with_order
@require_safe
def order_return(request, order):
    """Come back from a payment page: its address proves nothing, so the gateway is asked."""
    # Every gateway adds the name of the payment; who turned back on its page comes without.
    asking.came_back(order, has_paid="id" in request.GET)
    return _to_order(order)


@with_order
@require_http_methods(["GET", "HEAD", "POST"])
def order_proof(request, order):
    """Take the receipt of a transfer, or show the buyer the one that was sent."""
    if request.method != "POST":
        attempt = order.attempts.exclude(proof="").first()
        return _file(proofs.kept(attempt))
    form = ProofForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            proofs.receive(order, form.cleaned_data["proof"], now=timezone.now())
        except DomainError as error:
            form.add_error("proof", str(error))
        else:
            messages.success(request, _("Thank you. We look for your transfer."))
            return _to_order(order)
    return _show(request, order, proof_form=form, status=400)


@require_safe
def proof_file(request, pk):
    """Show a proof to staff who may see payments (see roles.py)."""
    attempt = get_object_or_404(PaymentAttempt, pk=pk)
    return _private(_file(proofs.kept(attempt)))


def _file(kept):
    if kept is None:
        raise Http404
    # A PDF may hold scripts: it is opened by a reader, never by this page's address.
    return FileResponse(
        kept.file,
        content_type=kept.content_type,
        filename=kept.name,
        as_attachment=kept.content_type == "application/pdf",
    )


# --- Deciding -------------------------------------------------------------------------------------


@with_order
@require_http_methods(["GET", "HEAD", "POST"])
def order_confirm(request, order, confirmation_token):
    """Show a button, and confirm when it is pressed: mail scanners follow links, not buttons."""
    if not tokens.confirms(order, confirmation_token):
        raise Http404
    if request.method == "POST":
        return _do(request, order, confirmation.confirm_by_word, _("Your order is confirmed."))
    state = _state(order)
    if not state.waits_for_word or state.is_over:
        return _to_order(order)
    context = order_page.context(state) | {"robots": "noindex, nofollow"}
    return render(request, "orders/order_confirm.html", context)


@with_order
@require_http_methods(["GET", "HEAD", "POST"])
def order_cancel(request, order):
    if request.method == "POST":
        return _do(request, order, buyer_wishes.cancel, _("Your order is cancelled."))
    state = _state(order)
    if not state.may_cancel:
        return _to_order(order)
    context = order_page.context(state) | {"robots": "noindex, nofollow"}
    return render(request, "orders/order_cancel.html", context)


@with_order
@require_POST
def order_change(request, order):
    """Drop an unpaid order and go on with a cart that holds the same."""
    try:
        cart_id = buyer_wishes.change(order, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
        return _to_order(order)
    messages.info(request, _("Your order is a cart again. Change it and place it anew."))
    return _to_cart(request, order, cart_id)


@with_order
@require_POST
def order_again(request, order):
    return _to_cart(request, order, buyer_wishes.again(order))


@with_order
@require_http_methods(["GET", "HEAD", "POST"])
def order_return_request(request, order):
    """Ask to give something back; the law's rules stand beside the form."""
    now = timezone.now()
    if order.status not in order_page.RETURNABLE:
        return _to_order(order)
    form = ReturnForm(request.POST or None, order=order, now=now)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            returns.request(
                order,
                kind=values["kind"],
                quantities=form.quantities(),
                reason=values["reason"],
                refund_to=values["refund_to"],
                now=now,
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("We received your request and answer by e-mail."))
            return _to_order(order)
    context = order_page.context(_state(order)) | {"form": form, "robots": "noindex, nofollow"}
    status = 400 if form.errors else 200
    return render(request, "orders/order_return.html", context, status=status)


def _do(request, order, operation, words):
    try:
        operation(order, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        if words:
            messages.success(request, words)
    return _to_order(order)


def _token(order):
    return tokens.for_order(order)


def _to_order(order):
    return redirect("orders:order-detail", _token(order))


def _to_cart(request, order, cart_id):
    """Put what an order held into the visitor's own cart, with what was typed for it."""
    visitor, now, organization = Visitor(request), timezone.now(), order.organization
    own_id = visitor.cart_id if visitor.user else visitor.cookie_id
    customer = visitor.customer
    held_id = cart_joining.restore(organization, cart_id, own_id, now=now, customer=customer)
    held = cart.opened(organization, held_id)
    if held is None:
        return redirect("orders:cart-detail")
    # Whoever holds the order's token sees all of this on its page already.
    cart.keep_draft(held, buyer_wishes.typed(order), now=now)
    answer = redirect("orders:cart-detail")
    return visitor.remember(answer, held_id, cart.count_of(held_id))
