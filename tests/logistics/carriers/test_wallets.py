"""A wallet that runs low is told once, and again after it was topped up."""

from datetime import timedelta

from django.core import mail
from django.utils import timezone

from logistics import wallet_tasks, wallets
from tests import make

NOW = timezone.now()


def test_a_low_wallet_is_told_once_until_it_was_topped_up(venndelo, venndelo_account):
    owner = make.member("owner")
    make.member("warehouse")
    told = []
    for balance in (500_000, 90_000, 80_000, 500_000, 70_000):
        venndelo.balance = balance
        wallets.look(venndelo_account, now=NOW)
        told.append(len(mail.outbox))

    assert told == [0, 1, 1, 1, 2]
    assert mail.outbox[0].to == [owner.email]
    assert "90.000" in mail.outbox[0].body
    assert list(wallets.low(make.here())) == [venndelo_account]


def test_a_wallet_is_asked_once_an_hour_and_keeps_what_is_known_when_nobody_answers(
    venndelo, venndelo_account
):
    make.carrier_account("coordinadora")
    wallet_tasks.sweep()
    wallet_tasks.sweep()
    venndelo.fault = "error"
    wallets.look(venndelo_account, now=NOW + timedelta(hours=2))

    venndelo_account.refresh_from_db()
    assert venndelo_account.balance == 50_000_000
    assert venndelo.called("GET wallet/get-wallet-balance") == 2
    assert wallets.due(now=NOW + timedelta(hours=2)) == []
