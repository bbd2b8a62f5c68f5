"""What somebody means to buy."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.lib.fields import KeyField, LineField
from config.lib.scoping import scoped
from shop.models import Customer, Organization, Variant

# Of one thing in one order: more is a slip of the finger, or a wholesale order for a person.
MOST_OF_ONE = 999


class Cart(models.Model):
    """Things chosen by a visitor (known by a signed cookie), a customer, or staff for a customer.

    A cart becomes at most one order: that makes a double click, a reload or two tabs harmless.
    """

    id = KeyField()
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="carts")
    customer = models.ForeignKey(
        Customer,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="carts",
        verbose_name=_("customer"),
    )
    # Who in the shop prepares this for a customer; empty for a shopper's own cart.
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    voucher_code = LineField(_("voucher"), max_length=40, blank=True)
    # What was typed in the checkout, so that going back loses nothing.
    draft = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    changed_at = models.DateTimeField(_("changed"), auto_now=True)
    ordered_at = models.DateTimeField(_("ordered"), null=True, blank=True)

    objects = scoped()

    class Meta:
        verbose_name = _("cart")
        verbose_name_plural = _("carts")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                name="one_open_cart_per_customer",
                fields=["customer"],
                condition=Q(ordered_at__isnull=True, prepared_by__isnull=True),
            )
        ]
        indexes = [
            models.Index(fields=["organization", "changed_at"], name="cart_oldest"),
            models.Index(
                fields=["organization"],
                name="cart_draft",
                condition=Q(prepared_by__isnull=False, ordered_at__isnull=True),
            ),
        ]

    def __str__(self):
        return f"{self.customer or _('Visitor')} · {self.created_at:%Y-%m-%d}"


class CartLine(models.Model):
    """So many of a variant; its price is the catalogue's, whatever was seen before."""

    id = KeyField()
    cart = models.ForeignKey(Cart, models.CASCADE, related_name="lines")
    variant = models.ForeignKey(Variant, models.CASCADE, related_name="+")
    quantity = models.PositiveIntegerField(_("quantity"))
    # The price when the buyer last touched the line: a change since then is explained.
    seen_price = models.BigIntegerField()

    objects = scoped("cart__organization")

    class Meta:
        verbose_name = _("cart line")
        verbose_name_plural = _("cart lines")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(name="variant_once_in_cart", fields=["cart", "variant"]),
            models.CheckConstraint(
                name="cart_quantity_is_sensible",
                condition=Q(quantity__gte=1, quantity__lte=MOST_OF_ONE),
            ),
        ]

    def __str__(self):
        return f"{self.quantity} × {self.variant}"
