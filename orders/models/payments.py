"""Money: who takes it for the shop, every try to pay, and what the gateways said."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.lib.fields import KeyField, LineField, SecretsField
from config.lib.scoping import scoped
from shop.models import Organization

from .orders import Order


class PaymentAccount(models.Model):
    """A way to pay that a shop offers: a gateway with its keys, a bank account, cash."""

    class Provider(models.TextChoices):
        WOMPI = "wompi", "Wompi"
        STRIPE = "stripe", "Stripe"
        TRANSFER = "transfer", _("Bank transfer")
        CASH = "cash", _("Cash on delivery")
        PRACTICE = "practice", _("Practice gateway")

    id = KeyField()
    organization = models.ForeignKey(
        Organization,
        models.CASCADE,
        related_name="payment_accounts",
        verbose_name=_("organization"),
    )
    provider = models.CharField(_("kind"), max_length=12, choices=Provider)
    name = LineField(_("name"), max_length=60, help_text=_("As buyers read it."))
    description = LineField(_("explanation"), max_length=160, blank=True)
    # Test keys serve a shop in test mode, live keys a live one, and never the reverse.
    is_live = models.BooleanField(_("live"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    position = models.PositiveIntegerField(_("position"), default=0)
    secrets = SecretsField(verbose_name=_("keys"))
    # What is no secret: see `Options` of each provider in orders/payments/.
    settings = models.JSONField(_("settings"), default=dict, blank=True)
    is_demo = models.BooleanField(_("demo"), default=False, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = scoped()

    class Meta:
        verbose_name = _("payment method")
        verbose_name_plural = _("payment methods")
        ordering = ["position", "id"]

    def __str__(self):
        return self.name


class PaymentAttempt(models.Model):
    """One try to pay an order, under a reference of its own that is never used again."""

    class Status(models.TextChoices):
        STARTED = "started", _("Started")
        PENDING = "pending", _("In progress")
        APPROVED = "approved", _("Approved")
        DECLINED = "declined", _("Declined")
        EXPIRED = "expired", _("Expired")

    id = KeyField()
    order = models.ForeignKey(
        Order, models.CASCADE, related_name="attempts", verbose_name=_("order")
    )
    account = models.ForeignKey(
        PaymentAccount, models.PROTECT, related_name="attempts", verbose_name=_("payment method")
    )
    reference = models.CharField(_("reference"), max_length=60, unique=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.STARTED)
    amount = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    # The gateway's own name of this attempt, when it gives one (a Checkout Session).
    gateway_id = models.CharField(_("gateway's id"), max_length=120, blank=True)
    url = models.URLField(_("payment page"), max_length=2_000, blank=True)
    expires_at = models.DateTimeField(_("valid until"), null=True, blank=True)
    # Whether the buyer allowed the gateway to keep the means of this payment (KeepingConsent).
    keeps_method = models.BooleanField(default=False, db_default=False, editable=False)
    # The saved means that is charged without its owner; empty for a payment on a page.
    method = models.ForeignKey(
        "SavedMethod",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="attempts",
        verbose_name=_("saved card"),
    )
    # When it may be charged, first or once more after no answer; claimed by moving it.
    charge_at = models.DateTimeField(null=True, editable=False)
    # Proof of a bank transfer: a file that only staff and the buyer may see.
    proof = models.FileField(_("proof"), max_length=200, blank=True)
    proof_at = models.DateTimeField(_("proof received"), null=True, blank=True)
    # When the gateway is asked next by itself; empty when there is nothing more to ask.
    ask_at = models.DateTimeField(_("ask at"), null=True, blank=True)
    asked = models.PositiveSmallIntegerField(_("times asked"), default=0)
    created_at = models.DateTimeField(_("created"))

    objects = scoped("order__organization")

    class Meta:
        verbose_name = _("payment attempt")
        verbose_name_plural = _("payment attempts")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="an_attempt_is_for_money", condition=Q(amount__gt=0))
        ]
        indexes = [
            models.Index(
                fields=["ask_at"], name="attempt_to_ask", condition=Q(ask_at__isnull=False)
            )
        ]

    def __str__(self):
        return self.reference


class GatewayTransaction(models.Model):
    """What a gateway says of one transaction of its own; one row, however often it is told."""

    class Status(models.TextChoices):
        PENDING = "pending", _("Pending")
        DECLINED = "declined", _("Declined")
        FAILED = "failed", _("Failed")
        APPROVED = "approved", _("Approved")
        VOIDED = "voided", _("Voided")
        REFUNDED = "refunded", _("Refunded")

    # Newer truth has the higher rank: what comes late or again with a lower one changes nothing.
    RANK = {
        Status.PENDING: 0,
        Status.DECLINED: 1,
        Status.FAILED: 1,
        Status.APPROVED: 2,
        Status.VOIDED: 3,
        Status.REFUNDED: 4,
    }

    class Problem(models.TextChoices):
        """Why a transaction counts for nothing although the gateway approved it."""

        NONE = "", _("No problem")
        AMOUNT = "amount", _("Another amount")
        CURRENCY = "currency", _("Another currency")
        MERCHANT = "merchant", _("Another merchant's account")
        ENVIRONMENT = "environment", _("Test money in a live shop, or the reverse")
        REFERENCE = "reference", _("A reference that is not ours")

    id = KeyField()
    account = models.ForeignKey(
        PaymentAccount, models.PROTECT, related_name="transactions", verbose_name=_("account")
    )
    attempt = models.ForeignKey(
        PaymentAttempt,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="transactions",
        verbose_name=_("attempt"),
    )
    gateway_id = models.CharField(_("gateway's id"), max_length=120)
    reference = models.CharField(_("reference"), max_length=120, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status)
    amount = models.BigIntegerField(_("amount"))
    refunded = models.BigIntegerField(_("refunded"), default=0)
    currency = models.CharField(_("currency"), max_length=3)
    # The gateway's words: "CARD", "NEQUI", and why it was declined.
    method = models.CharField(_("means"), max_length=40, blank=True)
    message = models.CharField(_("message"), max_length=200, blank=True)
    problem = models.CharField(_("problem"), max_length=12, choices=Problem, blank=True, default="")
    seen_at = models.DateTimeField(_("first seen"))
    changed_at = models.DateTimeField(_("changed"))

    objects = scoped("account__organization")

    class Meta:
        verbose_name = _("transaction")
        verbose_name_plural = _("transactions")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                name="one_row_per_transaction", fields=["account", "gateway_id"]
            )
        ]
        indexes = [
            models.Index(
                fields=["changed_at"],
                name="transaction_given_back",
                condition=Q(refunded__gt=0),
            )
        ]

    def __str__(self):
        return f"{self.gateway_id} {self.get_status_display()}"


class GatewayEvent(models.Model):
    """A notice of a gateway, verified and kept as it came; the row itself is the queue."""

    id = KeyField()
    account = models.ForeignKey(
        PaymentAccount, models.CASCADE, related_name="events", verbose_name=_("account")
    )
    event_id = models.CharField(_("gateway's id"), max_length=200)
    kind = models.CharField(_("kind"), max_length=80)
    # Empty when it is about nothing of ours: then it is only kept.
    reference = models.CharField(_("reference"), max_length=120, blank=True)
    transaction_id = models.CharField(_("transaction"), max_length=120, blank=True)
    payload = models.JSONField(_("payload"))
    received_at = models.DateTimeField(_("received"))
    handled_at = models.DateTimeField(_("handled"), null=True, blank=True)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    # When it may be taken (again); one with an error waits for a person.
    try_at = models.DateTimeField(_("next try"), default=timezone.now, editable=False)
    error = models.CharField(_("error"), max_length=300, blank=True)
    # Of the request that brought it: what is done about it stands in the log under the same id.
    # The database fills it in for code that is a release older.
    request_id = models.CharField(max_length=64, db_default="", editable=False)

    objects = scoped("account__organization")

    class Meta:
        verbose_name = _("gateway event")
        verbose_name_plural = _("gateway events")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(name="one_row_per_event", fields=["account", "event_id"])
        ]
        indexes = [
            models.Index(
                fields=["try_at"],
                name="event_to_handle",
                condition=Q(handled_at__isnull=True, error=""),
            ),
            models.Index(fields=["account"], name="event_in_error", condition=~Q(error="")),
        ]

    def __str__(self):
        return f"{self.kind} {self.event_id}"


class Refund(models.Model):
    """Money to give back: a request with a deadline, done only when the money really went."""

    class Method(models.TextChoices):
        VOID = "gateway_void", _("Void by the gateway")
        GATEWAY = "gateway_refund", _("Refund by the gateway")
        MANUAL = "manual_transfer", _("Transfer by hand")

    class Status(models.TextChoices):
        REQUESTED = "requested", _("To be done")
        ASKED = "asked", _("Asked of the gateway")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    class Reason(models.TextChoices):
        WITHDRAWAL = "withdrawal", _("Right of withdrawal")
        WARRANTY = "warranty", _("Warranty")
        CANCELLED = "cancelled", _("Order cancelled")
        CHANGED = "changed", _("Order changed")
        OVERPAID = "overpaid", _("Paid too much")
        OTHER = "other", _("Other")

    id = KeyField()
    order = models.ForeignKey(
        Order, models.PROTECT, related_name="refunds", verbose_name=_("order")
    )
    transaction = models.ForeignKey(
        GatewayTransaction,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="refunds",
        verbose_name=_("transaction"),
    )
    amount = models.BigIntegerField(_("amount"))
    method = models.CharField(_("how"), max_length=16, choices=Method)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.REQUESTED)
    reason = models.CharField(_("reason"), max_length=12, choices=Reason)
    note = LineField(_("note"), max_length=200, blank=True)
    # The legal last day (Ley 1480 of 2011, changed by Ley 2439 of 2024).
    due_on = models.DateField(_("due on"))
    gateway_id = models.CharField(_("gateway's id"), max_length=120, blank=True)
    # Proof of a transfer by hand: what the bank printed.
    proof = LineField(_("proof"), max_length=120, blank=True)
    error = models.CharField(_("error"), max_length=300, blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("requested by"),
    )
    requested_at = models.DateTimeField(_("requested"))
    ask_at = models.DateTimeField(null=True, editable=False)
    asked = models.PositiveSmallIntegerField(default=0, editable=False)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("done by"),
    )

    objects = scoped("order__organization")

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="a_refund_is_money", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="a_gateway_refund_has_a_transaction",
                condition=Q(method="manual_transfer") | Q(transaction__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["ask_at"], name="refund_to_ask", condition=Q(ask_at__isnull=False)
            ),
            models.Index(
                fields=["due_on"],
                name="refund_due",
                condition=~Q(status="done"),
            ),
            models.Index(
                fields=["done_at"], name="refund_done", condition=Q(done_at__isnull=False)
            ),
        ]

    def __str__(self):
        return f"{self.order} · {self.get_method_display()}"
