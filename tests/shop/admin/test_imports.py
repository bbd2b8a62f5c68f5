"""Imports in the back-office: looking changes nothing, and only who keeps the catalogue decides."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from shop import imports
from shop.imports import running
from shop.models import Product, ProductImport
from tests import make
from tests.shop.admin.back_office import client_of
from tests.shop.imports.tables import own

LIST = "/admin/shop/productimport/"
COCO = {"Nombre": "Aceite de coco", "SKU": "COCO", "Precio": "24.900", "Existencias": "7"}
WRONG = {"Nombre": "Aceite de ricino", "SKU": "RICINO", "Precio": "veinte", "Existencias": "7"}


@pytest.fixture(autouse=True)
def _spanish(organization):
    # Prices and columns as people of Colombia write them.
    organization.language = "es"
    organization.save(update_fields=["language"])


def give(client, *rows: dict, name: str = "productos.csv", content: bytes | None = None):
    """Give a file on its page; give the answer."""
    file = SimpleUploadedFile(name, own(*rows) if content is None else content)
    return client.post(f"{LIST}add/", {"file": file})


def step(client, one: ProductImport, deed: str, **values):
    return client.post(f"{LIST}{one.pk}/paso/", {"do": deed, **values})


def finish(one: ProductImport) -> ProductImport:
    """Let a worker do what there is to do."""
    running.carry_on(one.pk)
    return ProductImport.objects.get(pk=one.pk)


def page_of(client, one: ProductImport):
    return client.get(f"{LIST}{one.pk}/change/")


@pytest.fixture
def keeper(organization):
    return client_of("manager")


def test_a_file_is_looked_at_before_anything_changes(keeper):
    answer = give(keeper, COCO, WRONG)

    one = ProductImport.objects.get()
    assert answer.url == f"{LIST}{one.pk}/change/"
    context = page_of(keeper, one).context
    assert {shown.name: shown.outcome for shown in context["preview"].products} == {
        "Aceite de coco": "added",
        "Aceite de ricino": "faulty",
    }
    assert (one.added, one.faulty, Product.objects.count()) == (1, 1, 0)


def test_before_and_after_stand_side_by_side(keeper):
    give(keeper, COCO)
    first = ProductImport.objects.get()
    step(keeper, first, "start")
    finish(first)

    give(keeper, {**COCO, "Precio": "27.900"})

    (shown,) = page_of(keeper, ProductImport.objects.first()).context["preview"].products
    (change,) = shown.differences
    assert (change.sku, change.before, change.after) == ("COCO", "$\u00a024.900", "$\u00a027.900")


def test_what_is_brought_in_is_counted_and_errors_are_told_with_line_and_column(keeper):
    give(keeper, COCO, WRONG)
    one = ProductImport.objects.get()
    step(keeper, one, "start")
    one = finish(one)

    context = page_of(keeper, one).context
    (fault,) = context["faults"]
    assert (fault["line"], fault["column"]) == (3, "Precio")
    assert "veinte" in fault["words"]
    content = b"".join(keeper.get(f"{LIST}{one.pk}/errores.csv").streaming_content)
    (row,) = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    assert row["SKU"] == "RICINO"
    home = {found["waiting"].label for found in keeper.get("/admin/").context["waiting"]}
    assert keeper.get(f"{LIST}?state=errors").context["cl"].result_count == 1
    assert len(home & {"Imports with errors", "Importaciones con errores"}) == 1


def test_undoing_asks_once_more(keeper):
    give(keeper, COCO)
    one = ProductImport.objects.get()
    step(keeper, one, "start")
    finish(one)

    question = keeper.get(f"{LIST}{one.pk}/deshacer/")
    assert question.status_code == 200
    assert Product.objects.count() == 1
    keeper.post(f"{LIST}{one.pk}/deshacer/")
    one = finish(one)

    assert (one.status, Product.objects.count()) == (ProductImport.Status.UNDONE, 0)


def test_dollars_wait_for_a_rate_and_a_rate_that_is_none_is_told(keeper):
    rows = [{**COCO, "Precio": "10", "Moneda": "USD"}]
    give(keeper, *rows)
    one = ProductImport.objects.get()
    assert page_of(keeper, one).context["foreign"] == [{"code": "USD", "count": 1, "rate": ""}]

    refused = step(keeper, one, "choose", **{"rate-USD": "mucho"})
    assert "mucho" in keeper.get(refused.url).content.decode()
    step(keeper, one, "choose", **{"rate-USD": "4.100"})
    one = finish(one)

    assert (one.added, one.faulty) == (1, 0)
    (shown,) = page_of(keeper, one).context["preview"].products
    assert "$\u00a041.000" in {change.after for change in shown.differences}


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", b"PK\x03\x04 half a workbook"])
def test_a_file_that_is_no_table_is_refused_beside_its_field(keeper, content):
    answer = give(keeper, content=content)

    assert answer.status_code == 200
    assert answer.context["form"].errors["file"]
    assert ProductImport.objects.count() == 0


def test_the_progress_asks_for_the_page_anew_when_it_is_over(keeper, organization):
    one = make.product_import(status=ProductImport.Status.RUNNING, total=200, done=50)
    address = f"{LIST}{one.pk}/avance/"

    running_answer = keeper.get(address)
    assert 'width="25%"' in running_answer.content.decode()
    assert "HX-Refresh" not in running_answer.headers
    assert '<noscript><meta http-equiv="refresh"' in page_of(keeper, one).content.decode()
    ProductImport.objects.update(status=ProductImport.Status.DONE)

    assert keeper.get(address).headers["HX-Refresh"] == "true"


@pytest.mark.parametrize("role", ["warehouse", "support", "viewer"])
def test_who_only_looks_at_the_catalogue_decides_nothing(keeper, role):
    give(keeper, COCO, WRONG)
    one = ProductImport.objects.get()
    looker = client_of(role)

    page = page_of(looker, one).content.decode()

    assert 'value="start"' not in page
    assert give(looker, COCO).status_code == 403
    for deed in ("start", "discard", "choose", "stop"):
        assert step(looker, one, deed).status_code == 403
    imports.start(one, person=None, now=one.created_at)
    finish(one)
    assert looker.post(f"{LIST}{one.pk}/deshacer/").status_code == 403
    assert Product.objects.count() == 1


def test_the_product_list_is_downloaded_as_it_is_filtered(keeper):
    shown = make.product("Jabón de coco")
    hidden = make.product("Jabón de avena")
    hidden.is_active = False
    hidden.save()

    page = keeper.get("/admin/shop/product/?is_active__exact=1").content.decode()
    assert "productos/?is_active__exact=1&amp;kind=csv" in page
    answer = keeper.get(f"{LIST}productos/?is_active__exact=1&kind=csv")

    content = b"".join(answer.streaming_content).decode()
    assert shown.name in content
    assert hidden.name not in content
    workbook = keeper.get(f"{LIST}plantilla/?kind=xlsx")
    assert workbook.content[:2] == b"PK"
