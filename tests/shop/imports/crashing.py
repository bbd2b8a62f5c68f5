"""One import in a process of its own, to be killed: called by test_crash.py."""

import os
import sys

import django

django.setup()

from django.db import connections  # noqa: E402
from django_scopes import scope  # noqa: E402

from shop.imports import running  # noqa: E402
from shop.models import Organization  # noqa: E402


def main(database: str, organization: str, key: str) -> None:
    """Carry the import on in small parts, and say how far it is after each."""
    connections.settings["default"]["NAME"] = database
    running.PART = 5
    with scope(organization=Organization.objects.get(pk=organization)):
        running.carry_on(key, report=lambda one: print(one.done, flush=True))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
    os._exit(0)
