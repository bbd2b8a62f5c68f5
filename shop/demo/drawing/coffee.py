"""Coffee gear for the second shop: drippers, presses, kettles, mugs and grinders."""

from shop.demo.drawing.canvas import Canvas, Colour, Gradient, colour, darker, faded, lighter
from shop.demo.drawing.materials import Label, contact, glass, matt, printed, rounded, shine, wood
from shop.demo.drawing.palettes import BLACK, WOOD
from shop.demo.drawing.paths import arc, band, box, ellipse, pen, smooth, stroke, turned

STEEL = colour("#c4c6c3")
BREW = colour("#4a2816")


def mug(canvas: Canvas, x: float, ground: float, height: float, label: Label) -> None:
    """A clay mug, full."""
    clay = lighter(label.accent, 0.12)
    radius, top = height * 0.48, ground - height * 0.92
    contact(canvas, x, ground, radius, 0.5)
    handle = smooth(
        [
            (x + radius * 0.9, top + height * 0.2),
            (x + radius * 1.5, top + height * 0.2),
            (x + radius * 1.56, top + height * 0.52),
            (x + radius * 0.86, top + height * 0.66),
        ]
    )
    canvas.fill(*pen(handle, height * 0.1), paint=darker(clay, 0.22))
    sides = [(top, radius), (top + height * 0.5, radius), (ground - height * 0.12, radius * 0.93)]
    body = matt(canvas, turned(x, [*sides, (ground - radius * 0.09, radius * 0.82)]), clay)
    canvas.fill(
        band(x, ground - height * 0.3, ground, radius * 1.02),
        paint=faded(darker(clay, 0.3), 120),
        inside=body,
    )
    _full(canvas, x, top, radius, lighter(clay, 0.3))
    printed(
        canvas,
        x,
        top + height * 0.16,
        ground - height * 0.3,
        radius * 0.7,
        Label((), label.paper, "", label.brand),
        ink=label.paper,
    )


def _full(canvas: Canvas, x: float, top: float, radius: float, rim: Colour) -> None:
    """The mouth of a vessel with coffee in it."""
    canvas.fill(ellipse(x, top, radius, radius * 0.12), paint=rim)
    canvas.fill(ellipse(x, top + 2, radius * 0.93, radius * 0.1), paint=BREW)
    canvas.fill(
        ellipse(x - radius * 0.3, top, radius * 0.4, radius * 0.035), paint=(255, 232, 196, 70)
    )


def dripper(canvas: Canvas, x: float, ground: float, height: float, label: Label) -> None:
    """A ceramic cone with its paper, on a glass server."""
    radius, middle = height * 0.28, ground - height * 0.44
    contact(canvas, x, ground, radius)
    sides = [(middle, 0.46), (middle + height * 0.06, 0.5), (middle + height * 0.14, 0.8)]
    sides += [(middle + height * 0.24, 0.98), (ground - height * 0.08, 1.0), (ground - 24, 0.94)]
    path = turned(x, [(y, radius * share) for y, share in sides])
    server = glass(canvas, path, "clear")
    brew = turned(x, [(ground - height * 0.2, radius), (ground - 16, radius * 0.95)], tilt=0.08)
    canvas.fill(brew, paint=rounded(BREW), inside=server)
    shine(canvas, server, x, middle + height * 0.16, ground - height * 0.05, radius)
    ceramic = colour("#f3ede1")
    top = ground - height * 0.92
    paper = turned(x, [(top - height * 0.05, radius * 1.12), (middle - height * 0.1, radius * 0.4)])
    canvas.fill(paper, paint=rounded(colour("#e7d5b5")))
    canvas.fill(
        ellipse(x, top - height * 0.05, radius * 1.12, radius * 0.12), paint=darker(BREW, 0.2)
    )
    cone = turned(x, [(top, radius * 1.16), (middle - height * 0.05, radius * 0.42)])
    area = matt(canvas, cone, ceramic)
    for number in range(5):
        rib = [
            (x + radius * (number - 2) * 0.46, top),
            (x + radius * (number - 2) * 0.2, middle - height * 0.05),
        ]
        canvas.fill(stroke(rib, 5), paint=faded(darker(ceramic, 0.3), 70), blur=4, inside=area)
    plate = turned(
        x, [(middle - height * 0.06, radius * 0.82), (middle - height * 0.02, radius * 0.8)]
    )
    matt(canvas, plate, ceramic)
    printed(
        canvas,
        x,
        top + height * 0.08,
        middle - height * 0.13,
        radius * 0.5,
        Label((), label.accent, "", label.brand),
    )


def press(canvas: Canvas, x: float, ground: float, height: float, label: Label) -> None:
    """A French press in a steel frame."""
    radius, top = height * 0.23, ground - height * 0.72
    contact(canvas, x, ground, radius)
    handle = smooth(
        [
            (x + radius * 0.95, top + height * 0.1),
            (x + radius * 1.7, top + height * 0.1),
            (x + radius * 1.74, ground - height * 0.2),
            (x + radius * 0.95, ground - height * 0.18),
        ]
    )
    canvas.fill(*pen(handle, height * 0.045), paint=WOOD)
    body = glass(canvas, turned(x, [(top, radius), (ground - radius * 0.1, radius)]), "clear")
    canvas.fill(
        turned(x, [(top + height * 0.2, radius), (ground, radius)]),
        paint=rounded(BREW),
        inside=body,
    )
    shine(canvas, body, x, top + height * 0.03, ground - height * 0.05, radius)
    for y in (0.05, 0.6):
        ring = turned(
            x, [(top + height * y, radius * 1.03), (top + height * (y + 0.035), radius * 1.03)]
        )
        canvas.fill(ring, paint=rounded(STEEL))
    canvas.fill(box(x - radius * 0.03, ground - height * 0.97, x + radius * 0.03, top), paint=STEEL)
    matt(canvas, ellipse(x, ground - height * 0.97, radius * 0.16, radius * 0.16), BLACK)
    dome = arc(x, top, radius * 1.06, radius * 0.62, 180, 360)
    canvas.fill(dome + arc(x, top, radius * 1.06, radius * 0.11, 0, 180), paint=rounded(STEEL))
    printed(
        canvas,
        x,
        top + height * 0.25,
        ground - height * 0.16,
        radius * 0.6,
        Label((), label.paper, "", label.brand),
        ink=label.paper,
    )


def kettle(canvas: Canvas, x: float, ground: float, height: float, label: Label) -> None:
    """A gooseneck kettle."""
    radius, top = height * 0.44, ground - height * 0.66
    shade = colour("#33403d")
    contact(canvas, x, ground, radius, 0.7)
    spout = smooth(
        [
            (x - radius * 0.8, ground - height * 0.16),
            (x - radius * 1.45, ground - height * 0.22),
            (x - radius * 1.34, ground - height * 0.5),
            (x - radius * 1.6, top + height * 0.02),
            (x - radius * 1.86, top + height * 0.02),
        ]
    )
    canvas.fill(
        stroke(spout, lambda t: height * (0.085 - 0.05 * t)),
        paint=Gradient([(0, lighter(shade, 0.24)), (1, darker(shade, 0.1))]),
    )
    handle = smooth(
        [
            (x + radius * 0.68, top + height * 0.08),
            (x + radius * 1.3, top - height * 0.03),
            (x + radius * 1.54, top + height * 0.14),
            (x + radius * 1.42, ground - height * 0.2),
        ]
    )
    canvas.fill(*pen(handle, height * 0.075), paint=WOOD)
    sides = [(top, 0.62), (top + height * 0.2, 0.78), (ground - height * 0.14, 1.0)]
    path = turned(x, [(y, radius * share) for y, share in [*sides, (ground - 22, 0.97)]])
    body = matt(canvas, path, shade)
    shine(
        canvas,
        body,
        x - radius * 0.1,
        top + height * 0.12,
        ground - height * 0.1,
        radius * 0.8,
        0.4,
    )
    dome = arc(x, top, radius * 0.62, radius * 0.2, 180, 360)
    canvas.fill(
        dome + arc(x, top, radius * 0.62, radius * 0.06, 0, 180),
        paint=rounded(lighter(shade, 0.1)),
    )
    knob = turned(x, [(top - radius * 0.36, radius * 0.12), (top - radius * 0.18, radius * 0.1)])
    wood(canvas, knob, x, top - radius * 0.4, top, radius * 0.12)
    printed(
        canvas,
        x,
        top + height * 0.26,
        ground - height * 0.1,
        radius * 0.5,
        Label((), label.paper, "", label.brand),
        ink=label.paper,
    )


def grinder(canvas: Canvas, x: float, ground: float, height: float, label: Label) -> None:
    """A hand grinder with a long crank."""
    radius, top = height * 0.17, ground - height * 0.8
    contact(canvas, x, ground, radius)
    body = matt(canvas, turned(x, [(top, radius), (ground - height * 0.3, radius)]), STEEL)
    shine(canvas, body, x, top + height * 0.04, ground - height * 0.34, radius)
    lower = turned(
        x, [(ground - height * 0.3, radius * 0.98), (ground - radius * 0.1, radius * 0.95)]
    )
    wood(canvas, lower, x, ground - height * 0.3, ground, radius)
    grip = turned(x, [(top + height * 0.16, radius * 1.04), (top + height * 0.32, radius * 1.04)])
    matt(canvas, grip, BLACK)
    canvas.fill(ellipse(x, top, radius, radius * 0.1), paint=lighter(STEEL, 0.4))
    crank = [(x, top), (x, top - height * 0.06), (x - radius * 2.2, top - height * 0.13)]
    canvas.fill(*pen(crank, height * 0.024), paint=rounded(darker(STEEL, 0.1)))
    knob_x = x - radius * 2.2
    knob = turned(
        knob_x,
        [
            (top - height * 0.24, radius * 0.3),
            (top - height * 0.19, radius * 0.42),
            (top - height * 0.13, radius * 0.22),
        ],
    )
    wood(canvas, knob, knob_x, top - height * 0.24, top - height * 0.12, radius * 0.4)
    printed(
        canvas,
        x,
        ground - height * 0.28,
        ground - height * 0.05,
        radius * 0.7,
        Label((), label.paper, "", label.brand),
        ink=label.paper,
    )


def scale(canvas: Canvas, x: float, ground: float, height: float, label: Label) -> None:
    """A flat scale with a small server on it."""
    half = height * 0.62
    contact(canvas, x, ground, half, 0.4)
    deck = [
        (x - half * 0.9, ground - height * 0.26),
        (x + half * 0.9, ground - height * 0.26),
        (x + half, ground - height * 0.12),
        (x - half, ground - height * 0.12),
    ]
    canvas.fill(deck, paint=lighter(BLACK, 0.22))
    canvas.fill(
        box(x - half, ground - height * 0.13, x + half, ground - 4, radius=8),
        paint=Gradient([(0, lighter(BLACK, 0.14)), (1, BLACK)]),
    )
    for offset in (-0.24, -0.08, 0.08, 0.24):
        canvas.fill(
            box(
                x + half * offset,
                ground - height * 0.1,
                x + half * (offset + 0.1),
                ground - height * 0.03,
                radius=3,
            ),
            paint=colour("#f1e3c2"),
        )
    mug(canvas, x, ground - height * 0.18, height * 0.62, label)


def filters(canvas: Canvas, x: float, ground: float, height: float, label: Label) -> None:
    """A carton of paper filters with some of them in front."""
    half = height * 0.36
    contact(canvas, x, ground, half, 0.7)
    shade = colour("#c79f6d")
    canvas.fill(
        [
            (x + half, ground - height + 30),
            (x + half + 70, ground - height),
            (x + half + 70, ground - 40),
            (x + half, ground),
        ],
        paint=darker(shade, 0.3),
    )
    canvas.fill(
        [
            (x - half, ground - height + 30),
            (x - half + 70, ground - height),
            (x + half + 70, ground - height),
            (x + half, ground - height + 30),
        ],
        paint=lighter(shade, 0.3),
    )
    canvas.fill(
        box(x - half, ground - height + 30, x + half, ground),
        paint=Gradient([(0, lighter(shade, 0.12)), (1, shade)]),
    )
    canvas.fill(box(x - half, ground - height * 0.3, x + half, ground), paint=label.accent)
    printed(canvas, x, ground - height * 0.88, ground - height * 0.34, half * 0.8, label)
    for number in range(4):
        left = x - half * 1.5 + number * 16
        canvas.fill(
            [
                (left, ground - height * 0.34 + number * 5),
                (left + half * 1.1, ground - height * 0.36 + number * 5),
                (left + half * 0.62, ground + 14 + number * 3),
            ],
            paint=darker(colour("#f6efe0"), 0.04 * (3 - number)),
        )
