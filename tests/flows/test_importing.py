"""A merchant comes from a spreadsheet: gives it, corrects what is wrong, and takes it all back."""

import csv
from pathlib import Path

import pytest
from playwright.sync_api import expect

from shop.models import Product, ProductImport, StockMovement, Variant
from tests import make
from tests.flows.conftest import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SAMPLE = Path(__file__).parents[1] / "data" / "products_sample.csv"


def with_a_mistake(folder: Path) -> Path:
    """Give the sample with one price that is none, and without pictures of other servers."""
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        headings, *rows = csv.reader(file)
    pictures = [number for number, heading in enumerate(headings) if heading.startswith("image")]
    for row in rows:
        for number in pictures:
            row[number] = ""
    price = headings.index("price")
    row = next(row for row in rows if row[price] == "879.99" and row[headings.index("sku")])
    row[price] = "no idea"
    faulty = folder / "faulty.csv"
    write(faulty, [headings, *rows])
    return faulty


def write(path: Path, rows: list) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


def give(page, path: Path) -> None:
    """Give a file on the page for it, and look at what would happen."""
    page.set_input_files("input[type=file]", path)
    page.click(".import-give .button-main")


def test_staff_imports_a_sheet_corrects_its_faulty_row_and_takes_it_back(shop, visit, tmp_path):
    shop.language = "en"
    shop.save()
    staff = visit(PHONE)
    staff.sign_in(make.member("manager"))

    # Prices in dollars wait for a rate: none is read as pesos.
    page = staff.open("/admin/shop/productimport/add/")
    give(page, with_a_mistake(tmp_path))
    expect(page.locator(".import-money")).to_be_visible()
    page.fill("input[name=rate-USD]", "4.100")
    page.locator(".import-rates .button-main").click()
    expect(page.locator(".import-count.is-faulty strong")).to_have_text("1")
    expect(page.locator(".import-faults").first).to_contain_text("price")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert Product.objects.count() == 0

    page.locator("button[value=start]").click()
    expect(page.locator(".import-state.is-success")).to_be_visible()
    faulty = ProductImport.objects.get()
    assert Product.objects.count() == faulty.added > 30

    # The file of errors holds just the rows of the product left out; corrected, it comes in.
    with page.expect_download() as download:
        page.locator(".import-buttons .button-main").click()
    rows = list(csv.reader(download.value.path().read_text("utf-8-sig").splitlines()))
    price = rows[0].index("price")
    assert [row[price] for row in rows[1:]].count("no idea") == 1
    corrected = tmp_path / "corrected.csv"
    write(
        corrected,
        [[cell.replace("no idea", "879.99") for cell in row] for row in rows],
    )
    page.goto(f"{staff.base_url}/admin/shop/productimport/add/")
    give(page, corrected)
    page.fill("input[name=rate-USD]", "4.100")
    page.locator(".import-rates .button-main").click()
    expect(page.locator(".import-count.is-faulty")).to_have_count(0)
    page.locator("button[value=start]").click()
    expect(page.locator(".import-state.is-success")).to_be_visible()
    assert Product.objects.count() == faulty.added + 1
    dollars = Variant.objects.get(sku="AUTOMATIC-ESPRESSO-MACHINE-SILVER")
    assert dollars.price == 879_99 * 4_100

    # Both are taken back, the newer first, and nothing of them stays.
    for one in ProductImport.objects.order_by("-id"):
        page.goto(f"{staff.base_url}/admin/shop/productimport/{one.pk}/change/")
        page.locator("a[href$='/deshacer/']").click()
        page.locator(".import-part .button-main").click()
        expect(page.locator("#result")).to_be_visible()
    assert Product.objects.count() == 0
    assert StockMovement.objects.count() == 0
    assert staff.errors == []
