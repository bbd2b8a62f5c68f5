"""The shop whose processes are killed: its orders, what must become of them, and what did.

Runs inside of the installation. The gateway's truth alone decides how an order ends: `MEANT` says
it for each kind of order, whatever is killed meanwhile.
"""

from collections import Counter
from datetime import datetime, timedelta

from django.db.models import Sum
from django.utils import timezone
from django_scopes import scope

from config.lib import mail
from orders import cancellation, expiry, paying, refunds, webhooks
from orders.models import GatewayEvent, GatewayTransaction, Order, OrderEvent, PaymentAttempt
from shop import stock
from shop.models import Organization, StockLevel, StockMovement
from tests import make

from .payments import stripe_stub, wompi_stub

# One kind of order after the other comes due, wave by wave, as time passes.
WAVES = 5
BETWEEN_WAVES = timedelta(minutes=3)
OPENING = 200

# How an order is paid, and how many minutes before its wave it was placed.
PLACED = {
    "notice kept": ("wompi", 0),
    "notice kept, of the other gateway": ("stripe", 0),
    "notice lost": ("wompi", 0),
    "notice lost, and its time over": ("wompi", 31),
    "in progress for long": ("wompi", 0),
    "declined": ("wompi", 25),
    "never paid": ("wompi", 31),
    "paid too late": ("wompi", 40),
    "paid too late, and sold out": ("wompi", 40),
    "paid another amount": ("wompi", 25),
    "reversed by the gateway": ("wompi", 0),
    "cancelled, to be voided": ("wompi", 0),
    "cancelled, to be sent back by hand": ("wompi", 0),
    "given back in two parts": ("stripe", 0),
    "without the buyer's word": ("cash", 60 * 24 * 4),
}
# In every wave; the others in some.
ALWAYS = (
    "notice kept",
    "notice lost",
    "never paid",
    "cancelled, to be voided",
    "given back in two parts",
)
# Once: one more who comes too late finds that another buyer has the rest.
ONCE = "paid too late, and sold out"

_PAID = ("confirmed", "paid", "", "")
_EXPIRED = ("cancelled", "unpaid", "expired", "")
_BUY = {"placed": 1, "payment_started": 1}
_BOUGHT = _BUY | {"paid": 1, "confirmed": 1}
_GIVEN_BACK = _BOUGHT | {"cancelled": 1, "refund_requested": 1}
# Status, payment, why cancelled, what a person must decide; and the timeline, counted. Of two
# parts that are given back at once, the buyer may be told at once: there the sum is what counts.
MEANT = {
    "notice kept": (_PAID, _BOUGHT),
    "notice kept, of the other gateway": (_PAID, _BOUGHT),
    "notice lost": (_PAID, _BOUGHT),
    "notice lost, and its time over": (_PAID, _BOUGHT),
    "in progress for long": (_PAID, _BOUGHT | {"payment_pending": 1}),
    "declined": (_EXPIRED, _BUY | {"payment_declined": 1, "cancelled": 1}),
    "never paid": (_EXPIRED, _BUY | {"cancelled": 1}),
    "paid too late": (_PAID, _BOUGHT | {"cancelled": 1}),
    "paid too late, and sold out": (
        ("cancelled", "paid", "expired", "paid_without_stock"),
        _BUY | {"cancelled": 1, "paid": 1, "concern": 1},
    ),
    "paid another amount": (
        ("cancelled", "unpaid", "expired", "mismatch"),
        _BUY | {"cancelled": 1, "concern": 1},
    ),
    "reversed by the gateway": (("cancelled", "refunded", "reversed", ""), _BUY | {"cancelled": 1}),
    "cancelled, to be voided": (
        ("cancelled", "refunded", "by_shop", ""),
        _GIVEN_BACK,
    ),
    "cancelled, to be sent back by hand": (("cancelled", "paid", "by_shop", ""), _GIVEN_BACK),
    "given back in two parts": (
        ("confirmed", "partly_refunded", "", ""),
        _BOUGHT | {"refund_requested": 2},
    ),
    "without the buyer's word": (
        ("cancelled", "unpaid", "not_confirmed", ""),
        {"placed": 1, "cancelled": 1},
    ),
}


def place() -> list[dict]:
    """Open a shop whose buyers order; give what the gateways must know of each order."""
    organization = make.organization()
    with scope(organization=organization):
        make.payment_account("wompi", settings=wompi_stub.SETTINGS, secrets=wompi_stub.SECRETS)
        make.payment_account("stripe", secrets=stripe_stub.SECRETS)
        make.national_rate()
        start = timezone.now()
        product = make.product(variants=0, published_at=start - timedelta(days=30))
        lavender = make.variant(product, sku="LAVANDA", option1="10 ml", in_stock=OPENING)
        placed = []
        for number, kind in _plan():
            at = start + number * BETWEEN_WAVES
            if kind == ONCE:
                rest = make.variant(product, sku="ULTIMAS", option1="30 ml", in_stock=2)
                placed.append(_placed(kind, rest, 2, at=at))
                placed.append(_placed("notice kept", rest, 2, at=at))
            else:
                placed.append(_placed(kind, lavender, 1 + number % 3, at=at))
        return placed


def _plan():
    """Give the number of its wave and the kind of every order."""
    sometimes = [kind for kind in PLACED if kind not in (*ALWAYS, ONCE)]
    for number in range(WAVES):
        yield from ((number, kind) for kind in ALWAYS)
        yield from ((number, kind) for kind in sometimes[number % 3 :: 3])
    yield WAVES // 2, ONCE


def _placed(kind: str, variant, quantity: int, *, at: datetime) -> dict:
    provider, minutes = PLACED[kind]
    placed_at = at - timedelta(minutes=minutes)
    order = make.placed_order(
        variant, quantity=quantity, provider=provider, now=placed_at, external_reference=kind
    )
    told = {"kind": kind, "order": str(order.pk), "at": at.isoformat(), "notices": []}
    if provider == "cash":
        return told
    attempt = make.attempt(order, now=placed_at)
    if kind in ("paid too late", "paid too late, and sold out"):
        expiry.expire(order.pk, now=at)
    return told | {
        "attempt": str(attempt.pk),
        "provider": provider,
        "reference": attempt.reference,
        "session": attempt.gateway_id,
        "amount": attempt.amount,
    }


def arrange(*, placed: list[dict]) -> None:
    """Bring the notices that were not lost, and do what the shop did with its orders since."""
    with scope(organization=Organization.objects.get()):
        for told in placed:
            at = datetime.fromisoformat(told["at"])
            if told["kind"] != "without the buyer's word":
                _arrange(told, at=at)


def _arrange(told: dict, *, at: datetime) -> None:
    attempts = PaymentAttempt.objects.select_related("account__organization", "order")
    attempt = attempts.get(pk=told["attempt"])
    for headers, body in told["notices"]:
        webhooks.receive(attempt.account, headers, body.encode(), now=at)
    kind = told["kind"]
    if kind == "notice lost, and its time over":
        # Only the question before the end finds this money.
        PaymentAttempt.objects.filter(pk=attempt.pk).update(ask_at=None)
    if kind == "in progress for long" or kind.startswith(("cancelled", "given back")):
        paying.ask(attempt, now=at)
    order = Order.objects.get(pk=attempt.order_id)
    if kind.startswith("cancelled"):
        cancellation.cancel(order, Order.Cancelled.BY_SHOP, now=at)
    if kind == "given back in two parts":
        for part in parts(order.total):
            refunds.request(order, part, reason="other", now=at)


def parts(total: int) -> list[int]:
    """Cut what is given back of an order into two unequal amounts."""
    return [total // 4, total // 2]


def found() -> dict:
    """Say what became of everything."""
    organization = Organization.objects.get()
    with scope(organization=organization):
        return {
            "orders": [_found(order) for order in Order.objects.order_by("number")],
            "differences": stock.differences(organization),
            "levels": {
                level.variant.sku: [level.on_hand, level.reserved]
                for level in StockLevel.objects.select_related("variant")
            },
            "transactions": sorted(
                GatewayTransaction.objects.values_list("gateway_id", "reference", "status")
            ),
            "notices": GatewayEvent.objects.count(),
            "notices waiting": list(
                GatewayEvent.objects.filter(handled_at=None).values_list("kind", "error")
            ),
            "mails wanted": [
                [key.hex, status]
                for key, status in OrderEvent.objects.exclude(mail="").values_list("pk", "mail")
            ],
            "mails": sent(),
        }


def _found(order: Order) -> dict:
    movements = StockMovement.objects.filter(reference=order.label)
    return {
        "order": str(order.pk),
        "kind": order.external_reference,
        "total": order.total,
        "quantity": order.lines.get().quantity,
        "sku": order.lines.get().sku,
        "state": [order.status, order.payment, order.cancel_reason, order.concern],
        "timeline": Counter(order.events.exclude(kind="refunded").values_list("kind", flat=True)),
        "told": {
            kind: sum(event.data["amount"] for event in order.events.filter(kind=kind))
            for kind in ("paid", "refunded")
        },
        "held": order.net_paid,
        "moved": movements.aggregate(sum=Sum("quantity"))["sum"] or 0,
        "movements": movements.count(),
        "refunds": sorted(order.refunds.values_list("method", "status", "amount")),
        "counted": order.customer.order_count,
    }


def sent() -> list[str]:
    """Give the key of the event of every mail that left, as often as it left."""
    written = mail.written(str(Organization.objects.get().pk), limit=1_000)
    return [message["Message-ID"].strip("<>").partition("@")[0] for _name, message in written]
