"""Mails about orders to people of the shop."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.lib.fields import KeyField
from config.lib.scoping import scoped

from .history import OrderEvent


class StaffMail(models.Model):
    """The mail by which the shop itself hears of an event of an order."""

    id = KeyField()
    event = models.OneToOneField(
        OrderEvent, models.CASCADE, related_name="staff_mail", verbose_name=_("event of an order")
    )
    mail = models.CharField(
        _("mail"), max_length=8, choices=OrderEvent.Mail, default=OrderEvent.Mail.QUEUED, blank=True
    )
    mail_tried_at = models.DateTimeField(null=True, editable=False)
    mail_sent_at = models.DateTimeField(_("mail sent"), null=True, editable=False)
    mail_error = models.CharField(_("why not sent"), max_length=200, blank=True, editable=False)
    at = models.DateTimeField(_("when"))

    objects = scoped("event__order__organization")

    class Meta:
        verbose_name = _("mail to the shop")
        verbose_name_plural = _("mails to the shop")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["at"], name="staff_mail_queued", condition=Q(mail="queued"))
        ]

    def __str__(self):
        return f"{self.event_id} · {self.get_mail_display()}"
