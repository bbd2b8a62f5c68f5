"""Our own label: who sends to whom, what is collected, and a code for each box; 10 × 15 cm."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from reportlab.graphics.barcode.code128 import Code128
from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel
from reportlab.lib.colors import black, white
from reportlab.lib.units import mm
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from config.lib import money
from config.lib.paper import BOLD, PLAIN, printable
from shop import postal

from .. import addresses, codes
from ..models import Parcel, Shipment

WIDTH, HEIGHT = 100 * mm, 150 * mm
_EDGE = 5 * mm
_INSIDE = WIDTH - 2 * _EDGE
_QR = 25 * mm
# As fine as a label printer of 203 dots an inch draws a bar without losing it: three dots.
_FINEST_BAR, _WIDEST_BAR = 0.25 * mm, 0.5 * mm
# What a scanner needs empty beside a barcode, in bars.
_QUIET = 20
_ANY_PATTERN = 0


@dataclass
class _Pen:
    """Writes lines below each other, each as wide as the label lets it."""

    canvas: Canvas
    left: float
    top: float

    def write(self, text: str, size: float, *, bold=False, width=_INSIDE, most=1) -> None:
        """Write a text on so many lines at most; what is longer is written smaller, then cut."""
        font, text = BOLD if bold else PLAIN, printable(text)
        if not text.strip():
            return
        lines = simpleSplit(text, font, size, width)
        while len(lines) > most and size > 6:
            size -= 0.5
            lines = simpleSplit(text, font, size, width)
        if len(lines) > most:
            lines = [*lines[: most - 1], lines[most - 1] + "…"]
        self.canvas.setFont(font, size)
        for line in lines:
            while stringWidth(line, font, size) > width:
                line = line[:-2] + "…"
            self.top -= size * 1.22
            self.canvas.drawString(self.left, self.top + size * 0.22, line)

    def skip(self, height: float) -> None:
        self.top -= height

    def rule(self, thickness: float = 0.8) -> None:
        self.top -= 1.6 * mm
        self.canvas.setLineWidth(thickness)
        self.canvas.line(_EDGE, self.top, WIDTH - _EDGE, self.top)
        self.top -= 1.2 * mm


def draw(canvas: Canvas, shipment: Shipment, parcel: Parcel, boxes: Sequence[Parcel]) -> None:
    """Draw the label of one box, its lower left corner where the canvas has its origin."""
    canvas.setFillColor(black)
    canvas.setStrokeColor(black)
    pen = _Pen(canvas, _EDGE, HEIGHT - _EDGE + 1 * mm)
    _head(pen, shipment)
    pen.rule(1.4)
    _recipient(pen, shipment)
    _foot(canvas, shipment, parcel, boxes)


def _head(pen: _Pen, shipment: Shipment) -> None:
    sender, carrier = addresses.sender(shipment), shipment.carrier_name
    half = _INSIDE * 0.6
    top = pen.top
    pen.write(shipment.organization.name, 10, bold=True, width=half)
    street = ", ".join(filter(None, (sender.name, sender.line, sender.complement)))
    town = postal.town(shipment.sender)
    contact = " · ".join(filter(None, (town, postal.phone(sender.phone))))
    for line in (street, contact):
        pen.write(line, 7, width=half, most=2)
    lowest, pen.top, pen.left = pen.top, top, _EDGE + half + 3 * mm
    pen.write(carrier, 10, bold=True, width=_INSIDE - half - 3 * mm, most=2)
    pen.write(shipment.service_name, 7, width=_INSIDE - half - 3 * mm, most=2)
    pen.left, pen.top = _EDGE, min(lowest, pen.top)


def _recipient(pen: _Pen, shipment: Shipment) -> None:
    there = addresses.recipient(shipment)
    street = ", ".join(filter(None, (there.line, there.complement)))
    pen.write(_("Send to"), 7)
    pen.write(there.name, 15, bold=True, most=2)
    pen.skip(0.6 * mm)
    pen.write(street, 12, most=3)
    pen.write(there.neighbourhood, 11)
    pen.skip(0.6 * mm)
    pen.write(postal.town(shipment.recipient), 14, bold=True, most=2)
    phone = postal.phone(there.phone)
    if phone:
        pen.skip(0.6 * mm)
        pen.write(_("Phone %(number)s") % {"number": phone}, 12, bold=True)
    if shipment.notes:
        pen.skip(1 * mm)
        pen.write(_("For the courier: %(notes)s") % {"notes": shipment.notes}, 9, most=3)


def _foot(canvas: Canvas, shipment: Shipment, parcel: Parcel, boxes: Sequence[Parcel]) -> None:
    """From below: the barcode, above it order and box beside the QR code, above them the cash."""
    code = codes.printed(shipment, parcel, boxes)
    top = _barcode(canvas, code, _EDGE)
    _qr(canvas, codes.of_box(shipment, parcel, boxes), WIDTH - _EDGE - _QR, top)
    pen = _Pen(canvas, _EDGE, top + _QR)
    width = _INSIDE - _QR - 3 * mm
    pen.write(_("Order %(order)s") % {"order": shipment.reference}, 14, bold=True, width=width)
    place = {"number": parcel.position, "count": len(boxes)}
    pen.write(_("Parcel %(number)d of %(count)d") % place, 11, bold=True, width=width)
    if parcel.weight_grams:
        size = f"{parcel.length_cm} × {parcel.width_cm} × {parcel.height_cm} cm"
        pen.write(f"{_weight(parcel.weight_grams)} · {size}", 8, width=width)
    pen.write(codes.of_box(shipment, parcel, boxes), 8, width=width)
    if shipment.cash_to_collect:
        _cash(canvas, shipment, parcel, top + _QR + 2 * mm)


def _cash(canvas: Canvas, shipment: Shipment, parcel: Parcel, bottom: float) -> None:
    """Say what the courier collects, once: with the first box."""
    is_first = parcel.position == 1
    height = 11 * mm
    canvas.setLineWidth(1.6)
    canvas.rect(_EDGE, bottom, _INSIDE, height, fill=int(is_first))
    amount = money.label(shipment.cash_to_collect, shipment.currency)
    canvas.setFillColor(white if is_first else black)
    words = (
        _("COLLECT %(amount)s") % {"amount": amount}
        if is_first
        else _("The money is collected with parcel 1")
    )
    size = 20 if is_first else 10
    while stringWidth(printable(words), BOLD, size) > _INSIDE - 4 * mm:
        size -= 1
    canvas.setFont(BOLD, size)
    canvas.drawCentredString(WIDTH / 2, bottom + height / 2 - size * 0.36, printable(words))
    canvas.setFillColor(black)


def _barcode(canvas: Canvas, code: str, bottom: float) -> float:
    """Draw the code as wide as it may be and give where it ends above."""
    drawn = Code128(code, barWidth=_FINEST_BAR, barHeight=17 * mm, quiet=False)
    bars = drawn.width / _FINEST_BAR
    bar = min(_WIDEST_BAR, WIDTH / (bars + _QUIET))
    drawn = Code128(code, barWidth=bar, barHeight=17 * mm, quiet=False)
    drawn.drawOn(canvas, (WIDTH - drawn.width) / 2, bottom + 4.2 * mm)
    canvas.setFont(BOLD, 10)
    canvas.drawCentredString(WIDTH / 2, bottom, printable(code))
    return bottom + 24 * mm


def _qr(canvas: Canvas, code: str, left: float, bottom: float) -> None:
    """Draw the code for the camera of a phone."""
    squares = _qr_squares(code)
    side = _QR / len(squares)
    path = canvas.beginPath()
    for row, dark in enumerate(squares):
        start = 0
        while start < len(dark):
            if not dark[start]:
                start += 1
                continue
            end = start
            while end < len(dark) and dark[end]:
                end += 1
            # Neighbours in one piece: what was drawn square by square shows hair lines.
            y = bottom + (len(squares) - 1 - row) * side
            path.rect(left + start * side, y, (end - start) * side, side)
            start = end
    canvas.drawPath(path, stroke=0, fill=1)


def _qr_squares(code: str) -> list[list[bool]]:
    made = QRCode(None, QRErrorCorrectLevel.M)
    made.addData(code)
    # Of the eight patterns any may be used; looking for the best takes most of a label's time.
    made.version = made.calculate_version()
    made.makeImpl(False, _ANY_PATTERN)
    size = made.getModuleCount()
    return [[made.isDark(row, column) for column in range(size)] for row in range(size)]


def _weight(grams: int) -> str:
    return f"{grams / 1000:.2f}".rstrip("0").rstrip(".").replace(".", ",") + " kg"
