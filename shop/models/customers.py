"""People the shop knows, with or without an account."""

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Func
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from config.lib.fields import KeyField, LineField, ParagraphField
from config.lib.scoping import scoped

from .organizations import Organization
from .places import Municipality


class DocumentType(models.TextChoices):
    """Identity documents of Colombia (reference: DIAN code list)."""

    CC = "CC", _("Citizen card (CC)")
    CE = "CE", _("Foreigner card (CE)")
    TI = "TI", _("Identity card of minors (TI)")
    NIT = "NIT", _("Tax number (NIT)")
    PP = "PP", _("Passport")
    PPT = "PPT", _("Temporary protection permit (PPT)")
    PEP = "PEP", _("Special stay permit (PEP)")
    RC = "RC", _("Civil registry (RC)")
    TE = "TE", _("Foreigner identity card (TE)")
    NUIP = "NUIP", _("Unique personal number (NUIP)")
    DIE = "DIE", _("Foreign document")


# Every word by which a customer is looked for, without capitals and accents.
CUSTOMER_WORDS = Func(
    "name",
    "email",
    "phone",
    "reference",
    "document_number",
    function="kaiu_customer_words",
    output_field=models.TextField(),
)


class Customer(models.Model):
    """A person the shop knows; carries orders, payments, parcels and conversations."""

    class Status(models.TextChoices):
        ACTIVE = "active", _("Active")
        SUSPENDED = "suspended", _("Suspended")
        BANNED = "banned", _("Banned")

    id = KeyField()
    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="customers", verbose_name=_("organization")
    )
    reference = models.CharField(_("reference"), max_length=24, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="customers",
        verbose_name=_("account"),
    )
    name = LineField(_("name"), max_length=120, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = PhoneNumberField(_("phone"), blank=True, region="CO")
    document_type = models.CharField(
        _("document type"), max_length=4, choices=DocumentType, blank=True
    )
    document_number = LineField(_("document number"), max_length=20, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.ACTIVE)
    tags = models.JSONField(_("tags"), default=list, blank=True)
    source = LineField(_("source"), max_length=40, blank=True)
    notes = ParagraphField(_("internal notes"), blank=True)
    order_count = models.PositiveIntegerField(_("orders"), default=0, editable=False)
    last_order_at = models.DateTimeField(_("last order"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = scoped()

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                name="customer_reference_is_unique", fields=["organization", "reference"]
            ),
            models.UniqueConstraint(
                name="one_customer_per_account",
                fields=["organization", "user"],
                condition=models.Q(user__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "-id"], name="customer_newest"),
            models.Index(fields=["organization", "email"], name="customer_email"),
            models.Index(fields=["organization", "phone"], name="customer_phone"),
            # What a person is found by, folded (the function comes with the migration).
            GinIndex(
                F("organization"),
                OpClass(CUSTOMER_WORDS, name="gin_trgm_ops"),
                name="customer_words",
            ),
        ]

    def __str__(self):
        return self.name or self.email or self.reference


class CustomerIdentity(models.Model):
    """Who a customer is on one channel: the value that channel calls them by."""

    class Kind(models.TextChoices):
        EMAIL = "email", _("E-mail")
        PHONE = "phone", _("Phone")
        WHATSAPP = "whatsapp", _("WhatsApp id")
        DEVICE = "device", _("Device")

    id = KeyField()
    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="identities", verbose_name=_("customer")
    )
    # Repeated from the customer because uniqueness is a matter of the whole organization.
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    account = models.CharField(_("our account"), max_length=80, blank=True)
    value = LineField(_("value"), max_length=254)
    verified_at = models.DateTimeField(_("verified"), null=True, blank=True)

    objects = scoped()

    class Meta:
        verbose_name = _("identity")
        verbose_name_plural = _("identities")
        ordering = ["kind", "value"]
        constraints = [
            # Guests may share an address that nobody has proved to be theirs.
            models.UniqueConstraint(
                name="a_verified_identity_has_one_customer",
                fields=["organization", "kind", "account", "value"],
                condition=models.Q(verified_at__isnull=False),
            ),
            models.UniqueConstraint(
                name="identity_once_per_customer", fields=["customer", "kind", "account", "value"]
            ),
        ]

    def __str__(self):
        return self.value


class Consent(models.Model):
    """What a customer agreed to, in which words, when and from where (Ley 1581 of 2012)."""

    class Purpose(models.TextChoices):
        PRIVACY = "privacy", _("Treatment of personal data")
        TERMS = "terms", _("Terms of sale")
        MARKETING = "marketing", _("News and offers")

    id = KeyField()
    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="consents", verbose_name=_("customer")
    )
    purpose = models.CharField(_("purpose"), max_length=12, choices=Purpose)
    version = models.CharField(_("version of the text"), max_length=20)
    granted_at = models.DateTimeField(_("granted"))
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    address = models.GenericIPAddressField(_("from address"), null=True, blank=True)
    source = LineField(_("source"), max_length=40, blank=True)

    objects = scoped("customer__organization")

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        ordering = ["-granted_at", "-id"]

    def __str__(self):
        return f"{self.get_purpose_display()} · {self.version}"


class Address(models.Model):
    """A place where a customer receives parcels; orders keep a copy of their own."""

    id = KeyField()
    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="addresses", verbose_name=_("customer")
    )
    recipient = LineField(_("who receives"), max_length=120)
    phone = PhoneNumberField(_("phone"), region="CO")
    line = LineField(_("address"), max_length=160)
    complement = LineField(_("apartment, office, tower"), max_length=80, blank=True)
    neighbourhood = LineField(_("neighbourhood"), max_length=80, blank=True)
    municipality = models.ForeignKey(
        Municipality, models.PROTECT, related_name="+", verbose_name=_("municipality")
    )
    postal_code = LineField(_("postal code"), max_length=10, blank=True)
    notes = LineField(_("notes for the courier"), max_length=200, blank=True)
    is_default = models.BooleanField(_("use by default"), default=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = scoped("customer__organization")

    class Meta:
        verbose_name = _("address")
        verbose_name_plural = _("addresses")
        ordering = ["-is_default", "-id"]
        constraints = [
            models.UniqueConstraint(
                name="one_default_address_per_customer",
                fields=["customer"],
                condition=models.Q(is_default=True),
            )
        ]

    def __str__(self):
        return f"{self.line}, {self.municipality}"
