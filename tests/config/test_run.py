"""The checks before `make run` starts anything."""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import psutil
import pytest

from config import local, run
from config.lib import http
from tests.config.processes import eventually, processes_of


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@pytest.fixture
def taken_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_taken_port_ends_the_start_with_one_line(taken_port):
    done = subprocess.run(
        [sys.executable, "-m", "config.run"],
        cwd=local.PROJECT,
        env={**os.environ, "HOST": "127.0.0.1", "PORT": str(taken_port)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert done.stdout == ""
    [line] = done.stderr.splitlines()
    assert f"port {taken_port} cannot be used" in line
    assert "set PORT to another" in line


def test_a_service_runs_only_what_there_is():
    done = subprocess.run(
        [sys.executable, "-m", "config.run", "serve", "web", "werker"],
        cwd=local.PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr == "Kaiu: the Procfile has web, sockets, worker, beat, and no werker.\n"


def test_what_is_under_way_is_waited_for():
    web = run.processes()["web"]
    patience = int(re.search(r"--workers-kill-timeout (\d+)", web)[1])

    # A request may call a gateway twice; the server waits for it, and we for the server.
    assert 2 * http.SECONDS <= patience < run.honcho.KILL_WAIT


@pytest.mark.parametrize("text", ["web", "", "0", "65536", "-1", "８０００x"])
def test_a_port_that_is_none_is_named(monkeypatch, text):
    monkeypatch.setenv("PORT", text)

    with pytest.raises(SystemExit, match="PORT must be a port"):
        run.port_from("PORT", default=8000)


def test_the_default_port_reaches_the_processes(monkeypatch):
    monkeypatch.delenv("SOCKETS_PORT", raising=False)

    assert run.port_from("SOCKETS_PORT", default=8001) == 8001
    assert os.environ["SOCKETS_PORT"] == "8001"


# The demo takes a minute to draw; a shop that exists is left as it is.
SMALL_SHOP = """
import django
django.setup()
from tests import make
make.organization(host="localhost", name="Tienda de prueba")
"""


def page(address: str) -> bytes | None:
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return answer.read()
    except OSError:
        return None


def test_the_shop_answers_and_an_interrupt_leaves_nothing(migrated_home):
    port, sockets_port = free_port(), free_port()
    settings = {"PORT": str(port), "SOCKETS_PORT": str(sockets_port), "HOST": "127.0.0.1"}
    # Starting a process takes longer than the rest.
    settings["WEB_CONCURRENCY"] = "1"
    environment = {**os.environ, **settings, "KAIU_LOCAL_DIR": str(migrated_home)}
    environment["DJANGO_SETTINGS_MODULE"] = "config.settings"
    small_shop = [sys.executable, "-c", SMALL_SHOP]
    subprocess.run(small_shop, cwd=local.PROJECT, env=environment, check=True)
    output = migrated_home / "output"
    with output.open("wb") as log:
        shop = subprocess.Popen(
            [sys.executable, "-m", "config.run"], cwd=local.PROJECT, env=environment, stdout=log
        )
    address = f"http://localhost:{port}"
    eventually(lambda: shop.poll() is not None or page(f"{address}/healthz"), seconds=180)
    eventually(lambda: shop.poll() is not None or b"Kaiu is ready" in output.read_bytes())

    assert b"Tienda de prueba" in page(f"{address}/")
    socket.create_connection(("127.0.0.1", sockets_port)).close()
    shop.send_signal(signal.SIGINT)

    assert shop.wait(60) == 0
    eventually(lambda: not processes_of(migrated_home))
    assert [process for process in psutil.process_iter() if uses(process, migrated_home)] == []


def uses(process: psutil.Process, home: Path) -> bool:
    try:
        return process.environ().get("KAIU_LOCAL_DIR") == str(home)
    except psutil.Error:
        return False
