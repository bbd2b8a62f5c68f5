"""How often somebody may ask: counted in Valkey, for each organization on its own."""

from django.conf import settings
from rest_framework.throttling import BaseThrottle

from config.lib import counting, visitor


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
        organization = getattr(request, "organization", None)
        # Without the counter the shop stays open; sign-in has a lock-out of its own.
        self._wait = counting.wait(
            f"api:{getattr(organization, 'pk', '')}:{self.name}:{who}",
            settings.API_RATES[self.name],
        )
        return not self._wait

    def wait(self) -> float:
        return self._wait


class AnonymousThrottle(Throttle):
    """Visitors, by address."""

    name = "anonymous"

    def who(self, request):
        return None if request.user.is_authenticated else visitor.network(request)


class UserThrottle(Throttle):
    """Signed-in people, by person."""

    name = "user"

    def who(self, request):
        return str(request.user.pk) if request.user.is_authenticated else None


class TokenThrottle(Throttle):
    """Those who try to sign in, by address."""

    name = "token"

    def who(self, request):
        return visitor.network(request)


class QuoteThrottle(Throttle):
    """Those who ask what delivery costs, which outside carriers may be asked for each time."""

    name = "quote"

    def who(self, request):
        return str(request.user.pk) if request.user.is_authenticated else visitor.network(request)
