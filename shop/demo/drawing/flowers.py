"""Flowers, drawn face on or along a stem."""

from random import Random

from shop.demo.drawing.canvas import Canvas, Colour, Gradient, blend, colour, darker, lighter
from shop.demo.drawing.foliage import leaf
from shop.demo.drawing.paths import Path, Point, ellipse, heading, placed, smooth


def daisy(
    canvas: Canvas,
    centre: Point,
    radius: float,
    random: Random,
    *,
    petal: str = "#fdfbf3",
    heart: str = "#e0a92f",
    petals: int = 14,
    rows: int = 1,
) -> None:
    """A daisy, or with more rows of petals a marigold."""
    x, y = centre
    for row in range(rows):
        reach = radius * (1 - 0.24 * row)
        for number in range(petals):
            turn = 360 * (number + row / 2) / petals + random.uniform(-5, 5)
            shade = darker(colour(petal), 0.03 + 0.08 * random.random() - 0.01 * row)
            leaf(
                canvas,
                centre,
                turn,
                reach,
                reach * 3.9 / petals,
                shade,
                outline="petal",
                bend=4,
                rib=False,
            )
    core = radius * (0.34 if rows == 1 else 0.24)
    canvas.fill(ellipse(x, y, core, core * 0.94), paint=darker(colour(heart), 0.2))
    canvas.fill(
        ellipse(x - core * 0.08, y - core * 0.1, core * 0.86, core * 0.8), paint=colour(heart)
    )
    canvas.fill(
        ellipse(x - core * 0.25, y - core * 0.3, core * 0.4, core * 0.32),
        paint=lighter(colour(heart), 0.35),
    )


def lavender_spike(canvas: Canvas, stem: Path, size: float, random: Random) -> None:
    """Whorls of small violet buds over the upper half of a stem."""
    first, last = round(len(stem) * 0.45), len(stem) - 1
    for index in range(first, last + 1, 2):
        share = (index - first) / (last - first)
        reach = size * (1 - 0.45 * share)
        turn = heading(stem, index)
        for side in (-62, 58, -24, 26):
            shade = blend(colour("#8a76b5"), colour("#b7a5d6"), random.random())
            leaf(
                canvas,
                stem[index],
                turn + side + random.uniform(-8, 8),
                reach * random.uniform(0.85, 1.1),
                reach * 0.52,
                shade,
                outline="oval",
                rib=False,
            )
    leaf(
        canvas,
        stem[-1],
        heading(stem, last),
        size * 0.7,
        size * 0.4,
        colour("#a48fca"),
        outline="oval",
        rib=False,
    )


def rose(canvas: Canvas, centre: Point, radius: float, *, shade: str = "#d58a86") -> None:
    """A garden rose, seen from the front."""
    base = colour(shade)
    rings = ((1.0, 7, 0.16), (0.8, 6, 0.04), (0.6, 5, 0.1), (0.42, 4, 0.0), (0.26, 3, 0.14))
    for ring, (reach, petals, dark) in enumerate(rings):
        for number in range(petals):
            turn = 360 * number / petals + ring * 37
            ((px, py),) = placed([(0, -radius * reach * 0.52)], *centre, turn)
            tone = darker(base, dark + (0.06 if number % 2 else 0))
            petal = placed(_rose_petal(radius * reach * 0.56), px, py, turn)
            canvas.fill(petal, paint=darker(tone, 0.08))
            canvas.fill(
                placed(_rose_petal(radius * reach * 0.52), px, py, turn),
                paint=lighter(tone, 0.1 + 0.04 * ring),
            )
    canvas.fill(ellipse(*centre, radius * 0.13, radius * 0.12), paint=darker(base, 0.3))


def _rose_petal(size: float) -> Path:
    return smooth(
        [
            (0, -size * 0.95),
            (size * 0.8, -size * 0.62),
            (size * 0.95, size * 0.2),
            (0, size * 0.9),
            (-size * 0.95, size * 0.2),
            (-size * 0.8, -size * 0.62),
        ],
        closed=True,
    )


def star_flower(
    canvas: Canvas,
    centre: Point,
    radius: float,
    random: Random,
    *,
    petal: str,
    heart: str,
    petals: int = 5,
    breadth: float = 0.62,
    droop: float = 8,
) -> None:
    """An open flower of a few broad petals: almond blossom, jasmine, coffee, ylang-ylang."""
    x, y = centre
    start = random.uniform(0, 60)
    for number in range(petals):
        shade = darker(colour(petal), 0.02 + 0.05 * random.random())
        leaf(
            canvas,
            centre,
            start + 360 * number / petals,
            radius * random.uniform(0.92, 1.05),
            radius * breadth,
            shade,
            outline="petal",
            bend=droop,
        )
    glow = Gradient([(0, colour(heart)), (1, colour(heart, 0))], "round")
    canvas.fill(ellipse(x, y, radius * 0.5, radius * 0.5), paint=glow)
    canvas.fill(ellipse(x, y, radius * 0.13, radius * 0.13), paint=darker(colour(heart), 0.15))


def loose_petal(canvas: Canvas, at: Point, size: float, turn: float, shade: Colour) -> None:
    """A fallen petal, flat on the table."""
    canvas.fill(
        ellipse(at[0] + size * 0.1, at[1] + size * 0.16, size * 0.7, size * 0.3),
        paint=(40, 36, 24, 46),
        blur=size * 0.14,
    )
    shape = [
        (px, py * 0.62)
        for px, py in placed(
            smooth(
                [
                    (-size * 0.6, 0),
                    (-size * 0.1, -size * 0.4),
                    (size * 0.6, -size * 0.1),
                    (size * 0.25, size * 0.34),
                ],
                closed=True,
            ),
            0,
            0,
            turn,
        )
    ]
    canvas.fill(placed(shape, *at), paint=shade)
    canvas.fill(
        placed(shape, at[0] - size * 0.04, at[1] - size * 0.04, 0, 0.8), paint=lighter(shade, 0.18)
    )
