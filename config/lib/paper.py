"""Printed pages: letter paper, a font with every accent of the region, page numbers."""

import io
import unicodedata
from functools import partial

from django.utils.html import escape
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import LETTER
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate, Paragraph, Spacer

MARGIN, FOOT = 16 * mm, 18 * mm
WIDTH = LETTER[0] - 2 * MARGIN
INK, QUIET, RULE = HexColor("#1d2522"), HexColor("#5b6762"), HexColor("#c9cfcb")

# Shipped with reportlab and embedded in every file, so that a page looks alike everywhere.
PLAIN, BOLD = "Vera", "VeraBd"
_FONTS = {name: TTFont(name, f"{name}.ttf") for name in (PLAIN, BOLD)}
for _font in _FONTS.values():
    pdfmetrics.registerFont(_font)

_BODY = ParagraphStyle("body", fontName=PLAIN, fontSize=8.5, leading=12, textColor=INK)
STYLES = {
    "body": _BODY,
    "strong": ParagraphStyle("strong", _BODY, fontName=BOLD),
    "right": ParagraphStyle("right", _BODY, alignment=2),
    "strong right": ParagraphStyle("strong right", _BODY, fontName=BOLD, alignment=2),
    "quiet": ParagraphStyle("quiet", _BODY, fontSize=7.5, leading=10.5, textColor=QUIET),
    "quiet right": ParagraphStyle(
        "quiet right", _BODY, fontSize=7.5, leading=10.5, textColor=QUIET, alignment=2
    ),
    "name": ParagraphStyle("name", _BODY, fontName=BOLD, fontSize=15, leading=19),
    "title": ParagraphStyle("title", _BODY, fontName=BOLD, fontSize=11, leading=15),
    "title right": ParagraphStyle(
        "title right", _BODY, fontName=BOLD, fontSize=11, leading=15, alignment=2
    ),
    "address": ParagraphStyle("address", _BODY, fontSize=11.5, leading=16),
    "addressee": ParagraphStyle("addressee", _BODY, fontName=BOLD, fontSize=13, leading=18),
    "number": ParagraphStyle("number", _BODY, fontName=BOLD, fontSize=34, leading=40),
    "count": ParagraphStyle("count", _BODY, fontName=BOLD, fontSize=13, leading=16, alignment=2),
}

# Tables without lines, and with a line below each row.
BARE = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 0),
    ("TOPPADDING", (0, 0), (-1, -1), 0),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
]
RULED = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 6),
    ("RIGHTPADDING", (-1, 0), (-1, -1), 0),
    ("TOPPADDING", (0, 0), (-1, -1), 4),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
    ("LINEBELOW", (0, 0), (-1, 0), 0.9, INK),
    ("LINEBELOW", (0, 1), (-1, -1), 0.4, RULE),
]


def words(text: str, style: str = "body") -> Paragraph:
    """Give a paragraph that wraps, also inside a word too long for its column."""
    return Paragraph(escape(printable(str(text))).replace("\n", "<br/>"), STYLES[style])


def gap(height: float) -> Spacer:
    """Give so many millimetres of nothing."""
    return Spacer(0, height * mm)


def printable(text: str) -> str:
    """Give the text in letters that the font has: without an accent or as "?" where it must be."""
    return "".join(map(_printed, unicodedata.normalize("NFC", text)))


def _printed(letter: str) -> str:
    known = _FONTS[PLAIN].face.charToGlyph
    if letter == "\n" or ord(letter) in known:
        return letter
    bare = [part for part in unicodedata.normalize("NFKD", letter) if ord(part) in known]
    return "".join(bare) or ("" if unicodedata.combining(letter) else "?")


class TickBox(Flowable):
    """An empty square for a pen."""

    def __init__(self, side: float = 4.2 * mm):
        super().__init__()
        self.width = self.height = side

    def draw(self):
        self.canv.setStrokeColor(INK)
        self.canv.setLineWidth(0.9)
        self.canv.rect(0, 0, self.width, self.height)


class _NumberedCanvas(Canvas):
    """Writes the foot of each page at the end, when it is known how many there are."""

    def __init__(self, *args, foot: str, **kwargs):
        super().__init__(*args, **kwargs)
        self._foot, self._finished = foot, []

    def showPage(self):
        self._finished.append(dict(self.__dict__))
        self._startPage()

    def save(self):
        finished = self._finished
        for number, page in enumerate(finished, start=1):
            self.__dict__.update(page)
            self._draw_foot(number, len(finished))
            super().showPage()
        super().save()

    def _draw_foot(self, number: int, count: int):
        self.setFont(PLAIN, 7.5)
        self.setFillColor(QUIET)
        self.drawString(MARGIN, 10 * mm, self._foot)
        pages = _("Page %(number)d of %(count)d") % {"number": number, "count": count}
        self.drawRightString(LETTER[0] - MARGIN, 10 * mm, printable(pages))


def pdf(story: list[Flowable], *, title: str, author: str, foot: str) -> bytes:
    """Print the story on as many pages as it takes."""
    file = io.BytesIO()
    # Without the frame's own padding, tables and words begin at the same edge.
    frame = Frame(MARGIN, FOOT, WIDTH, LETTER[1] - MARGIN - FOOT, 0, 0, 0, 0)
    template = BaseDocTemplate(
        file,
        pagesize=LETTER,
        pageTemplates=[PageTemplate(frames=[frame])],
        title=title,
        author=author,
        lang=get_language(),
    )
    template.build(story, canvasmaker=partial(_NumberedCanvas, foot=printable(foot)))
    return file.getvalue()
