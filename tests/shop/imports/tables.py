"""Files for tests of imports, and the short way to bring one into the shop of the open scope."""

import csv
import io
from pathlib import Path

import openpyxl
from django.utils import timezone

from shop import imports
from shop.imports import running
from shop.models import ProductImport
from tests import make

SAMPLE = Path(__file__).parents[2] / "data" / "products_sample.csv"
OWN = [
    "Dirección web",
    "Nombre",
    "Categoría",
    "Opción 1",
    "Valor 1",
    "SKU",
    "Precio",
    "Existencias",
]
# Gives a row when a connection to this database waits for another's lock.
WAITING = """
SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


def table(headings: list[str], *rows: list, delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    """Give a table as the bytes of a text file."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([headings, *rows])
    return text.getvalue().encode(encoding)


def own(*rows: dict, **options) -> bytes:
    """Give rows under headings of our template; a row names only what it says."""
    headings = list(dict.fromkeys(heading for row in rows for heading in row))
    lines = [[row.get(heading, "") for heading in headings] for row in rows]
    return table(headings, *lines, **options)


def workbook(headings: list[str], *rows: list) -> bytes:
    """Give a table as the bytes of an Excel workbook."""
    book = openpyxl.Workbook()
    for row in (headings, *rows):
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def received(content: bytes, *, name: str = "productos.csv", person=None) -> ProductImport:
    """Give a file to the open shop; it is read and counted when this returns."""
    return imports.receive(make.here(), person, name=name, file=io.BytesIO(content))


def numbered(count: int, **fields) -> list[dict]:
    """Give the rows of so many products."""
    return [{"Nombre": f"P{n}", "SKU": f"S{n}", "Precio": "1.000"} | fields for n in range(count)]


def started(content: bytes) -> ProductImport:
    """Give a file to the open shop and start it; no worker is at it yet."""
    return start(received(content))


def start(one: ProductImport, *, person=None) -> ProductImport:
    running.start(one, person=person, now=timezone.now())
    return one


def run(one: ProductImport, *, person=None) -> ProductImport:
    """Bring a file that is ready into the shop."""
    running.carry_on(start(one, person=person).pk)
    return ProductImport.objects.get(pk=one.pk)


def chosen(one: ProductImport, *, rates=None, currency="COP") -> ProductImport:
    """Say what other currencies are worth, and count again."""
    running.choose(one, rates=rates or {}, currency=currency)
    running.carry_on(one.pk)
    return ProductImport.objects.get(pk=one.pk)


def brought(content: bytes, *, person=None, **options) -> ProductImport:
    """Bring a file into the shop at once."""
    return run(received(content, person=person, **options), person=person)


def undone(one: ProductImport) -> ProductImport:
    running.undo(one, person=None, now=timezone.now())
    running.carry_on(one.pk)
    return ProductImport.objects.get(pk=one.pk)


def outcome(one: ProductImport) -> tuple[int, int, int, int]:
    """Give how many products were added, changed, unchanged and faulty."""
    return one.added, one.changed, one.unchanged, one.faulty


def faults(one: ProductImport) -> list[tuple[int, str, str]]:
    """Give line, column and reason of everything that is wrong."""
    return list(one.faults.values_list("line", "column", "reason"))
