import io

import pytest
from django.utils import translation
from pypdf import PdfReader

from config.lib import paper


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("Ñandú, cigüeña ¿qué? “té” – 1 × 2", "Ñandú, cigüeña ¿qué? “té” – 1 × 2"),
        ("n\u0303", "ñ"),  # as some keyboards send it: letter and accent apart
        ("Dvořák Nguyễn", "Dvorák Nguyen"),
        ("茶", "?"),
    ],
)
def test_every_letter_is_printed_or_stands_for_itself_as_well_as_it_can(typed, printed):
    assert paper.printable(typed) == printed


@translation.override("en")
def test_pages_are_numbered_and_fonts_travel_in_the_file():
    story = [paper.words(f"Línea {number}") for number in range(120)]

    content = paper.pdf(story, title="Prueba", author="Kaiu", foot="Al pie: ñ")

    pages = PdfReader(io.BytesIO(content)).pages
    for number, page in enumerate(pages, start=1):
        assert f"Page {number} of 3" in page.extract_text()
        assert "Al pie: ñ" in page.extract_text()
    fonts = [font for page in pages for font in page["/Resources"]["/Font"].values()]
    embedded = [font for font in fonts if "/FontFile2" in font.get("/FontDescriptor", {})]
    assert {font["/BaseFont"].partition("+")[2] for font in embedded} == {"BitstreamVeraSans-Roman"}


def test_what_people_typed_is_never_markup():
    content = paper.pdf(
        [paper.words("<b>Té & <font size=90>miel</b>")], title="<i>", author="&", foot="<br/>"
    )

    assert (
        "<b>Té & <font size=90>miel</b>" in PdfReader(io.BytesIO(content)).pages[0].extract_text()
    )
