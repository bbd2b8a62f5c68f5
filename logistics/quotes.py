"""What delivery costs and how long it takes: the choices a buyer has at one place.

Rate tables answer from the database. Outside carriers are asked (asking.py) by `quotes_for` and
`prepare`, which are never called inside a transaction; `known_for` and `quote_of` read what was
answered a moment ago, so that an order is placed at the price that its buyer saw.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Case, Exists, F, Min, OuterRef, Subquery, When
from django.db.models.functions import Greatest, Least
from django.utils.translation import gettext as _
from django_scopes import get_scope
from django_scopes.exceptions import ScopeError

from config.lib.memory import Memory
from shop.models import Municipality, Organization

from . import asking, parcels
from .asking import Answers, Setup
from .carrier_quotes import FALLBACK, account_of, code_of, fallback, of_carriers, wish_of
from .models import CarrierAccount, DeliverySettings, Origin, Rate, RateTable
from .offered import (
    USUAL_GRAMS,
    Basket,
    CarriersSilent,
    NoOrigin,
    NotDelivered,
    PriceGone,
    Quote,
    basket_of,
    days_in_words,
)
from .table_quotes import of_tables

# What callers say with the name of this module before it.
__all__ = [
    "FALLBACK",
    "USUAL_GRAMS",
    "Basket",
    "CarriersSilent",
    "NoOrigin",
    "NotDelivered",
    "PriceGone",
    "Quote",
    "account_of",
    "basket_of",
    "code_of",
    "days_in_words",
]

_OF_TABLE = "rate-"

_free_from = Memory(seconds=2)


@dataclass
class _Found:
    """The choices at a place, and what is known of those who were asked for more."""

    quotes: list[Quote]
    setup: Setup | None = None
    answers: Answers | None = None
    lacks_origin: bool = False


def quotes_for(municipality: Municipality, basket: Basket, *, chosen: str = "") -> list[Quote]:
    """Give every choice at this place, the cheapest first; none when nothing goes there.

    Outside carriers are asked, so this is never called inside a transaction. `chosen` is what the
    buyer took a moment ago: the shop's own price stays on offer to who has it.
    """
    return choices(municipality, basket, chosen=chosen)[0]


def choices(
    municipality: Municipality, basket: Basket, *, chosen: str = ""
) -> tuple[list[Quote], NotDelivered | None]:
    """Give the same, and as an error that can be shown why there is none."""
    found = _find(municipality, basket, chosen=chosen, may_ask=True)
    return found.quotes, None if found.quotes else _refusal(found, municipality)


def known_for(municipality: Municipality, basket: Basket, *, chosen: str = "") -> list[Quote]:
    """Give the choices as far as they are known already, and ask nobody."""
    return _find(municipality, basket, chosen=chosen, may_ask=False).quotes


def prepare(code: str, municipality: Municipality, basket: Basket) -> None:
    """Let a transaction that follows find the price of this choice."""
    if needs_asking(code):
        quotes_for(municipality, basket, chosen=code)


def needs_asking(code: str) -> bool:
    """Say whether the price of a choice may be known only to somebody outside."""
    return not code.startswith(_OF_TABLE)


def quote_of(code: str, municipality: Municipality, basket: Basket) -> Quote:
    """Give the choice that a buyer made, at its price of this moment; nobody is asked."""
    if not needs_asking(code):
        for quote in of_tables(_here(), municipality, basket)[0]:
            if quote.code == code:
                return quote
    found = _find(municipality, basket, chosen=code, may_ask=False)
    for quote in found.quotes:
        if quote.code == code:
            return quote
    raise _refusal(found, municipality, code=code)


def boxes_of(basket: Basket) -> int:
    """Say in how many boxes this would travel."""
    settings = asking.setup_of(_here()).settings
    return len(parcels.boxes_for(parcels.contents_of(basket.pieces, settings), settings))


def free_delivery_from(organization: Organization) -> int | None:
    """Give the order value from which delivery is free in the whole country, if it ever is."""
    return _free_from.get(organization.pk, _read_free_from)


def _read_free_from(organization_id: UUID) -> int | None:
    """Read it from the rates that name no place, and from what holds for outside carriers."""
    national = Rate.objects.filter(
        table__organization=OuterRef("pk"),
        table__is_active=True,
        table__kind=RateTable.Kind.DELIVERY,
        department=None,
        municipality=None,
        is_covered=True,
    )
    free_from = Case(
        When(price=0, then=F("lowest_order_value")),
        When(free_from__isnull=False, then=Greatest("free_from", "lowest_order_value")),
    )
    lowest = national.order_by().values("table__organization").annotate(lowest=Min(free_from))
    asked = CarrierAccount.objects.filter(
        organization=OuterRef("organization"),
        is_active=True,
        is_quoted=True,
        is_live=OuterRef("organization__is_live"),
    )
    sends = Origin.objects.filter(organization=OuterRef("organization"), is_active=True)
    of_carriers = DeliverySettings.objects.filter(
        Exists(asked), Exists(sends), organization=OuterRef("pk")
    )
    found = Organization.objects.filter(pk=organization_id).annotate(
        lowest=Least(Subquery(lowest.values("lowest")), Subquery(of_carriers.values("free_from")))
    )
    return found.values_list("lowest", flat=True).first()


# --- Parts of the answer --------------------------------------------------------------------------


def _here() -> Organization:
    organization = get_scope().get("organization")
    if organization is None:
        # As a scoped manager does: this query is written by hand.
        raise ScopeError("Quotes need the scope of an organization.")
    return organization


def _find(municipality: Municipality, basket: Basket, *, chosen: str, may_ask: bool) -> _Found:
    organization = _here()
    quotes, is_asking = of_tables(organization, municipality, basket)
    found = _Found(quotes)
    if is_asking and basket.pieces:
        _add_carriers(found, organization, municipality, basket, chosen=chosen, may_ask=may_ask)
    # Sorting keeps the merchant's order among equals.
    found.quotes.sort(key=lambda quote: (quote.cost, quote.is_pickup))
    return found


def _add_carriers(found: _Found, organization, municipality, basket, *, chosen, may_ask) -> None:
    setup = asking.setup_of(organization)
    found.lacks_origin = bool(setup.accounts) and setup.origin is None
    if not setup.accounts or found.lacks_origin:
        return
    wish = wish_of(setup, municipality, basket, organization.currency)
    if may_ask:
        answers = asking.answers(setup, wish, language=organization.language)
    else:
        answers = asking.known(setup, wish)
    found.setup, found.answers = setup, answers
    is_served = any(not quote.is_pickup for quote in found.quotes)
    found.quotes += of_carriers(setup, answers, basket.value, organization.currency)
    if setup.settings.fallback_price is None:
        return
    # Nobody else brings it there, and who might does not answer.
    is_needed = not is_served and bool(answers.by_account) and not answers.is_any
    if may_ask and is_needed:
        asking.offer_fallback(setup, wish)
    elif not answers.is_fallback_offered or not (is_needed or chosen == FALLBACK):
        return
    found.quotes.append(fallback(setup.settings, basket.value))


def _refusal(found: _Found, municipality: Municipality, *, code: str = "") -> NotDelivered:
    """Say why a choice is not there, or why there is none."""
    known = found.answers.by_account if found.answers else {}
    unasked = [one.pk for one in found.setup.accounts if one.pk not in known] if found.setup else []
    chosen = account_of(code)
    if (chosen and chosen[0] in unasked) or (unasked and not found.quotes):
        return PriceGone(
            _("The price of this delivery was asked too long ago. Check it and confirm again.")
        )
    if found.quotes:
        return NotDelivered(_("This way of delivery is no longer offered. Choose another."))
    if found.lacks_origin:
        return NoOrigin(
            _("We cannot work out this delivery yet. Write to us and we look for a way.")
        )
    if found.answers and found.answers.is_silent:
        return CarriersSilent(
            _("Those who deliver to %(place)s do not answer right now. Try again in a moment.")
            % {"place": municipality.name}
        )
    return NotDelivered(
        _("We do not deliver this order to %(place)s.") % {"place": municipality.name}
    )
