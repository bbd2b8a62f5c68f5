"""Favourites: keeping a product, letting go of it, and the page that shows them all."""

from uuid import UUID

from django.contrib import messages
from django.db.models import Prefetch
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from config.lib import money
from config.lib.errors import DomainError

from .. import addresses, kits
from ..models import Product, Variant
from ..pictures import rendition
from . import seo
from .own_pages import from_own_pages
from .wisher import Wisher

# A message by WhatsApp names so many; the rest is a number.
_SHARED = 12


def _personal(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store, private"
    return response


@never_cache
@require_safe
def detail(request):
    wisher, now = Wisher(request), timezone.now()
    rows = _rows(request.organization, wisher.keys, now=now)
    context = {
        "rows": rows,
        "is_on_device": wisher.customer is None,
        "share_url": _share_url(request, rows),
        "robots": "noindex",
        "page_title": " · ".join((_("Your favourites"), request.organization.name)),
    }
    return wisher.remember(_personal(render(request, "shop/wishlist.html", context)))


@from_own_pages
@require_POST
def change(request):
    """Keep a product or let go of it; a button of a shared page does not know which it was."""
    wisher = Wisher(request)
    key = _key(request.POST.get("product", ""))
    try:
        if request.POST.get("do") == "remove":
            wisher.remove(key)
            words = _("It is out of your favourites.")
        else:
            product = Product.objects.visible().filter(pk=key).first()
            if product is None:
                raise Http404
            wisher.add(product)
            words = _("%(name)s is in your favourites.") % {"name": product.name}
    except DomainError as error:
        return _answer(request, wisher, key, str(error), is_error=True)
    return _answer(request, wisher, key, words)


def _answer(request, wisher: Wisher, key: UUID, words: str, *, is_error=False) -> HttpResponse:
    if request.headers.get("X-Fragment") == "1":
        values = {"words": words, "is_kept": key in wisher.keys, "count": len(wisher.keys)}
        return wisher.remember(_personal(JsonResponse(values, status=409 if is_error else 200)))
    (messages.error if is_error else messages.success)(request, words)
    return wisher.remember(redirect("shop:wishlist"))


def _key(typed: str) -> UUID:
    try:
        return UUID(typed)
    except ValueError as error:
        raise Http404 from error


def _rows(organization, keys: list[UUID], *, now) -> list[dict]:
    """Give what is kept as it stands now: prices, what is left, and what can be chosen."""
    variants = kits.with_available(Variant.objects.filter(is_active=True))
    found = (
        Product.objects.filter(pk__in=keys)
        .only("name", "slug", "cover", "organization", "listing_price", "has_several_prices")
        .prefetch_related(Prefetch("variants", variants, to_attr="offered"))
    )
    visible = set(Product.objects.visible(now).filter(pk__in=keys).values_list("pk", flat=True))
    products = {product.pk: product for product in found}
    return [
        _row(organization, products[key], is_sold=key in visible) for key in keys if key in products
    ]


def _row(organization, product: Product, *, is_sold: bool) -> dict:
    shown = rendition(product.cover)
    choices = [
        {
            "sku": variant.sku,
            "label": " · ".join(
                filter(None, (variant.label, money.label(variant.price, organization.currency)))
            ),
            "is_available": variant.available > 0,
        }
        for variant in product.offered
    ]
    price = money.label(product.listing_price or 0, organization.currency)
    return {
        "key": product.pk,
        "name": product.name,
        "url": addresses.product(product.slug) if is_sold else "",
        "picture_src": shown.src if shown else "",
        "price_label": (_("From") + f" {price}" if product.has_several_prices else price)
        if is_sold
        else "",
        "choices": choices,
        "has_choice": len(choices) > 1,
        "is_available": is_sold and any(choice["is_available"] for choice in choices),
        "is_sold": is_sold,
    }


def _share_url(request, rows: list[dict]) -> str:
    """Give the link that sends the list to somebody by WhatsApp."""
    sold = [row for row in rows if row["is_sold"]]
    if not sold:
        return ""
    lines = [f"{row['name']}: {seo.absolute(request, row['url'])}" for row in sold[:_SHARED]]
    more = len(sold) - len(lines)
    if more:
        lines.append(ngettext("and %(n)d more", "and %(n)d more", more) % {"n": more})
    title = _("What I like of %(shop)s:") % {"shop": request.organization.name}
    return addresses.whatsapp("", "\n".join([title, *lines]))
