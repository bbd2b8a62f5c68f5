from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.contrib.auth import authenticate
from django.core.cache import cache
from django.test import RequestFactory

from shop.accounts import lockout
from shop.models import User
from tests import make
from tests.shop.signing_in import browser, new_email, person, sign_in, signed_in, text_of

WAIT = "Too many wrong tries"


def test_the_sixth_wrong_try_waits_even_with_the_right_password(organization):
    user, client = person(), browser(language="en")

    answers = [sign_in(client, user, "no es esta") for _try in range(5)]
    assert [answer.status_code for answer in answers] == [200] * 5
    assert all(WAIT not in text_of(answer) for answer in answers)
    sixth = sign_in(client, user)

    assert sixth.status_code == 429
    assert 14 * 60 < int(sixth.headers["Retry-After"]) <= 15 * 60
    assert WAIT in text_of(sixth)
    assert f'value="{user.email}"' in text_of(sixth)
    assert not signed_in(client)


def test_a_locked_address_does_not_tell_whether_it_has_an_account(organization):
    pages = []
    for email in (person().email, new_email()):
        client = browser()
        wrong = {"login": email, "password": "no es esta"}
        answers = [client.post("/cuenta/entrar/", wrong) for _try in range(7)]
        pages.append([text_of(answer).replace(email, "X") for answer in answers])

    assert pages[0] == pages[1]


def test_the_lock_opens_after_the_cool_off(organization):
    user, client = person(), browser()
    for _try in range(6):
        sign_in(client, user, "no es esta")
    valkey = cache._cache.get_client(write=True)
    for key in valkey.scan_iter("*sign-in-tries:*"):
        valkey.expire(key, 0)

    sign_in(client, user)

    assert signed_in(client)


def test_the_lock_holds_for_one_person_from_one_address(organization):
    user, neighbour, attacker = person(), person(), browser()
    for _try in range(6):
        sign_in(attacker, user, "no es esta")

    owner = browser()
    sign_in(owner, user)
    sign_in(attacker, neighbour)

    assert signed_in(owner)
    assert signed_in(attacker)


def test_one_address_may_try_so_many_times_whatever_the_person(organization, settings):
    settings.SIGN_IN_TRIES_PER_ADDRESS = 8
    client = browser()
    for _try in range(8):
        sign_in(client, User(email=new_email()), "no es esta")

    sign_in(client, person())

    assert not signed_in(client)


def test_an_attack_on_one_shop_locks_nobody_out_of_another(organization):
    make.organization(host="otra.localhost")
    user, client = person(), browser()
    for _try in range(6):
        sign_in(client, user, "no es esta")
    elsewhere = browser(host="otra.localhost", REMOTE_ADDR=client.defaults["REMOTE_ADDR"])

    sign_in(elsewhere, user)

    assert signed_in(elsewhere)


def test_the_right_password_forgets_the_wrong_tries(organization):
    user, client = person(), browser()
    for _round in range(3):
        for _try in range(4):
            sign_in(client, user, "no es esta")
        sign_in(client, user)
        assert signed_in(client)
        client.post("/cuenta/salir/")


def test_right_passwords_never_lock(organization):
    user = person()
    address = browser().defaults["REMOTE_ADDR"]

    for _time in range(20):
        request = _request(organization, address)
        assert authenticate(request, email=user.email, password=make.PASSWORD) == user


def test_guesses_at_once_are_not_more_than_five(organization):
    address, start = browser().defaults["REMOTE_ADDR"], Barrier(20)

    def guess(_number):
        request = _request(organization, address)
        start.wait()
        return lockout.Lockout().is_allowed(request, {"email": "ana@example.com"})

    with ThreadPoolExecutor(20) as pool:
        allowed = list(pool.map(guess, range(40)))

    assert allowed.count(True) == 5


def test_an_address_from_a_header_counts_only_behind_our_own_proxy(organization, settings):
    user, client = person(), browser()

    def attempt(number):
        return client.post(
            "/cuenta/entrar/",
            {"login": user.email, "password": "no es esta"},
            HTTP_X_FORWARDED_FOR=f"203.0.113.{number}",
        )

    assert [attempt(number).status_code for number in range(6)][-1] == 429
    settings.USE_X_FORWARDED_HOST = True
    assert attempt(100).status_code == 200
    # What the visitor wrote in front of our proxy's entry is not believed.
    tries = [
        client.post(
            "/cuenta/entrar/",
            {"login": user.email, "password": "no es esta"},
            HTTP_X_FORWARDED_FOR=f"203.0.113.{number}, 198.51.100.7",
        ).status_code
        for number in range(6)
    ]
    assert tries[-1] == 429


def _request(organization, address):
    request = RequestFactory().post("/")
    request.META["REMOTE_ADDR"] = address
    request.organization = organization
    return request
