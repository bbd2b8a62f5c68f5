"""Electronic invoices and notes of an order: an authorised provider makes them, we keep them.

What is written down here is a copy of facts that stand with the DIAN, so a slip of the pen may be
corrected until the document is annulled; the audit keeps what stood there before.
"""

from collections.abc import Mapping
from copy import copy
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from config.lib.errors import DomainError
from shop import audit
from shop.models import AuditEntry, User

from . import invoice_faults, timeline
from .invoice_faults import FIELDS, WRITTEN, tidy
from .models import Invoice, Order, OrderEvent

_Kind, _Status = OrderEvent.Kind, Invoice.Status
EVENTS = (_Kind.INVOICE_RECORDED, _Kind.INVOICE_CHANGED, _Kind.INVOICE_REMOVED)


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
    _write(invoice, _read_corrected(values), now=now)
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
    _write(invoice, _read_corrected(values), now=now)
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


def _read_corrected(values: Mapping) -> Mapping:
    """Give the values with what a note corrects as it stands now, behind the lock."""
    corrected = values.get("corrects")
    if corrected is None:
        return values
    found = Invoice.objects.filter(pk=corrected.pk).first()
    if found is None:
        raise BadInvoice({"corrects": _("Somebody took this document out meanwhile.")})
    return {**values, "corrects": found}


def _annuls(invoice: Invoice) -> bool:
    return invoice.corrects is not None and invoice.corrects.status == _Status.ANNULLED


def _is_other(invoice: Invoice, values: Mapping, names: tuple[str, ...] = ()) -> bool:
    """Say whether the values would change more than the status, or any of these fields."""
    looked_at = names or tuple(name for name in WRITTEN if name != "status")
    written = tidy(values)
    return any(name in written and written[name] != getattr(invoice, name) for name in looked_at)


def problems(
    order: Order, invoice: Invoice | None, values: Mapping, *, now: datetime
) -> dict[str, str]:
    """Say beside each field what is wrong with a document as it would be; nothing is written."""
    if invoice is None:
        candidate = Invoice(organization=order.organization, order=order, recorded_at=now)
    else:
        candidate = copy(invoice)
    return invoice_faults.put(candidate, values, now=now)


def _write(invoice: Invoice, values: Mapping, *, now: datetime) -> None:
    """Put the values into the row, or refuse them."""
    wrong = invoice_faults.put(invoice, values, now=now)
    if wrong:
        raise BadInvoice(wrong)


def _save(invoice: Invoice, **how) -> None:
    """Write the row; who wrote the same number beside another order a moment ago was first."""
    try:
        with transaction.atomic():
            invoice.save(**(how or {"update_fields": WRITTEN}))
    except IntegrityError as error:
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
        if name not in FIELDS:
            raise
        constraint = next(one for one in Invoice._meta.constraints if one.name == name)
        raise BadInvoice({FIELDS[name]: str(constraint.violation_error_message)}) from error


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


def validated(order: Order) -> list[Invoice]:
    """Give what the DIAN validated of an order, the oldest first: what its buyer may see."""
    return [found for found in order.invoices.all() if found.status in Invoice.VALIDATED]


def standing(documents: list[Invoice]) -> Invoice | None:
    """Give the one that supports the sale now."""
    return next(
        (found for found in documents if found.is_sale and found.status == Invoice.Status.ACCEPTED),
        None,
    )
