"""Documents that an authorised provider made of an order for the tax authority (DIAN)."""

from django.core.validators import (
    MaxValueValidator,
    MinValueValidator,
    RegexValidator,
    URLValidator,
)
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.lib.fields import KeyField, LineField, ParagraphField
from config.lib.scoping import scoped
from shop.models import Organization

from .orders import IllegalStep, Order

_HIGHEST_NUMBER = 999_999_999_999_999
_CODE, _PREFIX, _HTTPS = r"^[0-9a-f]{96}$", r"^[A-Z0-9]*$", r"^https://"
_LINKS = {
    "max_length": 500,
    "blank": True,
    "validators": [
        URLValidator(["https"], message=_("Write an address that begins with https://."))
    ],
}


class Invoice(models.Model):
    """What the provider made: an electronic invoice, an equivalent document, or a note on one."""

    class Kind(models.TextChoices):
        INVOICE = "invoice", _("Electronic sales invoice")
        EQUIVALENT = "equivalent", _("Electronic equivalent document (POS)")
        CREDIT_NOTE = "credit_note", _("Electronic credit note")
        DEBIT_NOTE = "debit_note", _("Electronic debit note")

    class Status(models.TextChoices):
        PENDING = "pending", _("Waits for the DIAN")
        ACCEPTED = "accepted", _("Accepted by the DIAN")
        REJECTED = "rejected", _("Rejected by the DIAN")
        ANNULLED = "annulled", _("Annulled by a credit note")

    # What supports a sale; the other kinds correct one of these.
    SALES = (Kind.INVOICE, Kind.EQUIVALENT)
    NOTES = (Kind.CREDIT_NOTE, Kind.DEBIT_NOTE)
    # The DIAN validated these; nothing else is shown to a buyer.
    VALIDATED = (Status.ACCEPTED, Status.ANNULLED)
    NEXT = {
        Status.PENDING: {Status.ACCEPTED, Status.REJECTED},
        # Corrected and sent again, under the same number.
        Status.REJECTED: {Status.PENDING, Status.ACCEPTED},
        Status.ACCEPTED: {Status.ANNULLED},
        # A slip of the pen: with the DIAN nothing ever becomes valid again.
        Status.ANNULLED: {Status.ACCEPTED},
    }

    id = KeyField()
    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="invoices", verbose_name=_("organization")
    )
    # Kept under tax law, whatever becomes of the buyer's account.
    order = models.ForeignKey(
        Order, models.PROTECT, related_name="invoices", verbose_name=_("order")
    )
    kind = models.CharField(_("document type"), max_length=12, choices=Kind, default=Kind.INVOICE)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PENDING)
    prefix = LineField(
        _("prefix"),
        max_length=10,
        blank=True,
        validators=[RegexValidator(_PREFIX, _("Write only letters and digits, such as SETP."))],
        help_text=_("The letters before the number, as the DIAN authorised them."),
    )
    number = models.PositiveBigIntegerField(
        _("number"), validators=[MinValueValidator(1), MaxValueValidator(_HIGHEST_NUMBER)]
    )
    # SHA-384 in hexadecimal: CUFE of an invoice, CUDE of everything else.
    code = LineField(
        _("CUFE or CUDE"),
        max_length=96,
        blank=True,
        validators=[
            RegexValidator(
                _CODE, _("A CUFE or CUDE has 96 characters: digits and the letters a to f.")
            )
        ],
        help_text=_("96 digits and letters from a to f."),
    )
    issued_at = models.DateTimeField(_("issued"))
    answered_at = models.DateTimeField(_("answer of the DIAN"), null=True, blank=True)
    pdf_url = models.URLField(_("link to the PDF"), **_LINKS)
    xml_url = models.URLField(_("link to the XML"), **_LINKS)
    error = ParagraphField(_("why it was rejected"), blank=True, max_length=2_000)
    corrects = models.ForeignKey(
        "self",
        models.RESTRICT,
        null=True,
        blank=True,
        related_name="corrections",
        verbose_name=_("document that it corrects"),
    )
    recorded_at = models.DateTimeField(_("written down"), editable=False)

    objects = scoped()

    class Meta:
        verbose_name = _("electronic document")
        verbose_name_plural = _("electronic documents")
        ordering = ["order", "issued_at", "id"]
        constraints = [
            models.UniqueConstraint(
                name="invoice_number_is_unique",
                fields=["organization", "kind", "prefix", "number"],
                violation_error_message=_("There is already a document with this number."),
            ),
            models.UniqueConstraint(
                name="invoice_code_is_unique",
                fields=["organization", "code"],
                condition=~Q(code=""),
                violation_error_message=_("There is already a document with this CUFE or CUDE."),
            ),
            models.UniqueConstraint(
                name="one_sale_one_invoice",
                fields=["order"],
                condition=Q(kind__in=["invoice", "equivalent"], status__in=["pending", "accepted"]),
                violation_error_message=_(
                    "This order has already a sales document that stands. "
                    "Annul that one by a credit note first."
                ),
            ),
            # A foreign key leads here, so that a note never corrects another order's document.
            models.UniqueConstraint(name="invoice_of_its_order", fields=["id", "order"]),
            models.CheckConstraint(
                name="invoice_number_is_written_as_one",
                condition=Q(number__gte=1, number__lte=_HIGHEST_NUMBER, prefix__regex=_PREFIX),
                violation_error_message=_("Write the number in digits, and the prefix apart."),
            ),
            models.CheckConstraint(
                name="invoice_code_is_a_hash",
                condition=Q(code="") | Q(code__regex=_CODE),
                violation_error_message=_(
                    "A CUFE or CUDE has 96 characters: digits and the letters a to f."
                ),
            ),
            models.CheckConstraint(
                name="a_validated_invoice_has_its_code",
                condition=Q(status__in=["pending", "rejected"]) | ~Q(code=""),
                violation_error_message=_("What the DIAN accepted has a CUFE or CUDE: write it."),
            ),
            models.CheckConstraint(
                name="an_answered_invoice_says_when",
                condition=Q(status="pending") | Q(answered_at__isnull=False),
                violation_error_message=_("Write when the DIAN answered."),
            ),
            models.CheckConstraint(
                name="a_rejected_invoice_says_why",
                condition=~Q(status="rejected") | ~Q(error=""),
                violation_error_message=_("Write why the DIAN rejected it."),
            ),
            models.CheckConstraint(
                name="only_a_note_corrects_an_invoice",
                condition=Q(kind__in=["invoice", "equivalent"], corrects__isnull=True)
                | Q(kind__in=["credit_note", "debit_note"], corrects__isnull=False),
                violation_error_message=_(
                    "A credit or debit note corrects a document; nothing else does."
                ),
            ),
            models.CheckConstraint(
                name="no_invoice_corrects_itself",
                condition=Q(corrects__isnull=True) | ~Q(corrects=F("id")),
            ),
            models.CheckConstraint(
                name="only_a_sale_is_annulled",
                condition=~Q(status="annulled") | Q(kind__in=["invoice", "equivalent"]),
                violation_error_message=_("Only a sales document is annulled by a credit note."),
            ),
            models.CheckConstraint(
                name="links_of_invoices_are_https",
                condition=(Q(pdf_url="") | Q(pdf_url__regex=_HTTPS))
                & (Q(xml_url="") | Q(xml_url__regex=_HTTPS)),
                violation_error_message=_("Write an address that begins with https://."),
            ),
        ]

    def __str__(self):
        return self.label

    # --- Steps --------------------------------------------------------------------------------

    def move_to(self, status: str) -> None:
        """Take the next step in a document's life; callers hold the order's lock and save it."""
        if status not in self.NEXT[self.status]:
            raise IllegalStep(
                gettext("%(document)s is “%(status)s” and cannot become “%(next)s”.")
                % {
                    "document": self,
                    "status": self.get_status_display(),
                    "next": self.Status(status).label,
                }
            )
        self.status = status

    # --- Questions ----------------------------------------------------------------------------

    @property
    def label(self) -> str:
        """The number as it is printed: SETP990000001."""
        return f"{self.prefix}{self.number}"

    @property
    def code_name(self) -> str:
        """What the DIAN calls the code of such a document."""
        return "CUFE" if self.kind == self.Kind.INVOICE else "CUDE"

    @property
    def check_url(self) -> str:
        """Where anybody can look the document up at the DIAN."""
        address = "https://catalogo-vpfe.dian.gov.co/document/searchqr?documentkey="
        return address + self.code if self.code else ""

    @property
    def is_sale(self) -> bool:
        return self.kind in self.SALES
