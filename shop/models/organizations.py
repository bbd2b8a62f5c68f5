"""Whose shop it is, at which address, and who works there."""

import zoneinfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from config.lib import money
from config.lib.fields import KeyField, LineField, ParagraphField
from config.lib.mail import validate_addresses
from config.lib.scoping import scoped

from .. import opening_hours
from ..roles import Role

validate_colour = RegexValidator(r"^#[0-9a-fA-F]{6}$", _("Write the colour as #1f3d36."))
validate_host = RegexValidator(
    r"^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$",
    _("Write the host name alone, in lower case, as tienda.example.com."),
)


def validate_timezone(value: str) -> None:
    """Refuse a name that the time zone database does not know."""
    if value not in zoneinfo.available_timezones():
        raise ValidationError(_("Choose a time zone such as America/Bogota."), code="timezone")


class OrganizationQuerySet(models.QuerySet):
    def open(self):
        """Those whose shop may be visited."""
        return self.filter(is_active=True)


class Organization(models.Model):
    """A merchant: everything that belongs to them reaches this row."""

    class Language(models.TextChoices):
        SPANISH = "es", _("Spanish")
        ENGLISH = "en", _("English")

    class Size(models.TextChoices):
        ONE = "1", _("One person")
        FEW = "2-9", _("2 to 9 people")
        SOME = "10-49", _("10 to 49 people")
        MANY = "50+", _("50 people or more")

    class Plan(models.TextChoices):
        START = "start", _("Start")
        GROW = "grow", _("Growth")
        SCALE = "scale", _("Scale")
        OWN = "own", _("By agreement")

    id = KeyField()
    name = LineField(_("name"), max_length=80)
    slug = models.SlugField(_("short name"), max_length=40, unique=True)
    tagline = LineField(_("tagline"), max_length=140, blank=True)
    about = models.TextField(_("about the shop"), max_length=10_000, blank=True)
    industry = LineField(_("industry"), max_length=60, blank=True)
    size = models.CharField(_("size"), max_length=8, choices=Size, blank=True)
    language = models.CharField(
        _("language"), max_length=2, choices=Language, default=Language.SPANISH
    )
    timezone = models.CharField(
        _("time zone"), max_length=64, default="America/Bogota", validators=[validate_timezone]
    )
    currency = models.CharField(
        _("currency"),
        max_length=3,
        default="COP",
        choices=[(code, code) for code in money.CURRENCIES],
    )
    # What the law asks a shop to show (Ley 1480 of 2011, art. 50).
    legal_name = LineField(_("legal name"), max_length=120, blank=True)
    tax_id = LineField(_("tax number (NIT)"), max_length=20, blank=True)
    address_line = LineField(_("address"), max_length=160, blank=True)
    city = LineField(_("city"), max_length=80, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = PhoneNumberField(_("phone"), blank=True, region="CO")
    whatsapp = PhoneNumberField(_("WhatsApp number"), blank=True, region="CO")
    # Branding
    # Pictures as pictures.save() describes them.
    logo = models.JSONField(_("logo"), null=True, blank=True, editable=False)
    icon = models.JSONField(_("icon"), null=True, blank=True, editable=False)
    hero = models.JSONField(_("home picture"), null=True, blank=True, editable=False)
    hero_text = LineField(_("words on the home page"), max_length=240, blank=True)
    brand_colour = models.CharField(
        _("main colour"), max_length=7, default="#1f3d36", validators=[validate_colour]
    )
    accent_colour = models.CharField(
        _("second colour"), max_length=7, default="#b7791f", validators=[validate_colour]
    )
    # What customers are told of our days
    opening_hours = models.TextField(
        _("opening hours"),
        max_length=400,
        blank=True,
        db_default="",
        validators=[opening_hours.validate_hours],
    )
    is_open_on_holidays = models.BooleanField(
        _("open on public holidays"), default=False, db_default=False
    )
    minimum_order = models.PositiveBigIntegerField(
        _("minimum order"),
        default=0,
        db_default=0,
        help_text=_("What the goods must be worth before discounts and delivery; 0: any order."),
    )
    # Mails: the sender's address itself belongs to the installation, unless it allows others.
    mail_name = LineField(
        _("name of the sender"),
        max_length=80,
        blank=True,
        db_default="",
        help_text=_("Empty: the name of the shop."),
    )
    mail_address = models.EmailField(
        _("address of the sender"),
        blank=True,
        db_default="",
        help_text=_("Empty: the address of the installation."),
    )
    reply_to = models.EmailField(
        _("answers go to"), blank=True, db_default="", help_text=_("Empty: the shop's e-mail.")
    )
    # Who of the shop is written to, one address a line.
    orders_mailed_to = models.TextField(
        _("who hears of new orders"),
        max_length=1_000,
        blank=True,
        db_default="",
        validators=[validate_addresses],
        help_text=_("E-mail addresses, one a line. Empty: nobody is written to."),
    )
    problems_mailed_to = models.TextField(
        _("who hears of problems"),
        max_length=1_000,
        blank=True,
        db_default="",
        validators=[validate_addresses],
        help_text=_("Of orders that need a decision, proofs to check, returns, and low stock."),
    )
    # A merchant's own words stand first on the page of their subject (see pages.py).
    delivery_words = ParagraphField(
        _("own words on delivery"), max_length=5_000, blank=True, db_default=""
    )
    returns_words = ParagraphField(
        _("own words on returns"), max_length=5_000, blank=True, db_default=""
    )
    privacy_words = ParagraphField(
        _("own words on personal data"), max_length=5_000, blank=True, db_default=""
    )
    terms_words = ParagraphField(
        _("own words on the terms"), max_length=5_000, blank=True, db_default=""
    )
    plan = models.CharField(
        _("plan"), max_length=12, choices=Plan, default=Plan.START, db_default=Plan.START
    )
    is_live = models.BooleanField(
        _("live"),
        default=False,
        help_text=_("Off: test mode. Nothing is charged and nothing counts in reports."),
    )
    is_active = models.BooleanField(
        _("active"), default=True, help_text=_("Off: the shop answers as if it did not exist.")
    )
    is_demo = models.BooleanField(_("demo"), default=False, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        verbose_name = _("organization")
        verbose_name_plural = _("organizations")
        ordering = ["name", "id"]

    def __str__(self):
        return self.name

    @cached_property
    def whatsapp_number(self) -> str:
        """The number as WhatsApp writes it, or nothing; checking a number is slow."""
        return str(self.whatsapp) if self.whatsapp else ""


class Domain(models.Model):
    """A host name at which an organization's shop answers, once it is verified."""

    id = KeyField()
    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="domains", verbose_name=_("organization")
    )
    host = models.CharField(_("host name"), max_length=253, unique=True, validators=[validate_host])
    is_primary = models.BooleanField(
        _("primary"), default=False, help_text=_("The address that search engines are shown.")
    )
    verified_at = models.DateTimeField(_("verified"), null=True, blank=True)

    class Meta:
        verbose_name = _("domain")
        verbose_name_plural = _("domains")
        ordering = ["host"]
        constraints = [
            models.CheckConstraint(
                name="domain_host_is_lower_case",
                condition=models.Q(host=models.functions.Lower("host")),
            ),
            models.UniqueConstraint(
                name="one_primary_domain_per_organization",
                fields=["organization"],
                condition=models.Q(is_primary=True),
            ),
        ]

    def __str__(self):
        return self.host


class Membership(models.Model):
    """What a user may do in an organization."""

    id = KeyField()
    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="memberships", verbose_name=_("organization")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="memberships",
        verbose_name=_("user"),
    )
    role = models.CharField(_("role"), max_length=12, choices=Role)
    is_active = models.BooleanField(
        _("active"), default=True, help_text=_("Off: this person is out within one request.")
    )
    hears_of_low_stock = models.BooleanField(
        _("mails about low stock"),
        default=True,
        db_default=True,
        help_text=_("Only for roles that may change stock."),
    )
    invited_at = models.DateTimeField(_("invited"), null=True, blank=True, editable=False)
    last_seen_on = models.DateField(_("last seen"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = scoped()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ["role", "id"]
        constraints = [
            models.UniqueConstraint(
                name="one_membership_per_person", fields=["organization", "user"]
            )
        ]

    def __str__(self):
        return f"{self.user} · {self.get_role_display()}"
