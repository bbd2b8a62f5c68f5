import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django_scopes import scope
from rest_framework.test import APIClient

from shop.models import Membership, Product
from tests import make
from tests.shop import api


def sign_in(person, *, host="testserver", password=make.PASSWORD, **more):
    body = {"email": person.email, "password": password, **more}
    return APIClient(headers={"Host": host}).post("/api/token/", body)


def bearer(token: str, *, host: str = "testserver") -> APIClient:
    return APIClient(headers={"Authorization": f"Bearer {token}", "Host": host})


def test_a_token_lets_a_member_do_what_their_role_may(organization):
    product = make.product("Antes")
    tokens = sign_in(make.member("manager")).json()

    answer = bearer(tokens["access"]).patch(f"/api/products/{product.pk}/", {"name": "Después"})

    assert answer.status_code == 200
    assert Product.objects.get(pk=product.pk).name == "Después"


def test_a_session_of_the_shop_needs_its_csrf_token(organization):
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(make.member("owner"))

    answer = client.post("/api/benefits/", {"name": "Calma"})

    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")


def test_a_deactivated_membership_ends_within_one_request(organization):
    person = make.member("manager")
    client = bearer(sign_in(person).json()["access"])
    assert client.post("/api/benefits/", {"name": "Calma"}).status_code == 201

    Membership.objects.filter(user=person).update(is_active=False)

    assert client.post("/api/benefits/", {"name": "Sueño"}).status_code == 403


def test_a_deactivated_person_or_a_new_password_ends_tokens_at_once(organization):
    person, other = make.member("manager"), make.member("manager")
    tokens, others = sign_in(person).json(), sign_in(other).json()

    person.is_active = False
    person.save()
    other.set_password("another battery staple")
    other.save()

    for given in (tokens, others):
        assert bearer(given["access"]).get("/api/products/").status_code == 401
        renewed = APIClient().post("/api/token/refresh/", {"refresh": given["refresh"]})
        assert (renewed.status_code, renewed.json()["code"]) == (401, "token_not_valid")


def test_a_token_counts_only_where_it_was_given(organization):
    other = make.organization(host="otra.localhost")
    person = make.member("owner")
    with scope(organization=other):
        Membership.objects.create(organization=other, user=person, role="owner")
        foreign = make.product()
    tokens = sign_in(person).json()
    elsewhere = bearer(tokens["access"], host="otra.localhost")

    assert elsewhere.get(f"/api/products/{foreign.pk}/").status_code == 401
    renewed = APIClient(headers={"Host": "otra.localhost"}).post(
        "/api/token/refresh/", {"refresh": tokens["refresh"]}
    )
    assert renewed.status_code == 401
    # The same person signs in there, with the role they have there.
    there = sign_in(person, host="otra.localhost").json()
    assert bearer(there["access"], host="otra.localhost").get("/api/stock/").status_code == 200


def test_a_refresh_token_gives_a_new_access_token_and_is_none_itself(organization):
    tokens = sign_in(make.member("viewer")).json()

    renewed = APIClient().post("/api/token/refresh/", {"refresh": tokens["refresh"]}).json()

    assert bearer(renewed["access"]).get("/api/customers/").status_code == 200
    assert bearer(tokens["refresh"]).get("/api/customers/").status_code == 401
    as_refresh = APIClient().post("/api/token/refresh/", {"refresh": tokens["access"]})
    assert as_refresh.status_code == 401


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(organization):
    person, gone = make.member("owner"), make.user(is_active=False)

    wrong = sign_in(person, password="wrong wrong wrong")
    unknown = APIClient().post("/api/token/", {"email": "nobody@example.com", "password": "x"})
    inactive = sign_in(gone)

    assert wrong.status_code == 401
    assert wrong.json() == unknown.json() == inactive.json()


def test_the_sixth_wrong_try_waits_even_with_the_right_password(organization):
    person = make.member("owner")
    for _try in range(5):
        assert sign_in(person, password="wrong wrong wrong").status_code == 401

    answer = sign_in(person)

    assert (answer.status_code, answer.json()["code"]) == (429, "locked_out")
    assert answer["Content-Type"] == "application/json"
    assert int(answer["Retry-After"]) > 60


def test_an_address_that_was_never_confirmed_gets_no_token(organization):
    person = make.user()
    EmailAddress.objects.create(user=person, email=person.email, verified=False, primary=True)

    assert sign_in(person).json()["code"] == "email_not_confirmed"


def test_an_account_with_a_second_factor_needs_its_code(organization):
    person = make.member("owner")
    secret = _second_factor(person)

    without = sign_in(person)
    wrong = sign_in(person, code="000000" if _code(secret) != "000000" else "000001")
    right = sign_in(person, code=_code(secret))
    again = sign_in(person, code=_code(secret))

    assert (without.status_code, without.json()["code"]) == (401, "code_required")
    assert (wrong.status_code, list(wrong.json()["fields"])) == (400, ["code"])
    assert bearer(right.json()["access"]).get("/api/stock/").status_code == 200
    # A code works once.
    assert again.status_code == 400


def test_codes_cannot_be_guessed_without_end(organization):
    person = make.member("owner")
    secret = _second_factor(person)
    for number in range(5):
        sign_in(person, code=f"{number:06d}")

    answer = sign_in(person, code=_code(secret))

    assert answer.json()["fields"]["code"]["code"] == "too_many_login_attempts"


def test_owners_of_a_live_shop_work_only_with_a_second_factor(organization):
    organization.is_live = True
    organization.save()
    person, warehouse = make.member("owner"), make.member("warehouse")
    by_password = sign_in(person).json()

    refused = bearer(by_password["access"]).get("/api/stock/")
    secret = _second_factor(person)

    assert (refused.status_code, refused.json()["code"]) == (403, "second_factor_required")
    # What was given before the second factor stays without it.
    assert bearer(by_password["access"]).get("/api/stock/").status_code == 403
    renewed = APIClient().post("/api/token/refresh/", {"refresh": by_password["refresh"]})
    assert renewed.status_code == 401
    with_code = sign_in(person, code=_code(secret)).json()
    assert bearer(with_code["access"]).get("/api/stock/").status_code == 200
    assert bearer(sign_in(warehouse).json()["access"]).get("/api/stock/").status_code == 200


@pytest.mark.parametrize("header", ["Bearer", "Bearer x", "Bearer a b", "Bearer é", "Basic eDp5"])
def test_a_broken_header_is_answered_and_never_an_error(organization, header):
    answer = APIClient(headers={"Authorization": header}).get("/api/stock/")

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == 'Bearer realm="api"'
    assert set(answer.json()) == {"code", "message", "fields"}


def test_the_membership_of_one_request_never_answers_for_the_next(organization):
    from shop import roles

    person = make.member("owner")
    client = bearer(sign_in(person).json()["access"])
    assert client.get("/api/stock/").status_code == 200
    assert client.get("/api/stock/no-such/").status_code == 404

    assert roles.current_membership(person) is None
    assert api.client().get("/api/stock/").status_code == 401


def _second_factor(person) -> str:
    secret = generate_totp_secret()
    TOTP.activate(person, secret)
    return secret


def _code(secret: str) -> str:
    counters = list(yield_hotp_counters_from_time())
    return format_hotp_value(hotp_value(secret, counters[len(counters) // 2]))
