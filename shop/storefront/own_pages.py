"""Forms on pages that everybody shares, which therefore hold no token of one visitor.

A product's page comes whole from a cache, so its "Add to cart" cannot carry a CSRF token. What the
token proves, that the form stood on a page of ours, every browser says by itself with each POST:
`Sec-Fetch-Site` and `Origin` are written by the browser and no page can forge them. Only where a
browser says nothing at all do we fall back: to a token when there is one, else to a page that asks
to confirm and carries one. As a gain, a form typed before signing in (which renews the token) is
still accepted afterwards, so nothing typed is lost.
"""

from functools import wraps

from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt

_SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")


class _Check(CsrfViewMiddleware):
    """Django's check of the token, which gives the reason of a refusal."""

    def _reject(self, request, reason):
        return reason


_token = _Check(lambda request: None)
# Only what refused() needs: the page that tells it.
_refusal = CsrfViewMiddleware(lambda request: None)


def from_own_pages(view):
    """Let forms post here that stand on a page of this shop, shared or not, and no others."""

    @csrf_exempt
    @wraps(view)
    def answer(request, *args, **kwargs):
        if request.method in _SAFE or _says_so(request):
            return view(request, *args, **kwargs)
        reason = _token.process_view(request, None, (), {})
        if reason is None:
            return view(request, *args, **kwargs)
        if _is_silent(request):
            return _ask(request)
        return _refusal._reject(request, reason)

    return answer


def _says_so(request) -> bool:
    """Say whether the browser itself vouches for a page of this very host."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None:
        return site == "same-origin"
    return origin == f"{request.scheme}://{request.get_host()}"


def _is_silent(request) -> bool:
    return not any(name in request.headers for name in ("Sec-Fetch-Site", "Origin", "Referer"))


def _ask(request):
    """Show what was sent with a button to send it again, this time with a token."""
    fields = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name != "csrfmiddlewaretoken"
    ]
    context = {"fields": fields, "robots": "noindex"}
    return render(request, "shop/confirm_again.html", context)
