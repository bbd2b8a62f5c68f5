"""A purchase: what was agreed at the moment of buying, and what happened since."""

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex, GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from config.lib.errors import DomainError
from config.lib.fields import KeyField, LineField, ParagraphField
from config.lib.scoping import scoped
from shop.models import Customer, Organization, Variant
from shop.models.catalogue import LONGEST_SKU
from shop.models.customers import DocumentType

from .carts import Cart


class IllegalStep(DomainError):
    """An order was asked to become what it cannot become from where it stands."""

    code = "illegal_step"


class OrderQuerySet(models.QuerySet):
    def real(self):
        """Those that count in reports: not made in test mode."""
        return self.filter(is_test=False)


class Order(models.Model):
    """A customer's purchase, from checkout to delivery. Names, prices and addresses are copies."""

    class Status(models.TextChoices):
        PENDING = "pending", _("Waiting for payment")
        CONFIRMED = "confirmed", _("Confirmed")
        PROCESSING = "processing", _("Being prepared")
        READY_TO_SHIP = "ready_to_ship", _("Ready to ship")
        PICKUP_REQUESTED = "pickup_requested", _("Pick-up requested")
        SHIPPED = "shipped", _("On its way")
        DELIVERED = "delivered", _("Delivered")
        CANCELLED = "cancelled", _("Cancelled")
        RETURNED = "returned", _("Returned")

    # CANCELLED leads back only for an order that expired and was paid late (see settlement.py).
    NEXT = {
        Status.PENDING: {Status.CONFIRMED, Status.CANCELLED},
        Status.CONFIRMED: {Status.PROCESSING, Status.READY_TO_SHIP, Status.CANCELLED},
        Status.PROCESSING: {Status.READY_TO_SHIP, Status.CANCELLED},
        Status.READY_TO_SHIP: {Status.PICKUP_REQUESTED, Status.SHIPPED, Status.CANCELLED},
        Status.PICKUP_REQUESTED: {Status.SHIPPED, Status.CANCELLED},
        Status.SHIPPED: {Status.DELIVERED, Status.RETURNED},
        Status.DELIVERED: {Status.RETURNED},
        Status.CANCELLED: {Status.CONFIRMED},
        Status.RETURNED: set(),
    }

    class Payment(models.TextChoices):
        """What the money says, apart from where the goods are."""

        UNPAID = "unpaid", _("Not paid")
        PARTLY_PAID = "partly_paid", _("Partly paid")
        PAID = "paid", _("Paid")
        PARTLY_REFUNDED = "partly_refunded", _("Partly refunded")
        REFUNDED = "refunded", _("Refunded")

    class Cancelled(models.TextChoices):
        """Why an order was cancelled."""

        EXPIRED = "expired", _("Not paid in time")
        NOT_CONFIRMED = "not_confirmed", _("Not confirmed by the buyer")
        BY_BUYER = "by_buyer", _("Cancelled by the buyer")
        BY_SHOP = "by_shop", _("Cancelled by the shop")
        REVERSED = "reversed", _("The payment was reversed")

    class Concern(models.TextChoices):
        """What a person of the shop has to decide."""

        NONE = "", _("Nothing to decide")
        PAID_WITHOUT_STOCK = "paid_without_stock", _("Paid late, and the stock is gone")
        PAID_AFTER_CANCEL = "paid_after_cancel", _("Paid after it was cancelled")
        PAID_TOO_MUCH = "paid_too_much", _("Paid more than once")
        PAID_TOO_LITTLE = "paid_too_little", _("Paid less than its total")
        MISMATCH = "mismatch", _("The gateway reports another amount, currency or account")
        REVERSED_LATE = "reversed_late", _("The payment was reversed after dispatch")

    class Source(models.TextChoices):
        WEB = "web", _("Web")
        API = "api", _("API")
        STAFF = "staff", _("Staff")
        ASSISTANT = "assistant", _("Assistant")
        REPEAT = "repeat", _("Subscription")

    id = KeyField()
    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="orders", verbose_name=_("organization")
    )
    number = models.PositiveBigIntegerField(_("number"))
    status = models.CharField(
        _("status"), max_length=16, choices=Status, default=Status.PENDING, editable=False
    )
    payment = models.CharField(
        _("payment"), max_length=16, choices=Payment, default=Payment.UNPAID, editable=False
    )
    concern = models.CharField(
        _("to decide"), max_length=20, choices=Concern, blank=True, default="", editable=False
    )
    source = models.CharField(_("source"), max_length=10, choices=Source, default=Source.WEB)
    is_test = models.BooleanField(_("test"), default=False, editable=False)
    language = models.CharField(_("language"), max_length=2, default="es")
    external_reference = LineField(_("external reference"), max_length=60, blank=True)

    # Who buys
    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="orders", verbose_name=_("customer")
    )
    cart = models.OneToOneField(
        Cart, models.SET_NULL, null=True, editable=False, related_name="order"
    )
    name = LineField(_("name"), max_length=120)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = PhoneNumberField(_("phone"), blank=True, region="CO")
    document_type = models.CharField(
        _("document type"), max_length=4, choices=DocumentType, blank=True
    )
    document_number = LineField(_("document number"), max_length=20, blank=True)
    # Name, e-mail, phone, document and number folded, for the search box of the back-office.
    search = models.TextField(editable=False, default="")
    notes = ParagraphField(_("notes of the buyer"), blank=True, max_length=500)

    # Where it goes: copies of an address (see checkout.address_snapshot); billing only when apart.
    delivery = models.JSONField(_("delivery address"), default=dict)
    billing = models.JSONField(_("billing address"), null=True, blank=True)
    delivery_code = models.CharField(max_length=160, blank=True, editable=False)
    delivery_label = LineField(_("delivery"), max_length=80, blank=True)
    delivery_days_min = models.PositiveSmallIntegerField(null=True, editable=False)
    delivery_days_max = models.PositiveSmallIntegerField(null=True, editable=False)
    is_pickup = models.BooleanField(_("picked up in the shop"), default=False)
    # What the carrier had said it would cost us, in minor units; empty for our own rates.
    carrier_cost = models.BigIntegerField(_("quoted by the carrier"), null=True, editable=False)

    # Money, in minor units of the currency
    currency = models.CharField(_("currency"), max_length=3)
    subtotal = models.BigIntegerField(_("subtotal"))
    discount = models.BigIntegerField(_("discount"), default=0)
    shipping = models.BigIntegerField(_("delivery cost"), default=0)
    cash_fee = models.BigIntegerField(_("fee for paying on delivery"), default=0)
    tax = models.BigIntegerField(_("IVA included"), default=0)
    total = models.BigIntegerField(_("total"))
    # What must be paid before the shop starts: all of it, or only a deposit (cash on delivery).
    due_first = models.BigIntegerField(_("to pay before it is prepared"), default=0)
    paid = models.BigIntegerField(_("paid"), default=0, editable=False)
    refunded = models.BigIntegerField(_("refunded"), default=0, editable=False)
    voucher_code = LineField(_("voucher"), max_length=40, blank=True)
    # What a subscription takes off the goods; part of the discount, as a voucher's is.
    percent_off = models.PositiveSmallIntegerField(
        _("percent off"), default=0, db_default=0, editable=False
    )
    account = models.ForeignKey(
        "PaymentAccount",
        models.PROTECT,
        null=True,
        related_name="orders",
        verbose_name=_("payment method"),
    )
    payment_method = models.CharField(_("kind of payment"), max_length=12, blank=True)

    # What the buyer agreed to
    terms_version = models.CharField(_("version of the terms"), max_length=20)
    # Empty only while an order that staff made waits for its buyer's own word (agreement.py).
    terms_accepted_at = models.DateTimeField(_("terms accepted"), null=True, blank=True)
    accepted_from = models.GenericIPAddressField(_("from address"), null=True, blank=True)

    placed_at = models.DateTimeField(_("placed"))
    # Until then it waits for its payment, or for the buyer's word (cash on delivery).
    expires_at = models.DateTimeField(_("waits until"), null=True, blank=True)
    paid_at = models.DateTimeField(_("paid at"), null=True, editable=False)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, editable=False)
    shipped_at = models.DateTimeField(_("shipped"), null=True, editable=False)
    delivered_at = models.DateTimeField(_("delivered"), null=True, editable=False)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, editable=False)
    cancel_reason = models.CharField(
        _("why cancelled"), max_length=16, choices=Cancelled, blank=True, editable=False
    )
    # Who has it in hand in the warehouse (board.py).
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        # Nobody looks for it, and the table is written to by every purchase.
        db_index=False,
        related_name="+",
        verbose_name=_("in the hands of"),
    )
    claimed_at = models.DateTimeField(_("taken in hand"), null=True, editable=False)
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    objects = scoped(queryset=OrderQuerySet)

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                name="order_number_is_unique", fields=["organization", "number"]
            ),
            models.CheckConstraint(
                name="order_total_adds_up",
                condition=Q(
                    total=F("subtotal") - F("discount") + F("shipping") + F("cash_fee"),
                    total__gte=0,
                    subtotal__gte=0,
                    discount__gte=0,
                    shipping__gte=0,
                    cash_fee__gte=0,
                ),
            ),
            models.CheckConstraint(
                name="never_refund_more_than_was_paid",
                condition=Q(refunded__gte=0, paid__gte=F("refunded")),
            ),
            models.CheckConstraint(
                name="no_order_without_agreement",
                condition=Q(terms_accepted_at__isnull=False) | Q(source="staff"),
            ),
            models.CheckConstraint(
                name="a_deposit_is_part_of_the_total",
                condition=Q(due_first__gte=0, total__gte=F("due_first")),
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "status", "-number"], name="order_queue"),
            models.Index(fields=["organization", "-placed_at"], name="order_newest"),
            models.Index(fields=["organization", "email"], name="order_email"),
            models.Index(
                fields=["organization", "-paid_at"],
                name="order_paid",
                condition=Q(paid_at__isnull=False),
            ),
            # By blocks: it costs a write next to nothing.
            BrinIndex(fields=["changed_at"], name="order_changed", autosummarize=True),
            models.Index(
                fields=["expires_at"], name="order_expiring", condition=Q(status="pending")
            ),
            models.Index(
                fields=["organization", "-number"],
                name="order_concern",
                condition=~Q(concern=""),
            ),
            GinIndex(
                F("organization"), OpClass(F("search"), name="gin_trgm_ops"), name="order_search"
            ),
        ]

    def __str__(self):
        return self.label

    # --- Steps --------------------------------------------------------------------------------

    def move_to(self, status: str) -> None:
        """Take the next step in an order's life; callers hold the row's lock and save it."""
        if status not in self.NEXT[self.status]:
            raise IllegalStep(
                gettext("Order %(order)s is “%(status)s” and cannot become “%(next)s”.")
                % {
                    "order": self,
                    "status": self.get_status_display(),
                    "next": self.Status(status).label,
                }
            )
        self.status = status

    # --- Questions ----------------------------------------------------------------------------

    @property
    def label(self) -> str:
        """The number as people say it: #1024."""
        return f"#{self.number}"

    @property
    def net_paid(self) -> int:
        """What the shop holds of the buyer's money."""
        return self.paid - self.refunded

    @property
    def outstanding(self) -> int:
        """What is still to pay in all."""
        return max(0, self.total - self.net_paid)

    @property
    def due_now(self) -> int:
        """What is still to pay before the shop starts."""
        return max(0, self.due_first - self.net_paid)

    @property
    def is_open(self) -> bool:
        """Whether goods may still leave for it."""
        return self.status not in (
            self.Status.CANCELLED,
            self.Status.RETURNED,
            self.Status.DELIVERED,
        )

    @property
    def has_left(self) -> bool:
        """Whether goods ever left for it."""
        return self.shipped_at is not None or self.delivered_at is not None

    @property
    def is_before_shipping(self) -> bool:
        return self.Status.CANCELLED in self.NEXT[self.status]

    @property
    def needs_agreement(self) -> bool:
        """Whether the buyer has still to accept the terms: staff cannot do so for them."""
        return self.terms_accepted_at is None

    @property
    def is_cash_on_delivery(self) -> bool:
        return self.payment_method == "cash"

    @property
    def waits_for_word(self) -> bool:
        """Whether only the buyer's word is missing: it is paid on delivery."""
        is_waiting = self.status == self.Status.PENDING and self.is_cash_on_delivery
        return is_waiting and not self.due_now

    @property
    def status_label(self) -> str:
        """Where it stands, in words: what is paid on delivery does not wait for money."""
        if self.waits_for_word:
            return gettext("Waiting to be confirmed")
        return self.get_status_display()


class OrderLine(models.Model):
    """So many of one thing at the price agreed: name, SKU and price are copies."""

    id = KeyField()
    order = models.ForeignKey(Order, models.CASCADE, related_name="lines", verbose_name=_("order"))
    variant = models.ForeignKey(
        Variant, models.PROTECT, related_name="+", verbose_name=_("variant")
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    sku = LineField(_("SKU"), max_length=LONGEST_SKU)
    name = LineField(_("product"), max_length=140)
    label = LineField(_("choice"), max_length=90, blank=True)
    unit_price = models.BigIntegerField(_("unit price"))
    quantity = models.PositiveIntegerField(_("quantity"))
    # What each piece of a kit took from the shelves when it was sold (see shop/kits.py).
    parts = models.JSONField(default=list, db_default=[], blank=True, editable=False)
    # This line's share of the order's discount.
    discount = models.BigIntegerField(_("discount"), default=0)
    total = models.BigIntegerField(_("total"))
    tax_category = models.CharField(_("tax"), max_length=10, choices=Variant.TaxCategory)
    tax = models.BigIntegerField(_("IVA included"), default=0)
    no_withdrawal_reason = LineField(_("why it cannot be returned"), max_length=160, blank=True)
    # Added at an offer's price after the purchase: no voucher makes it cheaper still.
    is_offer = models.BooleanField(_("offer after the purchase"), default=False, db_default=False)

    objects = scoped("order__organization")

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(name="variant_once_in_order", fields=["order", "variant"]),
            models.CheckConstraint(
                name="line_total_adds_up",
                condition=Q(
                    quantity__gte=1,
                    unit_price__gte=0,
                    discount__gte=0,
                    total__gte=0,
                    total=F("unit_price") * F("quantity") - F("discount"),
                ),
            ),
        ]

    def __str__(self):
        return f"{self.quantity} × {self.name} {self.label}".strip()
