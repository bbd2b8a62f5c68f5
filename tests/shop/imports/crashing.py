"""One import in a process of its own, to be interrupted: called by test_crash.py."""

import os
import sys

import django

django.setup()

from django.db import connections  # noqa: E402
from django_scopes import scope  # noqa: E402

from shop.imports import running  # noqa: E402
from shop.models import Organization  # noqa: E402


def main(host: str, database: str, organization: str, key: str) -> None:
    """Carry the import on in small parts; say how far it is, and wait for a word after each."""
    connections.settings["default"] |= {"HOST": host, "NAME": database}
    running.PART = 5
    with scope(organization=Organization.objects.get(pk=organization)):
        running.carry_on(key, report=_tell)


def _tell(one) -> None:
    print(one.done, flush=True)  # noqa: T201
    sys.stdin.readline()


if __name__ == "__main__":
    main(*sys.argv[1:])
    os._exit(0)
