"""Codes that make an order cheaper, and every use of them."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from config.lib.fields import KeyField, LineField
from config.lib.scoping import scoped
from shop.models import Customer, Organization

from .orders import Order


class Voucher(models.Model):
    """A code with its value and its limits; written in any case, kept in capitals."""

    class Kind(models.TextChoices):
        PERCENT = "percent", _("Percent off")
        AMOUNT = "amount", _("Amount off")
        DELIVERY = "delivery", _("Free delivery")

    id = KeyField()
    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="vouchers", verbose_name=_("organization")
    )
    code = LineField(_("code"), max_length=40)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    percent = models.PositiveSmallIntegerField(_("percent"), default=0)
    amount = models.BigIntegerField(_("amount"), default=0, help_text=_("In centavos."))
    minimum = models.BigIntegerField(
        _("minimum order"), default=0, help_text=_("In centavos, before the discount.")
    )
    starts_at = models.DateTimeField(_("valid from"), null=True, blank=True)
    ends_at = models.DateTimeField(_("valid until"), null=True, blank=True)
    limit = models.PositiveIntegerField(
        _("uses in all"), null=True, blank=True, help_text=_("Empty: without limit.")
    )
    limit_per_customer = models.PositiveIntegerField(
        _("uses per customer"), null=True, blank=True, help_text=_("Empty: without limit.")
    )
    used = models.PositiveIntegerField(_("used"), default=0, editable=False)
    is_active = models.BooleanField(_("active"), default=True)
    is_demo = models.BooleanField(_("demo"), default=False, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = scoped()

    class Meta:
        verbose_name = _("voucher")
        verbose_name_plural = _("vouchers")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                name="voucher_code_is_unique",
                fields=["organization", "code"],
                violation_error_message=_("Another voucher already has this code."),
            ),
            models.CheckConstraint(
                name="voucher_has_the_value_of_its_kind",
                condition=Q(kind="percent", percent__gte=1, percent__lte=100, amount=0)
                | Q(kind="amount", amount__gte=1, percent=0)
                | Q(kind="delivery", amount=0, percent=0),
                violation_error_message=_("Give the percent or the amount, as the kind asks."),
            ),
            models.CheckConstraint(
                name="voucher_never_used_too_often",
                condition=Q(limit__isnull=True) | Q(used__lte=F("limit")),
                violation_error_message=_("It was already used more often than that."),
            ),
            models.CheckConstraint(
                name="voucher_ends_after_it_starts",
                condition=Q(starts_at__isnull=True)
                | Q(ends_at__isnull=True)
                | Q(ends_at__gt=F("starts_at")),
                violation_error_message=_("The end must come after the start."),
            ),
            models.CheckConstraint(
                name="voucher_code_is_in_capitals",
                condition=Q(code=models.functions.Upper("code")),
            ),
        ]

    def __str__(self):
        return self.code


class VoucherUse(models.Model):
    """One use of a voucher by one order; given back when the order is cancelled."""

    id = KeyField()
    voucher = models.ForeignKey(
        Voucher, models.PROTECT, related_name="uses", verbose_name=_("voucher")
    )
    order = models.OneToOneField(
        Order, models.CASCADE, related_name="voucher_use", verbose_name=_("order")
    )
    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="+", verbose_name=_("customer")
    )
    amount = models.BigIntegerField(_("amount"))
    used_at = models.DateTimeField(_("used"), auto_now_add=True)
    returned_at = models.DateTimeField(_("given back"), null=True, blank=True)

    objects = scoped("voucher__organization")

    class Meta:
        verbose_name = _("use of a voucher")
        verbose_name_plural = _("uses of vouchers")
        ordering = ["-id"]

    def __str__(self):
        return f"{self.voucher} · {self.order}"
