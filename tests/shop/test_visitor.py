"""The visitor's own part, and what a visitor chooses."""

import pytest
from django.conf import settings
from django.contrib import messages
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpResponse

from shop.roles import Role
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def no_session(monkeypatch):
    """Let any use of a session fail the test."""

    def refuse(self, *args, **kwargs):
        raise AssertionError("The session of a stranger was opened.")

    for name in ("_get_session", "save"):
        monkeypatch.setattr(SessionBase, name, refuse)
    monkeypatch.setattr(SessionBase, "_session", property(refuse))


def test_a_stranger_is_offered_to_sign_in(organization, client):
    answer = client.get("/visitante/")

    assert answer.status_code == 200
    assert 'href="/cuenta/"' in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert "<html" not in answer.content.decode()


def test_somebody_signed_in_sees_their_own_name(organization, client):
    client.force_login(make.user(name="Ana <b>María", email="ana@example.com"))

    page = client.get("/visitante/").content.decode()

    assert "Ana" in page
    assert "<b>" not in page
    assert "ana@example.com" in page
    assert "/admin/" not in page
    assert 'name="csrfmiddlewaretoken"' in page


def test_only_staff_of_this_shop_see_the_way_to_the_back_office(organization, client):
    other = make.organization(host="otra.localhost")
    client.force_login(make.member(Role.MANAGER))
    assert "/admin/" in client.get("/visitante/").content.decode()

    client.force_login(make.member(Role.OWNER, organization=other))
    assert "/admin/" not in client.get("/visitante/").content.decode()


def test_the_visitors_part_is_never_kept_for_others(organization, client):
    client.force_login(make.user(name="Ana"))
    client.get("/visitante/")
    client.logout()

    assert "Ana" not in client.get("/visitante/").content.decode()


def test_the_mark_comes_with_signing_in_and_goes_with_signing_out(organization, client):
    assert "kaiu_visitor" not in client.get("/visitante/").cookies
    client.force_login(make.user())

    mark = client.get("/visitante/").cookies["kaiu_visitor"]
    assert mark.value == "1"
    assert not mark["httponly"]
    assert mark["samesite"] == "Lax"
    assert "kaiu_visitor" not in client.get("/visitante/").cookies

    del client.cookies[settings.SESSION_COOKIE_NAME]
    gone = client.get("/visitante/").cookies["kaiu_visitor"]
    assert gone.value == ""
    assert gone["max-age"] == 0


@pytest.mark.parametrize("is_kept", [True, False])
def test_pages_that_all_share_never_set_the_mark(organization, client, settings, is_kept):
    settings.PAGE_CACHE = is_kept
    client.force_login(make.user())

    for address in ("/", "/productos/", "/paginas/envios/"):
        assert not client.get(address).cookies


def test_strangers_have_no_session_anywhere_in_the_shop(organization, client, no_session):
    make.product(slug="lavanda")

    for address in (
        "/",
        "/productos/",
        "/productos/lavanda/",
        "/buscar/?q=lavanda",
        "/paginas/datos/",
        "/sitemap.xml",
        "/idioma/en/",
        "/vista/list/",
        "/no-existe/",
    ):
        answer = client.get(address)
        assert answer.status_code in (200, 302, 404), address
        assert settings.SESSION_COOKIE_NAME not in answer.cookies


def test_an_unread_message_is_shown_once(organization, client, rf):
    left = HttpResponse()
    storage = CookieStorage(rf.get("/"))
    storage.add(messages.INFO, "Listo <b>")
    storage.update(left)
    client.cookies["messages"] = left.cookies["messages"].value

    first, second = client.get("/visitante/"), client.get("/visitante/")

    assert "Listo &lt;b&gt;" in first.content.decode()
    assert "Listo" not in second.content.decode()


@pytest.mark.parametrize(
    ("path", "cookie", "value"),
    [("/idioma/en/", "kaiu_language", "en"), ("/vista/list/", "kaiu_view", "list")],
)
def test_a_choice_is_kept_for_a_year_and_leads_back(organization, client, path, cookie, value):
    answer = client.get(path, {"next": "/productos/?orden=precio"})

    assert answer.status_code == 302
    assert answer["Location"] == "/productos/?orden=precio"
    assert answer.cookies[cookie].value == value
    assert answer.cookies[cookie]["max-age"] == 365 * 24 * 3600
    assert answer.cookies[cookie]["samesite"] == "Lax"


def test_the_chosen_language_is_spoken(organization, client):
    assert 'lang="es"' in client.get("/").content.decode()

    client.get("/idioma/en/")

    assert 'lang="en"' in client.get("/").content.decode()


def test_without_a_next_page_the_one_before_comes_back(organization, client):
    before = {"referer": "http://testserver/productos/lavanda/?variante=A"}
    answer = client.get("/idioma/en/", headers=before)
    assert answer["Location"] == "/productos/lavanda/?variante=A"

    elsewhere = {"referer": "http://ajeno.example/productos/"}
    assert client.get("/idioma/en/", headers=elsewhere)["Location"] == "/"


@pytest.mark.parametrize(
    "wanted",
    [
        "https://ajeno.example/",
        "//ajeno.example/",
        "/\\ajeno.example/",
        "\\\\ajeno.example",
        "http:///ajeno.example",
        "javascript:alert(1)",
        " //ajeno.example",
        "\x08//ajeno.example",
        "http://[",
        "productos/",
        "/" + "x" * 5000,
    ],
)
def test_nobody_is_sent_away_from_the_shop(organization, client, wanted):
    assert client.get("/idioma/en/", {"next": wanted})["Location"] == "/"
    assert client.get("/idioma/en/", headers={"referer": wanted.strip("\x08")})["Location"] == "/"


def test_a_line_break_in_the_next_page_does_not_break_the_answer(organization, client):
    answer = client.get("/idioma/en/", {"next": "/a\r\nSet-Cookie: x=1"})

    assert answer.status_code == 302
    assert "x" not in answer.cookies
    assert "\n" not in answer["Location"]


@pytest.mark.parametrize("path", ["/idioma/fr/", "/idioma/es-co/", "/vista/tabla/"])
def test_an_unknown_choice_is_not_found(organization, client, path):
    answer = client.get(path)

    assert answer.status_code == 404
    assert not answer.cookies


def test_choices_are_not_made_by_other_methods(organization, client):
    assert client.post("/idioma/en/").status_code == 405
