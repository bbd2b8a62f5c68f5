"""Leaves, and the sprigs they grow on."""

from collections.abc import Callable
from dataclasses import dataclass
from math import pi, sin
from random import Random

from shop.demo.drawing.canvas import Canvas, Colour, colour, darker, lighter
from shop.demo.drawing.paths import Path, Point, bowed, ellipse, heading, stroke

# How wide a leaf is along its midrib (0 at the stalk, 1 at the tip), as a share of its width.
OUTLINES: dict[str, Callable[[float], float]] = {
    "lance": lambda t: sin(pi * t**0.85) ** 0.9 * (1 - 0.25 * t),
    "oval": lambda t: sin(pi * t**0.75) ** 0.7,
    "round": lambda t: max(0.0, 1 - (2 * t - 1) ** 2) ** 0.5,
    "blade": lambda t: min(1.0, t * 6) * (1 - t) ** 0.6,
    "toothed": lambda t: sin(pi * t**0.75) ** 0.75 * (1 - 0.13 * ((t * 9) % 1)),
    "petal": lambda t: sin(pi * t**1.35) ** 0.7,
    "needle": lambda t: min(1.0, t * 5, (1 - t) * 5),
    "plump": lambda t: (1 - t) ** 0.55 * min(1.0, 0.7 + t * 2),
}


def leaf(
    canvas: Canvas,
    start: Point,
    angle: float,
    length: float,
    width: float,
    shade: Colour,
    *,
    outline: str = "lance",
    bend: float = 10,
    rib: bool = True,
) -> None:
    """A leaf or a petal from its stalk, one half in the shade."""
    steps = 27 if outline == "toothed" else 12
    middle = bowed(start, angle, length, bend, steps=steps)
    spread = OUTLINES[outline]
    whole = stroke(middle, lambda t: width * spread(min(1, max(0, t))))
    canvas.fill(whole, paint=shade)
    if width * canvas.scale > 9:
        # The half away from the window: the last points of the outline, and the midrib.
        shaded = middle + whole[: len(middle)][::-1]
        canvas.fill(shaded, paint=darker(shade, 0.13))
    if rib and width * canvas.scale > 16:
        line = stroke(middle[:-1], lambda t: max(1.0, width * 0.05 * (1 - t * 0.7)))
        canvas.fill(line, paint=lighter(shade, 0.28))


@dataclass(frozen=True)
class Foliage:
    """How the leaves of a plant look and sit on its stem."""

    outline: str = "lance"
    shade: str = "#6f8f6a"
    length: float = 0.24
    width: float = 0.09
    pairs: int = 8
    opening: float = 52
    stem: str = "#7d8a5c"
    opposite: bool = True
    taper: float = 0.55


def sprig(
    canvas: Canvas,
    start: Point,
    angle: float,
    length: float,
    look: Foliage,
    random: Random,
    *,
    bend: float | None = None,
    bare: float = 0.14,
) -> Path:
    """A stem with leaves up to its tip; gives back the stem, for flowers and fruit."""
    bend = random.uniform(8, 20) * (1 if angle >= 0 else -1) if bend is None else bend
    stem = bowed(start, angle, length, bend, steps=36)
    canvas.fill(
        stroke(stem, lambda t: max(2.0, length * 0.013 * (1 - 0.75 * t))),
        paint=colour(look.stem),
    )
    for pair in range(look.pairs):
        along = bare + (0.97 - bare) * pair / max(1, look.pairs - 1)
        index = min(35, round(along * 36))
        size = 1 - look.taper * along
        for side in (-1, 1) if look.opposite else ((-1, 1)[pair % 2],):
            shade = colour(look.shade)
            tone = random.uniform(-0.16, 0.2)
            shade = lighter(shade, tone) if tone > 0 else darker(shade, -tone)
            leaf(
                canvas,
                stem[index],
                heading(stem, index) + side * look.opening * random.uniform(0.8, 1.15),
                length * look.length * size * random.uniform(0.88, 1.1),
                length * look.width * size,
                shade,
                outline=look.outline,
                bend=-side * random.uniform(6, 26),
            )
    tip = heading(stem, 36)
    leaf(
        canvas,
        stem[-1],
        tip,
        length * look.length * (1 - look.taper),
        length * look.width * (1 - look.taper),
        lighter(colour(look.shade), 0.1),
        outline=look.outline,
    )
    return stem


def berries(
    canvas: Canvas, stem: Path, places: tuple[float, ...], radius: float, shade: str
) -> None:
    """Round fruit close to the stem, each with a small light."""
    skin = colour(shade)
    for number, place in enumerate(places):
        x, y = stem[round(place * (len(stem) - 1))]
        x += radius * (0.9 if number % 2 else -0.9)
        y += radius * 0.7
        canvas.fill(ellipse(x, y, radius, radius * 1.08), paint=darker(skin, 0.14))
        canvas.fill(
            ellipse(x - radius * 0.1, y - radius * 0.1, radius * 0.86, radius * 0.92), paint=skin
        )
        canvas.fill(
            ellipse(x - radius * 0.35, y - radius * 0.4, radius * 0.24, radius * 0.2),
            paint=lighter(skin, 0.55),
        )


def fan(
    canvas: Canvas,
    start: Point,
    angle: float,
    length: float,
    look: Foliage,
    random: Random,
) -> None:
    """Long leaves from one root, as of a grass, a palm or an aloe."""
    for number in range(look.pairs):
        side = (number - (look.pairs - 1) / 2) / max(1, (look.pairs - 1) / 2)
        shade = colour(look.shade)
        tone = random.uniform(-0.15, 0.2)
        shade = lighter(shade, tone) if tone > 0 else darker(shade, -tone)
        leaf(
            canvas,
            (start[0] + side * length * 0.03, start[1]),
            angle + side * look.opening,
            length * (1 - 0.25 * abs(side)) * random.uniform(0.9, 1.05),
            length * look.width,
            shade,
            outline=look.outline,
            bend=side * 34,
        )
