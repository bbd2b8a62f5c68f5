"""A shop of its own whose processes run as the Procfile says, and a buyer at its API."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import psutil
import psycopg
import requests

from config import local, run
from tests.config.processes import Visitor, eventually
from tests.orders.payments import stub, wompi_stub

# What the log may never show: this buyer, and whatever opens something.
BUYER = {
    "name": "Valentina Rojas",
    "email": "valentina.rojas@example.com",
    "phone": "+573157654321",
    "document_type": "CC",
    "document_number": "1032456789",
}
ADDRESS = {"line": "Calle 93 # 11-27", "neighbourhood": "Chicó"}
# What each process is to /readyz.
PARTS = {"web": "database", "sockets": "sockets", "worker": "workers", "beat": "beat"}
_OPEN = """
import django, json
django.setup()
from django_scopes import scope
from shop import pages
from tests import make
from tests.orders.payments import wompi_stub
organization = make.organization(host="localhost")
with scope(organization=organization):
    account = make.payment_account(
        "wompi", settings=wompi_stub.SETTINGS, secrets=wompi_stub.SECRETS
    )
    rate = make.national_rate()
    make.variant(sku="LAVANDA", in_stock=10_000)
    print(json.dumps({
        "account": str(account.pk),
        "delivery": make.delivery_code(rate),
        "terms": pages.VERSIONS[pages.TERMS],
    }))
"""


class GatedHandler(stub.Handler):
    """Keeps whoever asks the gateway waiting for as long as the gate is shut."""

    gate: threading.Event

    def _send(self, response):
        self.gate.wait(60)
        # Whoever asked may be gone.
        with suppress(OSError):
            super()._send(response)


class Shop:
    """The processes of an installation, each started and stopped by itself."""

    def __init__(self, home: Path, wompi: wompi_stub.WompiStub):
        self.home, self.wompi = home, wompi
        # The servers stay when every process has ended.
        self.visitor = Visitor(home).arrive()
        self.log = home / "processes.log"
        self.processes: dict[str, subprocess.Popen] = {}
        self.port, self.sockets_port = _free_port(), _free_port()
        self.address = f"http://localhost:{self.port}"
        self.environment = {
            **os.environ,
            "KAIU_LOCAL_DIR": str(home),
            "KAIU_LOCAL_UNSAFE": "1",
            "DJANGO_SETTINGS_MODULE": "tests.orders.crashing_settings",
            "CRASHING_WOMPI": wompi.address,
            "CRASHING_STRIPE": wompi.address,
            "HTTP_PRIVATE_HOSTS": "127.0.0.1",
            "PORT": str(self.port),
            "SOCKETS_PORT": str(self.sockets_port),
            "HOST": "127.0.0.1",
            "API_RATE_ANONYMOUS": "100000/m",
            # Starting a process takes longer than the rest of these tests.
            "WEB_CONCURRENCY": "1",
            "LOG_FORMAT": "json",
            "PYTHONUNBUFFERED": "1",
            "PYTHONWARNINGS": "ignore",
            "PATH": os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]]),
        }
        for name in ("DATABASE_URL", "REDIS_URL", "EMAIL_URL", "RESEND_API_KEY", "METRICS_TOKEN"):
            self.environment[name] = ""
        opened = subprocess.run(
            [sys.executable, "-c", _OPEN],
            cwd=local.PROJECT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        self.facts = json.loads(opened.stdout.splitlines()[-1])
        self.commands = run.processes()

    # --- Processes --------------------------------------------------------------------------------

    def start(self, *names: str) -> None:
        """Start these processes, or every one, and wait until their parts are well."""
        with self.log.open("ab") as log:
            for name in names or self.commands:
                self.processes[name] = subprocess.Popen(
                    ["sh", "-c", self.commands[name]],
                    start_new_session=True,
                    cwd=local.PROJECT,
                    env=self.environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                )
        wanted = {PARTS[name] for name in self.processes}
        eventually(lambda: self._lives() and wanted <= self.well(), seconds=120)

    def _lives(self) -> bool:
        ended = [name for name, process in self.processes.items() if process.poll() is not None]
        assert not ended, (ended, self.log.read_text()[-5_000:])
        return True

    def close(self) -> None:
        """End whatever still runs."""
        for process in self.processes.values():
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self.visitor.kill()

    def parts(self) -> dict:
        """Give what /readyz says; nothing is complete that does not answer."""
        try:
            return requests.get(f"{self.address}/readyz", timeout=20).json()
        except (OSError, ValueError):
            return {"ok": False, "complete": False, "parts": {}}

    def well(self) -> set[str]:
        return {name for name, part in self.parts()["parts"].items() if part["ok"]}

    def end(self, *names: str) -> None:
        """Ask these processes and their children to end, as supervisors do, and wait for them."""
        ending = [self.processes.pop(name) for name in names]
        for process in ending:
            os.killpg(process.pid, signal.SIGTERM)
        for process in ending:
            process.wait(60)

    def server(self, name: str) -> psutil.Process:
        """Give the process of PostgreSQL or Valkey."""
        files = {"postgres": "postmaster.pid", "valkey": "valkey.pid"}
        return psutil.Process(int((self.home / name / files[name]).read_text().split()[0]))

    def rows(self, query: str) -> list[tuple]:
        with psycopg.connect(self.visitor.database_url) as connection:
            return connection.execute(query).fetchall()

    def lines(self) -> list[dict]:
        """Give every line of the log; each is JSON."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    # --- A buyer ----------------------------------------------------------------------------------

    def post(self, path: str, body: dict) -> requests.Response:
        # Every order is another wish.
        headers = {"Idempotency-Key": str(uuid4())}
        return requests.post(f"{self.address}{path}", json=body, headers=headers, timeout=30)

    def fill_cart(self) -> str:
        token = self.post("/api/carts/", {}).json()["token"]
        line = self.post(f"/api/carts/{token}/lines/", {"sku": "LAVANDA", "quantity": 1})
        assert line.status_code == 200, line.content
        return token

    def order(self, cart: str) -> requests.Response:
        return self.post(
            "/api/checkout/",
            {
                "cart": cart,
                "contact": BUYER,
                "municipality": "11001",
                "address": ADDRESS,
                "delivery": self.facts["delivery"],
                "payment": self.facts["account"],
                "terms_version": self.facts["terms"],
            },
        )

    def attempt(self, number: str) -> tuple[str, int]:
        """Give the reference and the amount under which an order is paid."""
        [found] = self.rows(
            "SELECT reference, amount FROM orders_paymentattempt AS attempt "
            "JOIN orders_order AS placed ON placed.id = attempt.order_id "
            f"WHERE placed.number = '{number}'"
        )
        return found

    def notify(self, reference: str, amount: int) -> requests.Response:
        """Pay at the gateway, and bring its notice."""
        headers, body = self.wompi.event(self.wompi.pay(reference, amount))
        return requests.post(
            f"{self.address}/api/webhooks/wompi/{self.facts['account']}/",
            data=body,
            headers={"Content-Type": "application/json", **headers},
            timeout=30,
        )


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]
