"""Tables of several programs become the same products."""

import pytest

from shop import imports, stock
from shop.models import Category, Product, StockMovement, Variant
from tests import make

from . import tables

SHOPIFY = [
    "Handle",
    "Title",
    "Body (HTML)",
    "Vendor",
    "Product Category",
    "Type",
    "Tags",
    "Published",
    "Option1 Name",
    "Option1 Value",
    "Option2 Name",
    "Option2 Value",
    "Option3 Name",
    "Option3 Value",
    "Variant SKU",
    "Variant Grams",
    "Variant Inventory Qty",
    "Variant Price",
    "Variant Compare At Price",
    "Image Src",
    "Image Position",
    "Image Alt Text",
    "Variant Image",
    "Status",
]
WOOCOMMERCE = [
    "ID",
    "Tipo",
    "SKU",
    "Nombre",
    "Publicado",
    "¿Está destacado?",
    "Descripción corta",
    "Descripción",
    "Inventario",
    "Peso (kg)",
    "Longitud (cm)",
    "Precio rebajado",
    "Precio normal",
    "Categorías",
    "Etiquetas",
    "Imágenes",
    "Superior",
    "Nombre del atributo 1",
    "Valor(es) del atributo 1",
]


def row(headings: list[str], **values) -> list:
    """Give a row with these values; a name stands for its heading without spaces and signs."""

    def plain(heading):
        return "".join(letter for letter in heading.lower() if letter.isalnum())

    by_name = {plain(heading): place for place, heading in enumerate(headings)}
    cells = [""] * len(headings)
    for name, value in values.items():
        cells[by_name[name]] = value
    return cells


def test_the_sample_of_another_program_needs_a_rate(organization):
    one = tables.received(tables.SAMPLE.read_bytes(), name="products_sample.csv")

    assert (one.status, one.format, one.rows, one.total) == ("ready", "spree", 211, 37)
    assert one.currencies == {"USD": 87, "EUR": 87}
    assert tables.outcome(one) == (0, 0, 0, 37)
    assert {reason for _line, _column, reason in tables.faults(one)} == {"other_currency"}

    one = tables.run(tables.chosen(one, rates={"USD": "4100"}))

    assert (one.status, tables.outcome(one)) == ("done", (37, 0, 0, 0))
    assert (Product.objects.count(), Variant.objects.count()) == (37, 87)
    variant = Variant.objects.get(sku="AUTOMATIC-ESPRESSO-MACHINE-MATTE-BLACK")
    # 879.99 dollars at 4,100 pesos, in whole pesos.
    assert (variant.price, variant.compare_at_price) == (360_795_900, None)
    # 19.8 lb and 11.8 in.
    assert (variant.weight_grams, variant.length_cm, variant.stock.on_hand) == (8981, 30, 5000)
    assert (variant.option1, variant.product.option1_name) == ("Matte Black", "Color")
    shelf = variant.product.category
    assert (shelf.name, shelf.parent.name) == ("Coffee Machines", "Kitchen")
    assert stock.differences(organization) == []

    again = tables.chosen(tables.received(tables.SAMPLE.read_bytes()), rates={"USD": "4100"})
    assert tables.outcome(again) == (0, 0, 37, 0)

    one = tables.undone(one)
    assert (one.status, one.kept) == ("undone", 0)
    left = (Product, Variant, StockMovement, Category)
    assert [model.objects.count() for model in left] == [0, 0, 0, 0]


def test_a_shopify_export(organization):
    content = tables.table(
        SHOPIFY,
        row(
            SHOPIFY,
            handle="serum",
            title="Sérum",
            bodyhtml="<div>Con <b>rosa</b></div><script>x()</script>",
            type="Rostro",
            published="true",
            option1name="Tamaño",
            option1value="15 ml",
            variantsku="SER-15",
            variantgrams="60",
            variantinventoryqty="4",
            variantprice="45000.00",
            variantcompareatprice="52000.00",
            imagesrc="https://cdn.example/a.jpg",
            status="active",
        ),
        row(
            SHOPIFY,
            handle="serum",
            option1value="30 ml",
            variantsku="SER-30",
            variantprice="80000.00",
        ),
        row(SHOPIFY, handle="serum", imagesrc="https://cdn.example/b.jpg", imageposition="2"),
        row(
            SHOPIFY,
            handle="vela",
            title="Vela",
            option1name="Title",
            option1value="Default Title",
            variantprice="20000.00",
            status="draft",
        ),
    )

    one = tables.brought(content)

    assert (one.format, tables.outcome(one)) == ("shopify", (2, 0, 0, 0))
    serum = Product.objects.get(slug="serum")
    assert serum.description == "<p>Con <b>rosa</b></p>"
    assert (serum.category.name, serum.option1_name) == ("Rostro", "Tamaño")
    rows = serum.variants.order_by("position").values_list("sku", "option1", "price")
    assert list(rows) == [("SER-15", "15 ml", 4_500_000), ("SER-30", "30 ml", 8_000_000)]
    assert one.pictures.filter(product=serum).count() == 2
    candle = Product.objects.get(slug="vela")
    assert (candle.is_active, candle.option1_name, candle.category.name) == (
        False,
        "",
        "Sin categoría",
    )
    # Without a SKU of its own it got one, and is found again without it.
    assert candle.variants.get().sku
    assert tables.outcome(tables.received(content)) == (0, 0, 2, 0)


def test_a_woocommerce_export_in_spanish(organization):
    content = tables.table(
        WOOCOMMERCE,
        row(
            WOOCOMMERCE,
            id="7",
            tipo="variation",
            sku="CRE-50",
            nombre="Crema - 50 g",
            inventario="3",
            pesokg="0,08",
            precionormal="30000,00",
            superior="id:5",
            nombredelatributo1="Tamaño",
            valoresdelatributo1="50 g",
        ),
        row(
            WOOCOMMERCE,
            id="5",
            tipo="variable",
            sku="CRE",
            nombre="Crema",
            publicado="1",
            descripción="Suave.\\nPara todos.",
            descripcióncorta="Corta " * 50,
            categorías="Cuidado > Cremas, Ofertas",
            nombredelatributo1="Tamaño",
            valoresdelatributo1="50 g, 100 g",
        ),
        row(
            WOOCOMMERCE,
            id="9",
            tipo="simple, virtual",
            sku="BONO",
            nombre="Bono",
            publicado="0",
            precionormal="50000",
            preciorebajado="40000",
            categorías="Regalos",
            nombredelatributo1="Marca",
            valoresdelatributo1="Kaiu",
        ),
    )

    one = tables.brought(content)

    assert (one.format, tables.outcome(one)) == ("woocommerce", (2, 0, 0, 0))
    cream = Product.objects.get(name="Crema")
    variant = cream.variants.get()
    assert (variant.sku, variant.option1, variant.weight_grams) == ("CRE-50", "50 g", 80)
    assert (cream.category.name, cream.category.parent.name) == ("Cremas", "Cuidado")
    # A short text that is too long for a summary is not lost.
    assert cream.description.startswith("Corta Corta")
    assert "Suave.\nPara" in cream.description
    voucher = Variant.objects.get(sku="BONO")
    assert (voucher.price, voucher.compare_at_price, voucher.option1) == (4_000_000, 5_000_000, "")
    assert voucher.product.is_active is False
    assert tables.outcome(tables.received(content)) == (0, 0, 2, 0)


def test_a_list_of_prices_changes_prices_only(organization):
    product = make.product(variants=2, name="Aceite")
    first, second = product.variants.order_by("position")
    content = tables.table(
        ["Referencia", "precio de VENTA"], [first.sku, "$ 31.500"], [second.sku, "24.900"]
    )

    one = tables.brought(content)

    assert tables.outcome(one) == (0, 1, 1, 0)
    first.refresh_from_db()
    product.refresh_from_db()
    assert (first.price, product.listing_price, product.name) == (3_150_000, 2_490_000, "Aceite")


def test_rows_without_name_belong_to_the_one_above(organization):
    content = tables.table(
        ["Nombre", "Opción 1", "Valor 1", "Precio"],
        ["Bálsamo", "Aroma", "Menta", "12.000"],
        ["", "", "Coco", "13.000"],
        ["Otro", "", "", "9.000"],
    )

    one = tables.brought(content)

    assert tables.outcome(one) == (2, 0, 0, 0)
    balm = Product.objects.get(name="Bálsamo")
    assert list(balm.variants.order_by("position").values_list("option1", flat=True)) == [
        "Menta",
        "Coco",
    ]
    assert tables.outcome(tables.received(content)) == (0, 0, 2, 0)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_our_template_can_be_given_back(organization, kind):
    content = imports.template(organization, kind=kind)
    content = content if kind == "xlsx" else "".join(content).encode()

    one = tables.brought(content)

    assert tables.outcome(one) == (2, 0, 0, 0)
    assert Product.objects.filter(variants__sku="CIP-30").get().variants.count() == 2
