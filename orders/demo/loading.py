"""The demo of buying: ways to pay, vouchers, and two months of orders.

What is configured stands in shops.toml, who bought what in orders.csv. Every order is
made by the operations that make real ones, with a `now` of its time (telling.py); the clock of
the database is set right afterwards. No mail is written, because nobody has an e-mail address
until the stories are told: what happened long ago is told to nobody.
"""

import csv
import tomllib
from datetime import datetime, timedelta
from pathlib import Path

from django.core.files.storage import storages
from django.db import transaction
from django.db.models import Min, OuterRef, Q, Subquery
from django.utils import translation

from logistics import demo as logistics_demo
from logistics.models import CashLine, Shipment
from shop import customers, stock
from shop.models import (
    Address,
    Customer,
    Organization,
    Product,
    StockMovement,
    StockReservation,
    Variant,
)

from .. import cash_following, checkout, sales, vouchers
from ..models import (
    Cart,
    GatewayTransaction,
    Invoice,
    Offer,
    Order,
    OrderEvent,
    OrderShipment,
    PaymentAccount,
    PaymentAttempt,
    PracticePayment,
    Refund,
    ReturnRequest,
    SalesState,
    SavedMethod,
    Subscription,
    SubscriptionPlan,
    Voucher,
    VoucherUse,
)
from . import stories, telling

SHOPS = Path(__file__).with_name("shops.toml")
ORDERS = Path(__file__).with_name("orders.csv")
# What marks a customer as part of the demo (as shop/demo/loading.py does).
CUSTOMER_TAG = "demo"
# The shelves were filled before the first order.
_BEFORE = timedelta(days=75)


def load(organization: Organization, *, now: datetime) -> None:
    """Let a demo shop sell, and fill its last two months with orders."""
    with SHOPS.open("rb") as file:
        written = tomllib.load(file).get(organization.slug)
    if written is None or not Variant.objects.exists():
        return
    with translation.override(organization.language):
        _configure(organization, written, now=now)
        people = _write_people(organization, written["people"])
        rows = _rows(organization)
        telling.tell(organization, people, rows, stories=stories.STORIES, now=now)
        _set_clocks(now=now)
        _give_addresses()
        Shipment.objects.filter(order_shipments__order__customer__in=_people()).update(is_demo=True)
        _tell_cash(organization, now=now)
        sales.refresh(organization, now=now)


def _tell_cash(organization: Organization, *, now: datetime) -> None:
    """Let the carrier's statement come, and its orders follow before the days are counted."""
    logistics_demo.tell_cash(organization, now=now)
    for line_id in list(CashLine.objects.filter(follow_at__lte=now).values_list("pk", flat=True)):
        cash_following.follow(line_id, now=now)


def remove(organization: Organization, *, now: datetime) -> None:
    """Delete the orders that hang on the demo, and what the demo set up.

    What was really sold (an order that is no test) is the merchant's own, with its products and
    its customer: it stays, and so do they.
    """
    _keep_what_is_real()
    demo = Order.objects.filter(is_test=True)
    keys = {
        *demo.filter(customer__in=_people()).values_list("pk", flat=True),
        *demo.filter(lines__variant__product__is_demo=True).values_list("pk", flat=True),
        *demo.filter(account__is_demo=True).values_list("pk", flat=True),
    }
    _delete_orders(Order.objects.filter(pk__in=keys))
    SavedMethod.objects.filter(account__is_demo=True, attempts=None, subscriptions=None).delete()
    SubscriptionPlan.objects.filter(is_demo=True, subscriptions=None).delete()
    PaymentAccount.objects.filter(
        is_demo=True, orders=None, attempts=None, transactions=None, saved_methods=None
    ).delete()
    Voucher.objects.filter(is_demo=True, uses=None).delete()
    Offer.objects.filter(is_demo=True).delete()
    StockReservation.objects.filter(variant__product__is_demo=True).delete()
    # The numbers of the days are counted anew from what is left.
    SalesState.objects.update(counted_at=None)
    sales.refresh(organization, now=now)


# --- What a shop offers -------------------------------------------------------------------------


def _configure(organization: Organization, written: dict, *, now: datetime) -> None:
    organization.minimum_order = written["minimum_order"] * 100
    organization.save(update_fields=["minimum_order"])
    for position, row in enumerate(written["payment"]):
        account = PaymentAccount(
            organization=organization,
            provider=row["provider"],
            name=row["name"],
            description=row["description"],
            position=position,
            settings=row.get("settings", {}) | _centavos(row),
            is_demo=True,
        )
        account.full_clean(exclude=["organization"])
        account.save()
    for row in written.get("vouchers", ()):
        fields = {key: value for key, value in row.items() if key != "pesos"} | _centavos(row)
        voucher = Voucher(
            organization=organization, starts_at=now - _BEFORE, is_demo=True, **fields
        )
        voucher.full_clean(exclude=["organization"])
        voucher.save()
    for row in written.get("offers", ()):
        offer = Offer(
            organization=organization,
            variant=Variant.objects.get(sku=row["sku"]),
            is_demo=True,
            **_centavos(row),
        )
        offer.full_clean(exclude=["organization"])
        offer.save()
    for row in written.get("plans", ()):
        plan = SubscriptionPlan(organization=organization, is_demo=True, **row)
        plan.full_clean(exclude=["organization"])
        plan.save()


def _centavos(row: dict) -> dict:
    return {key: pesos * 100 for key, pesos in row.get("pesos", {}).items()}


def _write_people(organization: Organization, written: list[dict]) -> dict[str, Customer]:
    """Add those who only bought; give all customers by the first part of their e-mail address."""
    for row in written:
        document_type, document_number = row["document"]
        customer = customers.create(
            organization,
            name=row["name"],
            email=row["email"],
            phone=row["phone"],
            document_type=document_type,
            document_number=document_number,
            source=Order.Source.WEB,
            tags=[CUSTOMER_TAG],
        )
        place = row["address"]
        Address.objects.create(
            customer=customer,
            recipient=customer.name,
            phone=customer.phone,
            line=place["line"],
            complement=place["complement"],
            neighbourhood=place["neighbourhood"],
            municipality_id=place["municipality"],
            notes=place.get("notes", ""),
            is_default=True,
        )
    return {customer.email.partition("@")[0]: customer for customer in Customer.objects.all()}


def _rows(organization: Organization) -> list[dict]:
    with ORDERS.open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["shop"] == organization.slug]


# --- Afterwards ---------------------------------------------------------------------------------


def _set_clocks(*, now: datetime) -> None:
    """Give the rows that the database dated by itself the time at which they happened."""

    def placed(key: str, value: str) -> Subquery:
        return Subquery(Order.objects.filter(**{key: OuterRef(value)}).values("placed_at")[:1])

    StockMovement.objects.filter(reason=StockMovement.Reason.OPENING).update(at=now - _BEFORE)
    StockReservation.objects.update(created_at=placed("pk", "holder"))
    VoucherUse.objects.update(used_at=placed("pk", "order"))
    bought = Cart.objects.filter(order__isnull=False)
    bought.update(created_at=placed("cart", "pk"), changed_at=placed("cart", "pk"))
    attempts = PaymentAttempt.objects.filter(reference=OuterRef("reference"))
    PracticePayment.objects.update(created_at=Subquery(attempts.values("created_at")[:1]))
    last = OrderEvent.objects.filter(order=OuterRef("pk")).order_by("-at")
    Order.objects.update(changed_at=Subquery(last.values("at")[:1]))
    for customer in Customer.objects.annotate(first=Min("orders__placed_at")):
        if customer.first:
            Customer.objects.filter(pk=customer.pk).update(created_at=customer.first)
    # The gateway was asked when it mattered; nothing is left to ask about what is over.
    over = PaymentAttempt.objects.exclude(order__status=Order.Status.PENDING)
    over.update(ask_at=None)


def _give_addresses() -> None:
    """Let the orders know the e-mail addresses that they did without until now."""
    orders = list(Order.objects.select_related("customer"))
    for order in orders:
        order.email = order.customer.email
        order.search = checkout.search_text(order)
    Order.objects.bulk_update(orders, ["email", "search"])
    for subscription in Subscription.objects.select_related("customer"):
        subscription.email = subscription.customer.email
        subscription.save(update_fields=["email"])


# --- Removal ------------------------------------------------------------------------------------


def _keep_what_is_real() -> None:
    """Take the label off the products and customers of orders that were no test."""
    real = Order.objects.real()
    bought = _people().filter(pk__in=real.values("customer")).select_related("user")
    for customer in bought:
        customer.tags = [tag for tag in customer.tags if tag != CUSTOMER_TAG]
        if customer.user and customer.user.is_demo:
            customer.user = None
        customer.save(update_fields=["tags", "user"])
    sold = Product.objects.filter(variants__pk__in=real.values("lines__variant"))
    Product.objects.filter(is_demo=True, pk__in=sold.values("pk")).update(is_demo=False)


def _people():
    """Give the demo's customers: those with its label, and its users who signed in."""
    return Customer.objects.filter(Q(tags__contains=[CUSTOMER_TAG]) | Q(user__is_demo=True))


def _delete_orders(orders) -> None:
    """Delete orders with everything below them; what they hold goes back first."""
    for order in orders:
        stock.release(order.pk)
        vouchers.give_back(order, now=order.placed_at)
    keys = list(orders.values_list("pk", flat=True))
    begun = Subscription.objects.filter(Q(first_order__in=keys) | Q(periods__order__in=keys))
    Subscription.objects.filter(pk__in=list(begun.values_list("pk", flat=True))).delete()
    attempts = PaymentAttempt.objects.filter(order__in=keys)
    proofs = list(attempts.exclude(proof="").values_list("proof", flat=True))
    PracticePayment.objects.filter(reference__in=attempts.values("reference")).delete()
    ReturnRequest.objects.filter(order__in=keys).delete()
    Invoice.objects.filter(order__in=keys).delete()
    Shipment.objects.filter(order_shipments__order__in=keys).delete()
    OrderShipment.objects.filter(order__in=keys).delete()
    Refund.objects.filter(order__in=keys).delete()
    GatewayTransaction.objects.filter(attempt__in=attempts).delete()
    Cart.objects.filter(order__in=keys).delete()
    StockReservation.objects.filter(holder__in=keys).delete()
    orders.filter(pk__in=keys).delete()
    transaction.on_commit(lambda: [storages["private"].delete(name) for name in proofs])
