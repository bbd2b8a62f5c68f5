"""What outside carriers offer, as the shop offers it: at a price that people can pay, or free."""

from dataclasses import replace
from urllib.parse import quote as quoted
from urllib.parse import unquote
from uuid import UUID

from django.utils.translation import gettext as _

from config.lib import money
from shop.models import Municipality

from . import carriers, parcels
from .asking import Answers, Setup
from .carriers.base import Option, Place, Wish
from .models import CarrierAccount, DeliverySettings
from .offered import Basket, Quote

# The code of the shop's own price.
FALLBACK = "fallback"
_OF_CARRIER = "carrier-"
# As orders keep them.
_LONGEST_CODE = 160
_LONGEST_LABEL = 80
_MOST_DAYS = 90


def code_of(account: CarrierAccount, service: str) -> str:
    """Give the code of a choice that an outside carrier offers."""
    return f"{_OF_CARRIER}{account.pk.hex}-{quoted(service, safe='')}"


def account_of(code: str) -> tuple[UUID, str] | None:
    """Give the account and the service behind a choice; None when no outside carrier offers it."""
    key, _dash, service = code.removeprefix(_OF_CARRIER).partition("-")
    if not code.startswith(_OF_CARRIER) or len(key) != 32:
        return None
    try:
        return UUID(hex=key), unquote(service)
    except ValueError:
        return None


def wish_of(setup: Setup, municipality: Municipality, basket: Basket, currency: str) -> Wish:
    # In one order, however they lie in the cart: the same things have the same price.
    pieces = sorted(basket.pieces, key=lambda piece: (piece.sku, piece.unit_price, piece.quantity))
    contents = parcels.contents_of(pieces, setup.settings)
    return Wish(
        origin=_place(setup.origin.municipality),
        destination=_place(municipality),
        boxes=parcels.boxes_for(contents, setup.settings),
        contents=contents,
        value=basket.value,
        currency=currency,
    )


def _place(municipality: Municipality) -> Place:
    department = municipality.department
    return Place(municipality.code, municipality.name, department.code, department.name)


def of_carriers(setup: Setup, answers: Answers, value: int, currency: str) -> list[Quote]:
    """Give what the accounts offer; from a value on the cheapest of it costs nothing."""
    quotes = [
        _quote(account, option, setup.settings, currency)
        for account in setup.accounts
        for option in answers.options(account)
    ]
    quotes = [quote for quote in quotes if len(quote.code) <= _LONGEST_CODE]
    free_from = setup.settings.free_from
    if free_from is not None and quotes:
        cheapest = min(quotes, key=lambda quote: quote.cost)
        cost = 0 if value >= free_from else cheapest.cost
        place = quotes.index(cheapest)
        quotes[place] = replace(cheapest, cost=cost, free_from=free_from)
    return quotes


def _quote(
    account: CarrierAccount, option: Option, settings: DeliverySettings, currency: str
) -> Quote:
    """Give an option as buyers read it, at a price that they can pay."""
    takes_cash = option.allows_cash and carriers.get(account.provider).takes_cash
    days_min, days_max = _days(option, settings)
    cost = _payable(option.cost, currency)
    return Quote(
        code=code_of(account, option.service),
        label=(" ".join(option.label.split()) or account.name)[:_LONGEST_LABEL],
        description="",
        carrier=option.carrier,
        cost=cost,
        full_cost=cost,
        days_min=days_min,
        days_max=days_max,
        is_pickup=False,
        allows_cash_on_delivery=takes_cash,
        cash_on_delivery_fee=_payable(option.cash_fee, currency) if takes_cash else 0,
        free_from=None,
        carrier_cost=option.cost,
    )


def _days(option: Option, settings: DeliverySettings) -> tuple[int, int]:
    """Give how long it takes; who does not say it takes as long as the shop expects."""
    known = [days for days in (option.days_min, option.days_max) if days is not None]
    if not known or not all(0 <= days <= _MOST_DAYS for days in known):
        return settings.fallback_days_min, settings.fallback_days_max
    return min(known), max(known)


def _payable(amount: int, currency: str) -> int:
    """Give the least amount that people can pay and that is not below this."""
    step = money.smallest(currency)
    return -(-amount // step) * step


def fallback(settings: DeliverySettings, value: int) -> Quote:
    """Give the shop's own price, which saves a sale while no carrier answers."""
    price, free_from = settings.fallback_price, settings.free_from
    return Quote(
        code=FALLBACK,
        label=_("Delivery to your door"),
        description="",
        carrier="",
        cost=0 if free_from is not None and value >= free_from else price,
        full_cost=price,
        days_min=settings.fallback_days_min,
        days_max=settings.fallback_days_max,
        is_pickup=False,
        # No carrier has agreed to bring the money.
        allows_cash_on_delivery=False,
        cash_on_delivery_fee=0,
        free_from=free_from,
    )
