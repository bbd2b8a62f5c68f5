"""Changing an order before it is prepared: what, how many, where to, and what that costs.

What was bought keeps the price agreed on; what is added costs what the catalogue says. The voucher
and the delivery are worked out anew by pricing.py, exactly as the checkout does. An order that is
already firm stays firm: what it costs more is due before the shop starts (`Order.due_now`, see
fulfilment.why_not_prepare) and is paid by a payment of its own; what it costs less goes back as a
refund at once.
"""

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from config.lib import money
from config.lib.errors import DomainError
from logistics import parcels as boxing
from logistics import quotes
from logistics.parcels import Piece
from logistics.quotes import Quote
from shop import kits, stock
from shop.models import Municipality, User, Variant

from . import (
    checkout,
    confirmation,
    ledger,
    parcels,
    payments,
    pricing,
    refunds,
    timeline,
    vouchers,
)
from .models import (
    Order,
    OrderEvent,
    OrderLine,
    OrderShipmentLine,
    PaymentAttempt,
    Refund,
    Voucher,
    VoucherUse,
)
from .models.carts import MOST_OF_ONE

MOST_LINES = 100


class CannotEdit(DomainError):
    code = "cannot_edit"


class NothingLeft(CannotEdit):
    code = "nothing_left"


class OtherDifference(CannotEdit):
    """The change costs otherwise than what the person saw; nothing was changed."""

    code = "other_difference"


@dataclass(frozen=True)
class Change:
    """What shall be otherwise; what is left out stays as it is."""

    # How many of each variant; 0 takes it out.
    quantities: Mapping[UUID, int] = field(default_factory=dict)
    municipality: Municipality | None = None
    # As checkout.Wish.address; only together with a municipality.
    address: dict | None = None
    delivery_code: str = ""


@dataclass(frozen=True)
class Plan:
    """An order as it would be: its lines, and what they and the delivery would cost."""

    lines: tuple[OrderLine, ...]
    price: pricing.Price
    quote: Quote
    delivery: dict
    before: dict
    after: dict
    total_before: int

    @property
    def difference(self) -> int:
        """What the buyer has to pay more, or less when negative."""
        return self.price.total - self.total_before


def prepare(order: Order, change: Change) -> None:
    """Ask outside carriers what a change may cost: `plan` and `edit` ask nobody."""
    code = change.delivery_code or order.delivery_code
    if quotes.needs_asking(code):
        quotes.prepare(code, *_parcel(order, change))


def why_not(order: Order) -> str:
    """Say why an order cannot be changed any more; nothing when it can."""
    if order.status not in (Order.Status.PENDING, Order.Status.CONFIRMED):
        return _("Order %(order)s is “%(status)s” and can no longer be changed.") % {
            "order": order,
            "status": order.get_status_display(),
        }
    if order.concern:
        return _("Somebody has to decide about order %(order)s first.") % {"order": order}
    if parcels.live(order):
        return _("A shipment of order %(order)s is planned. Cancel it before you change it.") % {
            "order": order
        }
    if order.attempts.filter(status=PaymentAttempt.Status.PENDING).exists():
        return _("A payment of order %(order)s is in progress. Wait until it ended.") % {
            "order": order
        }
    return ""


def plan(order: Order, change: Change) -> Plan:
    """Work out what a change makes of an order, and change nothing."""
    reason = why_not(order)
    if reason:
        raise CannotEdit(reason)
    kept = list(order.lines.select_related("variant"))
    lines = _lines(order, kept, change.quantities)
    delivery, municipality = _destination(order, change)
    voucher = vouchers.find(order.voucher_code)
    basket = basket_of(order, lines, voucher)
    code = change.delivery_code or order.delivery_code
    quote = quotes.quote_of(code, municipality, basket)
    if not (quote.is_pickup or delivery.get("line")):
        raise CannotEdit(_("Write the street and the number."))
    if order.is_cash_on_delivery and not quote.allows_cash_on_delivery:
        raise CannotEdit(_("Paying on delivery is not possible for this address."))
    price = pricing.price(
        lines,
        currency=order.currency,
        voucher=voucher,
        quote=quote,
        cash_on_delivery=order.is_cash_on_delivery,
        percent_off=order.percent_off,
    )
    return Plan(
        lines=tuple(lines),
        price=price,
        quote=quote,
        delivery=delivery,
        before=picture(kept, order.delivery, order.delivery_label, order.total),
        after=picture(lines, delivery, quote.label, price.total),
        total_before=order.total,
    )


@transaction.atomic
def edit(
    order: Order,
    change: Change,
    *,
    now: datetime,
    actor: User | None = None,
    seen_total: int | None = None,
    note: str = "",
) -> Order:
    """Change an order, its stock and its money together, or nothing of it.

    `seen_total` is the new total that the person was shown; another one is told first.
    """
    order = (
        Order.objects.select_for_update(no_key=True, of=("self",))
        .select_related("organization", "account")
        .get(pk=order.pk)
    )
    planned = plan(order, change)
    if seen_total is not None and seen_total != planned.price.total:
        raise OtherDifference(
            _("The total would now be %(total)s. Look at the difference again.")
            % {"total": money.label(planned.price.total, order.currency)}
        )
    if planned.before == planned.after and not _is_elsewhere(order, planned):
        return order
    timeline.record(
        order,
        OrderEvent.Kind.CHANGED,
        now=now,
        actor=actor,
        data={"was": planned.before, "is": planned.after, "currency": order.currency},
        note=note,
        is_public=True,
        mail=True,
    )
    carry_out(order, planned, now=now, actor=actor)
    return order


def carry_out(order: Order, planned: Plan, *, now: datetime, actor: User | None = None) -> None:
    """Make an order what was planned: callers hold its lock and wrote its timeline."""
    _write(order, planned)
    # Pages of payments over the old amount; what is paid there all the same is found and decided.
    order.attempts.filter(status=PaymentAttempt.Status.STARTED).update(
        status=PaymentAttempt.Status.EXPIRED, ask_at=now
    )
    _follow_money(order, now=now, actor=actor)
    # Stock rows last: others want them too. Firm orders have taken theirs, the others hold it.
    stock.change(
        order.pk,
        kits.taken((line, line.quantity) for line in planned.lines),
        reference=order.label,
        person=actor,
        expires_at=order.expires_at,
    )
    is_waiting = order.status == Order.Status.PENDING and not order.is_cash_on_delivery
    if is_waiting and not order.due_now:
        confirmation.confirm(order, now=now, actor=actor)


def options(order: Order, change: Change) -> list[Quote]:
    """Give the ways of delivery for the order as it would be."""
    found = quotes.quotes_for(*_parcel(order, change), chosen=order.delivery_code)
    return [
        quote for quote in found if quote.allows_cash_on_delivery or not order.is_cash_on_delivery
    ]


# --- Parts of a plan ------------------------------------------------------------------------------


def _parcel(order: Order, change: Change) -> tuple[Municipality, quotes.Basket]:
    """Give where the order would go, and what would be sent."""
    lines = _lines(order, list(order.lines.select_related("variant")), change.quantities)
    _delivery, municipality = _destination(order, change)
    return municipality, basket_of(order, lines, vouchers.find(order.voucher_code))


def basket_of(order: Order, lines: list[OrderLine], voucher: Voucher | None) -> quotes.Basket:
    """Give what would be sent, and what it would be worth after the voucher."""
    goods = sum(line.unit_price * line.quantity for line in lines) - pricing.discount_of(
        voucher,
        pricing.reached_by_vouchers(lines),
        currency=order.currency,
        percent_off=order.percent_off,
    )
    return quotes.basket_of(pieces_of(lines), value=goods)


def pieces_of(lines: list[OrderLine]) -> list[Piece]:
    """Give what these lines send, as boxes are made for it."""
    inside = kits.sizes_inside(line.variant for line in lines)
    return [
        boxing.piece_of(
            line.variant,
            line.quantity,
            name=f"{line.name} {line.label}".strip(),
            unit_price=line.unit_price,
            inside=inside.get(line.variant_id, ()),
        )
        for line in lines
    ]


def _lines(order: Order, kept: list[OrderLine], quantities: Mapping[UUID, int]) -> list[OrderLine]:
    """Give the lines as they would be, unsaved; the new ones at the price of the catalogue."""
    for quantity in quantities.values():
        if not 0 <= quantity <= MOST_OF_ONE:
            raise CannotEdit(
                _("Order between 1 and %(most)d of each product.") % {"most": MOST_OF_ONE}
            )
    lines = []
    for line in kept:
        quantity = quantities.get(line.variant_id, line.quantity)
        if quantity:
            lines.append(_copy(line, quantity))
    added = {key for key, quantity in quantities.items() if quantity} - {
        line.variant_id for line in kept
    }
    inside = kits.parts_of(added) if added else {}
    lines += [
        new_line(
            order,
            variant,
            quantity=quantities[variant.pk],
            unit_price=variant.price,
            parts=inside.get(variant.pk, []),
        )
        for variant in _sold(added)
    ]
    if not lines:
        raise NothingLeft(_("Nothing would be left of the order. Cancel it instead."))
    if len(lines) > MOST_LINES:
        raise CannotEdit(_("An order holds up to %(most)d products.") % {"most": MOST_LINES})
    return lines


def _copy(line: OrderLine, quantity: int) -> OrderLine:
    copied = copy(line)
    copied.quantity = quantity
    return copied


def _sold(keys: set[UUID]) -> list[Variant]:
    found = Variant.objects.filter(pk__in=keys, is_active=True, product__is_active=True)
    variants = list(found.exclude(kits.BROKEN).select_related("product").order_by("pk"))
    if len(variants) != len(keys):
        raise CannotEdit(_("One of these products is no longer sold."))
    return variants


def new_line(order: Order, variant: Variant, **fields) -> OrderLine:
    """Give an unsaved line of an order with what the catalogue says of a variant."""
    return OrderLine(
        order=order,
        variant=variant,
        sku=variant.sku,
        name=variant.product.name,
        label=variant.label,
        tax_category=variant.tax_category,
        no_withdrawal_reason=variant.product.no_withdrawal_reason,
        **fields,
    )


def _destination(order: Order, change: Change) -> tuple[dict, Municipality]:
    """Give the address as the order would keep it, and the place that decides on the delivery."""
    if change.municipality is None:
        code = order.delivery.get("municipality_code", "")
        return order.delivery, Municipality.objects.select_related("department").get(code=code)
    contact = checkout.Contact(name=order.name, email=order.email, phone=str(order.phone))
    address = change.address or {}
    snapshot = checkout.address_snapshot(change.municipality, contact, address)
    return snapshot, change.municipality


def picture(lines: list[OrderLine], delivery: dict, label: str, total: int) -> dict:
    """Describe an order for its timeline: what, where to, how much."""
    place = [delivery.get(name) for name in ("line", "complement", "municipality")]
    return {
        "lines": [[line.sku, f"{line.name} {line.label}".strip(), line.quantity] for line in lines],
        "address": ", ".join(part for part in place if part),
        "delivery": label,
        "total": total,
    }


def _is_elsewhere(order: Order, planned: Plan) -> bool:
    """Say whether the delivery changes in what the timeline does not tell."""
    return planned.delivery != order.delivery or planned.quote.code != order.delivery_code


# --- Parts of an edit -----------------------------------------------------------------------------


def _write(order: Order, planned: Plan) -> None:
    """Save lines and sums; callers hold the order's lock."""
    price = planned.price
    keys = {line.pk for line in planned.lines}
    gone = order.lines.exclude(pk__in=keys)
    # Of shipments that were cancelled.
    OrderShipmentLine.objects.filter(line__in=gone).delete()
    gone.delete()
    shares = zip(planned.lines, price.discounts, price.taxes, strict=True)
    for position, (line, discount, tax) in enumerate(shares):
        line.position, line.discount, line.tax = position, discount, tax
        line.total = line.unit_price * line.quantity - discount
    kept = [line for line in planned.lines if not line._state.adding]
    OrderLine.objects.bulk_update(kept, ["position", "quantity", "discount", "total", "tax"])
    OrderLine.objects.bulk_create([line for line in planned.lines if line._state.adding])
    quote = planned.quote
    values = {
        "subtotal": price.subtotal,
        "discount": price.discount,
        "shipping": price.shipping,
        "cash_fee": price.cash_fee,
        "tax": price.tax,
        "total": price.total,
        "due_first": _due_first(order, price.total),
        "delivery": planned.delivery,
        "delivery_code": quote.code,
        "delivery_label": quote.label,
        "delivery_days_min": quote.days_min,
        "delivery_days_max": quote.days_max,
        "is_pickup": quote.is_pickup,
        "carrier_cost": quote.carrier_cost,
    }
    for name, value in values.items():
        setattr(order, name, value)
    order.save(update_fields=[*values, "changed_at"])
    VoucherUse.objects.filter(order=order).update(amount=price.discount)


def _due_first(order: Order, total: int) -> int:
    """Give what is due before the shop starts; who pays on delivery owes no higher deposit."""
    if order.is_cash_on_delivery:
        return min(order.due_first, total)
    if order.account is None:
        return total
    return payments.get(order.account.provider).due_first(order.account, total)


def _follow_money(order: Order, *, now: datetime, actor: User | None) -> None:
    """Say anew how the order is paid, and give back what is too much."""
    if not order.paid:
        return
    ledger.recount(order, now=now)
    too_much = refunds.refundable(order) - order.total
    if too_much > 0:
        refunds.request(order, too_much, reason=Refund.Reason.CHANGED, now=now, actor=actor)
