"""Cash that couriers took at the door, and what their carriers paid over."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.lib.fields import KeyField, LineField, ParagraphField
from config.lib.scoping import scoped
from shop.models import Organization

from .carriers import CarrierAccount
from .shipments import Shipment


class CashStatement(models.Model):
    """What a carrier says it paid over, from its spreadsheet; or one note of a person."""

    id = KeyField()
    organization = models.ForeignKey(
        Organization,
        models.CASCADE,
        related_name="cash_statements",
        verbose_name=_("organization"),
    )
    # Empty: guides of any carrier may stand in it.
    account = models.ForeignKey(
        CarrierAccount,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="cash_statements",
        verbose_name=_("carrier"),
    )
    name = LineField(_("file"), max_length=120, blank=True)
    # Of the file's bytes: the same file is one statement.
    fingerprint = models.CharField(max_length=64, blank=True, editable=False)
    # Written down without a file: cash that came by hand, or that will not come.
    is_by_hand = models.BooleanField(_("by hand"), default=False, editable=False)
    currency = models.CharField(_("currency"), max_length=3, editable=False)
    # The sums of its lines, in minor units
    line_count = models.PositiveIntegerField(_("lines"), default=0, editable=False)
    collected = models.BigIntegerField(_("collected"), default=0, editable=False)
    fees = models.BigIntegerField(_("fees"), default=0, editable=False)
    paid = models.BigIntegerField(_("paid over"), default=0, editable=False)
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("who"),
    )
    imported_at = models.DateTimeField(_("imported"))
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("who undid it"),
    )
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)

    objects = scoped()

    class Meta:
        verbose_name = _("cash statement")
        verbose_name_plural = _("cash statements")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                name="a_file_is_one_statement",
                fields=["organization", "fingerprint"],
                condition=Q(undone_at__isnull=True) & ~Q(fingerprint=""),
            )
        ]

    def __str__(self):
        return self.name or str(_("By hand"))


class CashLine(models.Model):
    """What was paid over for one guide, and what the shop makes of it."""

    class Result(models.TextChoices):
        MATCHED = "matched", _("Matches")
        DIFFERENT = "different", _("Another amount")
        UNKNOWN = "unknown", _("Unknown guide")
        ALREADY_PAID = "already_paid", _("Paid before")
        NOT_DELIVERED = "not_delivered", _("Not delivered")

    id = KeyField()
    statement = models.ForeignKey(
        CashStatement,
        models.CASCADE,
        related_name="lines",
        verbose_name=_("cash statement"),
        db_index=False,
    )
    # Its line in the file.
    row = models.PositiveIntegerField(_("line"))
    tracking_number = LineField(_("guide"), max_length=60)
    shipment = models.ForeignKey(
        Shipment,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="cash_lines",
        verbose_name=_("shipment"),
    )
    # In minor units: what was to be collected, and what the carrier says
    expected = models.BigIntegerField(_("expected"), default=0)
    collected = models.BigIntegerField(_("collected"))
    fee = models.BigIntegerField(_("fee"), default=0)
    paid = models.BigIntegerField(_("paid over"))
    paid_on = models.DateField(_("day"), null=True, blank=True)
    result = models.CharField(_("result"), max_length=13, choices=Result)
    # Whether it is the one that tells what was paid for its shipment.
    is_counted = models.BooleanField(default=False, editable=False)
    note = ParagraphField(_("note"), blank=True, max_length=500)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("who settled it"),
    )
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)
    # When whoever sells follows it (again); empty when that is done.
    follow_at = models.DateTimeField(null=True, editable=False)

    objects = scoped("statement__organization")

    class Meta:
        verbose_name = _("line of a cash statement")
        verbose_name_plural = _("lines of cash statements")
        ordering = ["row"]
        constraints = [
            models.UniqueConstraint(name="a_line_is_read_once", fields=["statement", "row"]),
            # Whoever pays twice is told so, and counts once.
            models.UniqueConstraint(
                name="cash_counts_once", fields=["shipment"], condition=Q(is_counted=True)
            ),
            models.CheckConstraint(
                name="cash_is_not_negative", condition=Q(collected__gte=0, fee__gte=0)
            ),
        ]
        indexes = [
            models.Index(
                fields=["follow_at"], name="cash_to_follow", condition=Q(follow_at__isnull=False)
            ),
            models.Index(fields=["statement", "result", "row"], name="cash_by_result"),
        ]

    def __str__(self):
        return self.tracking_number

    @property
    def difference(self) -> int:
        """What was collected beyond what was to be; below zero when it was less."""
        return self.collected - self.expected

    @property
    def needs_person(self) -> bool:
        """Whether somebody has to look at it."""
        return self.result != self.Result.MATCHED and self.settled_at is None
