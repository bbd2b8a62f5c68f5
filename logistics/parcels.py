"""What is sent, in boxes: from the weights and sizes of the catalogue to what a carrier prices.

Nothing here asks the database, so the same things always give the same boxes. A box weighs exactly
what its pieces weigh and its packaging once. It is as small as its pieces allow: what they fill,
with no side shorter than that of a piece.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, isqrt

from shop.models import Variant

from .carriers.base import Box, Content
from .models import DeliverySettings

_Sides = tuple[int, int, int]


@dataclass(frozen=True)
class Inside:
    """So many pieces of one thing that lie in a kit; 0 is what nobody wrote down."""

    quantity: int
    weight_grams: int
    length_cm: int
    width_cm: int
    height_cm: int


@dataclass(frozen=True)
class Piece:
    """So many of one thing as the catalogue knows it; 0 is what nobody wrote down."""

    sku: str
    name: str
    quantity: int
    unit_price: int  # Minor units.
    weight_grams: int = 0
    length_cm: int = 0
    width_cm: int = 0
    height_cm: int = 0
    # What lies in a kit: holds for what is not written down of the kit itself.
    inside: tuple[Inside, ...] = ()

    def grams(self, usual: int) -> int:
        """Give what one weighs, where nobody wrote it down as much as usual."""
        if self.weight_grams or not self.inside:
            return self.weight_grams or usual
        return sum((part.weight_grams or usual) * part.quantity for part in self.inside)

    @property
    def is_measured(self) -> bool:
        """Whether its weight and all its sides are known, of a kit also by its parts."""
        has_weight = self.weight_grams or _all(part.weight_grams for part in self.inside)
        has_sides = _has_sides(self) or _all(_has_sides(part) for part in self.inside)
        return bool(has_weight and has_sides)


def piece_of(
    variant: Variant, quantity: int, *, name: str, unit_price: int, inside: Iterable[Sequence] = ()
) -> Piece:
    """Give so many of a variant at this price; `inside` is what kits.sizes_inside gave for it."""
    return Piece(
        sku=variant.sku,
        name=name,
        quantity=quantity,
        unit_price=unit_price,
        weight_grams=variant.weight_grams,
        length_cm=variant.length_cm,
        width_cm=variant.width_cm,
        height_cm=variant.height_cm,
        inside=tuple(Inside(*part) for part in inside),
    )


def contents_of(pieces: Iterable[Piece], settings: DeliverySettings) -> tuple[Content, ...]:
    """Give what carriers are told of the pieces, with the usual values for what is unknown."""
    return tuple(_filled(piece, settings) for piece in pieces if piece.quantity > 0)


def lacking(pieces: Iterable[Piece]) -> list[str]:
    """Give the SKUs of which weight or sides were assumed."""
    return sorted({piece.sku for piece in pieces if not piece.is_measured})


def boxes_for(contents: Sequence[Content], settings: DeliverySettings) -> tuple[Box, ...]:
    """Give the boxes in which all this travels: as few as weight and length of one allow.

    A piece that is heavier or longer than a box may be gets a box of its own.
    """
    open_boxes: list[_Open] = []
    full: list[_Open] = []
    most_grams = max(0, settings.heaviest_grams - settings.packaging_grams)
    most_volume = settings.longest_cm**3
    for content in sorted(contents, key=_size, reverse=True):
        left = content.quantity
        volume = content.length_cm * content.width_cm * content.height_cm
        is_too_big = _sides(content)[0] > settings.longest_cm
        if is_too_big or content.weight_grams > most_grams or volume > most_volume:
            full += [_Open().put(content, 1) for _piece in range(left)]
            continue
        for box in open_boxes:
            fits = box.room_for(content, volume, most_grams, most_volume)
            box.put(content, min(left, fits))
            left -= min(left, fits)
            if not left:
                break
        while left > 0:
            box = _Open()
            fits = box.room_for(content, volume, most_grams, most_volume)
            open_boxes.append(box.put(content, min(left, fits)))
            left -= min(left, fits)
    return tuple(box.closed(settings) for box in (*full, *open_boxes))


def billed_grams(box: Box, divisor: int) -> int:
    """Give the weight that a carrier bills: the real one, or that of the room it takes."""
    return max(
        box.weight_grams, ceil(box.length_cm * box.width_cm * box.height_cm * 1000 / divisor)
    )


class _Open:
    """A box that is being filled."""

    def __init__(self):
        self.grams = 0
        self.volume = 0
        self.sides: _Sides = (1, 1, 1)

    def room_for(self, content: Content, volume: int, most_grams: int, most_volume: int) -> int:
        """Say how many pieces still go in."""
        by_volume = (most_volume - self.volume) // volume
        if not content.weight_grams:
            return max(0, by_volume)
        return max(0, min(by_volume, (most_grams - self.grams) // content.weight_grams))

    def put(self, content: Content, quantity: int) -> "_Open":
        if quantity > 0:
            sides = _sides(content)
            self.grams += content.weight_grams * quantity
            self.volume += sides[0] * sides[1] * sides[2] * quantity
            self.sides = tuple(map(max, self.sides, sides))
        return self

    def closed(self, settings: DeliverySettings) -> Box:
        length, width, height = _holding(self.volume, self.sides)
        return Box(self.grams + settings.packaging_grams, length, width, height)


def _holding(volume: int, sides: _Sides) -> _Sides:
    """Give the most compact sides, none shorter than these, that hold so much."""
    length, width, height = sides
    height = max(height, min(width, -(-volume // (length * width))))
    if length * width * height < volume:
        width = height = max(width, min(length, _root(-(-volume // length))))
    if length * width * height < volume:
        length = width = height = _cube_root(volume)
    return length, width, height


def _root(number: int) -> int:
    """Give the least whole number whose square is not below this."""
    return isqrt(number - 1) + 1 if number > 0 else 0


def _cube_root(number: int) -> int:
    """Give the least whole number whose cube is not below this."""
    root = round(number ** (1 / 3))
    while root**3 < number:
        root += 1
    while (root - 1) ** 3 >= number:
        root -= 1
    return root


def _size(content: Content) -> tuple:
    volume = content.length_cm * content.width_cm * content.height_cm
    return content.weight_grams, volume, content.sku, content.quantity


def _sides(thing) -> _Sides:
    """Give the sides of a thing, the longest first: boxes do not mind how it lies."""
    longest, middle, shortest = sorted(
        (thing.length_cm, thing.width_cm, thing.height_cm), reverse=True
    )
    return longest, middle, shortest


# --- What is not written down ---------------------------------------------------------------------


def _filled(piece: Piece, settings: DeliverySettings) -> Content:
    usual = (settings.usual_length_cm, settings.usual_width_cm, settings.usual_height_cm)
    sides = _known_sides(piece, usual)
    if piece.inside and not _has_sides(piece):
        parts = [(part.quantity, sorted(_known_sides(part, usual))) for part in piece.inside]
        volume = sum(quantity * a * b * c for quantity, (a, b, c) in parts)
        least = tuple(max(values) for values in zip(*(reversed(s) for _n, s in parts), strict=True))
        sides = _holding(volume, least)
    return Content(
        sku=piece.sku,
        name=piece.name,
        quantity=piece.quantity,
        unit_price=piece.unit_price,
        weight_grams=piece.grams(settings.usual_grams),
        length_cm=sides[0],
        width_cm=sides[1],
        height_cm=sides[2],
    )


def _known_sides(thing: Piece | Inside, usual: _Sides) -> _Sides:
    return (
        thing.length_cm or usual[0],
        thing.width_cm or usual[1],
        thing.height_cm or usual[2],
    )


def _has_sides(thing: Piece | Inside) -> bool:
    return bool(thing.length_cm and thing.width_cm and thing.height_cm)


def _all(values: Iterable) -> bool:
    """Say whether there are any, and each is true."""
    found = list(values)
    return bool(found) and all(found)
