"""Numbers that are given out, and what staff did."""

from django.apps import apps
from django.conf import settings
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.lib.fields import KeyField, LineField
from config.lib.scoping import scoped

from .organizations import Organization


class Sequence(models.Model):
    """The last number given out under a name; numbers are distinct, gaps are allowed."""

    id = KeyField()
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="sequences")
    name = models.CharField(_("name"), max_length=60)
    value = models.PositiveBigIntegerField(_("last number"), default=0)

    objects = scoped()

    class Meta:
        verbose_name = _("sequence")
        verbose_name_plural = _("sequences")
        constraints = [
            models.UniqueConstraint(name="sequence_name_is_unique", fields=["organization", "name"])
        ]

    def __str__(self):
        return f"{self.name}: {self.value}"


class AuditEntry(models.Model):
    """One thing a person of the back-office did, kept even when the person is gone."""

    class Action(models.TextChoices):
        ADDED = "added", _("Added")
        CHANGED = "changed", _("Changed")
        DELETED = "deleted", _("Deleted")
        SIGNED_IN = "signed_in", _("Signed in")

    id = KeyField()
    # Empty for what an operator does to the installation itself.
    organization = models.ForeignKey(
        Organization,
        models.CASCADE,
        null=True,
        related_name="audit_entries",
        verbose_name=_("organization"),
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("who"),
    )
    actor_label = models.CharField(_("who, in words"), max_length=200)
    action = models.CharField(_("action"), max_length=12, choices=Action)
    model = models.CharField(_("kind of row"), max_length=60, blank=True)
    row_id = models.CharField(_("row"), max_length=60, blank=True)
    row_label = models.CharField(_("row, in words"), max_length=200, blank=True)
    changes = models.JSONField(_("changes"), default=dict, blank=True)
    source = models.CharField(_("from"), max_length=20, default="admin")
    at = models.DateTimeField(_("when"), auto_now_add=True)

    objects = scoped()

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["organization", "-id"], name="audit_newest"),
            models.Index(fields=["organization", "model", "row_id"], name="audit_of_row"),
        ]

    def __str__(self):
        return f"{self.actor_label}: {self.get_action_display()} {self.row_label}"

    def changes_in_words(self) -> list[tuple]:
        """Give what changed as (field, before, after), as people read it in the forms."""
        model = next((one for one in apps.get_models() if one._meta.model_name == self.model), None)
        meta = model and model._meta
        fields = {field.name: field for field in (*meta.fields, *meta.many_to_many)} if meta else {}
        return [
            (
                capfirst(fields[name].verbose_name) if name in fields else _NAMES.get(name, name),
                *(_in_words(fields.get(name), value) for value in values),
            )
            for name, values in self.changes.items()
        ]


# What is told beside the fields of a row.
_NAMES = {"event": _("What happened")}


class SavedView(models.Model):
    """A search and filters of a list of the back-office that a person wants to find again."""

    id = KeyField()
    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="saved_views", verbose_name=_("organization")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="saved_views",
        verbose_name=_("whose"),
    )
    # The list, as in an address: "orders_order".
    list = models.CharField(_("list"), max_length=60)
    name = LineField(_("name"), max_length=40)
    query = models.CharField(_("query"), max_length=500)

    objects = scoped()

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                name="one_saved_view_of_a_name", fields=["organization", "user", "list", "name"]
            )
        ]

    def __str__(self):
        return self.name


def _in_words(field: models.Field | None, value):
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if field and field.choices and isinstance(value, str):
        return dict(field.flatchoices).get(value, value)
    return value
