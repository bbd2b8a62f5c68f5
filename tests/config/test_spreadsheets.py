"""Tables for spreadsheets: readable, and never a program."""

import csv
import io

import openpyxl
import pytest
from django.utils import translation
from django_scopes import get_scope

from config.lib import spreadsheets


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+57 300", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "＝1", '=HYPERLINK("x")'],
)
def test_no_text_begins_a_formula(text):
    assert spreadsheets.cell(text) == f"'{text}"


@pytest.mark.parametrize("value", ["Ana", "300 123 4567", "1020304050", "a=b", "#1024", 12, 1.5])
def test_everything_else_stays_as_it_is(value):
    assert spreadsheets.cell(value) == value


def test_a_file_of_lines_is_read_back_as_it_was():
    rows = [["Nombre", "Nota"], ['Ñandú, "el" grande', "dos\nlíneas"], ["=1+1", None]]

    text = "".join(spreadsheets.csv_lines(rows))

    assert text.startswith("\ufeff")
    assert list(csv.reader(io.StringIO(text[1:]))) == [
        rows[0],
        rows[1],
        ["'=1+1", ""],
    ]


def test_a_workbook_holds_text_as_text_and_numbers_as_numbers():
    content = spreadsheets.xlsx("Pedidos", ["Número", "Total"], [["=1+1", 24900], ["00123", 0]])

    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    cells = [[cell for cell in row] for row in sheet.iter_rows(min_row=2)]
    assert [[cell.value for cell in row] for row in cells] == [["'=1+1", 24900], ["00123", 0]]
    assert {cell.data_type for row in cells for cell in row} == {"s", "n"}


def test_a_workbook_leaves_out_what_it_cannot_hold():
    content = spreadsheets.xlsx("Pedidos", ["Nota"], [["a\x0bb\nc"], ["ñ" * 40_000]])

    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert [cell.value for cell in sheet["A"]] == ["Nota", "ab\nc", "ñ" * 32_767]


@translation.override("en")
def test_lines_that_are_sent_later_are_of_the_language_in_which_they_were_asked_for():
    def rows():
        yield [get_scope()["organization"], translation.get_language()]

    with translation.override("es"):
        lines = spreadsheets.csv_later(rows(), organization="tienda")

    assert "".join(lines) == "\ufefftienda,es\r\n"
    assert (get_scope().get("organization"), translation.get_language()) == (None, "en")
