"""Pages that visitors share: the right one, to the right people, and never an old price."""

import gzip

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django_scopes import scope

from config.lib import memory, valkey
from shop import catalogue, page_cache
from shop.models import Product, Variant
from tests import make


@pytest.fixture
def shop(organization, transactional_db, settings):
    """A shop whose pages nobody kept before, and none of which ends during a test."""
    settings.PAGE_SECONDS = 24 * 3600
    page_cache.raise_version(organization.pk)
    return organization


def rename(product: Product, name: str) -> None:
    """Change a name behind the back of the catalogue, so that only a kept page shows the old."""
    Product.objects.filter(pk=product.pk).update(name=name)


def page(address="/productos/", **options) -> str:
    answer = Client(headers=options.pop("headers", None)).get(address, **options)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_page_is_made_once_and_then_kept(shop, django_assert_num_queries):
    product = make.product("Aceite viejo")
    page_cache.raise_version(shop.pk)
    first = page()
    rename(product, "Aceite nuevo")

    with django_assert_num_queries(0):
        assert page() == first


def test_a_change_drops_the_kept_pages_after_its_commit_and_not_before(shop):
    product = make.product("Aceite", price=1_000_000)
    page()

    with transaction.atomic():
        Variant.objects.filter(product=product).update(price=2_000_000)
        catalogue.refresh([product.pk])
        during = page_in_another_thread()
    after = page()

    assert "$\u00a010.000" in during
    assert "$\u00a020.000" in after


def page_in_another_thread() -> str:
    """Give the page as another visitor sees it while our transaction is open."""
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connection

    def visit():
        try:
            return page()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(visit).result(timeout=20)


def test_a_change_that_is_rolled_back_drops_nothing(shop, django_assert_num_queries):
    product = make.product("Aceite")
    page()

    with pytest.raises(ZeroDivisionError), transaction.atomic():  # noqa: PT012
        catalogue.refresh([product.pk])
        raise ZeroDivisionError

    with django_assert_num_queries(0):
        page()


def test_languages_and_views_have_pages_of_their_own(shop):
    make.product("Aceite")
    client = Client()
    spanish = client.get("/productos/").content.decode()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    english = client.get("/productos/").content.decode()
    client.cookies[page_cache.VIEW_COOKIE] = "list"
    in_lines = client.get("/productos/").content.decode()

    assert '<html lang="es">' in spanish
    assert '<html lang="en">' in english
    assert 'class="cards is-list"' in in_lines
    assert 'class="cards is-list"' not in english
    assert page() == spanish


def test_a_page_names_the_address_at_which_it_was_asked(shop):
    at_one_port = page(headers={"host": "testserver:8000"})
    at_another = page(headers={"host": "testserver:9000"})

    assert "//testserver:8000/productos/" in at_one_port
    assert "//testserver:9000/productos/" in at_another
    assert "8000" not in at_another


def test_two_shops_never_share_a_page(shop):
    make.product("Aceite de aquí")
    other = make.organization(host="otra.localhost")
    with scope(organization=other):
        make.product("Aceite de allá")
        memory.clear_all()

    here, there = page(), page(headers={"host": "otra.localhost"})

    assert "de aquí" in here
    assert "de allá" not in here
    assert "de allá" in there
    assert "de aquí" not in there


def test_nothing_of_a_signed_in_person_is_kept_for_others(shop):
    make.product("Aceite")
    person = make.user(name="Zoraida Única")
    client = Client()
    client.force_login(person)

    theirs = client.get("/productos/")

    assert "Zoraida" not in theirs.content.decode()
    assert "Zoraida" not in page()
    assert not theirs.cookies.get("csrftoken")


def test_compressed_and_plain_are_the_same_page(shop):
    make.product("Aceite")

    packed = Client().get("/productos/", headers={"accept-encoding": "gzip"})

    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content).decode() == page()


def test_a_page_that_did_not_change_is_not_sent_again(shop):
    make.product("Aceite")
    first = Client().get("/productos/")

    again = Client().get("/productos/", headers={"if-none-match": first.headers["ETag"]})

    assert again.status_code == 304
    assert again.content == b""
    assert first.headers["Content-Security-Policy"]


def test_without_the_cache_the_shop_still_answers(shop, settings):
    make.product("Aceite")
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    assert "Aceite" in page()


def kept_pages(shop) -> int:
    return len(valkey.opened().keys(valkey.key(f"{{{shop.pk}}}:page:*")))


def test_hostile_cookies_and_hosts_do_not_fill_the_cache(shop):
    make.product("Aceite")
    keys = kept_pages(shop)
    page()
    for number in range(5):
        client = Client()
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = f"x{number}"
        client.cookies[page_cache.VIEW_COOKIE] = f"x{number}"
        client.get("/productos/")
        client.get(f"/productos/?utm={number}")

    assert kept_pages(shop) == keys + 1
