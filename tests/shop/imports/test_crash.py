"""A worker that is killed in the middle: the next one goes on, and nothing is there twice."""

import os
import signal
import subprocess
import sys

import pytest
from django.db import connection
from django.utils import timezone
from django_scopes import scope

from shop import stock
from shop.imports import running, tasks
from shop.models import ImportChange, Product, ProductImport, StockMovement
from tests import make

from . import tables

PRODUCTS = 60


def killed_after(shop, one, products: int) -> None:
    """Have a worker process do so many products, then kill it at work."""
    command = [sys.executable, "-m", "tests.shop.imports.crashing"]
    command += [connection.settings_dict["NAME"], str(shop.pk), str(one.pk)]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings_test"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as worker:
        for line in worker.stdout:
            if int(line) >= products:
                break
        worker.send_signal(signal.SIGKILL)
    assert worker.returncode == -signal.SIGKILL
    # Time passes, and its lease with it.
    ProductImport.objects.update(claimed_until=timezone.now())


@pytest.mark.django_db(transaction=True)
def test_a_killed_import_goes_on():
    shop = make.organization()
    with scope(organization=shop):
        rows = [
            {"Nombre": f"P{n}", "SKU": f"S{n}", "Precio": "1.000", "Existencias": "3"}
            for n in range(PRODUCTS)
        ]
        one = tables.received(tables.own(*rows))
        running.start(one, person=None, now=timezone.now())
        killed_after(shop, one, 15)
        assert 15 <= Product.objects.count() < PRODUCTS

        tasks.sweep()

        one.refresh_from_db()
        assert (one.status, one.added) == ("done", PRODUCTS)
        assert Product.objects.count() == ImportChange.objects.count() == PRODUCTS
        assert StockMovement.objects.count() == PRODUCTS
        assert stock.differences(shop) == []
