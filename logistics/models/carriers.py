"""Who carries for a shop, from where, and what holds when nobody says anything better."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from phonenumber_field.modelfields import PhoneNumberField

from config.lib.fields import KeyField, LineField, SecretsField
from config.lib.scoping import scoped
from shop.models import Municipality, Organization
from shop.models.catalogue import HIGHEST_PRICE


class CarrierAccount(models.Model):
    """A carrier, or an aggregator of carriers, with the shop's keys for it."""

    class Provider(models.TextChoices):
        VENNDELO = "venndelo", "Venndelo"
        ENVIA = "envia", "Envia.com"
        COORDINADORA = "coordinadora", "Coordinadora"
        PRACTICE = "practice", _("Practice carrier")

    id = KeyField()
    organization = models.ForeignKey(
        Organization,
        models.CASCADE,
        related_name="carrier_accounts",
        verbose_name=_("organization"),
    )
    provider = models.CharField(_("kind"), max_length=12, choices=Provider)
    name = LineField(_("name"), max_length=60, help_text=_("As buyers and staff read it."))
    # Test keys serve a shop in test mode, live keys a live one, and never the reverse.
    is_live = models.BooleanField(_("live"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    # Whether buyers are offered its prices; otherwise only staff send with it.
    is_quoted = models.BooleanField(_("offered to buyers"), default=True)
    position = models.PositiveIntegerField(_("position"), default=0)
    secrets = SecretsField(verbose_name=_("keys"))
    # What is no secret: see `settings` of each carrier in logistics/carriers/.
    settings = models.JSONField(_("settings"), default=dict, blank=True)
    # The money that the shop has left there, in minor units, where the carrier keeps a wallet.
    balance = models.BigIntegerField(_("balance"), null=True, blank=True, editable=False)
    balance_at = models.DateTimeField(_("balance of"), null=True, blank=True, editable=False)
    # When its wallet was asked about, and when staff were told that too little is left.
    wallet_asked_at = models.DateTimeField(null=True, editable=False)
    low_told_at = models.DateTimeField(null=True, editable=False)
    # Why the last call failed, in words for staff; empty when it went well.
    problem = models.CharField(_("problem"), max_length=200, blank=True, editable=False)
    problem_at = models.DateTimeField(_("problem since"), null=True, blank=True, editable=False)
    # When it is asked for incidents next, where it lists them.
    incidents_at = models.DateTimeField(null=True, editable=False)
    # Up to when its calls are given away (see polling.py).
    calls_until = models.DateTimeField(null=True, editable=False)
    is_demo = models.BooleanField(_("demo"), default=False, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = scoped()

    class Meta:
        verbose_name = _("carrier")
        verbose_name_plural = _("carriers")
        ordering = ["position", "id"]

    def __str__(self):
        return self.name


class Origin(models.Model):
    """A place from which a shop sends, and to which carriers come."""

    id = KeyField()
    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="origins", verbose_name=_("organization")
    )
    name = LineField(_("name"), max_length=60, help_text=_("What staff call it."))
    contact_name = LineField(_("who hands over"), max_length=60)
    phone = PhoneNumberField(_("phone"), region="CO")
    email = models.EmailField(_("e-mail"), blank=True)
    line = LineField(_("address"), max_length=120)
    complement = LineField(_("complement"), max_length=60, blank=True)
    neighbourhood = LineField(_("neighbourhood"), max_length=60, blank=True)
    municipality = models.ForeignKey(
        Municipality, models.PROTECT, related_name="+", verbose_name=_("municipality")
    )
    # When a carrier may come, in hours of the shop's day.
    opens_at = models.TimeField(_("hand-over from"), default="09:00")
    closes_at = models.TimeField(_("hand-over to"), default="16:00")
    is_default = models.BooleanField(_("the usual one"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    is_demo = models.BooleanField(_("demo"), default=False, editable=False)

    objects = scoped()

    class Meta:
        verbose_name = _("place of dispatch")
        verbose_name_plural = _("places of dispatch")
        ordering = ["-is_default", "name", "id"]
        constraints = [
            models.UniqueConstraint(
                name="one_usual_origin",
                fields=["organization"],
                condition=Q(is_default=True),
                violation_error_message=_("Another place is the usual one already."),
            ),
            models.CheckConstraint(
                name="origin_hours_run_forwards",
                condition=Q(closes_at__gt=models.F("opens_at")),
                violation_error_message=_("The hours have to end after they begin."),
            ),
        ]

    def __str__(self):
        return self.name


def _size(label, default, most, **options):
    checks = [MinValueValidator(1), MaxValueValidator(most)]
    return models.PositiveIntegerField(label, default=default, validators=checks, **options)


class DeliverySettings(models.Model):
    """What parcels of a shop are like, and what it asks for delivery when no carrier answers."""

    class LabelFormat(models.TextChoices):
        ROLL = "10x15", _("10 × 15 cm, one on each page")
        LETTER = "letter", _("Letter, two on each page")

    organization = models.OneToOneField(
        Organization,
        models.CASCADE,
        primary_key=True,
        related_name="delivery_settings",
        verbose_name=_("organization"),
    )
    # Of a piece about which nothing is known.
    usual_grams = _size(_("usual weight of a piece (g)"), 250, 70_000)
    usual_length_cm = _size(_("usual length (cm)"), 12, 200)
    usual_width_cm = _size(_("usual width (cm)"), 8, 200)
    usual_height_cm = _size(_("usual height (cm)"), 6, 200)
    # Box and filling of each parcel.
    packaging_grams = models.PositiveIntegerField(_("packaging of a parcel (g)"), default=80)
    heaviest_grams = _size(_("heaviest parcel (g)"), 30_000, 1_000_000)
    longest_cm = _size(_("longest side of a parcel (cm)"), 100, 300)
    # What buyers are asked when carriers are active and none of them answers; empty: no sale there.
    fallback_price = models.BigIntegerField(
        _("price when no carrier answers"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(HIGHEST_PRICE)],
        help_text=_("Empty: where no carrier answers, nothing is sold."),
    )
    fallback_days_min = models.PositiveSmallIntegerField(_("days from"), default=2)
    fallback_days_max = models.PositiveSmallIntegerField(_("days to"), default=6)
    # From this value of the goods on, the cheapest price of outside carriers is given for nothing.
    free_from = models.BigIntegerField(
        _("carriers free of charge from"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(HIGHEST_PRICE)],
        help_text=_("Empty: never free of charge."),
    )
    label_format = models.CharField(
        pgettext_lazy("paper", "labels"),
        max_length=6,
        choices=LabelFormat,
        default=LabelFormat.ROLL,
    )

    objects = scoped()

    class Meta:
        verbose_name = _("parcels and labels")
        verbose_name_plural = _("parcels and labels")
        constraints = [
            models.CheckConstraint(
                name="fallback_days_run_forwards",
                condition=Q(fallback_days_max__gte=models.F("fallback_days_min")),
                violation_error_message=_("The most days cannot be fewer than the least."),
            )
        ]

    def __str__(self):
        return str(self._meta.verbose_name)
