"""How much of each variant is left, and why."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from config.lib.fields import KeyField, LineField
from config.lib.scoping import scoped

from .catalogue import Category, Variant
from .organizations import Organization


class StockLevel(models.Model):
    """What lies on the shelf and how much of it is already promised."""

    variant = models.OneToOneField(
        Variant, models.CASCADE, primary_key=True, related_name="stock", verbose_name=_("variant")
    )
    on_hand = models.IntegerField(_("on hand"), default=0)
    reserved = models.IntegerField(_("reserved"), default=0)
    low_at = models.PositiveIntegerField(
        _("low at"), default=5, help_text=_("At this number or below the stock counts as low.")
    )

    # A kit that takes the stock of its parts has no shelf (see kit_making.py).
    is_of_parts = models.BooleanField(default=False, db_default=False, editable=False)

    objects = scoped("variant__organization")

    class Meta:
        verbose_name = _("stock level")
        verbose_name_plural = _("stock levels")
        constraints = [
            models.CheckConstraint(
                name="never_promise_too_much",
                condition=Q(reserved__gte=0) & Q(on_hand__gte=F("reserved")),
            ),
            models.CheckConstraint(
                name="a_kit_of_parts_has_no_shelf",
                condition=Q(is_of_parts=False) | Q(on_hand=0, reserved=0),
            ),
        ]

    def __str__(self):
        return f"{self.variant}: {self.available}"

    @property
    def available(self) -> int:
        """How many may still be sold."""
        return self.on_hand - self.reserved

    @property
    def is_low(self) -> bool:
        return self.available <= self.low_at


class LowStockAlert(models.Model):
    """A variant that fell to its low mark: one row until it is refilled, and then the next fall.

    The database itself opens and closes it (migration 0007), so that no way to change stock can
    forget it, and none pays a query for it.
    """

    id = KeyField()
    # Repeated from the variant because alerts are told organization by organization.
    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="+", verbose_name=_("organization")
    )
    variant = models.ForeignKey(
        Variant, models.CASCADE, related_name="low_stock_alerts", verbose_name=_("variant")
    )
    available = models.IntegerField(_("available"))
    low_at = models.PositiveIntegerField(_("low at"))
    fell_at = models.DateTimeField(_("fell"))
    # When more than the low mark was there again.
    refilled_at = models.DateTimeField(_("refilled"), null=True)
    tried_at = models.DateTimeField(null=True, editable=False)
    # When those who look after the stock were written to.
    told_at = models.DateTimeField(_("told"), null=True)

    objects = scoped()

    class Meta:
        verbose_name = _("low stock alert")
        verbose_name_plural = _("low stock alerts")
        ordering = ["-fell_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                name="one_alert_until_refilled",
                fields=["variant"],
                condition=Q(refilled_at__isnull=True),
            )
        ]
        indexes = [
            models.Index(
                fields=["organization", "fell_at"],
                name="low_stock_to_tell",
                condition=Q(told_at__isnull=True, refilled_at__isnull=True),
            )
        ]

    def __str__(self):
        return f"{self.variant}: {self.available}"


class StockMovement(models.Model):
    """One change of what lies on the shelf: how much, why, who. Never edited."""

    class Reason(models.TextChoices):
        RECEIVED = "received", _("Received from supplier")
        COUNTED = "counted", _("Counted")
        SOLD = "sold", _("Sold")
        RETURNED = "returned", _("Returned by customer")
        CANCELLED = "cancelled", _("Order cancelled")
        DAMAGED = "damaged", _("Damaged or expired")
        OPENING = "opening", _("Opening stock")

    id = KeyField()
    variant = models.ForeignKey(
        Variant, models.PROTECT, related_name="movements", verbose_name=_("variant")
    )
    quantity = models.IntegerField(_("quantity"), help_text=_("Negative when stock leaves."))
    reason = models.CharField(_("reason"), max_length=12, choices=Reason)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("who"),
    )
    reference = LineField(_("reference"), max_length=60, blank=True)
    at = models.DateTimeField(_("when"), auto_now_add=True)

    objects = scoped("variant__organization")

    class Meta:
        verbose_name = _("stock movement")
        verbose_name_plural = _("stock movements")
        ordering = ["-id"]
        constraints = [models.CheckConstraint(name="a_movement_moves", condition=~Q(quantity=0))]

    def __str__(self):
        return f"{self.quantity:+d} {self.variant}"


class StockReservation(models.Model):
    """Stock promised to something above (an order), until it is used or let go."""

    class Status(models.TextChoices):
        ACTIVE = "active", _("Promised")
        USED = "used", _("Used")
        RELEASED = "released", _("Let go")

    id = KeyField()
    # The key of what it is promised to; that row stands in an app above.
    holder = models.UUIDField(_("promised to"))
    variant = models.ForeignKey(
        Variant, models.PROTECT, related_name="reservations", verbose_name=_("variant")
    )
    quantity = models.PositiveIntegerField(_("quantity"))
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.ACTIVE)
    expires_at = models.DateTimeField(_("until"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = scoped("variant__organization")

    class Meta:
        verbose_name = _("reservation")
        verbose_name_plural = _("reservations")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="a_reservation_holds_something", condition=Q(quantity__gte=1)
            ),
            models.UniqueConstraint(
                name="one_active_reservation_per_line",
                fields=["holder", "variant"],
                condition=Q(status="active"),
            ),
        ]
        indexes = [
            models.Index(
                fields=["variant"], name="reservation_active", condition=Q(status="active")
            )
        ]

    def __str__(self):
        return f"{self.quantity} × {self.variant}"


class StockCheck(models.Model):
    """One nightly proof that shelves, movements and reservations add up; differences are kept."""

    id = KeyField()
    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="stock_checks", verbose_name=_("organization")
    )
    at = models.DateTimeField(_("when"))
    variants = models.PositiveIntegerField(_("variants looked at"))
    # [{"variant", "sku", "on_hand", "moved", "reserved", "promised"}]
    differences = models.JSONField(_("differences"), default=list)

    objects = scoped()

    class Meta:
        verbose_name = _("stock check")
        verbose_name_plural = _("stock checks")
        ordering = ["-id"]

    def __str__(self):
        return f"{self.at:%Y-%m-%d}"


class StockCount(models.Model):
    """A person's walk along the shelves: what lies there is counted, then the books follow."""

    class Scope(models.TextChoices):
        EVERYTHING = "everything", _("Everything")
        CATEGORY = "category", _("One category")
        SCANNED = "scanned", _("Only what is scanned")

    class Status(models.TextChoices):
        OPEN = "open", _("Being counted")
        APPLIED = "applied", _("Applied")
        DISCARDED = "discarded", _("Thrown away")

    NEXT = {
        Status.OPEN: {Status.APPLIED, Status.DISCARDED},
        Status.APPLIED: set(),
        Status.DISCARDED: set(),
    }

    id = KeyField()
    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="stock_counts", verbose_name=_("organization")
    )
    name = LineField(_("name"), max_length=60, help_text=_("Such as the day and the shelf."))
    scope = models.CharField(_("what"), max_length=10, choices=Scope, default=Scope.EVERYTHING)
    category = models.ForeignKey(
        Category,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("category"),
        help_text=_("With everything inside it."),
    )
    status = models.CharField(
        _("state"), max_length=10, choices=Status, default=Status.OPEN, editable=False
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("who"),
    )
    created_at = models.DateTimeField(_("begun"), auto_now_add=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("closed by"),
    )
    closed_at = models.DateTimeField(_("closed"), null=True, editable=False)

    objects = scoped()

    class Meta:
        verbose_name = _("stock count")
        verbose_name_plural = _("stock counts")
        ordering = ["-id"]
        indexes = [models.Index(fields=["organization", "-id"], name="stock_count_newest")]

    def __str__(self):
        return self.name

    def close(self, status: str, *, person, now) -> None:
        """Take the last step in a count's life; callers hold the row's lock."""
        if status not in self.NEXT[self.status]:
            raise ValueError(f"A count that is {self.status} does not become {status}.")
        self.status, self.closed_by, self.closed_at = status, person, now
        self.save(update_fields=["status", "closed_by", "closed_at"])

    @property
    def is_open(self) -> bool:
        return self.status == self.Status.OPEN


class StockCountLine(models.Model):
    """How many of one variant were counted, and how many should have lain there at that moment."""

    id = KeyField()
    count = models.ForeignKey(
        StockCount, models.CASCADE, related_name="lines", db_index=False, verbose_name=_("count")
    )
    variant = models.ForeignKey(
        Variant, models.CASCADE, related_name="+", verbose_name=_("variant")
    )
    # Empty until somebody counts it; an empty shelf is 0.
    counted = models.PositiveIntegerField(_("counted"), null=True)
    expected = models.IntegerField(_("expected"), null=True)
    counted_at = models.DateTimeField(_("when"), null=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("who"),
    )
    # By how much the shelf was corrected; empty until the count is applied.
    moved = models.IntegerField(_("corrected by"), null=True)

    objects = scoped("count__organization")

    class Meta:
        verbose_name = _("line of a count")
        verbose_name_plural = _("lines of a count")
        constraints = [
            models.UniqueConstraint(name="variant_once_in_count", fields=["count", "variant"]),
            models.CheckConstraint(
                name="what_is_counted_is_compared",
                condition=Q(counted__isnull=True, expected__isnull=True, counted_at__isnull=True)
                | Q(counted__isnull=False, expected__isnull=False, counted_at__isnull=False),
            ),
            models.CheckConstraint(
                name="only_what_was_counted_moves",
                condition=Q(moved__isnull=True) | Q(counted__isnull=False),
            ),
        ]
        indexes = [
            # What somebody counted last.
            models.Index(
                fields=["count", "-counted_at"],
                name="stock_count_last",
                condition=Q(counted__isnull=False),
            )
        ]

    def __str__(self):
        return f"{self.variant}: {'—' if self.counted is None else self.counted}"

    @property
    def should_be(self) -> int:
        """How many should lie there, by its `difference` (see stock_counts.with_difference)."""
        return self.counted - self.difference
