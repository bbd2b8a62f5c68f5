"""Every plant of the shop: how it stands behind a product and what of it lies in front."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from shop.demo.drawing import flowers, fruits
from shop.demo.drawing.canvas import Canvas, colour
from shop.demo.drawing.foliage import Foliage, berries, fan, leaf, sprig
from shop.demo.drawing.paths import Point, bowed, smooth, stroke

Stem = Callable[[Canvas, Point, float, float, Random], None]
Piece = Callable[[Canvas, Point, float, float, Random], None]


@dataclass(frozen=True)
class Plant:
    """`stem(canvas, start, angle, length, random)`; `piece(canvas, at, size, turn, random)`."""

    stem: Stem
    piece: Piece


def leafy(
    look: Foliage,
    *,
    fruit: tuple[tuple[float, ...], float, str] | None = None,
    flower: Callable[[Canvas, Point, float, Random], None] | None = None,
    at: tuple[float, ...] = (1.0,),
    flower_size: float = 0.12,
) -> Stem:
    """A leafy sprig, with fruit along its stem or flowers at the given places."""

    def draw(canvas, start, angle, length, random):
        stem = sprig(canvas, start, angle, length, look, random)
        if fruit:
            places, radius, shade = fruit
            berries(canvas, stem, places, length * radius, shade)
        if flower:
            for place in at:
                x, y = stem[round(place * (len(stem) - 1))]
                flower(canvas, (x, y), length * flower_size * (0.75 + 0.25 * place), random)

    return draw


def single_leaf(look: Foliage, size: float = 1.5) -> Piece:
    """A leaf fallen on the table."""

    def draw(canvas, at, piece_size, turn, random):
        length = piece_size * size
        width = length * look.width / look.length
        shaded = bowed((at[0] + 5, at[1] + 9), turn + 90, length, 10)
        canvas.fill(stroke(shaded, width * 0.6), paint=(46, 40, 26, 70), blur=6)
        leaf(canvas, at, turn + 90, length, width, colour(look.shade), outline=look.outline)

    return draw


def grass(look: Foliage) -> Stem:
    return lambda canvas, start, angle, length, random: fan(
        canvas, start, angle, length, look, random
    )


def lavender(canvas, start, angle, length, random):
    for offset, share in ((-7, 0.86), (6, 0.93), (0, 1)):
        stem = bowed(start, angle + offset, length * share, 10 if angle >= 0 else -10, steps=36)
        canvas.fill(stroke(stem, length * 0.008 + 1), paint=colour("#7f9070"))
        for index in (6, 10):
            for side in (-1, 1):
                leaf(
                    canvas,
                    stem[index],
                    angle + offset + side * 28,
                    length * 0.16,
                    length * 0.022,
                    colour("#8a9c7c"),
                    rib=False,
                )
        flowers.lavender_spike(canvas, stem, length * 0.062, random)


def lavender_piece(canvas, at, size, turn, random):
    stem = bowed((at[0] - size * 1.6, at[1]), turn + 82, size * 3.4, 8, steps=30)
    canvas.fill(
        stroke([(x + 4, y + 8) for x, y in stem], size * 0.5), paint=(46, 40, 26, 60), blur=7
    )
    canvas.fill(stroke(stem, size * 0.06), paint=colour("#7f9070"))
    flowers.lavender_spike(canvas, stem, size * 0.36, random)


def blossom(petal: str, heart: str, petals: int = 5, breadth: float = 0.62, droop: float = 8):
    def draw(canvas, at, size, random):
        flowers.star_flower(
            canvas,
            at,
            size,
            random,
            petal=petal,
            heart=heart,
            petals=petals,
            breadth=breadth,
            droop=droop,
        )

    return draw


def daisy(petal: str = "#fdfbf3", heart: str = "#e0a92f", petals: int = 14, rows: int = 1):
    def draw(canvas, at, size, random):
        flowers.daisy(canvas, at, size, random, petal=petal, heart=heart, petals=petals, rows=rows)

    return draw


def lying(flower, share: float = 0.9) -> Piece:
    """A flower laid on the table."""

    def draw(canvas, at, size, turn, random):
        fruits.shadow(canvas, (at[0], at[1] + size * 0.3), size * share * 0.9, size * 0.5)
        flower(canvas, at, size * share, random)

    return draw


def roses(canvas, at, size, random):
    flowers.rose(canvas, at, size)


def petals(shade: str) -> Piece:
    return lambda canvas, at, size, turn, random: flowers.loose_petal(
        canvas, at, size * 0.75, turn, colour(shade)
    )


def slices(flesh: str, peel: str) -> Piece:
    return lambda canvas, at, size, turn, random: fruits.citrus_slice(
        canvas, at, size * 1.25, flesh, peel, turn=turn, flat=0.5
    )


def nuts(shade: str, fat: float = 0.5, size: float = 0.62) -> Piece:
    return lambda canvas, at, piece, turn, random: fruits.nut(
        canvas, at, piece * size, turn, shade, fat=fat
    )


def whole(shade: str, tall: float = 1, size: float = 0.8) -> Piece:
    def draw(canvas, at, piece, turn, random):
        radius = piece * size
        fruits.ball(canvas, (at[0], at[1] - radius * 0.6), radius, colour(shade), tall=tall)

    return draw


def avocado(canvas: Canvas, at: Point, size: float) -> None:
    """Half an avocado with its stone."""
    from_top = [
        (0, -1.25),
        (0.42, -0.8),
        (0.86, 0.15),
        (0.55, 0.84),
        (0, 1.0),
        (-0.55, 0.84),
        (-0.86, 0.15),
        (-0.42, -0.8),
    ]
    fruits.shadow(canvas, (at[0], at[1] + size * 0.9), size * 0.8, size * 0.24)
    for reach, shade in ((1, "#3f5a34"), (0.93, "#8fae55"), (0.82, "#e3df9a")):
        outline = [(at[0] + x * size * reach, at[1] + y * size * reach) for x, y in from_top]
        canvas.fill(smooth(outline, closed=True), paint=colour(shade))
    fruits.ball(canvas, (at[0], at[1] + size * 0.32), size * 0.4, colour("#8a5a36"))


GUM = Foliage("round", "#8fa896", length=0.16, width=0.15, pairs=9, opening=64, stem="#9a8a70")
MINT = Foliage("toothed", "#5c9a6c", length=0.26, width=0.15, pairs=6, opening=58, stem="#7c9a66")
NEEDLES = Foliage("needle", "#6d8a72", length=0.17, width=0.022, pairs=20, opening=44, taper=0.4)
TEA = Foliage("lance", "#7f9c68", length=0.2, width=0.035, pairs=15, opening=46, taper=0.45)
GLOSSY = Foliage("oval", "#4f7d55", length=0.27, width=0.12, pairs=6, opening=50)
LANCE = Foliage("lance", "#7c9668", length=0.25, width=0.07, pairs=8, opening=48)
OLIVE = Foliage("lance", "#8b9a78", length=0.22, width=0.05, pairs=9, opening=46)
BROAD = Foliage("toothed", "#64885a", length=0.3, width=0.2, pairs=5, opening=60)
ROSE = Foliage("toothed", "#5f8259", length=0.22, width=0.13, pairs=5, opening=60)
FEATHER = Foliage("needle", "#7f9c66", length=0.18, width=0.03, pairs=12, opening=50)
FIR = Foliage("needle", "#527562", length=0.14, width=0.02, pairs=26, opening=56, taper=0.6)
ALOE = Foliage("plump", "#7fa583", length=0.5, width=0.12, pairs=7, opening=46)
PALM = Foliage("blade", "#6c9260", width=0.07, pairs=9, opening=62)
COFFEE = Foliage("oval", "#3f6b47", length=0.28, width=0.11, pairs=6, opening=56)

CITRUS_FLOWER = blossom("#fdf9ee", "#e5b94b")

PLANTS = {
    "lavender": Plant(lavender, lavender_piece),
    "eucalyptus": Plant(leafy(GUM), single_leaf(GUM, 1.1)),
    "tea-tree": Plant(leafy(TEA), single_leaf(TEA, 1.7)),
    "mint": Plant(leafy(MINT), single_leaf(MINT, 1.4)),
    "rosemary": Plant(
        leafy(
            NEEDLES, flower=blossom("#a9b2dc", "#7f7fb8", 4), at=(0.7, 0.86, 0.96), flower_size=0.05
        ),
        lambda canvas, at, size, turn, random: sprig(
            canvas, (at[0] - size, at[1]), turn + 82, size * 2.6, NEEDLES, random
        ),
    ),
    "orange": Plant(
        leafy(GLOSSY, flower=CITRUS_FLOWER, at=(0.6, 0.98)), slices("#f09a36", "#e8832a")
    ),
    "lemon": Plant(leafy(GLOSSY, flower=CITRUS_FLOWER, at=(0.96,)), slices("#f3d75c", "#ecc93b")),
    "grapefruit": Plant(leafy(GLOSSY), slices("#ea7f6b", "#efb15f")),
    "bergamot": Plant(leafy(GLOSSY), slices("#dfd87a", "#a9bc4c")),
    "lemongrass": Plant(
        grass(Foliage("blade", "#9ab16a", width=0.045, pairs=9, opening=24)),
        single_leaf(Foliage("blade", "#9ab16a", length=0.3, width=0.03), 2.6),
    ),
    "vetiver": Plant(
        grass(Foliage("blade", "#a9a86a", width=0.05, pairs=7, opening=22)),
        lambda canvas, at, size, turn, random: fruits.stick(
            canvas, at, size * 1.7, turn * 0.2, "#a98b5c"
        ),
    ),
    "patchouli": Plant(leafy(BROAD), single_leaf(BROAD, 1.3)),
    "ylang": Plant(
        leafy(
            GLOSSY,
            flower=blossom("#ecd35c", "#b9a53a", 6, 0.3, 40),
            at=(0.55, 0.95),
            flower_size=0.2,
        ),
        lying(blossom("#ecd35c", "#b9a53a", 6, 0.3, 40), 1.2),
    ),
    "rose": Plant(leafy(ROSE, flower=roses, at=(1.0,), flower_size=0.125), petals("#d99a94")),
    "rosehip": Plant(
        leafy(ROSE, fruit=((0.55, 0.7, 0.84, 0.96), 0.05, "#c3472f")), whole("#c3472f", 1.15, 0.42)
    ),
    "geranium": Plant(
        leafy(BROAD, flower=blossom("#dd94ab", "#a85273"), at=(0.75, 0.88, 1.0)), petals("#dd94ab")
    ),
    "jasmine": Plant(
        leafy(LANCE, flower=blossom("#fffdf5", "#e9cf7d", 5, 0.42), at=(0.45, 0.7, 1)),
        lying(blossom("#fffdf5", "#e9cf7d", 5, 0.42), 0.8),
    ),
    "chamomile": Plant(
        leafy(FEATHER, flower=daisy(), at=(0.66, 1.0), flower_size=0.13), lying(daisy(), 0.8)
    ),
    "calendula": Plant(
        leafy(LANCE, flower=daisy("#efa23a", "#a9601f", 18, 3), at=(0.62, 1.0), flower_size=0.15),
        lying(daisy("#efa23a", "#a9601f", 18, 3), 0.95),
    ),
    "arnica": Plant(
        leafy(LANCE, flower=daisy("#f0c53f", "#b9822a", 16, 1), at=(1.0,), flower_size=0.16),
        lying(daisy("#f0c53f", "#b9822a", 16, 1), 0.9),
    ),
    "aloe": Plant(grass(ALOE), single_leaf(Foliage("plump", "#7fa583", length=0.3, width=0.09), 2)),
    "coconut": Plant(
        grass(PALM),
        lambda canvas, at, size, turn, random: fruits.half_coconut(
            canvas, (at[0], at[1] - size * 0.5), size * 1.1
        ),
    ),
    "almond": Plant(
        leafy(LANCE, flower=blossom("#fbeae6", "#d2788b"), at=(0.5, 0.78, 1.0), flower_size=0.11),
        nuts("#b9804c", 0.52, 0.72),
    ),
    "jojoba": Plant(
        leafy(GUM, fruit=((0.5, 0.66, 0.82), 0.035, "#a98a56")), nuts("#8a5a3a", 0.66, 0.5)
    ),
    "argan": Plant(
        leafy(OLIVE, fruit=((0.4, 0.6, 0.8), 0.045, "#c9a24a")), nuts("#a9713e", 0.6, 0.66)
    ),
    "castor": Plant(
        grass(Foliage("lance", "#5f7f56", width=0.2, pairs=7, opening=74)),
        nuts("#6a4a3b", 0.62, 0.54),
    ),
    "avocado": Plant(
        leafy(GLOSSY),
        lambda canvas, at, size, turn, random: avocado(canvas, (at[0], at[1] - size * 0.45), size),
    ),
    "grape": Plant(
        leafy(BROAD, fruit=((0.35, 0.42, 0.5, 0.57, 0.64), 0.05, "#6d4b6f")),
        whole("#6d4b6f", 1, 0.5),
    ),
    "sesame": Plant(leafy(LANCE), nuts("#dcc08c", 0.6, 0.34)),
    "coffee": Plant(
        leafy(COFFEE, fruit=((0.3, 0.46, 0.6, 0.74, 0.86), 0.042, "#b13a2f")),
        lambda canvas, at, size, turn, random: fruits.coffee_bean(canvas, at, size * 0.55, turn),
    ),
    "cacao": Plant(leafy(COFFEE), nuts("#6f4129", 0.55, 0.62)),
    "cinnamon": Plant(
        leafy(GLOSSY),
        lambda canvas, at, size, turn, random: fruits.stick(
            canvas, at, size * 2.2, turn * 0.25 - 12
        ),
    ),
    "clove": Plant(
        leafy(GLOSSY),
        lambda canvas, at, size, turn, random: fruits.clove(canvas, at, size * 0.72, turn),
    ),
    "frankincense": Plant(
        leafy(OLIVE),
        lambda canvas, at, size, turn, random: fruits.resin(canvas, at, size * 0.6, random),
    ),
    "ginger": Plant(
        grass(Foliage("lance", "#7d9c5f", width=0.1, pairs=7, opening=52)),
        lambda canvas, at, size, turn, random: fruits.root(
            canvas, at, size * 1.05, turn * 0.15, "#cfa873", "#f0d58c"
        ),
    ),
    "turmeric": Plant(
        grass(Foliage("lance", "#7d9c5f", width=0.12, pairs=6, opening=50)),
        lambda canvas, at, size, turn, random: fruits.root(
            canvas, at, size, turn * 0.15, "#b9803f", "#ef9a25"
        ),
    ),
    "cedar": Plant(
        leafy(FIR),
        lambda canvas, at, size, turn, random: fruits.wood_chip(canvas, at, size * 0.95, turn),
    ),
    "sandalwood": Plant(
        leafy(OLIVE),
        lambda canvas, at, size, turn, random: fruits.wood_chip(
            canvas, at, size * 0.95, turn, "#c08f62"
        ),
    ),
    "honey": Plant(
        leafy(LANCE, flower=daisy("#f5d98a", "#b98325", 10, 1), at=(0.7, 1.0)),
        lambda canvas, at, size, turn, random: fruits.resin(
            canvas, at, size * 0.62, random, "#e5a32c"
        ),
    ),
    "oat": Plant(
        leafy(
            Foliage(
                "petal", "#cdb579", length=0.13, width=0.05, pairs=10, opening=34, stem="#b9a56b"
            ),
        ),
        nuts("#e0caa0", 0.36, 0.42),
    ),
    "charcoal": Plant(
        leafy(GUM),
        lambda canvas, at, size, turn, random: fruits.resin(
            canvas, at, size * 0.62, random, "#4a4c4b"
        ),
    ),
    "clay": Plant(
        leafy(OLIVE),
        lambda canvas, at, size, turn, random: fruits.resin(
            canvas, at, size * 0.7, random, "#bfae93"
        ),
    ),
    "salt": Plant(
        leafy(GUM),
        lambda canvas, at, size, turn, random: fruits.resin(
            canvas, at, size * 0.46, random, "#f0cfc4"
        ),
    ),
}
