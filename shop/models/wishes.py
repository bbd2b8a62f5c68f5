"""What people wish for: products they keep for later."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from config.lib.fields import KeyField
from config.lib.scoping import scoped

from .catalogue import Product
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
