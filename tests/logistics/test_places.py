import pytest

from logistics import places
from logistics.places import UnknownPlace
from shop.models import Department, Municipality


def test_every_place_that_is_offered_is_read_back_as_itself(db):
    for department in Department.objects.all():
        assert places.meant(places.label(department, None)) == (department, None)
    for municipality in Municipality.objects.select_related("department"):
        assert places.meant(places.label(None, municipality)) == (None, municipality)
    assert len(places.suggestions()) == 33 + 1122


@pytest.mark.parametrize("typed", ["", "   "])
def test_nothing_typed_is_everywhere(db, typed):
    assert places.meant(typed) == (None, None)
    assert places.label(None, None) == ""


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("antioquia", "05"),
        ("VALLE DEL CAUCA", "76"),
        ("Caldas", "17"),
        ("Caldas, Antioquia", "05129"),
        ("cali", "76001"),
        ("Bogotá", "11001"),
    ],
)
def test_a_place_is_written_as_people_call_it(db, typed, code):
    department, municipality = places.meant(typed)

    assert (municipality or department).code == code


@pytest.mark.parametrize("typed", ["Macondo", "La Unión", "San", "#", "a" * 160])
def test_a_name_of_no_place_or_of_several_is_refused(db, typed):
    with pytest.raises(UnknownPlace):
        places.meant(typed)
