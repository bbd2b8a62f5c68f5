"""The pictures of a demo shop, drawn and stored before its rows are written."""

import os
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from PIL import Image

from shop import pictures
from shop.demo import illustrations
from shop.demo.texts import ProductText, ShopText
from shop.models import Organization

# Wide enough for a large screen. Every pixel more costs time at the first start, which is why only
# the picture that stands in lists is so wide, and the other sizes of a product are smaller.
WIDTH = 1000
OTHER_WIDTH = 640

Drawing = Callable[[], Image.Image]


class Gallery:
    """Stored pictures by what they show; each is what a row keeps of it (see pictures.save)."""

    def __init__(self, text: ShopText, *, width: int = WIDTH):
        self._organization = Organization(slug=text.slug)
        self._kept: dict[Hashable, dict] = {}
        self._drawings = dict(_drawings(text, width))

    def __len__(self) -> int:
        return len(self._drawings)

    def draw(self) -> None:
        """Draw and store them all, on as many threads as the machine has cores."""
        # Threads and not processes: Pillow works outside of Python's lock, and a fork is not safe
        # once database connections are open.
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            done = [(key, pool.submit(self._store, draw)) for key, draw in self._drawings.items()]
        for key, stored in done:
            if not stored.exception():
                self._kept[key] = stored.result()
        for _key, stored in done:
            stored.result()

    def of(self, key: Hashable, *, description: str) -> dict:
        """Give what a row keeps of the picture."""
        return {**self._kept[key], "alt": description}

    def discard(self) -> None:
        """Delete the files again, because their rows were never written."""
        for kept in self._kept.values():
            pictures.delete_files(kept["key"], kept["widths"])

    def _store(self, draw: Drawing) -> dict:
        return pictures.save(draw(), self._organization)


def ingredient_of(product: ProductText) -> Hashable | None:
    """The key of the second picture that a featured product has: its plant."""
    look = product.looks[0]
    return ("ingredient", look) if product.is_featured and look.motif else None


def _drawings(text: ShopText, width: int):
    colour = text.organization["brand_colour"]
    yield "hero", partial(illustrations.draw_banner, text.hero, width=width)
    yield "logo", partial(illustrations.draw_logo, text.brand, colour)
    yield "icon", partial(illustrations.draw_icon, text.brand, colour)
    for category in text.categories:
        yield category["slug"], partial(illustrations.draw_banner, category["banner"], width=width)
    for post in text.content.get("posts", ()):
        draw = partial(illustrations.draw_banner, post["banner"], width=width)
        yield ("post", post["slug"]), draw
    for product in text.products:
        first, *others = product.looks
        yield first, partial(illustrations.draw, first, width=width)
        for look in others:
            yield look, partial(illustrations.draw, look, width=min(width, OTHER_WIDTH))
        if key := ingredient_of(product):
            yield key, partial(illustrations.draw_ingredient, first, width=width * 4 // 5)
