"""Pages and files that every shop has: words, branding, sitemap, the visitor's own part."""

from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.static import serve

from .. import addresses, branding, organizations, page_cache, pages
from . import icons, lists, seo, service_worker, shell, sitemaps
from .wisher import Wisher

_YEAR = 365 * 24 * 3600
_LONGEST_WAY_BACK = 2_000


@require_safe
def page(request, slug):
    shown = pages.by_slug(slug)
    if shown is None:
        raise Http404
    organization = request.organization
    trail = [(_("Home"), addresses.HOME), (str(shown.label), "")]
    context = {
        "page": {
            "title": shown.title,
            "body_html": pages.body(shown, organization),
            "updated_label": shown.updated_label,
        },
        "pages": pages.links(organization, current=slug),
        "breadcrumbs": trail,
        "page_title": f"{shown.title} · {organization.name}",
        "page_description": shown.description,
        "social_picture_url": seo.social_picture(request),
    }
    answer = shell.shared_page(
        request,
        "shop/page.html",
        context,
        path=shown.url,
        structured=[seo.organization(request), seo.breadcrumbs(request, trail)],
    )
    return page_cache.share(answer)


# --- Branding ---------------------------------------------------------------------------------


@require_safe
def stylesheet(request):
    written = branding.stylesheet(request.organization)
    answer = HttpResponse(written, content_type="text/css; charset=utf-8")
    return _kept_by_version(request, answer, branding.version(written))


@require_safe
def icon(request, name):
    if name not in branding.ICONS:
        raise Http404
    organization = request.organization
    answer = HttpResponse(icons.png(organization, name), content_type="image/png")
    return _kept_by_version(request, answer, branding.icon_version(organization))


def _kept_by_version(request, answer: HttpResponse, version: str) -> HttpResponse:
    """Let browsers keep an answer for good under an address that names its version."""
    if request.GET.get("v") == version:
        answer["Cache-Control"] = f"public, max-age={_YEAR}, immutable"
    else:
        answer["Cache-Control"] = "public, max-age=300"
    return answer


@require_safe
def manifest(request):
    written = branding.manifest(request.organization)
    answer = JsonResponse(written, content_type="application/manifest+json")
    # In the language of the visitor, so nothing between us and them may keep it.
    answer["Cache-Control"] = "private, max-age=300"
    return answer


@require_safe
def media(request, path):
    """Send a picture from the disk; a proxy or an object storage does so itself."""
    answer = serve(request, path, document_root=settings.MEDIA_ROOT)
    # Not every machine's table knows the kind in which we keep every picture.
    answer["Content-Type"] = "image/webp"
    # A picture's address holds its own key: what is there never changes.
    answer["Cache-Control"] = f"public, max-age={_YEAR}, immutable"
    return answer


# --- The shop as an app -----------------------------------------------------------------------


@require_safe
def service_worker_script(request):
    answer = HttpResponse(service_worker.script(), content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = "no-cache"
    answer["Service-Worker-Allowed"] = "/"
    return answer


@require_safe
def offline(request):
    answer = HttpResponse(render_to_string("offline.html"))
    return page_cache.share(answer)


# --- Search engines ---------------------------------------------------------------------------


@require_safe
def robots(request):
    written = sitemaps.robots(request.organization, seo.absolute(request, "/sitemap.xml"))
    answer = HttpResponse(written, content_type="text/plain; charset=utf-8")
    answer["Cache-Control"] = "public, max-age=300"
    return answer


@require_safe
def sitemap(request):
    return page_cache.share(_xml(sitemaps.index(request.organization, seo.origin(request))))


@require_safe
def sitemap_pages(request):
    return page_cache.share(_xml(sitemaps.fixed_pages(request.organization, seo.origin(request))))


@require_safe
def sitemap_posts(request):
    organization, origin = request.organization, seo.origin(request)
    return page_cache.share(_xml(sitemaps.posts(organization, origin, now=timezone.now())))


@require_safe
def sitemap_products(request, first: UUID):
    organization, origin = request.organization, seo.origin(request)
    return _xml(sitemaps.products(organization, origin, first=first, now=timezone.now()))


def _xml(written: str) -> HttpResponse:
    return HttpResponse(written, content_type="application/xml; charset=utf-8")


# --- The visitor's own ------------------------------------------------------------------------


@never_cache
@require_safe
def visitor(request):
    wisher = Wisher(request)
    # A stranger without favourites costs no query.
    wishes = " ".join(str(key) for key in wisher.keys)
    context = {"membership": request.membership, "wishes": wishes}
    answer = render(request, "shop/_visitor.html", context)
    answer["Cache-Control"] = "no-store, private"
    return wisher.remember(answer)


@never_cache
@require_safe
def choose_language(request, code):
    if code not in dict(settings.LANGUAGES):
        raise Http404
    return _remember(request, settings.LANGUAGE_COOKIE_NAME, code)


@never_cache
@require_safe
def choose_view(request, kind):
    if kind not in lists.VIEWS:
        raise Http404
    return _remember(request, page_cache.VIEW_COOKIE, kind)


def _remember(request, cookie: str, value: str) -> HttpResponse:
    """Keep a choice for a year and go on where the visitor was."""
    answer = HttpResponseRedirect(_way_back(request))
    answer.set_cookie(
        cookie,
        value,
        max_age=_YEAR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return answer


def _way_back(request) -> str:
    """Give the page to go on with: the one asked for, else the one before, if it is ours."""
    before = request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(before, allowed_hosts={organizations.host_of(request)}):
        before = urlsplit(before)._replace(scheme="", netloc="").geturl()
    # Without allowed hosts only a path passes: nobody is sent away from this shop.
    for wanted in (request.GET.get("next", ""), before):
        is_ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
        if is_ours and wanted.startswith("/") and len(wanted) <= _LONGEST_WAY_BACK:
            return wanted
    return addresses.HOME
