"""Orders, how they came to be and how they are paid."""

from datetime import datetime, timedelta

from django.utils import timezone

from logistics.models import Rate
from orders import checkout, invoices, paying, refunds, settlement
from orders.models import (
    Cart,
    CartLine,
    GatewayEvent,
    GatewayTransaction,
    Invoice,
    Offer,
    Order,
    OrderLine,
    PaymentAccount,
    PaymentAttempt,
    Refund,
    ReturnRequest,
    ShipmentBatch,
    Subscription,
    SubscriptionPlan,
    Voucher,
)
from orders.payments.base import Report
from orders.practice import gateway
from orders.subscriptions import keeping
from shop import pages, stock
from shop.models import Customer, Municipality, StockReservation, Variant
from tests.make.logistics import delivery_code, national_rate, shipment
from tests.make.shop import customer, here, member, numbers, product, variant


def payment_account(provider: str = "practice", **fields) -> PaymentAccount:
    """Give a way to pay that the shop offers."""
    fields = {"organization": here(), "name": f"Pago {next(numbers)}", **fields}
    return PaymentAccount.objects.create(provider=provider, **fields)


def order(
    *,
    lines: list | None = None,
    status: str = Order.Status.PENDING,
    paid: bool | int = False,
    placed_at: datetime | None = None,
    customer: Customer | None = None,
    account: PaymentAccount | None = None,
    **fields,
) -> Order:
    """Give an order of these variants, or pairs of variant and quantity; it promises no stock.

    `paid` is an amount, or True for all of it.
    """
    lines = [line if isinstance(line, tuple) else (line, 1) for line in lines or [variant()]]
    placed_at = placed_at or timezone.now()
    subtotal = sum(variant.price * quantity for variant, quantity in lines)
    extras = fields.get("shipping", 0) + fields.get("cash_fee", 0) - fields.get("discount", 0)
    total = subtotal + extras
    money = total if paid is True else int(paid)
    customer = customer or globals()["customer"]()
    fields = {
        "number": 1000 + next(numbers),
        "is_test": not here().is_live,
        "name": customer.name,
        "email": customer.email,
        "payment_method": account.provider if account else "",
        "payment": _payment_word(money, total, whole=paid is True),
        "paid_at": placed_at if paid else None,
        "expires_at": None if money else placed_at + timedelta(hours=1),
        "due_first": total,
        "terms_version": "1",
        **fields,
    }
    order = Order.objects.create(
        organization=here(),
        customer=customer,
        account=account,
        status=status,
        currency=here().currency,
        subtotal=subtotal,
        total=total,
        paid=money,
        placed_at=placed_at,
        terms_accepted_at=placed_at,
        **fields,
    )
    # The order's discount lies on its first line.
    discount = fields.get("discount", 0)
    for position, (variant_, quantity) in enumerate(lines):
        order_line(order, variant_, quantity, position=position, discount=discount)
        discount = 0
    return order


def order_line(order: Order, variant: Variant, quantity: int = 1, **fields) -> OrderLine:
    """Give one more line of an order; the order's sums stay as they are."""
    return OrderLine.objects.create(
        order=order,
        variant=variant,
        sku=variant.sku,
        name=variant.product.name,
        label=variant.label,
        unit_price=variant.price,
        quantity=quantity,
        total=variant.price * quantity - fields.get("discount", 0),
        tax_category=variant.tax_category,
        **fields,
    )


def _payment_word(money: int, total: int, *, whole: bool) -> str:
    if whole or (money and money >= total):
        return Order.Payment.PAID
    return Order.Payment.PARTLY_PAID if money else Order.Payment.UNPAID


def cart(*variants: Variant, quantity: int = 1, **fields) -> Cart:
    """Give a cart with so many of each variant."""
    cart = Cart.objects.create(organization=here(), **fields)
    for variant_ in variants:
        CartLine.objects.create(
            cart=cart, variant=variant_, quantity=quantity, seen_price=variant_.price
        )
    return cart


def wish(account: PaymentAccount | None, delivery: str, **fields) -> checkout.Wish:
    """Give what a buyer decides in the checkout; `email` and `phone` say who it is."""
    number = next(numbers)
    contact = checkout.Contact(
        name="Ana Gómez",
        email=fields.pop("email", f"ana-{number}@example.com"),
        phone=fields.pop("phone", f"+5730012{number:05d}"),
        document_type="CC",
        document_number="1020304050",
    )
    fields = {
        "municipality": Municipality.objects.select_related("department").get(code="11001"),
        "address": {"line": "Carrera 7 # 71-21", "neighbourhood": "Chapinero"},
        "terms_version": pages.VERSIONS[pages.TERMS],
        **fields,
    }
    return checkout.Wish(contact=contact, delivery_code=delivery, account=account, **fields)


def placed_order(
    *variants: Variant,
    quantity: int = 1,
    provider: str = "practice",
    now=None,
    customer: Customer | None = None,
    voucher: str = "",
    **fields,
) -> Order:
    """Give an order placed as a buyer would, with reserved stock, that waits to be paid."""
    method = PaymentAccount.objects.filter(provider=provider).first() or payment_account(
        provider, is_live=here().is_live
    )
    chosen = Rate.objects.first() or national_rate()
    basket = cart(*(variants or [variant()]), quantity=quantity, voucher_code=voucher)
    return checkout.place(
        here(),
        basket.pk,
        wish(method, delivery_code(chosen), **fields),
        now=now or timezone.now(),
        customer=customer,
    )


def attempt(order: Order, *, now=None) -> PaymentAttempt:
    """Give an opened payment of the order."""
    return paying.start(
        order, return_url="https://tienda.example/volver/", now=now or timezone.now()
    )


def report(attempt: PaymentAttempt, status: str = "approved", **fields) -> Report:
    """Give what a gateway says of a transaction under this attempt."""
    fields = {
        "transaction_id": f"tx-{attempt.reference}",
        "reference": attempt.reference,
        "status": GatewayTransaction.Status(status),
        "amount": attempt.amount,
        "currency": attempt.currency,
        "is_live": attempt.account.is_live,
        **fields,
    }
    return Report(**fields)


def pay(order: Order, *, now=None) -> Order:
    """Let the gateway say that the order was paid, and give the order as it is then."""
    opened = attempt(order, now=now)
    settlement.settle(opened.account, report(opened), now=now or timezone.now())
    return Order.objects.get(pk=order.pk)


def invoice(order: Order, *, actor=None, **fields) -> Invoice:
    """Give a document of the order that the DIAN accepted when it was made, just now."""
    number, now = next(numbers), timezone.now()
    fields = {
        "kind": Invoice.Kind.INVOICE,
        "status": Invoice.Status.ACCEPTED,
        "prefix": "SETP",
        "number": 990_000_000 + number,
        "code": f"{number:096x}",
        "issued_at": now - timedelta(minutes=2),
        "answered_at": now - timedelta(minutes=1),
        **fields,
    }
    return invoices.record(order, fields, now=now, actor=actor)


def offer(variant: Variant, **fields) -> Offer:
    """Give an offer at half the price, to any order."""
    fields.setdefault("price", variant.price // 2)
    return Offer.objects.create(organization=here(), variant=variant, **fields)


def plan(*variants: Variant, **fields) -> SubscriptionPlan:
    """Give a plan by which these variants come every month, 10 % cheaper unless told otherwise."""
    fields = {"name": f"Plan {next(numbers)}", "percent": 10, **fields}
    made = SubscriptionPlan.objects.create(organization=here(), **fields)
    made.variants.set(variants)
    return made


def subscription(
    *variants: Variant,
    card: str = "4242",
    quantity: int = 1,
    now=None,
    customer: Customer | None = None,
    **fields,
) -> Subscription:
    """Give a subscription that began as one does: with an order, paid with a card to be kept."""
    variants = variants or (variant(price=5_000_000),)
    now = now or timezone.now()
    terms = fields.pop("plan", None) or plan(*variants)
    order = placed_order(*variants, quantity=quantity, now=now, customer=customer)
    consent = keeping.allow(order, plan=terms, address=None, now=now)
    opened = attempt(order, now=now)
    gateway.decide(opened.reference, "approve", now=now, card=card)
    paying.ask(opened, now=now)
    keeping.follow(consent.pk, now=now)
    Subscription.objects.filter(first_order=order).update(**fields)
    return Subscription.objects.get(first_order=order)


def rows_of_orders(word: str = "Uno") -> dict[str, object]:
    """Give a row of every model of orders that staff meet, carrying the word where it can."""
    method = payment_account(name=f"Pago {word}", is_live=here().is_live)
    bought = variant(product(f"Crema {word}"), name=f"Tarro {word}", option1=f"Tarro {word}")
    buyer = customer(name=f"Compra {word}", email=f"compra-{word.lower()}@example.com")
    order = pay(placed_order(bought, customer=buyer, notes=f"Nota {word}"))
    Order.objects.filter(pk=order.pk).update(name=f"Recibe {word}")
    now = timezone.now()
    return {
        "order": order,
        "paymentaccount": method,
        "gatewaytransaction": GatewayTransaction.objects.get(attempt__order=order),
        "gatewayevent": GatewayEvent.objects.create(
            account=method,
            event_id=f"event-{word}",
            kind="transaction.updated",
            payload={"word": word},
            received_at=now,
        ),
        "refund": refunds.request(
            order, 100_00, reason=Refund.Reason.OTHER, note=f"Devuelve {word}", now=now
        )[0],
        "invoice": invoice(order, prefix=word.upper(), pdf_url=f"https://dian.example/{word}.pdf"),
        "returnrequest": ReturnRequest.objects.create(
            organization=here(),
            number=1,
            order=order,
            kind=ReturnRequest.Kind.OTHER,
            reason=f"Motivo {word}",
            requested_at=now,
        ),
        "voucher": Voucher.objects.create(
            organization=here(), code=f"CUPON{word.upper()}", kind="percent", percent=10
        ),
        "offer": offer(variant(product(f"Oferta {word}", variants=0), price=20_000_00)),
        "cart": Cart.objects.create(
            organization=here(),
            customer=buyer,
            prepared_by=member("support"),
            draft={"name": f"Borrador {word}"},
        ),
        "shipmentbatch": ShipmentBatch.objects.create(organization=here(), created_at=now),
        "shipment": shipment(recipient={"name": f"Llega {word}"}, error=f"No se pudo {word}"),
        "subscriptionplan": plan(name=f"Plan {word}"),
        "subscription": subscription(
            name=f"Suscrita {word}", customer=customer(email=f"suscrita-{word.lower()}@example.com")
        ),
        "stockreservation": StockReservation.objects.get(holder=order.pk),
        "stockcheck": stock.check(here(), now=now),
    }
