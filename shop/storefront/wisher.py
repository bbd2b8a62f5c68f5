"""Whose favourites a request is about: those of an account, or of a device."""

from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.utils.functional import cached_property

from .. import customers, wishlist
from ..models import Customer, Product
from ..visitor import WISHES_COOKIE

_LIFETIME = 365 * 24 * 3600


class Wisher:
    """Who this request comes from, as far as favourites go; looks up nothing before it is asked."""

    def __init__(self, request):
        self.request = request
        self.organization = request.organization
        self.has_changed = False

    @cached_property
    def customer(self) -> Customer | None:
        """The customer that the account is here. A stranger's session is never opened."""
        request = self.request
        has_session = settings.SESSION_COOKIE_NAME in request.COOKIES
        if not has_session or not request.user.is_authenticated:
            return None
        return customers.of_user(self.organization, request.user)

    @cached_property
    def on_device(self) -> list[UUID]:
        token = self.request.COOKIES.get(WISHES_COOKIE, "")
        return wishlist.read(self.organization, token) if token else []

    @cached_property
    def keys(self) -> list[UUID]:
        """What is kept, newest first."""
        if self.customer is None:
            return self.on_device
        if self.on_device:
            # A browser that signed in elsewhere than on our pages still holds its own list.
            wishlist.join(self.customer, self.on_device)
        return wishlist.of(self.customer)

    def add(self, product: Product) -> None:
        """Keep a product, once."""
        if product.pk in self.keys:
            return
        if self.customer is not None:
            wishlist.add(self.customer, product)
        elif len(self.keys) >= wishlist.MOST:
            raise wishlist.full()
        self.keys.insert(0, product.pk)
        self.has_changed = True

    def remove(self, product_id: UUID) -> None:
        """Let go of a product; one that is not kept stays so."""
        if self.customer is not None:
            wishlist.remove(self.customer, product_id)
        self.keys[:] = [key for key in self.keys if key != product_id]
        self.has_changed = True

    def remember(self, response: HttpResponse) -> HttpResponse:
        """Let a stranger's device hold its list; what an account keeps is not left behind."""
        if self.customer is not None or not self.keys:
            if WISHES_COOKIE in self.request.COOKIES:
                response.delete_cookie(WISHES_COOKIE, samesite="Lax")
        elif self.has_changed:
            response.set_cookie(
                WISHES_COOKIE,
                wishlist.written(self.organization, self.keys),
                max_age=_LIFETIME,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        return response
