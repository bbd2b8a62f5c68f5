"""The books of the practice carrier: it stands where a real one has its own machines."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from config.lib.fields import KeyField, LineField
from config.lib.scoping import scoped

from .carriers import CarrierAccount
from .shipments import State


class PracticeParcel(models.Model):
    """A parcel that nobody drives: a person, or the clock, says how it goes on."""

    id = KeyField()
    account = models.ForeignKey(
        CarrierAccount,
        models.CASCADE,
        related_name="practice_parcels",
        verbose_name=_("carrier account"),
    )
    # What the shop calls it; nothing is unique here, as with real carriers.
    code = LineField(_("code"), max_length=40)
    number = LineField(_("tracking number"), max_length=60)
    recipient = LineField(_("recipient"), max_length=120, blank=True)
    origin = LineField(_("from"), max_length=80, blank=True)
    destination = LineField(_("to"), max_length=80, blank=True)
    cash = models.BigIntegerField(_("to collect at the door"), default=0)
    # What was told of it, the oldest first: {state, at, description, place}.
    news = models.JSONField(_("news"), default=list)
    # What keeps it from arriving: {id, at, is_open, reply}.
    incident = models.JSONField(_("incident"), null=True, blank=True)
    # When it goes on by itself; empty while it waits for a person.
    due_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(_("created"))

    objects = scoped("account__organization")

    class Meta:
        verbose_name = _("practice parcel")
        verbose_name_plural = _("practice parcels")
        ordering = ["-id"]
        indexes = [models.Index(fields=["account", "code"], name="practice_parcel_code")]

    def __str__(self):
        return f"{self.number} · {self.code}"

    @property
    def state(self) -> State:
        """Where it stands."""
        return State(self.news[-1]["state"])
