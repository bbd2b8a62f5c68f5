"""Runs the processes of the Procfile together, until a signal ends all of them.

`make run` runs the demo: every process on this machine, at one address, until Ctrl-C. A service
runs `python -m config.run serve`, with all processes or those that it names.
"""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request

import django
import environ
from django.core.management import call_command
from honcho import manager as honcho
from honcho.environ import parse_procfile
from honcho.printer import Printer

from config import local

# So long processes may finish what they are at: the longest call of an outside service, twice.
honcho.KILL_WAIT = 25
# Seen from a terminal these concern nobody: this is a demo or a first small shop.
QUIET_WARNINGS = "ignore:You're running the worker with superuser privileges"


def run() -> int:
    """Prepare the shop, run the Procfile, and stop all of it at the first Ctrl-C."""
    environ.Env.read_env(local.PROJECT / ".env")
    host = os.environ.setdefault("HOST", "127.0.0.1")
    port = port_from("PORT", default=8000)
    sockets_port = port_from("SOCKETS_PORT", default=port + 1)
    for name, number in (("PORT", port), ("SOCKETS_PORT", sockets_port)):
        check_free(name, host, number)
    # The shops of an installation differ by host name, so the page's own host is filled in.
    os.environ.setdefault("SOCKETS_URL", f"ws://{{host}}:{sockets_port}")
    hold_servers()

    sign_ins = prepared()
    threading.Thread(target=welcome, args=(port, sign_ins), daemon=True).start()
    return supervise(processes())


def serve(names: list[str]) -> int:
    """Run these processes of the Procfile, or all of them, as a service does."""
    environ.Env.read_env(local.PROJECT / ".env")
    known = processes()
    if unknown := [name for name in names if name not in known]:
        sys.exit(f"Kaiu: the Procfile has {', '.join(known)}, and no {', '.join(unknown)}.")
    # What speaks against a start is said once, and not by each process.
    checked = subprocess.run(
        [sys.executable, "manage.py", "check", "--database", "default"],
        cwd=local.PROJECT,
        stdout=subprocess.DEVNULL,
    )
    if checked.returncode:
        sys.exit("Kaiu: the shop does not start; the lines above say why.")
    hold_servers()
    chosen = {name: known[name] for name in names or known}
    # Each line stands as its process wrote it.
    return supervise(chosen, Printer(sys.stdout, colour=False, prefix=False))


def processes() -> dict[str, str]:
    """Give the commands of the Procfile by their names."""
    commands = parse_procfile((local.PROJECT / "Procfile").read_text()).processes
    # A shell in between ends at once, and its program would not be waited for.
    return {
        name: command if "exec " in command else f"exec {command}"
        for name, command in commands.items()
    }


def hold_servers() -> None:
    """Keep the embedded servers until the last process has ended, and find our programs."""
    os.environ["PATH"] = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    os.environ.setdefault("PYTHONWARNINGS", QUIET_WARNINGS)
    if not os.environ.get("DATABASE_URL"):
        local.database_url()


def supervise(commands: dict[str, str], printer: Printer | None = None) -> int:
    """Run them until one ends or a signal comes; then end all, and wait for what they are at."""
    manager = honcho.Manager(printer)
    for name, command in commands.items():
        manager.add_process(name, command, env=dict(os.environ), cwd=str(local.PROJECT))
    # A closed terminal ends the shop like Ctrl-C does.
    signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    manager.loop()
    was_asked = manager.returncode in (128 + signal.SIGINT, 128 + signal.SIGTERM)
    return 0 if was_asked else manager.returncode


def port_from(name: str, *, default: int) -> int:
    """The port of a variable, also set in the environment of the processes to come."""
    text = os.environ.setdefault(name, str(default))
    if not text.isdecimal() or not 0 < int(text) < 65536:
        sys.exit(f"Kaiu: {name} must be a port between 1 and 65535, not {text!r}.")
    return int(text)


def check_free(name: str, host: str, port: int) -> None:
    """End with one line when somebody else listens there."""
    family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            sys.exit(f"Kaiu: port {port} cannot be used ({error.strerror}); set {name} to another.")


def prepared() -> str:
    """What the demo says of its sign-ins, once tables, static files and rows are there."""
    done = subprocess.run(
        [sys.executable, "-m", "config.run", "prepare"],
        cwd=local.PROJECT,
        stdout=subprocess.PIPE,
        text=True,
    )
    if done.returncode:
        sys.exit("Kaiu: the shop could not be prepared; the lines above say why.")
    return done.stdout


def prepare() -> None:
    """One process for all commands, because starting Django takes longer than they do."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    call_command("load_demo", if_empty=True)


def welcome(port: int, sign_ins: str) -> None:
    """Say where the shop is as soon as it answers, below the first lines of its processes."""
    address = f"http://localhost:{port}"
    for _ in range(120):
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=2):  # noqa: S310
                break
        except OSError:
            time.sleep(0.5)
    else:
        sys.stdout.write("\nKaiu does not answer yet; the lines above may say why.\n\n")
        return
    lines = ["", "Kaiu is ready.", "", f"  Shop   {address}/", f"  Admin  {address}/admin/", ""]
    lines += [f"  {line}" if line else "" for line in sign_ins.splitlines()]
    lines += ["", "  Ctrl-C stops everything.", ""]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        match sys.argv[1:]:
            case ["prepare"]:
                prepare()
            case ["serve", *names]:
                sys.exit(serve(names))
            case _:
                sys.exit(run())
    except KeyboardInterrupt:
        sys.exit(0)
