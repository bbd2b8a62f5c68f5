"""What people wish for: products they keep for later, and those they wait for."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.lib.fields import KeyField
from config.lib.scoping import scoped

from .catalogue import Product, Variant
from .customers import Customer


class WishlistLine(models.Model):
    """A product that a customer keeps for later; a stranger's lie in a cookie (wishlist.py)."""

    id = KeyField()
    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="wishes", verbose_name=_("customer")
    )
    product = models.ForeignKey(
        Product, models.CASCADE, related_name="wishes", verbose_name=_("product")
    )
    added_at = models.DateTimeField(_("added"), auto_now_add=True)

    objects = scoped("customer__organization")

    class Meta:
        verbose_name = _("favourite")
        verbose_name_plural = _("favourites")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(name="product_once_in_wishlist", fields=["customer", "product"])
        ]

    def __str__(self):
        return str(self.product)


class StockAlert(models.Model):
    """Somebody wants one mail when a variant can be bought again, and agreed to get it."""

    id = KeyField()
    variant = models.ForeignKey(
        Variant, models.CASCADE, related_name="alerts", verbose_name=_("variant")
    )
    # Whoever asked while signed in; erased with them.
    customer = models.ForeignKey(
        Customer,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="alerts",
        verbose_name=_("customer"),
    )
    email = models.EmailField(_("e-mail"))
    language = models.CharField(_("language"), max_length=2)
    # The text that was agreed to, when, and from where (Ley 1581 of 2012).
    consent_version = models.CharField(_("version of the text"), max_length=20)
    consented_at = models.DateTimeField(_("agreed"))
    address = models.GenericIPAddressField(_("from address"), null=True, blank=True)
    # Empty until the address proved to be theirs.
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    told_at = models.DateTimeField(_("told"), null=True, blank=True)

    objects = scoped("variant__organization")

    class Meta:
        verbose_name = _("back-in-stock alert")
        verbose_name_plural = _("back-in-stock alerts")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                name="one_alert_per_variant_and_address", fields=["variant", "email"]
            ),
            models.CheckConstraint(
                name="nobody_is_told_unconfirmed",
                condition=Q(told_at__isnull=True) | Q(confirmed_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["variant"],
                name="alert_waiting",
                condition=Q(told_at__isnull=True, confirmed_at__isnull=False),
            )
        ]

    def __str__(self):
        return f"{self.variant} · {self.email}"
