"""What was sold each day, kept ready to be shown; sales.py says what counts and when."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from config.lib.fields import KeyField
from config.lib.scoping import scoped
from shop.models import Organization, Variant


class DailySales(models.Model):
    """One day of one organization, in its time zone, by one kind of payment."""

    id = KeyField()
    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="+", verbose_name=_("organization")
    )
    day = models.DateField(_("day"))
    is_test = models.BooleanField(_("test"))
    # Order.payment_method; empty for orders that need no payment.
    method = models.CharField(_("kind of payment"), max_length=12, blank=True)
    orders_placed = models.PositiveIntegerField(_("orders placed"))
    orders_paid = models.PositiveIntegerField(_("orders paid"))
    # Minor units of the organization's currency.
    sales = models.BigIntegerField(_("sales"))
    refunds = models.BigIntegerField(_("refunds"))

    objects = scoped()

    class Meta:
        verbose_name = _("sales of a day")
        verbose_name_plural = _("sales")
        ordering = ["-day", "method"]
        constraints = [
            models.UniqueConstraint(
                name="one_row_of_sales_per_day_and_method",
                fields=["organization", "is_test", "day", "method"],
            )
        ]

    def __str__(self):
        return f"{self.day} {self.method}".strip()


class DailyProductSales(models.Model):
    """How much of one variant was sold on one day."""

    id = KeyField()
    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="+", verbose_name=_("organization")
    )
    day = models.DateField(_("day"))
    is_test = models.BooleanField(_("test"))
    variant = models.ForeignKey(
        Variant, models.CASCADE, related_name="+", verbose_name=_("variant")
    )
    orders = models.PositiveIntegerField(_("orders"))
    quantity = models.PositiveBigIntegerField(_("quantity"))
    sales = models.BigIntegerField(_("sales"))

    objects = scoped()

    class Meta:
        verbose_name = _("sales of a product and day")
        verbose_name_plural = _("sales of products")
        ordering = ["-day", "variant"]
        constraints = [
            models.UniqueConstraint(
                name="one_row_of_sales_per_day_and_variant",
                fields=["organization", "is_test", "day", "variant"],
            )
        ]

    def __str__(self):
        return f"{self.day} {self.variant_id}"


class SalesState(models.Model):
    """Up to when an organization's daily numbers are right; its lock lets one count at a time."""

    organization = models.OneToOneField(
        Organization, models.CASCADE, primary_key=True, related_name="+"
    )
    # Everything that changed before this moment is counted; empty: nothing was counted yet.
    counted_at = models.DateTimeField(_("counted"), null=True)
    # The time zone and currency that the numbers rest on.
    basis = models.CharField(max_length=80, blank=True)

    objects = scoped()

    class Meta:
        verbose_name = _("state of the sales")
        verbose_name_plural = _("states of the sales")

    def __str__(self):
        return str(self.organization_id)
