"""What lies in a kit."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from config.lib.fields import KeyField
from config.lib.scoping import scoped

from .catalogue import Variant

MOST_OF_A_PART = 99


class KitPart(models.Model):
    """So many of a variant in each kit; kit_making.py sees that no kit lies in a kit."""

    id = KeyField()
    kit = models.ForeignKey(Variant, models.CASCADE, related_name="parts", verbose_name=_("kit"))
    part = models.ForeignKey(Variant, models.RESTRICT, related_name="kits", verbose_name=_("part"))
    quantity = models.PositiveSmallIntegerField(
        _("quantity"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_OF_A_PART)],
    )
    position = models.PositiveIntegerField(_("position"), default=0)

    objects = scoped("kit__organization")

    class Meta:
        verbose_name = _("part of a kit")
        verbose_name_plural = _("parts of the kit")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                name="part_once_in_kit",
                fields=["kit", "part"],
                violation_error_message=_("This part is already in the kit."),
            ),
            models.CheckConstraint(name="a_kit_is_not_in_itself", condition=~Q(kit=F("part"))),
            models.CheckConstraint(
                name="a_part_is_there",
                condition=Q(quantity__gte=1, quantity__lte=MOST_OF_A_PART),
            ),
        ]

    def __str__(self):
        return f"{self.quantity} × {self.part}"
