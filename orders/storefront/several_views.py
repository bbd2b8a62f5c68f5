"""Several products of a text put in the cart with one press."""

from django.utils import timezone
from django.views.decorators.http import require_POST

from config.lib.errors import DomainError
from shop.storefront.own_pages import from_own_pages

from .. import cart_several
from ..cart_several import CartRefused
from .cart_views import added, refused
from .visitor_cart import Visitor


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
    return added(request, visitor, several)
