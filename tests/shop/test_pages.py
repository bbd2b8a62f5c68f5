"""The pages of words."""

import re

import pytest
from django.utils import translation

from shop import pages
from tests import make

pytestmark = pytest.mark.django_db


def text(client, slug, **cookies):
    client.cookies.load(cookies)
    answer = client.get(f"/paginas/{slug}/")
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("page", pages.PAGES, ids=lambda page: page.slug)
@pytest.mark.parametrize("language", ["es", "en"])
def test_a_shop_that_filled_in_nothing_has_whole_pages(organization, client, page, language):
    written = text(client, page.slug, kaiu_language=language)

    assert f'<html lang="{language}">' in written
    assert organization.name in written
    for leftover in ("None", "{{", "{%", "NIT</dt>", "mailto:", "tel:", "<dd></dd>", "()"):
        assert leftover not in written, leftover


@pytest.mark.parametrize("page", pages.PAGES, ids=lambda page: page.slug)
def test_every_page_says_who_sells_and_how_to_reach_them(client, db, page):
    make.organization(
        host="testserver",
        name="Luna",
        legal_name="Luna SAS",
        tax_id="901.234.567-7",
        address_line="Carrera 7 # 71-21",
        city="Bogotá",
        email="hola@luna.example",
        phone="+576011234567",
        whatsapp="+573001234567",
    )

    written = text(client, page.slug)

    assert "<dd>Luna SAS</dd>" in written
    assert "<dd>901.234.567-7</dd>" in written
    assert "<dd>Carrera 7 # 71-21, Bogotá</dd>" in written
    assert '<a href="mailto:hola@luna.example">' in written
    assert '<a href="tel:+576011234567">' in written
    assert '<a href="https://wa.me/573001234567"' in written


@pytest.mark.parametrize(
    ("slug", "facts"),
    [
        (
            "cambios",
            ["5 business", "15 calendar", "one year", "15\nbusiness days", "without deduct"],
        ),
        ("envios", ["30 calendar days", "15\ncalendar days"]),
        ("datos", ["10 business days", "15 business days", "at most 8 more", "Ley 1581"]),
        ("datos", ["7:00 and 19:00", "8:00 and 15:00", "Sundays or holidays"]),
        ("terminos", ["Ley 1480 of 2011", "Ley 2439 of 2024", "the lower one counts"]),
    ],
)
def test_the_terms_of_the_law_are_stated(organization, client, slug, facts):
    written = " ".join(text(client, slug, kaiu_language="en").split())

    for fact in facts:
        assert " ".join(fact.split()) in written, fact


def test_no_page_promises_the_terms_of_old_templates(organization, client):
    written = text(client, "cambios", kaiu_language="en")

    # Thirty days were the term for the refund before Ley 2439 of 2024; for delivery they still are.
    assert [m for m in re.findall(r"(\d+) calendar", written) if m not in ("15", "30")] == []
    assert "refund within 30" not in written


def test_a_page_that_binds_names_its_version_and_first_day(organization, client):
    assert pages.VERSIONS.keys() == {"envios", "cambios", "datos", "terminos"}
    page = pages.by_slug("terminos")

    with translation.override("en"):
        assert page.updated_label == f"Version {page.version}, in force since Nov. 21, 2026"
        assert page.updated_label in text(client, "terminos", kaiu_language="en")


def test_the_merchants_own_words_come_first_and_cannot_carry_scripts(client, db):
    make.organization(
        host="testserver",
        about="<p>Somos <b>Luna</b></p><script>alert(1)</script>",
        delivery_words="Despachamos los martes <a href=x>\n\nA todo el país",
    )

    about, delivery = text(client, "nosotros"), text(client, "envios")

    assert "<p>Somos <b>Luna</b></p>" in about
    assert "alert(1)" not in about.replace("<script>alert(1)", "")
    assert "<script>alert" not in about
    assert "<p>Despachamos los martes &lt;a href=x&gt;</p><p>A todo el país</p>" in delivery


def test_hostile_names_show_as_text(client, db):
    make.organization(host="testserver", name="</script><b>x", legal_name="<img src=x onerror=y>")

    for page in pages.PAGES:
        written = text(client, page.slug)
        assert "<b>x" not in written
        assert "<img src=x" not in written


def test_an_unknown_page_is_not_found(organization, client):
    assert client.get("/paginas/nada/").status_code == 404


def test_links_name_every_page_in_the_language_of_the_request(organization):
    with translation.override("en"):
        links = pages.links(organization, current="cambios")

    assert [link["url"] for link in links] == [
        "/paginas/nosotros/",
        "/paginas/envios/",
        "/paginas/cambios/",
        "/paginas/datos/",
        "/paginas/terminos/",
    ]
    assert [link["slug"] for link in links if link["is_current"]] == ["cambios"]
    assert links[0]["label"] == "About us"
