import pytest
from rest_framework.exceptions import ValidationError
from rest_framework.test import APIClient

from config.lib.api import errors
from tests import make
from tests.shop import api

SHAPE = {"code", "message", "fields"}


def test_an_unknown_address_is_a_404_in_the_shape_of_the_api(organization):
    for address in ("/api/", "/api/nothing/", "/api/products", "/api/products/x/y/z/"):
        answer = APIClient().get(address)

        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), address
        assert set(answer.json()) == SHAPE


@pytest.mark.parametrize("key", ["x", "0", "%00", "%F0%9F%8C%BF", "9" * 300, "..%2f", "None"])
def test_a_key_that_is_none_is_not_found(organization, key):
    client = api.client("owner")
    for kind in ("products", "variants", "stock", "categories", "benefits", "customers"):
        for answer in (client.get(f"/api/{kind}/{key}/"), client.patch(f"/api/{kind}/{key}/", {})):
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"text"',
        b"null",
        b"\xff\xfe{}",
        b'{"name": "\xe9"}',
        b'{"name": NaN}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"price": ' + b"9" * 10_000 + b"}",
        b'{"name": "\\ud800"}',
    ],
    ids=lambda body: repr(body[:12]),
)
def test_a_broken_body_is_answered_and_never_an_error(organization, body):
    client = api.client("owner")

    for address in ("/api/products/", "/api/variants/", "/api/customers/", "/api/token/"):
        answer = client.post(address, data=body, content_type="application/json")

        assert answer.status_code == 400, answer.content
        assert set(answer.json()) == SHAPE


def test_a_huge_body_is_not_read(organization):
    body = b'{"name": "' + b"x" * (1024 * 1024) + b'"}'

    answer = api.client("owner").post("/api/products/", data=body, content_type="application/json")

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_another_kind_of_body_method_or_answer_is_refused_in_the_same_shape(organization):
    client = api.client("owner")

    answers = {
        415: client.post("/api/products/", data="a=1", content_type="text/plain"),
        405: client.put("/api/products/", {}),
        406: client.get("/api/products/", headers={"Accept": "text/csv"}),
    }

    for status, answer in answers.items():
        assert answer.status_code == status, answer.content
        assert set(answer.json()) == SHAPE
    assert client.options("/api/products/").status_code == 405


def test_messages_speak_the_language_of_the_request(organization):
    client = APIClient()

    def message(**headers):
        answer = client.get("/api/stock/", headers=headers)
        return answer.json()["message"], answer["Content-Language"]

    english = message(**{"Accept-Language": "en-GB,es;q=0.5"})
    assert english == ("Authentication credentials were not provided.", "en")
    assert message(**{"Accept-Language": "fr"})[1] == "es"
    assert message()[1] == "es"
    assert message()[0] != english[0]
    # What a person chose on the pages goes before what the browser says.
    client.cookies["kaiu_language"] = "en"
    assert message(**{"Accept-Language": "es"})[1] == "en"


def test_too_many_requests_wait_in_their_organization_only(organization, settings):
    settings.API_RATES = {"anonymous": "2/h", "user": "3/h", "token": "1/h"}
    make.organization(host="otra.localhost")
    client = APIClient()
    statuses = [client.get("/api/benefits/").status_code for _time in range(3)]

    refused = client.get("/api/benefits/")

    assert statuses == [200, 200, 429]
    assert (refused.json()["code"], set(refused.json())) == ("throttled", SHAPE)
    assert 0 < int(refused["Retry-After"]) <= 3600
    elsewhere = APIClient(headers={"Host": "otra.localhost"})
    assert elsewhere.get("/api/benefits/").status_code == 200
    # Behind no proxy of ours, a header does not make a new visitor.
    forged = client.get("/api/benefits/", headers={"X-Forwarded-For": "203.0.113.9"})
    assert forged.status_code == 429
    another = client.get("/api/benefits/", REMOTE_ADDR="203.0.113.9")
    assert another.status_code == 200
    person = api.client("owner")
    assert [person.get("/api/benefits/").status_code for _time in range(4)] == [200] * 3 + [429]


def test_sign_in_has_a_rate_of_its_own(organization, settings):
    settings.API_RATES = {**settings.API_RATES, "token": "1/h"}
    body = {"email": "nobody@example.com", "password": "x"}

    assert APIClient().post("/api/token/", body).status_code == 401
    assert APIClient().post("/api/token/", body).json()["code"] == "throttled"


def test_answers_are_kept_by_nobody_else(organization):
    answer = api.client().get("/api/products/")

    assert answer["Cache-Control"] == "private, no-cache"
    assert {"Cookie", "Authorization", "Accept-Language"} <= set(answer["Vary"].split(", "))
    token = APIClient().post("/api/token/", {"email": "a@example.com", "password": "x"})
    assert token["Cache-Control"] == "no-store"


def test_the_error_of_a_field_keeps_its_path():
    detail = {"tags": {3: ["Too long."]}, "name": ["One.", "Two."], "non_field_errors": ["All."]}
    answer = errors.answer(ValidationError(detail), {})

    assert answer.data["message"] == "All."
    assert answer.data["fields"]["tags.3"]["message"] == "Too long."
    assert answer.data["fields"]["name"]["message"] == "One. Two."


def test_nothing_foreseen_is_hidden():
    assert errors.answer(RuntimeError("a slip of ours"), {}) is None
