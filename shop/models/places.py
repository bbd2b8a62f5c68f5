"""Departments and municipalities of Colombia: the same for every organization.

They stand in the lowest app because an address points at them, and foreign keys point down.
Source: DANE, DIVIPOLA (see shop/data/README.md).
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Department(models.Model):
    """One of the 32 departments, or Bogotá."""

    code = models.CharField(_("DANE code"), max_length=2, primary_key=True)
    name = models.CharField(_("name"), max_length=80)

    class Meta:
        verbose_name = _("department")
        verbose_name_plural = _("departments")
        ordering = ["name"]

    def __str__(self):
        return self.name


class Municipality(models.Model):
    """A municipality; names repeat between departments, only the code identifies it."""

    code = models.CharField(_("DANE code"), max_length=5, primary_key=True)
    department = models.ForeignKey(
        Department, models.PROTECT, related_name="municipalities", verbose_name=_("department")
    )
    name = models.CharField(_("name"), max_length=80)

    class Meta:
        verbose_name = _("municipality")
        verbose_name_plural = _("municipalities")
        ordering = ["name", "code"]

    def __str__(self):
        return self.name

    @property
    def full_name(self) -> str:
        """The name with its department, because names repeat; Bogotá, which is both, once."""
        return ", ".join(dict.fromkeys((self.name, self.department.name)))
