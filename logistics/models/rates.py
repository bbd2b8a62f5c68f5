"""What a merchant asks for delivery: tables of prices by place, weight and order value."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from config.lib.fields import KeyField, LineField, ParagraphField
from config.lib.scoping import scoped
from shop.models import Department, Municipality, Organization
from shop.models.catalogue import HIGHEST_PRICE

LONGEST_JOURNEY = 90


def _price(label, **options):
    checks = [MinValueValidator(0), MaxValueValidator(HIGHEST_PRICE)]
    return models.BigIntegerField(label, validators=checks, **options)


def _days(label, **options):
    checks = [MaxValueValidator(LONGEST_JOURNEY)]
    return models.PositiveSmallIntegerField(label, validators=checks, **options)


class RateTable(models.Model):
    """One delivery choice of a shop, own couriers and pick-up included; its rates say the price."""

    class Kind(models.TextChoices):
        DELIVERY = "delivery", _("Delivery")
        PICKUP = "pickup", _("Pick-up in the shop")

    id = KeyField()
    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="rate_tables", verbose_name=_("organization")
    )
    name = LineField(_("name"), max_length=80, help_text=_("What buyers read."))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.DELIVERY)
    description = ParagraphField(
        _("description"),
        max_length=500,
        blank=True,
        help_text=_("For a pick-up: where it is. The opening hours of the shop stand beside it."),
    )
    carrier = LineField(
        _("carrier"), max_length=60, blank=True, help_text=_("Empty: your own couriers.")
    )
    position = models.PositiveIntegerField(_("position"), default=0)
    allows_cash_on_delivery = models.BooleanField(_("cash on delivery"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    is_demo = models.BooleanField(_("demo"), default=False, editable=False)

    objects = scoped()

    class Meta:
        verbose_name = _("rate table")
        verbose_name_plural = _("rate tables")
        ordering = ["position", "name", "id"]
        constraints = [
            models.UniqueConstraint(
                name="rate_table_name_is_unique",
                fields=["organization", "name"],
                violation_error_message=_("Another rate table already has this name."),
            )
        ]

    def __str__(self):
        return self.name


class Rate(models.Model):
    """The price of one table at one place, up to a weight and from an order value.

    The most particular place that a table names decides alone: where it asks more for the islands,
    a parcel too heavy for them never travels at the price of the mainland.
    """

    id = KeyField()
    table = models.ForeignKey(
        RateTable,
        models.CASCADE,
        related_name="rates",
        verbose_name=_("rate table"),
        # What must be unique starts with it, and is the index that a quote reads.
        db_index=False,
    )
    department = models.ForeignKey(
        Department,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("department"),
    )
    municipality = models.ForeignKey(
        Municipality,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("municipality"),
    )
    is_covered = models.BooleanField(
        _("delivers"), default=True, help_text=_("Off: nothing of this table goes there.")
    )
    heaviest_grams = models.PositiveIntegerField(
        _("up to (g)"), null=True, blank=True, help_text=_("Empty: any weight.")
    )
    lowest_order_value = _price(_("orders from"), default=0)
    price = _price(_("price"))
    free_from = _price(
        _("free from"), null=True, blank=True, help_text=_("Empty: never free of charge.")
    )
    days_min = _days(_("days from"), default=1)
    days_max = _days(_("days to"), default=3)
    allows_cash_on_delivery = models.BooleanField(_("cash on delivery"), default=False)
    cash_on_delivery_fee = _price(_("cash fee"), default=0)

    objects = scoped("table__organization")

    class Meta:
        verbose_name = _("rate")
        verbose_name_plural = _("rates")
        ordering = ["table", "department", "municipality", "lowest_order_value", "heaviest_grams"]
        constraints = [
            models.UniqueConstraint(
                name="rate_is_said_once",
                fields=[
                    "table",
                    "municipality",
                    "department",
                    "heaviest_grams",
                    "lowest_order_value",
                ],
                nulls_distinct=False,
                violation_error_message=_("Another rate says the price of the same case."),
            ),
            models.CheckConstraint(
                name="rate_names_one_place",
                condition=Q(department__isnull=True) | Q(municipality__isnull=True),
                violation_error_message=_("Name the department or the municipality, not both."),
            ),
            models.CheckConstraint(
                name="rate_money_is_not_negative",
                condition=Q(price__gte=0)
                & Q(lowest_order_value__gte=0)
                & Q(cash_on_delivery_fee__gte=0)
                & (Q(free_from__isnull=True) | Q(free_from__gte=0)),
            ),
            models.CheckConstraint(
                name="rate_days_run_forwards",
                condition=Q(days_max__gte=F("days_min")),
                violation_error_message=_("The most days cannot be fewer than the least."),
            ),
            models.CheckConstraint(
                name="what_is_not_covered_has_no_steps",
                condition=Q(is_covered=True) | Q(heaviest_grams__isnull=True, lowest_order_value=0),
                violation_error_message=_(
                    "Where nothing is delivered, leave weight and order value empty."
                ),
            ),
        ]

    def __str__(self):
        return str(self.municipality or self.department or _("Everywhere"))
