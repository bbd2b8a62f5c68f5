"""What a customer pays: the one place that adds up an order, in whole minor units."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from config.lib import money
from logistics.quotes import Quote
from shop.models import Variant

from .models import Voucher

# Percent of IVA contained in a price. Exempt and excluded both show nothing, but are told apart.
IVA = {
    Variant.TaxCategory.GENERAL: 19,
    Variant.TaxCategory.REDUCED: 5,
    Variant.TaxCategory.EXEMPT: 0,
    Variant.TaxCategory.EXCLUDED: 0,
}


class Priced(Protocol):
    """A line as far as its price goes."""

    unit_price: int
    quantity: int
    tax_category: str
    # Sold at an offer's price, which no voucher makes lower.
    is_offer: bool


@dataclass(frozen=True)
class Price:
    """What an order costs; `discounts` and `taxes` are those of each line, in the lines' order."""

    subtotal: int
    discount: int
    shipping: int
    cash_fee: int
    tax: int
    total: int
    discounts: tuple[int, ...]
    taxes: tuple[int, ...]
    # What delivery would cost without a voucher for it.
    full_shipping: int = 0


def price(
    lines: Sequence[Priced],
    *,
    currency: str,
    voucher: Voucher | None = None,
    quote: Quote | None = None,
    cash_on_delivery: bool = False,
    percent_off: int = 0,
) -> Price:
    """Add up an order; without a quote delivery is left out, and never promised to be free.

    `percent_off` is what a subscription takes off the goods; it never comes with a voucher.
    """
    totals = [line.unit_price * line.quantity for line in lines]
    subtotal = sum(totals)
    reached = [0 if line.is_offer else total for line, total in zip(lines, totals, strict=True)]
    discount = discount_of(voucher, sum(reached), currency=currency, percent_off=percent_off)
    discounts = _shares(discount, reached)
    taxes = tuple(
        tax_in(total - share, line.tax_category)
        for line, total, share in zip(lines, totals, discounts, strict=True)
    )
    is_free = voucher is not None and voucher.kind == Voucher.Kind.DELIVERY
    full_shipping = quote.cost if quote else 0
    shipping = 0 if is_free else full_shipping
    cash_fee = quote.cash_on_delivery_fee if quote and cash_on_delivery else 0
    return Price(
        subtotal=subtotal,
        discount=discount,
        shipping=shipping,
        cash_fee=cash_fee,
        tax=sum(taxes),
        total=subtotal - discount + shipping + cash_fee,
        discounts=discounts,
        taxes=taxes,
        full_shipping=full_shipping,
    )


def discount_of(
    voucher: Voucher | None, subtotal: int, *, currency: str, percent_off: int = 0
) -> int:
    """Give what is taken off the goods, in amounts that people can pay and never below nothing."""
    if voucher is None and percent_off:
        return _part(subtotal, percent_off, currency)
    if voucher is None or voucher.kind == Voucher.Kind.DELIVERY:
        return 0
    if voucher.kind == Voucher.Kind.AMOUNT:
        return min(voucher.amount, subtotal)
    return _part(subtotal, voucher.percent, currency)


def _part(subtotal: int, percent: int, currency: str) -> int:
    if percent == 100:
        return subtotal
    step = money.smallest(currency)
    exact = subtotal * percent
    return min((exact + 50 * step) // (100 * step) * step, subtotal)


def reached_by_vouchers(lines: Iterable[Priced]) -> int:
    """Give what a voucher's discount is worked out from: everything but offers."""
    return sum(line.unit_price * line.quantity for line in lines if not line.is_offer)


def tax_in(total: int, tax_category: str) -> int:
    """Give the IVA contained in a price (reference: colombia.md §5)."""
    rate = IVA[tax_category]
    # Rounded half up, in whole numbers only.
    base = (total * 200 + 100 + rate) // (2 * (100 + rate))
    return total - base


def _shares(amount: int, totals: list[int]) -> tuple[int, ...]:
    """Cut an amount into parts as large as the totals ask, losing no centavo."""
    whole = sum(totals)
    if not amount or not whole:
        return (0,) * len(totals)
    parts = [amount * total // whole for total in totals]
    rest = amount - sum(parts)
    # Who lost most by rounding down gets a unit first.
    by_loss = sorted(range(len(totals)), key=lambda place: -(amount * totals[place] % whole))
    for place in by_loss[:rest]:
        parts[place] += 1
    return tuple(parts)
