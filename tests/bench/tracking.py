"""Ten thousand parcels on their way, looked after by a clock that runs ahead of the real one.

The carrier answers over loopback and bears so many calls a minute; counted are the calls of each of
its minutes, how long until every parcel was asked about, and what our own work costs for each.
"""

import json
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from django.db import transaction
from django.test import override_settings
from django_scopes import scope

from config.lib import http
from logistics import carriers, polling
from logistics.carriers.base import Carrier, News, Tracked
from logistics.models import CarrierAccount, Shipment
from logistics.models.shipments import State
from shop.models import Organization

PARCELS = 10_000
_START = datetime(2026, 11, 20, 9, tzinfo=UTC)
_TICK = timedelta(seconds=15)


class _Carrier(Carrier):
    """Asks a server on loopback about twenty parcels at once."""

    code = "practice"
    tracked_at_once = 20
    calls_a_minute = 60

    def __init__(self, address: str):
        self.address = address
        self.seconds = 0.0
        self.calls = 0

    def track(self, account, shipments):
        started = time.perf_counter()
        numbers = [one.tracking_number for one in shipments]
        told = http.ask("POST", self.address, json={"numbers": numbers})
        self.seconds += time.perf_counter() - started
        self.calls += 1
        return {
            one.pk: Tracked(
                tuple(
                    News(word, State(word), datetime.fromisoformat(at), "En ruta", "Bogotá")
                    for word, at in told[one.tracking_number]
                )
            )
            for one in shipments
        }

    def problems(self, account):
        return []

    check = quote = find = create = label = cancel = problems


class _Handler(BaseHTTPRequestHandler):
    """Says of each number that it was picked up and is on its way."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        way = [
            ["picked_up", "2026-11-20T08:00:00+00:00"],
            ["in_transit", "2026-11-20T09:00:00+00:00"],
        ]
        body = json.dumps(dict.fromkeys(asked["numbers"], way)).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_told):
        return


def measure(record: Callable) -> None:
    """Record the calls of a carrier's busiest minute, the time for all, and our own work."""
    organization = Organization.objects.get(slug="bench-1000")
    with (
        _server() as address,
        override_settings(HTTP_PRIVATE_HOSTS=["127.0.0.1"]),
        scope(organization=organization),
        transaction.atomic(),
    ):
        carrier, known = _Carrier(address), carriers.CARRIERS.get("practice")
        carriers.CARRIERS["practice"] = carrier
        try:
            busiest, minutes, interval, work = _follow(organization, carrier)
        finally:
            carriers.CARRIERS["practice"] = known
        transaction.set_rollback(True)
    record("tracking: calls of the busiest minute", busiest, "", at_most=carrier.calls_a_minute)
    record(f"tracking {PARCELS} parcels, minutes", minutes, "min", at_most=interval)
    record("tracking: our work for a parcel, median of rounds", work, "ms", at_most=10)


def _follow(organization: Organization, carrier: _Carrier):
    account = _parcels(organization)
    interval = polling.widened(carrier, open_count=PARCELS)
    interval = max(interval, timedelta(minutes=15))
    now, calls, work = _START, Counter(), []
    waiting = Shipment.objects.filter(account=account, tracked_at=None)
    while waiting.exists():
        assert now < _START + 2 * interval, "Parcels were forgotten"
        before, waited, started = carrier.calls, carrier.seconds, time.perf_counter()
        asked = polling.look_after(account, now=now)
        if asked:
            own = time.perf_counter() - started - (carrier.seconds - waited)
            work.append(own * 1000 / asked)
        calls[(now - _START) // timedelta(minutes=1)] += carrier.calls - before
        now += _TICK
    minute = timedelta(minutes=1)
    return max(calls.values()), (now - _START) / minute, interval / minute, statistics.median(work)


def _parcels(organization: Organization) -> CarrierAccount:
    account = CarrierAccount.objects.create(
        organization=organization, provider="practice", name="Banco de pruebas"
    )
    rows = (
        Shipment(
            organization=organization,
            account=account,
            reference=str(number),
            code=f"b{number}-1",
            carrier_name="Coordinadora",
            tracking_number=f"568{number:08d}",
            recipient={},
            state=State.LABEL_READY,
            state_at=_START,
            created_at=_START,
            track_at=_START,
        )
        for number in range(PARCELS)
    )
    Shipment.objects.bulk_create(rows, batch_size=1_000)
    return account


@contextmanager
def _server() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/track"
    finally:
        server.shutdown()
        server.server_close()
