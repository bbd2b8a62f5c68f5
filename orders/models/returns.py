"""Goods that come back: withdrawal, warranty, a mistake."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from config.lib.fields import KeyField, LineField, ParagraphField
from config.lib.scoping import scoped
from shop.models import Organization

from .orders import IllegalStep, Order, OrderLine
from .payments import Refund


class ReturnRequest(models.Model):
    """A buyer's wish to give goods back, from the request to the money."""

    class Kind(models.TextChoices):
        WITHDRAWAL = "withdrawal", _("Right of withdrawal")
        WARRANTY = "warranty", _("Warranty")
        OTHER = "other", _("Other")

    class Status(models.TextChoices):
        REQUESTED = "requested", _("Requested")
        ACCEPTED = "accepted", _("Accepted, on its way back")
        RECEIVED = "received", pgettext_lazy("return", "Received")
        INSPECTED = "inspected", _("Inspected")
        CLOSED = "closed", _("Closed")
        REJECTED = "rejected", _("Rejected")

    NEXT = {
        Status.REQUESTED: {Status.ACCEPTED, Status.RECEIVED, Status.REJECTED},
        Status.ACCEPTED: {Status.RECEIVED, Status.REJECTED},
        Status.RECEIVED: {Status.INSPECTED},
        Status.INSPECTED: {Status.CLOSED},
        Status.CLOSED: set(),
        Status.REJECTED: set(),
    }

    id = KeyField()
    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="returns", verbose_name=_("organization")
    )
    number = models.PositiveBigIntegerField(_("number"))
    order = models.ForeignKey(
        Order, models.PROTECT, related_name="returns", verbose_name=_("order")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.REQUESTED)
    reason = ParagraphField(_("reason"), blank=True, max_length=1_000)
    # Where the money shall go when the gateway cannot give it back: the buyer's own words.
    refund_to = LineField(_("refund to"), max_length=200, blank=True)
    answer = ParagraphField(_("answer to the buyer"), blank=True, max_length=1_000)
    # The last day to ask (five business days) and the last day to pay (fifteen calendar days).
    ask_until = models.DateField(_("could be asked until"), null=True, blank=True)
    pay_until = models.DateField(_("money due on"), null=True, blank=True)
    refund = models.OneToOneField(
        Refund, models.SET_NULL, null=True, blank=True, verbose_name=_("refund")
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    requested_at = models.DateTimeField(_("requested"))
    received_at = models.DateTimeField(_("received"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    objects = scoped()

    class Meta:
        verbose_name = _("return")
        verbose_name_plural = _("returns")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                name="return_number_is_unique", fields=["organization", "number"]
            )
        ]
        indexes = [models.Index(fields=["organization", "status"], name="return_queue")]

    def __str__(self):
        return f"D-{self.number}"

    def move_to(self, status: str) -> None:
        """Take the next step in a return's life; callers hold the order's lock and save it."""
        if status not in self.NEXT[self.status]:
            raise IllegalStep(
                gettext("Return %(return)s is “%(status)s” and cannot become “%(next)s”.")
                % {
                    "return": self,
                    "status": self.get_status_display(),
                    "next": self.Status(status).label,
                }
            )
        self.status = status


class ReturnLine(models.Model):
    """So many of an order's line that come back, and what became of them."""

    id = KeyField()
    request = models.ForeignKey(ReturnRequest, models.CASCADE, related_name="lines")
    line = models.ForeignKey(
        OrderLine, models.PROTECT, related_name="returns", verbose_name=_("line")
    )
    quantity = models.PositiveIntegerField(_("quantity"))
    restocked = models.PositiveIntegerField(_("back in stock"), default=0)
    written_off = models.PositiveIntegerField(_("written off"), default=0)

    objects = scoped("request__organization")

    class Meta:
        verbose_name = _("line of a return")
        verbose_name_plural = _("lines of returns")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(name="line_once_in_return", fields=["request", "line"]),
            models.CheckConstraint(
                name="no_more_restocked_than_returned",
                condition=Q(quantity__gte=1) & Q(quantity__gte=F("restocked") + F("written_off")),
            ),
        ]

    def __str__(self):
        return f"{self.quantity} × {self.line.name}"
