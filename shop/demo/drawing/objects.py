"""What is not a bottle: soaps, candles and diffusers."""

from shop.demo.drawing.canvas import Canvas, Colour, Gradient, colour, darker, faded, lighter
from shop.demo.drawing.materials import (
    Label,
    contact,
    glass,
    matt,
    printed,
    shine,
    wood,
    wrapped_label,
)
from shop.demo.drawing.palettes import WOOD
from shop.demo.drawing.paths import (
    arc,
    bowed,
    box,
    ellipse,
    pen,
    placed,
    smooth,
    stroke,
    turned,
)

SOAPS = {
    "lavender": "#cbbfd8",
    "calendula": "#eebf73",
    "charcoal": "#55575a",
    "oat": "#e3d1ac",
    "coffee": "#8b6648",
    "rosemary": "#a9b98f",
    "clay": "#dcb6a2",
    "coconut": "#f3ecdc",
    "honey": "#e9c478",
    "salt": "#efcfc6",
    "mint": "#b5d2bd",
    "turmeric": "#e6ae55",
}


def soap(
    canvas: Canvas, x: float, ground: float, height: float, label: Label, *, motif: str = ""
) -> None:
    """Two cakes of soap, one upon the other, the upper one in a paper band."""
    shade = colour(SOAPS.get(motif, "#e6d8bd"))
    wide, thick = height * 1.06, height * 0.4
    contact(canvas, x, ground, wide * 0.5, 0.4)
    _cake(canvas, x + wide * 0.03, ground - thick, wide * 1.04, thick, darker(shade, 0.05))
    top = ground - thick * 2.06
    canvas.fill(
        box(x - wide * 0.48, ground - thick - 6, x + wide * 0.5, ground - thick + 12),
        paint=(40, 30, 16, 110),
        blur=8,
    )
    _cake(canvas, x - wide * 0.02, top, wide, thick, shade)
    half = wide * 0.25
    left, right = x - wide * 0.02 - half, x - wide * 0.02 + half
    lid = top - thick * 0.36
    canvas.fill(
        [(left + 14, lid - 1), (right + 14, lid - 1), (right, top + 2), (left, top + 2)],
        paint=lighter(label.paper, 0.3),
    )
    canvas.fill(box(left, top, right, top + thick + 1), paint=darker(label.paper, 0.05))
    canvas.fill(box(left, top + thick - 9, right, top + thick + 1), paint=label.accent)
    printed(canvas, x - wide * 0.02, top + 4, top + thick - 10, half, label)


def _cake(canvas: Canvas, x: float, top: float, wide: float, thick: float, shade: Colour) -> None:
    """A rectangular cake, seen a little from above."""
    half, depth = wide / 2, thick * 0.36
    upper = [
        (x - half + depth * 0.5, top - depth),
        (x + half - depth * 0.1, top - depth),
        (x + half, top),
        (x - half, top),
    ]
    canvas.fill(
        smooth_corners(upper, 10),
        paint=Gradient([(0, lighter(shade, 0.42)), (1, lighter(shade, 0.14))]),
    )
    face = box(x - half, top - 2, x + half, top + thick, radius=thick * 0.1)
    canvas.fill(
        face, paint=Gradient([(0, lighter(shade, 0.1)), (0.6, shade), (1, darker(shade, 0.2))])
    )
    canvas.fill(
        box(x - half + 8, top - 1, x + half - 8, top + 3), paint=faded(lighter(shade, 0.6), 170)
    )
    for number in range(16):
        place = (number * 61 % 97) / 97
        height = (number * 37 % 89) / 89
        canvas.fill(
            ellipse(
                x - half * 0.9 + wide * 0.9 * place, top + thick * (0.14 + 0.74 * height), 3.6, 2.6
            ),
            paint=faded(darker(shade, 0.35), 120),
        )


def smooth_corners(points, inset):
    """A shape with its corners taken off a little."""
    outline = []
    last = len(points)
    for index, (x, y) in enumerate(points):
        for other in (points[index - 1], points[(index + 1) % last]):
            dx, dy = other[0] - x, other[1] - y
            length = (dx * dx + dy * dy) ** 0.5
            outline.append((x + dx / length * inset, y + dy / length * inset))
    return outline


def candle(
    canvas: Canvas, x: float, ground: float, height: float, label: Label, *, kind: str = "amber"
) -> None:
    """A burning candle in a glass."""
    radius, top = height * 0.4, ground - height * 0.8
    contact(canvas, x, ground, radius, 0.5)
    body = glass(
        canvas,
        turned(
            x,
            [
                (top, radius),
                (ground - radius * 0.18, radius * 0.98),
                (ground - radius * 0.1, radius * 0.93),
            ],
        ),
        kind,
    )
    rim = ellipse(x, top, radius, radius * 0.12)
    canvas.fill(rim, paint=(60, 34, 14, 255) if kind == "amber" else (196, 200, 192, 255))
    wax = ellipse(x, top + radius * 0.06, radius * 0.93, radius * 0.105)
    canvas.fill(wax, paint=Gradient([(0, colour("#fff6dd")), (1, colour("#ecd2a0"))], "round"))
    canvas.fill(
        ellipse(x, top + radius * 0.5, radius * 0.8, radius * 0.5),
        paint=(255, 196, 96, 120),
        blur=radius * 0.16,
        inside=body,
    )
    shine(canvas, body, x, top + radius * 0.3, ground - height * 0.05, radius)
    wrapped_label(
        canvas, x, ground - height * 0.56, ground - height * 0.14, radius, label, inside=body
    )
    canvas.fill(
        stroke([(x, top + radius * 0.08), (x + 2, top - radius * 0.12)], 6), paint=colour("#3a2a1c")
    )
    canvas.fill(
        ellipse(x, top - radius * 0.34, radius * 0.5, radius * 0.62),
        paint=(255, 214, 130, 120),
        blur=radius * 0.22,
    )
    flame = smooth(
        [(0, -0.46), (0.13, -0.2), (0.15, 0), (0, 0.13), (-0.15, 0), (-0.11, -0.2)], closed=True
    )
    for size, shade in ((1, "#f5a93c"), (0.7, "#ffd873"), (0.4, "#fff6d8")):
        canvas.fill(
            placed(flame, x + 2, top - radius * 0.2, 0, radius * 0.78 * size), paint=colour(shade)
        )


def diffuser(
    canvas: Canvas, x: float, ground: float, height: float, label: Label, *, kind: str = "ceramic"
) -> None:
    """An ultrasonic diffuser that breathes mist."""
    radius, top = height * 0.33, ground - height * 0.66
    contact(canvas, x, ground, radius, 0.7)
    _mist(canvas, x, top, height * 0.34)
    base = ground - height * 0.17
    shade = {
        "ceramic": colour("#efe8da"),
        "stone": colour("#b9b3a6"),
        "dark": colour("#3c4a45"),
        "wood": colour("#c59a68"),
    }[kind]
    profile = [
        (0.0, 0.16),
        (0.03, 0.3),
        (0.12, 0.5),
        (0.28, 0.72),
        (0.5, 0.9),
        (0.75, 0.99),
        (1.0, 1.0),
    ]
    dome = turned(x, [(top + (base - top) * y, radius * r) for y, r in profile], tilt=0.12)
    area = matt(canvas, dome, shade)
    if kind == "ceramic":
        for number in range(7):
            y = top + (base - top) * (0.3 + 0.1 * number)
            ring = arc(x, y, radius * 1.02, radius * 0.12, 0, 180, 40)
            canvas.fill(stroke(ring, 2.6), paint=faded(darker(shade, 0.28), 110), inside=area)
    if kind == "wood":
        wood(canvas, dome, x, top, base, radius, shade)
    canvas.fill(
        ellipse(x - radius * 0.42, top + height * 0.17, radius * 0.1, height * 0.11, turn=22),
        paint=(255, 255, 255, 120),
        blur=12,
        inside=area,
    )
    canvas.fill(ellipse(x, top + 2, radius * 0.15, radius * 0.035), paint=darker(shade, 0.6))
    foot = turned(
        x,
        [
            (base, radius),
            (ground - radius * 0.3, radius * 0.98),
            (ground - radius * 0.12, radius * 0.9),
        ],
        tilt=0.12,
    )
    wood(canvas, foot, x, base, ground, radius, colour("#8a5d3b") if kind == "wood" else WOOD)
    canvas.fill(
        stroke(arc(x, base, radius, radius * 0.12, 0, 180, 40), 4), paint=(255, 214, 140, 200)
    )
    for offset in (-0.14, 0, 0.14):
        canvas.fill(
            ellipse(x + radius * offset, base + height * 0.11, 5, 5), paint=colour("#fff2cf")
        )


def _mist(canvas: Canvas, x: float, top: float, height: float) -> None:
    for bend, thickness, alpha in ((26, 0.3, 120), (-20, 0.22, 120), (44, 0.18, 90)):
        line = bowed((x, top + 4), -bend * 0.5, height, bend * 2)
        canvas.fill(
            stroke(line, lambda t, wide=thickness: height * (0.05 + wide * t)),
            paint=(255, 255, 255, alpha),
            blur=height * 0.06,
        )


def reed_diffuser(
    canvas: Canvas, x: float, ground: float, height: float, label: Label, *, kind: str = "oil"
) -> None:
    """A square-shouldered bottle with rattan reeds."""
    radius, top = height * 0.19, ground - height * 0.5
    contact(canvas, x, ground, radius)
    for number, lean in enumerate((-22, -12, -4, 5, 14, 24)):
        reed = bowed((x, top + height * 0.06), lean, height * (0.56 - 0.02 * (number % 3)), 0)
        canvas.fill(*pen(reed, height * 0.011), paint=colour(("#c9a878", "#b58f5e")[number % 2]))
    body = glass(
        canvas,
        turned(
            x,
            [
                (top, radius * 0.4),
                (top + height * 0.05, radius * 0.42),
                (top + height * 0.07, radius * 0.8),
                (top + height * 0.1, radius),
                (ground - radius * 0.1, radius),
            ],
        ),
        kind,
    )
    shine(canvas, body, x, top + height * 0.11, ground - height * 0.03, radius)
    wrapped_label(
        canvas, x, top + height * 0.14, ground - height * 0.07, radius, label, inside=body
    )
    shine(canvas, body, x, top + height * 0.11, ground - height * 0.03, radius, 0.28)
    collar = turned(x, [(top - height * 0.01, radius * 0.5), (top + height * 0.045, radius * 0.5)])
    wood(canvas, collar, x, top, top + height * 0.045, radius * 0.5)
