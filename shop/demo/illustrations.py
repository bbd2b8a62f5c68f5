"""The demo's pictures: every one is drawn from a few words, the same each time."""

from dataclasses import dataclass
from random import Random

from PIL import Image

from shop.demo.drawing import scenes, stages
from shop.demo.drawing.canvas import Canvas, colour
from shop.demo.drawing.materials import Label
from shop.demo.drawing.palettes import PALETTES


@dataclass(frozen=True)
class Illustration:
    """What a product's picture shows; `seed` (its slug) decides what is left to chance."""

    seed: str
    vessel: str
    motif: str = ""
    palette: str = "sage"
    size: str = ""
    words: tuple[str, ...] = ()
    brand: str = "KAIU"


def draw(spec: Illustration, *, width: int = 1200) -> Image.Image:
    """The product's portrait, four wide and five high."""
    palette = PALETTES[spec.palette]
    canvas = Canvas(width, scenes.PAGE_HEIGHT, palette.wall)
    label = Label(spec.words, palette.accent, spec.size, spec.brand)
    scenes.product(canvas, spec.vessel, spec.motif, spec.palette, label, _chance(spec.seed))
    return canvas.image


def draw_ingredient(spec: Illustration, *, width: int = 1200) -> Image.Image:
    """The plant of the product's motif on its own, in the same format."""
    canvas = Canvas(width, scenes.PAGE_HEIGHT, PALETTES[spec.palette].wall)
    stages.still_life(canvas, spec.motif, spec.palette, _chance(spec.seed))
    return canvas.image


@dataclass(frozen=True)
class Banner:
    """What the wide picture of a category or of the home page shows."""

    seed: str
    palette: str
    vessels: tuple[str, ...]
    motifs: tuple[str, ...]
    brand: str = "KAIU"


def draw_banner(spec: Banner, *, width: int = 1600) -> Image.Image:
    """A wide picture, sixteen to nine."""
    canvas = Canvas(width, stages.SHELF_HEIGHT, PALETTES[spec.palette].wall)
    stages.shelf(
        canvas, spec.palette, spec.vessels, spec.motifs, _chance(spec.seed), brand=spec.brand
    )
    return canvas.image


def draw_logo(brand: str, code: str, *, width: int = 704) -> Image.Image:
    """The shop's sign in its colour on a transparent ground, 176 to 48."""
    return stages.sign(brand, colour(code), width=width)


def draw_icon(brand: str, code: str, *, width: int = 512) -> Image.Image:
    """The shop's mark alone on a transparent square."""
    return stages.badge(brand, colour(code), width=width)


def _chance(seed: str) -> Random:
    # The same plant stands around every size of a product.
    return Random(seed)  # noqa: S311
