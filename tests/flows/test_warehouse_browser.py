"""A day at the packing table: ten orders are packed, labelled and handed over by one person."""

import io

import pytest
from pypdf import PdfReader

from logistics.models import Shipment
from tests import make
from tests.flows.conftest import PHONE

HOME = "/admin/bodega/"


def scan(page, code: str) -> str:
    """Type a code and Enter as a scanner does; give what the page says to it."""
    before = page.locator(".scan-told").element_handle()
    page.locator("#scan").fill(code)
    page.keyboard.press("Enter")
    # The part of the page that changed is a new one.
    before.wait_for_element_state("hidden") if before else None
    return page.locator(".scan-told").inner_text()


def ten_orders() -> list:
    soap = make.variant(make.product("Jabón", variants=0), sku="JAB-1")
    oil = make.variant(make.product("Aceite", variants=0), sku="ACE-1")
    place = {"recipient": "Ana Gómez", "line": "Calle 1 # 2-3", "municipality": "Cali"}
    code = make.delivery_code(make.national_rate())
    return [
        make.order(
            lines=[(soap, 1), (oil, 1)],
            status="confirmed",
            paid=True,
            delivery=place,
            delivery_code=code,
        )
        for _number in range(10)
    ]


@pytest.mark.django_db(transaction=True)
def test_ten_orders_are_packed_labelled_and_handed_over(shop, visit):
    shop.language = "en"
    shop.save(update_fields=["language"])
    orders, person = ten_orders(), make.member("warehouse")
    window = visit(PHONE)
    window.sign_in(person)
    page = window.open(HOME)

    # Half of them at the table, piece by piece.
    for order in orders[:5]:
        page = window.open(f"/admin/orders/order/{order.pk}/empacar/")
        page.get_by_role("button", name="Start to pack").click()
        assert "1" in scan(page, "JAB-1")
        wrong = scan(page, "JAB-1")
        assert page.locator(".scan-told.is-wrong").is_visible(), wrong
        scan(page, "ace-1")
        page.get_by_role("button", name="Close the box").click()
        page.get_by_text("The box is closed").wait_for()

    # The others all at once.
    page = window.open(f"{HOME}?cola=empacar")
    page.get_by_label("All", exact=True).check()
    page.get_by_role("button", name="Label and request pick-up").click()
    page.get_by_role("button", name="Label and request pick-up").click()
    page.get_by_text("All labels are ready").wait_for()
    codes = list(Shipment.objects.order_by("code").values_list("code", flat=True))
    assert len(codes) == 10

    for code in codes:
        page = page if page.url.endswith("despachar/") else window.open(f"{HOME}despachar/")
        assert code in scan(page, code)
    assert set(Shipment.objects.values_list("state", flat=True)) == {"picked_up"}
    address = page.get_by_role("link", name="Hand-over list").get_attribute("href")
    printed = window.context.request.get(window.base_url + address).body()
    text = "".join(one.extract_text() for one in PdfReader(io.BytesIO(printed)).pages)
    assert all(code in text for code in codes)
    assert window.errors == []
