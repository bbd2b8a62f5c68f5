from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django_scopes import scope

from shop import customers, sequences
from shop.models import Customer
from tests import make


def in_threads(organization, work, times):
    """Run the work so many times, eight at a time, each on a connection of its own."""

    def once(number):
        try:
            with scope(organization=organization):
                return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(once, range(times)))


@pytest.mark.django_db(transaction=True)
def test_a_hundred_customers_at_once_get_a_hundred_references():
    organization = make.organization(slug="kaiu")

    made = in_threads(organization, lambda _number: customers.create(organization, name="Ana"), 100)

    assert len({customer.reference for customer in made}) == 100
    with scope(organization=organization):
        assert Customer.objects.values("reference").distinct().count() == 100


@pytest.mark.django_db(transaction=True)
def test_two_first_visits_at_once_make_one_customer():
    organization, user = make.organization(), make.user()

    found = in_threads(organization, lambda _n: customers.of_user(organization, user).pk, 8)

    assert len(set(found)) == 1


def test_references_are_readable_and_start_again_in_each_organization(organization):
    organization.slug = "kaiu-natural"
    other = make.organization(slug="roble")

    first, second = customers.create(organization), customers.create(organization)
    with scope(organization=other):
        foreign = customers.create(other)

    assert first.reference.startswith("KAIU-C-")
    assert [row.reference[-5:] for row in (first, second, foreign)] == ["-0001", "-0002", "-0001"]


def test_a_number_lost_with_its_transaction_leaves_a_gap_and_no_double(organization):
    assert [sequences.next_number(organization, "order") for _time in range(3)] == [1, 2, 3]
    assert sequences.next_number(organization, "customer") == 1


def test_numbers_of_another_organization_are_not_given(organization):
    other = make.organization()

    with pytest.raises(ValueError, match="another organization"):
        sequences.next_number(other, "order")
