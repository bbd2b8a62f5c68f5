"""What a buyer may add right after buying, and what each order's buyer answered."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from config.lib.fields import KeyField
from config.lib.scoping import scoped
from shop.models import Category, Organization, Product, Variant

from .orders import Order


class Offer(models.Model):
    """One thing at a lower price, for the few minutes after an order was paid or placed."""

    id = KeyField()
    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="offers", verbose_name=_("organization")
    )
    variant = models.ForeignKey(
        Variant, models.CASCADE, related_name="+", verbose_name=_("what is offered")
    )
    price = models.BigIntegerField(_("offer price"), help_text=_("In centavos, IVA included."))
    # To which orders it is made; empty: to any.
    product = models.ForeignKey(
        Product,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("only to orders with this product"),
    )
    category = models.ForeignKey(
        Category,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("only to orders with something of this category"),
    )
    minimum = models.BigIntegerField(
        _("only to orders from"), default=0, help_text=_("In centavos, before the discount.")
    )
    # Of several that fit, the first is made.
    position = models.PositiveIntegerField(_("position"), default=0)
    starts_at = models.DateTimeField(_("valid from"), null=True, blank=True)
    ends_at = models.DateTimeField(_("valid until"), null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    is_demo = models.BooleanField(_("demo"), default=False, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = scoped()

    class Meta:
        verbose_name = _("offer after the purchase")
        verbose_name_plural = _("offers after the purchase")
        ordering = ["position", "-id"]
        constraints = [
            models.CheckConstraint(
                name="an_offer_is_not_given_away",
                condition=Q(price__gte=1),
                violation_error_message=_("Write what it costs as an offer."),
            ),
            models.CheckConstraint(
                name="an_offer_asks_for_product_or_category",
                condition=Q(product__isnull=True) | Q(category__isnull=True),
                violation_error_message=_("Choose a product or a category, not both."),
            ),
            models.CheckConstraint(
                name="an_offer_s_minimum_is_not_negative", condition=Q(minimum__gte=0)
            ),
            models.CheckConstraint(
                name="offer_ends_after_it_starts",
                condition=Q(starts_at__isnull=True)
                | Q(ends_at__isnull=True)
                | Q(ends_at__gt=F("starts_at")),
                violation_error_message=_("The end must come after the start."),
            ),
        ]

    def __str__(self):
        return str(self.variant)


class OfferAnswer(models.Model):
    """What the buyer of one order said to the offer made; an order is asked once."""

    class Status(models.TextChoices):
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        # It was not paid in time, or the buyer thought better of it.
        TAKEN_OUT = "taken_out", _("Taken out again")

    id = KeyField()
    offer = models.ForeignKey(
        Offer, models.SET_NULL, null=True, related_name="answers", verbose_name=_("offer")
    )
    order = models.OneToOneField(
        Order, models.CASCADE, related_name="offer_answer", verbose_name=_("order")
    )
    variant = models.ForeignKey(
        Variant, models.PROTECT, related_name="+", verbose_name=_("what was offered")
    )
    price = models.BigIntegerField(_("offer price"))
    status = models.CharField(_("answer"), max_length=10, choices=Status)
    answered_at = models.DateTimeField(_("answered"))
    # Until then the difference of a paid order waits for its payment; empty when nothing waits.
    pay_until = models.DateTimeField(_("to pay until"), null=True, blank=True)

    objects = scoped("order__organization")

    class Meta:
        verbose_name = _("answer to an offer")
        verbose_name_plural = _("answers to offers")
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["pay_until"], name="offer_to_pay", condition=Q(pay_until__isnull=False)
            )
        ]

    def __str__(self):
        return f"{self.order} · {self.get_status_display()}"
