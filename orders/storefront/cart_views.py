"""The cart's page, and every change of it: as a form that leads back, or in place."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from config.lib.errors import DomainError
from config.lib.skeletons import Skeleton
from shop.storefront import shell
from shop.storefront.own_pages import from_own_pages

from .. import cart, cart_joining, contents, tokens
from . import cart_page, voucher_guesses
from .visitor_cart import Visitor

_page = Skeleton("orders/cart.html")
_added = Skeleton("orders/_cart_added.html")
_notice = Skeleton("orders/_cart_notice.html")
_restore = Skeleton("orders/cart_restore.html")


def personal(response: HttpResponse) -> HttpResponse:
    """Keep what belongs to one visitor out of every cache."""
    response["Cache-Control"] = "no-store, private"
    return response


def own_page(request, template: Skeleton, title: str, values: dict) -> HttpResponse:
    """Write a page of one visitor inside the shop's frame, which is the same for everyone."""
    around = shell.around(request.organization)
    organization = around["organization"]
    frame = {name: value for name, value in around.items() if name != "organization"}
    notices = _notice.join(
        {"text": str(message), "kind": message.level_tag}
        for message in messages.get_messages(request)
    )
    page_title = f"{title} · {organization['name']}"
    # A skeleton takes text alone; what a page leaves out stays out of its words.
    unsaid = dict.fromkeys(
        ("page_description", "canonical_url", "structured_data", "social_picture_url"), ""
    )
    return personal(
        HttpResponse(
            template.fill(
                {
                    **frame,
                    **unsaid,
                    "robots": "noindex",
                    "page_title": page_title,
                    "notices": notices,
                    **values,
                }
            )
        )
    )


def wants_part(request) -> bool:
    """Say whether a script of ours asks, which puts the answer into the page that is there."""
    return request.headers.get("X-Fragment") == "1"


@require_safe
def detail(request):
    visitor, now = Visitor(request), timezone.now()
    seen = _look(visitor, now=now)
    page = own_page(
        request,
        _page,
        _("Your cart"),
        {"cart": cart_page.html(request.organization, seen)},
    )
    return visitor.show_count(page, seen.inside.count)


def _look(visitor, *, now):
    # Who it is matters only to a voucher that each customer may use so often.
    has_voucher = visitor.cart is not None and visitor.cart.voucher_code
    customer = visitor.customer if has_voucher else None
    return cart_page.look(visitor.organization, visitor.cart, now=now, customer=customer)


@from_own_pages
@require_POST
def add(request):
    """Put a product in the cart; a browser without a cart gets one, signed, in a cookie."""
    visitor, now = Visitor(request), timezone.now()
    if visitor.user and visitor.cookie_id:
        visitor.join(now=now)
    try:
        put = cart.add(
            request.organization,
            # As it is in the cookie: a cart that is ordered or gone makes place for a new one.
            visitor.cart_id if visitor.user else visitor.cookie_id,
            sku=_plain(request.POST.get("variant", "")),
            quantity=cart.read_quantity(request.POST.get("quantity")),
            now=now,
            customer=visitor.customer,
        )
    except DomainError as error:
        return refused(request, error)
    return added(request, visitor, put)


def added(request, visitor, put):
    """Say what went in (a cart.Put, or several), in place for a script, else on the cart's page."""
    if wants_part(request):
        words = {
            "words": put.words(),
            "is_less": put.is_less,
            "count": str(put.count),
            "count_label": _in_cart(put.count),
        }
        answer = personal(HttpResponse(_added.fill(words)))
    else:
        (messages.warning if put.is_less else messages.success)(request, put.words())
        answer = redirect("orders:cart-detail")
    return visitor.remember(answer, put.cart_id, put.count)


def _plain(typed: str) -> str:
    """Give what was typed without the character that a database takes in no text."""
    return typed.replace("\x00", "")


def _in_cart(count: int) -> str:
    return ngettext("%(n)d product in your cart", "%(n)d products in your cart", count) % {
        "n": count
    }


def refused(request, error: DomainError):
    if wants_part(request):
        words = {"words": str(error), "is_less": True, "count": "", "count_label": ""}
        return personal(HttpResponse(_added.fill(words), status=409))
    messages.error(request, str(error))
    return redirect("orders:cart-detail")


@from_own_pages
@require_POST
def change(request):
    """Set how many of a line there are."""

    def step(visitor, now):
        line = _line_of(request)
        # The button that was pressed says it all; else the number that was typed.
        typed = request.POST.get("set") or request.POST.get("quantity", "")
        quantity = cart.read_quantity(typed)
        put = cart.change(request.organization, visitor.cart_id, line, quantity=quantity, now=now)
        return (put.words(), "warning") if put.is_less else ("", "")

    return _changed(request, step)


@from_own_pages
@require_POST
def remove(request):
    """Take out one line, or everything."""

    def step(visitor, now):
        if request.POST.get("line") == "all":
            cart.empty(request.organization, visitor.cart_id, now=now)
            return _("Your cart is empty now."), "success"
        cart.remove(request.organization, visitor.cart_id, _line_of(request), now=now)
        return _("It is out of your cart."), "success"

    return _changed(request, step)


@from_own_pages
@require_POST
def voucher(request):
    """Use a voucher, or stop using it."""

    def step(visitor, now):
        if request.POST.get("remove"):
            cart.remove_voucher(visitor.cart, now=now)
            return _("The voucher is taken off."), "success"
        inside = contents.of(request.organization, visitor.cart_id, now=now)
        voucher_guesses.use(
            request,
            visitor.cart,
            inside,
            code=_plain(request.POST.get("code", "")),
            now=now,
            customer=visitor.customer,
        )
        return _("The voucher is in use."), "success"

    return _changed(request, step)


def _changed(request, step):
    """Do one step to the cart and show it: in place for a script, else on its page again."""
    visitor, now = Visitor(request), timezone.now()
    try:
        if visitor.cart is None:
            raise cart.LineGone(_("This cart is no longer there. Put the products in a new one."))
        words, kind = step(visitor, now)
    except DomainError as error:
        words, kind = str(error), "error"
    if not wants_part(request):
        if words:
            messages.add_message(request, _LEVELS[kind], words)
        return redirect(_way_back(request))
    # Read again: the step may have changed everything that was known.
    fresh = Visitor(request)
    seen = _look(fresh, now=now)
    typed = request.POST.get("code", "")[:40] if kind == "error" else ""
    written = cart_page.html(
        request.organization, seen, notice=words, notice_kind=kind, typed_code=typed
    )
    return fresh.show_count(personal(HttpResponse(written)), seen.inside.count)


_LEVELS = {
    "success": messages.SUCCESS,
    "warning": messages.WARNING,
    "error": messages.ERROR,
}


def _way_back(request) -> str:
    """Give the page on which the form stood: the checkout corrects its cart as well."""
    return "orders:checkout" if request.POST.get("from") == "checkout" else "orders:cart-detail"


def _line_of(request):
    return line_id(request.POST.get("line", ""))


def line_id(written: str) -> UUID:
    """Read the key of a line as a form sends it."""
    try:
        return UUID(written)
    except ValueError as error:
        raise cart.LineGone(_("This product is no longer in your cart.")) from error


@from_own_pages
@require_http_methods(["GET", "HEAD", "POST"])
def restore(request, token):
    """Show a saved cart by its link, and put it into the visitor's own when they say so."""
    visitor, now, organization = Visitor(request), timezone.now(), request.organization
    saved_id = tokens.cart_of(organization, token, purpose="restore")
    is_saved = cart_joining.may_be_restored(saved_id)
    inside = contents.of(organization, saved_id if is_saved else None, now=now)
    if request.method == "POST" and inside:
        cart_id = cart_joining.restore(
            organization,
            saved_id,
            visitor.cart_id if visitor.user else visitor.cookie_id,
            now=now,
            customer=visitor.customer,
        )
        if cart_id is not None:
            messages.success(request, _("Your saved cart is here."))
            answer = redirect("orders:cart-detail")
            return visitor.remember(answer, cart_id, cart.count_of(cart_id))
    names = ", ".join(" · ".join(filter(None, (item.name, item.label))) for item in inside.items)
    words = {"names": names, "count_label": _in_saved(inside.count)}
    page = own_page(request, _restore, _("Your saved cart"), words)
    if not inside:
        page.status_code = 410
    return page


def _in_saved(count: int) -> str:
    return ngettext("%(n)d product", "%(n)d products", count) % {"n": count}


@require_safe
def count(request):
    """Say how many things are in the cart, to a signed-in browser that does not know it yet."""
    visitor = Visitor(request)
    number = cart.count_of(visitor.cart_id) if visitor.cart else 0
    return visitor.show_count(personal(JsonResponse({"count": number})), number)
