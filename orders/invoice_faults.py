"""What an electronic document of an order may hold, each fault told beside its field."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from .models import Invoice
from .models.orders import IllegalStep

_Status = Invoice.Status
# What a person or a provider's connector writes.
WRITTEN = (
    *("kind", "status", "prefix", "number", "code", "issued_at", "answered_at"),
    *("pdf_url", "xml_url", "error", "corrects"),
)
# Clocks of others may be so far ahead of ours.
_CLOCKS = timedelta(minutes=5)
# Beside which field the sentence of a constraint stands.
FIELDS = {
    "invoice_number_is_unique": "number",
    "invoice_code_is_unique": "code",
    "one_sale_one_invoice": "kind",
    "invoice_number_is_written_as_one": "number",
    "invoice_code_is_a_hash": "code",
    "a_validated_invoice_has_its_code": "code",
    "an_answered_invoice_says_when": "answered_at",
    "a_rejected_invoice_says_why": "error",
    "only_a_note_corrects_an_invoice": "corrects",
    "only_a_sale_is_annulled": "status",
    "links_of_invoices_are_https": "pdf_url",
}


def tidy(values: Mapping) -> dict:
    """Give what was typed as it is kept: prefix in capitals, code in small letters, no gaps."""
    kept = {name: values[name] for name in WRITTEN if name in values}
    if "prefix" in kept:
        kept["prefix"] = "".join(str(kept["prefix"]).split()).upper()
    if "code" in kept:
        kept["code"] = "".join(str(kept["code"]).split()).lower()
    if "error" in kept:
        kept["error"] = str(kept["error"]).strip()
    return kept


def put(invoice: Invoice, values: Mapping, *, now: datetime) -> dict[str, str]:
    """Put the values into the row, and say beside each field what is wrong with it."""
    values = tidy(values)
    pointed_at, wanted = invoice.corrects_id, values.pop("status", invoice.status)
    for name, value in values.items():
        setattr(invoice, name, value)
    found = dict(_wrong_step(invoice, wanted))
    for name, sentence in (
        *_wrong_values(invoice),
        *_wrong_dates(invoice, now=now),
        *_wrong_note(invoice, pointed_at),
    ):
        found.setdefault(name, sentence)
    for name, sentence in _wrong_rows(invoice, set(found)):
        found.setdefault(name, sentence)
    return found


def _wrong_step(invoice: Invoice, wanted: str):
    """Take the step to this status, or say why it cannot be taken."""
    if invoice._state.adding:
        if wanted == _Status.ANNULLED:
            yield "status", _("Write the document down as accepted, then its credit note.")
        invoice.status = wanted
    elif wanted != invoice.status:
        try:
            invoice.move_to(wanted)
        except IllegalStep as error:
            yield "status", str(error)
        else:
            if wanted == _Status.ANNULLED and not may_annul(invoice):
                yield "status", _("Write down the accepted credit note that annuls it first.")


def _wrong_values(invoice: Invoice):
    try:
        invoice.clean_fields(exclude={"organization", "order", "recorded_at", "corrects"})
    except ValidationError as error:
        for name, texts in error.message_dict.items():
            is_typed = name == "number" and invoice.number is not None
            yield name, _in_digits() if is_typed else texts[0]


def _in_digits() -> str:
    return _("Write the number in digits, and the prefix apart.")


def _wrong_dates(invoice: Invoice, *, now: datetime):
    latest = now + _CLOCKS
    dates = {"issued_at": invoice.issued_at, "answered_at": invoice.answered_at}
    early = [name for name, moment in dates.items() if moment and moment > latest]
    for name in early:
        yield name, _("This moment lies in the future.")
    if not early and all(dates.values()) and invoice.answered_at < invoice.issued_at - _CLOCKS:
        yield "answered_at", _("The answer cannot come before the document itself.")


def _wrong_note(invoice: Invoice, pointed_at):
    """Say what is wrong with what a note corrects, or with what notes correct."""
    corrected = invoice.corrects
    if corrected is not None:
        is_new = corrected.pk != pointed_at
        if corrected.order_id != invoice.order_id or not corrected.is_sale:
            yield "corrects", _("Choose an invoice or equivalent document of this order.")
        elif is_new and corrected.status != _Status.ACCEPTED:
            yield "corrects", _("Only a document that the DIAN accepted can be corrected.")
    if not invoice.is_sale and not invoice._state.adding and invoice.corrections.exists():
        yield "kind", _("Notes correct this document, so it is an invoice or an equivalent one.")


def _wrong_rows(invoice: Invoice, known: set[str]):
    """Ask the constraints of the table, except about fields that are wrong already."""
    for constraint in Invoice._meta.constraints:
        field = FIELDS.get(constraint.name)
        if field is None or field in known:
            continue
        try:
            constraint.validate(Invoice, invoice, exclude=known)
        except ValidationError as error:
            yield _link_of(invoice) if field == "pdf_url" else field, error.messages[0]


def _link_of(invoice: Invoice) -> str:
    is_good = not invoice.pdf_url or invoice.pdf_url.startswith("https://")
    return "xml_url" if is_good else "pdf_url"


def may_annul(invoice: Invoice) -> bool:
    """Say whether an accepted credit note stands beside this document."""
    return (
        invoice.is_sale
        and invoice.status in Invoice.VALIDATED
        and invoice.corrections.filter(
            kind=Invoice.Kind.CREDIT_NOTE, status=_Status.ACCEPTED
        ).exists()
    )
