import io
from datetime import UTC, datetime

import pytest
from django.utils import timezone
from pypdf import PdfReader

from orders import documents, invoices, pricing
from orders.documents import receipt, wording
from orders.models import Order
from shop.models import Variant
from tests import make

PLACED_AT = datetime(2026, 10, 9, 3, 30, tzinfo=UTC)
PLACE = {
    "recipient": "Íñigo Peña",
    "phone": "+573001234567",
    "line": "Carrera 7 # 71-21",
    "complement": "torre B",
    "neighbourhood": "Chapinero",
    "notes": "Timbre dañado",
    "municipality": "Bogotá, D.C.",
    "department": "Bogotá, D.C.",
}


def text_of(content: bytes) -> str:
    """Give the words of a PDF as one line, however they were wrapped."""
    pages = PdfReader(io.BytesIO(content)).pages
    return " ".join(" ".join(page.extract_text().split()) for page in pages)


@pytest.fixture
def seller(organization):
    organization.name, organization.legal_name = "Kaiu", "Vida Natural Ñuble S.A.S."
    organization.tax_id, organization.language = "900373076-4", "en"
    organization.address_line, organization.city = "Calle 1 # 2-3", "Cali"
    organization.email, organization.phone = "hola@kaiu.example", "+573107654321"
    organization.is_live = True
    organization.save()
    return organization


def an_order(**fields) -> Order:
    """Give an order with its document in English, and the IVA of each line computed."""
    fields = {"language": "en", "delivery": PLACE, "placed_at": PLACED_AT, **fields}
    order = make.order(**fields)
    for line in order.lines.all():
        line.tax = pricing.tax_in(line.total, line.tax_category)
        line.save(update_fields=["tax"])
    return order


def test_a_receipt_names_seller_buyer_and_sale(seller):
    order = an_order(
        name="Íñigo Peña",
        email="inigo@example.com",
        document_type="NIT",
        document_number="800197268-4",
        account=make.payment_account(name="Transferencia"),
        paid=True,
    )

    text = text_of(documents.invoice(order))

    for words in (
        "Vida Natural Ñuble S.A.S.",
        "NIT 900.373.076-4",
        "Calle 1 # 2-3, Cali",
        "hola@kaiu.example",
        "not an electronic invoice",
        "Íñigo Peña",
        "800.197.268-4",
        "inigo@example.com",
        "Transferencia",
        f"Order {order.label}",
        order.lines.get().sku,
        "$ 24.900",
    ):
        assert words in text
    # Half past ten at night of the day before, where the shop is.
    assert "Oct. 8, 2026, 10:30" in text
    # With a document, the law lets the receipt ask for no address.
    assert "Carrera 7" not in text


def test_a_buyer_without_document_is_a_final_consumer_and_the_address_is_written(seller):
    text = text_of(documents.invoice(an_order()))

    assert "Final consumer 222222222222" in text
    assert "Carrera 7 # 71-21, torre B" in text


def test_who_is_billed_stands_on_the_receipt_with_their_document(seller):
    billing = PLACE | {
        "recipient": "Spa Laureles S.A.S.",
        "line": "Avenida 4 # 5-6",
        "document_type": "NIT",
        "document_number": "800197268-4",
    }

    text = text_of(documents.invoice(an_order(billing=billing, document_number="1020304050")))

    assert "Spa Laureles S.A.S." in text
    assert "800.197.268-4" in text
    assert "Avenida 4 # 5-6" in text
    assert "1020304050" not in text


def test_delivery_that_costs_nothing_is_called_free(seller):
    assert "Delivery cost Free" in text_of(documents.invoice(an_order(shipping=0)))


def test_goods_picked_up_need_no_address(seller):
    text = text_of(documents.invoice(an_order(is_pickup=True)))

    assert "222222222222" in text
    assert "Carrera 7" not in text


def test_iva_is_told_by_category_and_adds_up_line_by_line(seller):
    kinds = Variant.TaxCategory
    lines = [
        make.variant(price=2_490_000, tax_category=kinds.GENERAL),
        make.variant(price=4_990_000, tax_category=kinds.GENERAL),
        make.variant(price=2_490_000, tax_category=kinds.REDUCED),
        make.variant(price=1_000_000, tax_category=kinds.EXEMPT),
        make.variant(price=700_000, tax_category=kinds.EXCLUDED),
    ]
    order = an_order(lines=lines)

    assert receipt.taxes_of(order.lines.all()) == [
        (kinds.GENERAL, 2_092_437 + 4_193_277, 397_563 + 796_723),
        (kinds.REDUCED, 2_371_429, 118_571),
        (kinds.EXEMPT, 1_000_000, 0),
        (kinds.EXCLUDED, 700_000, 0),
    ]
    text = text_of(documents.invoice(order))
    for words in ("$ 62.857,14", "$ 11.942,86", "$ 23.714,29", "$ 1.185,71", "Exempt", "Excluded"):
        assert words in text


def test_a_receipt_tells_discount_delivery_and_what_was_given_back(seller):
    order = an_order(
        paid=True, discount=490_000, shipping=1_200_000, cash_fee=300_000, voucher_code="HOLA"
    )
    Order.objects.filter(pk=order.pk).update(refunded=1_000_000)
    order.refresh_from_db()

    text = text_of(documents.invoice(order))

    for words in ("(HOLA) -$ 4.900", "$ 12.000", "$ 3.000", "Total $ 35.000", "-$ 10.000"):
        assert words in text


def test_a_test_order_and_a_cancelled_one_say_so(seller):
    text = text_of(documents.invoice(an_order(is_test=True, status="cancelled")))

    assert "nothing was charged" in text
    assert "was cancelled" in text


def squeezed(content: bytes) -> str:
    return "".join(text_of(content).split())


def test_an_accepted_invoice_is_named_with_its_code_and_where_to_check_it(seller):
    order = an_order(paid=True)
    sale = make.invoice(order, prefix="SETP", number=990_000_001, code="a1" * 48)
    note = make.invoice(order, kind="credit_note", prefix="NC", number=7, corrects=sale)
    make.invoice(order, kind="debit_note", status="pending", prefix="ND", corrects=sale)

    text, solid = text_of(documents.invoice(order)), squeezed(documents.invoice(order))

    assert "Electronic sales invoice SETP990000001" in text
    assert "Electronic credit note NC7 corrects SETP990000001." in text
    assert f"CUFE:{sale.code}" in solid
    assert f"CUDE:{note.code}" in solid
    assert f"https://catalogo-vpfe.dian.gov.co/document/searchqr?documentkey={'a1' * 48}" in solid
    assert "not an electronic invoice" not in text
    # What the DIAN did not accept is nobody's proof.
    assert "ND" not in text


def test_without_an_accepted_invoice_a_receipt_says_that_it_is_none(seller):
    rejected, annulled = an_order(), an_order()
    make.invoice(rejected, status="rejected", error="FAD06", prefix="MALA")
    sale = make.invoice(annulled, prefix="SETP", number=5)
    make.invoice(annulled, kind="credit_note", corrects=sale)
    invoices.change(sale, {"status": "annulled"}, now=timezone.now())

    assert "MALA" not in text_of(documents.invoice(rejected))
    assert "not an electronic invoice" in text_of(documents.invoice(rejected))
    text = text_of(documents.invoice(annulled))
    assert "not an electronic invoice" in text
    assert "Electronic sales invoice SETP5 was annulled by a credit note." in text
    assert "documentkey" not in text


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("900373076-4", "900.373.076-4"),
        ("900.373.076-4", "900.373.076-4"),
        ("9003730764", "900.373.076-4"),
        ("900373076", "900.373.076-4"),
        ("RUC 20-1", "RUC 20-1"),
    ],
)
def test_a_nit_is_written_with_dots_and_its_digit(typed, written):
    assert wording.tax_number(typed) == written


def test_a_packing_slip_holds_what_is_packed_and_no_money(seller):
    order = an_order(
        lines=[(make.variant(make.product("Jabón", variants=0), sku="JAB-1", price=123_400), 7)],
        shipping=987_600,
        cash_fee=555_500,
        discount=100_000,
        paid=True,
        notes="¿Lo envuelven?",
        account=make.payment_account(name="Transferencia"),
        delivery_label="Envío nacional",
    )

    text = text_of(documents.packing_slip(order))

    for words in (
        order.label,
        "Íñigo Peña",
        "Carrera 7 # 71-21, torre B",
        "Bogotá, D.C.",
        "300 1234567",
        "Timbre dañado",
        "¿Lo envuelven?",
        "Envío nacional",
        "7 JAB-1 Jabón",
        "7 pieces in all",
    ):
        assert words in text
    assert "$" not in text
    for money in ("1.234", "1234,", "9.876", "5.555", "8.638", "1.000", "Transferencia", "IVA"):
        assert money not in text


def test_a_long_slip_takes_several_pages_and_loses_no_line(seller):
    product = make.product("Aceite con un nombre larguísimo " * 4, variants=0)
    variants = [
        make.variant(product, sku=f"SKU-SIN-ESPACIOS-NI-GUIONES{number:013}", option1=str(number))
        for number in range(40)
    ]
    order = an_order(lines=variants)

    content = documents.packing_slip(order)

    pages = PdfReader(io.BytesIO(content)).pages
    squeezed = "".join(text_of(content).split())
    assert len(pages) > 1
    assert all(variant.sku in squeezed for variant in variants)
    assert all(order.label in page.extract_text() for page in pages)


@pytest.mark.parametrize("lines", [1, 30])
@pytest.mark.parametrize("write", [documents.invoice, documents.packing_slip])
def test_a_document_takes_the_same_queries_however_long(
    seller, django_assert_max_num_queries, write, lines
):
    account = make.payment_account()
    made = an_order(lines=[make.variant() for _number in range(lines)], account=account)
    sale = make.invoice(made)
    for _note in range(lines):
        make.invoice(made, kind="debit_note", corrects=sale)
    order = Order.objects.get(pk=made.pk)

    with django_assert_max_num_queries(4):
        write(order)
