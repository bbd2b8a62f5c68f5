"""What the tests of the API share: clients of every kind of person."""

from contextlib import contextmanager

from django.db import transaction
from rest_framework.test import APIClient

from shop.roles import Role
from tests import make

STAFF = tuple(Role.values)
EVERYONE = ("anonymous", "shopper", *STAFF)


def client(who: str = "anonymous", **headers) -> APIClient:
    """Give a client of somebody with this role, of a shopper, or of a stranger."""
    client = APIClient(headers=headers)
    if who == "shopper":
        client.force_login(make.user())
    elif who != "anonymous":
        client.force_login(make.member(who))
    return client


@contextmanager
def undone():
    """Let a call change nothing for those that follow."""
    before = transaction.savepoint()
    yield
    transaction.savepoint_rollback(before)
