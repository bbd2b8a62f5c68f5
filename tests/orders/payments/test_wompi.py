"""Wompi: the signed page, what it says of transactions, and voids."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.utils import timezone

from config.lib.errors import ProviderRefused, ProviderUnavailable
from orders import payments
from orders.models import GatewayTransaction, Refund
from orders.payments import wompi_page
from orders.payments.base import Purchase
from tests import make

from . import rows, wompi_stub

RETURN_URL = "http://testserver/pedidos/pago/"
Status = GatewayTransaction.Status
LIVE = {
    "public_key": "pub_prod_X",
    "private_key": "prv_prod_X",
    "events_secret": "prod_events_X",
    "integrity_secret": "prod_integrity_X",
}


@pytest.fixture
def provider():
    return payments.get("wompi")


@pytest.fixture
def attempt(wompi_account):
    return rows.attempt(wompi_account)


def started(attempt) -> str:
    provider = payments.get("wompi")
    return provider.start(attempt, return_url=RETURN_URL, now=timezone.now()).url


def paid(stub, attempt, **fields) -> GatewayTransaction:
    told = stub.pay(attempt.reference, attempt.amount, **fields)
    method = told["payment_method_type"]
    return rows.gateway_transaction(attempt, gateway_id=told["id"], method=method)


# --- The page -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reference", "amount", "until", "secret", "digest"),
    [
        (
            "sk8-438k4-xmxm392-sn2m",
            2_490_000,
            "",
            "prod_integrity_Z5mMke9x0k8gpErbDqwrJXMqsI6SFli6",
            "37c8407747e595535433ef8f6a811d853cd943046624a0ec04662b17bbf33bf5",
        ),
        (
            "PED-000123",
            4_990_000,
            "",
            wompi_stub.INTEGRITY_SECRET,
            "e250593f6103ebf270ba181f17939d4d290b9ca23d55066a59de13d61da9579a",
        ),
        (
            "PED-000123",
            4_990_000,
            "2026-12-01T15:30:00.000Z",
            wompi_stub.INTEGRITY_SECRET,
            "8f4db8cba477e1b5f1bac395a023667cf9e9734784a617f3fd270b27ceb31556",
        ),
    ],
    ids=["I1", "I2", "I3"],
)
def test_the_page_is_signed_as_documented(reference, amount, until, secret, digest):
    assert wompi_page.integrity(reference, amount, "COP", until, secret=secret) == digest


def test_a_moment_is_written_in_utc_with_milliseconds():
    bogota = datetime(2026, 12, 1, 10, 30, 0, 999, tzinfo=UTC) - timedelta(hours=-5)

    assert wompi_page.expiration(bogota) == "2026-12-01T15:30:00.000Z"


def test_the_page_accepts_what_we_sign(wompi, attempt):
    page = requests.get(started(attempt), timeout=5)

    assert page.status_code == 200
    forged = started(attempt).replace(str(attempt.amount), str(attempt.amount - 100))
    assert requests.get(forged, timeout=5).status_code == 403


def test_the_page_is_told_who_pays_and_how_much_of_it_is_tax(wompi_account):
    order = make.order(
        account=wompi_account,
        name="Ana Núñez",
        email="ana@example.com",
        phone="+573001234567",
        document_type="PPT",
        document_number="1020304050",
        tax=796_723,
        delivery={"line": "Calle 72 # 10-34", "municipality": "Bogotá", "recipient": "Ana"},
    )
    attempt = rows.attempt(wompi_account, order=order)

    asked = {name: value for name, (value,) in parse_qs(urlsplit(started(attempt)).query).items()}

    assert asked["amount-in-cents"] == str(attempt.amount)
    assert asked["redirect-url"] == RETURN_URL
    assert asked["tax-in-cents:vat"] == "796723"
    assert asked["customer-data:full-name"] == "Ana Núñez"
    assert asked["customer-data:phone-number"] == "3001234567"
    assert asked["customer-data:phone-number-prefix"] == "+57"
    assert asked["customer-data:legal-id-type"] == "OTHER"
    assert asked["shipping-address:address-line-1"] == "Calle 72 # 10-34"
    assert asked["shipping-address:country"] == "CO"
    assert wompi_stub.INTEGRITY_SECRET not in started(attempt)


def test_a_deposit_names_no_tax(wompi_account):
    order = make.order(account=wompi_account, tax=796_723)
    attempt = rows.attempt(wompi_account, order=order, amount=order.total // 2)

    assert "tax-in-cents" not in started(attempt)


def test_an_address_too_long_keeps_what_is_needed(wompi_account):
    order = make.order(
        account=wompi_account, name="ñ" * 120, delivery={"line": "ñ" * 160, "recipient": "ñ" * 120}
    )

    url = started(rows.attempt(wompi_account, order=order))

    assert len(url) < 2_000
    assert "signature%3Aintegrity" in url
    assert "customer-data" not in url


# --- Keys -----------------------------------------------------------------------------------------


def test_the_right_keys_are_no_problem(organization, wompi_account, provider):
    assert provider.problems(wompi_account) == []
    live = make.payment_account(
        "wompi", is_live=True, settings={"public_key": "pub_prod_X"}, secrets=LIVE
    )
    assert provider.problems(live) == []


@pytest.mark.parametrize("name", ["private_key", "events_secret", "integrity_secret"])
@pytest.mark.parametrize("wrong", ["live", "missing", "public", "elsewhere"])
def test_a_wrong_secret_is_named_and_used_for_nothing(wompi, wompi_account, provider, name, wrong):
    values = {"live": LIVE[name], "missing": "", "public": "pub_test_X", "elsewhere": "sk_test_X"}
    wompi_account.secrets = {**wompi_stub.SECRETS, name: values[wrong]}
    wompi_account.save()

    assert len(provider.problems(wompi_account)) == 1
    with pytest.raises(ProviderRefused):
        started(rows.attempt(wompi_account))
    assert payments.refusal(wompi_account, purchase()) != ""


@pytest.mark.parametrize("key", ["pub_prod_X", "prv_test_X", ""])
def test_a_wrong_public_key_is_named(wompi_account, provider, key):
    wompi_account.settings = {"public_key": key}

    assert len(provider.problems(wompi_account)) == 1


def test_a_live_key_never_asks_the_sandbox(wompi, attempt, provider):
    attempt.account.secrets = {**wompi_stub.SECRETS, "private_key": "prv_prod_X"}

    with pytest.raises(ProviderRefused):
        provider.reports(attempt)

    assert wompi.heard == []


def purchase(**facts) -> Purchase:
    facts = {"total": 5_000_000, "currency": "COP", "municipality_code": "11001", **facts}
    return Purchase(allows_cash_on_delivery=False, **facts)


def test_what_wompi_cannot_take_is_not_offered(wompi_account):
    assert payments.refusal(wompi_account, purchase()) == ""
    assert payments.refusal(wompi_account, purchase(currency="USD")) != ""
    assert payments.refusal(wompi_account, purchase(total=149_999)) != ""
    assert payments.refusal(wompi_account, purchase(total=150_000)) == ""


# --- Asking ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("PENDING", Status.PENDING),
        ("APPROVED", Status.APPROVED),
        ("DECLINED", Status.DECLINED),
        ("ERROR", Status.FAILED),
        ("VOIDED", Status.VOIDED),
        ("A_NEW_WORD", Status.PENDING),
    ],
)
def test_every_word_of_wompi_has_one_of_ours(wompi, attempt, provider, word, status):
    wompi.pay(attempt.reference, attempt.amount, word)

    (report,) = provider.reports(attempt)

    assert (report.status, report.amount, report.currency) == (status, attempt.amount, "COP")
    assert (report.reference, report.is_live, report.method) == (attempt.reference, False, "CARD")
    assert report.refunded == (attempt.amount if word == "VOIDED" else 0)


def test_several_transactions_of_one_reference_are_all_told(wompi, attempt, provider):
    wompi.pay("ANOTHER-1", 100)
    for _number in range(201):
        wompi.pay(attempt.reference, attempt.amount, "DECLINED")
    wompi.pay(attempt.reference, attempt.amount)

    reports = provider.reports(attempt)

    assert len({report.transaction_id for report in reports}) == 202
    assert reports[-1].status == Status.APPROVED
    assert len(wompi.heard) == 2


@pytest.mark.parametrize(
    "lie",
    [
        {"amount_in_cents": "4990000"},
        {"amount_in_cents": 49900.5},
        {"amount_in_cents": True},
        {"amount_in_cents": None},
        {"id": ""},
        {"id": 7},
        {"status": None},
        {"reference": None},
        {"currency": 170},
    ],
)
def test_a_transaction_that_cannot_be_read_is_no_answer(wompi, attempt, provider, lie):
    wompi.pay(attempt.reference, attempt.amount)
    wompi.lie = lie

    with pytest.raises(ProviderUnavailable):
        provider.reports(attempt)


def test_the_merchant_is_told_when_wompi_names_it(wompi, attempt, provider):
    wompi.pay(attempt.reference, attempt.amount, merchant={"public_key": "pub_test_OTHER"})

    (report,) = provider.reports(attempt)

    assert report.merchant == "pub_test_OTHER"
    assert provider.merchant(attempt.account) == wompi_stub.PUBLIC_KEY


# --- Giving back ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "refunded", "share", "expected"),
    [
        ("CARD", 0, 1, Refund.Method.VOID),
        ("CARD", 0, 2, Refund.Method.MANUAL),
        ("CARD", 100, 1, Refund.Method.MANUAL),
        ("NEQUI", 0, 1, Refund.Method.MANUAL),
        ("PSE", 0, 1, Refund.Method.MANUAL),
    ],
)
def test_only_a_whole_card_payment_is_voided(attempt, provider, method, refunded, share, expected):
    transaction = rows.gateway_transaction(attempt, method=method, refunded=refunded)

    assert provider.refund_method(transaction, transaction.amount // share) == expected


def test_what_cannot_be_voided_is_never_asked_for(wompi, attempt, provider):
    refund = rows.refund(paid(wompi, attempt), attempt.amount // 2)

    with pytest.raises(ProviderRefused):
        provider.refund(refund)

    assert wompi.heard == []


def test_a_void_is_done_when_the_transaction_says_so(wompi, attempt, provider):
    wompi.voids_wait = True
    refund = rows.refund(paid(wompi, attempt))

    assert provider.refund(refund).status == Refund.Status.ASKED
    assert provider.refund_state(refund).status == Refund.Status.ASKED
    wompi.settle_voids()
    assert provider.refund_state(refund).status == Refund.Status.DONE
    assert provider.refund(refund).status == Refund.Status.DONE
    assert (
        wompi.heard.count(("POST", f"/v1/transactions/{refund.transaction.gateway_id}/void")) == 1
    )


def test_a_void_that_wompi_could_not_make_has_failed(wompi, attempt, provider):
    wompi.void_answer = {"data": {"status": "ERROR", "status_message": "Original no encontrado"}}
    report = provider.refund(rows.refund(paid(wompi, attempt)))

    assert report.status == Refund.Status.FAILED
    assert report.message == "Original no encontrado"


def test_a_void_that_wompi_refuses_is_refused(wompi, attempt, provider):
    transaction = paid(wompi, attempt)
    wompi.transactions[transaction.gateway_id]["payment_method_type"] = "NEQUI"

    with pytest.raises(ProviderRefused) as refused:
        provider.refund(rows.refund(transaction))

    assert refused.value.code == "INPUT_VALIDATION_ERROR"


def test_a_void_that_nobody_carries_out_fails_after_a_day(wompi, attempt, provider):
    asked_at = timezone.now() - timedelta(hours=25)
    refund = rows.refund(paid(wompi, attempt), requested_at=asked_at)

    assert provider.refund_state(refund).status == Refund.Status.FAILED


def test_a_void_whose_answer_was_lost_is_found(wompi, attempt, provider):
    refund = rows.refund(paid(wompi, attempt))
    wompi.change(wompi.transactions[refund.transaction.gateway_id], "VOIDED")

    assert provider.refund(refund).status == Refund.Status.DONE
    assert not any(method == "POST" for method, _path in wompi.heard)


def test_another_transaction_than_the_one_asked_for_says_nothing(wompi, attempt, provider):
    refund = rows.refund(paid(wompi, attempt))
    wompi.lie = {"id": "another", "status": "VOIDED"}

    with pytest.raises(ProviderUnavailable):
        provider.refund_state(refund)
