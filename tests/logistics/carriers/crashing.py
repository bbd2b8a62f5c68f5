"""Workers in processes of their own, to be killed in the midst: called by test_crash.py."""

import os
import sys
from datetime import timedelta

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connections  # noqa: E402
from django.utils import timezone  # noqa: E402
from django_scopes import scope  # noqa: E402

from logistics import booking, pickup_asking  # noqa: E402
from logistics.models import Pickup, Shipment  # noqa: E402
from shop.models import Organization  # noqa: E402

_ROUNDS = 30


def main(host: str, database: str, organization: str, address: str, files: str) -> None:
    """Give birth to one worker after the other: a line says how many minutes later it lives."""
    connections.settings["default"] |= {"HOST": host, "NAME": database}
    settings.CARRIER_ADDRESSES = {**settings.CARRIER_ADDRESSES, "venndelo": {"live": address}}
    private = {**settings.STORAGES["private"], "OPTIONS": {"location": files}}
    settings.STORAGES = {**settings.STORAGES, "private": private}
    for line in sys.stdin:
        worker = os.fork()
        if not worker:
            work(organization, int(line))
            os._exit(0)
        print(worker, flush=True)  # noqa: T201
        print(os.waitpid(worker, 0)[1], flush=True)  # noqa: T201


def work(organization: str, minutes: int) -> None:
    """Do everything that is due, and let time pass until nothing is."""
    with scope(organization=Organization.objects.get(pk=organization)):
        for number in range(_ROUNDS):
            now = timezone.now() + timedelta(minutes=minutes + 5 * number)
            waiting = Shipment.objects.filter(due_at__isnull=False)
            visits = Pickup.objects.filter(due_at__isnull=False)
            if not (waiting.exists() or visits.exists()):
                return
            for key in waiting.filter(due_at__lte=now).values_list("pk", flat=True):
                booking.carry_on(key, now=now)
            for key in visits.filter(due_at__lte=now).values_list("pk", flat=True):
                pickup_asking.carry_on(key, now=now)


if __name__ == "__main__":
    main(*sys.argv[1:])
