"""Bags, gift boxes, and what people hold in the hand: stones, pillows, rollers and brushes."""

from shop.demo.drawing.canvas import Canvas, Colour, Gradient, colour, darker, faded, lighter
from shop.demo.drawing.materials import (
    Label,
    contact,
    flat_label,
    matt,
    printed,
    wood,
)
from shop.demo.drawing.palettes import CREAM, GREEN, KRAFT, WOOD
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
from shop.demo.drawing.vessels import dropper, jar


def bag(
    canvas: Canvas, x: float, ground: float, height: float, label: Label, *, shade: Colour = KRAFT
) -> None:
    """A stand-up bag with a folded top."""
    half, top = height * 0.33, ground - height
    contact(canvas, x, ground, half, 0.8)
    left = smooth(
        [
            (x - half * 0.94, top),
            (x - half * 0.96, top + height * 0.2),
            (x - half * 1.03, ground - height * 0.3),
            (x - half, ground - height * 0.02),
        ]
    )
    right = [(2 * x - px, py) for px, py in reversed(left)]
    area = canvas.mask(left + arc(x, ground - height * 0.02, half, half * 0.07, 180, 0) + right)
    canvas.paint(
        area,
        Gradient(
            [
                (0, darker(shade, 0.2)),
                (0.07, lighter(shade, 0.12)),
                (0.3, lighter(shade, 0.16)),
                (0.62, shade),
                (0.92, darker(shade, 0.16)),
                (1, darker(shade, 0.34)),
            ]
        ),
    )
    canvas.fill(
        box(x - half * 1.1, top, x + half * 1.1, top + height * 0.075),
        paint=faded(darker(shade, 0.4), 60),
        inside=area,
    )
    for y in (0.03, 0.075):
        canvas.fill(
            box(x - half * 1.1, top + height * y, x + half * 1.1, top + height * y + 3),
            paint=faded(darker(shade, 0.5), 110),
            inside=area,
        )
    for side, turn in ((-1, 8), (1, -8)):
        fold = bowed((x + side * half * 0.86, top + height * 0.1), 180 + turn, height * 0.74, -turn)
        canvas.fill(stroke(fold, 16), paint=faded(darker(shade, 0.35), 60), blur=8, inside=area)
    flat_label(
        canvas, x - half * 0.64, top + height * 0.24, x + half * 0.64, ground - height * 0.17, label
    )


def gift_box(
    canvas: Canvas, x: float, ground: float, height: float, label: Label, *, kind: str = ""
) -> None:
    """An open box with three products in a bed of paper, and its ribboned lid."""
    half, tall = height * 0.56, height * 0.42
    contact(canvas, x, ground, half, 0.5)
    rim = ground - tall
    canvas.fill(
        [
            (x - half * 0.92, rim - height * 0.13),
            (x + half * 0.92, rim - height * 0.13),
            (x + half, rim),
            (x - half, rim),
        ],
        paint=darker(KRAFT, 0.45),
    )
    plain = Label(label.words[:1], label.accent, "", label.brand)
    _without_shadow(dropper, canvas, x - half * 0.5, rim + tall * 0.46, height * 0.78, plain)
    _without_shadow(
        dropper,
        canvas,
        x + half * 0.02,
        rim + tall * 0.5,
        height * 0.68,
        plain,
        "green" if kind == "green" else "amber",
    )
    _without_shadow(jar, canvas, x + half * 0.55, rim + tall * 0.2, height * 0.4, plain)
    for number in range(34):
        place = x - half * 0.94 + half * 1.88 * (number / 33)
        curl = bowed(
            (place, rim + 14),
            (number * 53 % 120) - 60,
            30 + number * 29 % 26,
            (number * 71 % 160) - 80,
            steps=8,
        )
        canvas.fill(stroke(curl, 7), paint=darker(colour("#efe2c4"), 0.02 * (number % 6)))
    face = box(x - half, rim, x + half, ground, radius=6)
    canvas.fill(
        face, paint=Gradient([(0, lighter(KRAFT, 0.16)), (0.6, KRAFT), (1, darker(KRAFT, 0.16))])
    )
    canvas.fill(box(x - half, rim, x + half, rim + 5), paint=lighter(KRAFT, 0.4))
    ribbon = box(x - half, rim + tall * 0.4, x + half, rim + tall * 0.58)
    canvas.fill(
        ribbon, paint=Gradient([(0, lighter(label.accent, 0.16)), (1, darker(label.accent, 0.2))])
    )
    _bow(canvas, x - half * 0.48, rim + tall * 0.49, height * 0.17, label.accent)
    flat_label(
        canvas, x + half * 0.04, rim + tall * 0.16, x + half * 0.62, ground - tall * 0.12, label
    )


def _without_shadow(draw, canvas, x, ground, height, label, kind="amber"):
    draw(canvas, x, ground, height, label, kind=kind)


def _bow(canvas: Canvas, x: float, y: float, size: float, shade: Colour) -> None:
    for side in (-1, 1):
        tail = bowed((x, y), 180 - side * 24, size * 0.95, -side * 20)
        canvas.fill(stroke(tail, lambda t: size * (0.12 + 0.14 * t)), paint=darker(shade, 0.12))
    for side in (-1, 1):
        loop = smooth(
            [
                (0, 0),
                (side * size * 0.5, -size * 0.42),
                (side * size * 0.86, -size * 0.22),
                (side * size * 0.8, size * 0.14),
                (side * size * 0.3, size * 0.14),
            ],
            closed=True,
        )
        canvas.fill(placed(loop, x, y), paint=lighter(shade, 0.1))
        canvas.fill(
            placed(loop, x + side * size * 0.06, y - size * 0.02, 0, 0.6), paint=darker(shade, 0.22)
        )
    canvas.fill(ellipse(x, y, size * 0.16, size * 0.18), paint=lighter(shade, 0.04))


def stone(canvas: Canvas, x: float, ground: float, height: float, label: Label) -> None:
    """A plaster disc that takes a few drops, on a wooden dish, with a little bottle."""
    radius = height * 0.62
    contact(canvas, x, ground, radius, 0.4)
    dish = turned(
        x, [(ground - height * 0.16, radius), (ground - radius * 0.16, radius * 0.9)], tilt=0.16
    )
    wood(canvas, dish, x, ground - height * 0.16, ground, radius)
    canvas.fill(ellipse(x, ground - height * 0.16, radius, radius * 0.16), paint=lighter(WOOD, 0.2))
    plaster = colour("#ece7dc")
    top = ground - height * 0.46
    body = turned(x, [(top, radius * 0.76), (ground - height * 0.2, radius * 0.76)], tilt=0.16)
    matt(canvas, body, plaster)
    canvas.fill(ellipse(x, top, radius * 0.76, radius * 0.122), paint=lighter(plaster, 0.4))
    canvas.fill(ellipse(x, top, radius * 0.3, radius * 0.04), paint=(196, 150, 70, 110), blur=6)
    printed(
        canvas,
        x,
        top + radius * 0.13,
        ground - height * 0.13,
        radius * 0.62,
        Label((), label.accent, "", label.brand),
    )


def pillow(canvas: Canvas, x: float, ground: float, height: float, label: Label) -> None:
    """A linen eye pillow filled with flowers."""
    linen = lighter(label.accent, 0.55)
    wide = height * 1.25
    contact(canvas, x, ground, wide * 0.52, 0.3)
    for lift, share, tone in ((0, 1, 0.12), (height * 0.34, 0.94, 0)):
        y = ground - height * 0.26 - lift
        outline = smooth(
            [
                (-wide * 0.54, height * 0.1),
                (-wide * 0.5, -height * 0.16),
                (-wide * 0.2, -height * 0.25),
                (wide * 0.2, -height * 0.25),
                (wide * 0.5, -height * 0.16),
                (wide * 0.54, height * 0.1),
                (wide * 0.46, height * 0.22),
                (0, height * 0.25),
                (-wide * 0.46, height * 0.22),
            ],
            closed=True,
        )
        shade = darker(linen, tone)
        canvas.fill(placed(outline, x + 10, y + 16, 0, share), paint=(40, 34, 22, 90), blur=14)
        area = canvas.mask(placed(outline, x, y, 0, share))
        canvas.paint(
            area,
            Gradient([(0, lighter(shade, 0.3)), (0.55, shade), (1, darker(shade, 0.2))], "down"),
        )
        seam = [
            (x - wide * 0.5 * share, y + height * 0.09),
            (x, y + height * 0.15),
            (x + wide * 0.5 * share, y + height * 0.09),
        ]
        canvas.fill(stroke(smooth(seam), 2.4), paint=faded(darker(shade, 0.4), 110), inside=area)
    y = ground - height * 0.6
    flat_label(
        canvas,
        x + wide * 0.14,
        y - height * 0.16,
        x + wide * 0.36,
        y + height * 0.16,
        Label((), label.accent, "", label.brand),
    )


def face_roller(canvas: Canvas, x: float, ground: float, height: float, label: Label) -> None:
    """A jade roller and a gua sha stone lying on a dish of stone."""
    jade = colour("#8fb8a0")
    contact(canvas, x, ground, height * 0.6, 0.3)
    canvas.fill(
        ellipse(x, ground - height * 0.12, height * 0.72, height * 0.17), paint=darker(CREAM, 0.22)
    )
    canvas.fill(
        ellipse(x, ground - height * 0.15, height * 0.72, height * 0.165),
        paint=Gradient([(0, lighter(CREAM, 0.5)), (1, darker(CREAM, 0.08))]),
    )
    sha = smooth(
        [
            (-0.34, 0.02),
            (-0.3, -0.24),
            (-0.08, -0.3),
            (0, -0.2),
            (0.1, -0.31),
            (0.32, -0.2),
            (0.34, 0.06),
            (0, 0.2),
        ],
        closed=True,
    )
    canvas.fill(
        placed(sha, x + height * 0.22 + 8, ground - height * 0.3 + 12, 14, height * 0.7),
        paint=(40, 44, 34, 110),
        blur=10,
    )
    canvas.fill(
        placed(sha, x + height * 0.22, ground - height * 0.3, 14, height * 0.7),
        paint=Gradient([(0, lighter(jade, 0.4)), (0.6, jade), (1, darker(jade, 0.2))]),
    )
    angle = -38
    tip = placed([(0, -height * 0.82)], x - height * 0.02, ground - height * 0.2, angle)[0]
    foot = (x - height * 0.02, ground - height * 0.2)
    canvas.fill(*pen([foot, tip], height * 0.075), paint=rounded_jade(jade))
    for end, size in ((tip, 0.17), (foot, 0.1)):
        roll = placed(box(-size, -0.075, size, 0.075, radius=0.07), *end, angle, height)
        canvas.fill([(px + 6, py + 9) for px, py in roll], paint=(40, 44, 34, 90), blur=7)
        canvas.fill(
            roll,
            paint=Gradient([(0, lighter(jade, 0.5)), (0.5, jade), (1, darker(jade, 0.25))], "down"),
        )
    for share in (0.1, 0.9):
        knot = (foot[0] + (tip[0] - foot[0]) * share, foot[1] + (tip[1] - foot[1]) * share)
        canvas.fill(ellipse(*knot, height * 0.03, height * 0.03), paint=colour("#d3a94f"))


def rounded_jade(jade: Colour) -> Gradient:
    return Gradient([(0, lighter(jade, 0.45)), (0.5, jade), (1, darker(jade, 0.2))])


def brush(canvas: Canvas, x: float, ground: float, height: float, label: Label) -> None:
    """A wooden paddle brush that leans on its shadow."""
    shade = colour("#c59a68")
    contact(canvas, x, ground, height * 0.22, 1)
    head_y = ground - height * 0.68
    handle = smooth(
        [
            (x - height * 0.055, head_y + height * 0.2),
            (x - height * 0.035, ground - height * 0.28),
            (x - height * 0.06, ground - height * 0.06),
            (x, ground),
            (x + height * 0.06, ground - height * 0.06),
            (x + height * 0.035, ground - height * 0.28),
            (x + height * 0.055, head_y + height * 0.2),
        ]
    )
    wood(canvas, handle, x, head_y, ground, height * 0.06, shade)
    wood(
        canvas,
        ellipse(x, head_y, height * 0.2, height * 0.31),
        x,
        head_y - height * 0.3,
        head_y + height * 0.3,
        height * 0.2,
        shade,
    )
    canvas.fill(ellipse(x, head_y, height * 0.16, height * 0.26), paint=GREEN)
    canvas.fill(
        ellipse(x - 6, head_y - 8, height * 0.145, height * 0.24), paint=lighter(GREEN, 0.1)
    )
    for row in range(-5, 6):
        for column in range(-3, 4):
            px, py = x + column * height * 0.043, head_y + row * height * 0.045
            if (column / 3.4) ** 2 + (row / 5.4) ** 2 < 1:
                canvas.fill(ellipse(px + 4, py + 6, 7, 7), paint=(10, 24, 20, 120))
                canvas.fill(ellipse(px, py, 7.5, 7.5), paint=lighter(shade, 0.35))
    printed(
        canvas,
        x,
        ground - height * 0.26,
        ground - height * 0.04,
        height * 0.05,
        Label((), CREAM, "", label.brand),
        ink=CREAM,
    )
