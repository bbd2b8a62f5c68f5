"""A file as rows of cells, whatever program wrote it; bombs and other files are refused."""

import codecs
import csv
import io
import math
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import BinaryIO

import openpyxl

from . import columns
from .reasons import BadFile

LARGEST = 64 * 1024 * 1024
MOST_ROWS = 100_000
MOST_COLUMNS = 250
# What a workbook may be unzipped: a hundred thousand rows of a shop stay far below.
_LARGEST_INSIDE = 250 * 1024 * 1024
_LARGEST_WORDS = 80 * 1024 * 1024
_MOST_PARTS = 2_000
# Rows without anything in them, which a workbook can claim by the million.
_MOST_EMPTY = 200_000
# A title, a date, an empty row: so far down the names of columns are looked for.
_HEADING_WITHIN = 10
_DELIMITERS = ",;\t"
_OLE = b"\xd0\xcf\x11\xe0"
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1f]")
_CHUNK = 1024 * 1024

Cell = str | int | float | bool | None


@dataclass(frozen=True)
class Kind:
    """How a file is written: a workbook, or text in an alphabet, cut by a delimiter."""

    is_workbook: bool = False
    encoding: str = ""
    delimiter: str = ""
    # Its last row does not end: that row may be cut.
    ends_open: bool = False


def recognise(
    file: BinaryIO, *, recognised: Callable[[Sequence[str]], int] = columns.recognised
) -> Kind:
    """Say how a file is written, or raise BadFile; `recognised` counts the headings it knows."""
    size = file.seek(0, io.SEEK_END)
    if not size:
        raise BadFile("empty_file")
    if size > LARGEST:
        raise BadFile("too_large", most=LARGEST // 1024 // 1024)
    file.seek(0)
    start = file.read(4096)
    if start.startswith(b"PK"):
        _check_workbook(file)
        return Kind(is_workbook=True)
    if start.startswith(_OLE):
        raise BadFile("old_excel")
    encoding = _encoding(file, start)
    file.seek(max(0, size - 4))
    ends_open = not file.read().rstrip(b"\x00").endswith((b"\n", b"\r"))
    return Kind(
        encoding=encoding, delimiter=_delimiter(file, encoding, recognised), ends_open=ends_open
    )


def rows(file: BinaryIO, kind: Kind) -> Iterator[tuple[int, list[Cell]]]:
    """Give each row that holds something, with its line in the file, counted from 1."""
    file.seek(0)
    found = _workbook_rows(file) if kind.is_workbook else _text_rows(file, kind)
    empty = 0
    for line, cells in found:
        while cells and cells[-1] in (None, ""):
            cells.pop()
        if not cells:
            empty += 1
            if empty > _MOST_EMPTY:
                raise BadFile("too_many_rows", most=MOST_ROWS)
            continue
        if len(cells) > MOST_COLUMNS:
            raise BadFile("too_many_columns", most=MOST_COLUMNS)
        yield line, cells


def table(file: BinaryIO, kind: Kind) -> tuple[list[str], Iterator[tuple[int, list[Cell]]]]:
    """Give the names of the columns, and the rows below them."""
    found = rows(file, kind)
    for _attempt, (_line, cells) in zip(range(_HEADING_WITHIN), found, strict=False):
        headings = [" ".join(str(cell or "").split()) for cell in cells]
        if columns.recognised(headings) > 1:
            return headings, found
    raise BadFile("no_headings")


# --- Text -----------------------------------------------------------------------------------------


def _encoding(file: BinaryIO, start: bytes) -> str:
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _checked(file, "utf-16")
    if start.startswith(codecs.BOM_UTF8):
        return _checked(file, "utf-8-sig")
    if b"\x00" in start:
        # UTF-16 that does not say so has a zero beside every plain letter.
        for encoding, place in (("utf-16-le", 1), ("utf-16-be", 0)):
            if start[place::2].count(0) > len(start) // 4 and 0 not in start[1 - place :: 2]:
                return _checked(file, encoding)
        raise BadFile("not_a_table")
    if _is_readable(file, "utf-8"):
        return "utf-8"
    file.seek(0)
    if _BINARY.search(file.read(_CHUNK)):
        raise BadFile("not_a_table")
    if not _is_readable(file, "cp1252"):
        raise BadFile("unknown_alphabet")
    return "cp1252"


def _checked(file: BinaryIO, encoding: str) -> str:
    if not _is_readable(file, encoding):
        raise BadFile("unknown_alphabet")
    return encoding


def _is_readable(file: BinaryIO, encoding: str) -> bool:
    file.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    read = 0
    try:
        while chunk := file.read(_CHUNK):
            decoder.decode(chunk)
            read += len(chunk)
    except UnicodeDecodeError:
        return False
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        # Everything before was right. One odd letter of a small file is another alphabet.
        if encoding == "utf-8" and not _has_accents(file):
            return False
        raise BadFile("cut_file") from None
    return True


def _has_accents(file: BinaryIO) -> bool:
    file.seek(0)
    content = file.read(_CHUNK)[:-4]
    return any(byte > 127 for byte in content)


def _delimiter(file: BinaryIO, encoding: str, recognised: Callable[[Sequence[str]], int]) -> str:
    """Give the one that leads to the most columns we know."""
    file.seek(0)
    text = io.TextIOWrapper(file, encoding, newline="", errors="replace")
    try:
        start = [text.readline(_CHUNK) for _line in range(_HEADING_WITHIN)]
    finally:
        text.detach()
    named = re.fullmatch(r"sep=([,;\t])\s*", start[0])
    if named:
        return named[1]

    def known(delimiter: str) -> tuple[int, int]:
        headings = [line.rstrip("\r\n").split(delimiter) for line in start]
        found = [[name.strip(' "') for name in names[:MOST_COLUMNS]] for names in headings]
        return max((recognised(names), len(names)) for names in found)

    return max(_DELIMITERS, key=known)


def _text_rows(file: BinaryIO, kind: Kind) -> Iterator[tuple[int, list[Cell]]]:
    text = io.TextIOWrapper(file, kind.encoding, newline="")
    reader = csv.reader(text, delimiter=kind.delimiter, strict=True)
    try:
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                raise BadFile("bad_quotes", line=line) from None
            if line == 1 and "".join(cells).startswith("sep="):
                continue
            # PostgreSQL keeps every letter but this one.
            yield line, [cell.replace("\x00", "\ufffd") for cell in cells]
    finally:
        # Who reads only the names of the columns may have closed the file before.
        with suppress(ValueError):
            text.detach()


# --- Workbooks ------------------------------------------------------------------------------------


def _check_workbook(file: BinaryIO) -> None:
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, EOFError):
        raise BadFile("broken_workbook") from None
    names = {part.filename for part in parts}
    if "xl/workbook.xml" not in names:
        raise BadFile("not_a_table")
    words = sum(part.file_size for part in parts if "sharedStrings" in part.filename)
    if (
        len(parts) > _MOST_PARTS
        or sum(part.file_size for part in parts) > _LARGEST_INSIDE
        or words > _LARGEST_WORDS
    ):
        raise BadFile("bomb")


def _workbook_rows(file: BinaryIO) -> Iterator[tuple[int, list[Cell]]]:
    try:
        # What a cell shows, never the formula that computed it.
        book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
    # openpyxl raises whatever its parts raise; any of it means: not a workbook we can read.
    except Exception:
        raise BadFile("broken_workbook") from None
    try:
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        if not sheets:
            raise BadFile("no_sheet")
        # Programs write nonsense into the size of a sheet.
        sheets[0].reset_dimensions()
        found = enumerate(sheets[0].iter_rows(values_only=True), 1)
        while True:
            try:
                line, cells = next(found)
            except StopIteration:
                return
            except Exception:
                raise BadFile("broken_workbook") from None
            yield line, [_plain(cell) for cell in cells]
    finally:
        book.close()


def _plain(cell) -> Cell:
    if isinstance(cell, float):
        if not math.isfinite(cell):
            return str(cell)
        return int(cell) if cell.is_integer() else cell
    if isinstance(cell, datetime | date | time):
        return cell.isoformat()
    if cell is None or isinstance(cell, bool | int):
        return cell
    return str(cell).replace("_x000D_", "").replace("\x00", "\ufffd")
