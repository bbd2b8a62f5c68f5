"""What a visitor sees when a page is missing or something failed."""

import pytest
from django.template import engines
from django.test import Client
from django.urls import path

from tests import make


def broken(request):
    raise RuntimeError("secret detail")


urlpatterns = [path("roto/", broken, name="health-alive")]
handler404 = "shop.storefront.errors.page_not_found"
handler500 = "shop.storefront.errors.server_error"


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/nada/", "/productos/nada/", "/categorias/nada/", "/%00/"])
def test_a_missing_page_keeps_the_shop_around_it_and_helps_to_search(client, address):
    make.organization(host="testserver", name="Luna")

    answer = client.get(address)
    page = answer.content.decode()

    assert answer.status_code == 404
    assert "Luna" in page
    assert 'action="/buscar/"' in page
    assert '<meta name="robots" content="noindex">' in page
    assert not answer.cookies


@pytest.mark.django_db
def test_an_unknown_host_has_no_shop_to_show(client):
    answer = client.get("/productos/", headers={"host": "nadie.example"})

    assert answer.status_code == 404
    assert "<h1>" in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.urls(__name__)
def test_a_failure_says_so_without_details_or_a_session(organization, django_assert_num_queries):
    client = Client(raise_request_exception=False)
    client.get("/roto/")

    with django_assert_num_queries(0):
        answer = client.get("/roto/")

    assert answer.status_code == 500
    assert "<h1>" in answer.content.decode()
    assert "secret" not in answer.content.decode()
    assert not answer.cookies


@pytest.mark.django_db
@pytest.mark.urls(__name__)
def test_a_failure_is_told_even_when_the_templates_fail(organization, monkeypatch):
    def lost(*args, **kwargs):
        raise OSError

    monkeypatch.setattr(engines["django"].engine, "find_template", lost)
    for loader in engines["django"].engine.template_loaders:
        monkeypatch.setattr(loader, "get_template", lost)

    answer = Client(raise_request_exception=False).get("/roto/")

    assert answer.status_code == 500
    assert "Algo falló de nuestro lado" in answer.content.decode()


def test_a_database_that_is_down_still_gives_a_page_for_errors():
    # Without the mark django_db every query raises, as if nobody answered.
    answer = Client(raise_request_exception=False).get("/productos/")

    assert answer.status_code == 500
    assert "<h1>" in answer.content.decode()
