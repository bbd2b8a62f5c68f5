"""A canvas with smooth edges, gradients and soft shadows, in points of a 1000-wide page."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from shop.demo.drawing.paths import Path

PAGE_WIDTH = 1000

Colour = tuple[int, ...]
Stops = Sequence[tuple[float, Colour]]
Box = tuple[int, int, int, int]


def colour(code: str, alpha: int = 255) -> Colour:
    """Red, green, blue and alpha of a code such as `#1f3d36`."""
    return (*bytes.fromhex(code.lstrip("#")), alpha)


def blend(first: Colour, second: Colour, share: float) -> Colour:
    """The colour that lies the given share of the way from the first to the second."""
    return tuple(round(a + (b - a) * share) for a, b in zip(first, second, strict=True))


def lighter(shade: Colour, share: float) -> Colour:
    return blend(shade, (255, 255, 255, shade[3]), share)


def darker(shade: Colour, share: float) -> Colour:
    # Shadows lean to a warm brown-green, so that nothing turns grey.
    return blend(shade, (24, 26, 18, shade[3]), share)


def faded(shade: Colour, alpha: int) -> Colour:
    return (*shade[:3], alpha)


@dataclass(frozen=True)
class Gradient:
    """Colours that change across the painted shape: `across`, `down` or `round`."""

    stops: Stops
    direction: str = "across"


Paint = Colour | Gradient


@dataclass(frozen=True)
class Mask:
    """How much of each pixel inside the box is covered."""

    box: Box
    cover: Image.Image


class Canvas:
    """Shapes painted one over another on an opaque page."""

    def __init__(self, width: int, height_points: float, ground: Colour):
        self.scale = width / PAGE_WIDTH
        self.size = (width, round(height_points * self.scale))
        self.image = Image.new("RGB", self.size, ground[:3])

    def mask(self, *paths: Path, blur: float = 0) -> Mask | None:
        """The smooth-edged area of all the paths together, or nothing when it is off the page."""
        box = self._box(paths, margin=blur * 3 + 1)
        if box is None:
            return None
        width, height = box[2] - box[0], box[3] - box[1]
        if blur:
            return Mask(box, self._soft_cover(paths, box, blur))
        factor = 4 if width * height < 120_000 else 3 if width * height < 500_000 else 2
        cover = Image.new("L", (width * factor, height * factor))
        self._trace(cover, paths, box, factor)
        return Mask(box, cover.reduce(factor))

    def fill(self, *paths: Path, paint: Paint, blur: float = 0, inside: Mask | None = None) -> None:
        """Paint the paths, softly when blurred, and only inside the mask when one is given."""
        area = self.mask(*paths, blur=blur)
        if area is not None:
            self.paint(area, paint, inside=inside)

    def paint(self, area: Mask, paint: Paint, *, inside: Mask | None = None) -> None:
        """Paint an area that was masked before."""
        if isinstance(paint, Gradient):
            fill = _spread(paint, area.cover.size)
            strength = fill.getchannel("A")
            opaque = strength.getextrema() == (255, 255)
            cover = area.cover if opaque else ImageChops.multiply(area.cover, strength)
            fill = fill.convert("RGB")
        else:
            fill = Image.new("RGB", area.cover.size, paint[:3])
            alpha = paint[3] / 255
            cover = area.cover if alpha == 1 else area.cover.point(lambda value: value * alpha)
        if inside is not None:
            cover = _overlap(cover, area.box, inside)
        self.image.paste(fill, area.box[:2], cover)

    def _box(self, paths: Sequence[Path], *, margin: float) -> Box | None:
        xs = [x for path in paths for x, _ in path]
        ys = [y for path in paths for _, y in path]
        left = max(0, floor((min(xs) - margin) * self.scale))
        top = max(0, floor((min(ys) - margin) * self.scale))
        right = min(self.size[0], ceil((max(xs) + margin) * self.scale))
        bottom = min(self.size[1], ceil((max(ys) + margin) * self.scale))
        return (left, top, right, bottom) if right > left and bottom > top else None

    def _soft_cover(self, paths: Sequence[Path], box: Box, blur: float) -> Image.Image:
        """A blurred cover, worked out small and enlarged: blurring hides the difference."""
        radius = blur * self.scale
        shrink = max(1.0, radius / 3)
        size = (box[2] - box[0], box[3] - box[1])
        small = (max(2, round(size[0] / shrink)), max(2, round(size[1] / shrink)))
        cover = Image.new("L", small)
        self._trace(cover, paths, box, small[0] / size[0], small[1] / size[1])
        cover = cover.filter(ImageFilter.GaussianBlur(radius / shrink))
        return cover.resize(size, Image.Resampling.BICUBIC)

    def _trace(
        self,
        cover: Image.Image,
        paths: Sequence[Path],
        box: Box,
        factor: float,
        factor_down: float | None = None,
    ) -> None:
        pen = ImageDraw.Draw(cover)
        factor_down = factor if factor_down is None else factor_down
        for path in paths:
            pen.polygon(
                [
                    ((x * self.scale - box[0]) * factor, (y * self.scale - box[1]) * factor_down)
                    for x, y in path
                ],
                fill=255,
            )


def _overlap(cover: Image.Image, box: Box, inside: Mask) -> Image.Image:
    """The cover, kept only where the other mask covers too."""
    other = Image.new("L", cover.size)
    other.paste(inside.cover, (inside.box[0] - box[0], inside.box[1] - box[1]))
    return ImageChops.multiply(cover, other)


def _spread(gradient: Gradient, size: tuple[int, int]) -> Image.Image:
    """The gradient's colours over an area of the size."""
    strip = [_at(gradient.stops, step / 255) for step in range(256)]
    if gradient.direction == "round":
        reach = Image.radial_gradient("L").resize(size, Image.Resampling.BILINEAR)
        channels = [
            # The gradient reaches its end on the sides of the box, not in its corners.
            reach.point([strip[min(255, round(v * 1.41))][channel] for v in range(256)])
            for channel in range(4)
        ]
        return Image.merge("RGBA", channels)
    line = Image.new("RGBA", (256, 1))
    line.putdata(strip)
    if gradient.direction == "down":
        line = line.transpose(Image.Transpose.ROTATE_270)
    return line.resize(size, Image.Resampling.BILINEAR)


def _at(stops: Stops, place: float) -> Colour:
    before = stops[0]
    for stop in stops:
        if stop[0] >= place:
            span = stop[0] - before[0]
            share = (place - before[0]) / span if span else 1
            return blend(before[1], stop[1], share)
        before = stop
    return before[1]
