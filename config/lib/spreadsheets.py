"""Tables as files that people open in a spreadsheet, where no cell may become a formula."""

import csv
import io
from collections.abc import Iterable, Iterator

import tablib

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
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


def xlsx(title: str, headers: list[str], rows: Iterable[Iterable[object]]) -> bytes:
    """Give a table as a workbook with one sheet."""
    data = tablib.Dataset(title=title[:31], headers=[cell(header) for header in headers])
    for row in rows:
        data.append([cell(value) for value in row])
    return data.export("xlsx", escape=False)
