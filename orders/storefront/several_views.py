"""Several products of a text put in the cart with one press."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from config.lib.errors import DomainError
from config.lib.skeletons import Skeleton
from shop.storefront.own_pages import from_own_pages

from .. import cart_several
from ..cart_several import CartRefused
from .cart_views import in_cart, personal, refused, wants_part
from .visitor_cart import Visitor

_added = Skeleton("orders/_cart_added.html")


@from_own_pages
@require_POST
def add(request):
    """Put everything that was chosen in the cart, as adding a single product does."""
    visitor, now = Visitor(request), timezone.now()
    if visitor.user and visitor.cookie_id:
        visitor.join(now=now)
    try:
        several = cart_several.add(
            request.organization,
            visitor.cart_id if visitor.user else visitor.cookie_id,
            cart_several.read(request.POST.getlist("variant")),
            now=now,
            customer=visitor.customer,
        )
        if not several.puts:
            raise CartRefused(several.words())
    except DomainError as error:
        return refused(request, error)
    last = several.puts[-1]
    if wants_part(request):
        words = {
            "words": several.words(),
            "is_less": several.is_less,
            "count": str(last.count),
            "count_label": in_cart(last.count),
        }
        answer = personal(HttpResponse(_added.fill(words)))
    else:
        tell = messages.warning if several.is_less else messages.success
        tell(request, several.words())
        answer = redirect("orders:cart-detail")
    return visitor.remember(answer, last.cart_id, last.count)
