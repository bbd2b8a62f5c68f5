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
    return_url = models.CharField(_("return address"), max_length=2_000)
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
