import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django_scopes import scope

from shop.accounts import second_factor
from shop.models import Membership
from shop.roles import Role
from tests import make
from tests.shop.signing_in import browser, mails_to, person, sign_in, signed_in, text_of

SET_UP = "/cuenta/segundo-paso/activar/"


@pytest.fixture
def live(organization):
    organization.is_live = True
    organization.save()
    return organization


def staff(organization, role):
    user = person()
    Membership.objects.create(organization=organization, user=user, role=role)
    return user


def code(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def set_up(client) -> str:
    """Set up the second factor as a person does, and give its secret."""
    page = client.get(SET_UP)
    if page.status_code == 302:
        client.post(page.headers["Location"], {"password": make.PASSWORD})
        page = client.get(SET_UP)
    secret = page.context["form"].secret
    client.post(SET_UP, {"code": code(secret)})
    return secret


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("path", ["/admin/", "/consola/", "/api/products/"])
def test_live_shops_ask_owners_and_administrators_and_nobody_else(live, role, path):
    user, client = staff(live, role), browser()
    sign_in(client, user)

    answer = client.get(path)

    if role not in second_factor.REQUIRED_OF:
        assert SET_UP not in answer.headers.get("Location", "")
        assert answer.status_code != 403 or b"second_factor_required" not in answer.content
    elif path.startswith("/api/"):
        assert answer.status_code == 403
        assert answer.json()["code"] == "second_factor_required"
    else:
        assert answer.headers["Location"].startswith(SET_UP)


def test_practice_shops_ask_nobody(organization):
    user, client = staff(organization, Role.OWNER), browser()
    sign_in(client, user)

    assert client.get("/admin/").status_code == 200


def test_operators_are_asked_in_live_shops(live):
    user, client = person(is_superuser=True), browser()
    sign_in(client, user)

    assert client.get("/admin/").headers["Location"].startswith(SET_UP)


@pytest.mark.django_db(transaction=True)
def test_an_owner_sets_up_a_second_factor_and_works_on():
    live = make.organization(host="testserver", is_live=True)
    with scope(organization=live):
        user, client = staff(live, Role.OWNER), browser()
    sign_in(client, user)

    secret = set_up(client)

    assert client.get("/admin/").status_code == 200
    assert secret not in str(Authenticator.objects.get(type="totp").data)
    assert len(mails_to(user.email)) == 1


def test_signing_in_asks_for_the_code_once_it_is_set_up(live):
    user, client = staff(live, Role.OWNER), browser()
    secret = generate_totp_secret()
    TOTP.activate(user, secret)

    answer = sign_in(client, user)
    assert answer.headers["Location"] == "/cuenta/segundo-paso/codigo/"
    assert not signed_in(client)
    assert client.get("/admin/").status_code == 302
    client.post("/cuenta/segundo-paso/codigo/", {"code": code(secret)})

    assert signed_in(client)
    assert client.get("/admin/").status_code == 200


def test_a_session_from_before_the_second_factor_shows_it_first(live):
    user, stolen, client = staff(live, Role.ADMIN), browser(), browser()
    sign_in(stolen, user)
    sign_in(client, user)
    set_up(client)

    answer = stolen.get("/admin/")

    assert answer.headers["Location"].startswith("/cuenta/segundo-paso/confirmar/")


def test_codes_may_be_guessed_five_times(live):
    user, client = staff(live, Role.OWNER), browser(language="en")
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    sign_in(client, user)

    wrong = "000000" if code(secret) != "000000" else "000001"
    answers = [client.post("/cuenta/segundo-paso/codigo/", {"code": wrong}) for _try in range(6)]

    assert "Too many wrong tries" in text_of(answers[-1])
    client.post("/cuenta/segundo-paso/codigo/", {"code": code(secret)})
    assert not signed_in(client)


def test_a_recovery_code_opens_once(live):
    user, client = staff(live, Role.OWNER), browser()
    sign_in(client, user)
    set_up(client)
    saved = Authenticator.objects.get(user=user, type="recovery_codes").wrap().get_unused_codes()[0]
    shown = text_of(client.get("/cuenta/segundo-paso/reserva/"))
    assert saved in shown

    for opens in (True, False):
        later = browser()
        sign_in(later, user)
        later.post("/cuenta/segundo-paso/codigo/", {"code": saved})
        assert signed_in(later) is opens


def test_who_must_have_a_second_factor_cannot_turn_it_off(live):
    user, client = staff(live, Role.OWNER), browser()
    sign_in(client, user)
    set_up(client)

    client.post("/cuenta/segundo-paso/quitar/")

    assert Authenticator.objects.filter(user=user, type="totp").exists()


def test_a_shopper_may_turn_it_off(live):
    user, client = person(), browser()
    sign_in(client, user)
    set_up(client)

    client.post("/cuenta/segundo-paso/quitar/")

    assert not Authenticator.objects.filter(user=user).exists()


def test_a_token_asks_the_same_question(live):
    user = staff(live, Role.OWNER)
    membership = Membership.objects.get(user=user)

    assert second_factor.is_missing(user, membership, live) is True
    TOTP.activate(user, generate_totp_secret())
    assert second_factor.is_missing(user, membership, live) is False
