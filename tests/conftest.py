"""What every test stands on: an organization's scope, and nothing remembered from the last one."""

import fcntl
import gc
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from django_scopes import scope

from config.lib import memory
from tests import make
from tests.config import processes
from tests.shop import places

_connect = socket.socket.connect


def _connect_here_only(self, address):
    """Refuse every address outside this machine: tests speak to stubs on loopback."""
    if self.family != socket.AF_UNIX and address[0] not in ("127.0.0.1", "::1", "localhost"):
        raise RuntimeError(f"A test tried to reach {address[0]}.")
    return _connect(self, address)


socket.socket.connect = _connect_here_only

TEMPLATE = "test_kaiu_template"
# Each waits up to a minute for processes of its own: begun last, it would leave the other worker
# without anything to do. The first of them needs no migrated database, which another makes.
FIRST = [
    Path(__file__).parent / file
    for file in (
        "config/test_migrations.py",
        "orders/test_crashes.py",
        "config/test_run.py",
        "config/test_serving.py",
        "test_translations.py",
    )
]


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: [*FIRST, item.path].index(item.path))


def pytest_collection_finish():
    # The code of the project is no garbage: nobody looks for any in it, nor after every few rows.
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    request, django_db_modify_db_settings_parallel_suffix, tmp_path_factory, django_db_blocker
):
    """Migrate once for all: each worker copies the database that the first of them made."""
    folder = tmp_path_factory.getbasetemp()
    if hasattr(request.config, "workerinput"):
        # The folder of this run; those of its workers are inside.
        folder = folder.parent
    with (folder / "template.lock").open("w") as lock, django_db_blocker.unblock():
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "template.made").exists():
            _make_template()
            (folder / "template.made").touch()
    connection.settings_dict["TEST"]["TEMPLATE"] = TEMPLATE


def _make_template():
    settings = connection.settings_dict
    name, own_name = settings["NAME"], settings["TEST"]["NAME"]
    settings["TEST"]["NAME"] = TEMPLATE
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    # Nobody may be connected to what is copied.
    connection.close()
    settings["NAME"], settings["TEST"]["NAME"] = name, own_name


@pytest.fixture(scope="session")
def migrated_data(django_db_setup) -> Iterator[Path]:
    """A PostgreSQL data folder with the tables of today, for servers of a test's own to copy."""
    with processes.temporary_home() as home:
        processes.copy_server(connection.get_connection_params(), home, database=TEMPLATE)
        yield home / "postgres"


@pytest.fixture(autouse=True)
def _fresh_memory():
    memory.clear_all()
    yield
    memory.clear_all()


@pytest.fixture
def organization(db):
    """An organization whose scope is open for the test, at host "testserver"."""
    organization = make.organization(host="testserver")
    with scope(organization=organization):
        yield organization


@pytest.fixture
def open_shop(transactional_db):
    """A shop that delivers, whose rows every connection sees: for callers at once."""
    places.reload()
    organization = make.organization()
    with scope(organization=organization):
        make.national_rate()
        yield organization
