"""Two requests at once: the test holds a lock until both wait for it, then lets them go."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from time import monotonic

import pytest
from django.db import connection, transaction

from shop.models import Organization, Product
from tests import make
from tests.shop import api


@contextmanager
def held(queryset):
    """Hold these rows; at the end, once two others wait for a lock, let them go."""
    with transaction.atomic():
        list(queryset.select_for_update(no_key=True, of=("self",)))
        yield
        _wait_for_two()


def _wait_for_two():
    deadline = monotonic() + 10
    with connection.cursor() as cursor:
        while monotonic() < deadline:
            # Not pg_stat_activity: a transaction sees that as it first looked at it.
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0] >= 2:
                return
    raise AssertionError("The two requests did not wait for each other.")


def _closing(call):
    try:
        return call()
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_of_two_changes_of_the_same_version_one_is_refused(organization):
    product = make.product("Antes")
    address = f"/api/products/{product.pk}/"
    clients = [api.client("owner"), api.client("manager")]
    tag = clients[0].get(address)["ETag"]
    headers = {"If-Match": tag}

    with ThreadPoolExecutor(2) as pool:
        with held(Product.objects.filter(pk=product.pk)):
            answers = [
                pool.submit(_closing, partial(client.patch, address, body, headers=headers))
                for client, body in zip(clients, ({"name": "Uno"}, {"name": "Dos"}), strict=True)
            ]
        statuses = sorted(answer.result().status_code for answer in answers)

    assert statuses == [200, 412]


@pytest.mark.django_db(transaction=True)
def test_two_new_products_with_one_name_get_two_addresses(organization):
    make.category(slug="aceites")
    clients = [api.client("owner"), api.client("manager")]
    body = {"name": "Jabón", "category": "aceites"}

    with ThreadPoolExecutor(2) as pool:
        with held(Organization.objects.filter(pk=organization.pk)):
            answers = [
                pool.submit(_closing, partial(client.post, "/api/products/", body))
                for client in clients
            ]
        statuses = [answer.result().status_code for answer in answers]

    assert statuses == [201, 201]
    assert set(Product.objects.values_list("slug", flat=True)) == {"jabon", "jabon-2"}
