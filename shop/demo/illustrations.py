"""The demo's pictures: every one is drawn from a few words, the same each time."""

from dataclasses import dataclass
from random import Random

from PIL import Image

from shop.demo.drawing import scenes
from shop.demo.drawing.canvas import Canvas
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
    # The same plant stands around every size of a product.
    random = Random(spec.seed)  # noqa: S311
    scenes.product(canvas, spec.vessel, spec.motif, spec.palette, label, random)
    return canvas.image
