"""The card of an order's electronic documents, and the form behind it."""

import pytest
from django.utils import timezone

from orders.models import Invoice
from tests import make
from tests.orders.admin.pages import page_of, read
from tests.orders.test_invoices import CUFE
from tests.shop.admin.back_office import client_of, send

TYPED = {
    "number": "990000001",
    "prefix": "setp",
    "code": f"{CUFE[:50]} {CUFE[50:]}",
    "issued_at": "2026-10-09T10:53:10",
    "answered_at": "2026-10-09T10:53:12",
    "pdf_url": "https://dian.example/SETP990000001.pdf",
}


def form_of(order, invoice=None) -> str:
    asked = f"?document={invoice.pk}" if invoice else ""
    return f"/admin/orders/order/{order.pk}/facturas/{asked}"


def test_a_document_is_written_down_and_stands_on_the_card(owner):
    order = make.order(paid=True)

    answer = send(owner, form_of(order), **TYPED)

    assert (answer.status_code, answer.url) == (302, page_of(order))
    kept = Invoice.objects.get()
    assert (kept.code, kept.status, kept.kind) == (CUFE, "accepted", "invoice")
    # Half past ten in Bogotá.
    assert kept.issued_at.isoformat() == "2026-10-09T15:53:10+00:00"
    shown = read(owner, page_of(order))
    assert "SETP990000001" in shown
    assert kept.check_url in shown
    assert kept.pdf_url in shown
    assert "Accepted by the DIAN: Electronic sales invoice SETP990000001." in shown


def test_the_form_says_beside_each_field_what_is_wrong(owner):
    order = make.order()

    answer = send(owner, form_of(order), **(TYPED | {"code": "abc", "pdf_url": "http://a.example"}))

    errors = answer.context["form"].errors
    assert errors["code"] == ["A CUFE or CUDE has 96 characters: digits and the letters a to f."]
    assert errors["pdf_url"] == ["Write an address that begins with https://."]
    assert Invoice.objects.count() == 0


def test_a_credit_note_is_what_comes_next_and_annuls(owner):
    order = make.order()
    sale = make.invoice(order)

    send(owner, form_of(order), number="1", prefix="NC", code="b" * 96, **moments())
    note = Invoice.objects.get(kind="credit_note")
    assert note.corrects == sale
    assert send(owner, form_of(order, sale), status="annulled").status_code == 302

    sale.refresh_from_db()
    assert sale.status == "annulled"
    assert f"corrects {sale.label}" in read(owner, page_of(order))


def moments() -> dict[str, str]:
    now = timezone.localtime().strftime("%Y-%m-%dT%H:%M:%S")
    return {"issued_at": now, "answered_at": now}


def test_a_slip_is_taken_out_with_its_reason(owner):
    order = make.order()
    sale = make.invoice(order)

    owner.post(form_of(order, sale), {"deed": "remove", "reason": " "})
    assert Invoice.objects.count() == 1
    owner.post(form_of(order, sale), {"deed": "remove", "reason": "Era de otro pedido"})

    assert Invoice.objects.count() == 0
    assert "Era de otro pedido" in read(owner, page_of(order))


def test_the_warehouse_sees_nothing_of_it_and_support_only_looks(owner, warehouse):
    order = make.order(paid=True)
    sale = make.invoice(order, actor=owner.user)
    support = client_of("support")

    hidden = read(warehouse, page_of(order))
    for word in (sale.label, sale.code, "DIAN", "facturas"):
        assert word not in hidden
    assert warehouse.get(form_of(order, sale)).status_code == 403
    assert sale.label in read(support, page_of(order))
    assert "facturas" not in read(support, page_of(order))
    assert support.post(form_of(order), TYPED).status_code == 403


def test_a_document_of_another_order_is_not_found_beside_this_one(owner):
    sale = make.invoice(make.order())

    assert owner.get(form_of(make.order(), sale)).status_code == 404
    assert owner.get(form_of(sale.order) + "?document=nada").status_code == 404


@pytest.mark.parametrize("notes", [0, 3])
def test_the_card_costs_one_query_whatever_is_on_it(owner, notes, django_assert_max_num_queries):
    order = make.order()
    sale = make.invoice(order)
    for _note in range(notes):
        make.invoice(order, kind="debit_note", corrects=sale)
    owner.get(page_of(order))

    with django_assert_max_num_queries(30):
        owner.get(page_of(order))
