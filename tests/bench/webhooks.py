"""Notices of a gateway: stored beside a bare view of one row, and while a worker works."""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import requests
from celery import current_app
from django.db import connection
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from config.lib.fields import uuid7
from orders import paying
from orders.models import GatewayEvent, Order, PaymentAccount, PaymentAttempt
from orders.practice import gateway
from shop.models import Customer, Organization
from tests.bench import server

# More than a gateway's notices of one round, so that none comes twice.
_NOTICES = 30_000
_ATTEMPTS = 200
_SCRIPT = """
wrk.method = "POST"
wrk.headers["Host"] = "{host}"
wrk.headers["Content-Type"] = "application/json"
local lines = io.lines("{notices}")
request = function()
  local signature, body = lines():match("^(%S+) (.*)$")
  wrk.headers["{header}"] = signature
  return wrk.format(nil, nil, nil, body)
end
"""


def measure(record: Callable, organization: Organization, host: str, *, folder: Path) -> None:
    """Record how fast notices are answered, alone and beside a busy worker."""
    rates = in_turn(organization, host, folder=folder, bare=server.BARE)
    record("webhooks answered", rates, "/s", at_least=0.5)
    load, done = busy(organization, host, folder=folder)
    record("webhooks while the worker is busy, p99", load.p99, "ms", at_most=50)
    record("... and handled by the worker meanwhile", done, "", at_least=1)


def in_turn(
    organization: Organization, host: str, *, folder: Path, bare: tuple, rounds: int = 3
) -> tuple[float, float, float]:
    """Bring signed notices to our door and to the bare view in turn; give medians and ratio."""
    account = prepare(organization, host, folder=folder)
    rates = []
    with (
        server.running("tests.bench.settings") as (ours, _process),
        server.running(*bare) as (limit, _process),
    ):
        addresses = (f"{ours}{door(account)}", f"{limit}/notice/{account.pk}/")
        for address in addresses:
            _warm_up(address, host, folder)
        for _round in range(rounds):
            loads = [_load(address, folder) for address in addresses]
            rates.append([load.rate for load in loads])
    _forget()
    return (
        statistics.median(own for own, _limit in rates),
        statistics.median(limit for _own, limit in rates),
        statistics.median(own / limit for own, limit in rates),
    )


def busy(organization: Organization, host: str, *, folder: Path) -> tuple[server.Load, int]:
    """Bring notices as fast as they go while a worker asks the gateway about each.

    Gives the load, and how many of them the worker had done when it ended.
    """
    account = prepare(organization, host, folder=folder)
    with server.running("tests.bench.settings") as (address, _process), _worker():
        address = f"{address}{door(account)}"
        _warm_up(address, host, folder)
        deadline = time.monotonic() + 60
        while not _done():
            if time.monotonic() > deadline:
                raise SystemExit("The worker handled no notice in a minute.")
            time.sleep(0.2)
        loads = [_load(address, folder) for _round in range(3)]
        done = _done()
    _forget()
    return sorted(loads, key=lambda load: load.p99)[1], done


def _done() -> int:
    """Count the notices that the worker asked the gateway about."""
    with scopes_disabled():
        return GatewayEvent.objects.filter(handled_at__isnull=False, tries__gt=0).count()


def door(account: PaymentAccount) -> str:
    return f"/api/webhooks/practice/{account.pk}/"


def prepare(organization: Organization, host: str, *, folder: Path) -> PaymentAccount:
    """Make payments, and a file of signed notices about them, each another event."""
    with scope(organization=organization):
        account, _is_new = PaymentAccount.objects.get_or_create(
            organization=organization, provider="practice", defaults={"name": "Práctica"}
        )
        attempts = _attempts(organization, account)
    with (folder / "notices.txt").open("w") as file:
        for number in range(_NOTICES):
            data = {"reference": attempts[number % _ATTEMPTS].reference, "id": f"tx-{number}"}
            event = {"id": uuid7().hex, "type": "payment.updated", "data": data, "is_live": False}
            body = json.dumps(event)
            file.write(f"{gateway.signature(account, body.encode())} {body}\n")
    (folder / "notices.lua").write_text(
        _SCRIPT.format(host=host, notices=folder / "notices.txt", header=gateway.SIGNATURE_HEADER)
    )
    return account


def _attempts(organization, account) -> list[PaymentAttempt]:
    """Give approved payments of orders that wait for them."""
    now = timezone.now()
    kept = list(PaymentAttempt.objects.filter(reference__startswith="bench-")[:_ATTEMPTS])
    if len(kept) == _ATTEMPTS:
        return kept
    customer, _is_new = Customer.objects.get_or_create(
        organization=organization, reference="KAIU-BENCH", defaults={"name": "Ana Gómez"}
    )
    for number in range(_ATTEMPTS):
        order = Order.objects.create(
            organization=organization,
            customer=customer,
            account=account,
            number=900_000_000 + number,
            name=customer.name,
            is_test=True,
            currency="COP",
            subtotal=5_000_000,
            total=5_000_000,
            due_first=5_000_000,
            placed_at=now,
            terms_version="1",
            terms_accepted_at=now,
        )
        attempt = PaymentAttempt.objects.create(
            order=order,
            account=account,
            reference=f"bench-{number}",
            amount=order.total,
            currency="COP",
            created_at=now,
        )
        gateway.open_payment(attempt, return_url="http://localhost/")
        gateway.decide(attempt.reference, "pending", now=now)
        paying.ask(attempt, now=now)
        kept.append(attempt)
    return kept


@contextmanager
def _worker() -> Iterator[None]:
    """Run the worker of the Procfile on the measured database."""
    command = [sys.executable, "-m", "celery", "-A", "config", "--quiet", "worker"]
    process = subprocess.Popen(
        [*command, "--pool", "threads", "--concurrency", "4", "--loglevel", "error"],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.bench.settings"},
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=60)


def _warm_up(address: str, host: str, folder: Path) -> None:
    """Let every process load what its first notice asks for."""
    with (folder / "notices.txt").open() as notices:
        for line in islice(notices, 20 * server.WORKERS):
            signature, body = line.rstrip().split(" ", 1)
            headers = {"Host": host, gateway.SIGNATURE_HEADER: signature}
            requests.post(address, body, headers=headers, timeout=30).raise_for_status()


def _load(address: str, folder: Path, *, seconds: float = 3) -> server.Load:
    """Bring notices over a few connections for so many seconds, each of them for the first time."""
    _forget()
    return server.run(address, folder / "notices.lua", seconds=seconds)


def _forget() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE orders_gatewayevent")
    current_app.control.purge()
