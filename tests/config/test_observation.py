"""One id from a request through its tasks to the calls they make."""

import logging

import pytest
from celery import shared_task

from config import observation
from config.lib import http, tracing
from config.lib.errors import ProviderUnavailable

GIVEN = "a1b2c3d4-e5f6-7890-abcd-ef0123456789"


@shared_task
def call_outside(*, organization_id: str) -> None:
    try:
        http.exchange("GET", "http://127.0.0.1:1/prv_test_secretsecret", seconds=1)
    except ProviderUnavailable:
        logging.getLogger(__name__).warning("Nobody there")


@pytest.fixture
def told(caplog):
    """Give a function that tells the lines of an event, with the id each was written under."""
    seen = []

    class Listener(logging.Handler):
        def emit(self, record):
            seen.append((record.getMessage(), tracing.current(), record.__dict__))

    listener = Listener()
    logging.getLogger().addHandler(listener)
    caplog.set_level(logging.INFO)
    yield lambda event: [(found, line) for message, found, line in seen if message == event]
    logging.getLogger().removeHandler(listener)


@pytest.mark.django_db
def test_a_request_is_told_in_one_line_and_its_answer_bears_the_id(organization, client, told):
    answer = client.get("/api/products/")

    [(request_id, line)] = told("Request")
    assert answer.headers["X-Request-ID"] == request_id
    assert (line["view"], line["status"], line["organization"]) == (
        "api:product-list",
        200,
        organization.slug,
    )
    assert line["queries"] > 0
    assert tracing.current() == ""


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("is_trusted", "given", "is_taken"),
    [
        (True, GIVEN, True),
        (False, GIVEN, False),
        (True, "short", False),
        (True, "ana@example.com-and-more", False),
        (True, "x" * 65, False),
    ],
)
def test_an_id_is_taken_only_from_our_own_proxy(
    organization, client, settings, is_trusted, given, is_taken
):
    settings.USE_X_FORWARDED_HOST = is_trusted

    answer = client.get("/healthz", headers={"x-request-id": given})

    assert (answer.headers["X-Request-ID"] == given) is is_taken


def test_a_task_goes_on_under_the_id_it_was_queued_with(told):
    message = {}
    with tracing.following(GIVEN):
        observation._mark(headers=message)

    call_outside.apply(kwargs={"organization_id": "7"}, headers=message)

    [(of_call, call)] = told("Outside call")
    [(of_task, task)] = told("Task")
    assert of_call == of_task == GIVEN
    # Neither the key in the address nor the id goes anywhere.
    assert (call["host"], call["outcome"]) == ("127.0.0.1", "unavailable")
    assert (task["task"], task["outcome"]) == (call_outside.name, "success")
    assert task["organization_id"] == "7"
    assert tracing.current() == ""


def test_a_task_of_nobody_has_an_id_of_its_own(told):
    call_outside.apply(kwargs={"organization_id": "7"})

    [(first, _line)] = told("Task")
    assert len(first) == 32
