"""All labels of some shipments as one file: the carriers' own pages, and ours where they have none.

A carrier's page is put on the same paper as ours, shrunk when it is larger, never stretched. What
cannot be read is named on a page of its own, for a label that is missing must be seen.
"""

import io
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from django.core.files.storage import storages
from django.utils import translation
from django.utils.translation import gettext as _
from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.errors import PyPdfError
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    FloatObject,
    IndirectObject,
    NameObject,
    StreamObject,
)
from reportlab.lib.pagesizes import LETTER
from reportlab.lib.units import mm
from reportlab.lib.utils import simpleSplit
from reportlab.pdfgen.canvas import Canvas

from config.lib.paper import BOLD, PLAIN, printable

from ..models import DeliverySettings, Parcel, Shipment
from .drawing import HEIGHT, WIDTH, draw

# A sheet lies on its long side: two labels beside each other, and a line to cut along.
_SHEET = (LETTER[1], LETTER[0])
_ON_SHEET = 2
# Grey, thin and dashed, from edge to edge.
_CUTTING_LINE = (
    f"q 0.6 G 0.5 w [3 3] 0 d {_SHEET[0] / 2:.2f} 0 m {_SHEET[0] / 2:.2f} {_SHEET[1]:.2f} l S Q"
)
# More pages than this is no label.
_MOST_PAGES = 20

logger = logging.getLogger(__name__)


def labels(
    shipments: Sequence[Shipment],
    *,
    paper: str = DeliverySettings.LabelFormat.ROLL,
    language: str = "es",
) -> bytes:
    """Give every label of these shipments, in their order, as one PDF.

    `paper` is one of DeliverySettings.LabelFormat. Ask for `parcels` and `organization` beforehand.
    """
    with translation.override(language):
        drawn, pages = _ours(shipments)
        is_letter = paper == DeliverySettings.LabelFormat.LETTER
        if not is_letter and all(isinstance(page, int) for page in pages):
            return drawn
        places = _on_sheets if is_letter else _on_rolls
        return places(_in_order(drawn, pages))


def _ours(shipments) -> tuple[bytes, list]:
    """Draw our pages into one file, and give what every page of the result is.

    A number is a page of that file; a reader, all pages of a carrier's.
    """
    file, plan, drawn = io.BytesIO(), [], 0
    canvas = Canvas(file, pagesize=(WIDTH, HEIGHT), lang=translation.get_language())
    canvas.setTitle(_("Labels"))
    for shipment in shipments:
        if shipment.label:
            read = _read(shipment)
            if read is not None:
                plan.append(read)
                continue
            pages = [lambda shipment=shipment: _draw_missing(canvas, shipment)]
        else:
            pages = _boxes_of(canvas, shipment)
        for page in pages:
            page()
            canvas.showPage()
            plan.append(drawn)
            drawn += 1
    if not drawn:
        return b"", plan
    canvas.save()
    return file.getvalue(), plan


def _boxes_of(canvas: Canvas, shipment: Shipment) -> list[Callable]:
    boxes = list(shipment.parcels.all()) or [Parcel(shipment=shipment, position=1)]
    return [lambda box=box: draw(canvas, shipment, box, boxes) for box in boxes]


def _read(shipment: Shipment) -> PdfReader | None:
    """Give the carrier's file, or None when it is no PDF that can be printed."""
    try:
        with storages["private"].open(shipment.label.name) as file:
            read = PdfReader(io.BytesIO(file.read()))
        if 0 < len(read.pages) <= _MOST_PAGES:
            return read
    except (OSError, PyPdfError, ValueError, KeyError, RecursionError) as error:
        logger.warning("A carrier's label cannot be read: %s: %s", shipment.pk, error)
    return None


def _draw_missing(canvas: Canvas, shipment: Shipment) -> None:
    text = _("The label of %(code)s that the carrier sent cannot be printed from here.")
    canvas.setFont(BOLD, 12)
    top = HEIGHT - 20 * mm
    for line in simpleSplit(printable(text % {"code": shipment.code}), BOLD, 12, WIDTH - 16 * mm):
        canvas.drawString(8 * mm, top, line)
        top -= 16
    canvas.setFont(PLAIN, 10)
    canvas.drawString(8 * mm, top - 6, printable(f"{shipment.carrier_name} {shipment.code}"))


def _in_order(drawn: bytes, plan: list) -> Iterator[PageObject]:
    ours = PdfReader(io.BytesIO(drawn)).pages if drawn else ()
    for page in plan:
        if isinstance(page, int):
            yield ours[page]
        else:
            yield from page.pages


def _on_rolls(pages: Iterable[PageObject]) -> bytes:
    """Each on a page of its own."""
    writer = PdfWriter()
    for page in pages:
        if _fits(page):
            writer.add_page(page)
        else:
            sheet = writer.add_blank_page(WIDTH, HEIGHT)
            _fill(writer, sheet, [(page, 0, 0)])
    return _written(writer)


def _on_sheets(pages: Iterable[PageObject]) -> bytes:
    """Two on each letter page, with a line between them."""
    writer = PdfWriter()
    half, bottom = _SHEET[0] / _ON_SHEET, (_SHEET[1] - HEIGHT) / 2
    for together in _pairs(pages):
        places = [
            (page, half * place + (half - WIDTH) / 2, bottom) for place, page in enumerate(together)
        ]
        _fill(writer, writer.add_blank_page(*_SHEET), places, line=_CUTTING_LINE)
    return _written(writer)


def _pairs(pages: Iterable[PageObject]) -> Iterator[list[PageObject]]:
    rest = iter(pages)
    while together := list(islice(rest, _ON_SHEET)):
        yield together


def _fits(page: PageObject) -> bool:
    box = page.mediabox
    is_small = float(box.width) <= WIDTH + mm and float(box.height) <= HEIGHT + mm
    return is_small and not page.rotation


def _fill(writer: PdfWriter, sheet: PageObject, places: Iterable, *, line: str = "") -> None:
    """Put pages where labels have their places, each whole and in the middle of its own.

    As drawings that are placed and not taken apart: joining what pages say would take seconds.
    """
    drawings, placed = DictionaryObject(), [line]
    for number, (page, left, bottom) in enumerate(places):
        if page.rotation:
            page.transfer_rotation_to_content()
        box = page.mediabox
        width, height = float(box.width), float(box.height)
        scale = min(1, WIDTH / width, HEIGHT / height)
        x = left + (WIDTH - width * scale) / 2 - float(box.left) * scale
        y = bottom + HEIGHT - height * scale - float(box.bottom) * scale
        drawings[NameObject(f"/L{number}")] = _drawing(writer, page)
        placed.append(f"q {scale:.5f} 0 0 {scale:.5f} {x:.3f} {y:.3f} cm /L{number} Do Q")
    content = StreamObject()
    content.set_data("\n".join(placed).encode())
    sheet[NameObject("/Resources")] = DictionaryObject({NameObject("/XObject"): drawings})
    sheet[NameObject("/Contents")] = writer._add_object(content)


def _drawing(writer: PdfWriter, page: PageObject) -> IndirectObject:
    """Give a page as a drawing that other pages show."""
    drawing = StreamObject()
    content = page.get_contents()
    drawing.set_data(b"" if content is None else content.get_data())
    resources = page.get("/Resources", DictionaryObject()).get_object()
    drawing.update(
        {
            NameObject("/Type"): NameObject("/XObject"),
            NameObject("/Subtype"): NameObject("/Form"),
            NameObject("/BBox"): ArrayObject(FloatObject(side) for side in page.mediabox),
            NameObject("/Resources"): resources.clone(writer),
        }
    )
    return writer._add_object(drawing.flate_encode())


def _written(writer: PdfWriter) -> bytes:
    writer.add_metadata({"/Title": _("Labels")})
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()
