"""Bottles, jars and tubes: each stands on `ground`, centred on x, `height` points tall."""

from shop.demo.drawing.canvas import Canvas, Gradient, colour, darker, faded, lighter
from shop.demo.drawing.materials import (
    Label,
    contact,
    glass,
    matt,
    printed,
    rounded,
    shine,
    wood,
    wrapped_label,
)
from shop.demo.drawing.palettes import BLACK, CREAM, GREEN, WOOD
from shop.demo.drawing.paths import arc, band, box, ellipse, pen, smooth, stroke, turned


def _shouldered(x, top, bottom, neck, radius, *, shoulder, foot):
    """A bottle's body: neck, round shoulders, straight sides and a rounded foot."""
    sides = [(top, neck), (top + shoulder * 0.25, neck * 1.02)]
    sides += [
        (y, neck + (radius - neck) * share)
        for y, share in (
            (top + shoulder * 0.42, 0.3),
            (top + shoulder * 0.55, 0.58),
            (top + shoulder * 0.72, 0.83),
            (top + shoulder * 0.88, 0.96),
            (top + shoulder, 1.0),
        )
    ]
    sides += [
        (bottom - foot, radius),
        (bottom - foot * 0.4, radius * 0.985),
        (bottom, radius * 0.93),
    ]
    return turned(x, sides)


def _ridged_cap(canvas, x, top, bottom, radius, shade):
    """A screw cap with fine ridges."""
    area = matt(canvas, turned(x, [(top, radius * 0.97), (bottom, radius)]), shade)
    for number in range(1, 12):
        place = x - radius + radius * 2 * (number / 12)
        canvas.fill(
            box(place, top + 4, place + radius * 0.045, bottom + radius * 0.1),
            paint=faded(darker(shade, 0.5), 80),
            inside=area,
        )
    lid = Gradient([(0, lighter(shade, 0.26)), (1, lighter(shade, 0.08))])
    canvas.fill(ellipse(x, top, radius * 0.97, radius * 0.1), paint=lid)


def dropper(
    canvas: Canvas, x: float, ground: float, height: float, label: Label, *, kind: str = "amber"
) -> None:
    """A small bottle with a pipette."""
    radius, top = height * 0.2, ground - height
    contact(canvas, x, ground, radius)
    neck = top + height * 0.33
    body = glass(
        canvas,
        _shouldered(
            x,
            neck,
            ground - radius * 0.1,
            radius * 0.46,
            radius,
            shoulder=height * 0.15,
            foot=height * 0.04,
        ),
        kind,
    )
    pipette = box(x - radius * 0.09, neck, x + radius * 0.09, ground - height * 0.1, radius=4)
    canvas.fill(pipette, paint=(255, 244, 220, 44), inside=body)
    shine(canvas, body, x, neck + height * 0.13, ground - height * 0.05, radius)
    wrapped_label(
        canvas, x, ground - height * 0.47, ground - height * 0.09, radius, label, inside=body
    )
    shine(canvas, body, x, neck + height * 0.13, ground - height * 0.05, radius, 0.28)
    bulb = smooth(
        [(0, 0), (0.36, 0.03), (0.46, 0.16), (0.43, 0.34), (0.56, 0.62), (0.62, 1.0)], steps=5
    )
    rubber = matt(
        canvas, turned(x, [(top + py * height * 0.2, px * radius * 0.82) for px, py in bulb]), BLACK
    )
    canvas.fill(
        ellipse(x - radius * 0.17, top + height * 0.08, radius * 0.05, height * 0.05),
        paint=(255, 255, 255, 110),
        blur=5,
        inside=rubber,
    )
    _ridged_cap(canvas, x, top + height * 0.2, neck + height * 0.02, radius * 0.6, BLACK)


def oil_bottle(
    canvas: Canvas, x: float, ground: float, height: float, label: Label, *, kind: str = "amber"
) -> None:
    """A tall bottle with a slender neck and a wooden stopper."""
    radius, top = height * 0.165, ground - height
    contact(canvas, x, ground, radius)
    neck = top + height * 0.11
    body = glass(
        canvas,
        _shouldered(
            x,
            neck,
            ground - radius * 0.1,
            radius * 0.4,
            radius,
            shoulder=height * 0.27,
            foot=height * 0.03,
        ),
        kind,
    )
    shine(canvas, body, x, neck + height * 0.24, ground - height * 0.04, radius)
    canvas.fill(
        box(x - radius * 0.3, neck + 6, x - radius * 0.2, neck + height * 0.12, radius=4),
        paint=(255, 250, 236, 120),
        blur=4,
        inside=body,
    )
    wrapped_label(
        canvas, x, ground - height * 0.5, ground - height * 0.09, radius, label, inside=body
    )
    shine(canvas, body, x, neck + height * 0.24, ground - height * 0.04, radius, 0.28)
    collar = turned(
        x, [(neck - height * 0.012, radius * 0.5), (neck + height * 0.018, radius * 0.5)]
    )
    matt(canvas, collar, BLACK)
    stopper = turned(x, [(top, radius * 0.42), (neck - height * 0.014, radius * 0.5)])
    wood(canvas, stopper, x, top, neck, radius * 0.5)
    canvas.fill(ellipse(x, top, radius * 0.42, radius * 0.042), paint=lighter(WOOD, 0.3))


def jar(
    canvas: Canvas, x: float, ground: float, height: float, label: Label, *, kind: str = "amber"
) -> None:
    """A low jar with a wooden lid."""
    radius, top = height * 0.56, ground - height
    contact(canvas, x, ground, radius, 0.5)
    lid = top + height * 0.25
    sides = [
        (lid, radius * 0.86),
        (lid + height * 0.05, radius * 0.88),
        (lid + height * 0.1, radius * 0.97),
        (lid + height * 0.16, radius),
        (ground - height * 0.12, radius),
        (ground - radius * 0.1, radius * 0.96),
    ]
    body = glass(canvas, turned(x, sides), kind)
    shine(canvas, body, x, lid + height * 0.14, ground - height * 0.1, radius)
    wrapped_label(
        canvas, x, lid + height * 0.17, ground - height * 0.17, radius, label, inside=body
    )
    shine(canvas, body, x, lid + height * 0.14, ground - height * 0.1, radius, 0.28)
    cover = turned(x, [(top + radius * 0.1, radius * 0.93), (lid + height * 0.01, radius * 0.94)])
    wood(canvas, cover, x, top, lid + height * 0.05, radius * 0.94)
    face = ellipse(x, top + radius * 0.1, radius * 0.93, radius * 0.096)
    canvas.fill(face, paint=Gradient([(0, lighter(WOOD, 0.4)), (1, lighter(WOOD, 0.12))]))


def pump(
    canvas: Canvas, x: float, ground: float, height: float, label: Label, *, kind: str = "amber"
) -> None:
    """A bottle with a pump."""
    radius, top = height * 0.2, ground - height
    contact(canvas, x, ground, radius)
    neck = top + height * 0.28
    body = glass(
        canvas,
        _shouldered(
            x,
            neck,
            ground - radius * 0.1,
            radius * 0.42,
            radius,
            shoulder=height * 0.11,
            foot=height * 0.035,
        ),
        kind,
    )
    shine(canvas, body, x, neck + height * 0.1, ground - height * 0.05, radius)
    wrapped_label(
        canvas, x, ground - height * 0.53, ground - height * 0.1, radius, label, inside=body
    )
    shine(canvas, body, x, neck + height * 0.1, ground - height * 0.05, radius, 0.28)
    canvas.fill(
        turned(x, [(top + height * 0.1, radius * 0.12), (neck, radius * 0.12)]),
        paint=rounded(lighter(BLACK, 0.1)),
    )
    _ridged_cap(canvas, x, top + height * 0.2, neck + height * 0.015, radius * 0.52, BLACK)
    head = top + height * 0.06
    spout = smooth(
        [
            (x - radius * 0.1, head + 8),
            (x - radius * 0.8, head + height * 0.012),
            (x - radius * 1.05, head + height * 0.03),
            (x - radius * 1.1, head + height * 0.06),
        ],
        steps=8,
    )
    canvas.fill(stroke(spout, lambda t: radius * (0.24 - 0.08 * t)), paint=BLACK)
    matt(
        canvas,
        turned(x, [(head - height * 0.018, radius * 0.36), (head + height * 0.05, radius * 0.3)]),
        BLACK,
    )
    canvas.fill(
        ellipse(x, head - height * 0.018, radius * 0.36, radius * 0.05), paint=lighter(BLACK, 0.24)
    )


def spray(
    canvas: Canvas, x: float, ground: float, height: float, label: Label, *, kind: str = "amber"
) -> None:
    """A bottle with a fine mist sprayer under a clear cap."""
    radius, top = height * 0.17, ground - height
    contact(canvas, x, ground, radius)
    neck = top + height * 0.24
    body = glass(
        canvas,
        _shouldered(
            x,
            neck,
            ground - radius * 0.1,
            radius * 0.46,
            radius,
            shoulder=height * 0.1,
            foot=height * 0.03,
        ),
        kind,
    )
    shine(canvas, body, x, neck + height * 0.09, ground - height * 0.05, radius)
    wrapped_label(
        canvas, x, ground - height * 0.52, ground - height * 0.1, radius, label, inside=body
    )
    shine(canvas, body, x, neck + height * 0.09, ground - height * 0.05, radius, 0.28)
    _ridged_cap(canvas, x, top + height * 0.16, neck + height * 0.012, radius * 0.56, BLACK)
    matt(
        canvas,
        turned(x, [(top + height * 0.06, radius * 0.34), (top + height * 0.165, radius * 0.38)]),
        BLACK,
    )
    canvas.fill(
        ellipse(x, top + height * 0.06, radius * 0.34, radius * 0.045), paint=lighter(BLACK, 0.24)
    )
    canvas.fill(
        ellipse(x - radius * 0.17, top + height * 0.1, radius * 0.07, radius * 0.07), paint=CREAM
    )
    cap = turned(x, [(top + radius * 0.06, radius * 0.54), (neck - height * 0.06, radius * 0.58)])
    canvas.fill(
        cap,
        paint=Gradient(
            [
                (0, (255, 255, 255, 120)),
                (0.2, (255, 255, 255, 40)),
                (0.5, (255, 255, 255, 14)),
                (0.86, (255, 255, 255, 40)),
                (1, (255, 255, 255, 120)),
            ]
        ),
    )


def roll_on(
    canvas: Canvas, x: float, ground: float, height: float, label: Label, *, kind: str = "amber"
) -> None:
    """A slim roller bottle, its cap beside it."""
    radius, top = height * 0.135, ground - height
    cap_x, cap_radius = x + radius * 2.5, radius * 0.98
    for place, reach in ((cap_x, 0.3), (x, 0.8)):
        contact(canvas, place, ground, radius, reach)
    shoulder = top + height * 0.16
    steel = Gradient(
        [(0, colour("#8c918f")), (0.35, colour("#ffffff")), (1, colour("#6f7674"))], "round"
    )
    canvas.fill(ellipse(x, top + height * 0.06, radius * 0.56, radius * 0.56), paint=steel)
    matt(
        canvas, turned(x, [(top + height * 0.07, radius * 0.68), (shoulder, radius * 0.74)]), CREAM
    )
    body = glass(
        canvas,
        turned(
            x,
            [
                (shoulder, radius * 0.9),
                (shoulder + height * 0.03, radius),
                (ground - radius * 0.16, radius),
            ],
        ),
        kind,
    )
    shine(canvas, body, x, shoulder + height * 0.04, ground - height * 0.03, radius)
    wrapped_label(
        canvas, x, shoulder + height * 0.17, ground - height * 0.12, radius, label, inside=body
    )
    shine(canvas, body, x, shoulder + height * 0.04, ground - height * 0.03, radius, 0.28)
    cap = turned(cap_x, [(ground - height * 0.3, cap_radius), (ground - radius * 0.1, cap_radius)])
    wood(canvas, cap, cap_x, ground - height * 0.3, ground, cap_radius)
    canvas.fill(
        ellipse(cap_x, ground - height * 0.3, cap_radius, cap_radius * 0.1),
        paint=lighter(WOOD, 0.32),
    )


def tube(
    canvas: Canvas, x: float, ground: float, height: float, label: Label, *, shade=CREAM
) -> None:
    """A soft tube that stands on its cap."""
    top, half = ground - height, height * 0.19
    contact(canvas, x, ground, half)
    cap = turned(x, [(ground - height * 0.16, half * 0.86), (ground - half * 0.08, half * 0.82)])
    matt(canvas, cap, GREEN)
    body = smooth(
        [
            (x - half * 1.12, top),
            (x - half * 1.08, top + height * 0.3),
            (x - half * 0.98, ground - height * 0.17),
        ],
        steps=8,
    )
    right = [(2 * x - px, py) for px, py in reversed(body)]
    outline = body + arc(x, ground - height * 0.17, half * 0.98, half * 0.1, 180, 0) + right
    area = matt(canvas, outline, shade)
    seam = box(x - half * 1.2, top, x + half * 1.2, top + height * 0.055)
    canvas.fill(seam, paint=faded(darker(shade, 0.3), 110), inside=area)
    for number in range(16):
        place = x - half * 1.1 + half * 2.2 * number / 16
        canvas.fill(
            box(place, top, place + 2, top + height * 0.055),
            paint=faded(darker(shade, 0.5), 70),
            inside=area,
        )
    canvas.fill(
        band(x, ground - height * 0.26, ground - height * 0.23, half * 1.02),
        paint=label.accent,
        inside=area,
    )
    from_top, to = top + height * 0.14, ground - height * 0.27
    printed(canvas, x, from_top, to, half * 0.86, label)


def tin(canvas: Canvas, x: float, ground: float, height: float, label: Label) -> None:
    """A flat tin of balm, its lid leaning behind it."""
    radius = height * 1.05
    lid_y = ground - height * 0.98
    contact(canvas, x, ground, radius, 0.4)
    steel = colour("#cfccc2")
    canvas.fill(
        ellipse(x + radius * 0.42, lid_y, radius * 0.8, radius * 0.8),
        paint=Gradient(
            [(0, darker(steel, 0.1)), (0.3, lighter(steel, 0.5)), (1, darker(steel, 0.34))]
        ),
    )
    canvas.fill(ellipse(x + radius * 0.42, lid_y, radius * 0.72, radius * 0.72), paint=label.paper)
    printed(
        canvas, x + radius * 0.42, lid_y - radius * 0.6, lid_y + radius * 0.46, radius * 0.5, label
    )
    top = ground - height * 0.52
    side = turned(x, [(top, radius * 0.86), (ground - radius * 0.22, radius * 0.86)], tilt=0.26)
    matt(canvas, side, steel)
    canvas.fill(ellipse(x, top, radius * 0.86, radius * 0.224), paint=lighter(steel, 0.5))
    balm = Gradient([(0, colour("#efe0b4")), (1, colour("#d9bf7e"))], "down")
    canvas.fill(ellipse(x, top + 3, radius * 0.79, radius * 0.195), paint=balm)
    swirl = arc(x, top + 2, radius * 0.46, radius * 0.1, 200, 480, 30)
    canvas.fill(*pen(swirl, radius * 0.03), paint=faded(lighter(colour("#efe0b4"), 0.5), 190))
