"""Fruit, seeds, roots, resins and spices that lie on the table."""

from math import cos, pi, sin
from random import Random

from shop.demo.drawing.canvas import Canvas, Colour, Gradient, blend, colour, darker, lighter
from shop.demo.drawing.foliage import leaf
from shop.demo.drawing.paths import Path, Point, box, ellipse, placed, smooth, stroke

SHADE = (46, 40, 26, 92)


def shadow(canvas: Canvas, at: Point, across: float, down: float) -> None:
    """What a thing on the table leaves under it, away from the window."""
    canvas.fill(
        ellipse(at[0] + across * 0.22, at[1] + down * 0.1, across * 1.08, down),
        paint=SHADE,
        blur=max(3, across * 0.1),
    )


def ball(canvas: Canvas, at: Point, radius: float, skin: Colour, *, tall: float = 1) -> None:
    """A round fruit with light from the upper left."""
    x, y = at
    shadow(canvas, (x, y + radius * 0.86 * tall), radius * 0.95, radius * 0.22)
    body = ellipse(x, y, radius, radius * tall)
    area = canvas.mask(body)
    if area is None:
        return
    canvas.paint(area, darker(skin, 0.22))
    canvas.fill(
        ellipse(x - radius * 0.16, y - radius * 0.16, radius * 0.86, radius * 0.86 * tall),
        paint=skin,
        blur=radius * 0.14,
        inside=area,
    )
    canvas.fill(
        ellipse(x - radius * 0.36, y - radius * 0.42 * tall, radius * 0.3, radius * 0.24),
        paint=faint(0.5),
        blur=radius * 0.1,
        inside=area,
    )


def faint(strength: float) -> Colour:
    return (255, 252, 240, round(255 * strength))


def citrus_slice(
    canvas: Canvas,
    at: Point,
    radius: float,
    flesh: str,
    peel: str,
    *,
    turn: float = 0,
    flat: float = 1.0,
) -> None:
    """A round slice: peel, pith and ten segments; `flat` below 1 lays it on the table."""
    x, y = at

    def laid(points: Path) -> Path:
        return [(x + px, y + py * flat) for px, py in placed(points, 0, 0, turn)]

    thick = radius * 0.13 if flat < 1 else 0
    shadow(canvas, (x, y + thick + radius * 0.1 * flat), radius, radius * flat * 0.95)
    if thick:
        canvas.fill(
            [(px, py + thick) for px, py in laid(ellipse(0, 0, radius, radius))],
            paint=darker(colour(peel), 0.15),
        )
    canvas.fill(laid(ellipse(0, 0, radius, radius)), paint=colour(peel))
    canvas.fill(laid(ellipse(0, 0, radius * 0.93, radius * 0.93)), paint=colour("#fbf1da"))
    juice = colour(flesh)
    for number in range(10):
        middle = number * 36 * pi / 180
        wedge = [(0.13, middle)]
        wedge += [(0.8, middle + step * pi / 180) for step in (-13, -8, 0, 8, 13)]
        outline = smooth(
            [(radius * r * cos(a), radius * r * sin(a)) for r, a in wedge], steps=4, closed=True
        )
        canvas.fill(laid(outline), paint=blend(juice, lighter(juice, 0.25), (number % 3) / 2))
        drop = ellipse(
            radius * 0.56 * cos(middle),
            radius * 0.56 * sin(middle),
            radius * 0.13,
            radius * 0.035,
            turn=number * 36,
        )
        canvas.fill(laid(drop), paint=lighter(juice, 0.45))


def half_coconut(canvas: Canvas, at: Point, radius: float) -> None:
    """Half a coconut, its white side towards us."""
    x, y = at
    shadow(canvas, (x, y + radius * 0.8), radius, radius * 0.26)
    canvas.fill(ellipse(x, y + radius * 0.12, radius, radius * 0.86), paint=colour("#5b4028"))
    canvas.fill(ellipse(x, y - radius * 0.04, radius, radius * 0.74), paint=colour("#7d5b39"))
    canvas.fill(
        ellipse(x, y - radius * 0.06, radius * 0.92, radius * 0.66), paint=colour("#fdf9ef")
    )
    hollow = Gradient([(0, colour("#e7dfcd")), (1, colour("#f7f1e3"))], "down")
    canvas.fill(ellipse(x, y - radius * 0.02, radius * 0.68, radius * 0.44), paint=hollow)


def nut(
    canvas: Canvas, at: Point, size: float, turn: float, shade: str, *, fat: float = 0.5
) -> None:
    """A pointed seed: almond, argan, castor, jojoba, cacao, coffee."""
    skin = colour(shade)
    shadow(canvas, (at[0], at[1] + size * fat * 0.5), size * 0.8, size * fat * 0.5)
    outline = smooth(
        [
            (-size, 0),
            (-size * 0.3, -size * fat),
            (size * 0.55, -size * fat * 0.72),
            (size, 0),
            (size * 0.55, size * fat * 0.72),
            (-size * 0.3, size * fat),
        ],
        closed=True,
    )
    canvas.fill(placed(outline, *at, turn), paint=darker(skin, 0.2))
    canvas.fill(placed(outline, at[0] - size * 0.05, at[1] - size * 0.06, turn, 0.88), paint=skin)
    for offset in (-0.24, 0.02, 0.26):
        groove = smooth(
            [
                (-size * 0.75, offset * size * fat),
                (0, offset * size * fat * 2.2),
                (size * 0.7, offset * size * fat),
            ],
            steps=5,
        )
        canvas.fill(
            stroke(placed(groove, *at, turn), max(1.0, size * 0.035)), paint=darker(skin, 0.14)
        )
    canvas.fill(
        placed(ellipse(-size * 0.2, -size * fat * 0.5, size * 0.36, size * fat * 0.14), *at, turn),
        paint=faint(0.34),
    )


def coffee_bean(
    canvas: Canvas, at: Point, size: float, turn: float, shade: str = "#5d3620"
) -> None:
    """A roasted bean with its furrow."""
    skin = colour(shade)
    shadow(canvas, (at[0], at[1] + size * 0.45), size * 0.85, size * 0.4)
    canvas.fill(ellipse(*at, size, size * 0.68, turn=turn), paint=darker(skin, 0.25))
    canvas.fill(
        ellipse(at[0] - size * 0.05, at[1] - size * 0.06, size * 0.9, size * 0.58, turn=turn),
        paint=skin,
    )
    furrow = smooth(
        [(-size * 0.86, 0), (-size * 0.3, size * 0.1), (size * 0.3, -size * 0.1), (size * 0.86, 0)],
        steps=5,
    )
    canvas.fill(stroke(placed(furrow, *at, turn), size * 0.11), paint=darker(skin, 0.45))
    canvas.fill(
        placed(ellipse(-size * 0.2, -size * 0.36, size * 0.34, size * 0.1), *at, turn),
        paint=faint(0.28),
    )


def stick(canvas: Canvas, at: Point, length: float, turn: float, shade: str = "#9a5c34") -> None:
    """A rolled cinnamon stick."""
    bark = colour(shade)
    thick = length * 0.14
    shadow(canvas, (at[0], at[1] + thick * 0.6), length * 0.5, thick * 0.8)
    skin = Gradient([(0, lighter(bark, 0.22)), (0.5, bark), (1, darker(bark, 0.35))], "down")
    canvas.fill(
        placed(box(-length / 2, -thick / 2, length / 2, thick / 2, radius=thick * 0.3), *at, turn),
        paint=skin,
    )
    for offset in (-0.12, 0.1):
        line = [(-length * 0.47, thick * offset), (length * 0.44, thick * offset * 1.4)]
        canvas.fill(
            stroke(placed(line, *at, turn), max(1.0, thick * 0.09)), paint=darker(bark, 0.3)
        )
    canvas.fill(
        placed(ellipse(length * 0.49, 0, thick * 0.22, thick * 0.46), *at, turn),
        paint=darker(bark, 0.5),
    )
    canvas.fill(
        placed(ellipse(length * 0.49, -thick * 0.1, thick * 0.11, thick * 0.2), *at, turn),
        paint=lighter(bark, 0.1),
    )


def resin(canvas: Canvas, at: Point, size: float, random: Random, shade: str = "#dba545") -> None:
    """A clear drop of resin with an uneven edge."""
    x, y = at
    shadow(canvas, (x, y + size * 0.6), size * 0.85, size * 0.36)
    corners = [
        (size * random.uniform(0.78, 1.08) * cos(a), size * random.uniform(0.62, 0.86) * sin(a))
        for a in (step * pi / 4 for step in range(8))
    ]
    glow = Gradient([(0, lighter(colour(shade), 0.45)), (1, darker(colour(shade), 0.2))], "round")
    canvas.fill(placed(smooth(corners, steps=3, closed=True), x, y), paint=glow)
    canvas.fill(ellipse(x - size * 0.3, y - size * 0.3, size * 0.22, size * 0.14), paint=faint(0.7))


def root(canvas: Canvas, at: Point, size: float, turn: float, shade: str, cut: str) -> None:
    """A knotty root with one cut face: ginger, turmeric."""
    skin = colour(shade)
    shadow(canvas, (at[0], at[1] + size * 0.3), size, size * 0.28)
    outline = smooth(
        [
            (-size, -size * 0.05),
            (-size * 0.7, -size * 0.34),
            (-size * 0.3, -size * 0.2),
            (-size * 0.1, -size * 0.58),
            (size * 0.2, -size * 0.5),
            (size * 0.25, -size * 0.2),
            (size * 0.7, -size * 0.3),
            (size, 0),
            (size * 0.7, size * 0.24),
            (size * 0.1, size * 0.2),
            (-size * 0.3, size * 0.36),
            (-size * 0.75, size * 0.24),
        ],
        closed=True,
    )
    canvas.fill(placed(outline, *at, turn), paint=darker(skin, 0.2))
    canvas.fill(placed(outline, at[0] - size * 0.04, at[1] - size * 0.05, turn, 0.9), paint=skin)
    for place in (-0.62, -0.32, 0.3, 0.58):
        ring = smooth(
            [(size * place, -size * 0.24), (size * (place + 0.06), 0), (size * place, size * 0.22)],
            steps=5,
        )
        canvas.fill(stroke(placed(ring, *at, turn), size * 0.025), paint=darker(skin, 0.18))
    face = ellipse(size * 0.9, 0, size * 0.13, size * 0.2)
    canvas.fill(placed(face, *at, turn), paint=colour(cut))


def clove(canvas: Canvas, at: Point, size: float, turn: float) -> None:
    """A dried clove: a stalk and a four-pointed head."""
    bark = colour("#6b4127")
    shadow(canvas, (at[0], at[1] + size * 0.2), size * 0.7, size * 0.16)
    stalk = [(-size, 0), (size * 0.4, 0)]
    canvas.fill(stroke(placed(stalk, *at, turn), lambda t: size * (0.16 + 0.12 * t)), paint=bark)
    for side in (-64, -22, 22, 64):
        ((x, y),) = placed([(size * 0.34, 0)], *at, turn)
        leaf(
            canvas, (x, y), turn + 90 + side, size * 0.48, size * 0.2, darker(bark, 0.1), rib=False
        )
    ((x, y),) = placed([(size * 0.58, 0)], *at, turn)
    canvas.fill(ellipse(x, y, size * 0.24, size * 0.24), paint=lighter(bark, 0.2))


def wood_chip(canvas: Canvas, at: Point, size: float, turn: float, shade: str = "#b07a4c") -> None:
    """A slice of a branch with its rings."""
    wood = colour(shade)
    x, y = at
    shadow(canvas, (x, y + size * 0.22), size, size * 0.5)
    canvas.fill(ellipse(x, y + size * 0.16, size, size * 0.56), paint=darker(wood, 0.45))
    for reach, tone in (
        (1, 0.3),
        (0.9, -0.25),
        (0.72, 0.02),
        (0.66, -0.25),
        (0.48, 0.02),
        (0.42, -0.25),
        (0.22, 0.05),
        (0.16, -0.2),
    ):
        shade_ = lighter(wood, -tone) if tone < 0 else darker(wood, tone)
        canvas.fill(
            ellipse(x + size * 0.04 * (1 - reach), y, size * reach, size * 0.56 * reach),
            paint=shade_,
        )
