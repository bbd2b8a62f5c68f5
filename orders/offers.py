"""One more thing right after buying: made once for each order, at the server's price.

What is added travels in the parcel that goes anyway, so that delivery, discount and fees stay as
they were agreed and the difference is the offer's price alone. Of a paid order that difference is
due before the shop starts, as after every change (editing.py); when it is not paid within the
time told, the line goes out again and the order is what it was.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from config.lib import money
from config.lib.errors import DomainError, ProviderRefused, ProviderUnavailable
from config.lib.memory import Memory
from logistics import quotes
from shop import kits, stock
from shop.models import Municipality, Product, Variant

from . import editing, paying, payments, pricing, timeline, vouchers
from .models import Offer, OfferAnswer, Order, OrderEvent, OrderLine, PaymentAttempt
from .payments.base import Purchase

# So long after an order was paid, or placed when it is paid later, something is offered.
MADE_FOR = timedelta(minutes=15)
# So long the difference of a paid order may wait for its payment.
PAY_WITHIN = timedelta(minutes=30)
# A bank that has not answered, or a receipt nobody looked at, is waited for; but not for ever.
_MORE, _FOR_BANK, _FOR_PROOF = timedelta(minutes=15), timedelta(hours=48), timedelta(days=7)
_Status = OfferAnswer.Status
_offering = Memory(seconds=2)


class OfferOver(DomainError):
    """The offer is not made to this order, or no longer."""

    code = "offer_over"


class OtherPrice(OfferOver):
    """It costs otherwise than what the buyer saw; nothing was added."""

    code = "other_price"


def is_time(order: Order, *, now: datetime) -> bool:
    """Say whether an order is young enough, and settled enough, for an offer; it asks no row."""
    since = order.confirmed_at or order.placed_at
    if not since <= now < since + MADE_FOR or order.concern or order.needs_agreement:
        return False
    if order.status == Order.Status.CONFIRMED:
        return not order.due_now
    # An order that waits to be paid online is not held up by anything else to decide.
    is_transfer = order.payment_method == "transfer" and not order.paid
    is_told = order.is_cash_on_delivery and not order.due_now
    is_alive = order.expires_at is None or order.expires_at > now
    return order.status == Order.Status.PENDING and is_alive and (is_transfer or is_told)


def shown_to(order: Order, *, now: datetime) -> Offer | None:
    """Give the offer for an order's page, which may be two seconds late to know a shop's first.

    Every look at an order asks, and most shops offer nothing.
    """
    may_be = is_time(order, now=now) and _offering.get(order.organization_id, _is_offering)
    return made_to(order, now=now) if may_be else None


def _is_offering(organization_id) -> bool:
    return Offer.objects.filter(organization=organization_id, is_active=True).exists()


def made_to(order: Order, *, now: datetime) -> Offer | None:
    """Give the offer that this order's buyer may still answer, if any."""
    if not is_time(order, now=now) or OfferAnswer.objects.filter(order=order).exists():
        return None
    if editing.why_not(order) or _has_proof(order):
        return None
    found = _fitting(order, now=now)
    return next((offer for offer in found if not _why_not(order, offer)), None)


def _fitting(order: Order, *, now: datetime):
    """Give the offers whose conditions the order meets, the merchant's first choice first."""
    bought = order.lines.order_by()
    shelves = bought.values("variant__product__category")
    around = bought.values("variant__product__category__parent")
    outermost = bought.values("variant__product__category__parent__parent")
    return (
        Offer.objects.filter(
            Q(starts_at=None) | Q(starts_at__lte=now),
            Q(ends_at=None) | Q(ends_at__gt=now),
            Q(product=None) | Q(product__in=bought.values("variant__product")),
            Q(category=None)
            | Q(category__in=shelves)
            | Q(category__in=around)
            | Q(category__in=outermost),
            is_active=True,
            minimum__lte=order.subtotal,
            variant__is_active=True,
            variant__price__gt=F("price"),
            variant__product__in=Product.objects.visible(now),
        )
        # Of a kit that takes the stock of its parts, see _why_not.
        .filter(
            Q(variant__stock__on_hand__gt=F("variant__stock__reserved"))
            | Q(variant__kit_stock=Variant.KitStock.PARTS)
        )
        .exclude(variant__in=bought.values("variant"))
        .select_related("variant__product")[:5]
    )


def _why_not(order: Order, offer: Offer) -> str:
    """Say why this order cannot grow by what is offered: nothing carries it, or no cash so high."""
    if offer.variant.kit_stock == Variant.KitStock.PARTS:
        left = kits.with_available(Variant.objects.filter(pk=offer.variant_id)).get().available
        if not left:
            return stock.words_for_left(left)
    lines = [*order.lines.select_related("variant"), _line(order, offer)]
    voucher = vouchers.find(order.voucher_code)
    basket = editing.basket_of(order, lines, voucher)
    place = Municipality.objects.select_related("department").get(
        code=order.delivery.get("municipality_code", "")
    )
    if quotes.needs_asking(order.delivery_code):
        # Agreed with a carrier, or to be: nobody is asked again as long as the boxes hold it all.
        is_cash_allowed = order.is_cash_on_delivery
        kept = editing.basket_of(order, lines[:-1], voucher)
        if quotes.boxes_of(basket) > quotes.boxes_of(kept):
            return _("It does not fit into the parcel.")
    else:
        try:
            quote = quotes.quote_of(order.delivery_code, place, basket)
        except quotes.NotDelivered as error:
            return str(error)
        is_cash_allowed = quote.allows_cash_on_delivery
    if not order.is_cash_on_delivery or order.account is None:
        return ""
    order.account.organization = order.organization
    purchase = Purchase(
        total=order.total + offer.price,
        currency=order.currency,
        municipality_code=place.code,
        allows_cash_on_delivery=is_cash_allowed,
        customer=order.customer,
    )
    return payments.refusal(order.account, purchase)


def _has_proof(order: Order) -> bool:
    return order.attempts.filter(
        proof_at__isnull=False, status=PaymentAttempt.Status.STARTED
    ).exists()


# --- The buyer's answer ---------------------------------------------------------------------------


@transaction.atomic
def accept(
    order: Order, offer: Offer, *, now: datetime, seen_price: int | None = None
) -> OfferAnswer:
    """Add what is offered to an order, once: asked again, it gives the answer that stands.

    `seen_price` is what the buyer read; another price is told before anything is added.
    """
    order = _locked(order)
    answer = OfferAnswer.objects.filter(order=order).first()
    if answer is not None and answer.status == _Status.ACCEPTED:
        return answer
    _require(order, offer, now=now)
    if seen_price is not None and seen_price != offer.price:
        raise OtherPrice(
            _("It now costs %(price)s. Look at the offer again.")
            % {"price": money.label(offer.price, order.currency)}
        )
    line = _line(order, offer)
    was_firm = order.status == Order.Status.CONFIRMED
    _tell(order, OrderEvent.Kind.OFFER_ACCEPTED, line, now=now, by=timeline.BUYER)
    kept = list(order.lines.select_related("variant"))
    editing.carry_out(order, _as_agreed(order, kept, [*kept, line]), now=now)
    return OfferAnswer.objects.create(
        offer=offer,
        order=order,
        variant=offer.variant,
        price=offer.price,
        status=_Status.ACCEPTED,
        answered_at=now,
        pay_until=now + PAY_WITHIN if was_firm and order.due_now else None,
    )


@transaction.atomic
def decline(order: Order, offer: Offer, *, now: datetime) -> OfferAnswer:
    """Note that the buyer wants nothing more; an offer accepted before stays as it is."""
    order = _locked(order)
    answer, _is_new = OfferAnswer.objects.get_or_create(
        order=order,
        defaults={
            "offer": offer,
            "variant": offer.variant,
            "price": offer.price,
            "status": _Status.DECLINED,
            "answered_at": now,
        },
    )
    return answer


@transaction.atomic
def leave_out(order: Order, *, now: datetime) -> OfferAnswer | None:
    """Let the buyer think better of what was added and is not paid yet."""
    order = _locked(order)
    answer = OfferAnswer.objects.filter(order=order, pay_until__isnull=False).first()
    if answer is None or not order.due_now:
        return answer
    reason = editing.why_not(order)
    if reason:
        raise OfferOver(reason)
    _take_out(answer, order, now=now, by=timeline.BUYER)
    return answer


def _require(order: Order, offer: Offer, *, now: datetime) -> None:
    made = made_to(order, now=now)
    if made is None or made.pk != offer.pk:
        raise OfferOver(_("This offer is over. Your order stays as it is."))
    # As the database has it now, not as whoever calls us read it before the lock.
    offer.price, offer.variant = made.price, made.variant


def _locked(order: Order) -> Order:
    return (
        Order.objects.select_for_update(no_key=True, of=("self",))
        .select_related("organization", "account", "customer")
        .get(pk=order.pk)
    )


# --- Unpaid in time -------------------------------------------------------------------------------


def due(now: datetime):
    """Give the answers whose time to be paid is over."""
    return OfferAnswer.objects.filter(pay_until__lte=now)


def end(answer_id: UUID, *, now: datetime) -> None:
    """Take out again what was added and not paid in time; the gateway is asked first."""
    answer = due(now).filter(pk=answer_id).select_related("order").first()
    if answer is None:
        return
    unanswered = answer.order.attempts.filter(
        status__in=[PaymentAttempt.Status.STARTED, PaymentAttempt.Status.PENDING]
    )
    for attempt in unanswered.select_related("account__organization", "order"):
        try:
            paying.ask(attempt, now=now)
        except (ProviderUnavailable, ProviderRefused):
            if now < answer.answered_at + _FOR_BANK:
                return
    _end(answer, now=now)


@transaction.atomic
def _end(answer: OfferAnswer, *, now: datetime) -> None:
    order = _locked(answer.order)
    answer = due(now).filter(pk=answer.pk).first()
    if answer is None:
        return
    if order.status != Order.Status.CONFIRMED or not order.due_now:
        # Paid, or cancelled with everything it had.
        _settle(answer, until=None)
        return
    until = _alive_until(answer, order, now=now)
    if until > now:
        _settle(answer, until=until)
        return
    _take_out(answer, order, now=now, by=timeline.CLOCK)


def _alive_until(answer: OfferAnswer, order: Order, *, now: datetime) -> datetime:
    """Give until when a payment in progress keeps the line in; now when nothing does."""
    until = [now]
    for attempt in order.attempts.filter(created_at__gte=answer.answered_at):
        if attempt.status == PaymentAttempt.Status.PENDING:
            last = (
                attempt.proof_at + _FOR_PROOF
                if attempt.proof_at
                else min(now + _MORE, answer.answered_at + _FOR_BANK)
            )
            until.append(last)
        elif attempt.status == PaymentAttempt.Status.STARTED and attempt.url:
            # Its page is open: who opened it in time may pay there as long as it says.
            until.append(min(attempt.expires_at or now, answer.answered_at + 4 * PAY_WITHIN))
    return max(until)


def _settle(answer: OfferAnswer, *, until: datetime | None) -> None:
    answer.pay_until = until
    answer.save(update_fields=["pay_until"])


def _take_out(answer: OfferAnswer, order: Order, *, now: datetime, by: str) -> None:
    """Make the order what it was without the offer; callers hold its lock."""
    answer.status, answer.pay_until = _Status.TAKEN_OUT, None
    answer.save(update_fields=["status", "pay_until"])
    kept = list(order.lines.select_related("variant"))
    left = [line for line in kept if not (line.is_offer and line.variant_id == answer.variant_id)]
    if len(left) in (0, len(kept)):
        # Staff took it out already, or everything else.
        return
    (line,) = (line for line in kept if line not in left)
    _tell(order, OrderEvent.Kind.OFFER_TAKEN_OUT, line, now=now, by=by)
    editing.carry_out(order, _as_agreed(order, kept, left), now=now)


# --- The order as it would be ---------------------------------------------------------------------


def _line(order: Order, offer: Offer) -> OrderLine:
    variant = offer.variant
    return editing.new_line(
        order,
        variant,
        quantity=1,
        unit_price=offer.price,
        parts=kits.parts_of([variant.pk]).get(variant.pk, []),
        tax=pricing.tax_in(offer.price, variant.tax_category),
        is_offer=True,
    )


def _as_agreed(order: Order, kept: list[OrderLine], lines: list[OrderLine]) -> editing.Plan:
    """Plan an order with other lines, and delivery, discount and fees exactly as they are."""
    subtotal = sum(line.unit_price * line.quantity for line in lines)
    tax = sum(line.tax for line in lines)
    price = pricing.Price(
        subtotal=subtotal,
        discount=order.discount,
        shipping=order.shipping,
        cash_fee=order.cash_fee,
        tax=tax,
        total=subtotal - order.discount + order.shipping + order.cash_fee,
        discounts=tuple(line.discount for line in lines),
        taxes=tuple(line.tax for line in lines),
    )
    quote = quotes.Quote(
        code=order.delivery_code,
        label=order.delivery_label,
        description="",
        carrier="",
        cost=order.shipping,
        full_cost=order.shipping,
        days_min=order.delivery_days_min,
        days_max=order.delivery_days_max,
        is_pickup=order.is_pickup,
        allows_cash_on_delivery=order.is_cash_on_delivery,
        cash_on_delivery_fee=order.cash_fee,
        free_from=None,
        carrier_cost=order.carrier_cost,
    )
    return editing.Plan(
        lines=tuple(lines),
        price=price,
        quote=quote,
        delivery=order.delivery,
        before=editing.picture(kept, order.delivery, order.delivery_label, order.total),
        after=editing.picture(lines, order.delivery, order.delivery_label, price.total),
        total_before=order.total,
    )


def _tell(order: Order, kind: str, line: OrderLine, *, now: datetime, by: str) -> None:
    timeline.record(
        order,
        kind,
        now=now,
        actor_label=by,
        data={
            "name": f"{line.name} {line.label}".strip(),
            "amount": line.unit_price * line.quantity,
            "currency": order.currency,
        },
        is_public=True,
        mail=True,
    )
