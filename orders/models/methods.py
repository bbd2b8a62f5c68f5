"""Means to pay that a gateway keeps for a buyer, and the buyer's permission to keep them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.lib.fields import KeyField, LineField, SecretsField
from config.lib.scoping import scoped
from shop.models import Customer

from .orders import Order
from .payments import PaymentAccount


class SavedMethod(models.Model):
    """A card that the gateway keeps: we know its name there, encrypted, and its last digits."""

    class Status(models.TextChoices):
        ACTIVE = "active", _("Active")
        REMOVED = "removed", _("Removed")

    id = KeyField()
    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="saved_methods", verbose_name=_("customer")
    )
    account = models.ForeignKey(
        PaymentAccount,
        models.PROTECT,
        related_name="saved_methods",
        verbose_name=_("payment method"),
    )
    # What the gateway calls it; forgotten together with it.
    secrets = SecretsField()
    # A digest of that name: one row for one card, however often the gateway tells of it.
    fingerprint = models.CharField(max_length=64, editable=False)
    label = LineField(_("means"), max_length=60)
    # The last day on which it can be charged, when the gateway says so.
    expires_on = models.DateField(_("valid until"), null=True, blank=True)
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.ACTIVE)
    # The buyer's permission: when, to which words, from where.
    consented_at = models.DateTimeField(_("permission given"))
    consent_version = models.CharField(_("version of its words"), max_length=20)
    consented_from = models.GenericIPAddressField(_("from address"), null=True, blank=True)
    removed_at = models.DateTimeField(_("removed"), null=True, blank=True)
    # When the gateway is told to forget it (again); empty when there is nothing to tell.
    forget_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = scoped("customer__organization")

    class Meta:
        verbose_name = _("saved card")
        verbose_name_plural = _("saved cards")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                name="one_row_per_saved_method", fields=["account", "fingerprint"]
            )
        ]
        indexes = [
            models.Index(
                fields=["forget_at"], name="method_to_forget", condition=Q(forget_at__isnull=False)
            )
        ]

    def __str__(self):
        return self.label

    @property
    def is_active(self) -> bool:
        return self.status == self.Status.ACTIVE


class KeepingConsent(models.Model):
    """What a buyer allowed while paying an order: to keep the card, and perhaps to repeat it."""

    id = KeyField()
    order = models.OneToOneField(
        Order, models.CASCADE, related_name="keeping", verbose_name=_("order")
    )
    # The plan by which it shall be repeated; empty when only the card is kept.
    plan = models.ForeignKey("SubscriptionPlan", models.PROTECT, null=True, related_name="+")
    given_at = models.DateTimeField()
    version = models.CharField(max_length=20)
    address = models.GenericIPAddressField(null=True)
    # When the gateway is asked for the card (again): set once the order is paid with it.
    try_at = models.DateTimeField(null=True, editable=False)
    done_at = models.DateTimeField(null=True, editable=False)

    objects = scoped("order__organization")

    class Meta:
        verbose_name = _("permission to keep a card")
        verbose_name_plural = _("permissions to keep cards")
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["try_at"],
                name="consent_to_follow",
                condition=Q(try_at__isnull=False, done_at__isnull=True),
            )
        ]

    def __str__(self):
        return f"{self.order_id} · {self.given_at:%Y-%m-%d}"
