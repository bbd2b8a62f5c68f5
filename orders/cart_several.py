"""Putting several things in a cart at once: as many of them as can be had."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from shop.models import Customer, Organization

from . import cart
from .cart import CartRefused, Put

# More different things than any ritual uses.
MOST = 40


class NothingChosen(CartRefused):
    code = "nothing_chosen"


@dataclass
class Several:
    """What went in, and what was refused in words for the buyer."""

    puts: list[Put] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    @property
    def cart_id(self) -> UUID:
        return self.puts[-1].cart_id

    @property
    def count(self) -> int:
        return self.puts[-1].count

    @property
    def is_less(self) -> bool:
        return bool(self.refused) or any(put.is_less for put in self.puts)

    def words(self) -> str:
        """Say what happened, as a person would."""
        whole = sum(not put.is_less for put in self.puts)
        told = []
        if len(self.puts) == 1 and whole:
            told.append(self.puts[0].words())
        elif whole:
            told.append(
                ngettext(
                    "%(n)d product is in your cart.", "%(n)d products are in your cart.", whole
                )
                % {"n": whole}
            )
        told += [put.words() for put in self.puts if put.is_less]
        return " ".join([*told, *self.refused])


def read(chosen: Iterable[str]) -> list[tuple[str, int]]:
    """Read what a form sends, "2 SKU" for two of that variant, each variant once."""
    wanted: dict[str, int] = {}
    for written in list(chosen)[:MOST]:
        quantity, _space, sku = written.replace("\x00", "").partition(" ")
        if sku:
            wanted[sku] = cart.read_quantity(quantity)
    if not wanted:
        raise NothingChosen(_("Choose at least one product."))
    return list(wanted.items())


@transaction.atomic
def add(
    organization: Organization,
    cart_id: UUID | None,
    wanted: list[tuple[str, int]],
    *,
    now: datetime,
    customer: Customer | None = None,
) -> Several:
    """Put each of these in the cart; one that cannot be had leaves the others in."""
    several = Several()
    for sku, quantity in wanted:
        try:
            put = cart.add(
                organization, cart_id, sku=sku, quantity=quantity, now=now, customer=customer
            )
        except CartRefused as refusal:
            several.refused.append(str(refusal))
        else:
            cart_id = put.cart_id
            several.puts.append(put)
    return several
