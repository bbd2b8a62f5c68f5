"""Wider pictures: a shelf of products for a category, a plant on its own, and the shop's sign."""

from collections.abc import Sequence
from random import Random

from PIL import Image, ImageOps

from shop.demo.drawing.canvas import PAGE_WIDTH, Canvas, Colour, Gradient, faded, lighter
from shop.demo.drawing.lettering import width_of, write
from shop.demo.drawing.materials import MARKS, Label
from shop.demo.drawing.palettes import PALETTES
from shop.demo.drawing.paths import arch, ellipse
from shop.demo.drawing.plants import PLANTS
from shop.demo.drawing.scenes import HORIZON, KINDS, niche, room

SHELF_HEIGHT = 562
SHELF_HORIZON = 420
SHELF_GROUND = 484


def shelf(
    canvas: Canvas,
    palette_name: str,
    vessels: Sequence[str],
    motifs: Sequence[str],
    random: Random,
    *,
    brand: str = "KAIU",
) -> None:
    """Several products side by side among their plants, sixteen wide and nine high."""
    palette = PALETTES[palette_name]
    room(canvas, palette, random, height=SHELF_HEIGHT, horizon=SHELF_HORIZON)
    middle = 500.0
    # Boxes are as wide as two bottles.
    apart = 285.0 if any(vessel.startswith("gift") for vessel in vessels) else 150.0
    for x, half, top in (
        (middle - 210, 120, 130),
        (middle + 10, 160, 60),
        (middle + 240, 120, 150),
    ):
        outline = arch(x - half, top, x + half, SHELF_HORIZON)
        shade = lighter(palette.niche, 0.18 if half == 120 else 0)
        canvas.fill(outline, paint=Gradient([(0, shade), (1, lighter(shade, 0.25))], "down"))
    left = middle - apart * (len(vessels) - 1) / 2
    places = [left + apart * number for number in range(len(vessels))]
    for number, motif in enumerate(motifs):
        x = middle + (number - (len(motifs) - 1) / 2) * 640 / max(1, len(motifs) - 1)
        lean = (x - middle) / 14
        for turn, share in ((-13, 0.86), (14, 1), (2, 1.14)):
            PLANTS[motif].stem(
                canvas, (x + turn, SHELF_GROUND - 14), lean + turn, 235 * share, random
            )
    # Those at the sides stand farther back and are drawn first.
    for number in sorted(range(len(vessels)), key=lambda n: -abs(places[n] - middle)):
        kind = KINDS[vessels[number]]
        x = places[number]
        near = SHELF_GROUND + 26 - abs(x - middle) * 0.14
        words = Label((), palette.accent, "", brand)
        kind.draw(canvas, x, near, kind.height * 0.4, words)
    for number, offset in enumerate((-395, -265, -70, 80, 250, 385)):
        motif = motifs[number % len(motifs)]
        at = (middle + offset + random.uniform(-12, 12), SHELF_GROUND + 38 + 12 * (number % 2))
        PLANTS[motif].piece(canvas, at, 24, random.uniform(-40, 40), random)


def still_life(canvas: Canvas, motif: str, palette_name: str, random: Random) -> None:
    """The plant a product is made of, on its own."""
    palette, plant = PALETTES[palette_name], PLANTS[motif]
    room(canvas, palette, random)
    niche(canvas, palette, 500, ("sun", "arch")[random.randrange(2)])
    canvas.fill(ellipse(540, 1060, 300, 40), paint=faded((52, 46, 30, 255), 70), blur=30)
    for angle, share in ((-34, 0.78), (33, 0.8), (-17, 0.92), (18, 0.96), (1, 1.06)):
        start = (500 + angle * 1.6, 1046)
        plant.stem(canvas, start, angle, 690 * share, random)
    for offset, down, size in (
        (-70, 0, 62),
        (92, 16, 66),
        (-210, 34, 72),
        (16, 66, 82),
        (236, 60, 74),
    ):
        plant.piece(
            canvas, (500 + offset, HORIZON + 116 + down), size, random.uniform(-40, 40), random
        )


def sign(brand: str, shade: Colour, *, width: int) -> Image.Image:
    """The brand's mark and name in one colour on nothing, for the head of the page."""
    canvas = Canvas(width, PAGE_WIDTH * 48 / 176, _WHITE)
    height = 118.0
    wide = width_of(brand, height, spacing=0.4)
    if wide > 760:
        height, wide = height * 760 / wide, 760.0
    MARKS[brand](canvas, 110, 176, 130, _BLACK, _WHITE)
    write(
        canvas,
        brand,
        220 + wide / 2,
        136 - height / 2,
        height=height,
        paint=_BLACK,
        weight=0.12,
        spacing=0.4,
    )
    return _cut_out(canvas, shade)


def badge(brand: str, shade: Colour, *, width: int) -> Image.Image:
    """The brand's mark alone in one colour on nothing, a square for icons."""
    canvas = Canvas(width, PAGE_WIDTH, _WHITE)
    MARKS[brand](canvas, 500, 700, 640, _BLACK, _WHITE)
    return _cut_out(canvas, shade)


_WHITE, _BLACK = (255, 255, 255, 255), (0, 0, 0, 255)


def _cut_out(canvas: Canvas, shade: Colour) -> Image.Image:
    """What was drawn in black, in the given colour on a transparent ground."""
    picture = Image.new("RGBA", canvas.size, (*shade[:3], 0))
    picture.putalpha(ImageOps.invert(canvas.image.convert("L")))
    return picture
