"""Which cart a visitor holds: by a signed cookie, or by the account they are signed in with."""

from django.conf import settings
from django.http import HttpResponse
from django.utils.functional import cached_property

from shop import customers
from shop.models import Customer

from .. import cart, cart_joining, tokens
from ..cart import Opened

COOKIE = "kaiu_cart"
# Read by static/js/cart-count.js: the header is the same for everyone, its number is not.
COUNT_COOKIE = "kaiu_cart_count"
_LIFETIME = 60 * 24 * 3600
# What an account's cart holds may change on another device.
_COUNT_OF_ACCOUNT = 3600


class Visitor:
    """Who this request comes from, as far as buying goes; looks up nothing before it is asked."""

    def __init__(self, request):
        self.request = request
        self.organization = request.organization

    @cached_property
    def user(self):
        """The account, or None. A stranger's session is never opened."""
        request = self.request
        has_session = settings.SESSION_COOKIE_NAME in request.COOKIES
        return request.user if has_session and request.user.is_authenticated else None

    @cached_property
    def customer(self) -> Customer | None:
        """The customer that the account is here; nobody without one."""
        return customers.of_user(self.organization, self.user) if self.user else None

    @cached_property
    def cart(self) -> Opened | None:
        """The cart that can be changed, if there is one."""
        if self.user:
            return cart.opened_by(self.organization, self.user.pk)
        return cart.opened(self.organization, self.cookie_id)

    @property
    def cart_id(self):
        return self.cart.id if self.cart else None

    @cached_property
    def cookie_id(self):
        """The key in the signed cookie, whatever became of that cart; None when it is not ours."""
        token = self.request.COOKIES.get(COOKIE, "")
        return tokens.cart_of(self.organization, token) if token else None

    def remember(self, response: HttpResponse, cart_id, count: int) -> HttpResponse:
        """Let the browser hold this cart, and its header show how many things are in it."""
        if self.user:
            # What it held as a stranger was joined to the account's cart.
            if COOKIE in self.request.COOKIES:
                response.delete_cookie(COOKIE, samesite="Lax")
        elif cart_id is not None:
            response.set_cookie(
                COOKIE,
                tokens.for_cart(self.organization, cart_id),
                max_age=_LIFETIME,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        return self.show_count(response, count)

    def show_count(self, response: HttpResponse, count: int) -> HttpResponse:
        """Let the header show so many things; written only when it shows another number."""
        # Whose cart was counted: a stranger's says nothing of the account's, nor the reverse.
        written = f"{count}a" if self.user else str(count)
        if self.request.COOKIES.get(COUNT_COOKIE) != written:
            response.set_cookie(
                COUNT_COOKIE,
                written,
                max_age=_COUNT_OF_ACCOUNT if self.user else _LIFETIME,
                secure=settings.SESSION_COOKIE_SECURE,
                samesite="Lax",
            )
        return response

    def join(self, *, now) -> bool:
        """Put what this browser chose as a stranger into the account's cart."""
        if self.customer is None or self.cookie_id is None:
            return False
        joined = cart_joining.merge(self.organization, self.cookie_id, self.customer, now=now)
        if joined:
            self.__dict__.pop("cart", None)
        return joined
