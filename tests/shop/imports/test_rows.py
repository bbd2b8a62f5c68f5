"""What a row says, and what is wrong with it: a product is imported whole or not at all."""

import pytest

from config.lib import text
from shop import imports, stock
from shop.imports import cells
from shop.imports.reasons import Wrong
from shop.models import Category, Product, Variant
from tests import make

from . import tables

VELA = {"Nombre": "Vela", "SKU": "V-1", "Precio": "9.000"}


@pytest.mark.parametrize(
    ("typed", "cents"),
    [
        ("24.900", 2_490_000),
        ("24900", 2_490_000),
        ("$ 24.900,00", 2_490_000),
        ("24,900.00", 2_490_000),
        ("24,900", 2_490_000),
        ("1.234.567", 123_456_700),
        ("24900.50", 2_490_050),
        ("COP 9.000", 900_000),
        (9000, 900_000),
        (9000.0, 900_000),
        ("24.90", None),
        ("89.99", None),
        ("1.23.456", None),
        ("mil", None),
        ("9.000 XXX", None),
    ],
)
def test_a_price_is_read_as_people_of_colombia_write_it(typed, cents):
    if cents is None:
        with pytest.raises(Wrong):
            cells.price(typed, "COP", by_machine=False)
    else:
        amount, _currency = cells.price(typed, "COP", by_machine=False)
        assert amount * 100 == cents


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"Precio": "-5"}, "negative"),
        ({"Precio": ""}, "no_price"),
        ({"Precio": "999999999999"}, "too_much"),
        ({"Precio": "USD 20"}, "other_currency"),
        ({"Moneda": "EUR"}, "other_currency"),
        ({"Moneda": "BTC"}, "unknown_currency"),
        ({"Existencias": "2,5"}, "fraction"),
        ({"Existencias": "-1"}, "negative"),
        ({"Existencias": "varias"}, "not_a_number"),
        ({"Existencias": "#N/A"}, "error_cell"),
        ({"Nombre": "x" * 141}, "too_long"),
        ({"Nombre": "Ve\u202ela"}, "hidden"),
        ({"Publicado": "quizás"}, "not_yes_or_no"),
        ({"IVA": "16"}, "unknown_tax"),
        ({"Valor 2": "M"}, "second_without_first"),
        ({"Fotos": "foto.jpg"}, "not_an_address"),
        ({"Fotos": "javascript:alert(1)"}, "not_an_address"),
        ({"Dirección web": "¡!"}, "bad_slug"),
        ({"Categoría": " > ".join("abcdefgh")}, "deep_category"),
        ({"Peso (g)": "9999999"}, "too_much"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_faulty_row_is_told_and_the_others_come_in(organization, changed, reason):
    good = {"Nombre": "Buena", "SKU": "B-1", "Precio": "5.000"}

    one = tables.brought(tables.own(good, VELA | changed))

    assert [(line, found) for line, _column, found in tables.faults(one)] == [(3, reason)]
    assert imports.words(one.faults.get())
    assert list(Product.objects.values_list("name", flat=True)) == ["Buena"]


def test_prices_with_decimals_but_no_currency_are_never_read_as_pesos(organization):
    content = tables.workbook(["Nombre", "SKU", "Precio"], ["A", "A", 89.99], ["B", "B", 100])

    one = tables.received(content, name="a.xlsx")

    # The whole file is in doubt: 100 could be dollars as well.
    assert (one.currency, tables.outcome(one)) == ("", (0, 0, 0, 2))
    one = tables.run(tables.chosen(one, currency="USD", rates={"USD": "4000"}))
    assert sorted(Variant.objects.values_list("price", flat=True)) == [35_996_000, 40_000_000]


def test_one_faulty_variant_keeps_the_whole_product_out(organization):
    rows = [
        {"Nombre": "Té", "Valor 1": "S", "SKU": "T-S", "Precio": "9.000"},
        {"Nombre": "Té", "Valor 1": "M", "SKU": "T-M", "Precio": "mucho"},
    ]

    one = tables.brought(tables.own(*rows))

    assert (tables.outcome(one), Product.objects.count()) == ((0, 0, 0, 1), 0)


def test_one_sku_twice_is_told_in_the_later_row(organization):
    one = tables.brought(tables.own(VELA, VELA | {"Nombre": "Otra"}))

    assert tables.faults(one) == [(3, "SKU", "repeated_sku")]
    assert Product.objects.get().name == "Vela"


def test_a_sku_of_another_product_is_not_taken(organization):
    make.variant(make.product("Aceite", variants=0), sku="V-1")

    one = tables.brought(tables.own(VELA | {"Dirección web": "vela"}))

    assert [reason for _line, _column, reason in tables.faults(one)] == ["sku_elsewhere"]


def test_two_variants_of_one_choice_are_refused(organization):
    rows = [VELA | {"Valor 1": "S"}, VELA | {"Valor 1": "S", "SKU": "V-2"}]

    one = tables.brought(tables.own(*rows))

    assert tables.faults(one) == [(3, "", "choice_taken")]


def test_stock_is_never_counted_below_what_is_promised(organization):
    variant = make.variant(sku="V-1", in_stock=10)
    stock.reserve({variant.pk: 4}, holder=variant.pk)

    one = tables.brought(tables.table(["SKU", "Existencias"], ["V-1", "3"]))

    assert tables.faults(one) == [(2, "Existencias", "less_than_promised")]
    assert "4" in imports.words(one.faults.get())


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("<script>x()</script><p onclick='y()'>Hola</p>", "<p>Hola</p>"),
        ("<div>uno</div><div>dos</div>", "<p>uno</p><p>dos</p>"),
        ("<ul><li>a<li><strong>b</strong></ul>", "<ul><li>a</li><li><strong>b</strong></li></ul>"),
        ('<a href="javascript:x()">clic</a><img src=x onerror=y()>', "clic"),
        ("pH < 7 y > 5", "pH < 7 y > 5"),
        ("<span>&lt;b&gt;no</span>", "&lt;b&gt;no"),
    ],
)
def test_html_keeps_lists_and_bold_and_does_nothing(organization, written, kept):
    one = tables.brought(tables.own(VELA | {"Descripción": written}))

    product = Product.objects.get()
    assert (tables.outcome(one), product.description) == ((1, 0, 0, 0), kept)
    # What is shown is cleaned once more, and comes out the same.
    assert "onclick" not in text.to_html(product.description)
    assert cells.paragraphs(kept, 20_000) == kept


def test_categories_are_found_by_their_path_or_made(organization):
    inner = make.category("Jabónes", parent=make.category("Cuidado"))
    rows = [VELA | {"Categoría": "cuidado > JABONES"}]
    rows.append({"Nombre": "Té", "SKU": "T", "Precio": "1.000", "Categoría": "Bebidas -> Té"})

    tables.brought(tables.own(*rows))

    assert Product.objects.get(name="Vela").category == inner
    made = Product.objects.get(name="Té").category
    assert (made.name, made.parent.name, Category.objects.count()) == ("Té", "Bebidas", 4)


def test_names_without_address_or_sku_get_free_ones(organization):
    make.product("Vela", slug="vela")
    rows = [{"Nombre": "Vela", "Categoría": "x", "Precio": "1.000"}]
    rows = [
        {"Nombre": "Vela dulce", "Precio": "1.000"},
        {"Nombre": "Vela, dulce", "Precio": "2.000"},
    ]

    tables.brought(tables.own(*rows))

    found = Product.objects.exclude(slug="vela").order_by("pk")
    assert [product.slug for product in found] == ["vela-dulce", "vela-dulce-2"]
    assert len(set(Variant.objects.values_list("sku", flat=True))) == 3


def test_a_formula_in_a_cell_stays_a_text(organization):
    one = tables.brought(tables.own(VELA | {"Nombre": '=HYPERLINK("http://x")'}))

    assert Product.objects.get().name == '=HYPERLINK("http://x")'
    assert "'=HYPERLINK" in "".join(imports.export(organization))
    assert tables.outcome(one) == (1, 0, 0, 0)
