"""What outside carriers take, in the checkout: our own work beyond the slowest of them."""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection
from django.test.utils import CaptureQueriesContext, override_settings
from django_scopes import scope

from config.lib import http, memory
from logistics import carriers, quotes
from logistics.carriers.base import Carrier, Option
from logistics.models import CarrierAccount, Origin
from logistics.parcels import Piece
from shop.models import Municipality, Organization

_SECONDS = 0.1
_ROUNDS = 15
_PROVIDERS = ("venndelo", "envia", "coordinadora")


def measure(record: Callable, organization: Organization) -> None:
    """Record a quote of three carriers that each answer after a tenth of a second."""
    with scope(organization=organization), _carriers(organization):
        places = list(Municipality.objects.select_related("department")[: _ROUNDS + 2])
        basket = quotes.basket_of(
            (Piece(f"SKU-{n}", f"Aceite {n}", 2, 2_500_000, 300, 12, 8, 6) for n in range(4)),
            value=20_000_000,
        )
        # The first buyer in two seconds pays for reading the accounts.
        quotes.quotes_for(places.pop(), basket)
        with CaptureQueriesContext(connection) as captured:
            found = quotes.quotes_for(places.pop(), basket)
        assert sum(quote.carrier_cost is not None for quote in found) == len(_PROVIDERS)
        # One reads the rate tables as without carriers.
        record("queries of a quote of three carriers", len(captured), "", at_most=1)
        asked = [_milliseconds(place, basket) - _SECONDS * 1000 for place in places]
        kept = [_milliseconds(place, basket) for place in places]
    ours = statistics.median(asked)
    record("a quote of three carriers beyond their own time", ours, "ms", at_most=15)
    record("the same quote again", statistics.median(kept), "ms", at_most=8)


def _milliseconds(place: Municipality, basket: quotes.Basket) -> float:
    begun = time.perf_counter()
    quotes.quotes_for(place, basket)
    return (time.perf_counter() - begun) * 1000


@contextmanager
def _carriers(organization: Organization) -> Iterator[None]:
    """Let three carriers speak HTTP with a server on loopback, and take them out again."""
    # In a process of its own: what it does there is not our work.
    command = [sys.executable, "-c", _SERVER, str(_SECONDS)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    before = dict(carriers.CARRIERS)
    stub = _Stub(f"http://127.0.0.1:{server.stdout.readline().strip()}/")
    carriers.CARRIERS.update(dict.fromkeys(_PROVIDERS, stub))
    rows = [
        CarrierAccount.objects.create(
            organization=organization,
            provider=provider,
            name=f"Bench {provider}",
            is_live=organization.is_live,
        )
        for provider in _PROVIDERS
    ]
    rows.append(
        Origin.objects.create(
            organization=organization,
            name="Bench",
            contact_name="Bench",
            phone="+573001112233",
            line="Calle 13 # 20-30",
            municipality_id="11001",
        )
    )
    memory.clear_all()
    try:
        # The one server on this machine that outside calls may reach.
        with override_settings(HTTP_PRIVATE_HOSTS=["127.0.0.1"]):
            yield
    finally:
        for row in rows:
            row.delete()
        carriers.CARRIERS.clear()
        carriers.CARRIERS.update(before)
        memory.clear_all()
        server.terminate()
        server.wait()
        server.stdout.close()


class _Stub(Carrier):
    """Asks a price over HTTP, as the adapters do."""

    problems = check = find = create = label = cancel = track = None

    def __init__(self, url: str):
        self.url = url

    def quote(self, account, wish, *, seconds):
        told = http.ask("POST", self.url, json={"boxes": len(wish.boxes)}, seconds=seconds)
        return [Option(service="normal", label=account.name, carrier="", cost=told["cost"])]


_SERVER = """
import sys, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Carrier(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        time.sleep(float(sys.argv[1]))
        body = b'{"cost": 1190000}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        return None

server = ThreadingHTTPServer(("127.0.0.1", 0), Carrier)
print(server.server_port, flush=True)
server.serve_forever()
"""
