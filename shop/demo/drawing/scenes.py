"""The place where products stand: a wall with a niche, a table, plants, and light from the left."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from random import Random
from re import fullmatch

from shop.demo.drawing import coffee, gifts, objects, vessels
from shop.demo.drawing.canvas import Canvas, Gradient, colour, darker, faded, lighter
from shop.demo.drawing.materials import Label
from shop.demo.drawing.palettes import CREAM, PALETTES, Palette
from shop.demo.drawing.paths import arc, arch, box, ellipse
from shop.demo.drawing.plants import PLANTS

PAGE_HEIGHT = 1250
HORIZON = 930
GROUND = 1052


@dataclass(frozen=True)
class Kind:
    """How a vessel is drawn, how tall it is at its usual size, and how it grows with the size."""

    draw: Callable[..., None]
    height: float
    usual: float = 0
    growth: float = 0.3
    tallest: float = 830


KINDS = {
    "dropper": Kind(vessels.dropper, 560, 10, 0.22),
    "dropper-green": Kind(partial(vessels.dropper, kind="green"), 600, 30),
    "dropper-blue": Kind(partial(vessels.dropper, kind="blue"), 600, 30),
    "oil": Kind(vessels.oil_bottle, 700, 120, 0.26),
    "oil-green": Kind(partial(vessels.oil_bottle, kind="green"), 700, 120, 0.26),
    "oil-clear": Kind(partial(vessels.oil_bottle, kind="oil"), 700, 120, 0.26),
    "jar": Kind(vessels.jar, 430, 100, 0.24, 520),
    "jar-frost": Kind(partial(vessels.jar, kind="frost"), 430, 50, 0.24, 520),
    "jar-green": Kind(partial(vessels.jar, kind="green"), 430, 100, 0.24, 520),
    "pump": Kind(vessels.pump, 700, 250, 0.24),
    "pump-clear": Kind(partial(vessels.pump, kind="clear"), 700, 250, 0.24),
    "pump-green": Kind(partial(vessels.pump, kind="green"), 700, 250, 0.24),
    "spray": Kind(vessels.spray, 640, 100, 0.26),
    "spray-green": Kind(partial(vessels.spray, kind="green"), 640, 100, 0.26),
    "roll-on": Kind(vessels.roll_on, 560, 10, 0.2),
    "tube": Kind(vessels.tube, 600, 60, 0.24),
    "tin": Kind(vessels.tin, 300, 60, 0.24, 360),
    "soap": Kind(objects.soap, 400, 100, 0.2, 440),
    "candle": Kind(objects.candle, 520, 180, 0.22, 620),
    "candle-frost": Kind(partial(objects.candle, kind="frost"), 520, 180, 0.22, 620),
    "diffuser": Kind(objects.diffuser, 690, 200, 0.2, 800),
    "diffuser-wood": Kind(partial(objects.diffuser, kind="wood"), 690, 300, 0.2, 800),
    "diffuser-dark": Kind(partial(objects.diffuser, kind="dark"), 690, 200, 0.2, 800),
    "diffuser-stone": Kind(partial(objects.diffuser, kind="stone"), 690, 200, 0.2, 800),
    "reeds": Kind(objects.reed_diffuser, 840, 120, 0.16, 880),
    "bag": Kind(gifts.bag, 620, 340, 0.2, 760),
    "bag-cream": Kind(partial(gifts.bag, shade=darker(CREAM, 0.06)), 580, 250, 0.2, 760),
    "gift": Kind(gifts.gift_box, 560),
    "gift-green": Kind(partial(gifts.gift_box, kind="green"), 560),
    "stone": Kind(gifts.stone, 420),
    "pillow": Kind(gifts.pillow, 420),
    "face-roller": Kind(gifts.face_roller, 430),
    "brush": Kind(gifts.brush, 800),
    "coffee-bag": Kind(partial(gifts.bag, shade=colour("#3a2a22")), 640, 340, 0.2, 780),
    "mug": Kind(coffee.mug, 420),
    "dripper": Kind(coffee.dripper, 720),
    "press": Kind(coffee.press, 700, 600, 0.2),
    "kettle": Kind(coffee.kettle, 540),
    "grinder": Kind(coffee.grinder, 720),
    "scale": Kind(coffee.scale, 520),
    "filters": Kind(coffee.filters, 480),
}


def height_of(kind: Kind, size: str) -> float:
    """How tall a product is drawn: more of it is taller, though less than in life."""
    amount = fullmatch(r"(\d+)(?: x \d+)? ?(?:ml|g)", size.lower())
    if not (amount and kind.usual):
        return kind.height
    return min(kind.tallest, kind.height * (int(amount[1]) / kind.usual) ** kind.growth)


def room(
    canvas: Canvas,
    palette: Palette,
    random: Random,
    *,
    width: float = 1000,
    height: float = PAGE_HEIGHT,
    horizon: float = HORIZON,
) -> None:
    """The wall with daylight on it, and the table."""
    wall = box(0, 0, width, horizon + 2)
    canvas.fill(
        wall,
        paint=Gradient([(0, lighter(palette.wall, 0.34)), (1, darker(palette.wall, 0.05))], "down"),
    )
    glow = (255, 252, 240, 120)
    canvas.fill(
        ellipse(width * 0.16, horizon * 0.12, width * 0.3, horizon * 0.4), paint=glow, blur=120
    )
    canvas.fill(
        box(0, horizon, width, height),
        paint=Gradient(
            [
                (0, darker(palette.table, 0.1)),
                (0.3, palette.table),
                (1, lighter(palette.table, 0.3)),
            ],
            "down",
        ),
    )


def niche(canvas: Canvas, palette: Palette, x: float, style: str) -> None:
    """An arch, a sun or a window's light behind the product."""
    shade = Gradient([(0, darker(palette.niche, 0.05)), (1, lighter(palette.niche, 0.12))], "down")
    if style == "arch":
        outline = arch(x - 315, 170, x + 315, HORIZON)
        area = canvas.mask(outline)
        canvas.paint(area, shade)
        edge = [(px - 16, py + 6) for px, py in outline]
        canvas.fill(edge, paint=faded(lighter(palette.niche, 0.3), 120), blur=26, inside=area)
    elif style == "sun":
        canvas.fill(ellipse(x + 20, 560, 350, 350), paint=shade)
    else:
        for left in (x - 330, x - 40):
            pane = [
                (left, 150),
                (left + 250, 90),
                (left + 340, HORIZON - 90),
                (left + 90, HORIZON - 40),
            ]
            canvas.fill(pane, paint=faded(lighter(palette.wall, 0.75), 150), blur=16)


def plinth(canvas: Canvas, palette: Palette, x: float, radius: float) -> float:
    """A low round stand; gives back the height of its top."""
    top, foot = GROUND - 8, GROUND + 70
    shade = lighter(palette.niche, 0.32)
    canvas.fill(ellipse(x + 40, foot + 4, radius * 1.06, 50), paint=(52, 46, 30, 90), blur=18)
    side = [*_half(x, foot, radius), *reversed(_half(x, top, radius))]
    canvas.fill(
        side,
        paint=Gradient(
            [
                (0, darker(shade, 0.06)),
                (0.3, lighter(shade, 0.2)),
                (0.65, shade),
                (1, darker(shade, 0.24)),
            ]
        ),
    )
    canvas.fill(
        ellipse(x, top, radius, radius * 0.13),
        paint=Gradient([(0, lighter(shade, 0.6)), (1, lighter(shade, 0.3))]),
    )
    return top


def _half(x, y, radius):
    return arc(x, y, radius, radius * 0.13, 180, 0, 60)


def behind(
    canvas: Canvas, motif: str, x: float, random: Random, *, ground: float, tall: float
) -> None:
    """The plant at both sides of the product, the taller stem on the right."""
    plant = PLANTS[motif]
    reach = max(470, min(690, tall))
    for offset, angle, share in ((-80, -24, 0.84), (90, 21, 1.0), (50, 42, 0.64), (-50, -44, 0.6)):
        plant.stem(
            canvas,
            (x + offset, ground - 24),
            angle + random.uniform(-4, 4),
            reach * share * random.uniform(0.95, 1.05),
            random,
        )


def in_front(
    canvas: Canvas, motif: str, x: float, random: Random, *, half: float, y: float
) -> None:
    """Pieces of the plant on the table, more of them at one side."""
    plant = PLANTS[motif]
    heavy = random.choice((-1, 1))
    places = [
        (heavy * (half + 100), 0, 58),
        (heavy * (half + 16), 56, 50),
        (-heavy * (half + 84), 34, 52),
    ]
    for offset, down, size in sorted(places, key=lambda place: place[1]):
        at = x + offset + random.uniform(-14, 14)
        at = min(870, max(120, at))
        plant.piece(canvas, (at, y + down), size, random.uniform(-40, 40), random)


def product(
    canvas: Canvas, vessel: str, motif: str, palette_name: str, label: Label, random: Random
) -> None:
    """One product in its place, as it stands in the shop."""
    palette, kind = PALETTES[palette_name], KINDS[vessel]
    x, tall = 500.0, height_of(kind, label.size)
    room(canvas, palette, random)
    niche(canvas, palette, x, ("arch", "sun", "window")[random.randrange(3)])
    raised = tall < 640 and vessel not in ("roll-on", "gift", "gift-green", "brush")
    if motif:
        behind(canvas, motif, x, random, ground=GROUND, tall=tall)
    ground = plinth(canvas, palette, x, 310) if raised else GROUND + 34
    extra = {"motif": motif} if vessel == "soap" else {}
    kind.draw(canvas, x, ground, tall, label, **extra)
    if motif:
        in_front(canvas, motif, x, random, half=250 if raised else 200, y=GROUND + 70)
