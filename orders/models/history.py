"""What happened to an order, and how it left."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.lib.fields import KeyField, LineField, ParagraphField
from config.lib.scoping import scoped
from logistics.models import Shipment

from .orders import Order, OrderLine


class Happening(models.Model):
    """Who did something and when, and the mail that tells of it; its row is the mail's queue."""

    class Mail(models.TextChoices):
        NONE = "", _("No mail")
        QUEUED = "queued", _("To be sent")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Could not be sent")

    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("who"),
    )
    # "buyer", "gateway", "clock", or the name of a person who may be gone by now.
    actor_label = models.CharField(_("who, in words"), max_length=200, blank=True)
    mail = models.CharField(_("mail"), max_length=8, choices=Mail, blank=True, default="")
    mail_tried_at = models.DateTimeField(null=True, editable=False)
    mail_sent_at = models.DateTimeField(_("mail sent"), null=True, editable=False)
    mail_error = models.CharField(_("why not sent"), max_length=200, blank=True, editable=False)
    at = models.DateTimeField(_("when"))

    class Meta:
        abstract = True


class OrderEvent(Happening):
    """One thing that happened to an order: who, when, before and after, and the mail about it."""

    class Kind(models.TextChoices):
        PLACED = "placed", _("Order received")
        AGREED = "agreed", _("Terms accepted")
        LINK_SENT = "link_sent", _("Payment link sent")
        PAYMENT_STARTED = "payment_started", _("Payment started")
        PAYMENT_PENDING = "payment_pending", _("Payment in progress")
        PAYMENT_DECLINED = "payment_declined", _("Payment declined")
        PROOF_RECEIVED = "proof_received", _("Proof of payment received")
        PAID = "paid", _("Payment received")
        CONFIRMED = "confirmed", _("Order confirmed")
        PROCESSING = "processing", _("Being prepared")
        READY_TO_SHIP = "ready_to_ship", _("Ready to ship")
        PICKUP_REQUESTED = "pickup_requested", _("Pick-up requested")
        SHIPPED = "shipped", _("On its way")
        HELD_UP = "held_up", _("Delivery held up")
        DELIVERED = "delivered", _("Delivered")
        CANCELLED = "cancelled", _("Cancelled")
        RETURNED = "returned", _("Returned")
        CHANGED = "changed", _("Order changed")
        OFFER_ACCEPTED = "offer_accepted", _("Offer accepted")
        OFFER_TAKEN_OUT = "offer_taken_out", _("Offer taken out again")
        REFUND_REQUESTED = "refund_requested", _("Refund started")
        REFUNDED = "refunded", _("Money returned")
        REFUND_FAILED = "refund_failed", _("Refund failed")
        RETURN_REQUESTED = "return_requested", _("Return requested")
        RETURN_CHANGED = "return_changed", _("Return changed")
        INVOICE_RECORDED = "invoice_recorded", _("Electronic document written down")
        INVOICE_CHANGED = "invoice_changed", _("Electronic document changed")
        INVOICE_REMOVED = "invoice_removed", _("Electronic document taken out")
        CONCERN = "concern", _("Needs a decision")
        DECIDED = "decided", _("Decided")
        NOTE = "note", _("Note")

    id = KeyField()
    order = models.ForeignKey(Order, models.CASCADE, related_name="events", verbose_name=_("order"))
    kind = models.CharField(_("what"), max_length=20, choices=Kind)
    before = models.CharField(_("before"), max_length=16, blank=True)
    after = models.CharField(_("after"), max_length=16, blank=True)
    # What the words of the timeline need, such as an amount; never a secret.
    data = models.JSONField(default=dict, blank=True)
    note = ParagraphField(_("note"), blank=True, max_length=2_000)
    # Shown to the buyer on the order's page.
    is_public = models.BooleanField(_("shown to the buyer"), default=False)
    objects = scoped("order__organization")

    class Meta:
        verbose_name = _("event of an order")
        verbose_name_plural = _("events of orders")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["order", "-id"], name="event_of_order"),
            models.Index(fields=["at"], name="event_mail_queued", condition=Q(mail="queued")),
            models.Index(fields=["at"], name="event_mail_failed", condition=Q(mail="failed")),
        ]

    def __str__(self):
        return f"{self.order_id} · {self.get_kind_display()}"


class OrderShipment(models.Model):
    """How an order, or a part of it, leaves: the carrier and the number by which it is followed.

    Where a shipment stands behind it, carrier and numbers are copies of what that says.
    """

    id = KeyField()
    order = models.ForeignKey(
        Order, models.CASCADE, related_name="shipments", verbose_name=_("order")
    )
    # Empty for what staff wrote down by hand. Several orders may travel in one shipment.
    shipment = models.ForeignKey(
        Shipment,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="order_shipments",
        verbose_name=_("shipment"),
    )
    # Where the shipment stood when the order last followed it (see following.py).
    followed_state = models.CharField(max_length=16, blank=True, db_default="", editable=False)
    carrier = LineField(_("carrier"), max_length=60)
    tracking_number = LineField(_("tracking number"), max_length=60, blank=True)
    tracking_url = models.URLField(_("tracking page"), max_length=300, blank=True)
    # Empty until it is handed over.
    shipped_at = models.DateTimeField(_("shipped"), null=True)

    objects = scoped("order__organization")

    class Meta:
        verbose_name = _("shipment of an order")
        verbose_name_plural = _("shipments of orders")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                name="an_order_lies_once_in_a_shipment", fields=["order", "shipment"]
            )
        ]
        indexes = [models.Index(fields=["tracking_number"], name="shipment_number")]

    def __str__(self):
        return f"{self.carrier} {self.tracking_number}".strip()


class OrderShipmentLine(models.Model):
    """So many of a line of an order travel in this shipment; the rest travels in another."""

    id = KeyField()
    order_shipment = models.ForeignKey(
        OrderShipment, models.CASCADE, related_name="lines", verbose_name=_("shipment")
    )
    line = models.ForeignKey(
        OrderLine, models.PROTECT, related_name="+", verbose_name=_("line of the order")
    )
    quantity = models.PositiveIntegerField(_("quantity"))

    objects = scoped("order_shipment__order__organization")

    class Meta:
        verbose_name = _("line of a shipment")
        verbose_name_plural = _("lines of shipments")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                name="a_line_lies_once_in_a_shipment", fields=["order_shipment", "line"]
            ),
            models.CheckConstraint(name="something_is_sent", condition=Q(quantity__gt=0)),
        ]

    def __str__(self):
        return f"{self.quantity}"
