import pytest

from shop import places
from tests.shop import places as rows


@pytest.fixture(autouse=True)
def _municipalities(db):
    rows.reload()


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("Cali", "76001"),
        ("cali", "76001"),
        ("Santiago de Cali", "76001"),
        ("CALI, valle", "76001"),
        ("bogota", "11001"),
        ("Bogotá D.C.", "11001"),
        ("medellin", "05001"),
        ("cucuta", "54001"),
        ("La Unión, Nariño", "52399"),
        ("cartagena de indias", "13001"),
        ("barranquilla atlantico", "08001"),
    ],
)
def test_a_name_as_people_say_it_means_one_place(typed, code):
    assert places.meant(typed).code == code


@pytest.mark.parametrize(
    "typed", ["La Unión", "villanueva", "Cartagena", "", "?", "nowhere at all"]
)
def test_a_name_of_several_places_or_none_means_nothing_yet(typed):
    assert places.meant(typed) is None


@pytest.mark.parametrize(
    ("typed", "first"),
    [("cartagena", "13001"), ("cali", "76001"), ("mede", "05001"), ("bucara", "68001")],
)
def test_the_likeliest_place_comes_first(typed, first):
    assert places.find(typed)[0].code == first


def test_every_place_of_a_repeated_name_is_offered():
    assert {place.department.name for place in places.find("la union")} >= {
        "Antioquia",
        "Nariño",
        "Sucre",
        "Valle del Cauca",
    }


def test_a_place_means_itself_with_its_department():
    for place in list(rows.reload().values())[::25]:
        assert places.meant(places.label(place)) == place
        assert places.find(places.label(place))[0] == place
