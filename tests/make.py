"""Rows for tests: name only what the test is about."""

import io
from datetime import datetime, timedelta
from itertools import count

from django.utils import timezone
from django_scopes import get_scope, scope
from PIL import Image

from logistics.models import Rate, RateTable
from orders import checkout, paying, refunds, settlement
from orders.models import (
    Cart,
    CartLine,
    GatewayEvent,
    GatewayTransaction,
    Offer,
    Order,
    OrderLine,
    PaymentAccount,
    PaymentAttempt,
    Refund,
    ReturnRequest,
    Subscription,
    SubscriptionPlan,
    Voucher,
)
from orders.payments.base import Report
from orders.practice import gateway
from orders.subscriptions import keeping
from shop import catalogue, content, customers, kit_making, pages, stock
from shop.models import (
    Banner,
    Benefit,
    Category,
    Customer,
    Domain,
    HomeBlock,
    Membership,
    MenuItem,
    Municipality,
    Organization,
    Post,
    PostCategory,
    PostItem,
    Product,
    ProductImport,
    StockAlert,
    StockMovement,
    StockReservation,
    User,
    Variant,
)

PASSWORD = "correct horse battery"
_number = count(1)


def organization(*, host: str | None = None, **fields) -> Organization:
    number = next(_number)
    fields = {"name": f"Tienda {number}", "slug": f"tienda-{number}", **fields}
    organization = Organization.objects.create(**fields)
    Domain.objects.create(
        organization=organization,
        host=host or f"tienda-{number}.localhost",
        is_primary=True,
        verified_at=timezone.now(),
    )
    return organization


def here() -> Organization:
    """Give the organization whose scope is open."""
    return get_scope()["organization"]


def user(*, password: str | None = PASSWORD, **fields) -> User:
    return User.objects.create_user(
        fields.pop("email", f"persona-{next(_number)}@example.com"), password, **fields
    )


def member(role: str, *, organization: Organization | None = None, **fields) -> User:
    """Give a user with this role in the organization of the open scope."""
    organization = organization or here()
    person = user(**fields)
    with scope(organization=organization):
        Membership.objects.create(organization=organization, user=person, role=role)
    return person


def customer(**fields) -> Customer:
    return customers.create(here(), **{"name": "Ana Gómez", **fields})


def category(name: str | None = None, **fields) -> Category:
    number = next(_number)
    fields = {"slug": f"categoria-{number}", "organization": here(), **fields}
    return Category.objects.create(name=name or f"Categoría {number}", **fields)


def benefit(name: str | None = None, **fields) -> Benefit:
    number = next(_number)
    fields = {"slug": f"beneficio-{number}", "organization": here(), **fields}
    return Benefit.objects.create(name=name or f"Beneficio {number}", **fields)


def product(name: str | None = None, *, variants: int = 1, in_stock: int = 10, **fields) -> Product:
    """Give a visible product with so many variants, each with stock."""
    number = next(_number)
    price = fields.pop("price", 2_490_000)
    compare_at_price = fields.pop("compare_at_price", None)
    benefits = fields.pop("benefits", ())
    fields = {"slug": f"producto-{number}", "organization": here(), **fields}
    fields["category"] = fields.get("category") or category()
    if variants > 1:
        fields.setdefault("option1_name", "Tamaño")
    product = Product.objects.create(name=name or f"Producto {number}", **fields)
    product.benefits.set(benefits)
    for position in range(variants):
        variant(
            product,
            option1=f"{(position + 1) * 10} ml" if variants > 1 else "",
            price=price,
            compare_at_price=compare_at_price,
            in_stock=in_stock,
            position=position,
        )
    catalogue.refresh([product.pk])
    product.refresh_from_db()
    return product


def variant(product: Product | None = None, *, in_stock: int = 10, **fields) -> Variant:
    """Give a variant of the product (or of a new one) with so much stock."""
    if product is None:
        product = globals()["product"](variants=0)
    fields = {"sku": f"SKU-{next(_number)}", "price": 2_490_000, **fields}
    variant = Variant.objects.create(organization=product.organization, product=product, **fields)
    catalogue.refresh([product.pk])
    if in_stock:
        stock.move(variant, in_stock, reason=StockMovement.Reason.OPENING)
    return variant


def picture_file(width: int = 800, height: int = 1000, kind: str = "JPEG", **options) -> io.BytesIO:
    """Give an uploaded picture as a file."""
    content = io.BytesIO()
    Image.effect_noise((width, height), 40).convert("RGB").save(content, kind, **options)
    content.name = f"foto.{kind.lower()}"
    content.seek(0)
    return content


def rate_table(name: str | None = None, **fields) -> RateTable:
    """Give a way of delivery, still without rates."""
    fields = {"organization": here(), **fields}
    return RateTable.objects.create(name=name or f"Envío {next(_number)}", **fields)


def rate(table: RateTable, **fields) -> Rate:
    """Give a rate of the table, for everywhere unless it names a place."""
    return Rate.objects.create(table=table, **{"price": 1_590_000, **fields})


def payment_account(provider: str = "practice", **fields) -> PaymentAccount:
    """Give a way to pay that the shop offers."""
    fields = {"organization": here(), "name": f"Pago {next(_number)}", **fields}
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
        "number": 1000 + next(_number),
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


# --- Buying ---------------------------------------------------------------------------------------


def national_rate(*, price: int = 1_000_000, **fields) -> Rate:
    """Give a rate that covers the whole country, cash on delivery included."""
    table = RateTable.objects.create(
        organization=here(), name="Envío nacional", allows_cash_on_delivery=True
    )
    fields = {"days_min": 2, "days_max": 4, "allows_cash_on_delivery": True, **fields}
    return rate(table, price=price, **fields)


def delivery_code(rate: Rate) -> str:
    """Give what a form posts to choose this rate's table."""
    return f"rate-{rate.table_id.hex}"


def cart(*variants: Variant, quantity: int = 1, **fields) -> Cart:
    """Give a cart with so many of each variant."""
    cart = Cart.objects.create(organization=here(), **fields)
    for variant in variants:
        CartLine.objects.create(
            cart=cart, variant=variant, quantity=quantity, seen_price=variant.price
        )
    return cart


def wish(account: PaymentAccount | None, delivery: str, **fields) -> checkout.Wish:
    """Give what a buyer decides in the checkout; `email` and `phone` say who it is."""
    number = next(_number)
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
        "subscriptionplan": plan(name=f"Plan {word}"),
        "subscription": subscription(
            name=f"Suscrita {word}", customer=customer(email=f"suscrita-{word.lower()}@example.com")
        ),
        "stockreservation": StockReservation.objects.get(holder=order.pk),
        "stockcheck": stock.check(here(), now=now),
    }


# --- Content --------------------------------------------------------------------------------------


def post(title: str | None = None, *, items: tuple | list = (), **fields) -> Post:
    """Give a published article (or a ritual with these variants, or pairs with a quantity)."""
    number = next(_number)
    fields = {
        "slug": f"texto-{number}",
        "status": Post.Status.PUBLISHED,
        "published_at": timezone.now() - timedelta(minutes=5),
        "kind": Post.Kind.RITUAL if items else Post.Kind.ARTICLE,
        **fields,
    }
    post = Post.objects.create(organization=here(), title=title or f"Texto {number}", **fields)
    for position, item in enumerate(items):
        variant_, quantity = item if isinstance(item, tuple) else (item, 1)
        PostItem.objects.create(post=post, variant=variant_, quantity=quantity, position=position)
    content.refresh(post)
    return post


def post_category(name: str | None = None, **fields) -> PostCategory:
    number = next(_number)
    fields = {"slug": f"tema-{number}", "organization": here(), **fields}
    return PostCategory.objects.create(name=name or f"Tema {number}", **fields)


def menu_item(address: str = "/productos/", label: str | None = None, **fields) -> MenuItem:
    fields = {"kind": MenuItem.Kind.ADDRESS, "address": address, "organization": here(), **fields}
    return MenuItem.objects.create(label=label or f"Enlace {next(_number)}", **fields)


def banner(text: str | None = None, **fields) -> Banner:
    fields = {"organization": here(), **fields}
    return Banner.objects.create(text=text or f"Aviso {next(_number)}", **fields)


def home_block(kind: str = "text", **fields) -> HomeBlock:
    fields = {"title": f"Bloque {next(_number)}", "organization": here(), **fields}
    return HomeBlock.objects.create(kind=kind, **fields)


# --- Offers ---------------------------------------------------------------------------------------


def offer(variant: Variant, **fields) -> Offer:
    """Give an offer at half the price, to any order."""
    fields.setdefault("price", variant.price // 2)
    return Offer.objects.create(organization=here(), variant=variant, **fields)


# --- Subscriptions --------------------------------------------------------------------------------


def plan(*variants: Variant, **fields) -> SubscriptionPlan:
    """Give a plan by which these variants come every month, 10 % cheaper unless told otherwise."""
    fields = {"name": f"Plan {next(_number)}", "percent": 10, **fields}
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


# --- Kits -----------------------------------------------------------------------------------------


def kit(*parts, kit_stock: str = "parts", **fields) -> Variant:
    """Give a kit of these variants, or pairs of variant and how many; it takes their stock."""
    inside = dict(part if isinstance(part, tuple) else (part, 1) for part in parts)
    made = variant(in_stock=fields.pop("in_stock", 0), **fields)
    recipe = kit_making.Recipe(kit_stock, {part.pk: each for part, each in inside.items()})
    kit_making.declare(made, recipe)
    return made


def product_import(name: str = "productos.csv", **fields) -> ProductImport:
    """Give an import that is done."""
    fields = {"organization": here(), "status": ProductImport.Status.DONE, **fields}
    return ProductImport.objects.create(name=name, **fields)


def stock_alert(variant: Variant, **fields) -> StockAlert:
    """Give somebody who waits for a variant, their address confirmed."""
    now = timezone.now()
    fields = {"email": f"espera-{next(_number)}@example.com", "confirmed_at": now, **fields}
    return StockAlert.objects.create(
        variant=variant, language="es", consent_version="2026-11", consented_at=now, **fields
    )
