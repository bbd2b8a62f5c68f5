"""Outlines as lists of points: ellipses, rounded boxes, curves, strokes and turned solids."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import atan2, cos, hypot, pi, sin

Point = tuple[float, float]
Path = list[Point]


def ellipse(x: float, y: float, across: float, down: float, *, turn: float = 0) -> Path:
    """An ellipse by its centre and its two radii."""
    steps = 48 if max(across, down) < 150 else 120
    points = [
        (across * cos(2 * pi * step / steps), down * sin(2 * pi * step / steps))
        for step in range(steps)
    ]
    return placed(points, x, y, turn)


def arc(
    x: float, y: float, across: float, down: float, start: float, end: float, steps: int = 24
) -> Path:
    """Points along an ellipse between two angles in degrees, clockwise from the right."""
    angles = [(start + (end - start) * step / steps) * pi / 180 for step in range(steps + 1)]
    return [(x + across * cos(angle), y + down * sin(angle)) for angle in angles]


def box(left: float, top: float, right: float, bottom: float, *, radius: float = 0) -> Path:
    """A box, with rounded corners when a radius is given."""
    if not radius:
        return [(left, top), (right, top), (right, bottom), (left, bottom)]
    return [
        *arc(right - radius, top + radius, radius, radius, -90, 0, 10),
        *arc(right - radius, bottom - radius, radius, radius, 0, 90, 10),
        *arc(left + radius, bottom - radius, radius, radius, 90, 180, 10),
        *arc(left + radius, top + radius, radius, radius, 180, 270, 10),
    ]


def arch(left: float, top: float, right: float, bottom: float) -> Path:
    """A doorway with a round top."""
    radius = (right - left) / 2
    return [
        *arc(left + radius, top + radius, radius, radius, 180, 360, 60),
        (right, bottom),
        (left, bottom),
    ]


def placed(points: Sequence[Point], x: float, y: float, turn: float = 0, size: float = 1) -> Path:
    """The points enlarged, turned by degrees about their origin, and moved."""
    c, s = cos(turn * pi / 180) * size, sin(turn * pi / 180) * size
    return [(x + px * c - py * s, y + px * s + py * c) for px, py in points]


def smooth(points: Sequence[Point], *, steps: int = 8, closed: bool = False) -> Path:
    """A soft curve through all the points."""
    if closed:
        ring = [points[-1], *points, points[0], points[1]]
    else:
        ring = [points[0], *points, points[-1]]
    curve: Path = []
    for a, b, c, d in zip(ring, ring[1:], ring[2:], ring[3:], strict=False):
        curve += [_between(a, b, c, d, step / steps) for step in range(steps)]
    return curve if closed else [*curve, points[-1]]


def _between(a: Point, b: Point, c: Point, d: Point, t: float) -> Point:
    """Catmull and Rom's curve between b and c."""
    return tuple(  # type: ignore[return-value]
        0.5
        * (
            2 * q
            + (r - p) * t
            + (2 * p - 5 * q + 4 * r - s) * t * t
            + (3 * q - p - 3 * r + s) * t * t * t
        )
        for p, q, r, s in zip(a, b, c, d, strict=True)
    )


def stroke(line: Sequence[Point], thickness: float | Callable[[float], float]) -> Path:
    """The outline of a line drawn with a pen, whose thickness may change from start to end."""
    width = thickness if callable(thickness) else lambda _: thickness
    left: Path = []
    right: Path = []
    last = len(line) - 1
    for index, (x, y) in enumerate(line):
        before, after = line[max(0, index - 1)], line[min(last, index + 1)]
        dx, dy = after[0] - before[0], after[1] - before[1]
        length = hypot(dx, dy) or 1
        half = width(index / last) / 2
        left.append((x - dy / length * half, y + dx / length * half))
        right.append((x + dy / length * half, y - dx / length * half))
    return left + right[::-1]


def pen(line: Sequence[Point], thickness: float) -> list[Path]:
    """A stroke with round ends and round corners."""
    corners = [
        index
        for index in range(1, len(line) - 1)
        if _turn(line[index - 1], line[index], line[index + 1]) > 35
    ]
    bounds = [0, *corners, len(line) - 1]
    pieces = [stroke(line[start : end + 1], thickness) for start, end in pairwise(bounds)]
    joints = [ellipse(*line[index], thickness / 2, thickness / 2) for index in bounds]
    return pieces + joints


def _turn(before: Point, here: Point, after: Point) -> float:
    """By how many degrees a line changes its direction at a point."""
    change = atan2(after[1] - here[1], after[0] - here[0])
    change -= atan2(here[1] - before[1], here[0] - before[0])
    return abs((change * 180 / pi + 180) % 360 - 180)


def bowed(start: Point, angle: float, length: float, bend: float, *, steps: int = 16) -> Path:
    """A line that leaves at an angle (0 is up) and turns by `bend` degrees on its way."""
    x, y = start
    line = [start]
    for step in range(steps):
        heading = (angle + bend * step / steps - 90) * pi / 180
        x += cos(heading) * length / steps
        y += sin(heading) * length / steps
        line.append((x, y))
    return line


def heading(line: Sequence[Point], index: int) -> float:
    """The direction of a line at one of its points, in degrees, 0 being up."""
    before, after = line[max(0, index - 1)], line[min(len(line) - 1, index + 1)]
    return atan2(after[1] - before[1], after[0] - before[0]) * 180 / pi + 90


def turned(x: float, sides: Sequence[tuple[float, float]], *, tilt: float = 0.1) -> Path:
    """A solid made on a lathe: (height on the page, radius) from its top to its foot."""
    right = [(x + radius, y) for y, radius in sides]
    left = [(x - radius, y) for y, radius in reversed(sides)]
    top_y, top = sides[0]
    bottom_y, bottom = sides[-1]
    return [
        *right,
        *arc(x, bottom_y, bottom, bottom * tilt, 0, 180),
        *left,
        *arc(x, top_y, top, top * tilt, 180, 360),
    ]


def band(x: float, top: float, bottom: float, radius: float, *, tilt: float = 0.1) -> Path:
    """A label wrapped around the front of a round body."""
    return [
        *arc(x, top, radius, radius * tilt, 180, 0),
        *arc(x, bottom, radius, radius * tilt, 0, 180),
    ]
