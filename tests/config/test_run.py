"""The checks before `make run` starts anything."""

import os
import socket
import subprocess
import sys

import pytest

from config import local, run


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


@pytest.mark.parametrize("text", ["web", "", "0", "65536", "-1", "８０００x"])
def test_a_port_that_is_none_is_named(monkeypatch, text):
    monkeypatch.setenv("PORT", text)

    with pytest.raises(SystemExit, match="PORT must be a port"):
        run.port_from("PORT", default=8000)


def test_the_default_port_reaches_the_processes(monkeypatch):
    monkeypatch.delenv("SOCKETS_PORT", raising=False)

    assert run.port_from("SOCKETS_PORT", default=8001) == 8001
    assert os.environ["SOCKETS_PORT"] == "8001"
