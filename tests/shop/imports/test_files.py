"""Whatever program wrote a file: it is read, or refused with a sentence and nothing stays."""

import io
import zipfile
from pathlib import Path

import pytest
from django.core.files.storage import storages

from shop import imports
from shop.imports import files, tasks
from shop.models import ImportRow, Product, ProductImport

from . import tables

HEADINGS = ["Nombre", "SKU", "Precio", "Descripción"]
ROWS = [["Champú de ortiga", "CHA-1", "24.900", "Señal; con, signos"], ["Vela", "VEL", "9.000", ""]]


@pytest.mark.parametrize(
    ("encoding", "delimiter"),
    [
        ("utf-8", ","),
        ("utf-8-sig", ";"),
        ("utf-16", "\t"),
        ("utf-16-le", ";"),
        ("cp1252", ";"),
        ("cp1252", "\t"),
    ],
)
def test_every_alphabet_and_delimiter_is_read(organization, encoding, delimiter):
    content = tables.table(HEADINGS, *ROWS, delimiter=delimiter, encoding=encoding)

    one = tables.received(content)

    assert tables.faults(one) == []
    assert (one.delimiter, one.rows, one.added) == (delimiter, 2, 2)
    assert imports.preview(one).products[0].name == "Champú de ortiga"
    assert ImportRow.objects.order_by("line").first().cells[3] == "Señal; con, signos"


def test_a_workbook_is_read_with_numbers_as_they_are(organization):
    rows = [["Sérum", 1001, 24900.0, "a\nb"], ["Jabón", "JAB", 18000, None]]

    one = tables.brought(tables.workbook(HEADINGS, *rows), name="a.xlsx")

    assert tables.outcome(one) == (2, 0, 0, 0)
    serum = Product.objects.get(name="Sérum")
    variant = serum.variants.get()
    assert (variant.sku, variant.price, serum.description) == ("1001", 2_490_000, "a\nb")


def test_names_of_columns_may_stand_below_a_title(organization):
    content = b"Lista de precios\n\nNOMBRE ; s.k.u. ; pr\xc3\xa9cio\nVela;V-1;9.000\n"

    one = tables.received(content)

    assert (one.delimiter, tables.outcome(one)) == (";", (1, 0, 0, 0))


def test_excels_word_about_the_delimiter_is_heeded(organization):
    one = tables.received(b"sep=;\nNombre;SKU;Precio\nVela;V-1;9.000\n")

    assert tables.outcome(one) == (1, 0, 0, 0)


def zipped(**parts: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name.replace("__", "/"), part)
    return content.getvalue()


def bomb() -> bytes:
    """A few hundred kilobytes that would be 300 MB."""
    return zipped(**{"xl__workbook.xml": b"<x/>", "xl__sheet.xml": bytes(300 * 1024 * 1024)})


WORKBOOK = tables.workbook(HEADINGS, *ROWS)
CSV = tables.table(HEADINGS, *ROWS)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty_file"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "not_a_table"),
        (b"%PDF-1.4\n\xe2\xe3\xcf\xd3\n\x01\x02", "not_a_table"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "old_excel"),
        (WORKBOOK[: len(WORKBOOK) // 2], "broken_workbook"),
        (WORKBOOK.replace(b"xl/workbook.xml", b"xx/workbook.xml"), "not_a_table"),
        (zipped(**{"word__document.xml": b"<x/>"}), "not_a_table"),
        (zipped(**{"xl__workbook.xml": b"<x/>"}), "broken_workbook"),
        (bomb(), "bomb"),
        (b"Nombre,SKU,Precio\n\x81\x8d,1,2\n", "unknown_alphabet"),
        ("Nombre,SKU,Precio\nJabón,J,1\nñandú,Ñ".encode()[:-1], "cut_file"),
        (b'Nombre,SKU,Precio\n"Vela,V-1,9.000\n', "bad_quotes"),
        (b"uno,dos,tres\n1,2,3\n", "no_headings"),
        (b"Nombre,Precio,precio \nVela,1,2\n", "equal_columns"),
        (b"SKU,Referencia,Precio\nVela,1,2\n", "equal_columns"),
        ("Categoría,Precio\nVelas,2\n".encode(), "missing_columns"),
        (b"Nombre,SKU,Precio\n", "nothing_to_read"),
        (b"Nombre,SKU,Precio\n" + b"a," * 300 + b"\n", "too_many_columns"),
        (b"Nombre,SKU,Precio\nVela," + b"9" * 140_000 + b",1\n", "bad_quotes"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_read_is_refused_and_nothing_stays(
    organization, django_capture_on_commit_callbacks, content, reason
):
    kept = stored_files()

    with (
        pytest.raises(imports.BadFile) as refused,
        django_capture_on_commit_callbacks(execute=True),
    ):
        tables.received(content)

    assert (refused.value.reason, ProductImport.objects.count()) == (reason, 0)
    assert str(refused.value)
    assert (ImportRow.objects.count(), stored_files()) == (0, kept)


def stored_files() -> int:
    folder = Path(storages["private"].location)
    return sum(path.is_file() for path in folder.rglob("*"))


def test_too_many_rows_are_refused(organization, monkeypatch):
    monkeypatch.setattr(files, "MOST_ROWS", 50)

    with pytest.raises(imports.BadFile, match="50"):
        tables.received(b"Nombre,SKU,Precio\n" + b"a,b,1\n" * 51)


def test_a_file_that_is_still_being_stored_is_left_alone(organization):
    class Upload(io.BytesIO):
        def read(self, *size):
            if ProductImport.objects.exists():
                tasks.sweep()
            return super().read(*size)

    one = imports.receive(organization, None, name="productos.csv", file=Upload(CSV))

    assert (one.status, one.reason, one.total) == ("ready", "", 2)


def test_a_file_is_gone_once_its_rows_are_read(organization, django_capture_on_commit_callbacks):
    before = stored_files()

    with django_capture_on_commit_callbacks(execute=True):
        one = tables.received(CSV)

    assert (one.file, stored_files()) == ("", before)
    imports.discard(one)
    assert ImportRow.objects.count() == 0


def test_a_row_that_is_cut_off_is_told(organization):
    one = tables.received(b"Nombre,SKU,Precio\nVela,V-1,9.000\nCera,C-")

    assert tables.faults(one) == [(3, "", "cut_row")]
    assert tables.outcome(one) == (1, 0, 0, 1)
