"""The practice gateway: its books, its page and its notices."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from config.lib.errors import BadSignature, ProviderRefused
from orders import payments
from orders.models import (
    GatewayEvent,
    GatewayTransaction,
    PaymentAccount,
    PaymentAttempt,
    PracticePayment,
    Refund,
)
from orders.practice import gateway
from tests import make

from . import rows

RETURN_URL = "http://testserver/pedidos/pago/"
Status = GatewayTransaction.Status


@pytest.fixture
def practice():
    return payments.get("practice")


@pytest.fixture
def attempt(organization) -> PaymentAttempt:
    return rows.attempt()


def start(attempt) -> str:
    provider = payments.get("practice")
    return provider.start(attempt, return_url=RETURN_URL, now=timezone.now()).url


def statuses(attempt) -> list:
    return [report.status for report in payments.get("practice").reports(attempt)]


def decide(attempt, choice, **later) -> str:
    return gateway.decide(attempt.reference, choice, now=timezone.now() + timedelta(**later))


def test_a_payment_opens_once_on_its_page(attempt):
    assert start(attempt) == f"http://testserver/practica/pago/{attempt.reference}/"
    assert start(attempt) == f"http://testserver/practica/pago/{attempt.reference}/"
    assert PracticePayment.objects.count() == 1
    assert statuses(attempt) == []


def test_a_decline_and_an_approval_are_two_transactions_of_one_reference(attempt):
    start(attempt)
    declined = decide(attempt, "decline")
    approved = decide(attempt, "approve")

    assert declined != approved
    assert statuses(attempt) == [Status.DECLINED, Status.APPROVED]


def test_what_waits_is_answered_under_the_same_transaction(attempt):
    start(attempt)
    pending = decide(attempt, "pending")
    assert statuses(attempt) == [Status.PENDING]

    assert decide(attempt, "approve") == pending
    assert statuses(attempt) == [Status.APPROVED]


def test_an_approved_payment_stays_approved(attempt):
    start(attempt)
    approved = decide(attempt, "approve")

    assert decide(attempt, "decline") == approved
    assert statuses(attempt) == [Status.APPROVED]


def test_a_late_answer_comes_even_when_its_task_is_lost(attempt):
    start(attempt)
    decide(attempt, "late")
    now = timezone.now()

    (told,) = gateway.transactions(attempt.reference, now=now)
    assert told["status"] == "pending"
    (told,) = gateway.transactions(attempt.reference, now=now + gateway.LATE)
    assert told["status"] == "approved"


def test_a_live_shop_has_no_practice_gateway(attempt, practice, client):
    start(attempt)
    organization = attempt.account.organization
    organization.is_live = True
    organization.save(update_fields=["is_live"])

    assert practice.problems(attempt.account) != []
    with pytest.raises(ProviderRefused):
        start(attempt)
    assert client.get(f"/practica/pago/{attempt.reference}/").status_code == 404
    assert (
        client.post(f"/practica/pago/{attempt.reference}/", {"choice": "approve"}).status_code
        == 404
    )
    assert statuses(attempt) == []


def test_the_page_of_another_shop_is_not_found(attempt, client):
    start(attempt)
    make.organization(host="other.localhost")

    answer = client.get(f"/practica/pago/{attempt.reference}/", headers={"host": "other.localhost"})

    assert answer.status_code == 404


def test_the_page_settles_and_sends_the_buyer_back(attempt, client):
    start(attempt)

    answer = client.post(f"/practica/pago/{attempt.reference}/", {"choice": "approve"})

    told = GatewayTransaction.objects.get()
    assert (told.status, told.amount) == (Status.APPROVED, attempt.amount)
    assert answer["Location"] == f"{RETURN_URL}?id={told.gateway_id}"
    page = client.get(f"/practica/pago/{attempt.reference}/").content.decode()
    assert 'name="choice"' not in page


@pytest.mark.parametrize("choice", gateway.Choice.values)
def test_every_choice_leaves_one_transaction(attempt, client, choice):
    start(attempt)

    client.post(f"/practica/pago/{attempt.reference}/", {"choice": choice})

    assert GatewayTransaction.objects.count() == 1
    # What is told twice is one piece of news.
    assert GatewayEvent.objects.count() == 1


def test_the_page_wants_a_known_choice_and_its_own_form(attempt, client):
    start(attempt)
    page = f"/practica/pago/{attempt.reference}/"

    assert client.post(page, {"choice": "rob"}).status_code == 400
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(page, {"choice": "approve"}).status_code == 403
    assert statuses(attempt) == []


def test_money_is_given_back_once_and_never_more_than_there_is(attempt, practice):
    start(attempt)
    paid = rows.gateway_transaction(attempt, gateway_id=decide(attempt, "approve"))
    half = rows.refund(paid, attempt.amount // 2)
    assert practice.refund_state(half).status == Refund.Status.REQUESTED

    assert practice.refund(half).status == Refund.Status.DONE
    assert practice.refund(half).status == Refund.Status.DONE
    (report,) = practice.reports(attempt)
    assert (report.status, report.refunded) == (Status.APPROVED, attempt.amount // 2)

    with pytest.raises(ProviderRefused):
        practice.refund(rows.refund(paid))
    practice.refund(rows.refund(paid, attempt.amount - attempt.amount // 2))
    (report,) = practice.reports(attempt)
    assert (report.status, report.refunded) == (Status.REFUNDED, attempt.amount)


def test_a_notice_is_read_by_its_own_account_and_no_other(attempt, practice):
    start(attempt)
    transaction_id = decide(attempt, "approve")
    headers, body = gateway.notice(attempt.reference, transaction_id, now=timezone.now())

    notice = practice.read_notice(attempt.account, headers, body)

    assert (notice.reference, notice.transaction_id) == (attempt.reference, transaction_id)
    other = make.payment_account(PaymentAccount.Provider.PRACTICE)
    for account, sent, signed in [
        (other, headers, body),
        (attempt.account, headers, body + b" "),
        (attempt.account, {}, body),
        (attempt.account, {gateway.SIGNATURE_HEADER: "ñ"}, body),
    ]:
        with pytest.raises(BadSignature):
            practice.read_notice(account, sent, signed)
