"""From a file to rows: which format it is, which rows are one product, and in which currencies."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import BinaryIO
from uuid import uuid4

from django.core.files.base import File
from django.core.files.storage import storages
from django.db import connection, transaction
from django.utils import timezone

from config.lib import money

from ..models import ImportRow, Organization, ProductImport, User
from . import cells, columns, files
from .files import Cell
from .reasons import BadFile, Wrong
from .tables import Table

Format = ProductImport.Format
_LONGEST_NAME = 200
# Nobody reads a file before it is stored. Of whoever was killed at that, the sweeper tells.
_STORING = timedelta(minutes=10)


def keep(
    organization: Organization, person: User | None, *, name: str, file: BinaryIO
) -> ProductImport:
    """Check a file and store it where no address leads, or raise BadFile."""
    kind = files.recognise(file)
    headings, _rows = files.table(file, kind)
    format = columns.format_of(headings)
    fields = columns.fields_of(headings, format)
    ending = "xlsx" if kind.is_workbook else "csv"
    # The row first: a file that nobody knows of would lie there for ever.
    one = ProductImport.objects.create(
        organization=organization,
        person=person,
        name=" ".join(name.split())[-_LONGEST_NAME:] or f"productos.{ending}",
        file=f"imports/{organization.pk.hex}/{uuid4().hex}.{ending}",
        format=format,
        encoding=kind.encoding,
        delimiter=kind.delimiter,
        headings=headings,
        fields=fields,
        claimed_until=timezone.now() + _STORING,
    )
    file.seek(0)
    try:
        storages["private"].save(one.file, File(file))
    except BaseException:
        one.delete()
        storages["private"].delete(one.file)
        raise
    one.claimed_until = None
    one.save(update_fields=["claimed_until"])
    return one


def forget_file(one: ProductImport) -> None:
    """Remove the stored file, once that is committed."""
    name = one.file
    if name:
        one.file = ""
        one.save(update_fields=["file"])
        transaction.on_commit(lambda: storages["private"].delete(name))


def stage(one: ProductImport) -> None:
    """Keep the rows of the stored file, each beside those of its product, or raise BadFile.

    Called in a transaction; the file goes when that is committed.
    """
    try:
        stored = storages["private"].open(one.file)
    except FileNotFoundError:
        raise BadFile("gone_file") from None
    with stored as file:
        kind = files.recognise(file)
        _headings, rows = files.table(file, kind)
        one.lines.all().delete()
        grouping = _Grouping(one, kind)
        with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
            for line, row, number, fault in grouping.of(rows):
                written = json.dumps(fault) if fault else None
                copy.write_row((one.pk, number, line, json.dumps(row), written))
    if not grouping.rows:
        raise BadFile("nothing_to_read")
    one.rows, one.total = grouping.rows, grouping.products
    one.currencies = dict(grouping.currencies)
    one.currency = one.currency or grouping.currency
    one.save(update_fields=["rows", "total", "currencies", "currency"])
    forget_file(one)


_COPY = """
COPY shop_importrow (product_import_id, number, line, cells, fault) FROM STDIN
"""


def products(one: ProductImport, start: int, count: int) -> Iterator[tuple[int, list[ImportRow]]]:
    """Give so many products of the file from a place on, each with its rows."""
    rows = one.lines.filter(number__gte=start, number__lt=start + count).order_by("number", "line")
    together: list[ImportRow] = []
    for row in rows:
        if together and together[0].number != row.number:
            yield together[0].number, together
            together = []
        together.append(row)
    if together:
        yield together[0].number, together


class _Grouping:
    """Says of each row to which product it belongs, and what is odd about it in the whole file."""

    def __init__(self, one: ProductImport, kind: files.Kind):
        self.table = Table(one)
        self.kind = kind
        self.rows = self.products = 0
        # The most cells that a row has had, by which one that is cut off shows.
        self._usual = 0
        self.currencies: Counter[str] = Counter()
        self._has_centavos = False
        self._numbers: dict[tuple[str, str], int] = {}
        self._skus: dict[str, int] = {}
        self._last: int | None = None
        # Rows may leave their product's name away when the table has one at all.
        self._may_follow = self.table.has("name") or self.table.has("slug")

    @property
    def currency(self) -> str:
        """Give what prices without a currency are in, when that is plain."""
        shop = self.table.shop_currency
        in_doubt = self._has_centavos and money.smallest(shop) == 100
        return "" if in_doubt and self.currencies[""] else shop

    def of(
        self, rows: Iterator[tuple[int, list[Cell]]]
    ) -> Iterator[tuple[int, list[Cell], int, list | None]]:
        """Give each row with its line, the number of its product, and what is wrong with it."""
        waiting = None
        for line, row in rows:
            if self.rows == files.MOST_ROWS:
                raise BadFile("too_many_rows", most=files.MOST_ROWS)
            self.rows += 1
            if waiting:
                yield waiting
            self._count_currency(row)
            waiting = (line, row, self._number(row), self._fault(line, row))
        if waiting:
            line, row, number, fault = waiting
            if self.kind.ends_open and len(row) < self._usual:
                fault = ["", "cut_row", {}]
            yield line, row, number, fault

    def _number(self, row: list[Cell]) -> int:
        keys = list(self._keys(row))
        for key in keys:
            if key in self._numbers:
                number = self._numbers[key]
                break
        else:
            if not keys and self._may_follow and self._last is not None:
                number = self._last
            else:
                number = self.products
                self.products += 1
        for key in keys:
            self._numbers.setdefault(key, number)
        self._last = number
        return number

    def _keys(self, row: list[Cell]) -> Iterator[tuple[str, str]]:
        """Give what names the product of a row; the first that is known decides."""
        if self.table.format == Format.WOOCOMMERCE:
            yield from self._woocommerce_keys(row)
            return
        slug = self._text(row, "slug")
        name = self._text(row, "name")
        sku = self._text(row, "sku")
        if slug:
            yield "slug", _slug(slug)
        elif name and self.table.format == Format.OWN:
            yield "name", " ".join(name.lower().split())
        elif sku and not self._may_follow:
            yield "sku", sku

    def _woocommerce_keys(self, row: list[Cell]) -> Iterator[tuple[str, str]]:
        if "variation" in self._text(row, "kind").lower():
            parent = self._text(row, "parent")
            key, colon, number = parent.partition(":")
            yield ("id", number) if colon and key == "id" else ("sku", parent)
            return
        for name in ("id", "sku"):
            value = self._text(row, name)
            if value:
                yield name, value

    def _fault(self, line: int, row: list[Cell]) -> list | None:
        self._usual = max(self._usual, len(row)) if self.rows > 1 else len(row)
        sku = self._text(row, "sku")
        if not sku or self._is_not_sold(row):
            return None
        first = self._skus.setdefault(sku, line)
        if first == line:
            return None
        return [self.table.heading("sku"), "repeated_sku", {"sku": sku, "other": first}]

    def _is_not_sold(self, row: list[Cell]) -> bool:
        """Rows of Spree without a choice are a whole product, or one more price of a variant."""
        return self.table.format == Format.SPREE and not self._text(row, "option1")

    def _count_currency(self, row: list[Cell]) -> None:
        raw = self.table.raw(row, "price")
        if raw in (None, "", 0, "0"):
            return
        currency = self._text(row, "currency").upper()
        try:
            amount, named = cells.price(raw, currency or "USD", by_machine=True) or (0, "")
        except Wrong:
            # Its fault is told with its product.
            amount, named = 0, ""
        currency = named or currency
        self.currencies[currency] += 1
        if not currency and amount != int(amount):
            self._has_centavos = True

    def _text(self, row: list[Cell], name: str) -> str:
        try:
            return cells.text(self.table.raw(row, name))
        except Wrong:
            return ""


def _slug(written: str) -> str:
    try:
        return cells.slug(written) or written
    except Wrong:
        return written
