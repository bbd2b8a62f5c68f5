"""The demo's pictures are the same each time, of one format, and show what they should."""

import pytest
from PIL import Image, ImageChops

from shop.demo import illustrations, texts
from shop.demo.drawing.lettering import ACCENTED, LETTERS
from shop.demo.drawing.plants import PLANTS
from shop.demo.drawing.scenes import KINDS, height_of
from shop.demo.illustrations import Banner, Illustration

BOTTLE = Illustration("lavanda", "dropper", "lavender", "lilac", "10 ml", ("Lavanda",))


def bottle(**changes) -> Illustration:
    return Illustration(**{**BOTTLE.__dict__, **changes})


def differ(one: Image.Image, other: Image.Image) -> bool:
    return ImageChops.difference(one, other).getbbox() is not None


def test_the_same_words_give_the_same_picture():
    assert not differ(illustrations.draw(BOTTLE, width=200), illustrations.draw(BOTTLE, width=200))


@pytest.mark.parametrize(
    "changes",
    [
        {"size": "30 ml"},
        {"motif": "orange"},
        {"palette": "sage"},
        {"vessel": "roll-on"},
        {"words": ("Limón",)},
        {"seed": "romero"},
    ],
)
def test_other_words_give_another_picture(changes):
    one = illustrations.draw(BOTTLE, width=200)

    assert differ(one, illustrations.draw(bottle(**changes), width=200))


def test_every_format_keeps_its_aspect():
    banner = Banner("inicio", "sage", ("jar", "dropper"), ("lavender", "orange"))

    assert illustrations.draw(BOTTLE, width=400).size == (400, 500)
    assert illustrations.draw_ingredient(BOTTLE, width=400).size == (400, 500)
    assert illustrations.draw_banner(banner, width=400).size == (400, 225)
    assert illustrations.draw_icon("KAIU", "#1f3d36", width=96).size == (96, 96)


def test_the_logo_stands_on_a_transparent_ground_in_the_brands_colour():
    logo = illustrations.draw_logo("KAIU", "#1f3d36", width=352)

    assert logo.size == (352, 96)
    assert logo.getpixel((0, 0)) == (0x1F, 0x3D, 0x36, 0)
    assert logo.getchannel("A").getextrema() == (0, 255)


def test_every_vessel_looks_different():
    pictures = {illustrations.draw(bottle(vessel=vessel), width=60).tobytes() for vessel in KINDS}

    assert len(pictures) == len(KINDS)


@pytest.mark.parametrize("motif", PLANTS)
def test_every_plant_can_be_drawn(motif):
    bare = illustrations.draw(bottle(motif=""), width=100)

    assert differ(illustrations.draw(bottle(motif=motif), width=100), bare)


@pytest.mark.parametrize("slug", texts.SHOPS)
def test_every_written_word_can_be_lettered(slug):
    looks = {look for product in texts.read(slug).products for look in product.looks}

    letters = set("".join(" ".join((*look.words, look.size, look.brand)) for look in looks).upper())

    assert letters <= {*LETTERS, *ACCENTED}


def test_a_larger_size_is_drawn_taller():
    sizes = ("5 ml", "10 ml", "30 ml", "100 ml")

    heights = [height_of(KINDS["dropper"], size) for size in sizes]

    assert heights == sorted(set(heights))
