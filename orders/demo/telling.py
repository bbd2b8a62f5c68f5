"""Telling the stories of the demo's orders (stories.py), step by step in the order of time.

A story is a generator that does a step and gives the time of its next one. All stories are told
together, the earliest step first, so that stock, numbers and vouchers are at every moment what they
were then; a step that lies in the future has not happened yet.
"""

import hashlib
import io
import re
from bisect import bisect_right
from collections.abc import Callable, Generator, Iterable, Mapping
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush
from random import Random
from zoneinfo import ZoneInfo

from django.core.files.storage import storages
from django.db import transaction
from django.utils import timezone
from PIL import Image, ImageDraw, ImageFont

from logistics import quotes
from shop import organizations, pages
from shop.models import Customer, Membership, Organization, StockMovement, User, Variant
from shop.roles import Role

from .. import (
    board,
    cancellation,
    checkout,
    contents,
    fulfilment,
    invoices,
    paying,
    proofs,
    refunds,
    returns,
    timeline,
)
from ..models import (
    Cart,
    CartLine,
    Invoice,
    KeepingConsent,
    Order,
    OrderEvent,
    PaymentAccount,
    PaymentAttempt,
    PracticeCard,
    Refund,
    ReturnRequest,
    Subscription,
    SubscriptionPlan,
)
from ..payments.base import Kept
from ..practice import gateway
from ..subscriptions import beginning, keeping

Story = Generator[datetime]
_AGO = {"m": "minutes", "h": "hours", "d": "days"}
_OPENS, _CLOSES, _SUNDAY = 8, 17, 6


def tell(
    organization: Organization,
    people: Mapping[str, Customer],
    rows: Iterable[dict],
    *,
    stories: Mapping[str, Callable[["Tale"], Story]],
    now: datetime,
) -> None:
    """Let every order of the rows be placed at its time and go the way of its story."""
    shop = Shop(organization, people, now)
    upcoming = []
    for number, row in enumerate(rows):
        tale = Tale(shop, row, chance=Random(f"{organization.slug} {number}"))  # noqa: S311
        upcoming.append((shop.moment(row["at"]), number, tale, stories[row["story"]](tale)))
    heapify(upcoming)
    try:
        while upcoming and upcoming[0][0] <= now:
            moment, number, tale, story = heappop(upcoming)
            following = tale.go_on(story, now=moment)
            if following is not None:
                heappush(upcoming, (following, number, tale, story))
        shop.date_movements()
    except BaseException:
        # The rows that know the files are never written.
        for name in shop.proofs:
            storages["private"].delete(name)
        raise


class Shop:
    """Who and what all stories share."""

    def __init__(self, organization: Organization, people: Mapping[str, Customer], now: datetime):
        self.organization = organization
        self.people = people
        self.zone = ZoneInfo(organization.timezone)
        self.midnight = now.astimezone(self.zone).replace(hour=0, minute=0, second=0, microsecond=0)
        self.now = now
        self.accounts = {account.provider: account for account in PaymentAccount.objects.all()}
        self.variants = {
            variant.sku.partition("-")[2]: variant for variant in Variant.objects.all()
        }
        members = Membership.objects.select_related("user").order_by("id")
        self.staff = {member.role: member.user for member in members}
        # Where a gateway sends the buyer back to; nobody of these buyers ever comes.
        self.return_url = f"{organizations.base_url(organization)}/"
        self.receipt = _receipt(organization.name)
        self.proofs: list[str] = []
        # When each step was really taken, and when it is told to have been.
        self.steps: list[tuple[datetime, datetime]] = []

    def moment(self, ago: str) -> datetime:
        """Read "60d 10:12" (that day, at that hour) or "30h", "12m" (so long ago)."""
        span, _space, clock = ago.partition(" ")
        past = timedelta(**{_AGO[span[-1]]: int(span[:-1])})
        if not clock:
            return self.now - past
        hour, minute = map(int, clock.split(":"))
        return (self.midnight - past).replace(hour=hour, minute=minute)

    def date_movements(self) -> None:
        """Give the movements of stock, which date themselves, the time of their step."""
        begun = [began for began, _told in self.steps]
        movements = list(StockMovement.objects.filter(at__gte=begun[0])) if begun else []
        for movement in movements:
            movement.at = self.steps[bisect_right(begun, movement.at) - 1][1]
        StockMovement.objects.bulk_update(movements, ["at"])

    def person(self, role: str) -> User:
        """Give who works in this role; in a small shop the owner does everything."""
        return self.staff.get(role) or self.staff[Role.OWNER]


class Tale:
    """One order of the demo: its time, and the steps that its story takes."""

    def __init__(self, shop: Shop, row: dict, *, chance: Random):
        self.shop = shop
        self.row = row
        self.chance = chance
        self.now = shop.now
        self.order: Order | None = None
        self.quote: quotes.Quote | None = None

    def go_on(self, story: Story, *, now: datetime) -> datetime | None:
        """Take the next step at its time, and give the time of the one after it."""
        self.now = now
        self.shop.steps.append((timezone.now(), now))
        return next(story, None)

    # --- Time ---------------------------------------------------------------------------------

    def after(self, **span: float) -> datetime:
        """Give a moment about so long from now."""
        return self.now + timedelta(**span) * self.chance.uniform(0.8, 1.2)

    def at_work(self, **span: float) -> datetime:
        """Give the first moment after so long at which somebody of the shop works."""
        then = self.after(**span).astimezone(self.shop.zone)
        if then.hour >= _CLOSES:
            then = (then + timedelta(days=1)).replace(hour=_OPENS, minute=then.minute)
        elif then.hour < _OPENS:
            then = then.replace(hour=_OPENS)
        return then + timedelta(days=then.weekday() == _SUNDAY)

    # --- The buyer ----------------------------------------------------------------------------

    def place(self) -> None:
        """Put the goods into a cart and order them."""
        shop, row = self.shop, self.row
        cart = Cart.objects.create(organization=shop.organization, voucher_code=row["voucher"])
        for sku, quantity in re.findall(r"(\S+)x(\d+)", row["goods"]):
            variant = shop.variants[sku]
            CartLine.objects.create(
                cart=cart, variant=variant, quantity=int(quantity), seen_price=variant.price
            )
        customer = shop.people[row["customer"]]
        address = customer.addresses.select_related("municipality__department").get(is_default=True)
        found = contents.of(shop.organization, cart.pk, now=self.now)
        basket = found.basket(value=found.subtotal)
        self.quote = next(
            quote
            # Nobody outside is asked: a demo is written in one transaction.
            for quote in quotes.known_for(address.municipality, basket)
            if (row["delivery"] in quote.label if row["delivery"] else not quote.is_pickup)
            and (row["payment"] != "cash" or quote.allows_cash_on_delivery)
        )
        wish = checkout.Wish(
            contact=checkout.Contact(
                name=customer.name,
                # So that no mail is written; see demo.py.
                email="",
                phone=str(customer.phone),
                document_type=customer.document_type,
                document_number=customer.document_number,
            ),
            municipality=address.municipality,
            address={
                name: getattr(address, name)
                for name in ("recipient", "line", "complement", "neighbourhood", "notes")
            },
            delivery_code=self.quote.code,
            account=shop.accounts[row["payment"]],
            terms_version=pages.VERSIONS[pages.TERMS],
            # An address of the block that documentation uses (RFC 5737).
            accepted_from=f"203.0.113.{self.chance.randrange(1, 255)}",
            wants_news=self.chance.random() < 0.3,
            notes=row["notes"],
            language=shop.organization.language,
        )
        self.order = checkout.place(
            shop.organization, cart.pk, wish, now=self.now, customer=customer
        )

    def open_payment(self, provider: str = PaymentAccount.Provider.PRACTICE) -> PaymentAttempt:
        return paying.start(
            self.order,
            return_url=self.shop.return_url,
            now=self.now,
            account=self.shop.accounts[provider],
        )

    def choose(self, attempt: PaymentAttempt, choice: gateway.Choice) -> None:
        """Do this on the page of the practice gateway, and let the shop hear of it."""
        gateway.decide(attempt.reference, choice, now=self.now)
        paying.ask(attempt, now=self.now)
        self.read_again()

    def subscribe(self, card: str) -> Subscription:
        """Let the order come again, paid with a card that the practice gateway keeps."""
        shop, account = self.shop, self.shop.accounts[PaymentAccount.Provider.PRACTICE]
        plan = SubscriptionPlan.objects.filter(is_demo=True).first()
        plan.variants.add(*(line.variant_id for line in self.order.lines.all()))
        made = PracticeCard.objects.create(account=account, number=card)
        consent = keeping.allow(self.order, plan=plan, address=None, now=self.now)
        kept = Kept(secrets={"card": str(made.pk)}, label=f"Visa •••• {card}")
        # Who gets no mail has no subscription, and nobody here has an address yet.
        consent.order.email = shop.people[self.row["customer"]].email
        with transaction.atomic():
            method = keeping.remember(consent, account, kept, now=self.now)
            subscription = beginning.begin(consent, method, now=self.now)
            KeepingConsent.objects.filter(pk=consent.pk).update(done_at=self.now)
            Subscription.objects.filter(pk=subscription.pk).update(email="")
            subscription.events.update(mail=OrderEvent.Mail.NONE)
        return subscription

    def send_proof(self) -> None:
        attempt = proofs.receive(self.order, io.BytesIO(self.shop.receipt), now=self.now)
        self.shop.proofs.append(attempt.proof.name)

    def cancel(self) -> None:
        cancellation.cancel(self.order, Order.Cancelled.BY_BUYER, now=self.now, by=timeline.BUYER)

    # --- The shop -----------------------------------------------------------------------------

    def find_transfer(self) -> None:
        attempt = self.order.attempts.get(account__provider=PaymentAccount.Provider.TRANSFER)
        proofs.accept(
            attempt,
            reference=f"M{self.chance.randrange(10_000_000, 99_999_999)}",
            amount=attempt.amount,
            actor=self.shop.person(Role.MANAGER),
            now=self.now,
        )
        self.read_again()

    def work(self, step, *arguments) -> None:
        """Let somebody of the warehouse take a step."""
        actor = self.shop.person(Role.WAREHOUSE)
        self.order = step(self.order, *arguments, now=self.now, actor=actor)
        if step is fulfilment.prepare:
            board.claim(self.order, actor=actor, now=self.now)

    def ship(self) -> None:
        parcel = fulfilment.Parcel(
            carrier=self.quote.carrier or self.quote.label,
            tracking_number=f"9{self.chance.randrange(10**9, 10**10)}"
            if self.quote.carrier
            else "",
        )
        self.work(fulfilment.ship, None if self.order.is_pickup else parcel)

    def pay_back(self) -> None:
        """Carry out every refund that is waiting."""
        for refund in Refund.objects.filter(order=self.order, done_at__isnull=True):
            if refund.method == Refund.Method.MANUAL:
                refunds.done_by_hand(
                    refund,
                    proof=f"M{self.chance.randrange(10_000_000, 99_999_999)}",
                    now=self.now,
                    actor=self.shop.person(Role.OWNER),
                )
            else:
                refunds.carry_out(refund.pk, now=self.now)

    def document(self, kind: str, *, prefix: str, corrects: Invoice | None = None) -> Invoice:
        """Write down what a provider made of the order, as its connector would."""
        number = 990_000_000 + self.order.number
        return invoices.record(
            self.order,
            {
                "kind": kind,
                "status": Invoice.Status.ACCEPTED,
                "prefix": prefix,
                "number": number,
                # Of the right shape; the DIAN knows no such document.
                "code": hashlib.sha384(f"{prefix}{number}".encode()).hexdigest(),
                "issued_at": self.now - timedelta(seconds=9),
                "answered_at": self.now - timedelta(seconds=5),
                "corrects": corrects,
            },
            now=self.now,
        )

    def ask_to_return(self, *, pieces: int | None, reason: str) -> ReturnRequest:
        """Ask to withdraw from everything, or from so many pieces of the first line."""
        lines = list(self.order.lines.all())
        wanted = {lines[0].pk: pieces} if pieces else {line.pk: line.quantity for line in lines}
        return returns.request(
            self.order,
            kind=ReturnRequest.Kind.WITHDRAWAL,
            quantities=wanted,
            reason=reason,
            now=self.now,
        )

    def read_again(self) -> None:
        self.order = Order.objects.select_related("organization", "account").get(pk=self.order.pk)


def _receipt(name: str) -> bytes:
    """Draw the receipt of a transfer that nobody can take for a real one."""
    picture = Image.new("RGB", (540, 720), "#f7f4ee")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, 540, 120), fill="#1f3d36")
    large, small = ImageFont.load_default(34), ImageFont.load_default(24)
    draw.text((36, 42), "Comprobante de práctica", fill="white", font=large)
    lines = ("Transferencia exitosa", f"Para: {name}", "Cuenta: 000-000000-00", "Dinero: ninguno")
    for number, line in enumerate(lines):
        draw.text((36, 180 + 70 * number), line, fill="#2b2b2b", font=small)
    draw.text((36, 600), "Hecho para la demostración.", fill="#7a7a7a", font=small)
    kept = io.BytesIO()
    picture.save(kept, "PNG")
    return kept.getvalue()
