import pytest
from playwright.sync_api import expect

from shop.models import Product, StockLevel, StockMovement
from tests import make
from tests.flows.conftest import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_staff_adds_a_product_with_picture_and_variants_and_sees_it_in_the_shop(
    shop, visit, tmp_path
):
    make.category("Aceites")
    photo = tmp_path / "foto.jpg"
    photo.write_bytes(make.picture_file().getvalue())
    staff = visit()
    staff.sign_in(make.member("manager"))

    page = staff.open("/admin/shop/product/add/")
    page.fill("#id_name", "Aceite de almendras")
    page.select_option("#id_category", label="Aceites")
    page.fill("#id_option1_name", "Tamaño")
    fill_variant(page, 0, size="10 ml", price="24.900", stock="7")
    page.locator("#variants-group tfoot").get_by_role("link").click()
    fill_variant(page, 1, size="30 ml", price="59900", stock="3")
    page.set_input_files("#id_pictures-0-file", photo)
    page.fill("#id_pictures-0-description", "Frasco de aceite")
    page.click("button[name=_save]")

    expect(page.get_by_role("link", name="Aceite de almendras", exact=True).first).to_be_visible()
    assert staff.errors == []
    product = Product.objects.get()
    assert [variant.price for variant in product.variants.all()] == [2_490_000, 5_990_000]
    assert {movement.quantity for movement in StockMovement.objects.all()} == {7, 3}

    shopper = visit(PHONE)
    page = shopper.open("/productos/")
    expect(page.get_by_text("Aceite de almendras").first).to_be_visible()
    expect(page.get_by_text("24.900").first).to_be_visible()
    picture = page.locator(f"img[src*='{Product.objects.get().cover['key']}']").first
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    assert shopper.errors == []


def fill_variant(page, number, *, size, price, stock):
    page.fill(f"#id_variants-{number}-option1", size)
    page.fill(f"#id_variants-{number}-price", price)
    page.fill(f"#id_variants-{number}-opening_stock", stock)


def test_a_mistake_is_said_beside_its_field_and_nothing_typed_is_lost(shop, visit):
    make.category("Aceites")
    staff = visit(PHONE)
    staff.sign_in(make.member("manager"))

    page = staff.open("/admin/shop/product/add/")
    page.fill("#id_name", "Aceite de almendras")
    page.select_option("#id_category", label="Aceites")
    page.fill("#id_variants-0-price", "24.90")
    page.click("button[name=_save]")

    expect(page.get_by_text("24.900")).to_be_visible()
    expect(page.locator("#id_variants-0-price")).to_have_value("24.90")
    expect(page.locator("#id_name")).to_have_value("Aceite de almendras")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_stock_is_moved_by_hand_and_the_menu_shows_only_ones_own(shop, visit):
    variant = make.variant(in_stock=4)
    staff = visit()
    staff.sign_in(make.member("warehouse"))

    page = staff.open("/admin/shop/stocklevel/")
    expect(page.locator("#nav-sidebar-apps a[href='/admin/shop/customer/']")).to_have_count(0)
    page.locator(f"a[href='/admin/shop/stocklevel/{variant.pk}/mover/']").click()
    page.fill("#id_quantity", "6")
    page.click(".button-main")

    expect(page.locator("#result_list")).to_contain_text("10")
    assert staff.errors == []
    assert StockLevel.objects.get(pk=variant.pk).on_hand == 10
