"""What is killed in the midst of an import goes on where it was, and nothing is there twice."""

import os
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

import psycopg
import pytest
from django.db import connection, connections
from django.utils import timezone
from django_scopes import scope

from config import local_keeper
from shop import stock
from shop.imports import tasks
from shop.models import ImportChange, Product, ProductImport, StockMovement
from tests import make

from . import tables

PRODUCTS, BEFORE = 20, 10


def started_import() -> ProductImport:
    return tables.started(tables.own(*tables.numbered(PRODUCTS, Existencias="3")))


@contextmanager
def worker_in_the_midst(one: ProductImport):
    """Give a worker process that brought some products in and is held up while it writes more."""
    place = server()
    command = [sys.executable, "-m", "tests.shop.imports.crashing", place["host"], place["dbname"]]
    command += [str(one.organization_id), str(one.pk)]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings_test"}
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with (
        subprocess.Popen(command, text=True, env=environment, **pipes) as worker,
        psycopg.connect(**place) as other,
    ):
        try:
            while int(worker.stdout.readline()) < BEFORE:
                _say_go(worker)
            # Products are written by then, and their changes not yet.
            other.execute("LOCK TABLE shop_importchange IN EXCLUSIVE MODE")
            _say_go(worker)
            while not other.execute(tables.WAITING).fetchone():
                assert worker.poll() is None, worker.stderr.read()
            yield worker
        finally:
            other.close()
            worker.kill()


def server() -> dict[str, str]:
    """Say where the database is."""
    place = connection.get_connection_params()
    return {name: place[name] for name in ("host", "dbname", "user")}


def _say_go(worker) -> None:
    worker.stdin.write("\n")
    worker.stdin.flush()


def goes_on(shop, one: ProductImport) -> None:
    """See that the next worker does the rest, once."""
    one.refresh_from_db()
    assert (one.status, one.done, Product.objects.count()) == ("running", BEFORE, BEFORE)
    # Time passes, and the lease of the killed one with it.
    ProductImport.objects.update(claimed_until=timezone.now())

    tasks.sweep()

    one.refresh_from_db()
    assert (one.status, one.added) == ("done", PRODUCTS)
    for model in (Product, ImportChange, StockMovement):
        assert model.objects.count() == PRODUCTS
    assert stock.differences(shop) == []


@pytest.mark.django_db(transaction=True)
def test_an_import_goes_on_whose_worker_is_killed():
    shop = make.organization()
    with scope(organization=shop):
        one = started_import()

        with worker_in_the_midst(one) as worker:
            worker.kill()

        assert worker.returncode == -signal.SIGKILL
        goes_on(shop, one)


# --- The database itself --------------------------------------------------------------------------


class Database(local_keeper.Postgres):
    """A copy of the tests' database server that loses nothing when it is killed."""

    def make_data(self):
        local_keeper.make_folder(self.data, self.home)
        self.run(
            "pg_basebackup",
            f"--pgdata={self.data}",
            f"--host={server()['host']}",
            f"--username={server()['user']}",
            "--checkpoint=fast",
            "--no-sync",
        )

    def command(self):
        return [*super().command(), "-c", "synchronous_commit=on"]

    def crash(self):
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait()


@pytest.fixture
def database(db):
    """A database server of our own, to which everything here speaks."""
    home = Path(mkdtemp(prefix="kaiu-import-"))
    server = Database(home, local_keeper.socket_folder(home))
    everybodys = connections["default"]
    try:
        server.start()
        connections["default"] = everybodys.copy()
        connections["default"].settings_dict["HOST"] = server.address()
        yield server
    finally:
        connections["default"].close()
        connections["default"] = everybodys
        if server.process:
            server.stop()
            server.wait_until_stopped()
        shutil.rmtree(home)


def test_an_import_goes_on_whose_database_crashes(database):
    shop = make.organization()
    with scope(organization=shop):
        one = started_import()

        with worker_in_the_midst(one) as worker:
            database.crash()
            assert "OperationalError" in worker.communicate()[1]
        connection.close()
        database.start()

        assert worker.returncode == 1
        goes_on(shop, one)
