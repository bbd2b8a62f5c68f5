"""The visitor's own part of pages that everybody shares, and the mark that says there is one."""

from django.conf import settings

# Read by static/js/fragments.js, which asks for the visitor's part only when it is there.
COOKIE = "kaiu_visitor"
# What a stranger's device keeps for later (see wishlist.py).
WISHES_COOKIE = "kaiu_wishes"


class VisitorMiddleware:
    """Keep the mark while somebody is signed in, has an unread message or keeps favourites.

    It never opens the session of a stranger, and never marks a page that others may be shown.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if getattr(response, "is_shared", False):
            return response
        if getattr(request, "wishes_joined", False):
            # They belong to the account now; whoever uses this device next starts anew.
            response.delete_cookie(WISHES_COOKIE, samesite="Lax")
        is_marked = request.COOKIES.get(COOKIE) == "1"
        has_own_part = (
            _has_news(request) or _has_wishes(request, response) or _is_signed_in(request)
        )
        if has_own_part and not is_marked:
            response.set_cookie(
                COOKIE,
                "1",
                max_age=settings.SESSION_COOKIE_AGE,
                secure=settings.SESSION_COOKIE_SECURE,
                samesite="Lax",
            )
        elif is_marked and not has_own_part:
            response.delete_cookie(COOKIE, samesite="Lax")
        return response


def _has_news(request) -> bool:
    """Say whether this request left a message that no page has shown yet."""
    messages = getattr(request, "_messages", None)
    return messages is not None and messages.added_new and not messages.used


def _has_wishes(request, response) -> bool:
    """Say whether the device keeps favourites after this answer."""
    given = response.cookies.get(WISHES_COOKIE)
    return bool(request.COOKIES.get(WISHES_COOKIE) if given is None else given.value)


def _is_signed_in(request) -> bool:
    session = getattr(request, "session", None)
    if session is None:
        return False
    # Without its cookie a session is empty, unless this request has just signed somebody in.
    may_be = settings.SESSION_COOKIE_NAME in request.COOKIES or session.modified
    return may_be and request.user.is_authenticated
