"""How often somebody may ask: counted in Valkey, for each organization on its own."""

import ipaddress
import logging
import time

import redis
from django.conf import settings
from django.core.cache import cache
from rest_framework.throttling import BaseThrottle

from config.lib import visitor

logger = logging.getLogger(__name__)

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def rate(written: str) -> tuple[int, int]:
    """Read a rate such as "120/m" as a number and seconds."""
    number, _slash, period = written.partition("/")
    return int(number), _SECONDS[period]


def client_address(request) -> str:
    """Give the address a request came from, as far as one customer of a provider has only one."""
    address = visitor.address(request) or ""
    if ":" in address:
        # A household or a rented server holds a whole /64.
        return str(ipaddress.ip_network((address, 64), strict=False))
    return address


class Throttle(BaseThrottle):
    """So many requests in each window; parallel ones are all counted."""

    name = ""

    def who(self, request) -> str | None:
        """Give whom this throttle counts, or None when it does not concern them."""
        raise TypeError("A throttle says whom it counts.")

    def allow_request(self, request, view) -> bool:
        who = self.who(request)
        if who is None:
            return True
        most, seconds = rate(settings.API_RATES[self.name])
        window, self._elapsed = divmod(time.time(), seconds)
        self._seconds = seconds
        organization = getattr(request, "organization", None)
        key = f"api:{getattr(organization, 'pk', '')}:{self.name}:{who}:{int(window)}"
        try:
            cache.add(key, 0, timeout=seconds + 1)
            return cache.incr(key) <= most
        except (redis.RedisError, ValueError):
            # Without the counter the shop stays open; sign-in has a lock-out of its own.
            logger.exception("Requests could not be counted")
            return True

    def wait(self) -> float:
        return self._seconds - self._elapsed


class AnonymousThrottle(Throttle):
    """Visitors, by address."""

    name = "anonymous"

    def who(self, request):
        return None if request.user.is_authenticated else client_address(request)


class UserThrottle(Throttle):
    """Signed-in people, by person."""

    name = "user"

    def who(self, request):
        return str(request.user.pk) if request.user.is_authenticated else None


class TokenThrottle(Throttle):
    """Those who try to sign in, by address."""

    name = "token"

    def who(self, request):
        return client_address(request)
