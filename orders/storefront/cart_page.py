"""The cart in words: what its page shows of every line and of the whole."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.lib import money
from config.lib.skeletons import Skeleton
from logistics import quotes
from shop import addresses
from shop.models import Customer, Organization
from shop.pictures import rendition

from .. import contents, pricing, tokens, vouchers
from ..cart import Opened
from ..contents import Contents, Item
from ..models import Voucher
from ..models.carts import MOST_OF_ONE

_cart = Skeleton("orders/_cart.html")
_line = Skeleton("orders/_cart_line.html")


@dataclass(frozen=True)
class Look:
    """A cart as it stands at this moment, with its voucher tried again."""

    inside: Contents
    voucher: Voucher | None
    voucher_code: str
    voucher_refusal: str
    discount: int
    minimum: int
    cart_id: UUID | None = None

    @property
    def goods(self) -> int:
        """What the goods cost after discount."""
        return self.inside.subtotal - self.discount

    @property
    def missing(self) -> int:
        """What is missing to the shop's minimum order."""
        return max(0, self.minimum - self.inside.subtotal)

    @property
    def can_be_ordered(self) -> bool:
        return self.inside.can_be_bought and not self.missing


def look(
    organization: Organization,
    found: Opened | None,
    *,
    now: datetime,
    customer: Customer | None = None,
) -> Look:
    """Read what is in a cart and what it costs before delivery."""
    inside = contents.of(organization, found and found.id, now=now)
    code = found.voucher_code if found else ""
    voucher, refusal = None, ""
    if code and inside:
        try:
            voucher = vouchers.usable(
                code,
                subtotal=inside.subtotal,
                currency=organization.currency,
                now=now,
                customer=customer,
            )
        except vouchers.VoucherRefused as error:
            refusal = str(error)
    return Look(
        inside=inside,
        voucher=voucher,
        voucher_code=code,
        voucher_refusal=refusal,
        discount=pricing.discount_of(voucher, inside.subtotal, currency=organization.currency),
        minimum=organization.minimum_order,
        cart_id=found and found.id,
    )


def html(
    organization: Organization,
    seen: Look,
    *,
    notice: str = "",
    notice_kind: str = "",
    typed_code: str = "",
) -> SafeString:
    """Write the cart: its lines, what it costs, and the way on."""
    currency, inside = organization.currency, seen.inside
    count = inside.count
    return _cart.fill(
        {
            "notice": notice,
            "notice_kind": notice_kind,
            "lines": _line.join(line_values(item, currency) for item in inside.items),
            "count_label": ngettext("%(n)d product", "%(n)d products", count) % {"n": count},
            "count": str(count),
            "subtotal": money.label(inside.subtotal, currency),
            "voucher_code": seen.voucher.code if seen.voucher else "",
            "voucher_gives": voucher_gives(seen, currency),
            "voucher_error": seen.voucher_refusal,
            "typed_code": typed_code or ("" if seen.voucher else seen.voucher_code),
            "discount": money.label(-seen.discount, currency) if seen.discount else "",
            "goods": money.label(seen.goods, currency),
            "can_be_ordered": seen.can_be_ordered,
            "is_short": not inside.can_be_bought,
            "link": _link(organization, seen),
            **_minimum(seen, currency),
            **_free_delivery(organization, seen),
        }
    )


def _link(organization: Organization, seen: Look) -> str:
    """Give the address under which the cart is found again on any device."""
    if seen.cart_id is None:
        return ""
    token = tokens.for_cart(organization, seen.cart_id, purpose="restore")
    return f"/carrito/recuperar/{token}/"


def line_values(item: Item, currency: str) -> dict[str, str | bool]:
    """Give what a page shows of one line, as text and yes/no values."""
    shown = rendition(item.cover)
    most = min(item.available, MOST_OF_ONE)
    is_there = item.is_sold and item.available > 0
    compare_at = item.compare_at_price
    return {
        "id": item.line_id.hex,
        "url": addresses.with_query(addresses.product(item.slug), [("variante", item.sku)])
        if item.is_sold
        else "",
        "name": item.name,
        "label": item.label,
        "full_name": " · ".join(filter(None, (item.name, item.label))),
        "picture_src": shown.src if shown else "",
        "picture_srcset": shown.srcset if shown else "",
        "price": money.label(item.unit_price, currency),
        "compare_at": money.label(compare_at, currency) if compare_at else "",
        "total": money.label(item.total, currency) if item.is_sold else "",
        "quantity": str(item.quantity),
        "less": str(item.quantity - 1) if item.quantity > 1 else "",
        "more": str(item.quantity + 1) if item.quantity < most else "",
        "most": str(most if is_there else item.quantity),
        "is_there": is_there,
        "problem": item.problem(),
        "fix": str(most) if item.is_short and is_there else "",
        "fix_label": _("Take %(n)d") % {"n": most} if item.is_short and is_there else "",
        "news": item.news(currency),
    }


def voucher_gives(seen: Look, currency: str) -> str:
    """Say what the voucher in use gives."""
    voucher = seen.voucher
    if voucher is None:
        return ""
    if voucher.kind == Voucher.Kind.DELIVERY:
        return _("Free delivery")
    if voucher.kind == Voucher.Kind.PERCENT:
        return _("%(percent)d %% off") % {"percent": voucher.percent}
    return _("%(amount)s off") % {"amount": money.label(voucher.amount, currency)}


def _minimum(seen: Look, currency: str) -> dict[str, str]:
    if not seen.missing:
        return {"minimum": "", "missing": ""}
    return {
        "minimum": money.label(seen.minimum, currency),
        "missing": money.label(seen.missing, currency),
    }


def _free_delivery(organization: Organization, seen: Look) -> dict[str, str | bool]:
    """Say how far it is to free delivery; nothing in a shop that never gives it."""
    free_from = quotes.free_delivery_from(organization)
    if not free_from or not seen.inside:
        return {"free_from": "", "free_value": "", "free_words": "", "is_free": False}
    missing = max(0, free_from - seen.goods)
    words = (
        _("%(missing)s more and delivery is free.")
        % {"missing": money.label(missing, organization.currency)}
        if missing
        else _("Delivery of this order is free.")
    )
    return {
        "free_from": str(free_from // 100),
        "free_value": str(min(seen.goods, free_from) // 100),
        "free_words": words,
        "is_free": not missing,
    }
