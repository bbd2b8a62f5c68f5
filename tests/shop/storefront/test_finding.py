"""Search in Spanish forgives accents, plurals, capitals and a wrong letter."""

import re
from html import unescape

import pytest
from django.utils import timezone

from config.lib import text
from shop import search
from shop.models import Benefit
from shop.storefront import browsing, finding
from tests import make


def found(organization, typed: str) -> list[str]:
    words = tuple(search.query_words(typed))
    selection = browsing.Selection(typed=typed, words=words)
    page = finding.find(organization, selection, now=timezone.now()).page
    return [row["name"] for row in page.rows]


@pytest.fixture
def shop(organization):
    calm = Benefit.objects.create(organization=organization, name="Relajante", slug="relajante")
    make.product("Aceite esencial de lavanda", benefits=[calm], ingredients="Linalool")
    make.product("Jabón artesanal de coco")
    make.product("Difusor ultrasónico", description="Para aceites esenciales de limón.")
    return organization


@pytest.mark.parametrize(
    "typed",
    [
        "lavanda",
        "LAVANDA",
        "Lavandas",
        "lávanda",
        "labanda",
        "lavnda",
        "lavamda",
        "  lavanda  ",
        "aceite lavanda",
        "aseite de labanda",
        "lavan",
        "relajante",
        "linalool",
    ],
)
def test_lavender_is_found_however_it_is_written(shop, typed):
    assert "Aceite esencial de lavanda" in found(shop, typed)


@pytest.mark.parametrize("typed", ["jabon", "jabones", "JABÓN", "javon", "jabón de coco", "kokos"])
def test_soap_is_found_however_it_is_written(shop, typed):
    assert "Jabón artesanal de coco" in found(shop, typed)


def test_a_match_in_the_name_comes_before_one_in_the_description(shop):
    make.product("Aceite esencial de limón")

    assert found(shop, "limón")[0] == "Aceite esencial de limón"


def test_names_come_first_and_are_enough_when_they_fill_a_page(shop, client):
    for number in range(30):
        make.product(f"Aceite de romero {number:02d}")
    make.product("Crema de manos", description="Con romero y caléndula.")

    first = client.get("/buscar/?q=romero").content.decode()
    following = unescape(re.search(r'href="([^"]+)" rel="next"', first)[1])
    second = client.get(following).content.decode()

    named = re.findall(r"Aceite de romero \d\d</a>", first + second)
    assert len(set(named)) == len(named) == 30
    assert "Crema de manos" not in first + second
    assert "Crema de manos" in found(shop, "caléndula")


def test_a_search_sorted_by_price_really_starts_with_the_lowest(shop, client):
    for number in range(30):
        make.product(f"Aceite de romero {number:02d}", price=5_000_000 - number * 10_000)

    page = client.get("/buscar/?q=romero&orden=precio").content.decode()

    assert re.findall(r"Aceite de romero \d\d(?=</a>)", page)[0] == "Aceite de romero 29"


def test_a_sku_is_found(shop):
    product = make.product("Vela", variants=0)
    make.variant(product, sku="KAIU-VEL-90")

    assert found(shop, "kaiu-vel-90") == ["Vela"]


def test_words_that_nothing_has_find_nothing(shop):
    assert found(shop, "motocicleta") == []


def test_a_correction_is_said(shop, client):
    page = client.get("/buscar/?q=labanda").content.decode()

    assert "/buscar/?q=labanda&amp;exacto=1" in page
    assert "Aceite esencial de lavanda" in page
    as_typed = client.get("/buscar/?q=labanda&exacto=1").content.decode()
    assert "Aceite esencial de lavanda" not in as_typed


def test_suggestions_offer_products_with_their_price(shop, client):
    page = client.get("/buscar/sugerencias/?q=lab").content.decode()
    exact = client.get("/buscar/sugerencias/?q=lava").content.decode()

    assert "Aceite esencial de lavanda" in exact
    assert "$\u00a024.900" in exact
    assert client.get("/buscar/sugerencias/?q=a").content.decode().strip() == ""
    assert page is not None


def test_another_shop_is_never_searched(shop):
    from django_scopes import scope

    other = make.organization()
    with scope(organization=other):
        assert found(other, "lavanda") == []
        with pytest.raises(ValueError, match="another organization"):
            browsing.page(shop, browsing.Selection())


@pytest.mark.parametrize(
    ("word", "heard"),
    [
        ("labanda", text.sound("lavanda")),
        ("aseite", text.sound("aceite")),
        ("hiervabuena", text.sound("ierbabuena")),
        ("champu", "champu"),
        ("xampu", "sampu"),
        ("gerbera", text.sound("jerbera")),
        ("llave", text.sound("yabe")),
        ("guitarra", "gitara"),
        ("queso", text.sound("keso")),
    ],
)
def test_words_that_sound_alike_are_alike(word, heard):
    assert text.sound(word) == heard
