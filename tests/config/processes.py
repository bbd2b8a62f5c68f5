"""Processes that use the embedded servers of a folder, and a look at what is left of them."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg

from config import local, local_keeper

VISITOR = """
import sys
from config import local
print(local.database_url())
print(local.redis_url(), flush=True)
sys.stdin.read()
"""
FORKING_VISITOR = """
import os, sys
from config import local
print(local.database_url())
print(local.redis_url(), flush=True)
if os.fork():
    os._exit(0)
sys.stdin.read()
"""


class Visitor:
    """A process that uses the servers of a folder until it is told to leave, or killed."""

    def __init__(self, home: Path, code: str = VISITOR, unsafe: str = "1"):
        self.process = subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=local.PROJECT,
            env={**os.environ, "KAIU_LOCAL_DIR": str(home), "KAIU_LOCAL_UNSAFE": unsafe},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def arrive(self) -> "Visitor":
        self.database_url = self.process.stdout.readline().strip()
        self.redis_url = self.process.stdout.readline().strip()
        assert self.redis_url, self.process.stderr.read()
        return self

    def leave(self) -> None:
        self.process.communicate()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            pipe.close()

    def ask(self, query: str):
        with psycopg.connect(self.database_url) as connection:
            cursor = connection.execute(query)
            return cursor.fetchone()[0] if cursor.description else None


@contextlib.contextmanager
def temporary_home() -> Iterator[Path]:
    # Not tmp_path: pytest closes that folder to the account that runs the servers for root.
    folder = Path(tempfile.mkdtemp(prefix="kaiu-test-"))
    yield folder
    kill_all(processes_of(folder))
    psutil.wait_procs(processes_of(folder), timeout=10)
    shutil.rmtree(folder)


def copy_server(server: dict, home: Path, *, database: str) -> None:
    """Copy the data of a running server; that database becomes the one of the embedded servers."""
    copy = local_keeper.Postgres(home, home)
    local_keeper.open_way(copy.programs, home)
    local_keeper.make_folder(copy.data, home)
    copy.run(
        "pg_basebackup",
        f"--pgdata={copy.data}",
        f"--host={server['host']}",
        f"--username={server['user']}",
        "--checkpoint=fast",
        "--no-sync",
    )
    renamed = f"DROP DATABASE kaiu;\nALTER DATABASE {database} RENAME TO kaiu;\n"
    alone = ["--single", "-D", str(copy.data), "-c", "exit_on_error=true"]
    copy.run("postgres", *alone, "postgres", text=renamed)


def fill_home(home: Path, data: Path) -> None:
    """Let the servers of a folder begin with a copy of this data."""
    subprocess.run(["cp", "--archive", data, home], check=True)


def processes_of(home: Path) -> list[psutil.Process]:
    """The keeper and the servers of a folder, not their visitors."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.status() != psutil.STATUS_ZOMBIE and (
                home in Path(process.cwd()).parents or str(home) in process.cmdline()
            ):
                found.append(process)
    return found


def kill_all(processes: list[psutil.Process]) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def keeper_of(home: Path) -> psutil.Process:
    return next(process for process in processes_of(home) if "python" in process.name())


def postmaster_of(home: Path) -> psutil.Process:
    return psutil.Process(int((home / "postgres" / "postmaster.pid").read_text().split()[0]))


def eventually(condition, seconds: float = 30):
    """What the condition says when it first says something true."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < deadline, "It did not happen in time."
        time.sleep(0.02)
    return answer
