"""Workers are killed in the midst of creating, printing, taking back and calling a carrier.

Nothing is lost and nothing happens twice at Venndelo's stub, where everything could. The seed of a
run is printed; KAIU_CRASH_SEED repeats its dice.
"""

import os
import random
import secrets
import signal
import subprocess
import sys
import threading
from collections import Counter
from datetime import timedelta

import pytest
from django.core.files.storage import storages
from django.db import connection
from django.utils import timezone
from django_scopes import scope

from logistics import booking, pickups, shipments
from logistics.models import Pickup, Shipment
from tests import make
from tests.orders.payments import stub
from tests.shop import places

from . import rows, stub_venndelo

SHIPMENTS, KILLS = 5, 9
# Longer than a whole life, so that what a killed worker had comes due again.
LIFE = 200


class Deadly(stub_venndelo.VenndeloStub):
    """Kills whoever asks, at one of the next requests: before it did its part, or after."""

    def __init__(self, chance):
        super().__init__()
        self.chance, self.left, self.known = chance, 0, threading.Event()
        self.worker = 0

    def answer(self, request):
        self.left -= 1
        if self.left != 0:
            return super().answer(request)
        answered = super().answer(request) if self.chance.random() < 0.6 else None
        self.known.wait()
        os.kill(self.worker, signal.SIGKILL)
        return answered or stub.Response(500)


class Nursery:
    """Has workers born, each some hours later than the last."""

    def __init__(self, shop, venndelo):
        place = connection.get_connection_params()
        command = [sys.executable, "-m", "tests.logistics.carriers.crashing"]
        command += [place["host"], place["dbname"], str(shop.pk), venndelo.address]
        command.append(storages["private"].location)
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings_test"}
        pipes = dict.fromkeys(("stdin", "stdout"), subprocess.PIPE)
        self.process = subprocess.Popen(
            command, text=True, env=environment, stderr=subprocess.DEVNULL, **pipes
        )
        self.venndelo, self.minutes = venndelo, 0

    def live(self, *, requests: int = 0) -> int:
        """Let one worker live, until the end or its so manieth request; give how it ended."""
        self.venndelo.known.clear()
        self.venndelo.left = requests
        self.process.stdin.write(f"{self.minutes}\n")
        self.process.stdin.flush()
        self.venndelo.worker = int(self.process.stdout.readline())
        self.venndelo.known.set()
        self.minutes += LIFE
        return os.waitstatus_to_exitcode(int(self.process.stdout.readline()))

    @property
    def now(self):
        return timezone.now() + timedelta(minutes=self.minutes)


@pytest.mark.django_db(transaction=True)
def test_nothing_is_lost_and_nothing_happens_twice(settings):
    seed = int(os.environ.get("KAIU_CRASH_SEED") or secrets.randbelow(1_000_000))
    print(f"KAIU_CRASH_SEED={seed}")  # noqa: T201 (shown beside a failure)
    chance = random.Random(seed)
    places.reload()
    shop = make.organization(is_live=True)
    with scope(organization=shop), stub.running(Deadly(chance)) as venndelo:
        account = make.carrier_account("venndelo", secrets=stub_venndelo.SECRETS)
        origin, now = make.origin(), timezone.now()
        wishes = [
            rows.shipment(account, origin=origin, state_at=now, created_at=now, due_at=now)
            for _number in range(SHIPMENTS)
        ]
        nursery = Nursery(shop, venndelo)
        try:
            ends = [nursery.live(requests=chance.randint(1, 6)) for _life in range(KILLS // 3)]
            for one in wishes[:2]:
                shipments.cancel(one, now=nursery.now)
            ends += [nursery.live(requests=chance.randint(1, 4)) for _life in range(KILLS // 3)]
            assert nursery.live() == 0
            check_shipments(venndelo, wishes)

            visit = pickups.request(wishes[2:], on=now.date(), now=nursery.now)[0]
            ends.append(nursery.live(requests=1))
            assert nursery.live() == 0
            check_visit(venndelo, visit)
        finally:
            nursery.process.kill()
            nursery.process.communicate()
        assert ends.count(-signal.SIGKILL) >= KILLS // 3


def check_shipments(venndelo, wishes):
    """Every wish is one order there, or none that is alive when it was taken back."""
    codes = Counter(order["external_order_id"] for order in venndelo.orders.values())
    assert set(codes.values()) <= {1}
    alive = {
        order["external_order_id"]
        for order in venndelo.orders.values()
        if order["status"] != "CANCELLED"
    }
    assert alive == {one.code for one in wishes[2:]}
    kept = {one.code: one for one in Shipment.objects.all()}
    assert [kept[one.code].state for one in wishes[:2]] == ["cancelled"] * 2
    for one in wishes[2:]:
        ready = kept[one.code]
        assert (ready.state, ready.due_at) == ("label_ready", None)
        assert venndelo.orders[ready.carrier_id]["external_order_id"] == ready.code
        assert len(venndelo.orders[ready.carrier_id]["shipments"]) == 1
        assert booking.label_of(ready) == stub_venndelo.PDF
        storages["private"].delete(ready.label.name)


def check_visit(venndelo, visit):
    """The carrier was asked to come at most once; who cannot know it says so."""
    visit = Pickup.objects.get(pk=visit.pk)
    assert (visit.state, visit.due_at) == ("uncertain", None)
    assert venndelo.called("POST shipping/request-pickup") == 1
