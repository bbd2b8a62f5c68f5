"""What carriers bring by themselves: a reason to ask, kept once."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.lib.fields import KeyField, LineField
from config.lib.scoping import scoped

from .carriers import CarrierAccount


class CarrierNotice(models.Model):
    """A notice of a carrier, kept as it came; the row itself is the queue."""

    id = KeyField()
    account = models.ForeignKey(
        CarrierAccount,
        models.CASCADE,
        related_name="notices",
        verbose_name=_("carrier account"),
        db_index=False,
    )
    event_id = models.CharField(_("carrier's id"), max_length=200)
    kind = models.CharField(_("kind"), max_length=80, blank=True)
    tracking_number = LineField(_("tracking number"), max_length=60, blank=True)
    carrier_id = models.CharField(_("shipment at the carrier"), max_length=120, blank=True)
    payload = models.JSONField(_("payload"))
    received_at = models.DateTimeField(_("received"))
    handled_at = models.DateTimeField(_("handled"), null=True, blank=True)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    # When it may be taken (again); one with an error waits for nobody: tracking asks anyway.
    try_at = models.DateTimeField(_("next try"), default=timezone.now, editable=False)
    error = LineField(_("error"), max_length=300, blank=True)

    objects = scoped("account__organization")

    class Meta:
        verbose_name = _("carrier's notice")
        verbose_name_plural = _("carriers' notices")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(name="carrier_notice_kept_once", fields=["account", "event_id"])
        ]
        indexes = [
            models.Index(
                fields=["try_at"],
                name="carrier_notice_waits",
                condition=Q(handled_at__isnull=True, error=""),
            ),
            models.Index(fields=["account", "-id"], name="carrier_notice_list"),
        ]

    def __str__(self):
        return f"{self.kind} {self.tracking_number}".strip()
