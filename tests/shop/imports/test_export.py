"""What is exported and imported again changes nothing."""

import csv
import io

import pytest

from shop import imports, pictures
from shop.models import Product, Variant
from tests import make

from . import tables


def everything() -> str:
    return "".join(imports.export(make.here()))


def odd_products() -> None:
    """Products with whatever a table could lose."""
    inside = make.category("Aceites", parent=make.category("Cuidado > raro"))
    benefits = [make.benefit("Calma, y más"), make.benefit("Sueño")]
    make.product(
        "=SUMA(A1)",
        category=inside,
        benefits=benefits,
        summary="'=ya escapado",
        description='<p onclick="x">Hola <b>tú</b></p>\r\n<script>y()</script>',
        ingredients="- agua\r\n- sal",
        tips="+57 300 123 4567",
        certifications="Una\n\nDos",
        variants=2,
        price=2_490_050,
        compare_at_price=1_000_000,
    )
    product = make.product("Dos  espacios y un tab", is_active=False, variants=0)
    make.variant(product, sku="007", price=99, in_stock=0, tax_category="excluded", shelf="=A-1")
    product.variants.update(is_active=False)
    make.product("Sin variantes", variants=0)
    picture = pictures.read(make.picture_file(200, 200))
    pictures.add_image(Product.objects.get(name="=SUMA(A1)"), picture, description="=foto")


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_round_trip_changes_nothing(organization, kind):
    odd_products()
    content = imports.export(organization, kind=kind)
    content = content if kind == "xlsx" else "".join(content).encode()
    before = list(Variant.objects.order_by("pk").values())

    one = tables.received(content)

    assert tables.faults(one) == []
    assert tables.outcome(one) == (0, 0, 3, 0), imports.preview(one).products
    assert tables.outcome(tables.run(one)) == (0, 0, 3, 0)
    assert list(Variant.objects.order_by("pk").values()) == before
    assert one.pictures.count() == 0


def test_no_cell_of_an_export_begins_a_formula(organization):
    odd_products()

    cells = [cell for row in csv.reader(io.StringIO(everything())) for cell in row]

    assert "'=SUMA(A1)" in cells
    risky = ("=", "+", "-", "@", "\t")
    assert [cell for cell in cells if cell.lstrip().startswith(risky)] == []


def test_only_the_chosen_products_are_exported(organization):
    make.product("Uno")
    make.product("Dos")

    lines = imports.export(organization, Product.objects.filter(name="Uno"))
    rows = list(csv.DictReader(io.StringIO("".join(lines).removeprefix("\ufeff"))))

    assert [row["Nombre"] for row in rows] == ["Uno"]


def test_what_was_wrong_can_be_corrected_in_the_file_of_errors(organization):
    good = {"Nombre": "Bueno", "SKU": "B-1", "Precio": "10.000"}
    bad = {"Nombre": "Malo", "SKU": "M-1", "Precio": "mucho", "Valor 1": "S"}
    sibling = {"Nombre": "Malo", "SKU": "M-2", "Precio": "12.000", "Valor 1": "L"}
    one = tables.brought(tables.own(good, bad, sibling))
    assert tables.outcome(one) == (1, 0, 0, 1)

    text = "".join(imports.error_file(one))
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))

    # The whole product, since it is imported whole or not at all.
    assert [(row["SKU"], row["Línea del error"]) for row in rows] == [("M-1", "3"), ("M-2", "4")]
    assert rows[0]["Motivo"].startswith("Precio: «mucho» no es un precio.")
    corrected = tables.brought(text.replace("mucho", "11.000").encode())
    assert tables.outcome(corrected) == (1, 0, 0, 0)
    assert Product.objects.get(name="Malo").variants.count() == 2
