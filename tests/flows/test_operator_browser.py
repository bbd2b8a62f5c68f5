import re
from urllib.parse import urlsplit

import pytest
from django.core import mail
from playwright.sync_api import expect

from tests import make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def link_in(message, base_url) -> str:
    """Give the first link of a mail, at the port of the test."""
    path = urlsplit(re.search(r"http\S+", message.body).group()).path
    return f"http://cafe.localhost:{urlsplit(base_url).port}{path}"


def test_an_operator_adds_an_organization_and_its_owner_walks_into_it(shop, visit):
    operator = visit()
    operator.sign_in(make.user(is_superuser=True))
    page = operator.open("/admin/shop/organization/add/")
    page.fill("#id_name", "Café La Vereda")
    page.fill("#id_slug", "cafe")
    page.fill("#id_host", "cafe.localhost")
    page.fill("#id_owner_email", "duena@example.com")
    page.click("button[name=_save]")
    expect(page.locator("#result_list")).to_contain_text("cafe.localhost")

    owner = visit()
    page = owner.page
    page.goto(link_in(mail.outbox[-1], owner.base_url))
    page.fill("main input[name=email]", "duena@example.com")
    page.click("main form button[type=submit]")
    page.wait_for_url(lambda url: "cafe.localhost" in url and "enlace" in url)
    page.goto(link_in(mail.outbox[-1], owner.base_url))
    page.click("main form button[type=submit]")
    page.wait_for_load_state()
    page.goto(f"http://cafe.localhost:{urlsplit(owner.base_url).port}/admin/")

    expect(page.locator("body")).to_contain_text("Café La Vereda")
    expect(page.locator("a[href='/admin/shop/product/']").first).to_be_attached()
    assert operator.errors == []
    assert owner.errors == []
