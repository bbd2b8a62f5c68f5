"""From cart to order: one transaction that prices again, promises stock and takes a number."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from config.lib import money, text
from config.lib.errors import DomainError
from logistics import quotes
from shop import customers, kits, sequences, stock
from shop.models import Customer, Municipality, Organization

from . import agreement, confirmation, contents, paying, payments, pricing, timeline, vouchers
from .contents import Contents
from .models import Cart, Order, OrderEvent, OrderLine, PaymentAccount, Voucher
from .payments.base import Purchase

# The first order of a shop is #1001.
FIRST_NUMBER = 1000


class CheckoutRefused(DomainError):
    """The order was not placed; nothing was taken."""

    code = "checkout_refused"


class CartGone(CheckoutRefused):
    code = "cart_gone"


class EmptyCart(CheckoutRefused):
    code = "empty_cart"


class LinesRefused(CheckoutRefused):
    """Some lines cannot be bought as they stand; `problems` says why, by variant."""

    code = "lines_refused"

    def __init__(self, problems: dict[UUID, str], *, is_only_stock: bool = True):
        self.problems, self.is_only_stock = problems, is_only_stock
        super().__init__(_("Some products in your cart changed. Look at them and try again."))


class BelowMinimum(CheckoutRefused):
    code = "below_minimum"


class PriceChanged(CheckoutRefused):
    """The total is no longer what the buyer saw; `total` is what it is now."""

    code = "price_changed"

    def __init__(self, total: int, currency: str):
        self.total = total
        super().__init__(
            _("The total is now %(total)s. Check it and confirm your order again.")
            % {"total": money.label(total, currency)}
        )


class PaymentNotOffered(CheckoutRefused):
    code = "payment_not_offered"


class AddressMissing(CheckoutRefused):
    code = "address_missing"


@dataclass(frozen=True)
class Contact:
    """Who buys; the phone as E.164, the document as documents.clean() gives it."""

    name: str
    email: str
    phone: str
    document_type: str = ""
    document_number: str = ""


@dataclass(frozen=True)
class Wish:
    """Everything a buyer decides in the checkout, already checked field by field."""

    contact: Contact
    municipality: Municipality
    # line, complement, neighbourhood, postal_code, notes, recipient and phone, as far as given.
    address: dict
    delivery_code: str
    # None only for an order that costs nothing.
    account: PaymentAccount | None
    terms_version: str
    accepted_from: str | None = None
    wants_news: bool = False
    billing: dict | None = None
    notes: str = ""
    language: str = "es"
    source: str = Order.Source.WEB
    external_reference: str = ""
    # The total that the buyer saw; another one is told before anything is bought.
    seen_total: int | None = None
    # Of a subscription: what it takes off the goods, and when its buyer agreed to these terms.
    percent_off: int = 0
    agreed_at: datetime | None = None


@transaction.atomic
def place(
    organization: Organization,
    cart_id: UUID,
    wish: Wish,
    *,
    now: datetime,
    customer: Customer | None = None,
    actor=None,
) -> Order:
    """Make an order of a cart, once: asked again for the same cart, it gives the same order.

    New rows go past the scoped managers, which would only build a filter that no INSERT has.
    Rows are taken in one order everywhere: cart, voucher, stock, numbers. What others also want is
    taken last and held briefly; foreign keys are checked at the commit.
    """
    cart = _close_cart(organization, cart_id, now=now)
    if cart is None:
        return _order_of(cart_id)
    if wish.agreed_at is None:
        agreement.require_current(wish.terms_version)
    found = contents.of(organization, cart_id, now=now)
    _require_lines(organization, found)
    voucher_code = cart["voucher_code"]
    voucher = voucher_code and vouchers.usable(
        voucher_code,
        subtotal=found.subtotal,
        currency=organization.currency,
        now=now,
        customer=customer,
        contact=wish.contact,
    )
    price, quote = price_of(organization, found, wish, voucher or None)
    if not (quote.is_pickup or wish.address.get("line")):
        raise AddressMissing(_("Write the street and the number."))
    account = _require_account(wish, price, quote, customer)
    if wish.seen_total is not None and wish.seen_total != price.total:
        raise PriceChanged(price.total, organization.currency)
    customer = _welcome(organization, customer, wish)
    provider = payments.get(account.provider) if account else None
    order = Order(
        organization=organization,
        customer=customer,
        cart_id=cart_id,
        source=wish.source,
        is_test=not organization.is_live,
        language=wish.language,
        external_reference=wish.external_reference,
        name=wish.contact.name,
        email=wish.contact.email,
        phone=wish.contact.phone,
        document_type=wish.contact.document_type,
        document_number=wish.contact.document_number,
        notes=wish.notes,
        delivery=address_snapshot(wish.municipality, wish.contact, wish.address),
        billing=wish.billing,
        delivery_code=quote.code,
        delivery_label=quote.label,
        delivery_days_min=quote.days_min,
        delivery_days_max=quote.days_max,
        carrier_cost=quote.carrier_cost,
        is_pickup=quote.is_pickup,
        currency=organization.currency,
        subtotal=price.subtotal,
        discount=price.discount,
        shipping=price.shipping,
        cash_fee=price.cash_fee,
        tax=price.tax,
        total=price.total,
        due_first=provider.due_first(account, price.total) if provider else 0,
        voucher_code=voucher.code if voucher else "",
        percent_off=wish.percent_off,
        account=account,
        payment_method=account.provider if account else "free",
        terms_version=wish.terms_version,
        terms_accepted_at=None if wish.source == Order.Source.STAFF else wish.agreed_at or now,
        accepted_from=wish.accepted_from,
        placed_at=now,
        expires_at=(
            now + timedelta(minutes=provider.minutes_to_pay(account)) if provider else None
        ),
    )
    OrderLine._base_manager.bulk_create(_lines(order, found, price))
    timeline.record(
        order,
        OrderEvent.Kind.PLACED,
        now=now,
        actor=actor,
        actor_label="" if actor else timeline.BUYER,
        after=order.status,
        is_public=True,
        mail=True,
    )
    if wish.source != Order.Source.STAFF and wish.agreed_at is None:
        # Nobody consents for somebody else (see agreement.py).
        agreement.record(order, wants_news=wish.wants_news, now=now)
    if voucher:
        vouchers.take(voucher, order, now=now)
    _reserve(order, found)
    _take_numbers(order)
    order.search = search_text(order)
    order.save(force_insert=True)
    if account and wish.source != Order.Source.STAFF:
        paying.first_attempt(order, account)
    if not order.total:
        confirmation.confirm(order, now=now, by=timeline.BUYER)
    return order


def address_snapshot(municipality: Municipality, contact: Contact, address: dict) -> dict:
    """Give an address as an order keeps it: names and codes, so that nothing later changes it."""
    department = municipality.department
    return {
        "recipient": address.get("recipient") or contact.name,
        "phone": str(address.get("phone") or contact.phone),
        "line": address.get("line", ""),
        "complement": address.get("complement", ""),
        "neighbourhood": address.get("neighbourhood", ""),
        "postal_code": address.get("postal_code", ""),
        "notes": address.get("notes", ""),
        "municipality_code": municipality.code,
        "municipality": municipality.name,
        "department_code": department.code,
        "department": department.name,
    }


def search_text(order: Order) -> str:
    """Give what an order is found by, folded as a search is."""
    parts = (
        order.number,
        order.name,
        order.email,
        order.phone,
        order.document_number,
        order.external_reference,
    )
    return text.without_accents(" ".join(str(part) for part in parts if part))


def _close_cart(organization: Organization, cart_id: UUID, *, now: datetime) -> dict | None:
    """Turn the cart into an order's; who comes second waits here and then finds it closed."""
    with connection.cursor() as cursor:
        cursor.execute(_CLOSE, [now, cart_id, organization.pk])
        row = cursor.fetchone()
    return row and {"voucher_code": row[0]}


_CLOSE = """
UPDATE orders_cart SET ordered_at = %s::timestamptz
WHERE id = %s::uuid AND organization_id = %s::uuid AND ordered_at IS NULL RETURNING voucher_code
"""


def _order_of(cart_id: UUID) -> Order:
    order = Order.objects.filter(cart_id=cart_id).select_related("organization").first()
    if order is None:
        raise CartGone(_("This cart is no longer there. Put the products in a new one."))
    return order


def _require_lines(organization: Organization, found: Contents) -> None:
    if not found:
        raise EmptyCart(_("Your cart is empty."))
    problems = {item.variant_id: item.problem() for item in found.items if item.is_short}
    if problems:
        raise LinesRefused(problems, is_only_stock=all(item.is_sold for item in found.items))
    minimum = organization.minimum_order
    if found.subtotal < minimum:
        raise BelowMinimum(
            _("The minimum order is %(minimum)s.")
            % {"minimum": money.label(minimum, organization.currency)}
        )


def prepare(
    organization: Organization,
    cart_id: UUID,
    wish: Wish,
    *,
    now: datetime,
    customer: Customer | None = None,
) -> None:
    """Ask outside carriers for what `place` has to know, for it asks nobody: it is a transaction.

    A choice of the shop's own rate tables needs nothing of this, and costs nothing here.
    """
    if not quotes.needs_asking(wish.delivery_code):
        return
    found = contents.of(organization, cart_id, now=now)
    code = Cart.objects.filter(pk=cart_id).values_list("voucher_code", flat=True).first()
    try:
        voucher = code and vouchers.usable(
            code,
            subtotal=found.subtotal,
            currency=organization.currency,
            now=now,
            customer=customer,
            contact=wish.contact,
        )
    except DomainError:
        return  # `place` says so.
    basket = basket_of(organization, found, voucher or None, percent_off=wish.percent_off)
    quotes.prepare(wish.delivery_code, wish.municipality, basket)


def basket_of(
    organization: Organization,
    found: Contents,
    voucher: Voucher | None = None,
    *,
    percent_off: int = 0,
) -> quotes.Basket:
    """Give what an order of these things would send, and what it would be worth."""
    discount = pricing.discount_of(
        voucher, found.subtotal, currency=organization.currency, percent_off=percent_off
    )
    return found.basket(value=found.subtotal - discount)


def price_of(
    organization: Organization, found: Contents, wish: Wish, voucher: Voucher | None = None
) -> tuple[pricing.Price, quotes.Quote]:
    """Give what an order of these things would cost, and how it would be delivered."""
    basket = basket_of(organization, found, voucher, percent_off=wish.percent_off)
    quote = quotes.quote_of(wish.delivery_code, wish.municipality, basket)
    is_cash = wish.account is not None and wish.account.provider == PaymentAccount.Provider.CASH
    price = pricing.price(
        found.items,
        currency=organization.currency,
        voucher=voucher,
        quote=quote,
        cash_on_delivery=is_cash,
        percent_off=wish.percent_off,
    )
    return price, quote


def _require_account(wish: Wish, price, quote, customer) -> PaymentAccount | None:
    """Give the way to pay, or say why it is not offered for this order."""
    if not price.total:
        return None
    account = wish.account
    if account is None or not account.is_active:
        raise PaymentNotOffered(_("Choose how you want to pay."))
    purchase = Purchase(
        total=price.total,
        currency=account.organization.currency,
        municipality_code=wish.municipality.code,
        allows_cash_on_delivery=quote.allows_cash_on_delivery,
        customer=customer,
    )
    refusal = payments.refusal(account, purchase)
    if refusal:
        raise PaymentNotOffered(refusal)
    return account


def _lines(order: Order, found: Contents, price: pricing.Price) -> list[OrderLine]:
    return [
        OrderLine(
            order=order,
            variant_id=item.variant_id,
            position=position,
            sku=item.sku,
            name=item.name,
            label=item.label,
            unit_price=item.unit_price,
            quantity=item.quantity,
            parts=list(item.parts),
            discount=discount,
            total=item.total - discount,
            tax_category=item.tax_category,
            tax=tax,
            no_withdrawal_reason=item.no_withdrawal_reason,
        )
        for position, (item, discount, tax) in enumerate(
            zip(found.items, price.discounts, price.taxes, strict=True)
        )
    ]


def _reserve(order: Order, found: Contents) -> None:
    lines = [(item, item.quantity) for item in found.items]
    try:
        # Of kits their parts, summed with whatever else takes from the same shelves.
        stock.reserve(
            kits.taken(lines),
            holder=order.pk,
            expires_at=order.expires_at,
        )
    except stock.OutOfStock as error:
        # Somebody else was faster between our look and our promise.
        raise LinesRefused(
            {
                item.variant_id: stock.words_for_left(left)
                for item, left in zip(found.items, kits.left_for(lines, error.left), strict=True)
                if left is not None and left < item.quantity
            }
        ) from error


def _welcome(organization: Organization, customer: Customer | None, wish: Wish) -> Customer:
    """Give who buys: the account's customer, a guest who was here before, or a new row."""
    if customer is not None:
        customers.require_welcome(customer)
        return customer
    contact = wish.contact
    return customers.guest(organization, email=contact.email, phone=contact.phone) or Customer(
        organization=organization,
        name=contact.name,
        email=contact.email,
        phone=contact.phone,
        document_type=contact.document_type,
        document_number=contact.document_number,
        source=wish.source,
    )


def _take_numbers(order: Order) -> None:
    """Give the order its number, and save a new customer under theirs."""
    organization, customer = order.organization, order.customer
    if not customer._state.adding:
        order.number = FIRST_NUMBER + sequences.next_number(organization, "order")
        return
    of_customers = customers.sequence(order.placed_at)
    number, customer_number = sequences.next_numbers(organization, ["order", of_customers])
    order.number = FIRST_NUMBER + number
    customers.save_new(customer, customer_number)
