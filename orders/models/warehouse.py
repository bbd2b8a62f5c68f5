"""Work at the packing table: what was counted into a box, and many orders sent at once."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from config.lib.fields import KeyField, LineField
from config.lib.scoping import scoped
from logistics.models import CarrierAccount, Shipment
from shop.models import Organization

from .orders import Order


class Packing(models.Model):
    """What of an order was counted into its box so far, and who finished it."""

    order = models.OneToOneField(
        Order,
        models.CASCADE,
        primary_key=True,
        related_name="packing",
        verbose_name=_("order"),
    )
    # So many of each SKU: {"LAV-10": 2}.
    counted = models.JSONField(default=dict, editable=False)
    finished_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("packed by"),
    )
    finished_at = models.DateTimeField(_("packed"), null=True)

    objects = scoped("order__organization")

    class Meta:
        verbose_name = _("packing of an order")
        verbose_name_plural = _("packing of orders")

    def __str__(self):
        return f"{self.order_id}"


class ShipmentBatch(models.Model):
    """Many orders that one person sends at once; it goes on by itself (orders/batches.py)."""

    id = KeyField()
    organization = models.ForeignKey(
        Organization,
        models.CASCADE,
        related_name="shipment_batches",
        verbose_name=_("organization"),
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("who"),
    )
    # Empty: each order as its buyer chose.
    account = models.ForeignKey(
        CarrierAccount,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("carrier"),
    )
    # Whether the carriers are asked to come once the labels are there.
    wants_pickup = models.BooleanField(_("request pick-up"), default=False)
    pickup_error = LineField(_("why no pick-up"), max_length=300, blank=True, default="")
    created_at = models.DateTimeField(_("created"))
    # When every label was there or failed, and the pick-ups were asked for.
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    objects = scoped()

    class Meta:
        verbose_name = _("batch of shipments")
        verbose_name_plural = _("batches of shipments")
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["created_at"], name="batch_at_work", condition=Q(finished_at__isnull=True)
            )
        ]

    def __str__(self):
        return date_format(timezone.localtime(self.created_at), "SHORT_DATETIME_FORMAT")


class BatchItem(models.Model):
    """One order of a batch: waits for its shipment, has it, or says why it has none."""

    id = KeyField()
    batch = models.ForeignKey(
        ShipmentBatch, models.CASCADE, related_name="items", verbose_name=_("batch")
    )
    order = models.ForeignKey(
        Order, models.CASCADE, related_name="batch_items", verbose_name=_("order")
    )
    shipment = models.ForeignKey(
        Shipment,
        models.SET_NULL,
        null=True,
        related_name="batch_items",
        verbose_name=_("shipment"),
    )
    # Why no shipment was planned; what its carrier says stands in the shipment itself.
    error = LineField(_("why not"), max_length=300, blank=True, default="")
    is_planned = models.BooleanField(_("looked at"), default=False)

    objects = scoped("batch__organization")

    class Meta:
        verbose_name = _("order of a batch")
        verbose_name_plural = _("orders of a batch")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(name="an_order_once_in_a_batch", fields=["batch", "order"])
        ]

    def __str__(self):
        return f"{self.order_id}"
