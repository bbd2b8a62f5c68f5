"""What every test stands on: an organization's scope, and nothing remembered from the last one."""

import socket

import pytest
from django_scopes import scope

from config.lib import memory
from tests import make
from tests.shop import places

_connect = socket.socket.connect


def _connect_here_only(self, address):
    """Refuse every address outside this machine: tests speak to stubs on loopback."""
    if self.family != socket.AF_UNIX and address[0] not in ("127.0.0.1", "::1", "localhost"):
        raise RuntimeError(f"A test tried to reach {address[0]}.")
    return _connect(self, address)


socket.socket.connect = _connect_here_only


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
