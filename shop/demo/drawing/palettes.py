"""The colours of the demo: a calm brand in green, cream and terracotta, and a coffee roaster."""

from dataclasses import dataclass

from shop.demo.drawing.canvas import Colour, colour

GREEN = colour("#1f3d36")
CREAM = colour("#f7f2e8")
PAPER = colour("#fbf7ee")
TERRACOTTA = colour("#b9643f")
OCHRE = colour("#c8923f")
INK = colour("#22332d")
WOOD = colour("#b98a58")
KRAFT = colour("#c79f6d")
BLACK = colour("#20211d")


@dataclass(frozen=True)
class Palette:
    """The wall, the niche in it, the table, and the one colour that stands out."""

    wall: Colour
    niche: Colour
    table: Colour
    accent: Colour


def _palette(wall: str, niche: str, table: str, accent: str) -> Palette:
    return Palette(colour(wall), colour(niche), colour(table), colour(accent))


PALETTES = {
    "sage": _palette("#e4e8dc", "#c9d3be", "#f2efe3", "#4e6f5a"),
    "forest": _palette("#c9d4c8", "#93a997", "#e6e6d8", "#1f3d36"),
    "cream": _palette("#f5eee0", "#e8dabf", "#fbf7ed", "#b58a45"),
    "lilac": _palette("#e8e3ec", "#cfc5da", "#f5f0ec", "#6d5a8c"),
    "rose": _palette("#f3e3dc", "#e5c5ba", "#f9f1ea", "#ad5a55"),
    "terracotta": _palette("#f0ddcd", "#dcb598", "#f8efe3", "#b9643f"),
    "ochre": _palette("#f4e8ce", "#e6cd98", "#faf4e5", "#b98325"),
    "citrus": _palette("#f6ead2", "#f0d3a0", "#fbf5e8", "#d0762c"),
    "lemon": _palette("#f3efd3", "#e5dda3", "#faf7e8", "#9f8f22"),
    "mint": _palette("#dfebe3", "#bcd7c8", "#f1f3e9", "#2f7a62"),
    "sky": _palette("#e0e8ea", "#bfd1d6", "#f2f2ec", "#4c7685"),
    "clay": _palette("#e9ddd2", "#cdb5a2", "#f5eee5", "#7c4f38"),
    "night": _palette("#7f8f92", "#5b6d73", "#c9c9bd", "#2c3f49"),
    # Café La Vereda
    "coffee": _palette("#eadfd3", "#cfb199", "#f4ece2", "#6b2f22"),
    "cherry": _palette("#f1dcd3", "#dca997", "#f7ece4", "#9c2f2b"),
    "slate": _palette("#dfe1de", "#b7beba", "#f0eee9", "#3b4a4c"),
}
