import random

import pytest

from logistics import parcels
from logistics.models import DeliverySettings
from logistics.parcels import Inside, Piece

USUAL = DeliverySettings(packaging_grams=80, heaviest_grams=5_000, longest_cm=60)


def boxes(*pieces: Piece, settings: DeliverySettings = USUAL):
    return parcels.boxes_for(parcels.contents_of(pieces, settings), settings)


def piece(grams: int, *sides: int, quantity: int = 1, sku: str = "A", **fields) -> Piece:
    length, width, height = sides or (12, 8, 6)
    return Piece(sku, sku, quantity, 1_000_000, grams, length, width, height, **fields)


def test_one_piece_travels_in_a_box_of_its_size_with_the_packaging():
    (box,) = boxes(piece(300, 20, 12, 8))

    assert (box.weight_grams, box.length_cm, box.width_cm, box.height_cm) == (380, 20, 12, 8)


def test_several_pieces_share_a_box_that_holds_them_all():
    (box,) = boxes(piece(300, 10, 10, 10, quantity=4), piece(100, 30, 5, 2, sku="B"))

    assert box.weight_grams == 4 * 300 + 100 + 80
    assert (box.length_cm, box.width_cm, box.height_cm) == (30, 12, 12)


def test_what_is_too_heavy_for_one_box_travels_in_several_with_packaging_for_each():
    found = boxes(piece(2_400, 20, 20, 20, quantity=5))

    assert [box.weight_grams for box in found] == [4_880, 4_880, 2_480]


def test_a_piece_that_no_box_may_hold_travels_alone():
    heavy, small = piece(9_000, 50, 40, 30), piece(100, sku="B")
    long = piece(500, 150, 4, 4, sku="C")

    assert [box.weight_grams for box in boxes(small, heavy, long)] == [9_080, 580, 180]
    assert boxes(long)[0].length_cm == 150


def test_what_nobody_wrote_down_is_as_usual_and_told():
    settings = DeliverySettings(
        usual_grams=400, usual_length_cm=15, usual_width_cm=9, usual_height_cm=7, packaging_grams=0
    )
    unknown, half = Piece("X", "X", 2, 100), Piece("Y", "Y", 1, 100, weight_grams=90, length_cm=30)

    (first, second) = parcels.contents_of([unknown, half], settings)

    assert (first.weight_grams, first.length_cm, first.width_cm, first.height_cm) == (400, 15, 9, 7)
    assert (second.weight_grams, second.length_cm, second.width_cm) == (90, 30, 9)
    assert parcels.lacking([unknown, half, piece(1)]) == ["X", "Y"]


def test_a_kit_has_its_own_size_or_that_of_its_parts():
    inside = (Inside(2, 300, 10, 10, 10), Inside(1, 0, 20, 5, 5))
    bare = Piece("K", "K", 1, 100, inside=inside)
    own = piece(500, 30, 20, 10, inside=inside, sku="L")

    (of_parts, of_itself) = parcels.contents_of([bare, own], USUAL)

    assert of_parts.weight_grams == 2 * 300 + 250
    assert (of_parts.length_cm, of_parts.width_cm, of_parts.height_cm) == (20, 12, 12)
    assert (of_itself.weight_grams, of_itself.length_cm) == (500, 30)
    assert parcels.lacking([bare, own]) == ["K"]
    assert parcels.lacking([Piece("M", "M", 1, 1, inside=inside[:1])]) == []


@pytest.mark.parametrize("seed", range(60))
def test_nothing_is_lost_or_too_much_whatever_is_packed(seed):
    chance = random.Random(seed)
    settings = DeliverySettings(
        packaging_grams=chance.choice([0, 80, 900]),
        heaviest_grams=chance.choice([1, 1_000, 30_000]),
        longest_cm=chance.choice([20, 60, 100]),
    )
    pieces = [
        Piece(
            sku=str(number),
            name="",
            quantity=chance.randint(1, 30),
            unit_price=100,
            weight_grams=chance.choice([0, chance.randint(1, 4_000)]),
            length_cm=chance.randint(0, 80),
            width_cm=chance.randint(0, 40),
            height_cm=chance.randint(0, 20),
        )
        for number in range(chance.randint(1, 8))
    ]
    contents = parcels.contents_of(pieces, settings)

    found = parcels.boxes_for(contents, settings)

    weight = sum(content.weight_grams * content.quantity for content in contents)
    assert sum(box.weight_grams for box in found) == weight + len(found) * settings.packaging_grams
    volume = sum(c.length_cm * c.width_cm * c.height_cm * c.quantity for c in contents)
    assert sum(box.length_cm * box.width_cm * box.height_cm for box in found) >= volume
    longest = max(max(c.length_cm, c.width_cm, c.height_cm) for c in contents)
    heaviest = max(c.weight_grams for c in contents) + settings.packaging_grams
    for box in found:
        assert box.length_cm >= box.width_cm >= box.height_cm > 0
        assert box.length_cm <= max(settings.longest_cm, longest)
        assert box.weight_grams <= max(settings.heaviest_grams, heaviest)
    assert found == parcels.boxes_for(tuple(reversed(contents)), settings)


def test_room_counts_as_weight_where_it_is_more():
    (light,) = boxes(piece(500, 50, 40, 30))
    (dense,) = boxes(piece(4_000, 10, 10, 10))

    assert parcels.billed_grams(light, 2_500) == 24_000
    assert parcels.billed_grams(dense, 2_500) == 4_080
