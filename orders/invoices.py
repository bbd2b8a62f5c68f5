"""Electronic invoices and notes of an order: an authorised provider makes them, we keep them.

What is written down here is a copy of facts that stand with the DIAN, so a slip of the pen may be
corrected until the document is annulled; the audit keeps what stood there before.
"""

from collections.abc import Mapping
from copy import copy
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from config.lib.errors import DomainError
from shop import audit
from shop.models import AuditEntry, User

from . import timeline
from .models import Invoice, Order, OrderEvent
from .models.orders import IllegalStep

_Kind, _Status = OrderEvent.Kind, Invoice.Status
EVENTS = (_Kind.INVOICE_RECORDED, _Kind.INVOICE_CHANGED, _Kind.INVOICE_REMOVED)
# What a person or a provider's connector writes.
WRITTEN = (
    *("kind", "status", "prefix", "number", "code", "issued_at", "answered_at"),
    *("pdf_url", "xml_url", "error", "corrects"),
)
# Clocks of others may be so far ahead of ours.
_CLOCKS = timedelta(minutes=5)
# Beside which field the sentence of a constraint stands.
_FIELDS = {
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


class BadInvoice(DomainError):
    """Something in it cannot be; `fields` says what, beside each field."""

    code = "bad_invoice"

    def __init__(self, fields: dict[str, str]):
        super().__init__(" ".join(fields.values()))
        self.fields = fields


class IsCorrected(DomainError):
    code = "invoice_is_corrected"


class IsAnnulled(DomainError):
    code = "invoice_is_annulled"


class IsGone(DomainError):
    code = "invoice_is_gone"


# --- Writing --------------------------------------------------------------------------------------


@transaction.atomic
def record(order: Order, values: Mapping, *, now: datetime, actor: User | None = None) -> Invoice:
    """Keep a document that the provider made of this order."""
    order = _locked(order.pk)
    invoice = Invoice(organization=order.organization, order=order, recorded_at=now)
    _write(invoice, values, now=now)
    _save(invoice, force_insert=True)
    _audit(invoice, actor, AuditEntry.Action.ADDED, after=audit.snapshot(invoice))
    _tell(order, invoice, _Kind.INVOICE_RECORDED, now=now, actor=actor)
    return invoice


@transaction.atomic
def change(
    invoice: Invoice, values: Mapping, *, now: datetime, actor: User | None = None
) -> Invoice:
    """Write what became of a document, or what was written wrongly."""
    order, invoice = _read_again(invoice)
    if invoice.status == _Status.ANNULLED and _is_other(invoice, values):
        raise IsAnnulled(_("%(document)s is annulled: it stays as it is.") % {"document": invoice})
    if _annuls(invoice) and _is_other(invoice, values, ("kind", "corrects")):
        raise IsAnnulled(
            _("%(document)s annuls another document: it stays a credit note on that one.")
            % {"document": invoice}
        )
    before, status = audit.snapshot(invoice), invoice.status
    _write(invoice, values, now=now)
    after = audit.snapshot(invoice)
    if after == before:
        return invoice
    _save(invoice)
    _audit(invoice, actor, AuditEntry.Action.CHANGED, before=before, after=after)
    is_new_status = invoice.status != status
    _tell(order, invoice, _Kind.INVOICE_CHANGED, now=now, actor=actor, is_new_status=is_new_status)
    return invoice


@transaction.atomic
def remove(invoice: Invoice, *, reason: str, now: datetime, actor: User | None = None) -> None:
    """Take out a document that was written down by mistake, such as beside another order."""
    order, invoice = _read_again(invoice)
    if invoice.corrections.exists():
        raise IsCorrected(
            _("Notes correct %(document)s. Take those out first.") % {"document": invoice}
        )
    if _annuls(invoice):
        raise IsCorrected(
            _("%(document)s annuls another document. Write that one as accepted first.")
            % {"document": invoice}
        )
    _audit(invoice, actor, AuditEntry.Action.DELETED, before=audit.snapshot(invoice))
    _tell(order, invoice, _Kind.INVOICE_REMOVED, now=now, actor=actor, note=reason)
    invoice.delete()


def _locked(order_id) -> Order:
    """Give the order behind its lock, which guards everything that is written of its documents."""
    orders = Order.objects.select_related("organization")
    return orders.select_for_update(no_key=True, of=("self",)).get(pk=order_id)


def _read_again(invoice: Invoice) -> tuple[Order, Invoice]:
    order = _locked(invoice.order_id)
    found = order.invoices.select_related("organization", "corrects").filter(pk=invoice.pk).first()
    if found is None:
        raise IsGone(_("Somebody took this document out meanwhile."))
    return order, found


def _annuls(invoice: Invoice) -> bool:
    return invoice.corrects is not None and invoice.corrects.status == _Status.ANNULLED


def _is_other(invoice: Invoice, values: Mapping, names: tuple[str, ...] = ()) -> bool:
    """Say whether the values would change more than the status, or any of these fields."""
    looked_at = names or tuple(name for name in WRITTEN if name != "status")
    written = _tidy(values)
    return any(name in written and written[name] != getattr(invoice, name) for name in looked_at)


def _tidy(values: Mapping) -> dict:
    """Give what was typed as it is kept: prefix in capitals, code in small letters, no gaps."""
    tidy = {name: values[name] for name in WRITTEN if name in values}
    if "prefix" in tidy:
        tidy["prefix"] = "".join(str(tidy["prefix"]).split()).upper()
    if "code" in tidy:
        tidy["code"] = "".join(str(tidy["code"]).split()).lower()
    if "error" in tidy:
        tidy["error"] = str(tidy["error"]).strip()
    return tidy


def problems(
    order: Order, invoice: Invoice | None, values: Mapping, *, now: datetime
) -> dict[str, str]:
    """Say beside each field what is wrong with a document as it would be; nothing is written."""
    if invoice is None:
        candidate = Invoice(organization=order.organization, order=order, recorded_at=now)
    else:
        candidate = copy(invoice)
    return _wrong(candidate, values, now=now)


def _write(invoice: Invoice, values: Mapping, *, now: datetime) -> None:
    """Put the values into the row, or refuse them."""
    wrong = _wrong(invoice, values, now=now)
    if wrong:
        raise BadInvoice(wrong)


def _wrong(invoice: Invoice, values: Mapping, *, now: datetime) -> dict[str, str]:
    """Put the values into the row, and say beside each field what is wrong with it."""
    values = _tidy(values)
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
        yield from ((name, texts[0]) for name, texts in error.message_dict.items())


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
        field = _FIELDS.get(constraint.name)
        if field is None or field in known:
            continue
        try:
            constraint.validate(Invoice, invoice, exclude=known)
        except ValidationError as error:
            yield _link_of(invoice) if field == "pdf_url" else field, error.messages[0]


def _link_of(invoice: Invoice) -> str:
    is_good = not invoice.pdf_url or invoice.pdf_url.startswith("https://")
    return "xml_url" if is_good else "pdf_url"


def _save(invoice: Invoice, **how) -> None:
    """Write the row; who wrote the same number beside another order a moment ago was first."""
    try:
        with transaction.atomic():
            invoice.save(**(how or {"update_fields": WRITTEN}))
    except IntegrityError as error:
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
        if name not in _FIELDS:
            raise
        constraint = next(one for one in Invoice._meta.constraints if one.name == name)
        raise BadInvoice({_FIELDS[name]: str(constraint.violation_error_message)}) from error


def _audit(invoice: Invoice, actor: User | None, action: str, **changes) -> None:
    if actor is not None:
        audit.record(invoice.organization, actor, action, invoice, **changes)


def _tell(
    order: Order,
    invoice: Invoice,
    kind: str,
    *,
    now: datetime,
    actor: User | None,
    is_new_status: bool = True,
    note: str = "",
) -> None:
    """Write it on the order's timeline, for the shop alone."""
    data = {"document": invoice.label, "kind": invoice.kind}
    if is_new_status:
        data |= {"status": invoice.status}
        if invoice.status == _Status.REJECTED:
            data |= {"error": invoice.error[:200]}
    timeline.record(order, kind, now=now, actor=actor, data=data, note=note)
    # Open pages of the order look for a newer moment.
    order.save(update_fields=["changed_at"])


# --- Looking --------------------------------------------------------------------------------------


def may_annul(invoice: Invoice) -> bool:
    """Say whether an accepted credit note stands beside this document."""
    return (
        invoice.is_sale
        and invoice.status in Invoice.VALIDATED
        and invoice.corrections.filter(
            kind=Invoice.Kind.CREDIT_NOTE, status=_Status.ACCEPTED
        ).exists()
    )


def validated(order: Order) -> list[Invoice]:
    """Give what the DIAN validated of an order, the oldest first: what its buyer may see."""
    return [found for found in order.invoices.all() if found.status in Invoice.VALIDATED]


def standing(documents: list[Invoice]) -> Invoice | None:
    """Give the one that supports the sale now."""
    return next(
        (found for found in documents if found.is_sale and found.status == Invoice.Status.ACCEPTED),
        None,
    )
