"""An installation of its own whose processes can be killed, and gateways that know when."""

import json
import os
import random
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, contextmanager, suppress
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from signal import SIGCONT, SIGKILL, SIGQUIT, SIGSTOP, SIGTERM, SIGUSR1
from tempfile import mkdtemp
from urllib.parse import quote

import psycopg
from celery import Celery
from kombu.exceptions import OperationalError
from redis import Redis, RedisError

from tests.config import processes

from .payments import stub
from .payments.stripe_stub import StripeStub
from .payments.wompi_stub import WompiStub

PROJECT = Path(__file__).parents[2]
PATIENCE = 120
# What a worker says when the broker refuses it once more.
_IN_VAIN = b"Cannot connect to"
_PREFIX = "kaiu.tasks."
SWEEPERS = ("orders.tasks.sweep", "orders.webhook_tasks.sweep")
NIGHTLY = ("orders.tasks.check_every_stock",)
# What waits for somebody, whichever clock it waits for.
_WAITING = """
SELECT 'order', id FROM orders_order WHERE status = 'pending'
UNION ALL SELECT 'refund ' || status || ' asked ' || asked || error, id
    FROM orders_refund WHERE ask_at IS NOT NULL
UNION ALL SELECT 'notice ' || error, id FROM orders_gatewayevent WHERE handled_at IS NULL
UNION ALL SELECT concat_ws(' ', 'mail', kind, 'of', at, 'tried', mail_tried_at, mail_error), id
    FROM orders_orderevent WHERE mail = 'queued'
"""
_CLOCKS = """
SELECT table_name, string_agg(format('%1$I = %1$I - $1::interval', column_name), ', ')
FROM information_schema.columns
WHERE table_schema = 'public' AND data_type = 'timestamp with time zone'
    AND (table_name LIKE 'orders\\_%' OR table_name = 'shop_stockreservation')
GROUP BY table_name
"""


def wait_for(condition, what: str, *, seconds: float = PATIENCE):
    """Give what the condition gives as soon as it holds."""
    deadline = time.monotonic() + seconds
    while not (result := condition()):
        assert time.monotonic() < deadline, f"{what}: not within {seconds} seconds"
        threading.Event().wait(0.01)
    return result


class Restlessness:
    """Makes gateways slow and faulty, and tells when so many requests were heard."""

    def __init__(self, chance: random.Random):
        self.chance = chance
        self.is_on = False
        self.struck = threading.Event()
        self._left, self._lock = 0, threading.Lock()

    def arm(self, requests: int) -> None:
        """Strike when so many more moments of requests have passed."""
        self.struck.clear()
        self._left = requests

    def moment(self) -> None:
        """A request came in, or is about to be answered."""
        with self._lock:
            self._left -= 1
            if self._left == 0:
                self.struck.set()
        if self.is_on:
            threading.Event().wait(self.chance.uniform(0, 0.03))

    def draw(self, *faults: str) -> str:
        """Give one of the faults now and then, and mostly none."""
        return self.chance.choice(faults) if self.is_on and self.chance.random() < 0.12 else ""


class RestlessHandler(stub.Handler):
    """Pauses before and after the gateway did its part; some answers never arrive."""

    restlessness: Restlessness

    def do_GET(self):
        self.restlessness.moment()
        if self.restlessness.draw("error"):
            # Nothing was heard, so nothing was done.
            self.close_connection = True
        else:
            super().do_GET()

    do_POST = do_GET

    def _send(self, response):
        self.restlessness.moment()
        if not self.restlessness.draw("cut"):
            # Whoever asked may be dead.
            with suppress(OSError):
                super()._send(response)


class Installation:
    """PostgreSQL, Valkey and processes of the shop, in a folder of their own."""

    def __init__(self, home: Path, wompi: WompiStub, stripe: StripeStub):
        self.home, self.log = home, home / "processes.log"
        environment = {
            **os.environ,
            "KAIU_LOCAL_DIR": str(home),
            # Commits survive a server that is killed.
            "KAIU_LOCAL_UNSAFE": "0",
            "DJANGO_SETTINGS_MODULE": "tests.orders.crashing_settings",
            "HTTP_PRIVATE_HOSTS": "127.0.0.1",
            "CRASHING_WOMPI": wompi.address,
            "CRASHING_STRIPE": stripe.address,
        }
        for name in ("DATABASE_URL", "REDIS_URL", "EMAIL_URL", "RESEND_API_KEY"):
            environment[name] = ""
        with self.log.open("ab") as log:
            self.nursery = subprocess.Popen(
                [sys.executable, "-m", "tests.orders.crashing_nursery", str(self.log)],
                cwd=PROJECT,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self._told()
        sockets = json.loads((home / "servers.json").read_text())
        self._database = f"postgresql://kaiu@/kaiu?host={quote(sockets['postgres'])}"
        self.broker = Redis(unix_socket_path=sockets["valkey"])
        self._tasks = Celery(
            broker=f"redis+socket://{quote(sockets['valkey'])}", set_as_current=False
        )
        self._tasks.conf.broker_transport_options = {"global_keyprefix": _PREFIX}
        self.worker = 0
        # What killed workers held; the broker would hand it out again after an hour.
        self.held: list[list] = []

    # --- Processes --------------------------------------------------------------------------------

    def call(self, function: str, **arguments):
        """Run a function of crashing_shop.py in a process of the installation."""
        answer = self.home / "answer.json"
        target = f"tests.orders.crashing_shop:{function}"
        wish = {"call": target, "arguments": arguments, "answer": str(answer)}
        process = self._ask(wish)["pid"]
        assert self._ask({"wait": process})["code"] == 0, self.last_words()
        return json.loads(answer.read_text())

    def start_worker(self) -> int:
        self.worker = self._ask({"worker": True})["pid"]
        return self.worker

    def kill_worker(self, process: int) -> int:
        """Kill it now; give how many tasks it was at."""
        os.kill(process, SIGKILL)
        self._ask({"wait": process})
        held = self.broker.hvals(f"{_PREFIX}unacked")
        self.held += [json.loads(message) for message in held]
        self.broker.delete(f"{_PREFIX}unacked", f"{_PREFIX}unacked_index")
        return len(held)

    def end_worker(self, process: int) -> None:
        """Let it finish what it has, as a deployment does."""
        os.kill(process, SIGTERM)
        assert self._ask({"wait": process})["code"] == 0, self.last_words()

    def _ask(self, wish: dict) -> dict:
        self.nursery.stdin.write(json.dumps(wish) + "\n")
        self.nursery.stdin.flush()
        return self._told()

    def _told(self) -> dict:
        answer = self.nursery.stdout.readline()
        assert answer, self.last_words()
        return json.loads(answer)

    def last_words(self) -> str:
        return self.log.read_text(errors="replace")[-12_000:]

    # --- Servers ----------------------------------------------------------------------------------

    def crash_database(self) -> None:
        """Stop PostgreSQL as a crash would; its keeper starts it again."""
        before = self._postmaster()
        os.kill(before, SIGQUIT)
        wait_for(lambda: self._is_back(before), "PostgreSQL is back")

    def _postmaster(self) -> int:
        return int((self.home / "postgres" / "postmaster.pid").read_text().split()[0])

    def _is_back(self, before: int) -> bool:
        with suppress(OSError, IndexError, psycopg.Error):
            return self._postmaster() != before and self.waiting() is not None
        return False

    def crash_broker(self) -> None:
        """Kill Valkey, with everything it knew; its keeper starts it again, empty.

        It stays away until the worker has tried to come back in vain.
        """
        self.broker.flushall()
        before = self._broker_process()
        keeper, noticed = _parent(before), self.log.read_bytes().count(_IN_VAIN)
        os.kill(keeper, SIGSTOP)
        try:
            os.kill(before, SIGKILL)
            wait_for(
                lambda: self.log.read_bytes().count(_IN_VAIN) > noticed, "The worker misses it"
            )
        finally:
            os.kill(keeper, SIGCONT)
        wait_for(lambda: self._broker_process() not in (0, before), "Valkey is back")

    def _broker_process(self) -> int:
        with suppress(RedisError):
            return self.broker.info("server")["process_id"]
        return 0

    def waiting(self) -> list:
        """Give the rows that still wait for a worker or a clock."""
        with psycopg.connect(self._database) as connection:
            return connection.execute(_WAITING).fetchall()

    def pass_time(self, amount: str) -> None:
        """Let time pass for every row. Only while no worker holds a claim."""
        with psycopg.connect(self._database) as connection:
            for table, changes in connection.execute(_CLOCKS).fetchall():
                changes = changes.replace("$1::interval", f"interval '{amount}'")
                connection.execute(f"UPDATE {table} SET {changes}")

    def mails_between(self) -> set[str]:
        """Give the events whose mail may have left although they do not say so."""
        with psycopg.connect(self._database) as connection:
            found = connection.execute(
                "SELECT id FROM orders_orderevent WHERE mail = 'queued' AND mail_tried_at NOTNULL"
            )
            return {key.hex for (key,) in found}

    # --- Tasks ------------------------------------------------------------------------------------

    def sweep(self, *, at_night: bool = False) -> None:
        """Queue what the clock queues."""
        for name in (*SWEEPERS, *(NIGHTLY if at_night else ())):
            wait_for(lambda name=name: self._queued(name), "A sweeper is queued")

    def _queued(self, name: str) -> bool:
        try:
            self._tasks.send_task(name, retry=False)
        except (OperationalError, RedisError, OSError):
            return False
        return True

    def hand_out_again(self) -> int:
        """Queue what killed workers held, as the broker does after an hour."""
        held, self.held = self.held, []
        for message, _exchange, _routing_key in held:
            self.broker.rpush(f"{_PREFIX}celery", json.dumps(message))
        return len(held)

    def give_back_lost(self) -> None:
        """Queue again what a worker did and could not tell a broker that crashed meanwhile.

        The broker believes it is still being done, and hands it out again after an hour.
        """
        with suppress(RedisError):
            for tag, kept in self.broker.hgetall(f"{_PREFIX}unacked").items():
                message, _exchange, _routing_key = json.loads(kept)
                self.broker.hdel(f"{_PREFIX}unacked", tag)
                self.broker.zrem(f"{_PREFIX}unacked_index", tag)
                self.broker.rpush(f"{_PREFIX}celery", json.dumps(message))

    def has_only_lost(self) -> bool:
        """Say whether nothing waits in the queue, so that a worker has all the time it wants."""
        with suppress(RedisError):
            return self.broker.llen(f"{_PREFIX}celery") == 0
        return False

    def comes_to_rest(self, *, until: Callable[[], bool], seconds: float) -> bool:
        """Wait while the queue moves; say whether it is done or that holds, or give up on it."""
        last, since = None, time.monotonic()
        while not (until() or self.is_idle()):
            if (now := self.queue()) != last:
                last, since = now, time.monotonic()
            elif time.monotonic() > since + seconds:
                return False
            threading.Event().wait(0.01)
        return True

    def standstill(self) -> str:
        """Describe a queue that does not move, and where each thread of its worker stands."""
        written = self.log.stat().st_size
        os.kill(self.worker, SIGUSR1)
        with suppress(AssertionError):
            wait_for(lambda: self.log.stat().st_size > written, "The worker answers", seconds=10)
        return f"Nothing moves: {self.queue()}\n{self.last_words()}"

    def queue(self) -> str:
        """Describe what waits in the broker, and what it believes to be in work."""
        with suppress(RedisError):
            number = self.broker.llen(f"{_PREFIX}celery")
            held = self.broker.hvals(f"{_PREFIX}unacked")
            tasks = [json.loads(one)[0]["headers"] for one in held]
            in_work = sorted(f"{task['task']} {task['id']}" for task in tasks)
            return f"{number} waiting, in work: {', '.join(in_work) or 'none'}"
        return "the broker does not answer"

    def is_idle(self) -> bool:
        """Say whether no task is queued or being done: what a task queues comes before its end."""
        with suppress(RedisError):
            pipeline = self.broker.pipeline()
            pipeline.llen(f"{_PREFIX}celery").hlen(f"{_PREFIX}unacked")
            return pipeline.execute() == [0, 0]
        return False


def _parent(process: int) -> int:
    return int(re.search(r"^PPid:\s+(\d+)$", Path(f"/proc/{process}/status").read_text(), re.M)[1])


@contextmanager
def installed(chance: random.Random, data: Path):
    """Give an installation with its gateways, and leave nothing behind."""
    home = Path(mkdtemp(prefix="kaiu-crash-"))
    restlessness = Restlessness(chance)
    handler = type("Handler", (RestlessHandler,), {"restlessness": restlessness})
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, home, ignore_errors=True)
        processes.fill_home(home, data)
        wompi = stack.enter_context(stub.running(WompiStub(), handler))
        stripe = stack.enter_context(stub.running(StripeStub(), handler))
        installation = Installation(home, wompi, stripe)
        stack.callback(_uninstall, installation)
        yield installation, wompi, stripe, restlessness


def _uninstall(installation: Installation) -> None:
    """End every process, and wait for the keeper to stop both servers."""
    installation.nursery.stdin.close()
    installation.nursery.wait(PATIENCE)
    installation.nursery.stdout.close()
    installation.broker.close()
    with open(installation.home / "keeper.lock", "ab") as lock:
        wait_for(lambda: _locked(lock), "The servers stop")


def _locked(lock) -> bool:
    try:
        flock(lock, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        return False
    return True
