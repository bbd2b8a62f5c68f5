"""Labels: ours for each box, the carriers' own beside them, on rolls and on letter paper."""

import io
from datetime import date

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from pypdf import PdfReader, PdfWriter

from logistics import codes, documents
from logistics.models import Shipment
from tests import make


def pages_of(content: bytes) -> list[str]:
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(content)).pages]


def printed(**options) -> bytes:
    shipments = Shipment.objects.select_related("organization").prefetch_related("parcels")
    return documents.labels(shipments.order_by("code"), language="en", **options)


def with_file(shipment: Shipment, content: bytes) -> None:
    name = storages["private"].save(f"labels/{shipment.pk}.pdf", ContentFile(content))
    Shipment.objects.filter(pk=shipment.pk).update(label=name)


def a_pdf(width: float, height: float, *, pages: int = 1) -> bytes:
    writer, file = PdfWriter(), io.BytesIO()
    for _page in range(pages):
        writer.add_blank_page(width, height)
    writer.write(file)
    return file.getvalue()


@pytest.mark.django_db
def test_a_label_says_all_that_a_courier_needs(organization):
    make.shipment(
        code="1024-1",
        reference="1024",
        tracking_number="56800000001",
        notes="Timbre dañado",
        cash_to_collect=6_104_700,
        service_name="Terrestre",
    )

    (page,) = pages_of(printed())

    for words in (
        "Íñigo Peña",
        "Carrera 43A # 1-50",
        "Medellín, Antioquia",
        "Phone 300 1234567",
        "For the courier: Timbre dañado",
        "COLLECT $ 61.047",
        "Order 1024",
        "Parcel 1 of 1",
        "1,25 kg · 20 × 12 × 8 cm",
        "Calle 1 # 2-3",
        "Coordinadora Terrestre",
        "56800000001",
    ):
        assert words in page, words


@pytest.mark.django_db
def test_what_is_paid_says_nothing_of_money_and_cash_is_collected_with_one_box(organization):
    make.shipment(code="1-1")
    make.shipment(code="2-1", boxes=2, cash_to_collect=1_000_000, tracking_number="568")

    paid, first, second = pages_of(printed())

    assert "$" not in paid
    assert "COLLECT $ 10.000" in first
    assert "$" not in second
    assert "collected with parcel 1" in second
    # Boxes of one number are told apart by our own code.
    assert ("2-1.1" in first, "2-1.2" in second) == (True, True)
    assert codes.read(" 2-1.2 ") == ("2-1", 2)
    assert codes.read("56800000001") == ("56800000001", None)


@pytest.mark.django_db
def test_a_carriers_own_pages_stand_between_ours_in_their_order(organization):
    make.shipment(code="1-1")
    with_file(make.shipment(code="2-1"), a_pdf(612, 792, pages=2))
    make.shipment(code="3-1")
    with_file(make.shipment(code="4-1"), b"<html>no label</html>")

    pages = pages_of(printed())

    assert ["1-1" in pages[0], pages[1], pages[2], "3-1" in pages[3]] == [True, "", "", True]
    assert "4-1" in pages[4]
    assert "cannot be printed" in pages[4]
    sizes = {
        tuple(map(round, page.mediabox[2:])) for page in PdfReader(io.BytesIO(printed())).pages
    }
    assert sizes == {(283, 425)}


@pytest.mark.django_db
def test_two_labels_lie_on_a_letter_page(organization):
    for number in range(1, 4):
        make.shipment(code=f"{number}-1")

    pages = pages_of(printed(paper="letter"))

    assert [["1-1" in page, "2-1" in page, "3-1" in page] for page in pages] == [
        [True, True, False],
        [False, False, True],
    ]


@pytest.mark.django_db
def test_the_list_to_sign_holds_one_carrier_a_page_with_its_sums(organization):
    make.shipment(code="1-1", carrier_name="Envia", tracking_number="E-1")
    make.shipment(code="2-1", boxes=2, tracking_number="C-2", cash_to_collect=1_000_000)
    make.shipment(code="3-1", tracking_number="C-1", cash_to_collect=550_000)
    shipments = Shipment.objects.prefetch_related("parcels")

    content = documents.handover_list(organization, shipments, on=date(2026, 11, 22), language="en")

    first, second = pages_of(content)
    assert "2 shipments · 3 parcels" in first
    assert "in all: $ 15.500" in first
    assert first.index("C-1") < first.index("C-2")
    assert "E-1" not in first
    assert "1 shipment · 1 parcel" in second
    assert "in all" not in second
    assert "Received by" in second
