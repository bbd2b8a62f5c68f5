"""Electronic documents beside an order: what may be written down, and what the table refuses."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django_scopes import scope

from orders import invoices
from orders.models import Invoice, OrderEvent
from shop.models import AuditEntry
from tests import make
from tests.orders.test_sales import wait_until_somebody_waits
from tests.shop import places

# Printed by the DIAN, and by the reference that our CUFE follows.
CUFE = (
    "8bb918b19ba22a694f1da11c643b5e9de39adf60311cf179179e9b33381030bc"
    "d4c3c3f156c506ed5908f9276f5bd9b4"
)
KIND, STATUS = Invoice.Kind, Invoice.Status


def document(**fields) -> dict:
    """Give what is written of an accepted invoice."""
    now = timezone.now()
    return {
        "kind": KIND.INVOICE,
        "status": STATUS.ACCEPTED,
        "prefix": "SETP",
        "number": 990_000_001,
        "code": CUFE,
        "issued_at": now - timedelta(minutes=2),
        "answered_at": now - timedelta(minutes=1),
        **fields,
    }


def wrong(order, **fields) -> dict[str, str]:
    """Give what is said beside each field of a document that is refused."""
    with pytest.raises(invoices.BadInvoice) as refused:
        invoices.record(order, document(**fields), now=timezone.now())
    return refused.value.fields


def changed(invoice, **fields) -> Invoice:
    return invoices.change(invoice, fields, now=timezone.now())


def test_what_the_provider_made_is_kept_audited_and_told_to_the_shop_alone(organization):
    order, owner = make.order(paid=True), make.member("owner")

    values = document(prefix="setp ", code=f" {CUFE[:48]} {CUFE[48:].upper()}")
    made = invoices.record(order, values, now=timezone.now(), actor=owner)

    kept = Invoice.objects.get()
    assert (kept.label, kept.code, kept.order) == ("SETP990000001", CUFE, order)
    assert made.check_url.endswith(f"/document/searchqr?documentkey={CUFE}")
    event = OrderEvent.objects.get(order=order)
    assert (event.kind, event.is_public, event.mail) == ("invoice_recorded", False, "")
    entry = AuditEntry.objects.get(model="invoice")
    assert (entry.action, entry.changes["code"]) == ("added", [None, CUFE])


@pytest.mark.parametrize(
    ("fields", "beside"),
    [
        ({"code": CUFE[:-1]}, "code"),
        ({"code": "g" * 96}, "code"),
        ({"code": ""}, "code"),
        ({"number": 0}, "number"),
        ({"number": None}, "number"),
        ({"prefix": "SE-TP"}, "prefix"),
        ({"kind": "receipt"}, "kind"),
        ({"status": STATUS.ANNULLED}, "status"),
        ({"answered_at": None}, "answered_at"),
        ({"issued_at": None}, "issued_at"),
        ({"issued_at": timezone.now() + timedelta(hours=1)}, "issued_at"),
        ({"answered_at": timezone.now() - timedelta(days=2)}, "answered_at"),
        ({"pdf_url": "http://dian.example/a.pdf"}, "pdf_url"),
        ({"xml_url": "javascript:alert(1)"}, "xml_url"),
        ({"status": STATUS.REJECTED, "error": "  "}, "error"),
        ({"kind": KIND.CREDIT_NOTE}, "corrects"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(organization, fields, beside):
    said = wrong(make.order(), **fields)

    assert list(said) == [beside]
    assert Invoice.objects.count() == 0


def test_a_number_a_code_and_a_sale_are_documented_once(organization):
    first, other = make.order(), make.order()
    invoices.record(first, document(), now=timezone.now())

    assert set(wrong(other)) == {"number", "code"}
    assert set(wrong(first, number=2, code="a" * 96)) == {"kind"}
    with scope(organization=make.organization()):
        assert invoices.record(make.order(), document(), now=timezone.now()).code == CUFE


def test_a_rejected_document_is_sent_again_and_then_accepted(organization):
    order = make.order()
    sent = make.invoice(order, status=STATUS.PENDING, code="", answered_at=None)
    now = timezone.now()

    changed(sent, status=STATUS.REJECTED, error="Regla FAD06", answered_at=now)
    changed(sent, status=STATUS.PENDING, answered_at=None)
    accepted = changed(sent, status=STATUS.ACCEPTED, code=CUFE, answered_at=now)
    with pytest.raises(invoices.BadInvoice) as refused:
        changed(accepted, status=STATUS.REJECTED, error="?")

    assert list(refused.value.fields) == ["status"]
    told = order.events.order_by("id").values_list("kind", "data__status")
    assert list(told) == [
        ("invoice_recorded", "pending"),
        ("invoice_changed", "rejected"),
        ("invoice_changed", "pending"),
        ("invoice_changed", "accepted"),
    ]


def test_the_same_said_twice_is_told_once(organization):
    sale = make.invoice(make.order())

    changed(sale, pdf_url="https://dian.example/1.pdf")
    changed(sale, pdf_url="https://dian.example/1.pdf")

    assert sale.order.events.filter(kind="invoice_changed").count() == 1


def test_only_a_credit_note_annuls_and_then_nothing_changes(organization):
    order = make.order()
    sale = make.invoice(order)
    with pytest.raises(invoices.BadInvoice) as refused:
        changed(sale, status=STATUS.ANNULLED)
    assert list(refused.value.fields) == ["status"]
    note = make.invoice(order, kind=KIND.CREDIT_NOTE, corrects=sale)

    annulled = changed(sale, status=STATUS.ANNULLED)

    with pytest.raises(invoices.IsAnnulled):
        changed(annulled, pdf_url="https://dian.example/1.pdf")
    with pytest.raises(invoices.IsAnnulled):
        changed(note, kind=KIND.DEBIT_NOTE)
    for kept in (annulled, note):
        with pytest.raises(invoices.IsCorrected):
            invoices.remove(kept, reason="?", now=timezone.now())
    # The sale may be documented anew.
    assert make.invoice(order).status == STATUS.ACCEPTED


def test_a_note_corrects_an_accepted_sale_of_its_own_order(organization):
    order, other = make.order(), make.order()
    foreign, waiting = make.invoice(other), make.invoice(order, status=STATUS.PENDING)
    note = {"kind": KIND.CREDIT_NOTE, "number": 5}

    assert list(wrong(order, **note, corrects=foreign)) == ["corrects"]
    assert list(wrong(order, **note, corrects=waiting)) == ["corrects"]
    changed(waiting, status=STATUS.ACCEPTED)
    assert list(wrong(order, **note, corrects=foreign)) == ["corrects"]
    made = invoices.record(order, document(**note, corrects=waiting), now=timezone.now())
    assert made.corrects == waiting


def test_the_table_itself_refuses_what_no_operation_would_write(organization):
    order, other = make.order(), make.order()
    sale, foreign = make.invoice(order), make.invoice(other)
    note = make.invoice(order, kind=KIND.CREDIT_NOTE, corrects=sale)
    refused = make.invoice(order, status=STATUS.REJECTED, error="FAD06")

    for row, fields in (
        (refused, {"status": STATUS.ACCEPTED}),
        (refused, {"number": sale.number}),
        (refused, {"code": sale.code}),
        (note, {"corrects": foreign}),
        (note, {"corrects": None}),
        (note, {"corrects": note}),
        (note, {"status": STATUS.ANNULLED}),
        (sale, {"corrects": note}),
        (sale, {"code": ""}),
        (sale, {"code": "A" * 96}),
        (sale, {"pdf_url": "http://dian.example"}),
        (sale, {"number": 0}),
        (sale, {"order": other}),
        (sale, {"status": STATUS.REJECTED}),
        (sale, {"answered_at": None}),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Invoice.objects.filter(pk=row.pk).update(**fields)


def test_what_was_written_by_mistake_is_taken_out_and_the_audit_keeps_it(organization):
    order, owner = make.order(), make.member("owner")
    sale = make.invoice(order)

    invoices.remove(sale, reason="Era del pedido 7", now=timezone.now(), actor=owner)

    assert Invoice.objects.count() == 0
    entry = AuditEntry.objects.get(model="invoice")
    assert (entry.action, entry.changes["code"]) == ("deleted", [sale.code, None])
    assert order.events.get(kind="invoice_removed").note == "Era del pedido 7"
    with pytest.raises(invoices.IsGone):
        changed(sale, error="?")


@pytest.mark.django_db(transaction=True)
def test_two_that_write_the_same_document_leave_one(organization):
    places.reload()
    orders = [make.order(), make.order()]
    values = document()

    def write(order):
        try:
            with scope(organization=organization):
                invoices.record(order, values, now=timezone.now())
            return "written"
        except invoices.BadInvoice as error:
            return ", ".join(error.fields)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = sorted(pool.map(write, orders * 4))

    with scope(organization=organization):
        assert Invoice.objects.count() == 1
    assert answers.count("written") == 1
    assert all("number" in answer for answer in answers if answer != "written")


@pytest.mark.django_db(transaction=True)
def test_nothing_is_annulled_by_a_note_that_is_being_taken_out(organization):
    places.reload()
    order = make.order()
    sale = make.invoice(order)
    note = make.invoice(order, kind=KIND.CREDIT_NOTE, corrects=sale)

    def annul():
        try:
            with scope(organization=organization):
                return changed(sale, status=STATUS.ANNULLED).status
        except invoices.BadInvoice as error:
            return list(error.fields)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            invoices.remove(note, reason="Era de otro pedido", now=timezone.now())
            asked = pool.submit(annul)
            wait_until_somebody_waits()
        answer = asked.result()

    assert answer == ["status"]
    assert Invoice.objects.get().status == STATUS.ACCEPTED
