"""What is to be sent, what may be chosen for it, and why sometimes nothing may."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.lib.errors import DomainError

from .parcels import Piece

# What a piece weighs when nobody wrote it down: a small bottle in its box.
USUAL_GRAMS = 250


class NotDelivered(DomainError):
    code = "not_delivered"


class CarriersSilent(NotDelivered):
    """Nobody knows whether this can be delivered: those who would know do not answer."""

    code = "carriers_silent"


class PriceGone(NotDelivered):
    """The carrier of the chosen delivery has to be asked again; nothing was done."""

    code = "delivery_price_gone"


class NoOrigin(NotDelivered):
    """Carriers cannot be asked, because the shop has not said from where it sends."""

    code = "delivery_not_ready"


@dataclass(frozen=True)
class Basket:
    """What is to be sent, as far as a price depends on it."""

    weight_grams: int
    value: int  # Minor units, after discounts.
    # What outside carriers are told; without it only rate tables are looked at.
    pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True)
class Quote:
    """One way to receive an order, with its price in minor units and its working days."""

    code: str  # The same as long as the choice exists: what a form posts.
    label: str
    description: str
    carrier: str  # Empty for own couriers.
    cost: int  # 0 only when a rule says so.
    full_cost: int
    days_min: int
    days_max: int
    is_pickup: bool
    allows_cash_on_delivery: bool
    cash_on_delivery_fee: int
    free_from: int | None
    # What an outside carrier asks of the shop for it.
    carrier_cost: int | None = None

    @property
    def days_label(self) -> str:
        return days_in_words(self.days_min, self.days_max)


def basket_of(pieces: Iterable[Piece], *, value: int) -> Basket:
    """Give the basket of these pieces that is worth so much."""
    pieces = tuple(pieces)
    weight = sum(piece.grams(USUAL_GRAMS) * piece.quantity for piece in pieces)
    return Basket(weight_grams=weight, value=value, pieces=pieces)


def days_in_words(least: int, most: int) -> str:
    """Say how long a delivery takes, as "2 to 4 business days"."""
    if most == 0:
        return _("The same day")
    if least == 0:
        words = ngettext("Up to %(days)d business day", "Up to %(days)d business days", most)
        return words % {"days": most}
    if least == most:
        return ngettext("%(days)d business day", "%(days)d business days", most) % {"days": most}
    return _("%(least)d to %(most)d business days") % {"least": least, "most": most}
