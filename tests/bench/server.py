"""Start a server on loopback, load it, and read the figures."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import requests
from django.conf import settings

# The bare limit: settings and application.
BARE = ("tests.bench.settings_bare", "tests.bench.wsgi_bare")
WORKERS = 2
CONNECTIONS = 4


@dataclass(frozen=True)
class Load:
    """What a load brought: requests a second, latencies in milliseconds."""

    rate: float
    p50: float
    p99: float


@contextmanager
def running(
    settings_module: str, application: str = "config.wsgi", **environment: str
) -> Iterator[tuple[str, psutil.Process]]:
    """Run granian with these settings as production does; give its address and process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"),
        *("--port", str(port), "--workers", str(WORKERS), "--blocking-threads", "1"),
        *("--static-path-route", "/media/pictures"),
        *("--static-path-mount", str(settings.MEDIA_ROOT / "pictures")),
        *("--no-ws", "--log-level", "error", f"{application}:application"),
    ]
    process = subprocess.Popen(
        command, env={**os.environ, "DJANGO_SETTINGS_MODULE": settings_module, **environment}
    )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(address, process)
        yield address, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_for(address: str, process: subprocess.Popen) -> None:
    """Wait until every worker has answered something: the port opens before they can."""
    deadline, answers = time.monotonic() + 90, 0
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise SystemExit("The server to be measured did not start.")
        try:
            requests.get(address, timeout=5)
            answers += 1
        except requests.RequestException:
            time.sleep(0.1)
        if answers >= 20 * WORKERS:
            return
    raise SystemExit("The server to be measured did not answer in 90 seconds.")


def load(
    address: str,
    paths: list[str],
    *,
    host: str,
    folder: Path,
    seconds: float = 3,
    gzip: bool = True,
    headers: dict[str, str] | None = None,
    body: str = "",
) -> Load:
    """Ask for these paths in turn over a few connections, for so many seconds.

    With a body the requests are POSTs.
    """
    script = folder / "paths.lua"
    listed = ",\n".join(f'"{path}"' for path in paths)
    wanted = {"Host": host, **({"Accept-Encoding": "gzip"} if gzip else {}), **(headers or {})}
    sent = "".join(f'wrk.headers["{name}"] = "{value}"\n' for name, value in wanted.items())
    if body:
        sent += f'wrk.method = "POST"\nwrk.body = "{body}"\n'
    script.write_text(
        f"{sent}local paths = {{{listed}}}\nlocal place = 0\n"
        "request = function()\n  place = place % #paths + 1\n"
        "  return wrk.format(nil, paths[place])\nend\n"
    )
    return run(address, script, seconds=seconds)


def run(address: str, script: Path, *, seconds: float) -> Load:
    """Load an address with wrk as a script says."""
    wrk = shutil.which("wrk")
    if wrk is None:
        raise SystemExit("wrk is missing: apt-get install wrk")
    command = [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", "-s", str(script)]
    printed = subprocess.run(
        [*command, address], capture_output=True, text=True, check=True, timeout=seconds + 30
    ).stdout
    if "Non-2xx" in printed or "Socket errors" in printed:
        raise SystemExit(f"The server answered with errors:\n{printed}")
    return Load(
        rate=float(re.search(r"Requests/sec:\s+([\d.]+)", printed)[1]),
        p50=_milliseconds(re.search(r"50%\s+([\d.]+)(us|ms|s)", printed)),
        p99=_milliseconds(re.search(r"99%\s+([\d.]+)(us|ms|s)", printed)),
    )


def _milliseconds(found: re.Match) -> float:
    return float(found[1]) * {"us": 0.001, "ms": 1, "s": 1000}[found[2]]
