"""Glass, ceramic, wood and paper: how a surface looks, and the label wrapped around it."""

from dataclasses import dataclass

from shop.demo.drawing.canvas import (
    Canvas,
    Colour,
    Gradient,
    Mask,
    blend,
    colour,
    darker,
    faded,
    lighter,
)
from shop.demo.drawing.foliage import leaf
from shop.demo.drawing.lettering import write
from shop.demo.drawing.palettes import INK, PAPER, WOOD
from shop.demo.drawing.paths import Path, band, bowed, box, ellipse, stroke


def _stops(*codes: tuple[float, str]) -> tuple[tuple[float, Colour], ...]:
    return tuple((place, colour(code)) for place, code in codes)


GLASS = {
    "amber": _stops(
        (0, "#33170a"),
        (0.08, "#5f2e10"),
        (0.24, "#a65d20"),
        (0.45, "#8b4a17"),
        (0.72, "#62300f"),
        (0.92, "#8f5120"),
        (1, "#35190b"),
    ),
    "green": _stops(
        (0, "#16291f"),
        (0.08, "#2c4a37"),
        (0.24, "#5c8763"),
        (0.45, "#43694d"),
        (0.72, "#2f5039"),
        (0.92, "#517b5b"),
        (1, "#182c22"),
    ),
    "blue": _stops(
        (0, "#16243a"),
        (0.08, "#2a4266"),
        (0.24, "#5b7fae"),
        (0.45, "#40628f"),
        (0.72, "#2c4a72"),
        (0.92, "#5476a4"),
        (1, "#18263c"),
    ),
    "oil": _stops(
        (0, "#a98431"),
        (0.1, "#d9b75c"),
        (0.28, "#f3dd96"),
        (0.5, "#e9cb74"),
        (0.76, "#d3ad50"),
        (0.93, "#ecd389"),
        (1, "#a5802e"),
    ),
    "clear": _stops(
        (0, "#b5bdb6"),
        (0.08, "#d3d9d2"),
        (0.25, "#f4f6f1"),
        (0.5, "#e6eae4"),
        (0.78, "#cfd5ce"),
        (0.94, "#eef1ec"),
        (1, "#aab3ab"),
    ),
    "frost": _stops(
        (0, "#c3cac2"), (0.12, "#dde2db"), (0.32, "#f3f5f0"), (0.6, "#e3e7e0"), (1, "#b9c1b8")
    ),
}


def rounded(shade: Colour) -> Gradient:
    """A matt round surface of one colour, lit from the left."""
    return Gradient(
        [
            (0, darker(shade, 0.26)),
            (0.1, darker(shade, 0.1)),
            (0.3, lighter(shade, 0.2)),
            (0.55, shade),
            (0.85, darker(shade, 0.22)),
            (1, darker(shade, 0.4)),
        ]
    )


def glass(canvas: Canvas, path: Path, kind: str) -> Mask:
    """A glass body; gives back its area, to paint lights inside it."""
    area = canvas.mask(path)
    canvas.paint(area, Gradient(GLASS[kind]))
    depth = Gradient([(0, (20, 12, 4, 0)), (0.72, (20, 12, 4, 0)), (1, (20, 12, 4, 70))], "down")
    canvas.paint(area, depth)
    return area


def shine(
    canvas: Canvas,
    area: Mask,
    x: float,
    top: float,
    bottom: float,
    radius: float,
    strength: float = 1,
) -> None:
    """The window's light on the left of a round body, and its echo on the right."""
    left = box(x - radius * 0.78, top, x - radius * 0.6, bottom, radius=radius * 0.08)
    canvas.fill(left, paint=(255, 250, 236, round(150 * strength)), blur=radius * 0.04, inside=area)
    echo = box(x + radius * 0.82, top, x + radius * 0.89, bottom, radius=radius * 0.03)
    canvas.fill(echo, paint=(255, 246, 224, round(86 * strength)), blur=radius * 0.03, inside=area)


def matt(canvas: Canvas, path: Path, shade: Colour) -> Mask:
    """A matt round body: ceramic, plastic, rubber."""
    area = canvas.mask(path)
    canvas.paint(area, rounded(shade))
    return area


def wood(
    canvas: Canvas,
    path: Path,
    x: float,
    top: float,
    bottom: float,
    radius: float,
    shade: Colour = WOOD,
) -> Mask:
    """A turned wooden part with a few lines of grain."""
    area = matt(canvas, path, shade)
    height = bottom - top
    for number in range(4):
        y = top + height * (0.2 + 0.21 * number)
        line = bowed((x - radius, y), 90 + (number % 2) * 2, radius * 2, 4 - number * 3)
        canvas.fill(
            stroke(line, max(1.2, height * 0.025)), paint=faded(darker(shade, 0.3), 90), inside=area
        )
    return area


def contact(canvas: Canvas, x: float, ground: float, radius: float, reach: float = 1) -> None:
    """The shadow of a thing that stands: dark at its foot, long and soft to the right."""
    long = [
        (x - radius * 0.7, ground - radius * 0.14),
        (x + radius * 0.3, ground + radius * 0.02),
        (x + radius * (1.4 + 1.3 * reach), ground - radius * 0.3),
        (x + radius * (0.9 + 1.3 * reach), ground - radius * 0.62),
    ]
    canvas.fill(long, paint=(52, 46, 30, 70), blur=radius * 0.2)
    canvas.fill(
        ellipse(x + radius * 0.1, ground - radius * 0.08, radius * 1.08, radius * 0.13),
        paint=(40, 34, 20, 130),
        blur=max(5, radius * 0.06),
    )


@dataclass(frozen=True)
class Label:
    """What is printed on a product."""

    words: tuple[str, ...]
    accent: Colour
    size: str = ""
    brand: str = "KAIU"
    paper: Colour = PAPER


def mark(
    canvas: Canvas, x: float, y: float, size: float, shade: Colour, ground: Colour = PAPER
) -> None:
    """The brand's sign: two leaves that open from one stalk."""
    for side in (-1, 1):
        leaf(
            canvas,
            (x, y),
            side * 27,
            size,
            size * 0.46,
            shade,
            outline="oval",
            bend=side * 14,
            rib=False,
        )
    canvas.fill(stroke([(x, y + size * 0.28), (x, y - size * 0.1)], size * 0.06), paint=shade)


def coffee_mark(
    canvas: Canvas, x: float, y: float, size: float, shade: Colour, ground: Colour = PAPER
) -> None:
    """The roaster's sign: a bean over a mountain line."""
    canvas.fill(ellipse(x, y - size * 0.45, size * 0.3, size * 0.44, turn=24), paint=shade)
    furrow = bowed((x - size * 0.12, y - size * 0.1), 8, size * 0.76, 30)
    canvas.fill(stroke(furrow, size * 0.07), paint=ground)
    ridge = [
        (x - size * 0.7, y + size * 0.36),
        (x - size * 0.2, y + size * 0.08),
        (x, y + size * 0.24),
        (x + size * 0.3, y + size * 0.04),
        (x + size * 0.7, y + size * 0.36),
    ]
    canvas.fill(stroke(ridge, size * 0.06), paint=shade)


MARKS = {"KAIU": mark, "LA VEREDA": coffee_mark}


def printed(
    canvas: Canvas,
    x: float,
    top: float,
    bottom: float,
    half: float,
    label: Label,
    *,
    ink: Colour = INK,
) -> None:
    """Mark, brand, rule, words and size, arranged in the height there is."""
    height, wide = bottom - top, half * 1.5
    unit = min(height, half * 2.6)
    y = top + (height - unit) / 2
    MARKS.get(label.brand, mark)(canvas, x, y + unit * 0.25, unit * 0.15, label.accent)
    write(
        canvas,
        label.brand,
        x,
        y + unit * 0.34,
        height=unit * 0.115,
        paint=ink,
        weight=0.13,
        spacing=0.5,
        fit=wide,
    )
    canvas.fill(
        box(
            x - half * 0.22,
            y + unit * 0.52,
            x + half * 0.22,
            y + unit * 0.52 + max(1.6, unit * 0.008),
        ),
        paint=label.accent,
    )
    for number, word in enumerate(label.words[:2]):
        write(
            canvas,
            word,
            x,
            y + unit * (0.585 + 0.105 * number),
            height=unit * 0.062,
            paint=ink,
            weight=0.14,
            spacing=0.34,
            fit=wide,
        )
    if label.size:
        write(
            canvas,
            label.size,
            x,
            y + unit * 0.85,
            height=unit * 0.052,
            paint=blend(ink, label.paper, 0.25),
            weight=0.15,
            spacing=0.36,
            fit=wide,
        )


def wrapped_label(
    canvas: Canvas,
    x: float,
    top: float,
    bottom: float,
    radius: float,
    label: Label,
    *,
    inside: Mask | None = None,
    tilt: float = 0.1,
) -> None:
    """A paper label around a round body, with a line of colour at its foot."""
    paper = canvas.mask(band(x, top, bottom, radius, tilt=tilt))
    sheet = label.paper
    canvas.paint(
        paper,
        Gradient(
            [
                (0, darker(sheet, 0.34)),
                (0.12, darker(sheet, 0.1)),
                (0.3, lighter(sheet, 0.3)),
                (0.6, sheet),
                (0.86, darker(sheet, 0.16)),
                (1, darker(sheet, 0.38)),
            ]
        ),
        inside=inside,
    )
    foot = (bottom - top) * 0.05
    line = Gradient(
        [
            (0, darker(label.accent, 0.3)),
            (0.3, lighter(label.accent, 0.1)),
            (0.6, label.accent),
            (1, darker(label.accent, 0.4)),
        ]
    )
    canvas.fill(band(x, bottom - foot, bottom, radius, tilt=tilt), paint=line, inside=paper)
    drop = radius * tilt * 0.85
    printed(canvas, x, top + drop, bottom - foot + drop * 0.4, radius * 0.84, label)


def flat_label(
    canvas: Canvas,
    left: float,
    top: float,
    right: float,
    bottom: float,
    label: Label,
    *,
    ink: Colour = INK,
) -> None:
    """A paper label on a flat face."""
    canvas.fill(box(left, top, right, bottom, radius=4), paint=(30, 24, 12, 60), blur=5)
    canvas.fill(box(left, top, right, bottom, radius=4), paint=label.paper)
    foot = (bottom - top) * 0.035
    canvas.fill(box(left, bottom - foot, right, bottom), paint=label.accent)
    printed(
        canvas, (left + right) / 2, top, bottom - foot, (right - left) / 2 * 0.9, label, ink=ink
    )
