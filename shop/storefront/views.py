"""The storefront's pages: the same for every visitor, whose own part comes as a fragment."""

from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from config.lib.skeletons import Skeleton

from .. import addresses, content, front, page_cache, previews
from . import (
    browsing,
    finding,
    home_page,
    lists,
    posts,
    product_page,
    seo,
    shell,
    shelves,
    surroundings,
)

_product = Skeleton("shop/product.html")
_product_list = Skeleton("shop/list.html")
# Beside the products that were searched.
_MOST_POSTS = 3


@require_safe
def home(request):
    shown = front.published(request.organization)
    context = home_page.context(request.organization, shown, now=timezone.now())
    structured = [seo.organization(request), seo.website(request)]
    page = shell.shared_page(
        request, "shop/home.html", context, path=addresses.HOME, structured=structured
    )
    return page_cache.share(page)


@never_cache
@require_safe
def preview(request, token):
    """Show the home page as it will be when it is published, to who has a fresh link."""
    organization, now = request.organization, timezone.now()
    if previews.read(organization, previews.FRONT, token) != organization.pk:
        raise Http404
    shown = front.draft(organization)
    context = home_page.context(organization, shown, now=now)
    answer = shell.shared_page(
        request,
        "shop/home.html",
        {**context, "is_preview": True, "robots": "noindex"},
        path=addresses.HOME,
        parts=shell.render(organization, shown, now=now),
    )
    answer["Cache-Control"] = "no-store, private"
    answer["X-Robots-Tag"] = "noindex"
    return answer


@require_safe
def product_list(request):
    return _list(request, None, addresses.PRODUCTS, _("All products"))


@require_safe
def category(request, slug):
    shelf = shelves.of(request.organization).by_slug.get(slug)
    if shelf is None:
        raise Http404
    return _list(request, shelf, shelf.url, shelf.label)


def _list(request, shelf, path, heading):
    now = timezone.now()
    kept = shelves.of(request.organization)
    selection = browsing.read_selection(request.GET, kept, shelf=shelf)
    page = browsing.page(request.organization, selection, now=now)
    context = {
        "heading": heading,
        "intro": shelf.description if shelf else "",
        "page_title": f"{heading} · {request.organization.name}",
        "page_description": (shelf and shelf.description) or request.organization.tagline,
    }
    context |= lists.context(request, selection, page, path=path, now=now)
    context["banners"] = _banners(request.organization, shelf, now=now)
    answer = _list_page(request, context, path=path)
    return page_cache.share(answer) if lists.may_be_shared(request.GET) else answer


def _banners(organization, shelf, *, now):
    """Give the banner of a category, or of every one."""
    if shelf is None:
        return ""
    shown = front.published(organization)
    return surroundings.banners(shown, "category", now=now, category=str(shelf.id))


def _list_page(request, context, *, path):
    """Write a list, whichever words or shelf it is of."""
    trail = context.pop("trail")
    unsaid = {
        "posts": "",
        "banners": "",
        "query": "",
        "is_unasked": False,
        "corrected": "",
        "as_typed_url": "",
    }
    values = {**unsaid, **context, "breadcrumbs": shell.breadcrumbs(trail)}
    structured = [seo.breadcrumbs(request, trail)]
    return shell.shared_page(request, _product_list, values, path=path, structured=structured)


@require_safe
def product(request, slug):
    now, organization = timezone.now(), request.organization
    found = product_page.visible(organization, slug, now=now)
    if found is None:
        raise Http404
    sku = request.GET.get("variante", "")
    facts = product_page.describe(organization, found, sku=sku, origin=seo.origin(request))
    trail = lists.breadcrumbs(organization, found["category_id"], found["name"])
    context = {
        **product_page.parts(organization, found, facts, now=now),
        "breadcrumbs": shell.breadcrumbs(trail),
        "page_title": f"{found['name']} · {organization.name}",
        "page_description": found["summary"],
        "social_picture_url": seo.social_picture(request, facts["product"]["pictures"]),
    }
    structured = [
        seo.product(request, {**facts, "breadcrumbs": trail}),
        seo.breadcrumbs(request, trail),
    ]
    path = addresses.product(slug)
    answer = shell.shared_page(request, _product, context, path=path, structured=structured)
    known = {"", *(variant["sku"] for variant in facts["variants"])}
    only_sku = not set(request.GET) - {"variante"}
    return page_cache.share(answer) if sku in known and only_sku else answer


@require_safe
def search_results(request):
    now = timezone.now()
    organization = request.organization
    kept = shelves.of(organization)
    selection = browsing.read_selection(request.GET, kept)
    found = finding.find(organization, selection, now=now)
    typed = selection.typed
    context = {
        "heading": _("Search"),
        "intro": "",
        "page_title": f"{typed or _('Search')} · {organization.name}",
        "robots": "noindex",
        "query": typed,
        "is_unasked": not typed,
        **lists.correction(found, selection),
    }
    context["posts"] = _posts(organization, found.selection, now=now)
    path = addresses.SEARCH
    context |= lists.context(request, found.selection, found.page, path=path, now=now, typed=typed)
    return _list_page(request, context, path=path)


def _posts(organization, selection, *, now):
    """Give the articles and rituals with the same words, beside the first page of products."""
    if selection.cursor is not None or selection.has_filters or selection.shelf is not None:
        return ""
    return posts.cards(content.found(organization, selection.words, now=now, most=_MOST_POSTS))


@require_safe
def search_suggestions(request):
    typed = request.GET.get("q", "")
    context = finding.suggestions(request.organization, typed, now=timezone.now())
    answer = render(None, "shop/_suggestions.html", context)
    answer["Cache-Control"] = "no-cache"
    return answer
