"""The storefront's pages."""

import re
from html import unescape

import pytest

from shop import stock
from shop.models import Benefit, Product, StockMovement, Variant
from tests import make

pytestmark = pytest.mark.django_db


def text(client, address, **extra):
    answer = client.get(address, **extra)
    assert answer.status_code == 200, address
    return answer.content.decode()


def test_every_page_shows_the_product_and_its_price(organization, client):
    shelf = make.category("Aceites esenciales", slug="aceites")
    make.product(
        "Aceite de lavanda", slug="lavanda", category=shelf, price=3_290_000, is_featured=True
    )

    for address in ("/", "/productos/", "/categorias/aceites/", "/buscar/?q=lavanda"):
        page = text(client, address)
        assert "Aceite de lavanda" in page, address
        assert "$\u00a032.900" in page, address
    page = text(client, "/productos/lavanda/")
    assert "<h1>Aceite de lavanda</h1>" in page


@pytest.mark.parametrize(
    "address",
    [
        "/productos/no-existe/",
        "/categorias/no-existe/",
        "/paginas/no-existe/",
        "/no-existe/",
    ],
)
def test_an_unknown_address_is_a_404(organization, client, address):
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        "orden=%00",
        "orden=caro",
        "desde=zzz",
        "desde=" + "A" * 700,
        "desde=WyIyMDI2IiwgIngiLCAwXQ",
        "min=-1&max=abc",
        "min=99999999999999999999999999",
        "beneficio=nada&beneficio=",
        "disponible=si",
        "categoria=nada",
        "q=" + "%F0%9F%8C%BF" * 50,
        "q=%27%3B--%26%7C%21%28%29%3A%2A%00",
        "q=" + "a" * 3000,
        "vista=%FF%FE",
    ],
)
@pytest.mark.parametrize("path", ["/productos/", "/buscar/", "/buscar/sugerencias/"])
def test_filters_that_make_no_sense_are_ignored(organization, client, path, query):
    make.product("Aceite de lavanda")

    assert client.get(f"{path}?{query}").status_code == 200


def test_an_unknown_filter_shows_the_first_page(organization, client):
    make.product("Aceite de lavanda")

    assert "Aceite de lavanda" in text(client, "/productos/?orden=x&desde=x&beneficio=x&min=x")


def test_hostile_text_is_shown_escaped(organization, client):
    hostile = "<script>alert(1)</script>\"'&"
    make.product(hostile, slug="malo", summary=hostile, description=hostile, is_featured=True)

    for address in ("/", "/productos/", "/productos/malo/", "/buscar/?q=script"):
        page = text(client, address)
        assert "<script>alert(1)" not in page, address
        assert "&lt;script&gt;alert(1)" in page, address


def test_filters_search_and_category_together_give_the_same_list_again(organization, client):
    shelf = make.category(slug="aceites")
    relaxing = Benefit.objects.create(organization=organization, name="Relajante", slug="relaja")
    make.product("Aceite de lavanda", category=shelf, benefits=[relaxing], price=1_000_000)
    make.product("Aceite de menta", category=shelf, price=1_000_000)
    make.product("Jabón de lavanda", benefits=[relaxing], price=1_000_000)
    make.product("Aceite de lavanda cara", category=shelf, benefits=[relaxing], price=9_000_000)

    address = "/buscar/?q=lavanda&categoria=aceites&beneficio=relaja&min=5.000&max=20000"
    page = text(client, address)

    assert "Aceite de lavanda" in page
    for other in ("menta", "Jabón", "cara"):
        assert other not in page.replace("Relajante", ""), other


def test_a_choice_that_no_variant_has_is_visible_and_not_buyable(organization, client):
    product = make.product(variants=0, slug="aceite", option1_name="Tipo", option2_name="Tamaño")
    make.variant(product, sku="PURO-10", option1="Puro", option2="10 ml", price=1_000_000)
    make.variant(product, sku="PURO-30", option1="Puro", option2="30 ml", price=2_500_000)
    make.variant(product, sku="DIL-10", option1="Diluido", option2="10 ml", in_stock=0)

    page = text(client, "/productos/aceite/?variante=PURO-30")

    assert 'aria-disabled="true"' in page
    assert "$\u00a025.000" in page
    assert "variante=PURO-10" in page
    sold_out = text(client, "/productos/aceite/?variante=DIL-10")
    assert "Agotado" in sold_out or "Sold out" in sold_out


def test_hidden_products_are_nowhere(organization, client, django_capture_on_commit_callbacks):
    shown = make.product("Aceite visible", slug="visible")
    hidden = make.product("Aceite oculto", slug="oculto")
    Product.objects.filter(pk=hidden.pk).update(is_active=False)

    assert client.get("/productos/oculto/").status_code == 404
    for address in ("/", "/productos/", "/buscar/?q=aceite", f"/categorias/{shown.category.slug}/"):
        assert "oculto" not in text(client, address), address


@pytest.mark.parametrize("orden", ["", "precio", "precio-mayor", "nombre"])
def test_pages_follow_each_other_without_gap_or_repeat(organization, client, orden):
    shelf = make.category(slug="aceites")
    below = make.category(slug="esenciales", parent=shelf)
    names = [f"Producto {place:02d}" for place in range(55)]
    for place, name in enumerate(names):
        make.product(name, category=(shelf, below)[place % 2], price=1_000_00 * (place % 7 + 1))

    for path in ("/productos/", "/categorias/aceites/"):
        seen, address = [], f"{path}?orden={orden}"
        backwards = []
        while address:
            context = list_context(client, address)
            seen.append([card["name"] for card in context["cards"]])
            address, last = context["next_url"], address
        while last:
            context = list_context(client, last)
            backwards.insert(0, [card["name"] for card in context["cards"]])
            last = context["previous_url"]
        assert sorted(name for page in seen for name in page) == names
        assert [len(page) for page in seen] == [24, 24, 7]
        assert backwards == seen


def list_context(client, address):
    """Give the cards and neighbours of a list by reading its HTML."""
    page = text(client, address)
    nexts = re.findall(r'href="([^"]+)" rel="next"', page)
    previous = re.findall(r'href="([^"]+)" rel="prev"', page)
    return {
        "cards": [
            {"name": name} for name in re.findall(r'class="card-name"><a [^>]*>([^<]+)</a>', page)
        ],
        "next_url": unescape(nexts[0]) if nexts else "",
        "previous_url": unescape(previous[0]) if previous else "",
    }


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(
    ("address", "most"),
    [
        ("/productos/", 6),
        ("/categorias/aceites/", 6),
        ("/productos/producto-0/", 6),
        ("/buscar/?q=producto", 8),
    ],
)
def test_queries_do_not_grow_with_rows(
    organization, client, django_assert_max_num_queries, rows, address, most
):
    shelf = make.category(slug="aceites")
    for number in range(rows):
        make.product(slug=f"producto-{number}", category=shelf, variants=rows)

    with django_assert_max_num_queries(most):
        text(client, address)


def test_a_changed_price_is_on_the_next_page(organization, client, transactional_db):
    product = make.product("Aceite", slug="aceite", price=1_000_000)
    variant = product.variants.get()
    for address in ("/productos/", "/productos/aceite/"):
        assert "$\u00a010.000" in text(client, address)

    Variant.objects.filter(pk=variant.pk).update(price=2_000_000)
    from shop import catalogue

    catalogue.refresh([product.pk])

    for address in ("/productos/", "/productos/aceite/"):
        assert "$\u00a020.000" in text(client, address)


def test_stock_sold_out_is_on_the_next_page(organization, client, transactional_db):
    product = make.product("Aceite", slug="aceite", in_stock=1)
    text(client, "/productos/aceite/")

    stock.move(product.variants.get(), -1, reason=StockMovement.Reason.DAMAGED)

    assert 'class="stock is-out"' in text(client, "/productos/aceite/")


def test_what_stands_beside_a_product_is_of_its_shelf_and_then_of_its_neighbours(
    organization, client, django_assert_max_num_queries
):
    top = make.category("Aceites", slug="aceites")
    florals = make.category("Florales", slug="florales", parent=top)
    citrus = make.category("Cítricos", slug="citricos", parent=top)
    make.product("Aceite de lavanda", slug="lavanda", category=florals)
    make.product("Aceite de rosa", category=florals)
    for number in range(5):
        make.product(f"Aceite de naranja {number}", category=citrus)
    make.product("Difusor", category=make.category("Difusores"))

    with django_assert_max_num_queries(7):
        page = text(client, "/productos/lavanda/")

    beside = re.findall(r'class="card-name"><a [^>]*>([^<]+)</a>', page)
    assert beside[0] == "Aceite de rosa"
    assert len(beside) == 4
    assert all(name.startswith("Aceite de naranja") for name in beside[1:])
