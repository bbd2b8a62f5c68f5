"""How often a password may be tried: by e-mail from one address, and by address.

django-axes watches every sign-in, the API's as well, and asks the class below. A try counts before
the password is looked at, so that a hundred guesses at once are not more than five. All keys carry
the organization: an attack on one shop locks nobody out of another.
"""

import hashlib
from contextlib import suppress

from axes.handlers.base import AxesHandler
from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext_lazy as _

from config.lib import visitor

MESSAGE = _("Too many wrong tries. Wait 15 minutes, or ask for a sign-in link by e-mail.")


class Lockout(AxesHandler):
    """Counts tries in the cache; which organization, e-mail and address is all it looks at."""

    def is_allowed(self, request, credentials=None):
        request.axes_credentials = credentials
        counts = [(key, limit, _count(key)) for key, limit in _limits(request, credentials)]
        for key, limit, count in counts:
            if count == limit:
                # From the last try that counts, not from the first.
                cache.touch(key, _seconds())
        return all(count <= limit for _key, limit, count in counts)

    def is_locked(self, request, credentials=None):
        keys = dict(_limits(request, credentials))
        counts = cache.get_many(keys)
        return any(counts.get(key, 0) >= limit for key, limit in keys.items())

    def get_failures(self, request, credentials=None):
        (key, _limit), *_others = _limits(request, credentials)
        return cache.get(key, 0)


def forgive(request, email: str) -> None:
    """Forget this person's wrong tries: the password was right."""
    (person, _most), (address, _many) = _limits(request, {"email": email})
    cache.delete(person)
    # Only this try: one right password does not make an attacker's address innocent.
    with suppress(ValueError):
        cache.decr(address)


def answer(request, response=None, credentials=None):
    """Give the page with the message in it the status that says: too many."""
    if response is not None and response.status_code == 200:
        response.status_code = settings.AXES_HTTP_RESPONSE_CODE
    if response is not None:
        response.headers["Retry-After"] = str(_seconds())
    return response


def _seconds() -> int:
    return int(settings.AXES_COOLOFF_TIME.total_seconds())


def _limits(request, credentials) -> list[tuple[str, int]]:
    """Give the keys to count under, each with the most tries."""
    organization = getattr(request, "organization", None)
    email = ((credentials or {}).get("email") or "").strip().lower()
    scope = f"{organization.pk if organization else ''}|{visitor.address(request)}"
    return [
        (_key(f"{scope}|{email}"), settings.AXES_FAILURE_LIMIT),
        (_key(scope), settings.SIGN_IN_TRIES_PER_ADDRESS),
    ]


def _key(text: str) -> str:
    return f"sign-in-tries:{hashlib.blake2b(text.encode(), digest_size=16).hexdigest()}"


def _count(key: str) -> int:
    cache.add(key, 0, _seconds())
    try:
        return cache.incr(key)
    except ValueError:
        # It ran out between the two.
        cache.set(key, 1, _seconds())
        return 1
