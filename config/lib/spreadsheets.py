"""Tables as files that people open in a spreadsheet, where no cell may become a formula."""

import csv
import io
from collections.abc import Iterable, Iterator
from itertools import chain

import openpyxl
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone, translation
from django_scopes import scope
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.cell.cell import WriteOnlyCell as Cell
from openpyxl.styles import Font

_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
# What a cell of a workbook holds at most.
_LONGEST = 32_767
# Programs run what a cell holds when it starts with one of these.
_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def cell(value: object) -> object:
    """Give a value as a cell may hold it: numbers as they are, text never as a formula."""
    if value is None:
        return ""
    if isinstance(value, int | float):
        return value
    text = str(value)
    return f"'{text}" if _is_risky(text) else text


def text_of(cell: str) -> str:
    """Give the text that a cell stands for: without the mark that cell() put before it."""
    return cell[1:] if cell.startswith("'") and _is_risky(cell) else cell


def _is_risky(text: str) -> bool:
    # Spaces in front are skipped by some programs; with marks before it a text gets one more, so
    # that every text is found again.
    return text.lstrip(" \u00a0'").startswith(_STARTS_FORMULA)


def csv_lines(rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """Give a table line by line, beginning with the mark by which Excel knows the alphabet."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write("\ufeff")
    for row in rows:
        writer.writerow([cell(value) for value in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def csv_later(rows: Iterable[Iterable[object]], *, organization) -> Iterator[str]:
    """Give the same lines in the scope, language and time zone of now, whenever they are asked for.

    A response is sent after those of its request are closed.
    """
    language, zone = translation.get_language(), timezone.get_current_timezone()
    lines = csv_lines(rows)

    def opened() -> Iterator[str]:
        while True:
            with (
                scope(organization=organization),
                translation.override(language),
                timezone.override(zone),
            ):
                line = next(lines, None)
            if line is None:
                return
            yield line

    return opened()


def xlsx(title: str, headers: Iterable[str], rows: Iterable[Iterable[object]]) -> bytes:
    """Give a table as a workbook with one sheet."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    sheet.freeze_panes = "A2"
    named = [Cell(sheet, _printable(header)) for header in headers]
    for heading in named:
        heading.font = Font(bold=True)
    for row in chain([named], ([_printable(value) for value in row] for row in rows)):
        sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _printable(value: object) -> object:
    """Give a cell without what no workbook can hold."""
    found = cell(value)
    return ILLEGAL_CHARACTERS_RE.sub("", found)[:_LONGEST] if isinstance(found, str) else found


def attachment(content: bytes | Iterator[str], *, name: str, kind: str) -> HttpResponseBase:
    """Answer with a table that a browser keeps as a file of this name."""
    is_whole = isinstance(content, bytes)
    answer = HttpResponse(content) if is_whole else StreamingHttpResponse(content)
    answer["Content-Type"] = _TYPES[kind]
    answer["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    answer["Cache-Control"] = "no-store, private"
    return answer
