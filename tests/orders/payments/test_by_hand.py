"""Ways to pay that no gateway knows: bank transfer and cash on delivery."""

import pytest
from django.utils import translation

from orders import payments
from orders.models import PaymentAccount
from orders.payments.base import Purchase
from shop.models import Customer
from tests import make

BOGOTA, CALI = "11001", "76001"


def purchase(**facts) -> Purchase:
    facts = {
        "total": 5_000_000,
        "currency": "COP",
        "municipality_code": BOGOTA,
        "allows_cash_on_delivery": True,
        **facts,
    }
    return Purchase(**facts)


def cash(**settings) -> PaymentAccount:
    return make.payment_account("cash", settings=settings)


def refusal(account, **facts) -> str:
    with translation.override("en"):
        return payments.refusal(account, purchase(**facts))


def test_cash_is_offered_where_nothing_speaks_against_it(organization):
    account = cash()

    assert payments.get("cash").problems(account) == []
    assert refusal(account) == ""
    assert payments.get("cash").minutes_to_pay(account) == 24 * 60


@pytest.mark.parametrize(
    ("settings", "facts", "words"),
    [
        ({}, {"allows_cash_on_delivery": False}, "address"),
        ({"denied": [BOGOTA]}, {}, "address"),
        ({"allowed": [CALI]}, {}, "address"),
        ({"lowest": 5_000_001}, {}, "50.000,01"),
        ({"highest": 4_999_900}, {}, "49.999"),
    ],
)
def test_cash_is_refused_with_a_sentence(organization, settings, facts, words):
    assert words in refusal(cash(**settings), **facts)


@pytest.mark.parametrize(
    ("settings", "facts"),
    [
        ({"lowest": 5_000_000, "highest": 5_000_000}, {}),
        ({"allowed": [BOGOTA, CALI]}, {}),
        ({"denied": [CALI], "highest": ""}, {}),
    ],
)
def test_cash_is_offered_up_to_its_edges(organization, settings, facts):
    assert refusal(cash(**settings), **facts) == ""


@pytest.mark.parametrize("status", Customer.Status.values)
def test_only_an_active_customer_pays_on_delivery(organization, status):
    customer = make.customer(status=status)

    offered = refusal(cash(), customer=customer) == ""

    assert offered is (status == Customer.Status.ACTIVE)


@pytest.mark.parametrize(
    ("percent", "total", "deposit"),
    [(0, 4_990_000, 0), (10, 4_990_000, 499_000), (33, 99_999, 33_000), (100, 99_999, 99_999)],
)
def test_a_deposit_is_a_share_in_whole_pesos(organization, percent, total, deposit):
    account = cash(deposit_percent=percent)

    assert payments.get("cash").due_first(account, total) == deposit


@pytest.mark.parametrize(
    "settings", [{"lowest": 2, "highest": 1}, {"deposit_percent": 101}, {"deposit_percent": -1}]
)
def test_senseless_settings_are_named_and_not_offered(organization, settings):
    account = cash(**settings)

    assert len(payments.get("cash").problems(account)) == 1
    assert refusal(account) != ""


def test_a_transfer_shows_where_to_send_the_money(organization):
    account = make.payment_account(
        "transfer",
        settings={"bank": "Banco Uno", "account_number": "0123", "holder": "Tienda SAS"},
    )
    transfer = payments.get("transfer")

    assert transfer.problems(account) == []
    assert [value for _label, value in transfer.instructions(account)] == [
        "Banco Uno",
        "0123",
        "Tienda SAS",
    ]
    assert transfer.minutes_to_pay(account) == 3 * 24 * 60
    assert transfer.due_first(account, 5) == 5


def test_a_transfer_without_an_account_is_not_offered(organization):
    account = make.payment_account("transfer", settings={"bank": "Banco Uno"})

    assert len(payments.get("transfer").problems(account)) == 2
    assert refusal(account) != ""


@pytest.mark.parametrize("fault", [{"is_live": True}, {"is_active": False}])
def test_an_account_of_the_other_mode_or_switched_off_is_not_offered(organization, fault):
    account = make.payment_account("cash", **fault)

    assert refusal(account) != ""
