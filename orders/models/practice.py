"""The practice gateway's own books, which a real gateway keeps on its machines."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from config.lib.fields import KeyField
from config.lib.scoping import scoped

from .payments import PaymentAccount


class PracticePayment(models.Model):
    """One payment as the practice gateway knows it; no money moves, and no real shop has any."""

    id = KeyField()
    account = models.ForeignKey(
        PaymentAccount,
        models.CASCADE,
        related_name="practice_payments",
        verbose_name=_("payment method"),
    )
    reference = models.CharField(_("reference"), max_length=60, unique=True)
    amount = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    return_url = models.CharField(_("return address"), max_length=2_000, blank=True)
    # Whether the buyer lets the gateway keep the card, and which one it was.
    keeps_card = models.BooleanField(_("keeps the card"), default=False, db_default=False)
    card = models.ForeignKey("PracticeCard", models.SET_NULL, null=True, related_name="payments")
    # Each {id, status, approves_at}: one reference may own several, a decline before an approval.
    transactions = models.JSONField(_("transactions"), default=list)
    # Minor units given back, by the key of the refund.
    refunds = models.JSONField(_("refunds"), default=dict)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = scoped("account__organization")

    class Meta:
        verbose_name = _("practice payment")
        verbose_name_plural = _("practice payments")
        ordering = ["-id"]

    def __str__(self):
        return self.reference


class PracticeCard(models.Model):
    """A card that the practice gateway keeps; its last digits say what it answers."""

    class Number(models.TextChoices):
        APPROVES = "4242", _("•••• 4242: is always approved")
        # As a card of which Stripe's test mode says the same.
        DECLINES_LATER = "0341", _("•••• 0341: is declined when it is charged again")

    id = KeyField()
    account = models.ForeignKey(PaymentAccount, models.CASCADE, related_name="practice_cards")
    number = models.CharField(_("number"), max_length=4, choices=Number)
    is_removed = models.BooleanField(_("removed"), default=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = scoped("account__organization")

    class Meta:
        verbose_name = _("practice card")
        verbose_name_plural = _("practice cards")
        ordering = ["-id"]

    def __str__(self):
        return f"•••• {self.number}"
